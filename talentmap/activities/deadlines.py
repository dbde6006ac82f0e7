"""What the clock brings about: lapses at the deadline, a reminder, the question for the roll."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from points.transactions import run, use_case
from talentmap.activities.crowd import lapse_if_due, locked, participants, tell

BATCH: Final = 200
REMIND_BEFORE: Final = timedelta(hours=24)
# A roll that nobody called within two weeks cannot be called any more, so nobody is asked for it.
ROLL_WITHIN: Final = timedelta(days=14)


async def close_due(now: datetime) -> int:
    """Lapse what gathered in vain; each activity in a transaction of its own."""
    rows = await run(
        "SELECT id FROM activity WHERE state = 'gathering' AND deadline_at <= {} "
        f"ORDER BY deadline_at, id LIMIT {BATCH}",
        now.astimezone(UTC),
    )
    return sum([await _lapse(activity_id=row["id"], now=now) for row in rows])


@use_case
async def _lapse(*, activity_id: int, now: datetime) -> bool:
    return await lapse_if_due(await locked(activity_id), now=now)


async def remind_due(now: datetime) -> int:
    """Remind who takes part tomorrow, and ask for the roll of what is over; each of them once."""
    moment = now.astimezone(UTC)
    ahead = await run(
        "SELECT id FROM activity WHERE state = 'confirmed' AND reminded_at IS NULL "
        f"AND starts_at > {{}} AND starts_at <= {{}} ORDER BY starts_at, id LIMIT {BATCH}",
        *(moment, moment + REMIND_BEFORE),
    )
    over = await run(
        "SELECT id FROM activity WHERE state = 'confirmed' AND roll_asked_at IS NULL "
        f"AND ends_at <= {{}} AND starts_at > {{}} ORDER BY starts_at, id LIMIT {BATCH}",
        *(moment, moment - ROLL_WITHIN),
    )
    reminded = [await _remind(activity_id=row["id"], now=now) for row in ahead]
    return sum(reminded + [await _ask_for_roll(activity_id=row["id"], now=now) for row in over])


@use_case
async def _remind(*, activity_id: int, now: datetime) -> bool:
    row = await locked(activity_id)
    if row["state"] != "confirmed" or row["reminded_at"] is not None:
        return False
    await run(
        "UPDATE activity SET reminded_at = {} WHERE id = {}", now.astimezone(UTC), activity_id
    )
    people = await participants(activity_id, states=("in",))
    facts: dict[str, object] = {name: row[name] for name in ("title", "starts_at", "place")}
    await tell(row, people, kind="activity_reminder", facts=facts, now=now, key="reminder")
    return True


@use_case
async def _ask_for_roll(*, activity_id: int, now: datetime) -> bool:
    row = await locked(activity_id)
    if row["state"] != "confirmed" or row["roll_asked_at"] is not None:
        return False
    await run(
        "UPDATE activity SET roll_asked_at = {} WHERE id = {}", now.astimezone(UTC), activity_id
    )
    people: set[Any] = {row["proposer_id"], row["talent_id"]} - {None}
    facts: dict[str, object] = {"title": row["title"]}
    await tell(row, people, kind="activity_roll_call", facts=facts, now=now, key="roll")
    return True
