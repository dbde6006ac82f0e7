"""A real server process on a real port, as a neighbourhood runs it, to be killed."""

import os
import re
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import anyio
import httpx


@dataclass(slots=True)
class ServerProcess:
    """``linli serve`` in a process group of its own."""

    process: subprocess.Popen[bytes]
    address: str

    def kill(self) -> None:
        """As a power cut would: no handler runs, no buffer is flushed by us."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def start_server(database_url: str) -> ServerProcess:
    """Start the server on a port the system chose, and wait until it says where it answers."""
    environment = {**os.environ, "LINLI_DATABASE_URL": database_url, "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-c", "from web.cli import main; main()", "serve", "--port"]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [*command, str(port)], env=environment, stdout=subprocess.PIPE, start_new_session=True
    )
    assert process.stdout is not None
    said = process.stdout.readline()
    assert said, "the server ended before it answered"
    return ServerProcess(process=process, address=f"http://127.0.0.1:{port}")


@asynccontextmanager
async def serving(database_url: str) -> AsyncIterator[ServerProcess]:
    """The server, until the end of the block or its death."""
    server = await anyio.to_thread.run_sync(start_server, database_url)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.kill()


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody signed in, with the token that her forms carry."""

    client: httpx.AsyncClient
    csrf: str

    async def post(self, path: str, **fields: object) -> httpx.Response:
        """Send a form, with a fresh request id unless one is given."""
        body = {"_csrf_token": self.csrf, "request_id": secrets.token_hex(16), **fields}
        return await self.client.post(path, data=body)


@asynccontextmanager
async def visitor(server: ServerProcess, session_token: str) -> AsyncIterator[Visitor]:
    """A browser that holds a session cookie."""
    async with httpx.AsyncClient(
        base_url=server.address, cookies={"linli": session_token}, timeout=30
    ) as client:
        home = await client.get("/")
        found = re.search(r'name="_csrf_token" value="([^"]+)"', home.text)
        assert found, home.text[:500]
        yield Visitor(client, found[1])
