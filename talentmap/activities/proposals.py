"""Proposing an activity, proposing it again, and calling it off."""

from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any, Unpack

from points.community.areas import day_in, is_within, time_zone_of
from points.community.rules import clean_text, is_minor, row_number
from points.ledger.books import book_of_area
from points.service.errors import NoBookHere
from points.transactions import run, use_case
from talentmap.activities.crowd import (
    checked_reason,
    close,
    everybody,
    lapse_if_due,
    locked,
    require_charge,
    require_open,
    tell,
)
from talentmap.activities.errors import (
    ActivityMissing,
    AdultsPropose,
    ProposeElsewhere,
    TalentElsewhere,
)
from talentmap.activities.people import open_person, person_row, reach_of
from talentmap.activities.rules import (
    Plan,
    PlanFacts,
    State,
    check_plan,
    weeks_on,
    weeks_until_open,
)


@dataclass(frozen=True, slots=True)
class Copy:
    """What "same again" fills into the form."""

    copied_from_id: int
    area_id: int
    talent_id: int | None
    plan: Plan
    talent_nickname: str | None = None


@use_case
async def propose(
    *,
    actor_id: int,
    area_id: int,
    talent_id: int | None,
    now: datetime,
    talent_nickname: str | None = None,
    copied_from_id: int | None = None,
    **facts: Unpack[PlanFacts],
) -> int:
    """Propose an activity in one's own neighbourhood; whoever proposes counts if she signs up.

    A talent is called by her nickname here, also where the same takes place again.
    """
    plan = _cleaned(Plan(**facts))
    check_plan(plan, now=now)
    book_id = await _book_for(actor_id, area_id, now)
    await _check_talent(talent_id, area_id)
    if copied_from_id is not None:
        first = await _stored(copied_from_id)
        if first["talent_id"] == talent_id:
            talent_nickname = talent_nickname or first["talent_nickname"]
    activity_id = await insert_plan(
        plan,
        book_id=book_id,
        area_id=area_id,
        proposer_id=actor_id,
        talent_id=talent_id,
        now=now,
        copied_from_id=copied_from_id,
        point=await _point_of(area_id),
    )
    await _call(activity_id, talent_nickname)
    return activity_id


async def _call(activity_id: int, nickname: str | None) -> None:
    if nickname is not None:
        await run("UPDATE activity SET talent_nickname = {} WHERE id = {}", nickname, activity_id)


async def insert_plan(
    plan: Plan,
    *,
    book_id: int,
    area_id: int,
    proposer_id: int,
    talent_id: int | None,
    now: datetime,
    point: tuple[float, float] | None,
    copied_from_id: int | None = None,
    import_key: str | None = None,
) -> int:
    """Store a checked plan; it gathers from now on."""
    names = [field.name for field in fields(plan)]
    values = [getattr(plan, name) for name in names]
    values += [book_id, area_id, proposer_id, talent_id, *(point or (None, None))]
    values += [copied_from_id, import_key, now.astimezone(UTC)]
    [row] = await run(
        f"INSERT INTO activity ({', '.join(names)}, "
        "book_id, area_id, proposer_id, talent_id, lat, lon, copied_from_id, import_key, "
        "created_at, state) "
        f"VALUES ({', '.join(['{}'] * len(values))}, 'gathering') RETURNING id",
        *values,
    )
    return int(row["id"])


def _cleaned(plan: Plan) -> Plan:
    return replace(
        plan,
        title=clean_text(plan.title),
        summary=clean_lines(plan.summary),
        place=clean_text(plan.place),
        starts_at=plan.starts_at.astimezone(UTC),
        ends_at=plan.ends_at.astimezone(UTC),
        deadline_at=plan.deadline_at.astimezone(UTC),
        risk=clean_text(plan.risk),
        to_bring=clean_text(plan.to_bring),
    )


def clean_lines(text: str) -> str:
    """Visible characters only, in the lines in which they were written."""
    return "\n".join(clean_text(line) for line in text.splitlines()).strip()


async def _book_for(actor_id: int, area_id: int, now: datetime) -> int:
    """The book of the place, which must be the proposer's own."""
    person = await open_person(actor_id)
    today = await day_in(area_id, now)
    if is_minor(person["birth_date"], today):
        raise AdultsPropose()
    book_id = await book_of_area(area_id)
    if book_id is None:
        raise NoBookHere()
    if await book_of_area(person["area_id"]) != book_id:
        raise ProposeElsewhere()
    return book_id


async def _check_talent(talent_id: int | None, area_id: int) -> None:
    if talent_id is None:
        return
    talent = await person_row(talent_id)
    reach_id = await reach_of(area_id)
    if talent["closed_at"] is not None or not await is_within(talent["area_id"], reach_id):
        raise TalentElsewhere(field="talent_id")


async def _point_of(area_id: int) -> tuple[float, float] | None:
    """Where the map shows it: the place of the area, or of the nearest one around it."""
    rows = await run(
        "SELECT p.lat, p.lon FROM area_ancestor c JOIN place p ON p.area_id = c.ancestor_id "
        "WHERE c.area_id = {} ORDER BY c.depth LIMIT 1",
        area_id,
    )
    return (rows[0]["lat"], rows[0]["lon"]) if rows else None


async def _stored(activity_id: int) -> dict[str, Any]:
    rows = await run("SELECT * FROM activity WHERE id = {}", row_number(activity_id))
    if not rows:
        raise ActivityMissing()
    return rows[0]


async def copy_of(*, activity_id: int, now: datetime) -> Copy:
    """The same again: the same weekday and hour, in the first week whose deadline lies ahead."""
    row = await _stored(activity_id)
    starts_at = row["starts_at"]
    deadline_at = row["deadline_at"] or starts_at
    weeks = weeks_until_open(deadline_at, now=now)
    zone = await time_zone_of(row["area_id"])
    starts_at, ends_at, deadline_at = (
        weeks_on(moment, weeks=weeks, time_zone=zone)
        for moment in (starts_at, row["ends_at"], deadline_at)
    )
    kept = {field.name: row[field.name] for field in fields(Plan)}
    times = {"starts_at": starts_at, "ends_at": ends_at, "deadline_at": deadline_at}
    plan = Plan(**(kept | times))
    return Copy(
        copied_from_id=row["id"],
        area_id=row["area_id"],
        talent_id=row["talent_id"],
        plan=plan,
        talent_nickname=row["talent_nickname"],
    )


@use_case
async def cancel(*, actor_id: int, activity_id: int, reason: str, now: datetime) -> State:
    """Call an activity off, with a reason that everybody concerned is told.

    One that gathered in vain until its deadline has lapsed before it could be cancelled; the
    answer says which of the two it is.
    """
    row = await locked(activity_id)
    await require_charge(row, actor_id=actor_id, now=now)
    why = checked_reason(reason)
    if await lapse_if_due(row, now=now):
        return "lapsed"
    require_open(row)
    await close(row, "cancelled", reason=why, actor_id=actor_id, now=now)
    facts: dict[str, object] = {"title": row["title"], "reason": why}
    people = await everybody(row) - {actor_id}
    await tell(row, people, kind="activity_cancelled", facts=facts, now=now, key="cancelled")
    return "cancelled"
