"""Reading as if nobody wrote: every statement inside sees the same moment of the database.

Nobody is kept from writing meanwhile.  On PostgreSQL it is REPEATABLE READ; on SQLite a reader of
the pool stays in one read transaction.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any

from web.database_postgres import PostgresTransaction
from web.database_sqlite import (
    MAPPED_BYTES,
    PooledSQLiteEngine,
    Rows,
    SQLiteConnection,
    _in_transaction,
    _rollback,
    when_done,
)
from web.database_transaction import Transaction


class PostgresSnapshot(PostgresTransaction):
    """One moment of a PostgreSQL database."""

    begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


class SQLiteSnapshot(Transaction[PooledSQLiteEngine]):
    """One moment of a SQLite file, on a reader of its own."""

    _reader: SQLiteConnection
    _free: Callable[[], None]

    @property
    def connection(self) -> SQLiteConnection:
        """The reader."""
        return self._reader

    async def _begin(self) -> None:
        self._reader, self._free = await self.engine.pool.borrow()
        future = self._reader.submit(_begin_reading)
        try:
            await asyncio.wrap_future(future)
        except BaseException:
            # After a cancellation the thread may still begin: what follows is queued behind it.
            when_done(self._reader.submit(_end_reading), self._free)
            raise

    async def _commit(self) -> None:
        await self._rollback()

    async def _rollback(self) -> None:
        future = self._reader.submit(_end_reading)
        when_done(future, self._free)
        await asyncio.shield(asyncio.wrap_future(future))

    async def run(self, sql: str, args: Any = ()) -> Rows:
        """Run one statement inside."""
        future = self._reader.submit(partial(_in_transaction, sql=sql, args=args))
        try:
            return await asyncio.wrap_future(future)
        except BaseException as error:
            self.failed = True
            if isinstance(error, asyncio.CancelledError) and not future.done():
                self._reader.interrupt()
            raise


def _begin_reading(raw: sqlite3.Connection) -> None:
    _rollback(raw)
    # Whoever reads all of a large file would seem to need as much memory.
    raw.execute("PRAGMA mmap_size = 0")
    raw.execute("BEGIN")
    # A read transaction begins with the first read.
    raw.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()


def _end_reading(raw: sqlite3.Connection) -> None:
    _rollback(raw)
    raw.execute(f"PRAGMA mmap_size = {MAPPED_BYTES}")
