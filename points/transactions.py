"""One transaction per use case, on whichever engine the application bound.

``@use_case`` opens the transaction of an ``async def`` and repeats it a bounded number of times
when the database asks for it (serialization failure, deadlock).  A use case called inside another
joins the outer transaction: there is one BEGIN and one COMMIT, and an error anywhere undoes all.
Queries outside a use case read the last committed state.
"""

import asyncio
import functools
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from string import Formatter
from typing import Any, Final, ParamSpec, Protocol, TypeVar, cast

from piccolo.engine.base import Engine
from piccolo.querystring import QueryString

P = ParamSpec("P")
R = TypeVar("R")

ATTEMPTS_MAX = 6
# Few enough that each number of rows keeps its prepared statement.
ROWS_TO_A_STATEMENT: Final = 16
_bound: list[Engine[Any]] = []


class RetryableEngine(Protocol):
    """What an engine adds to Piccolo's own interface."""

    def is_retryable(self, error: BaseException) -> bool:
        """Whether ``error`` says "nothing happened, try again"."""

    def snapshot(self) -> AbstractAsyncContextManager[object]:
        """A transaction that only reads, and sees one moment."""


class WholeEngine(Protocol):
    """What SQLite adds to that."""

    async def whole(self, act: Callable[[], Awaitable[Any]]) -> Any:
        """Run ``act`` on the writer's thread, in a group with others."""


def bind(engine: Engine[Any]) -> None:
    """Make ``engine`` the one that every query and use case runs on."""
    _bound[:] = [engine]


def engine() -> Engine[Any]:
    """The bound engine."""
    assert _bound, "no engine is bound"
    return _bound[0]


def is_postgres() -> bool:
    """Whether rows have to be locked by hand (SQLite writes one transaction at a time)."""
    return engine().engine_type == "postgres"


class Statement(QueryString):
    """A statement whose text is translated once, however often it is run."""

    __slots__ = ("values",)

    def __init__(self, sql: str, values: Sequence[object]) -> None:
        # The values are no columns and no parts of a query, which Piccolo would look for in each.
        super().__init__(sql)
        self.values = values

    def compile_string(self, engine_type: str = "postgres") -> tuple[str, Any]:
        """The text for the engine, and the values in their order."""
        return _translated(self.template, engine_type), self.values


@functools.lru_cache(maxsize=1024)
def _translated(sql: str, engine_type: str) -> str:
    text, number = "", 0
    for prefix, name, _, _ in Formatter().parse(sql):
        text += prefix
        if name is not None:
            number += 1
            text += f"${number}" if engine_type == "postgres" else "?"
    return text


async def run(sql: str, *values: object) -> list[dict[str, Any]]:
    """Run one statement; ``{}`` marks each value.  Returns rows as dictionaries (or [])."""
    rows = await engine().run_querystring(Statement(sql, values))
    return cast(list[dict[str, Any]], rows or [])


async def run_rows(sql: str, rows: Sequence[Sequence[object]], row: str = "") -> None:
    """Run one statement with many rows where it says ``{rows}`` (SQLite only).

    ``row`` is how one of them is written, if it is more than its values.  Each statement is one
    step for the database, during which no other thread has to wait for this one.
    """
    for first in range(0, len(rows), ROWS_TO_A_STATEMENT):
        some = rows[first : first + ROWS_TO_A_STATEMENT]
        text = _with_rows(sql, row or _marks(len(some[0])), len(some))
        await engine().run_querystring(Statement(text, [value for one in some for value in one]))


def _marks(columns: int) -> str:
    return f"({', '.join(['{}'] * columns)})"


@functools.lru_cache(maxsize=1024)
def _with_rows(sql: str, row: str, number: int) -> str:
    return sql.replace("{rows}", ", ".join([row] * number))


def any_of(values: Sequence[object]) -> tuple[str, Sequence[object]]:
    """What follows the name of a column that is one of these, and the values of the statement.

    On PostgreSQL they are one array: the text, and so its plan, is the same for any number.
    """
    if is_postgres():
        return "= ANY ({})", [list(values)]
    return f"IN ({', '.join(['{}'] * len(values))})", values


def rows_of(types: Sequence[str], rows: Sequence[Sequence[object]]) -> tuple[str, Sequence[object]]:
    """A query that gives these rows, and the values of the statement; see ``any_of``."""
    if is_postgres():
        arrays = ", ".join(f"{{}}::{name}[]" for name in types)
        return f"SELECT * FROM unnest({arrays})", [
            list(column) for column in zip(*rows, strict=True)
        ]
    return f"VALUES {', '.join([_marks(len(types))] * len(rows))}", [
        value for one in rows for value in one
    ]


def whole(act: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    """Say of a use case that it waits for nothing but the database.

    Then SQLite runs all of it on its writer's thread, and many of them to a commit.
    """
    act.__dict__["whole"] = True
    return act


def snapshot() -> AbstractAsyncContextManager[object]:
    """A block whose every query sees the same moment of the database; it keeps nobody waiting."""
    return cast(RetryableEngine, engine()).snapshot()


def use_case(act: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    """Run ``act`` in one transaction (joining one already open), repeated if the engine asks."""

    is_whole = getattr(act, "whole", False)

    @functools.wraps(act)
    async def in_transaction(*args: P.args, **kwargs: P.kwargs) -> R:
        current = engine()
        if current.transaction_exists():
            return await act(*args, **kwargs)
        for attempt in range(1, ATTEMPTS_MAX + 1):
            try:
                if is_whole and current.engine_type == "sqlite":
                    alone = functools.partial(act, *args, **kwargs)
                    return cast(R, await cast(WholeEngine, current).whole(alone))
                async with current.transaction():
                    return await act(*args, **kwargs)
            except Exception as error:
                retryable = cast(RetryableEngine, current).is_retryable(error)
                if attempt == ATTEMPTS_MAX or not retryable:
                    raise
                await asyncio.sleep(0.005 * 2**attempt)
        raise AssertionError("unreachable")

    return in_transaction
