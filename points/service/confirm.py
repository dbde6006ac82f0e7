"""Somebody else decides: confirm, refuse, and take a confirmation back.

A record is locked first, then the accounts of its person.  Everything that can be refused is
refused before anything is written.  A decision that is asked for again gives the first answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from points.community.rules import clean_text, row_number
from points.errors import DomainError
from points.service.categories import category_of
from points.service.decidable import ERRORS, Decider, locked_record, locked_records
from points.service.earnings import (
    Judged,
    Posted,
    StoredRecord,
    post_awards,
    post_void,
    posted_award,
)
from points.service.errors import (
    CategoryUnknown,
    NotConfirmed,
    ReasonNeeded,
    RecordMissing,
    RecordNotWaiting,
    TooManyRecords,
    VoidBySteward,
)
from points.service.policy import Policies, policies_of
from points.service.record_views import RecordView, waiting
from points.service.rules import INVOLVED, Terms, Worth, leads, worth
from points.transactions import rows_of, run, use_case, whole

__all__ = [
    "ERRORS",
    "ConfirmReport",
    "Confirmed",
    "NotDone",
    "RecordView",
    "confirm",
    "confirm_record",
    "refuse",
    "void_decided",
    "void_record",
    "waiting",
]

RECORDS_MAX = 500
REASON_CHARS_MAX = 300


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What a confirmed record became; ``replayed`` if it had been confirmed before."""

    record_id: int
    person_id: int
    person_name: str
    minutes: int
    points: int
    posting_id: int
    replayed: bool


@dataclass(frozen=True, slots=True)
class NotDone:
    """A record that was not confirmed, and why."""

    record_id: int
    error: DomainError


@dataclass(frozen=True, slots=True)
class ConfirmReport:
    """What became of each record that was to be confirmed."""

    confirmed: tuple[Confirmed, ...]
    refused: tuple[NotDone, ...]


async def confirm(*, actor_id: int, record_ids: Sequence[int], now: datetime) -> ConfirmReport:
    """Confirm many, each for itself: one that is refused does not hold up the rest.

    Not to be wrapped in an outer use case.  They are confirmed as a set; should that fail, each
    is its own transaction.  Repeating the call is safe: every award carries its record's reference.
    """
    wanted = list(dict.fromkeys(record_ids))
    if not 1 <= len(wanted) <= RECORDS_MAX:
        raise TooManyRecords(most=RECORDS_MAX)
    try:
        done = await _confirm_set(actor_id=actor_id, record_ids=wanted, now=now)
    except Exception:
        done = [await _confirm_alone(actor_id, record_id, now) for record_id in wanted]
    return ConfirmReport(
        confirmed=tuple(one for one in done if isinstance(one, Confirmed)),
        refused=tuple(one for one in done if isinstance(one, NotDone)),
    )


async def _confirm_alone(actor_id: int, record_id: int, now: datetime) -> Confirmed | NotDone:
    try:
        return await confirm_record(actor_id=actor_id, record_id=record_id, now=now)
    except DomainError as error:
        return NotDone(record_id=record_id, error=error)


@use_case
@whole
async def confirm_record(*, actor_id: int, record_id: int, now: datetime) -> Confirmed:
    """Confirm one record: its minutes and the points they earn are posted at once."""
    [done] = await _confirm_set(actor_id=actor_id, record_ids=[record_id], now=now)
    if isinstance(done, NotDone):
        raise done.error
    return done


@use_case
@whole
async def _confirm_set(
    *, actor_id: int, record_ids: Sequence[int], now: datetime
) -> list[Confirmed | NotDone]:
    """Look at each, write those that can be confirmed together, one set for each book."""
    found = await locked_records([row_number(record_id) for record_id in record_ids])
    decider, policies = Decider(actor_id, now), dict[int, Policies]()
    done: dict[int, Confirmed | NotDone] = {}
    judged: dict[int, list[Judged]] = {}
    for record_id in record_ids:
        record = found.get(record_id)
        error = await _refusal(record, decider)
        if record is None or error is not None:
            done[record_id] = NotDone(record_id, error or RecordMissing())
        elif record.state == "confirmed":
            done[record_id] = _confirmed(record, await posted_award(record), replayed=True)
        else:
            if record.book_id not in policies:
                policies[record.book_id] = await policies_of(record.book_id)
            ruling = policies[record.book_id]
            value = worth_of(record, ruling.at(record.service_date).terms)
            judged.setdefault(record.book_id, []).append(Judged(record, value, ruling))
    for some in judged.values():
        await _write_decisions(some, actor_id=actor_id, now=now)
        posted = await post_awards(some, actor_id=actor_id, now=now)
        for one, award in zip(some, posted, strict=True):
            done[one.record.id] = _confirmed(one.record, award, replayed=False)
    return [done[record_id] for record_id in record_ids]


