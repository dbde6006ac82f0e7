"""Signing up and withdrawing: for oneself, for one's child, or in somebody's name.

Who takes part is a neighbour of the subdistrict, because joy does not end where a committee does;
points are another matter, and stay with the book.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from points.community.areas import time_zone_of
from points.community.guardians import is_guardian
from points.community.reads import log_proxy
from points.community.rules import day_of, is_minor
from points.notices.post import notify
from points.transactions import run, use_case
from talentmap.activities.crowd import Row, lapse_if_due, locked, require_open, settle
from talentmap.activities.errors import (
    AlreadySignedUp,
    BegunAlready,
    GuardianSignsUp,
    NotForMinors,
    NotSignedUp,
    PartyInvalid,
    SignedUpTooOften,
    SignupGuardianNeeded,
    SignupOver,
)
from talentmap.activities.people import (
    Acting,
    acting_for,
    open_person,
    person_row,
    refuse_stranger,
)
from talentmap.activities.refunds import refund
from talentmap.activities.rules import PARTY_MOST, SIGNUPS_MOST


@dataclass(frozen=True, slots=True)
class SignupResult:
    """Where one stands: in, waiting at a position from 1, or before an activity that lapsed."""

    state: Literal["in", "waiting", "lapsed"]
    position: int | None


@use_case
async def sign_up(
    *,
    actor_id: int,
    activity_id: int,
    person_id: int,
    party_size: int,
    now: datetime,
    guardian_id: int | None = None,
    reason: str = "",
) -> SignupResult:
    """Sign a party up; at the one that makes the crowd, the activity is confirmed.

    Whoever comes after the deadline of one that gathered in vain lapses it and is told so by the
    result, not by an error, so that the lapse is kept.  ``reason`` is asked of staff that signs
    up somebody else.
    """
    row = await locked(activity_id)
    if await lapse_if_due(row, now=now):
        return SignupResult(state="lapsed", position=None)
    require_open(row)
    if now >= row["deadline_at"]:
        raise SignupOver(deadline_at=row["deadline_at"])
    if not 1 <= party_size <= min(PARTY_MOST, row["capacity"]):
        raise PartyInvalid(field="party_size", most=min(PARTY_MOST, row["capacity"]))
    person = await open_person(person_id)
    acting = await acting_for(person, actor_id=actor_id, now=now)
    await refuse_stranger(row, person)
    guardian = await _guardian(row, person, actor_id, guardian_id, acting, now)
    await _refuse_twice(row, person)
    if acting == "proxy":
        await _note_proxy(row, person, actor_id, "sign_up", reason, now)
    signup_id = await _insert(row, person_id, party_size, guardian, actor_id, now)
    await settle(row, now=now, new_id=signup_id)
    return await _result(row["id"], signup_id)


@use_case
async def withdraw(
    *, actor_id: int, activity_id: int, person_id: int, now: datetime, reason: str = ""
) -> None:
    """Give the seats or the place in the line back, with one's pledge; twice changes nothing.

    Those who wait move up at once.
    """
    row = await locked(activity_id)
    if await lapse_if_due(row, now=now):
        return
    person = await person_row(person_id)
    acting = await acting_for(person, actor_id=actor_id, now=now)
    signups = await _signups_of(row, person)
    if not signups:
        raise NotSignedUp(name=person["name"])
    if signups[-1]["state"] == "withdrawn":
        return
    require_open(row)
    if now >= row["starts_at"]:
        raise BegunAlready()
    if acting == "proxy":
        await _note_proxy(row, person, actor_id, "withdraw", reason, now)
    await run(
        "UPDATE signup SET state = 'withdrawn', withdrawn_at = {}, withdrawn_by = {} WHERE id = {}",
        *(now.astimezone(UTC), actor_id, signups[-1]["id"]),
    )
    await refund(
        row, person_id=person_id, reason=f"{row['title']}: withdrawn", actor_id=actor_id, now=now
    )
    await settle(row, now=now)


async def _guardian(
    row: Row,
    person: dict[str, Any],
    actor_id: int,
    guardian_id: int | None,
    acting: Acting,
    now: datetime,
) -> int | None:
    """The guardian who answers for a minor; None for whoever is of age today."""
    where = await time_zone_of(row["area_id"])
    if row["risky"] and is_minor(person["birth_date"], day_of(row["starts_at"], where)):
        raise NotForMinors()
    today = day_of(now, where)
    if not is_minor(person["birth_date"], today):
        return None
    if acting == "self":
        raise GuardianSignsUp()
    named = actor_id if acting == "guardian" else guardian_id
    if named is None or not await is_guardian(person_id=named, child_id=person["id"], today=today):
        raise SignupGuardianNeeded(field="guardian_id")
    return named


async def _signups_of(row: Row, person: dict[str, Any]) -> list[dict[str, Any]]:
    return await run(
        "SELECT id, state FROM signup WHERE activity_id = {} AND person_id = {} ORDER BY id",
        *(row["id"], person["id"]),
    )


async def _refuse_twice(row: Row, person: dict[str, Any]) -> None:
    signups = await _signups_of(row, person)
    if signups and signups[-1]["state"] != "withdrawn":
        raise AlreadySignedUp(name=person["name"])
    if len(signups) >= SIGNUPS_MOST:
        raise SignedUpTooOften(most=SIGNUPS_MOST)


async def _note_proxy(
    row: Row, person: dict[str, Any], actor_id: int, action: str, reason: str, now: datetime
) -> None:
    """Log who acts in whose name and why, and tell the person."""
    await log_proxy(
        actor_id=actor_id, person_id=person["id"], action=action, reason=reason, now=now
    )
    [actor] = await run("SELECT name FROM person WHERE id = {}", actor_id)
    done = "signed_up" if action == "sign_up" else "withdrawn"
    await notify(
        person_ids=[person["id"]],
        kind=f"activity_{done}_for_you",
        facts={"name": actor["name"], "title": row["title"]},
        path=f"/activities/{row['id']}",
        now=now,
    )


async def _insert(
    row: Row, person_id: int, party_size: int, guardian: int | None, actor_id: int, now: datetime
) -> int:
    row["queue_last"] += 1
    [signup] = await run(
        "INSERT INTO signup (activity_id, person_id, party_size, guardian_id, signed_by, state, "
        "queue_no, signed_up_at) VALUES ({}, {}, {}, {}, {}, 'waiting', {}, {}) RETURNING id",
        *(row["id"], person_id, party_size, guardian, actor_id),
        *(row["queue_last"], now.astimezone(UTC)),
    )
    return int(signup["id"])


async def _result(activity_id: int, signup_id: int) -> SignupResult:
    [mine] = await run("SELECT state, queue_no FROM signup WHERE id = {}", signup_id)
    if mine["state"] == "in":
        return SignupResult(state="in", position=None)
    [ahead] = await run(
        "SELECT COUNT(*) AS waiting FROM signup "
        "WHERE activity_id = {} AND state = 'waiting' AND queue_no <= {}",
        *(activity_id, mine["queue_no"]),
    )
    return SignupResult(state="waiting", position=int(ahead["waiting"]))
