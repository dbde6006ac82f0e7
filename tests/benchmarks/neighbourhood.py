"""A neighbourhood of a thousand who served and wait for their points, written in sets."""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Final

from points.ledger.postings import award, hold
from points.transactions import run
from tests.points.service.scene import Scene, scene

PEOPLE: Final = 1000
NOW: Final = datetime(2026, 3, 11, 6, 0, tzinfo=UTC)
TODAY: Final = date(2026, 3, 11)
EXPIRES: Final = date(2027, 12, 31)
MINUTES: Final = 60
SERVED_ON: Final = "2026-03-10"
MOMENT: Final = "'2026-03-10 01:00:00+00:00'"
COUNTED: Final = (
    "WITH RECURSIVE counted (number) AS "
    "(SELECT 1 UNION ALL SELECT number + 1 FROM counted WHERE number < {most})"
)


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """The numbers of what was written; people and records are numbered without a gap."""

    book_id: int
    steward_id: int
    first_person: int
    first_record: int
    # The first record of each occasion that waits for a roll-call to be confirmed.
    waiting: tuple[tuple[int, ...], ...]

    def person(self, number: int) -> int:
        """Of the thousand, in turn."""
        return self.first_person + number % PEOPLE


async def settle(*, records: int, roll_calls: int = 0, points_each: int = 0) -> Neighbourhood:
    """Found it with that many confirmed records to award, and roll-calls of 500 that wait."""
    here = await scene()
    first_person = await _people(here)
    occasions = -(-records // PEOPLE)
    first_record = await _next("service_record")
    for number in range(occasions):
        served = min(PEOPLE, records - number * PEOPLE)
        await _records(here, first_person, served, state="confirmed")
    there = Neighbourhood(here.who.book, here.who.chen_jing, first_person, first_record, ())
    waiting = []
    for _ in range(roll_calls):
        first = await _next("service_record")
        await _records(here, first_person, 500, state="logged")
        waiting.append(tuple(range(first, first + 500)))
    if points_each:
        await _give(there, here, points_each)
    return replace(there, waiting=tuple(waiting))


async def _next(table: str) -> int:
    [row] = await run(f"SELECT COALESCE(MAX(id), 0) + 1 AS id FROM {table}")
    return int(row["id"])


async def _people(here: Scene) -> int:
    first = await _next("person")
    await run(
        COUNTED.replace("{most}", str(PEOPLE))
        + " INSERT INTO person (name, volunteer_no, area_id, joined_at) SELECT "
        f"'居民' || CAST(number AS TEXT), 'B' || CAST(number AS TEXT), {here.who.stairwell_12}, "
        f"{MOMENT} FROM counted"
    )
    return first


async def _records(here: Scene, first_person: int, people: int, *, state: str) -> None:
    """An occasion that so many took part in; 王芳 called the roll, 陈静 confirms."""
    who = here.who
    occasion_id = await here.occasion(NOW.replace(day=10, hour=1))
    policy = f"(SELECT id FROM policy_version WHERE book_id = {who.book})"
    nobody = "CAST(NULL AS BIGINT), CAST(NULL AS BIGINT), NULL"
    decided = f"{policy}, {who.chen_jing}, {MOMENT}" if state == "confirmed" else nobody
    await run(
        COUNTED.replace("{most}", str(people))
        + " INSERT INTO service_record (occasion_id, person_id, book_id, started_at, service_date, "
        "minutes, source, logged_by, logged_at, state, policy_version_id, decided_by, decided_at) "
        f"SELECT {occasion_id}, {first_person} + number - 1, {who.book}, {MOMENT}, "
        f"'{SERVED_ON}', {MINUTES}, 'roll_call', {who.wang_fang}, {MOMENT}, '{state}', {decided} "
        "FROM counted"
    )


async def _give(there: Neighbourhood, here: Scene, points: int) -> None:
    """Points to spend for everybody, from a record each."""
    first = await _next("service_record")
    await _records(here, there.first_person, PEOPLE, state="confirmed")
    given = replace(there, first_record=first)
    await asyncio.gather(*(award_one(given, number, points=points) for number in range(PEOPLE)))


async def award_one(there: Neighbourhood, number: int, *, points: int = 10) -> None:
    """The public function, as a confirmation calls it: reference, reason, why these points."""
    record_id = there.first_record + number
    await award(
        book_id=there.book_id,
        person_id=there.person(number),
        minutes=MINUTES,
        points=points,
        expires_on=EXPIRES,
        service_record_id=record_id,
        reference=f"service:{record_id}:1",
        reason="清洁家园",
        details=(
            {"kind": "policy", "number": 1, "effective_from": "2026-01-01"},
            {"kind": "rate", "minutes": MINUTES, "points_per_hour": 10},
            {"kind": "multiplier", "category": "cleaning", "percent": 100},
        ),
        actor_id=there.steward_id,
        happened_at=NOW,
        now=NOW,
    )


async def hold_one(there: Neighbourhood, number: int) -> None:
    """Set a point aside for a request of its own: the transfer of a redemption."""
    await hold(
        book_id=there.book_id,
        person_id=there.person(number * 7919),
        case_kind="redemption",
        case_id=number + 1,
        points=1,
        reference=f"redemption:{number + 1}:hold",
        reason="一袋米",
        actor_id=there.person(number * 7919),
        now=NOW,
        today=TODAY,
    )
