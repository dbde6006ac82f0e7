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

STARTS_WITHIN_SECONDS = 60


@dataclass(slots=True)
class ServerProcess:
    """``linli serve`` in a process group of its own."""

    process: subprocess.Popen[bytes]
    address: str

    def kill(self) -> None:
        """As a power cut would: no handler runs, no buffer is flushed by us."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@asynccontextmanager
async def serving(database_url: str) -> AsyncIterator[ServerProcess]:
    """Start the server on a free port and wait until it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "LINLI_DATABASE_URL": database_url}
    command = [sys.executable, "-c", "from web.cli import main; main()", "serve"]
    process = subprocess.Popen(
        [*command, "--port", str(port)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    server = ServerProcess(process=process, address=f"http://127.0.0.1:{port}")
    try:
        await _answering(server)
        yield server
    finally:
        if process.poll() is None:
            server.kill()


async def _answering(server: ServerProcess) -> None:
    async with httpx.AsyncClient() as client:
        with anyio.fail_after(STARTS_WITHIN_SECONDS):
            while True:
                assert server.process.poll() is None, "the server ended before it answered"
                try:
                    await client.get(f"{server.address}/sign-in")
                except httpx.TransportError:
                    await anyio.lowlevel.checkpoint()
                else:
                    return


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody signed in, with the token that her forms carry."""

    client: httpx.AsyncClient
    csrf: str

    async def post(self, path: str, **fields: str | int) -> httpx.Response:
        """Send a form with a fresh request id."""
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
