"""The crowd of one activity, under its lock: who moves up, and what that makes of it.

Everything that changes a crowd locks the row of its activity first.  Whoever comes after the
deadline of one that gathered in vain finds it lapsed, and lapses it if the job was not there yet.
"""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from points.community.areas import day_in
from points.community.grants import covers
from points.community.rules import clean_text, row_number
from points.notices.post import notify
from points.service.authority import ROLL_CALL_ROLES
from points.transactions import is_postgres, run
from talentmap.activities.errors import (
    ActivityClosed,
    ActivityMissing,
    CancelReasonMissing,
    NotYourActivity,
)
from talentmap.activities.refunds import refund
from talentmap.activities.rules import (
    OPEN,
    REASON_CHARS_MAX,
    Party,
    State,
    has_lapsed,
    seated,
    state_after,
)

Row = dict[str, Any]


async def locked(activity_id: int) -> Row:
    """The stored activity, locked until the transaction ends."""
    lock = " FOR NO KEY UPDATE" if is_postgres() else ""
    rows = await run(f"SELECT * FROM activity WHERE id = {{}}{lock}", row_number(activity_id))
    if not rows:
        raise ActivityMissing()
    return rows[0]


def require_open(row: Row) -> None:
    """Refuse what came to an end."""
    if row["state"] not in OPEN:
        raise ActivityClosed(state=row["state"])


async def require_charge(row: Row, *, actor_id: int, now: datetime) -> None:
    """Refuse whoever neither proposed it nor is an organizer or steward of the area."""
    today = await day_in(row["area_id"], now)
    if actor_id != row["proposer_id"] and not await covers(
        person_id=actor_id, roles=ROLL_CALL_ROLES, area_id=row["area_id"], today=today
    ):
        raise NotYourActivity()


def checked_reason(reason: str) -> str:
    """The reason in one line; refuses none."""
    why = clean_text(reason)
    if not 0 < len(why) <= REASON_CHARS_MAX:
        raise CancelReasonMissing(field="reason", most=REASON_CHARS_MAX)
    return why


async def settle(row: Row, *, now: datetime, new_id: int | None = None) -> State:
    """Move up who fits, count anew, confirm or reopen, and tell everybody concerned.

    ``new_id`` is the sign-up that causes it: whoever gets a seat at once did not move up.
    """
    moved = await _move_up(row, now=now, new_id=new_id)
    seats = await _seats(row["id"])
    state = state_after(
        row["state"],
        seats=seats,
        minimum=row["minimum"],
        before_deadline=now < row["deadline_at"],
    )
    newly = state == "confirmed" and row["state"] != "confirmed"
    times = row["confirmed_times"] + int(newly)
    await run(
        "UPDATE activity SET state = {}, seats_taken = {}, confirmed_times = {}, "
        "confirmed_at = {}, queue_last = {} WHERE id = {}",
        *(state, seats, times),
        _confirmed_at(row, state, now),
        *(row["queue_last"], row["id"]),
    )
    before = row["state"]
    row |= {"state": state, "seats_taken": seats, "confirmed_times": times}
    await _tell_moved(row, moved, new_id, now)
    if state == before == "confirmed" and new_id in moved:
        await _tell_confirmed(row, await _people_of([new_id]), now)
    if state != before:
        await _tell_change(row, now)
    return state


def _confirmed_at(row: Row, state: State, now: datetime) -> datetime | None:
    if state != "confirmed":
        return None
    kept: datetime | None = row["confirmed_at"] if row["state"] == "confirmed" else None
    return kept or now.astimezone(UTC)


async def _move_up(row: Row, *, now: datetime, new_id: int | None) -> tuple[int, ...]:
    """Give free seats to those who wait, in order, until it starts."""
    if now >= row["starts_at"]:
        return ()
    rows = await run(
        "SELECT id, party_size FROM signup WHERE activity_id = {} AND state = 'waiting' "
        "ORDER BY queue_no",
        row["id"],
    )
    moved = seated(
        [Party(signup_id=one["id"], people=one["party_size"]) for one in rows],
        taken=await _seats(row["id"]),
        minimum=row["minimum"],
        capacity=row["capacity"],
    )
    for signup_id in moved:
        await run(
            "UPDATE signup SET state = 'in', moved_up_at = {} WHERE id = {}",
            None if signup_id == new_id else now.astimezone(UTC),
            signup_id,
        )
    return moved


