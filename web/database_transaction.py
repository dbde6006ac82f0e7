"""What a transaction is, on either engine.

A transaction belongs to the task that opened it.  Opening one inside another joins it: there is
one BEGIN and one COMMIT.  Tasks started inside may use it while it is open, one statement at a
time, and never after it has ended.  What failed once inside cannot be committed any more, because
PostgreSQL would not allow it either.
"""

import asyncio
import threading
from typing import Any, Generic, Protocol, Self, TypeVar

from piccolo.engine.base import BaseTransaction, Engine, validate_savepoint_name
from piccolo.engine.exceptions import TransactionError


class Connection(Protocol):
    """What a transaction needs of its connection, and Piccolo of a transaction's."""

    async def execute(self, sql: str) -> Any:
        """Run one statement without values."""


EngineT = TypeVar("EngineT", bound=Engine[Any])


class Transaction(BaseTransaction, Generic[EngineT]):
    """One BEGIN and its end, or a part of an outer one (``root`` is then the outer)."""

    def __init__(self, engine: EngineT) -> None:
        self.engine = engine
        self.root: Transaction[EngineT] = self
        self.is_open = False
        self.failed = False
        # The thread that runs all of it, where no event loop does.
        self.thread: int | None = None
        self.loop: asyncio.AbstractEventLoop | None = None
        self.task: asyncio.Task[Any] | None = None
        self._savepoints = 0
        self._outer: Transaction[EngineT] | None = None

    async def __aenter__(self) -> Self:
        self.loop = asyncio.get_running_loop()
        self.task = asyncio.current_task()
        outer = live_transaction(self.engine)
        if outer is None:
            await self._begin()
            self.is_open = True
        else:
            self.root = outer
        self._outer = self.engine.current_transaction.get()
        self.engine.current_transaction.set(self)
        return self

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        # Set, not reset: a token cannot be used from another context, and fixtures end in another.
        self.engine.current_transaction.set(self._outer)
        if self.root is not self:
            self.root.failed |= error is not None
            return False
        self.is_open = False
        if error is None and not self.failed:
            await self._commit()
            return False
        await self._rollback()
        if error is None:
            raise TransactionError("A statement in this transaction had failed: nothing is kept.")
        return False

    async def _begin(self) -> None:
        raise NotImplementedError

    async def _commit(self) -> None:
        raise NotImplementedError

    async def _rollback(self) -> None:
        raise NotImplementedError

    @property
    def connection(self) -> Connection:
        """Where the statements of this transaction run."""
        raise NotImplementedError

    async def savepoint(self, name: str | None = None) -> "Savepoint":
        """A point to come back to with ``rollback_to``."""
        self.root._savepoints += 1
        name = name or f"savepoint_{self.root._savepoints}"
        validate_savepoint_name(name)
        await self.root.connection.execute(f"SAVEPOINT {name}")
        return Savepoint(name=name, transaction=self.root, failed=self.root.failed)


class Savepoint:
    """A named point inside a transaction."""

    def __init__(self, *, name: str, transaction: Transaction[Any], failed: bool) -> None:
        self.name = name
        self._transaction = transaction
        self._failed = failed

    async def rollback_to(self) -> None:
        """Undo what was done since; a failure since is undone with it."""
        await self._transaction.connection.execute(f"ROLLBACK TO SAVEPOINT {self.name}")
        self._transaction.failed = self._failed

    async def release(self) -> None:
        """Forget the point and keep what was done."""
        await self._transaction.connection.execute(f"RELEASE SAVEPOINT {self.name}")


def live_transaction(engine: Engine[Any]) -> Any:
    """The open transaction that this task is in, or None.

    A transaction that a task merely inherited and that has ended is none of its business; but a
    task that stands inside one must not go on writing after the outer one ended under it.
    """
    current = engine.current_transaction.get()
    if current is None:
        return None
    if current.thread is not None:
        # Whole on the writer's thread; what it leaves behind elsewhere stands in none.
        return current if current.is_open and current.thread == threading.get_ident() else None
    if current.loop is not asyncio.get_running_loop():
        return None
    if current.root.is_open:
        return current.root
    if current.task is asyncio.current_task():
        raise TransactionError("The transaction that this task had joined has ended.")
    return None
