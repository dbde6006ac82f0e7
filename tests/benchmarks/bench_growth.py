"""``python -m tests.benchmarks.bench_growth sqlite|postgres``: does it stay as quick as it was?

Builds a street office of 100,000 and one of 10 million entries, then measures both in turns with
random accounts: medians in milliseconds, and how much the large one costs by the small one.
Then the deep account (200,000 entries) inside the database, and the bytes of a transfer.
"""

import argparse
import asyncio
import json
import random
import statistics
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

from points.ledger.postings import award
from points.ledger.statement import balances, statement
from points.rewards.queue import queue
from points.rewards.redemptions import request
from points.transactions import is_postgres, run, use_case
from tests.benchmarks.databases import Databases, databases
from tests.benchmarks.measure import table
from tests.benchmarks.street_office import DIALECT, ENTRIES_PER_AWARD, Office, build
from tests.points.rewards.scene import NOW
from web.database import running

AWARDS = 300
REQUESTS = 90
PAGE = (
    "SELECT id, {side}_sequence AS sequence FROM transfer WHERE {side}_id = {account} "
    "AND {side}_sequence < {before} ORDER BY {side}_sequence DESC LIMIT 50"
)
AS_OF = (
    "SELECT {side}_balance FROM transfer WHERE {side}_id = {account} AND {side}_sequence = {before}"
)


@dataclass(frozen=True, slots=True)
class Built:
    """One street office, and the records in it that wait for their award."""

    place: str
    office: Office
    records: tuple[tuple[int, int, int], ...]

    def someone(self, number: int) -> tuple[int, int]:
        """A random person but the first, with her book."""
        at = random.Random(number).randrange(1, self.office.people)
        return self.office.books[at % len(self.office.books)], self.office.first_person + at


async def _balance(built: Built, number: int) -> None:
    book_id, person_id = built.someone(number)
    assert (await balances(book_id=book_id, person_id=person_id)).points > 0


async def _statement(built: Built, number: int) -> None:
    book_id, person_id = built.someone(number)
    assert await statement(book_id=book_id, person_id=person_id, unit="points", limit=50)


async def _award(built: Built, number: int) -> None:
    record_id, book_id, person_id = built.records[number]
    await award(
        book_id=book_id,
        person_id=person_id,
        minutes=60,
        points=10,
        expires_on=NOW.date().replace(year=2027, month=12, day=31),
        service_record_id=record_id,
        reference=f"service:{record_id}:1",
        reason="清洁家园",
        actor_id=built.office.steward_id,
        happened_at=NOW,
        now=NOW,
    )


async def _request(built: Built, number: int) -> None:
    asker = built.office.asker_id
    await request(actor_id=asker, person_id=asker, item_id=built.office.item_id, now=NOW)


async def _queue(built: Built, number: int) -> None:
    assert await queue(actor_id=built.office.member_id, now=NOW)


ACTS: dict[str, tuple[Callable[[Built, int], Awaitable[None]], int]] = {
    "balance": (_balance, 400),
    "statement page": (_statement, 400),
    "award": (_award, AWARDS),
    "redemption request": (_request, REQUESTS),
    "committee queue": (_queue, 30),
}