async def _seats(activity_id: int) -> int:
    [row] = await run(
        "SELECT COALESCE(SUM(party_size), 0) AS seats FROM signup "
        "WHERE activity_id = {} AND state = 'in'",
        activity_id,
    )
    return int(row["seats"])


async def lapse_if_due(row: Row, *, now: datetime) -> bool:
    """Whether the activity has lapsed just now because nobody had looked since its deadline."""
    if not has_lapsed(row["state"], deadline_at=row["deadline_at"], now=now):
        return False
    await close(row, "lapsed", reason="", actor_id=None, now=now)
    facts = {"title": row["title"], "seats": row["seats_taken"], "minimum": row["minimum"]}
    await tell(
        row, await everybody(row), kind="activity_lapsed", facts=facts, now=now, key="lapsed"
    )
    return True


async def close(
    row: Row, state: State, *, reason: str, actor_id: int | None, now: datetime
) -> None:
    """End a locked activity; what was pledged and not paid goes back."""
    await refund(row, reason=f"{row['title'][:200]}: {state}", actor_id=actor_id, now=now)
    await run(
        "UPDATE activity SET state = {}, closed_at = {}, closed_by = {}, close_reason = {} "
        "WHERE id = {}",
        *(state, now.astimezone(UTC), actor_id, reason, row["id"]),
    )
    row["state"] = state


# --- telling


async def tell(
    row: Row,
    person_ids: Collection[int],
    *,
    kind: str,
    facts: dict[str, object],
    now: datetime,
    key: str,
) -> None:
    """Tell these people of something that happens to an activity once under ``key``."""
    await notify(
        person_ids=person_ids,
        kind=kind,
        facts=facts,
        path=f"/activities/{row['id']}",
        now=now,
        dedup=f"activity:{row['id']}:{key}",
    )


async def everybody(row: Row) -> set[int]:
    """Whom the activity concerns: all who are in or wait, its proposer and who leads it."""
    return await participants(row["id"], states=("in", "waiting")) | {
        person_id for person_id in (row["proposer_id"], row["talent_id"]) if person_id
    }


async def participants(activity_id: int, *, states: tuple[str, ...]) -> set[int]:
    """Who signed up, and the guardians of children."""
    marks = ", ".join(["{}"] * len(states))
    rows = await run(
        "SELECT person_id, guardian_id FROM signup "
        f"WHERE activity_id = {{}} AND state IN ({marks})",
        activity_id,
        *states,
    )
    return _told(rows)


async def _people_of(signup_ids: Collection[int | None]) -> set[int]:
    wanted = [signup_id for signup_id in signup_ids if signup_id is not None]
    if not wanted:
        return set()
    marks = ", ".join(["{}"] * len(wanted))
    return _told(
        await run(f"SELECT person_id, guardian_id FROM signup WHERE id IN ({marks})", *wanted)
    )


def _told(rows: list[Row]) -> set[int]:
    people = {row["person_id"] for row in rows} | {row["guardian_id"] for row in rows}
    return people - {None}


async def _tell_moved(row: Row, moved: tuple[int, ...], new_id: int | None, now: datetime) -> None:
    for signup_id in moved:
        if signup_id != new_id:
            people = await _people_of([signup_id])
            facts: dict[str, object] = {"title": row["title"]}
            key = f"moved:{signup_id}"
            await tell(row, people, kind="activity_moved_up", facts=facts, now=now, key=key)


async def _tell_change(row: Row, now: datetime) -> None:
    if row["state"] == "confirmed":
        people = await participants(row["id"], states=("in",))
        await _tell_confirmed(row, people | {row["proposer_id"]}, now)
        return
    facts = {"title": row["title"], "missing": row["minimum"] - row["seats_taken"]}
    key = f"reopened:{row['confirmed_times']}"
    await tell(row, await everybody(row), kind="activity_reopened", facts=facts, now=now, key=key)


async def _tell_confirmed(row: Row, people: set[int], now: datetime) -> None:
    facts = {"title": row["title"], "seats": row["seats_taken"]}
    key = f"confirmed:{row['confirmed_times']}"
    await tell(row, people, kind="activity_confirmed", facts=facts, now=now, key=key)
