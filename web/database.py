"""Which database, and the two engines behind Piccolo.

Both engines behave alike: ``start``, ``stop``, ``transaction`` (joins an outer one),
``transaction_exists``, ``run_querystring``, ``run_ddl``, ``is_retryable`` and ``engine_type``.
"""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

import asyncpg

from points.piccolo_app import APP_CONFIG as POINTS
from points.transactions import bind
from talentmap.piccolo_app import APP_CONFIG as TALENTMAP
from web.database_errors import BadDatabaseUrl, DatabaseUnreachable, constraint_of
from web.database_postgres import SafePostgresEngine
from web.database_sqlite import PooledSQLiteEngine
from web.wiring import wire

__all__ = [
    "BadDatabaseUrl",
    "DatabaseEngine",
    "DatabaseUnreachable",
    "PooledSQLiteEngine",
    "SafePostgresEngine",
    "constraint_of",
    "open_engine",
    "opened",
    "running",
    "sqlite_path",
]

DatabaseEngine = PooledSQLiteEngine | SafePostgresEngine

SQLITE: Final = "sqlite:///"
POSTGRES: Final = ("postgresql", "postgres")


def open_engine(url: str) -> DatabaseEngine:
    """The engine for ``sqlite:///path`` or ``postgresql://…``.  Does not connect yet."""
    if url.startswith(SQLITE):
        return PooledSQLiteEngine(str(sqlite_path(url)))
    parts = _split(url)
    if parts.scheme not in POSTGRES or not (parts.netloc or parts.query):
        raise BadDatabaseUrl(url=without_password(url))
    return SafePostgresEngine(url)


def sqlite_path(url: str) -> Path:
    """The file of a ``sqlite:///`` address (four slashes for a path from the root)."""
    name = unquote(url.removeprefix(SQLITE))
    if not url.startswith(SQLITE) or not name or name == ":memory:":
        raise BadDatabaseUrl(url=without_password(url))
    return Path(name)


def without_password(url: str) -> str:
    """The address, fit to be shown."""
    parts = _split(url)
    if not parts.password:
        return url
    return url.replace(f":{parts.password}@", ":…@", 1)


def _split(url: str):  # type: ignore[no-untyped-def]
    try:
        return urlsplit(url)
    except ValueError:
        raise BadDatabaseUrl(url="…") from None


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[DatabaseEngine]:
    """An engine that everything runs on, from here to the end of the block."""
    engine = open_engine(url)
    try:
        await engine.start()
    except (OSError, sqlite3.Error, asyncpg.PostgresError) as error:
        await engine.stop()
        raise DatabaseUnreachable(url=without_password(url), reason=str(error)) from error
    async with running(engine):
        yield engine


@asynccontextmanager
async def running(engine: DatabaseEngine) -> AsyncIterator[DatabaseEngine]:
    """Start ``engine``, make every query of the application use it, and stop it at the end."""
    await engine.start()
    try:
        use(engine)
        yield engine
    finally:
        await engine.stop()


def use(engine: DatabaseEngine) -> None:
    """Make every query of the application run on ``engine``."""
    wire()
    bind(engine)
    for app in (POINTS, TALENTMAP):
        for table in app.table_classes:
            table._meta.db = engine
