"""The first answer by somebody who had no hand in it; and if asked for, three others."""

from datetime import UTC, datetime

from points.disputes.cases import (
    Dispute,
    able_to_decide,
    concerned,
    concerns,
    dispute,
    due,
    finish,
    freeze_for,
    is_party,
    tell,
    thaw_all,
    title_of,
)
from points.disputes.errors import AlreadyReviewed, NotOpen, NotYourDispute, PartyDecides
from points.disputes.rules import (
    ASK_WORKING_DAYS,
    REVIEW_WORKING_DAYS,
    Choice,
    checked_reason,
    outcome,
)
from points.rewards.authority import ADOPTERS, Place, place_of, require_role
from points.transactions import run, use_case


@use_case
async def answer(
    *, actor_id: int, dispute_id: int, choice: Choice, reason: str, now: datetime
) -> None:
    """Say first whether an objection is right.

    If not, what was frozen is free at once.  If so, it stays frozen until nobody can ask for the
    review any more.
    """
    why = checked_reason(reason)
    found = await dispute(dispute_id, lock=True)
    place = await _may_decide(found, actor_id, now)
    if found.state != "open":
        raise NotOpen
    until = due(now, place, ASK_WORKING_DAYS)
    await run(
        "UPDATE dispute SET state = 'answered', answer = {}, answered_by = {}, answered_at = {}, "
        "answer_reason = {}, review_until = {} WHERE id = {}",
        *(choice, actor_id, now.astimezone(UTC), why, until, found.id),
    )
    if choice == "reject":
        await thaw_all(found, step="reject", actor_id=actor_id, now=now)
    kind = "dispute_answered_yes" if choice == "uphold" else "dispute_answered_no"
    facts = {"title": await title_of(found), "reason": why, "until_at": until}
    await tell(found, await concerned(found, place), kind=kind, facts=facts, now=now)


@use_case
async def ask_review(*, actor_id: int, dispute_id: int, reason: str, now: datetime) -> None:
    """Take the first answer to three others; the disputed points are frozen meanwhile."""
    why = checked_reason(reason)
    found = await dispute(dispute_id, lock=True)
    place = await place_of(book_id=found.book_id, now=now)
    if not await concerns(found, actor_id, place):
        raise NotYourDispute
    if found.state != "answered" or (found.review_until and now > found.review_until):
        raise NotOpen
    until = due(now, place, REVIEW_WORKING_DAYS)
    await run(
        "UPDATE dispute SET state = 'review', review_asked_by = {}, review_reason = {}, "
        "review_by = {}, escalated_at = NULL WHERE id = {}",
        *(actor_id, why, until, found.id),
    )
    if found.answer == "reject":
        await freeze_for(found, step="freeze2", actor_id=actor_id, now=now)
    deciders = [person_id for person_id, _ in await able_to_decide(found, place)]
    facts = {"title": await title_of(found), "decide_at": until}
    await tell(found, deciders, kind="dispute_to_review", facts=facts, now=now)


@use_case
async def review(
    *, actor_id: int, dispute_id: int, choice: Choice, reason: str, now: datetime
) -> None:
    """Vote as one of three in the second review; the third vote decides."""
    why = checked_reason(reason)
    found = await dispute(dispute_id, lock=True)
    place = await _may_decide(found, actor_id, now)
    if found.state != "review":
        raise NotOpen
    votes = await run("SELECT member_id FROM dispute_vote WHERE dispute_id = {}", found.id)
    if actor_id in {int(vote["member_id"]) for vote in votes}:
        raise AlreadyReviewed
    await run(
        "INSERT INTO dispute_vote (dispute_id, member_id, choice, reason, voted_at) "
        "VALUES ({}, {}, {}, {}, {})",
        *(found.id, actor_id, choice, why, now.astimezone(UTC)),
    )
    said = await run("SELECT choice, reason FROM dispute_vote WHERE dispute_id = {}", found.id)
    decided = outcome([vote["choice"] for vote in said])
    if decided is not None:
        why = next(vote["reason"] for vote in said if vote["choice"] == decided)
        await finish(found, place, decided=decided, by=actor_id, reason=why, now=now)


async def _may_decide(found: Dispute, actor_id: int, now: datetime) -> Place:
    place = await place_of(book_id=found.book_id, now=now)
    await require_role(place, actor_id=actor_id, roles=ADOPTERS)
    if await is_party(found, actor_id):
        raise PartyDecides
    return place
