"""A fresh database for every timed run, cloned from one that was prepared and analysed once."""

import shutil
import signal
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from points.transactions import run, use_case
from tests.postgres import start, start_again
from web.database import (
    DatabaseEngine,
    PooledSQLiteEngine,
    SafePostgresEngine,
    running,
)
from web.migrations import migrate

EngineName = Literal["sqlite", "postgres"]


class Databases:
    """Databases of one engine in a folder of their own; ``server`` is a PostgreSQL address."""

    def __init__(self, folder: Path, server: str | None) -> None:
        self.folder = folder
        self.server = server

    @property
    def engine_name(self) -> EngineName:
        """Which engine these are of."""
        return "postgres" if self.server else "sqlite"

    @asynccontextmanager
    async def empty(self, template: str | None = None) -> AsyncIterator[str]:
        """The place (address or file) of a new database, removed afterwards."""
        name = f"bench_{uuid.uuid4().hex}"
        if self.server:
            copied = f'TEMPLATE "{template or "template0"}" STRATEGY FILE_COPY'
            await _ask(self.server, f'CREATE DATABASE "{name}" {copied}', "CHECKPOINT")
            yield address(self.server, name)
            await _ask(self.server, f'DROP DATABASE "{name}" WITH (FORCE)')
            return
        file = self.folder / f"{name}.sqlite"
        if template:
            shutil.copyfile(template, file)
        yield str(file)
        for part in self.folder.glob(f"{name}*"):
            part.unlink()

    async def kept(self, name: str) -> tuple[str, bool]:
        """The place of a database that stays in this folder, and whether it is a new one."""
        if self.server:
            place = address(self.server, name)
            try:
                await _ask(self.server, f'CREATE DATABASE "{name}" TEMPLATE template0')
            except asyncpg.DuplicateDatabaseError:
                return place, False
            return place, True
        file = self.folder / f"{name}.sqlite"
        return str(file), not file.exists()

    def engine(self, place: str) -> DatabaseEngine:
        """The application's engine on such a place, with all its promises."""
        return SafePostgresEngine(place) if self.server else PooledSQLiteEngine(place)

    @asynccontextmanager
    async def prepared(self, template: str) -> AsyncIterator[DatabaseEngine]:
        """The application's engine on a fresh copy of a prepared database."""
        async with self.empty(template) as place, running(self.engine(place)) as engine:
            await check_durable(self.engine_name)
            yield engine

    @asynccontextmanager
    async def preparing(self) -> AsyncIterator[str]:
        """A migrated database to fill inside the block; afterwards it is a template."""
        name = f"template_{uuid.uuid4().hex}"
        place = str(self.folder / f"{name}.sqlite")
        if self.server:
            await _ask(self.server, f'CREATE DATABASE "{name}"')
            place = address(self.server, name)
        async with running(self.engine(place)) as engine:
            await migrate(engine)
            yield name if self.server else place
            await run("ANALYZE")


async def check_durable(engine_name: EngineName) -> None:
    """Read back from the connection that an acknowledged commit survives a power cut."""
    if engine_name == "postgres":
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            [row] = await run(f"SHOW {setting}")
            assert row[setting] == "on", row
        return

    @use_case  # Inside a transaction the writer itself is asked.
    async def ask() -> int:
        [row] = await run("PRAGMA synchronous")
        return int(row["synchronous"])

    assert await ask() == 2


def address(server: str, name: str) -> str:
    """The address of a database on that server."""
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


async def _ask(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@contextmanager
def databases(
    engine_name: EngineName, keep: Path | None = None, settings: Sequence[str] = ()
) -> Iterator[Databases]:
    """A folder for SQLite files, or a PostgreSQL server of our own with durable settings.

    In ``keep`` all of it stays, and is found there again the next time.  ``settings`` are more of
    the server.
    """
    folder = keep / engine_name if keep else Path(tempfile.mkdtemp(prefix="linli-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with _served(folder, engine_name, settings) as url:
            yield Databases(folder, url)
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _served(folder: Path, engine_name: EngineName, settings: Sequence[str]) -> Iterator[str | None]:
    if engine_name == "sqlite":
        yield None
        return
    begin = start_again if (folder / "data").exists() else start
    server, url = begin(folder, durable=True, more=settings)
    try:
        yield url
    finally:
        server.send_signal(signal.SIGINT)
        server.wait()