async def _refusal(record: StoredRecord | None, decider: Decider) -> DomainError | None:
    if record is None:
        return RecordMissing()
    obstacle = await decider.obstacle(record)
    if obstacle is not None:
        return ERRORS[obstacle]()
    if record.state not in ("logged", "confirmed"):
        return RecordNotWaiting(state=record.state)
    return None


async def _write_decisions(judged: Sequence[Judged], *, actor_id: int, now: datetime) -> None:
    decided, values = rows_of(
        ("BIGINT", "BIGINT", "BIGINT"),
        [(one.record.id, one.policies.at(one.day).id, one.value.exact) for one in judged],
    )
    await run(
        f"WITH decided (id, policy, exact) AS ({decided}) "
        "UPDATE service_record SET state = 'confirmed', policy_version_id = decided.policy, "
        "exact = decided.exact, decided_by = {}, decided_at = {} "
        "FROM decided WHERE service_record.id = decided.id",
        *values,
        actor_id,
        now.astimezone(UTC),
    )


@use_case
async def refuse(*, actor_id: int, record_id: int, reason: str, now: datetime) -> None:
    """Say that a record is not right, and why; whoever could confirm it can refuse it."""
    why = _checked_reason(reason)
    record = await _decidable(actor_id=actor_id, record_id=record_id, now=now)
    if record.state == "refused":
        return
    if record.state != "logged":
        raise RecordNotWaiting(state=record.state)
    await run(
        "UPDATE service_record SET state = 'refused', decision_reason = {}, decided_by = {}, "
        "decided_at = {} WHERE id = {}",
        why,
        actor_id,
        now.astimezone(UTC),
        record.id,
    )


@use_case
async def void_record(*, actor_id: int, record_id: int, reason: str, now: datetime) -> int:
    """Take a confirmation back as a steward, with its minutes and points.

    Returns the points given (> 0) or taken (< 0) on top, because other records now count
    differently under the caps; 0 when it had been voided before.
    """
    why = _checked_reason(reason)
    record = await locked_record(record_id)
    decider = Decider(actor_id, now)
    if "steward" not in await decider.roles(record.area_id):
        raise VoidBySteward()
    obstacle = await decider.obstacle(record)
    if obstacle in INVOLVED:
        raise ERRORS[obstacle]()
    if record.state == "voided":
        return 0
    if record.state != "confirmed":
        raise NotConfirmed(state=record.state)
    return await _void(record, reason=why, actor_id=actor_id, now=now)


@use_case
async def void_decided(*, record_id: int, reason: str, actor_id: int, now: datetime) -> None:
    """Take a confirmation back because an objection was upheld; the right was asked for there."""
    record = await locked_record(record_id)
    if record.state == "confirmed":
        await _void(record, reason=reason, actor_id=actor_id, now=now)


async def _void(record: StoredRecord, *, reason: str, actor_id: int, now: datetime) -> int:
    await run(
        "UPDATE service_record SET state = 'voided', voided_by = {}, voided_at = {}, "
        "void_reason = {} WHERE id = {}",
        actor_id,
        now.astimezone(UTC),
        reason,
        record.id,
    )
    return await post_void(record, reason=reason, actor_id=actor_id, now=now)


def worth_of(record: StoredRecord, terms: Terms) -> Worth:
    """What the record is worth by ``terms``, before any cap."""
    category = category_of(record.category)
    if category is None:
        raise CategoryUnknown()
    return worth(
        minutes=record.minutes,
        terms=terms,
        tier=category.tier,
        category=category.code,
        leads=leads(person_id=record.person_id, leader_id=record.leader_id, source=record.source),
        backfilled=record.backfilled,
    )


async def _decidable(*, actor_id: int, record_id: int, now: datetime) -> StoredRecord:
    record = await locked_record(record_id)
    obstacle = await Decider(actor_id, now).obstacle(record)
    if obstacle is not None:
        raise ERRORS[obstacle]()
    return record


def _checked_reason(reason: str) -> str:
    why = clean_text(reason)
    if not 0 < len(why) <= REASON_CHARS_MAX:
        raise ReasonNeeded(field="reason", most=REASON_CHARS_MAX)
    return why


def _confirmed(record: StoredRecord, posted: Posted, *, replayed: bool) -> Confirmed:
    return Confirmed(
        record_id=record.id,
        person_id=record.person_id,
        person_name=record.person_name,
        minutes=record.minutes,
        points=posted.points,
        posting_id=posted.posting_id,
        replayed=replayed,
    )
