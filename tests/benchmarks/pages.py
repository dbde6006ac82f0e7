"""Pages a second of the site, beside a bare Litestar page of the same size.

Both sides are one process of uvicorn on this machine, asked by 16 kept connections.
"""

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from points.community.access.sign_in import sign_in
from tests.benchmarks.measure import Row, per_second
from web.database import opened
from web.demo.build import build_demo
from web.start import bring_up_to_date

CONNECTIONS = 16
REQUESTS = 800
SITE = [sys.executable, "-c", "from web.cli import main; main()", "serve", "--port"]
BARE = [sys.executable, "-m", "tests.benchmarks.bare"]
PAGES = {
    "volunteer's home": "/",
    "activity list": "/activities",
    "map data": "/api/map?bbox=31.1,121.2,31.3,121.5&z=15",
}


class Connection:
    """A kept connection that asks for one page again and again."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def get(self, path: str, cookie: str) -> tuple[int, int]:
        """Status and size of the page at ``path``."""
        head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: linli={cookie}\r\n\r\n"
        self.writer.write(head.encode())
        answer = await self.reader.readuntil(b"\r\n\r\n")
        size = int(answer.lower().partition(b"content-length:")[2].split()[0])
        await self.reader.readexactly(size)
        return int(answer.split()[1]), size


async def compare(*, pairs: int, scale: float, told: Callable[[Row], None]) -> list[Row]:
    """Every page that this version has, ours and the bare one in turns."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="linli-bench-") as folder:
        url = f"sqlite:///{Path(folder) / 'linli.sqlite'}"
        cookie = await _demo(url)
        environment = {"LINLI_DATABASE_URL": url, "LINLI_DATA": folder, "LINLI_JOBS": "no"}
        async with _serving(SITE, environment) as site, _serving(BARE, {}) as bare:
            for name, path in PAGES.items():
                status, size = await _one(site, path, cookie)
                if status == 404:
                    continue
                assert status == 200, (name, status)
                total = int(REQUESTS * scale)
                mine, others = [], []
                for _ in range(pairs):
                    mine.append(await _rate(site, path, cookie, total))
                    others.append(await _rate(bare, f"/{size}", cookie, total * 4))
                name = f"{name} ({size / 1024:.0f} KB)"
                rows.append(Row(name, CONNECTIONS, tuple(mine), tuple(others)))
                told(rows[-1])
    return rows


async def _demo(url: str) -> str:
    """The demo neighbourhood; returns the session of its volunteer."""
    now = datetime.now(UTC)
    async with opened(url):
        await bring_up_to_date()
        cards = await build_demo(now=now, tell=lambda _: None)
        volunteer = next(card for card in cards if card.role == "volunteer")
        signed_in = await sign_in(
            login=volunteer.login, password=volunteer.password, address="", device="", now=now
        )
    return signed_in.token


@asynccontextmanager
async def _serving(command: list[str], environment: dict[str, str]) -> AsyncIterator[int]:
    """A server process on a port that the system chose."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = subprocess.Popen(
        [*command, str(port)], env={**os.environ, **environment}, stdout=subprocess.DEVNULL
    )
    try:
        for _ in range(300):
            try:
                await _connected(port)
                break
            except OSError:
                assert process.poll() is None, "the server ended before it answered"
                await asyncio.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait()


async def _connected(port: int) -> Connection:
    return Connection(*await asyncio.open_connection("127.0.0.1", port))


async def _one(port: int, path: str, cookie: str) -> tuple[int, int]:
    return await (await _connected(port)).get(path, cookie)


async def _rate(port: int, path: str, cookie: str, total: int) -> float:
    idle = [await _connected(port) for _ in range(CONNECTIONS)]

    async def ask(_: int) -> None:
        connection = idle.pop()
        status, _ = await connection.get(path, cookie)
        assert status == 200, status
        idle.append(connection)

    act: Callable[[int], Awaitable[None]] = ask
    for number in range(CONNECTIONS):
        await act(number)
    return await per_second(act, total=total, callers=CONNECTIONS)
