"""After the activity: who served becomes a record that somebody else confirms; joy is counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from points.community.areas import day_in
from points.community.grants import covers
from points.service.authority import PLANNING_ROLES
from points.service.occasions import book_of_person, create_occasion
from points.service.records import RollCallRow, roll_call
from points.transactions import run, use_case
from talentmap.activities.crowd import Row, close, lapse_if_due, locked
from talentmap.activities.errors import (
    ActivityClosed,
    AlreadyServed,
    NotBegun,
    NotSignedUp,
    NotYourActivity,
    RollInvalid,
    ServiceByStaff,
)
from talentmap.activities.people import person_row
from talentmap.activities.rules import ATTENDANCES, Attendance, State

ROWS_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class AttendanceRow:
    """One person: served so many minutes, joined for fun, or absent."""

    person_id: int
    attendance: Attendance
    minutes: int | None = None


@use_case
async def roll_call_activity(
    *,
    actor_id: int,
    activity_id: int,
    rows: Sequence[AttendanceRow],
    now: datetime,
    reason: str = "",
) -> State:
    """Note who came; the activity is done.  Staff may complete the roll of one that is.

    Whoever served, signed up or not, gets a record of service; only those who may plan service
    enter it, and somebody else confirms it.  A plain neighbour who proposed the activity notes
    who joined.
    """
    row = await locked(activity_id)
    if await lapse_if_due(row, now=now):
        return "lapsed"
    is_staff = await _checked_caller(row, actor_id, now)
    _check_rows(row, rows, now, is_staff=is_staff)
    signups = await _signups(activity_id)
    for one in rows:
        await _note(one, signups, activity_id)
    served = [one for one in rows if one.attendance == "served"]
    if served:
        await _enter_service(row, served, actor_id=actor_id, reason=reason, now=now)
    if row["state"] != "done":
        await close(row, "done", reason="", actor_id=actor_id, now=now)
    return "done"


async def _checked_caller(row: Row, actor_id: int, now: datetime) -> bool:
    """Whether the caller may enter service; refuses whoever has no part in the activity."""
    today = await day_in(row["area_id"], now)
    area_id = row["area_id"]
    if await covers(person_id=actor_id, roles=PLANNING_ROLES, area_id=area_id, today=today):
        return True
    if actor_id not in (row["proposer_id"], row["talent_id"]):
        raise NotYourActivity()
    return False


def _check_rows(row: Row, rows: Sequence[AttendanceRow], now: datetime, *, is_staff: bool) -> None:
    if row["state"] not in (("confirmed", "done") if is_staff else ("confirmed",)):
        raise ActivityClosed(state=row["state"])
    if now < row["starts_at"]:
        raise NotBegun()
    wrong = any(
        one.attendance not in ATTENDANCES
        or (one.attendance == "served") != (one.minutes is not None)
        for one in rows
    )
    if wrong or not 1 <= len({one.person_id for one in rows}) == len(rows) <= ROWS_MAX:
        raise RollInvalid(most=ROWS_MAX)
    if not is_staff and any(one.attendance == "served" for one in rows):
        raise ServiceByStaff()


async def _signups(activity_id: int) -> dict[int, dict[str, Any]]:
    rows = await run(
        "SELECT id, person_id, attendance FROM signup "
        "WHERE activity_id = {} AND state <> 'withdrawn'",
        activity_id,
    )
    return {row["person_id"]: row for row in rows}


async def _note(one: AttendanceRow, signups: dict[int, dict[str, Any]], activity_id: int) -> None:
    """Keep the attendance on the sign-up; whoever came without one can still have served."""
    signup = signups.get(one.person_id)
    if signup is None:
        if one.attendance != "served":
            raise NotSignedUp(name=(await person_row(one.person_id))["name"])
        return
    if signup["attendance"] == "served":
        raise AlreadyServed(name=(await person_row(one.person_id))["name"])
    await run("UPDATE signup SET attendance = {} WHERE id = {}", one.attendance, signup["id"])


async def _enter_service(
    row: Row, served: Sequence[AttendanceRow], *, actor_id: int, reason: str, now: datetime
) -> None:
    if row["occasion_id"] is None:
        row["occasion_id"] = await create_occasion(
            actor_id=actor_id,
            area_id=row["area_id"],
            title=row["title"],
            category=row["category"],
            activity_class=row["activity_class"],
            place=row["place"],
            starts_at=row["starts_at"],
            ends_at=row["ends_at"],
            leader_id=await _leader(row, actor_id),
            now=now,
        )
        await run(
            "UPDATE activity SET occasion_id = {} WHERE id = {}", row["occasion_id"], row["id"]
        )
    await roll_call(
        actor_id=actor_id,
        occasion_id=row["occasion_id"],
        rows=[RollCallRow(person_id=one.person_id, minutes=one.minutes or 0) for one in served],
        reason=reason,
        now=now,
    )


async def _leader(row: Row, actor_id: int) -> int:
    """Who led it, as far as this book keeps her points: the talent, else who proposed it."""
    for person_id in (row["talent_id"], row["proposer_id"]):
        if person_id and await book_of_person(person_id) == row["book_id"]:
            return int(person_id)
    return actor_id
