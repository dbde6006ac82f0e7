"""What happens to objections when time passes.  Each acts in a transaction of its own."""

from datetime import UTC, datetime

from points.disputes.cases import dispute, finish, tell, title_of
from points.rewards.authority import STEWARD, holders_in, place_of
from points.transactions import run, use_case

DUE_PER_STEP = 200


async def settle_due(now: datetime) -> int:
    """First answers that nobody took to the review stand now; returns how many."""
    rows = await run(
        "SELECT id FROM dispute WHERE state = 'answered' AND review_until < {} "
        "ORDER BY id LIMIT {}",
        *(now.astimezone(UTC), DUE_PER_STEP),
    )
    return sum([await _settle(dispute_id=int(row["id"]), now=now) for row in rows])


async def escalate_due(now: datetime) -> int:
    """Tell the stewards of objections that nobody decided in time; returns how many."""
    rows = await run(
        "SELECT id FROM dispute WHERE escalated_at IS NULL AND closed_at IS NULL "
        "AND (state = 'open' AND answer_by < {} OR state = 'review' AND review_by < {}) "
        "ORDER BY id LIMIT {}",
        *(now.astimezone(UTC), now.astimezone(UTC), DUE_PER_STEP),
    )
    return sum([await _escalate(dispute_id=int(row["id"]), now=now) for row in rows])


@use_case
async def _settle(*, dispute_id: int, now: datetime) -> bool:
    found = await dispute(dispute_id, lock=True)
    if found.state != "answered" or found.review_until is None or found.review_until >= now:
        return False
    assert found.answer is not None, "an answered objection has its answer"
    assert found.answered_by is not None, "and somebody gave it"
    place = await place_of(book_id=found.book_id, now=now)
    await finish(
        found, place, decided=found.answer, by=found.answered_by, reason=found.answer_reason,
        now=now,
    )  # fmt: skip
    return True


@use_case
async def _escalate(*, dispute_id: int, now: datetime) -> bool:
    found = await dispute(dispute_id, lock=True)
    until = found.answer_by if found.state == "open" else found.review_by
    overdue = found.state in ("open", "review") and until is not None and until < now
    if not overdue or found.escalated_at is not None:
        return False
    await run("UPDATE dispute SET escalated_at = {} WHERE id = {}", now.astimezone(UTC), found.id)
    place = await place_of(book_id=found.book_id, now=now)
    stewards = [one.person_id for one in await holders_in(place, roles=STEWARD)]
    facts = {"title": await title_of(found), "decide_at": until}
    await tell(
        found, stewards, kind="dispute_overdue", facts=facts, now=now, step=f":{found.state}"
    )
    return True
