"""Somebody else decides: confirm, refuse, and take a confirmation back.

A record is locked first, then the accounts of its person.  Everything that can be refused is
refused before anything is written.  A decision that is asked for again gives the first answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from points.community.areas import day_in
from points.community.guardians import guardians_then
from points.community.rules import clean_text, row_number
from points.errors import DomainError, Forbidden
from points.service.authority import households_of, roles_over
from points.service.categories import category_of
from points.service.earnings import StoredRecord, post_award, post_void, posted_award
from points.service.errors import (
    CategoryUnknown,
    HouseholdRecord,
    LoggedByYou,
    NotConfirmed,
    NotCovering,
    OccasionByYou,
    OwnRecord,
    ReasonNeeded,
    RecordMissing,
    RecordNotWaiting,
    StewardOnly,
    TooManyRecords,
    VoidBySteward,
    WardRecord,
)
from points.service.policy import policies_of
from points.service.record_views import RecordView, waiting
from points.service.rules import INVOLVED, Obstacle, Terms, Worth, leads, may_confirm, worth
from points.transactions import is_postgres, run, use_case

__all__ = [
    "ConfirmReport",
    "Confirmed",
    "NotDone",
    "RecordView",
    "confirm",
    "confirm_record",
    "refuse",
    "void_record",
    "waiting",
]

RECORDS_MAX = 200
REASON_CHARS_MAX = 300
ERRORS: dict[Obstacle, type[Forbidden]] = {
    "not_covering": NotCovering,
    "own": OwnRecord,
    "household": HouseholdRecord,
    "guardian": WardRecord,
    "logged_by_you": LoggedByYou,
    "created_by_you": OccasionByYou,
    "steward_only": StewardOnly,
}


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

    Not to be wrapped in an outer use case: every record is its own transaction, and repeating the
    whole call is safe because every award carries the reference of its record.
    """
    wanted = list(dict.fromkeys(record_ids))
    if not 1 <= len(wanted) <= RECORDS_MAX:
        raise TooManyRecords(most=RECORDS_MAX)
    confirmed: list[Confirmed] = []
    refused: list[NotDone] = []
    for record_id in wanted:
        try:
            confirmed.append(await confirm_record(actor_id=actor_id, record_id=record_id, now=now))
        except DomainError as error:
            refused.append(NotDone(record_id=record_id, error=error))
    return ConfirmReport(confirmed=tuple(confirmed), refused=tuple(refused))


@use_case
async def confirm_record(*, actor_id: int, record_id: int, now: datetime) -> Confirmed:
    """Confirm one record: its minutes and the points they earn are posted at once."""
    record = await _decidable(actor_id=actor_id, record_id=record_id, now=now)
    if record.state == "confirmed":
        posted = await posted_award(record)
        return _confirmed(record, posted.posting_id, posted.points, replayed=True)
    if record.state != "logged":
        raise RecordNotWaiting(state=record.state)
    policies = await policies_of(record.book_id)
    policy = policies.at(record.service_date)
    value = worth_of(record, policy.terms)
    await run(
        "UPDATE service_record SET state = 'confirmed', policy_version_id = {}, exact = {}, "
        "decided_by = {}, decided_at = {} WHERE id = {}",
        policy.id,
        value.exact,
        actor_id,
        now.astimezone(UTC),
        record.id,
    )
    posted = await post_award(record, value=value, policies=policies, actor_id=actor_id, now=now)
    return _confirmed(record, posted.posting_id, posted.points, replayed=False)


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
    obstacle, roles = await _obstacle(record, actor_id, now)
    if "steward" not in roles:
        raise VoidBySteward()
    if obstacle in INVOLVED:
        raise ERRORS[obstacle]()
    if record.state == "voided":
        return 0
    if record.state != "confirmed":
        raise NotConfirmed(state=record.state)
    await run(
        "UPDATE service_record SET state = 'voided', voided_by = {}, voided_at = {}, "
        "void_reason = {} WHERE id = {}",
        actor_id,
        now.astimezone(UTC),
        why,
        record.id,
    )
    return await post_void(record, reason=why, actor_id=actor_id, now=now)


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


async def locked_record(record_id: int) -> StoredRecord:
    """The record, locked until the transaction ends."""
    lock = " FOR UPDATE OF r" if is_postgres() else ""
    rows = await run(
        "SELECT r.id, r.person_id, p.name AS person_name, p.household_id, r.book_id, "
        "r.occasion_id, o.area_id, o.title, o.category, o.leader_id, o.created_by, r.started_at, "
        "r.service_date, r.minutes, r.source, r.backfilled, r.needs_steward, r.logged_by, "
        "r.state, r.exact, r.policy_version_id FROM service_record r "
        "JOIN occasion o ON o.id = r.occasion_id "
        f"JOIN person p ON p.id = r.person_id WHERE r.id = {{}}{lock}",
        row_number(record_id),
    )
    if not rows:
        raise RecordMissing()
    row: dict[str, Any] = rows[0]
    found = await guardians_then([(row["person_id"], row["service_date"])])
    return StoredRecord(**row, guardians=found[row["person_id"], row["service_date"]])


async def _decidable(*, actor_id: int, record_id: int, now: datetime) -> StoredRecord:
    record = await locked_record(record_id)
    obstacle, _ = await _obstacle(record, actor_id, now)
    if obstacle is not None:
        raise ERRORS[obstacle]()
    return record


async def _obstacle(
    record: StoredRecord, actor_id: int, now: datetime
) -> tuple[Obstacle | None, frozenset[str]]:
    today = await day_in(record.area_id, now)
    roles = await roles_over(person_id=actor_id, area_id=record.area_id, today=today)
    households = await households_of([actor_id])
    obstacle = may_confirm(
        record.case, actor_id=actor_id, household_id=households.get(actor_id), roles=roles
    )
    return obstacle, roles


def _checked_reason(reason: str) -> str:
    why = clean_text(reason)
    if not 0 < len(why) <= REASON_CHARS_MAX:
        raise ReasonNeeded(field="reason", most=REASON_CHARS_MAX)
    return why


def _confirmed(record: StoredRecord, posting_id: int, points: int, *, replayed: bool) -> Confirmed:
    return Confirmed(
        record_id=record.id,
        person_id=record.person_id,
        person_name=record.person_name,
        minutes=record.minutes,
        points=points,
        posting_id=posting_id,
        replayed=replayed,
    )
