"""Serving the application with uvicorn: one process, one event loop."""

import socket
from collections.abc import Callable
from typing import Any

import uvicorn
from litestar import Litestar

from web.app import create_app
from web.settings import Settings

STOP_SECONDS = 3
KEEP_ALIVE_SECONDS = 75


class Server(uvicorn.Server):
    """A server that says when it is ready to answer, and holds the streams of open maps."""

    def __init__(self, config: uvicorn.Config, app: Litestar, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self.app = app
        self.ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the door, then say so."""
        await super().startup(sockets=sockets)
        if self.started:
            self.app.state.map_watch.open()
            self.ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let go of the streams first: they would hold the door open until it is forced shut."""
        self.app.state.map_watch.close()
        await super().shutdown(sockets=sockets)


def serve(
    settings: Settings,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    ready: Callable[[], None] = lambda: None,
) -> bool:
    """Serve until told to stop; whether it ever came up."""
    app = create_app(settings)
    config = uvicorn.Config(app, host=host, port=port, **options())
    server = Server(config, app, ready)
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
        # Longer than a proxy keeps its side open (a minute, mostly): who closes first while the
        # other one writes breaks a request.
        "timeout_keep_alive": KEEP_ALIVE_SECONDS,
        "server_header": False,
        "lifespan": "on",
    }
