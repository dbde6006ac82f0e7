"""Use cases that only talk to the database, run whole on the writer's thread, many to a commit.

One queue, first come first served.  Each use case stands between its own savepoint and its
release (the first needs none: nothing is lost with the transaction if it fails); the COMMIT comes
when the queue drains or a limit is reached, and only then is anybody told.  Whoever fails is
undone alone.  A COMMIT that fails keeps nothing of its group: if it was for a promise that one of
them broke (a deferred constraint), each is run again by itself.
"""

import asyncio
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from piccolo.engine.base import Engine
from piccolo.engine.exceptions import TransactionError

from web.database_transaction import Transaction

Rows = list[dict[str, Any]]
Act = Callable[[], Coroutine[Any, Any, Any]]
Execute = Callable[[sqlite3.Connection, str, Any], Rows]

GROUP_MAX: Final = 64
GROUP_SECONDS: Final = 0.05


class WholeTransaction(Transaction[Engine[Any]]):
    """What a use case finds open while it runs on the writer's thread: nothing there waits."""

    def __init__(self, engine: Engine[Any], raw: sqlite3.Connection, execute: Execute) -> None:
        super().__init__(engine)
        self.is_open = True
        self.thread = threading.get_ident()
        self._raw = raw
        self._execute = execute

    @property
    def connection(self) -> "WholeTransaction":
        """This itself."""
        return self

    async def execute(self, sql: str) -> Rows:
        """Run one statement without values."""
        return self._execute(self._raw, sql, ())

    async def run(self, sql: str, args: Any = ()) -> Rows:
        """Run one statement inside."""
        try:
            return self._execute(self._raw, sql, args)
        except BaseException:
            self.failed = True
            raise


@dataclass(slots=True)
class Waiting:
    """A use case in the queue, and what became of it."""

    act: Act
    future: "asyncio.Future[Any]"
    context: Context = field(default_factory=copy_context)
    value: Any = None
    error: BaseException | None = None

    def tell(self) -> None:
        """Tell whoever asked, if she still waits."""
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.value)


class Writer:
    """Runs groups on the writer's thread."""

    def __init__(
        self,
        engine: Engine[Any],
        *,
        execute: Execute,
        begin: Callable[[sqlite3.Connection], None],
        commit: Callable[[sqlite3.Connection], None],
    ) -> None:
        self._engine = engine
        self._execute = execute
        self._begin = begin
        self._commit = commit

    def run_group(self, raw: sqlite3.Connection, queue: deque[Waiting]) -> list[Waiting]:
        """Run what waits, and what comes meanwhile, in one transaction; whoever is to be told."""
        group: list[Waiting] = []
        try:
            self._begin(raw)
            self._fill(raw, queue, group)
            self._commit(raw)
        except BaseException as error:
            with suppress(sqlite3.Error):
                if raw.in_transaction:
                    raw.execute("ROLLBACK")
            # What could not even begin fails everybody who waits for it.
            while queue and not group:
                group.append(queue.popleft())
            done = [one for one in group if one.error is None]
            if isinstance(error, sqlite3.IntegrityError) and len(done) > 1:
                for one in done:
                    self.run_group(raw, deque([one]))
            else:
                for one in done:
                    one.error = error
        return group

    def _fill(self, raw: sqlite3.Connection, queue: deque[Waiting], group: list[Waiting]) -> None:
        until = time.monotonic() + GROUP_SECONDS
        # Before the first that succeeds nothing stands that a savepoint would have to save; for a
        # savepoint SQLite copies every page that is changed.
        saves = False
        while queue and len(group) < GROUP_MAX and time.monotonic() < until:
            one = queue.popleft()
            if one.future.cancelled():
                continue
            group.append(one)
            if saves:
                raw.execute("SAVEPOINT whole")
            self._run_one(raw, one, back=_to_savepoint if saves else self._begin)
            if saves:
                raw.execute("RELEASE whole")
            saves = saves or one.error is None

    def _run_one(
        self, raw: sqlite3.Connection, one: Waiting, *, back: Callable[[sqlite3.Connection], None]
    ) -> None:
        try:
            one.value = one.context.run(self._driven, raw, one.act)
        except BaseException as error:
            if not raw.in_transaction:
                raise  # SQLite has ended the transaction: it is lost for all of them.
            back(raw)
            one.error = error

    def _driven(self, raw: sqlite3.Connection, act: Act) -> Any:
        """Run a coroutine that never has to wait to its end."""
        transaction = WholeTransaction(self._engine, raw, self._execute)
        self._engine.current_transaction.set(transaction)
        steps = act()
        try:
            steps.send(None)
        except StopIteration as end:
            if transaction.failed:
                raise TransactionError(
                    "A statement in this transaction had failed: nothing is kept."
                ) from None
            return end.value
        finally:
            transaction.is_open = False
            steps.close()
        raise TransactionError("This use case waits for something else than the database.")


def _to_savepoint(raw: sqlite3.Connection) -> None:
    raw.execute("ROLLBACK TO whole")


class Queue:
    """Those who wait for the writer of one event loop."""

    def __init__(self, writer: Writer, write: Callable[[Any], Coroutine[Any, Any, Any]]) -> None:
        self._writer = writer
        self._write = write
        self._waiting: deque[Waiting] = deque()
        self._task: asyncio.Task[None] | None = None

    async def run(self, act: Act) -> Any:
        """Wait until a group with this use case is on disk."""
        loop = asyncio.get_running_loop()
        one = Waiting(act=act, future=loop.create_future())
        self._waiting.append(one)
        if self._task is None or self._task.done():
            self._task = loop.create_task(self._serve(), context=Context())
        return await one.future

    async def _serve(self) -> None:
        while self._waiting:
            done: list[Waiting] = []
            try:
                done = await self._write(partial(self._writer.run_group, queue=self._waiting))
            except Exception as error:
                while self._waiting:
                    one = self._waiting.popleft()
                    one.error = error
                    done.append(one)
            for one in done:
                one.tell()
