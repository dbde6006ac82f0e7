"""``python -m tests.benchmarks.bench_growth sqlite|postgres``: does it stay as quick as it was?

Builds a street office of 100,000 and one of 10 million entries, everybody with as long a history
in the one as in the other, and asks both in turns (small, large, large, small) with random
accounts, other ones for each question: medians in milliseconds, and how much the large one costs
by the small one.  Then the deep account (200,000 entries) inside the database, the bytes of a
transfer, and how much of each database is kept in memory.  ``--keep FOLDER`` leaves both offices
there and finds them there again.
"""

import argparse
import asyncio
import json
import random
import statistics
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path

from points.ledger.postings import award
from points.ledger.statement import balances, statement
from points.rewards.queue import queue
from points.rewards.redemptions import request
from points.transactions import run, use_case
from tests.benchmarks.databases import Databases, check_durable, databases
from tests.benchmarks.growth_inside import caches, deep_account, sizes, warm
from tests.benchmarks.measure import machine, table
from tests.benchmarks.street_office import DIALECT, ENTRIES_PER_AWARD, Office, build
from tests.points.rewards.scene import NOW
from web.database import DatabaseEngine, running, use
from web.migrations import migrate

LINES = 20
AWARDS = 600
REQUESTS = 300


@dataclass(frozen=True, slots=True)
class Built:
    """One street office that is open, and the records in it that wait for their award."""

    place: str
    engine: DatabaseEngine
    office: Office
    records: tuple[tuple[int, int, int], ...]
    requests: list[int] = field(default_factory=list)

    def someone(self, question: str, number: int) -> tuple[int, int]:
        """A random person but the first, with the place of her book among the books."""
        at = random.Random(f"{question} {number}").randrange(1, self.office.people)
        return at % len(self.office.books), self.office.first_person + at


async def _balance(built: Built, number: int) -> None:
    at, person_id = built.someone("balance", number)
    assert (await balances(book_id=built.office.books[at], person_id=person_id)).points > 0


async def _statement(built: Built, number: int) -> None:
    at, person_id = built.someone("statement", number)
    book_id = built.office.books[at]
    assert await statement(book_id=book_id, person_id=person_id, unit="points", limit=LINES)


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
    at, asker = built.someone("request", number)
    item_id = built.office.items[at]
    built.requests.append(await request(actor_id=asker, person_id=asker, item_id=item_id, now=NOW))


async def _queue(built: Built, number: int) -> None:
    after_id = random.Random(f"queue {number}").choice([0, *built.requests[:-LINES]])
    assert await queue(actor_id=built.office.member_id, after_id=after_id, now=NOW, limit=LINES)


ACTS: dict[str, tuple[Callable[[Built, int], Awaitable[None]], int]] = {
    "balance": (_balance, 1000),
    "statement page": (_statement, 1000),
    "award": (_award, AWARDS),
    "redemption request": (_request, REQUESTS),
    "committee queue": (_queue, 60),
}


async def _opened(
    stack: AsyncExitStack, places: Databases, *, people: int, books: int, entries: int, deep: int
) -> Built:
    """The street office of that size: a new one, or the one that was kept."""
    name = f"entries_{entries}"
    place, new = await places.kept(name)
    noted = places.folder / f"{name}.json"
    if new:
        url = place if places.server else f"sqlite:///{place}"
        office = await build(url, people=people, books=books, entries=entries, deep=deep)
        noted.write_text(json.dumps(asdict(office)))
    facts = json.loads(noted.read_text())
    office = Office(**{**facts, "books": tuple(facts["books"]), "items": tuple(facts["items"])})
    engine = await stack.enter_async_context(running(places.engine(place)))
    await migrate(engine)  # One that was kept may be older than what is measured.
    await check_durable(places.engine_name)
    return Built(place, engine, office, await _served(office=office))


@use_case
async def _served(*, office: Office) -> tuple[tuple[int, int, int], ...]:
    """Confirmed records of random people, one occasion a person, that wait for their award."""
    found = []
    for number in range(AWARDS):
        at = random.Random(f"award {number}").randrange(1, office.people)
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


async def _measured(
    sides: Sequence[Built], acts: Collection[str], scale: float
) -> dict[str, list[float]]:
    """The medians of each act on each side in milliseconds, after a tenth of them to warm up."""
    found = {}
    for name, (act, times) in ACTS.items():
        if name not in acts:
            continue
        took: list[list[float]] = [[] for _ in sides]
        for number in range(max(2, int(times * scale))):
            turn = list(zip(sides, took, strict=True))
            for built, of_side in turn if number % 2 else reversed(turn):
                use(built.engine)
                started = time.perf_counter()
                await act(built, number)
                of_side.append((time.perf_counter() - started) * 1000)
        found[name] = [statistics.median(of_side[len(of_side) // 10 :]) for of_side in took]
    return found


async def compare(
    engine_name: str,
    *,
    small: int,
    large: int,
    people: int,
    deep: int,
    books: int = 50,
    scale: float = 1.0,
    acts: Collection[str] = tuple(ACTS),
    keep: Path | None = None,
    shared_buffers: str = "64MB",
) -> str:
    """Both sizes side by side, as Markdown."""
    assert engine_name in DIALECT
    rounds = max(1, large // (ENTRIES_PER_AWARD * people))
    fewer = max(2 * books, small // (ENTRIES_PER_AWARD * rounds))
    settings = [f"shared_buffers={shared_buffers}"]
    with databases(engine_name, keep, settings) as places:  # type: ignore[arg-type]
        async with AsyncExitStack() as stack:
            few = await _opened(stack, places, people=fewer, books=books, entries=small, deep=0)
            many = await _opened(
                stack, places, people=people, books=books, entries=large, deep=deep
            )
            told = await _told(few, many, deep)
            medians = await _measured((few, many), acts, scale)
    head = (f"{engine_name}, ms", f"{small:,} entries", f"{large:,} entries", "ratio")
    rows = [
        [name, f"{one:.2f}", f"{other:.2f}", f"**{other / one:.2f}**"]
        for name, (one, other) in medians.items()
    ]
    return f"{table(head, rows)}\n\n{told}"


async def _told(few: Built, many: Built, deep: int) -> str:
    kept = []
    for built in (few, many):
        use(built.engine)
        await warm(built.place)
        kept.append(await caches())
    inside = await deep_account(many.engine, many.place, many.office, deep) | await sizes()
    facts = "; ".join(f"{name}: {value:.2f}" for name, value in inside.items())
    return (
        f"Inside the database, an account of {deep:,} entries: {facts}.\n"
        f"In memory: {kept[0]}, of the small one; {kept[1]}, of the large one; {machine()}."
    )


def main() -> None:
    """Parse, build, measure, tell."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.bench_growth")
    parser.add_argument("engine", choices=list(DIALECT))
    parser.add_argument("--small", type=int, default=100_000)
    parser.add_argument("--large", type=int, default=10_000_000)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--deep", type=int, default=200_000)
    parser.add_argument("--scale", type=float, default=1.0, help="of how often each act is done")
    parser.add_argument("--acts", nargs="+", choices=list(ACTS), default=list(ACTS))
    parser.add_argument("--keep", type=Path, help="a folder in which the offices stay")
    parser.add_argument("--shared-buffers", default="2GB", help="PostgreSQL's own cache")
    asked = vars(parser.parse_args())
    print(asyncio.run(compare(asked.pop("engine"), **asked)))  # noqa: T201


if __name__ == "__main__":
    main()
