"""SQLite with one writer, several readers, and nothing left behind when a task is cancelled.

Every connection has a thread of its own that runs what it is given in order.  So a clean-up is
handed to the thread at once, without waiting, and the connection changes hands only when the
thread is done with it: a cancelled task can leak neither a lock nor half a transaction.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, Final, TypeVar

import aiosqlite
from piccolo.engine.exceptions import TransactionError
from piccolo.engine.sqlite import SQLiteEngine, dict_factory
from piccolo.querystring import QueryString

from web.database_errors import name_sqlite_constraint
from web.database_groups import Act, Queue, Writer
from web.database_transaction import Transaction, live_transaction

T = TypeVar("T")
Rows = list[dict[str, Any]]

READERS: Final = 4
BUSY_TIMEOUT_MS: Final = 5000
# Readers see the file in memory instead of copying each page of it: as much as SQLite allows.
MAPPED_BYTES: Final = 0x7FFF0000
WRITING_WORDS: Final = ("INSERT", "UPDATE", "DELETE", "REPLACE")


class SQLiteConnection:
    """One connection and its thread.  ``execute`` is what Piccolo calls on it."""

    def __init__(self, path: str, *, synchronous: str, query_only: bool) -> None:
        self._open = partial(_open, path, synchronous=synchronous, query_only=query_only)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite")
        self._raw: sqlite3.Connection | None = None

    def submit(self, act: Callable[[sqlite3.Connection], T]) -> "Future[T]":
        """Queue ``act`` for the thread."""
        return self._thread.submit(self._run, act)

    def _run(self, act: Callable[[sqlite3.Connection], T]) -> T:
        if self._raw is None:
            self._raw = self._open()
        return act(self._raw)

    async def execute(self, sql: str) -> Rows:
        """Run one statement of the transaction that holds this connection."""
        return await asyncio.wrap_future(self.submit(partial(_in_transaction, sql=sql, args=())))

    def interrupt(self) -> None:
        """Stop what the thread runs now, if anything."""
        if self._raw is not None:
            with suppress(sqlite3.ProgrammingError):
                self._raw.interrupt()

    def close(self) -> None:
        """Close after everything queued has run; does not wait."""
        with suppress(RuntimeError):
            self._thread.submit(self._close)
            self._thread.shutdown(wait=False)

    def _close(self) -> None:
        if self._raw is not None:
            self._raw.close()
            self._raw = None

    def wait_closed(self) -> None:
        """Wait (blocking) until the thread has ended."""
        self._thread.shutdown(wait=True)


class SQLitePool:
    """The connections of one event loop."""

    def __init__(self, path: str, *, synchronous: str, readers: int) -> None:
        self.writer = SQLiteConnection(path, synchronous=synchronous, query_only=False)
        # A Lock serves in order of arrival, so no writer starves.
        self.writing = asyncio.Lock()
        self._readers = [
            SQLiteConnection(path, synchronous=synchronous, query_only=True) for _ in range(readers)
        ]
        self._idle = list(self._readers)
        self._reading = asyncio.Semaphore(readers)
        self.queue: Queue | None = None

    async def write(self, act: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``act`` on the writer, alone."""
        await self.writing.acquire()
        return await settled(self.writer, act, self.writing.release)

    async def read(self, act: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``act`` on a reader that is free."""
        reader, free = await self.borrow()
        return await settled(reader, act, free)

    async def borrow(self) -> tuple[SQLiteConnection, Callable[[], None]]:
        await self._reading.acquire()
        reader = self._idle.pop()
        return reader, partial(self._give_back, reader)

    def _give_back(self, reader: SQLiteConnection) -> None:
        self._idle.append(reader)
        self._reading.release()

    def close(self) -> None:
        """Close every connection; does not wait."""
        for connection in (*self._readers, self.writer):
            connection.close()

    async def closed(self) -> None:
        """Close every connection and wait for their threads, the writer (who checkpoints) last."""
        for connection in (*self._readers, self.writer):
            connection.close()
            await asyncio.to_thread(connection.wait_closed)


async def settled(
    connection: SQLiteConnection,
    act: Callable[[sqlite3.Connection], T],
    free: Callable[[], None],
) -> T:
    """Run ``act``, then ``free``: at once if awaited to the end, else when the thread is done."""
    future = connection.submit(act)
    try:
        return await asyncio.wrap_future(future)
    except asyncio.CancelledError:
        if not future.done():
            connection.interrupt()
        raise
    finally:
        when_done(future, free)


def when_done(future: "Future[Any]", act: Callable[[], None]) -> None:
    """Call ``act`` on this loop, now if the thread is done and when it is done otherwise."""
    if future.done():
        act()
        return
    loop = asyncio.get_running_loop()

    def told(_: "Future[Any]") -> None:
        # A loop that has been closed meanwhile has nobody left who waits.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(act)

    future.add_done_callback(told)


class SQLiteTransaction(Transaction["PooledSQLiteEngine"]):
    """BEGIN IMMEDIATE on the writer."""

    _pool: SQLitePool

    @property
    def connection(self) -> SQLiteConnection:
        """The writer."""
        return self._pool.writer

    async def _begin(self) -> None:
        self._pool = self.engine.pool
        await self._pool.writing.acquire()
        future = self._pool.writer.submit(_begin)
        try:
            await asyncio.wrap_future(future)
        except BaseException:
            # After a cancellation the thread may still begin: what follows is queued behind it.
            self._end(self._pool.writer.submit(_rollback))
            raise

    async def _commit(self) -> None:
        future = self._pool.writer.submit(_commit)
        try:
            await asyncio.wrap_future(future)
        finally:
            # A commit cancelled before the thread took it up never runs; then this undoes it.
            self._end(self._pool.writer.submit(_rollback) if future.cancelled() else future)

    async def _rollback(self) -> None:
        future = self._pool.writer.submit(_rollback)
        self._end(future)
        await asyncio.shield(asyncio.wrap_future(future))

    def _end(self, last: "Future[Any]") -> None:
        when_done(last, self._pool.writing.release)

    async def run(self, sql: str, args: Any = ()) -> Rows:
        """Run one statement inside."""
        future = self._pool.writer.submit(partial(_in_transaction, sql=sql, args=args))
        try:
            return await asyncio.wrap_future(future)
        except BaseException as error:
            self.failed = True
            if isinstance(error, asyncio.CancelledError) and not future.done():
                self._pool.writer.interrupt()
            raise


class PooledSQLiteEngine(SQLiteEngine):
    """Piccolo's SQLite engine on kept connections: WAL, durable commits, IMMEDIATE."""

    def __init__(self, path: str, *, synchronous: str = "FULL", readers: int = READERS) -> None:
        super().__init__(path=path)
        self._synchronous = synchronous
        self._reader_count = readers
        self._pools: dict[asyncio.AbstractEventLoop, SQLitePool] = {}

    async def check_version(self) -> None:
        """Nothing to connect to."""

    @property
    def pool(self) -> SQLitePool:
        """The connections of the running event loop, opened when first used."""
        loop = asyncio.get_running_loop()
        pool = self._pools.get(loop)
        if pool is None:
            for old in [known for known in self._pools if known.is_closed()]:
                self._pools.pop(old).close()
            pool = SQLitePool(self.path, synchronous=self._synchronous, readers=self._reader_count)
            self._pools[loop] = pool
        return pool

    async def whole(self, act: Act) -> Any:
        """Run a use case that waits for nothing but this database: one hop, a shared commit."""
        pool = self.pool
        if pool.queue is None:
            writer = Writer(self, execute=_in_transaction, begin=_begin, commit=_commit)
            pool.queue = Queue(writer, pool.write)
        return await pool.queue.run(act)

    async def start(self) -> None:
        """Open the file; an error says now what it would say later."""
        await self.pool.write(_nothing)

    async def stop(self) -> None:
        """Close the connections of this event loop."""
        pool = self._pools.pop(asyncio.get_running_loop(), None)
        if pool is not None:
            await pool.closed()

    start_connection_pool = start
    close_connection_pool = stop

    def transaction_exists(self) -> bool:
        """Whether this task is inside an open transaction."""
        return live_transaction(self) is not None

    def transaction(self, *_: object, **__: object) -> SQLiteTransaction:  # type: ignore[override]
        """A transaction, or a part of the one this task is in.  Always IMMEDIATE."""
        return SQLiteTransaction(self)

    def snapshot(self) -> Transaction["PooledSQLiteEngine"]:
        from web.database_snapshot import SQLiteSnapshot  # It sees one moment of the file.

        return SQLiteSnapshot(self)

    async def run_querystring(self, querystring: QueryString, in_pool: bool = False) -> Rows:
        """Run one query: in the open transaction, on a reader, or alone on the writer."""
        sql, args = querystring.compile_string(engine_type=self.engine_type)
        return await self._run(sql, args)

    async def run_ddl(self, ddl: str, in_pool: bool = False) -> Rows:
        """Run one statement as it is written."""
        return await self._run(ddl, ())

    async def _run(self, sql: str, args: Any) -> Rows:
        transaction = live_transaction(self)
        if transaction is not None:
            rows: Rows = await transaction.run(sql, args)
            return rows
        act = partial(_alone, sql=sql, args=args)
        return await (self.pool.read(act) if only_reads(sql) else self.pool.write(act))

    async def get_connection(self) -> aiosqlite.Connection:
        """A connection of its own, for Piccolo's batches (which read)."""
        connection = await aiosqlite.connect(**self.connection_kwargs)
        connection.row_factory = dict_factory  # type: ignore[assignment]
        for pragma in _pragmas(synchronous=self._synchronous, query_only=True):
            await connection.execute(pragma)
        return connection

    def is_retryable(self, error: BaseException) -> bool:
        """Whether another process held the file too long."""
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        return isinstance(error, sqlite3.Error) and code in (
            sqlite3.SQLITE_BUSY,
            sqlite3.SQLITE_LOCKED,
        )


def only_reads(sql: str) -> bool:
    """Whether ``sql`` may go to a reader.  A doubtful one goes to the writer."""
    upper = sql.lstrip("( \n\t").upper()
    if upper.startswith(("SELECT", "EXPLAIN", "VALUES")):
        return True
    return upper.startswith("WITH") and not any(word in upper for word in WRITING_WORDS)


def _pragmas(*, synchronous: str, query_only: bool) -> list[str]:
    return [
        f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
        "PRAGMA foreign_keys = ON",
        f"PRAGMA synchronous = {synchronous}",
        # INSERT OR REPLACE deletes behind the back of the triggers that keep rows, without this.
        "PRAGMA recursive_triggers = ON",
        f"PRAGMA query_only = {'ON' if query_only else 'OFF'}",
        f"PRAGMA mmap_size = {MAPPED_BYTES if query_only else 0}",
    ]


def _open(path: str, *, synchronous: str, query_only: bool) -> sqlite3.Connection:
    raw = sqlite3.connect(
        path,
        timeout=BUSY_TIMEOUT_MS / 1000,
        isolation_level=None,
        detect_types=sqlite3.PARSE_DECLTYPES | sqlite3.PARSE_COLNAMES,
        # The thread that closes at the very end of the process may be another one.
        check_same_thread=False,
        cached_statements=256,
    )
    try:
        _use_wal(raw)
        for pragma in _pragmas(synchronous=synchronous, query_only=query_only):
            raw.execute(pragma)
    except BaseException:
        raw.close()
        raise
    return raw


def _use_wal(raw: sqlite3.Connection) -> None:
    """Switch the file to WAL; several processes may try at once, and SQLite does not wait there."""
    until = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            raw.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


def _nothing(raw: sqlite3.Connection) -> None:
    """Opening the connection was all."""


def _begin(raw: sqlite3.Connection) -> None:
    _rollback(raw)  # What a failed rollback left open must not stop every later transaction.
    raw.execute("BEGIN IMMEDIATE")


def _commit(raw: sqlite3.Connection) -> None:
    try:
        raw.execute("COMMIT")
    except BaseException as error:
        name_sqlite_constraint(error, raw)
        _rollback(raw)
        raise


def _rollback(raw: sqlite3.Connection) -> None:
    if raw.in_transaction:
        raw.execute("ROLLBACK")


def _fetch(raw: sqlite3.Connection, sql: str, args: Any) -> Rows:
    try:
        cursor = raw.execute(sql, args)
        if cursor.description is None:
            return []
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]
    except sqlite3.IntegrityError as error:
        name_sqlite_constraint(error, raw)
        raise


def _in_transaction(raw: sqlite3.Connection, sql: str, args: Any) -> Rows:
    if not raw.in_transaction:
        # SQLite ends a transaction by itself on some errors (a full disk); what followed would
        # otherwise be committed statement by statement.
        raise TransactionError("SQLite has ended this transaction.")
    return _fetch(raw, sql, args)


def _alone(raw: sqlite3.Connection, *, sql: str, args: Any) -> Rows:
    rows = _fetch(raw, sql, args)
    if raw.in_transaction:
        _rollback(raw)
        raise TransactionError("Open a transaction with transaction(), not with BEGIN.")
    return rows
