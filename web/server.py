"""Serving the application with uvicorn: one process, one event loop."""

import socket
from collections.abc import Callable
from typing import Any

import uvicorn

from web.app import create_app
from web.settings import Settings

STOP_SECONDS = 3


class Server(uvicorn.Server):
    """A server that says when it is ready to answer."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self.ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the door, then say so."""
        await super().startup(sockets=sockets)
        if self.started:
            self.ready()


def serve(
    settings: Settings,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    ready: Callable[[], None] = lambda: None,
) -> bool:
    """Serve until told to stop; whether it ever came up."""
    config = uvicorn.Config(create_app(settings), host=host, port=port, **options())
    server = Server(config, ready)
    try:
        server.run()
    except SystemExit:
        # Uvicorn has logged why; the caller says it to a person.
        return False
    return server.started


def options() -> dict[str, Any]:
    """How uvicorn runs: quick parts where they are built, and an end that comes soon.

    Addresses are not logged: a scanned code stands in one of them.
    """
    try:
        import uvloop  # noqa: F401

        loop = "uvloop"
    except ImportError:
        loop = "asyncio"
    return {
        "loop": loop,
        "http": "httptools",
        "access_log": False,
        "log_level": "warning",
        "timeout_graceful_shutdown": STOP_SECONDS,
        "server_header": False,
        "lifespan": "on",
    }
