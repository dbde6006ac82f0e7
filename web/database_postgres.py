"""PostgreSQL on an asyncpg pool that no failure and no cancellation can drain.

The end of a transaction runs in a task of its own, so that whoever is cancelled meanwhile leaves a
connection that is clean and back in the pool.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Final

import asyncpg
from piccolo.engine.exceptions import TransactionError
from piccolo.engine.postgres import PostgresEngine
from piccolo.querystring import QueryString

from web.database_transaction import Transaction, live_transaction

Rows = list[dict[str, Any]]

CONNECTIONS_MAX: Final = 10
RETRYABLE: Final = ("40001", "40P01")  # serialization failure, deadlock


class PlainConnection(asyncpg.Connection):  # type: ignore[misc]
    """A connection that is given back as it is.

    Sound because nothing here outlives a transaction: settings are SET LOCAL, advisory locks are
    of the transaction.  It saves one round trip for each use.
    """

    __slots__ = ()

    def get_reset_query(self) -> str:
        """Nothing to reset."""
        return ""


class PostgresTransaction(Transaction["SafePostgresEngine"]):
    """BEGIN on a connection of the pool."""

    begin = "BEGIN"
    _pool: asyncpg.Pool
    _raw: Any
    _turn: asyncio.Lock

    @property
    def connection(self) -> "PostgresTransaction":
        """This itself: its ``execute`` keeps tasks from talking at the same time."""
        return self

    async def _begin(self) -> None:
        # A connection serves one statement at a time, also when tasks share the transaction.
        self._turn = asyncio.Lock()
        self._pool = await self.engine.open_pool()
        self._raw = await self._pool.acquire()
        try:
            await self._raw.execute(self.begin)
        except BaseException:
            self.engine.in_background(self._give_back("ROLLBACK"))
            raise

    async def _commit(self) -> None:
        await asyncio.shield(self.engine.in_background(self._give_back("COMMIT")))

    async def _rollback(self) -> None:
        await asyncio.shield(self.engine.in_background(self._give_back("ROLLBACK")))

    async def _give_back(self, last: str) -> None:
        async with self._turn:
            try:
                status = await self._raw.execute(last)
                if status != last:
                    # The server turns the COMMIT of a failed transaction into a ROLLBACK.
                    raise TransactionError("The server had given this transaction up.")
            except asyncpg.InterfaceError:
                # The connection is in no state to talk: it must not serve anybody again.
                self._raw.terminate()
                if last == "COMMIT":
                    raise
            except (asyncpg.PostgresConnectionError, OSError):
                if last == "COMMIT":
                    raise
            finally:
                with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                    await self._pool.release(self._raw)

    async def execute(self, sql: str) -> Any:
        """Run one statement without values."""
        async with self._turn:
            self._refuse_if_ended()
            return await self._raw.execute(sql)

    async def run(self, sql: str, args: Any = ()) -> Rows:
        """Run one statement inside."""
        try:
            async with self._turn:
                self._refuse_if_ended()
                return _dicts(await self._raw.fetch(sql, *args))
        except BaseException:
            self.failed = True
            raise

    def _refuse_if_ended(self) -> None:
        if not self.is_open:
            raise TransactionError("The transaction ended while this statement waited its turn.")


class SafePostgresEngine(PostgresEngine):
    """Piccolo's PostgreSQL engine on a pool for each event loop."""

    def __init__(self, url: str, *, connections_max: int = CONNECTIONS_MAX) -> None:
        super().__init__(config={"dsn": url})
        self.url = url
        self._connections_max = connections_max
        self._pools: dict[asyncio.AbstractEventLoop, asyncpg.Pool] = {}
        self._opening: dict[asyncio.AbstractEventLoop, asyncio.Lock] = {}
        self._endings: set[asyncio.Task[None]] = set()

    async def check_version(self) -> None:
        """Does not connect: the application must start to be able to say what is wrong."""

    async def prep_database(self) -> None:
        """No extension is needed."""

    async def open_pool(self) -> asyncpg.Pool:
        """The pool of the running event loop, opened when first used."""
        loop = asyncio.get_running_loop()
        if loop in self._pools:
            return self._pools[loop]
        for ended in [known for known in self._opening if known.is_closed()]:
            self._opening.pop(ended)
            self._pools.pop(ended, None)
        async with self._opening.setdefault(loop, asyncio.Lock()):
            if loop not in self._pools:
                self._pools[loop] = await asyncpg.create_pool(
                    self.url,
                    min_size=1,
                    max_size=self._connections_max,
                    connection_class=PlainConnection,
                )
        return self._pools[loop]

    def in_background(self, ending: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Run the end of a transaction where no cancellation reaches it."""
        task = asyncio.get_running_loop().create_task(ending)
        self._endings.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._endings.discard(task)
        if not task.cancelled():
            task.exception()  # Whoever waited was told; nobody else needs to be.

    async def start(self) -> None:
        """Connect; an error says now what it would say later."""
        await self.open_pool()

    async def stop(self) -> None:
        """Close the pool of this event loop."""
        loop = asyncio.get_running_loop()
        pool = self._pools.pop(loop, None)
        self._opening.pop(loop, None)
        if pool is not None:
            await asyncio.gather(*self._endings, return_exceptions=True)
            await pool.close()

    async def start_connection_pool(self, **_: object) -> None:
        """Piccolo's name for ``start``."""
        await self.start()

    async def close_connection_pool(self) -> None:
        """Piccolo's name for ``stop``."""
        await self.stop()

    def transaction_exists(self) -> bool:
        """Whether this task is inside an open transaction."""
        return live_transaction(self) is not None

    def transaction(self, *_: object, **__: object) -> PostgresTransaction:  # type: ignore[override]
        """A transaction, or a part of the one this task is in."""
        return PostgresTransaction(self)

    def snapshot(self) -> PostgresTransaction:
        """A transaction that only reads, and sees one moment of the database."""
        from web.database_snapshot import PostgresSnapshot

        return PostgresSnapshot(self)

    async def run_querystring(self, querystring: QueryString, in_pool: bool = True) -> Rows:
        """Run one query, in the open transaction or alone."""
        sql, args = querystring.compile_string(engine_type=self.engine_type)
        transaction = live_transaction(self)
        if transaction is not None:
            rows: Rows = await transaction.run(sql, args)
            return rows
        pool = await self.open_pool()
        async with pool.acquire() as connection:
            return _dicts(await connection.fetch(sql, *args))

    async def run_ddl(self, ddl: str, in_pool: bool = True) -> Rows:
        """Run one statement as it is written."""
        transaction = live_transaction(self)
        if transaction is not None:
            await transaction.run(ddl)
            return []
        pool = await self.open_pool()
        async with pool.acquire() as connection:
            await connection.execute(ddl)
        return []

    def transform_response_to_dicts(self, results: Rows) -> Rows:
        """They are dictionaries already."""
        return results

    def is_retryable(self, error: BaseException) -> bool:
        """Whether the server undid the transaction and a new one may succeed."""
        if isinstance(error, asyncpg.InvalidCachedStatementError):
            return True  # A migration ran beside us.
        return getattr(error, "sqlstate", None) in RETRYABLE


def _dicts(records: list[Any]) -> Rows:
    return [dict(record) for record in records]
