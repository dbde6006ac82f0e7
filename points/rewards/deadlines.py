"""What happens to requests when time passes.  Each acts in a transaction of its own."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from points.rewards.authority import STEWARD, holders_in, place_of
from points.rewards.cases import case, give_back, tell
from points.rewards.voting import settle
from points.transactions import run, use_case

DUE_PER_STEP: Final = 200
REMIND_BEFORE: Final = timedelta(days=1)
OVERDUE: Final = "state = 'requested' AND escalated_at IS NULL AND decide_by < {}"
UNCOLLECTED: Final = "state = 'approved' AND collect_by < {}"
# Whoever was told once is not reminded again.
TO_REMIND: Final = (
    "state = 'approved' AND collect_by < {} AND NOT EXISTS (SELECT 1 FROM notice n "
    "WHERE n.person_id = redemption.person_id AND n.dedup_key = 'redemption:' || redemption.id "
    "|| ':redemption_collect_soon:' || redemption.person_id)"
)


async def escalate_due(now: datetime) -> int:
    """Tell the stewards of requests that nobody decided in time; returns how many."""
    return await _for_each(
        OVERDUE, now, lambda redemption_id: _escalate(redemption_id=redemption_id, now=now)
    )


async def return_uncollected(now: datetime) -> int:
    """Give back what nobody collected in time; returns how many."""
    return await _for_each(
        UNCOLLECTED, now, lambda redemption_id: _give_up(redemption_id=redemption_id, now=now)
    )


async def remind_collect(now: datetime) -> int:
    """Remind whoever has a day left to collect, once; returns how many requests."""
    return await _for_each(
        TO_REMIND,
        now + REMIND_BEFORE,
        lambda redemption_id: _remind(redemption_id=redemption_id, now=now),
    )


@use_case
async def _escalate(*, redemption_id: int, now: datetime) -> bool:
    found = await case(redemption_id, lock=True)
    if found.state != "requested" or found.escalated_at is not None or found.decide_by >= now:
        return False
    place = await place_of(book_id=found.book_id, now=now)
    # Members who left without voting may have made the outcome certain.
    if await settle(found, place=place, now=now):
        return True
    await run(
        "UPDATE redemption SET escalated_at = {} WHERE id = {}", now.astimezone(UTC), found.id
    )
    await tell(
        found,
        person_ids=[holder.person_id for holder in await holders_in(place, roles=STEWARD)],
        kind="redemption_overdue",
        facts={"decide_at": found.decide_by},
        now=now,
    )
    return True


@use_case
async def _give_up(*, redemption_id: int, now: datetime) -> bool:
    found = await case(redemption_id, lock=True)
    if found.state != "approved" or found.collect_by is None or found.collect_by >= now:
        return False
    await give_back(found, state="uncollected", reason="", grace=True, actor_id=None, now=now)
    await tell(
        found,
        person_ids=found.owners,
        kind="redemption_uncollected",
        facts={"points": found.price},
        now=now,
    )
    return True


@use_case
async def _remind(*, redemption_id: int, now: datetime) -> bool:
    found = await case(redemption_id, lock=True)
    if found.state != "approved" or found.collect_by is None or found.collect_by < now:
        return False
    await tell(
        found,
        person_ids=found.owners,
        kind="redemption_collect_soon",
        facts={"collect_at": found.collect_by},
        now=now,
    )
    return True


async def _for_each(condition: str, until: datetime, act: Callable[[int], Awaitable[bool]]) -> int:
    """Act on each request that is due, in the order in which they were made."""
    acted = after = 0
    while True:
        rows = await run(
            f"SELECT id FROM redemption WHERE {condition} AND id > {{}} ORDER BY id LIMIT {{}}",
            until.astimezone(UTC),
            after,
            DUE_PER_STEP,
        )
        for row in rows:
            after = int(row["id"])
            acted += await act(after)
        if len(rows) < DUE_PER_STEP:
            return acted