async def _built(
    places: Databases, place: str, *, people: int, books: int, entries: int, deep: int
) -> Built:
    url = place if places.server else f"sqlite:///{place}"
    office = await build(
        url,
        people=min(people, max(100, entries // ENTRIES_PER_AWARD // 5)),
        books=books,
        entries=entries,
        deep=deep,
    )
    async with running(places.engine(place)):
        records = await _served(office=office)
    return Built(place, office, records)


@use_case
async def _served(*, office: Office) -> tuple[tuple[int, int, int], ...]:
    """Confirmed records of random people, one occasion a person, that wait for their award."""
    found = []
    for number in range(AWARDS):
        at = random.Random(-number).randrange(1, office.people)
        book_id = office.books[at % len(office.books)]
        [occasion] = await run(
            "INSERT INTO occasion (book_id, area_id, title, category, activity_class, starts_at, "
            "ends_at, leader_id, created_by, created_at) SELECT book_id, area_id, title, "
            "category, activity_class, starts_at, ends_at, leader_id, created_by, created_at "
            "FROM occasion WHERE book_id = {} ORDER BY id LIMIT 1 RETURNING id, starts_at",
            book_id,
        )
        [record] = await run(
            "INSERT INTO service_record (occasion_id, person_id, book_id, started_at, "
            "service_date, minutes, source, logged_by, logged_at, state, policy_version_id, "
            "decided_by, decided_at) VALUES ({}, {}, {}, {}, {}, 60, 'roll_call', {}, {}, "
            "'confirmed', (SELECT id FROM policy_version WHERE book_id = {}), {}, {}) "
            "RETURNING id",
            *(occasion["id"], office.first_person + at, book_id, NOW, NOW.date()),
            *(office.creator_id, NOW, book_id, office.steward_id, NOW),
        )
        found.append((int(record["id"]), book_id, office.first_person + at))
    return tuple(found)


async def _measured(places: Databases, built: Built, scale: float) -> dict[str, float]:
    """The median of each act in milliseconds, after a tenth of them to warm up."""
    found = {}
    async with running(places.engine(built.place)):
        for name, (act, times) in ACTS.items():
            took = []
            for number in range(max(2, int(times * scale))):
                started = time.perf_counter()
                await act(built, number)
                took.append((time.perf_counter() - started) * 1000)
            found[name] = statistics.median(took[len(took) // 10 :])
    return found


async def _deep(places: Databases, built: Built) -> dict[str, float]:
    """Milliseconds inside the database for the account of many entries, and bytes a transfer."""
    async with running(places.engine(built.place)):
        [account] = await run(
            "SELECT id, sequence FROM account WHERE kind = 'member' AND person_id = {}",
            built.office.first_person,
        )
        middle = int(account["sequence"]) // 2
        facts = {"account": str(account["id"]), "before": str(middle)}
        found = {
            "statement page of 50": await _inside(_both(PAGE, facts, " ORDER BY sequence DESC")),
            "balance after an entry": await _inside(_both(AS_OF, facts, "")),
        }
        [row] = await run(_SIZE["postgres" if is_postgres() else "sqlite"])
        return found | {"bytes a transfer with its indexes": float(row["bytes"])}


def _both(sql: str, facts: dict[str, str], order: str) -> str:
    sides = []
    for side in ("source", "target"):
        text = sql.replace("{side}", side)
        for name, value in facts.items():
            text = text.replace(f"{{{name}}}", value)
        sides.append(f"SELECT * FROM ({text}) AS {side}_side")
    return " UNION ALL ".join(sides) + order


async def _inside(sql: str) -> float:
    took = []
    for _ in range(50):
        started = time.perf_counter()
        if is_postgres():
            [row] = await run(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}")
            took.append(float(json.loads(row["QUERY PLAN"])[0]["Execution Time"]))
        else:
            await run(sql)
            took.append((time.perf_counter() - started) * 1000)
    return statistics.median(took)


_SIZE = {
    "postgres": "SELECT pg_total_relation_size('transfer') / COUNT(*)::float AS bytes "
    "FROM transfer",
    "sqlite": "SELECT CAST(SUM(pgsize) AS REAL) / (SELECT COUNT(*) FROM transfer) AS bytes "
    "FROM dbstat WHERE name IN (SELECT name FROM sqlite_master WHERE tbl_name = 'transfer')",
}


async def compare(
    engine_name: str,
    *,
    small: int,
    large: int,
    people: int,
    deep: int,
    books: int = 50,
    scale: float = 1.0,
) -> str:
    """Both sizes side by side, as Markdown."""
    assert engine_name in DIALECT
    with databases(engine_name) as places:  # type: ignore[arg-type]
        async with AsyncExitStack() as stack:
            built = [
                await _built(
                    places,
                    await stack.enter_async_context(places.empty()),
                    people=people,
                    books=books,
                    entries=entries,
                    deep=deep if entries == large else 0,
                )
                for entries in (small, large)
            ]
            few, many = [await _measured(places, one, scale) for one in built]
            inside = await _deep(places, built[1])
    rows = [
        [name, f"{few[name]:.2f}", f"{many[name]:.2f}", f"**{many[name] / few[name]:.2f}**"]
        for name in ACTS
    ]
    head = (f"{engine_name}, ms", f"{small:,} entries", f"{large:,} entries", "ratio")
    told = "; ".join(f"{name}: {value:.2f}" for name, value in inside.items())
    return f"{table(head, rows)}\n\nInside the database, {deep:,} entries: {told}."


def main() -> None:
    """Parse, build, measure, tell."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.bench_growth")
    parser.add_argument("engine", choices=list(DIALECT))
    parser.add_argument("--small", type=int, default=100_000)
    parser.add_argument("--large", type=int, default=10_000_000)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--deep", type=int, default=200_000)
    asked = parser.parse_args()
    print(  # noqa: T201
        asyncio.run(
            compare(
                asked.engine,
                small=asked.small,
                large=asked.large,
                people=asked.people,
                deep=asked.deep,
            )
        )
    )


if __name__ == "__main__":
    main()
