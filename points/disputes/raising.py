"""Objecting to a record, or appealing against what was decided on one's own."""

from datetime import UTC, date, datetime
from typing import Any

from points.community.grants import covers
from points.community.guardians import is_guardian
from points.community.roles import STAFF
from points.disputes.cases import (
    able_to_decide,
    concerns,
    dispute,
    due,
    freeze_for,
    tell,
    thaw_all,
)
from points.disputes.errors import (
    AlreadyDisputed,
    NothingToDispute,
    NotOpen,
    NotYourDispute,
    NotYoursToDispute,
    TooLateToDispute,
)
from points.disputes.rules import ANSWER_WORKING_DAYS, RAISE_WITHIN, Kind, checked_reason
from points.rewards.authority import place_of
from points.service.decidable import locked_record
from points.service.earnings import StoredRecord
from points.transactions import run, use_case


@use_case
async def raise_dispute(*, actor_id: int, record_id: int, reason: str, now: datetime) -> int:
    """Object to somebody's confirmed service, or appeal in one's own matter or a ward's.

    An objection freezes what is still there of the points; an appeal freezes nothing.
    """
    why = checked_reason(reason)
    record = await locked_record(record_id)
    place = await place_of(book_id=record.book_id, now=now)
    kind = await kind_for(record, actor_id=actor_id, today=place.today)
    await _check_open_to(record, kind, now)
    posting_id = await _award_of(record) if kind == "objection" else None
    [row] = await run(
        "INSERT INTO dispute (book_id, person_id, service_record_id, posting_id, kind, raised_by, "
        "reason, raised_at, answer_by) VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}) RETURNING id",
        *(record.book_id, record.person_id, record.id, posting_id, kind, actor_id, why),
        *(now.astimezone(UTC), due(now, place, ANSWER_WORKING_DAYS)),
    )
    found = await dispute(int(row["id"]))
    points = await freeze_for(found, step="freeze", actor_id=actor_id, now=now)
    if kind == "objection":
        facts: dict[str, Any] = {"title": record.title, "points": points}
        await tell(found, [found.person_id], kind="dispute_raised", facts=facts, now=now)
    deciders = [person_id for person_id, _ in await able_to_decide(found, place)]
    facts = {"title": record.title, "decide_at": found.answer_by}
    await tell(found, deciders, kind="dispute_to_answer", facts=facts, now=now)
    return found.id


@use_case
async def withdraw_dispute(*, actor_id: int, dispute_id: int, now: datetime) -> None:
    """Take an objection back before it is answered; what was frozen is free again."""
    found = await dispute(dispute_id, lock=True)
    place = await place_of(book_id=found.book_id, now=now)
    if actor_id != found.raised_by:
        if await concerns(found, actor_id, place):
            raise NotYourDispute
        raise NotYoursToDispute
    if found.state != "open":
        raise NotOpen
    await thaw_all(found, step="withdraw", actor_id=actor_id, now=now)
    await run(
        "UPDATE dispute SET state = 'withdrawn', closed_at = {} WHERE id = {}",
        *(now.astimezone(UTC), found.id),
    )


async def kind_for(record: StoredRecord, *, actor_id: int, today: date) -> Kind:
    """What somebody raises over a record; refuses whom it does not concern."""
    if actor_id == record.person_id or await is_guardian(
        person_id=actor_id, child_id=record.person_id, today=today
    ):
        return "appeal"
    was_there = await run(
        "SELECT id FROM service_record WHERE occasion_id = {} AND person_id = {} "
        "AND state IN ('logged', 'confirmed') LIMIT 1",
        *(record.occasion_id, actor_id),
    )
    if not was_there and not await covers(
        person_id=actor_id, roles=STAFF, area_id=record.area_id, today=today
    ):
        raise NotYoursToDispute
    return "objection"


async def _check_open_to(record: StoredRecord, kind: Kind, now: datetime) -> None:
    decided = ("confirmed",) if kind == "objection" else ("confirmed", "refused", "voided")
    if record.state not in decided:
        raise NothingToDispute
    [row] = await run("SELECT decided_at, voided_at FROM service_record WHERE id = {}", record.id)
    if now - (row["voided_at"] or row["decided_at"]) > RAISE_WITHIN:
        raise TooLateToDispute(days=RAISE_WITHIN.days)
    earlier = await run(
        "SELECT id FROM dispute WHERE service_record_id = {} AND (closed_at IS NULL "
        "OR kind = {} AND state <> 'withdrawn')",
        *(record.id, kind),
    )
    if earlier:
        raise AlreadyDisputed


async def _award_of(record: StoredRecord) -> int:
    [row] = await run("SELECT id FROM posting WHERE reference = {}", record.reference("1"))
    return int(row["id"])
