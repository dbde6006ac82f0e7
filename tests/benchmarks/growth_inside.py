"""What the database itself takes: time without any way to it, and room on disk."""

import json
import random
import sqlite3
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import asyncpg

from points.ledger.history import cut_at
from points.ledger.statement import statement
from points.transactions import is_postgres, run, use_case
from tests.benchmarks.street_office import Office
from web.database import DatabaseEngine

Asked = list[tuple[str, Sequence[Any]]]
PROBES: Final = 50
FIRST_SECOND: Final = datetime(2026, 12, 1, tzinfo=UTC)
# What one row of a table takes with its indexes, for each transfer.
_SIZE: Final = {
    "postgres": "SELECT pg_total_relation_size('{table}') / COUNT(*)::float AS bytes FROM transfer",
    "sqlite": "SELECT CAST(SUM(pgsize) AS REAL) / (SELECT COUNT(*) FROM transfer) AS bytes "
    "FROM dbstat WHERE name IN (SELECT name FROM sqlite_master WHERE tbl_name = '{table}')",
}
_CACHES: Final = {
    "postgres": ("SHOW shared_buffers", "SHOW effective_cache_size"),
    "sqlite": ("PRAGMA cache_size", "PRAGMA page_size", "PRAGMA mmap_size"),
}
_WHOLE: Final = {
    "postgres": "SELECT pg_database_size(current_database()) AS bytes",
    "sqlite": "SELECT p.page_count * s.page_size AS bytes "
    "FROM pragma_page_count AS p, pragma_page_size AS s",
}


async def warm(place: str) -> None:
    """Read a database once, as it has been read after a day: the disk is not what is measured."""
    if not is_postgres():
        with Path(place).open("rb") as file:  # noqa: ASYNC230
            while file.read(2**24):
                pass
        return
    await run("CREATE EXTENSION IF NOT EXISTS pg_prewarm")
    await run(
        "SELECT SUM(pg_prewarm(oid)) FROM pg_class WHERE relkind IN ('r', 'i') "
        "AND relnamespace = 'public'::regnamespace"
    )


@use_case
async def caches() -> str:
    """How much of its database the bound engine keeps in memory of its own."""
    told = []
    for question in _CACHES[_engine_name()]:
        [row] = await run(question)
        [(name, value)] = row.items()
        told.append(f"{name} {value}")
    [row] = await run(_WHOLE[_engine_name()])
    return f"{', '.join(told)}, database {row['bytes'] / 2**20:,.0f} MB"


async def sizes() -> dict[str, float]:
    """The bytes of a transfer."""
    found = {}
    for table in ("transfer", "posting"):
        [row] = await run(_SIZE[_engine_name()].replace("{table}", table))
        found[table] = float(row["bytes"])
    return {
        "bytes a transfer with its indexes": found["transfer"],
        "with its share of the posting and its indexes": found["transfer"] + found["posting"],
    }


async def deep_account(
    engine: DatabaseEngine, place: str, office: Office, deep: int
) -> dict[str, float]:
    """Milliseconds inside the database for random pages and moments of the account of many entries.

    What is measured is what the public functions ask, one statement after the other.
    """
    book_id, person_id = office.books[0], office.first_person
    pick = random.Random(deep)

    async def page() -> None:
        before = pick.randrange(deep // 2, deep)
        assert await statement(
            book_id=book_id, person_id=person_id, unit="points", before_sequence=before, limit=50
        )

    async def moment() -> None:
        at = FIRST_SECOND + timedelta(seconds=pick.randrange(deep))
        cut = await cut_at(book_id=book_id, person_id=person_id, unit="points", moment=at)
        assert cut.sequence

    return {
        "statement page of 50, ms": await _inside(engine, place, page),
        "balance as of a moment, ms": await _inside(engine, place, moment),
    }


async def _inside(engine: DatabaseEngine, place: str, act: Callable[[], Awaitable[None]]) -> float:
    took = []
    for _ in range(PROBES):
        with overheard(engine) as asked:
            await act()
        took.append(await (_explained(place, asked) if is_postgres() else _repeated(place, asked)))
    return statistics.median(took)


@contextmanager
def overheard(engine: DatabaseEngine) -> Iterator[Asked]:
    """Every statement with its values that is asked meanwhile."""
    asked: Asked = []
    answer = engine.run_querystring

    async def listening(querystring: Any, in_pool: bool = False) -> Any:
        asked.append(querystring.compile_string(engine_type=engine.engine_type))
        return await answer(querystring, in_pool)

    engine.run_querystring = listening  # type: ignore[method-assign]
    try:
        yield asked
    finally:
        del engine.run_querystring


async def _explained(place: str, asked: Asked) -> float:
    connection = await asyncpg.connect(place)
    try:
        plans = [
            json.loads(
                await connection.fetchval(
                    f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}", *values
                )
            )
            for sql, values in asked
        ]
    finally:
        await connection.close()
    return sum(float(plan["Execution Time"]) for [plan] in plans)


async def _repeated(place: str, asked: Asked) -> float:
    raw = sqlite3.connect(place)
    try:
        raw.execute("SELECT 1 FROM sqlite_master").fetchone()
        started = time.perf_counter()
        for sql, values in asked:
            raw.execute(sql, values).fetchall()
        return (time.perf_counter() - started) * 1000
    finally:
        raw.close()


def _engine_name() -> str:
    return "postgres" if is_postgres() else "sqlite"
