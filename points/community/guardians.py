"""Who answers for somebody under age."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from points.community import areas, rules
from points.community.errors import (
    GuardianRecorded,
    GuardianTooYoung,
    NoSuchGuardian,
    NotAMinor,
    OwnGuardian,
)
from points.community.grants import require
from points.community.people import locked_person
from points.community.roles import ENROLLERS
from points.transactions import any_of, run, use_case

# What makes a guardian one on a day; the two {} are that day.
_IN_FORCE = "g.since <= {} AND (g.until IS NULL OR g.until > {})"


@dataclass(frozen=True, slots=True)
class Relative:
    """A guardian or a child, by name."""

    person_id: int
    name: str


@use_case
async def add_guardian(
    *, actor_id: int | None, child_id: int, guardian_id: int, now: datetime
) -> None:
    """Record who answers for a child; staff of the child's area does, or the operator."""
    if child_id == guardian_id:
        raise OwnGuardian(field="guardian_id")
    child, today = await _child_of_area(actor_id, child_id, now)
    guardian = await locked_person(guardian_id)
    if child["birth_date"] is None or not rules.is_minor(child["birth_date"], today):
        raise NotAMinor(field="child_id")
    if rules.is_minor(guardian["birth_date"], today):
        raise GuardianTooYoung(field="guardian_id")
    if await is_guardian(person_id=guardian_id, child_id=child_id, today=today):
        raise GuardianRecorded
    # Whoever ended this today and takes it up again did not mean to end it.
    await run(
        "INSERT INTO guardian (child_id, guardian_id, since, recorded_by) "
        "VALUES ({}, {}, {}, {}) ON CONFLICT (child_id, guardian_id, since) "
        "DO UPDATE SET until = NULL",
        child_id,
        guardian_id,
        today,
        actor_id,
    )


@use_case
async def end_guardian(*, actor_id: int, child_id: int, guardian_id: int, now: datetime) -> None:
    """Record that somebody no longer answers for a child."""
    _, today = await _child_of_area(actor_id, child_id, now)
    if not await is_guardian(person_id=guardian_id, child_id=child_id, today=today):
        raise NoSuchGuardian
    await run(
        "UPDATE guardian SET until = {} WHERE child_id = {} AND guardian_id = {} AND until IS NULL",
        today,
        child_id,
        guardian_id,
    )


async def _child_of_area(
    actor_id: int | None, child_id: int, now: datetime
) -> tuple[dict[str, Any], date]:
    child = await locked_person(child_id)
    today = await areas.day_in(child["area_id"], now)
    if actor_id is not None:
        await require(person_id=actor_id, roles=ENROLLERS, area_id=child["area_id"], today=today)
    return child, today


async def is_guardian(*, person_id: int, child_id: int, today: date) -> bool:
    """Whether somebody answers for the child today."""
    rows = await run(
        "SELECT g.guardian_id FROM guardian g "
        f"WHERE g.child_id = {{}} AND g.guardian_id = {{}} AND {_IN_FORCE}",
        rules.row_number(child_id),
        rules.row_number(person_id),
        today,
        today,
    )
    return bool(rows)


async def guardians_then(
    served: Collection[tuple[int, date]],
) -> Mapping[tuple[int, date], frozenset[int]]:
    """For each (person, day), who answered for the person on that day or has done so since.

    Whoever stops being a guardian after the day is still no stranger to what was done on it.
    """
    people = sorted({person_id for person_id, _ in served})
    if not people:
        return {}
    among, ids = any_of(people)
    rows = await run(
        f"SELECT child_id, guardian_id, until FROM guardian WHERE child_id {among}", *ids
    )
    return {
        (person_id, day): frozenset(
            row["guardian_id"]
            for row in rows
            if row["child_id"] == person_id and (row["until"] is None or row["until"] > day)
        )
        for person_id, day in served
    }


async def guardians_of(child_id: int, today: date) -> tuple[Relative, ...]:
    """Who answers for this child today."""
    rows = await run(
        "SELECT p.id AS person_id, p.name FROM guardian g "
        "JOIN person p ON p.id = g.guardian_id "
        f"WHERE g.child_id = {{}} AND {_IN_FORCE} ORDER BY p.id",
        rules.row_number(child_id),
        today,
        today,
    )
    return tuple(Relative(**row) for row in rows)


async def children_of(guardian_id: int, today: date) -> tuple[Relative, ...]:
    """For whom this person answers today; children who came of age are left out."""
    rows = await run(
        "SELECT p.id, p.name, p.birth_date FROM guardian g JOIN person p ON p.id = g.child_id "
        f"WHERE g.guardian_id = {{}} AND {_IN_FORCE} AND p.closed_at IS NULL ORDER BY p.id",
        rules.row_number(guardian_id),
        today,
        today,
    )
    return tuple(
        Relative(person_id=row["id"], name=row["name"])
        for row in rows
        if rules.is_minor(row["birth_date"], today)
    )
