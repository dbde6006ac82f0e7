"""Writing service down: by the volunteer, by a roll-call, by an import; and taking it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from points.community.areas import day_in, time_zone_of
from points.community.consents import has_consented
from points.community.grants import require
from points.community.guardians import is_guardian
from points.community.reads import log_proxy
from points.community.rules import clean_text, is_minor, row_number
from points.errors import DomainError
from points.service.authority import ROLL_CALL_ROLES
from points.service.callers import lives_in, stairwells_called
from points.service.errors import (
    AlreadyLogged,
    GuardianMustAgree,
    ImportDiffers,
    NotYourStairwell,
    NotYoursToLog,
    OutsideOccasion,
    PersonElsewhere,
    PersonNotHere,
    ReasonNeeded,
    RecordMissing,
    RecordNotWaiting,
    RollCallEmpty,
    RollCallRefused,
    RollCallTwice,
    WithdrawForbidden,
)
from points.service.intake_rules import (
    REASON_CHARS_MAX,
    SETTING_UP_MINUTES,
    Claim,
    Intake,
    Served,
    Source,
    day_objection,
    kept_as,
    late_objection,
    minutes_objection,
    span_objection,
)
from points.service.occasions import book_of_person, open_occasion
from points.service.policy import Policies, policies_of
from points.service.rules import first_day
from points.transactions import is_postgres, run, use_case

ROWS_MAX = 200
ANY_YEARS = (1900, 2200)


@dataclass(frozen=True, slots=True)
class RollCallRow:
    """Somebody who came; without a start it is the occasion's."""

    person_id: int
    minutes: int
    started_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row (from 0) of a roll-call that needs a correction, and why."""

    row: int
    person_id: int
    error: DomainError


@dataclass(frozen=True, slots=True)
class Imported:
    """The record of an imported row; not ``created`` if it was there already."""

    record_id: int
    created: bool


@dataclass(frozen=True, slots=True)
class _Desk:
    """What all rows written on one occasion share."""

    occasion: dict[str, Any]
    policies: Policies
    zone: ZoneInfo
    logged_by: int
    source: Source
    now: datetime


@use_case
async def log_service(
    *,
    actor_id: int,
    occasion_id: int,
    started_at: datetime,
    minutes: int,
    note: str,
    now: datetime,
    person_id: int | None = None,
) -> int:
    """Log one's own service, or that of a child one is the guardian of."""
    served_by = actor_id if person_id is None else person_id
    desk = await _desk(occasion_id, logged_by=actor_id, source="self", now=now)
    if served_by != actor_id:
        today = await day_in(desk.occasion["area_id"], now)
        if not await is_guardian(person_id=actor_id, child_id=served_by, today=today):
            raise NotYoursToLog()
    row = RollCallRow(person_id=served_by, minutes=minutes, started_at=started_at)
    kept = await _take_in(desk, row, clean_text(note))
    if isinstance(kept, DomainError):
        raise kept
    return kept


@use_case
async def roll_call(
    *,
    actor_id: int,
    occasion_id: int,
    rows: Sequence[RollCallRow],
    reason: str,
    now: datetime,
) -> tuple[int, ...]:
    """Write down who came, all or nobody; the refusal names every row that needs a correction.

    The leader, an organizer and a steward enter anybody of the book.  A stairwell leader enters
    those of her stairwell, in their name and with a reason that they can read.
    """
    desk = await _desk(occasion_id, logged_by=actor_id, source="roll_call", now=now)
    if not 1 <= len(rows) <= ROWS_MAX:
        raise RollCallEmpty(most=ROWS_MAX)
    note = clean_text(reason)
    stairwells = await stairwells_called(desk.occasion, actor_id, now)
    if len(note) > REASON_CHARS_MAX or (stairwells is not None and not note):
        raise ReasonNeeded(field="reason", most=REASON_CHARS_MAX)
    kept: dict[int, int] = {}
    refused: list[RefusedRow] = []
    # By ascending person, so that two roll-calls of the same people wait and never deadlock.
    for number, row in sorted(enumerate(rows), key=lambda pair: pair[1].person_id):
        result = await _called(desk, row, note, stairwells, twice=row.person_id in kept)
        if isinstance(result, DomainError):
            refused.append(RefusedRow(row=number, person_id=row.person_id, error=result))
        else:
            kept[row.person_id] = result
    if refused:
        raise RollCallRefused(
            count=len(refused), rows=tuple(sorted(refused, key=lambda one: one.row))
        )
    return tuple(kept[row.person_id] for row in rows)


@use_case
async def import_record(
    *,
    actor_id: int,
    occasion_id: int,
    person_id: int,
    minutes: int,
    note: str,
    now: datetime,
    started_at: datetime | None = None,
) -> Imported:
    """Bring in a row of a list.  The same person on the same occasion is known from before.

    Whatever became of that record counts: one that was refused or voided does not come back by
    importing the list again.
    """
    desk = await _desk(occasion_id, logged_by=actor_id, source="import", now=now)
    area_id = desk.occasion["area_id"]
    today = await day_in(area_id, now)
    await require(person_id=actor_id, roles=ROLL_CALL_ROLES, area_id=area_id, today=today)
    known = await run(
        "SELECT id, minutes FROM service_record WHERE occasion_id = {} AND person_id = {} "
        "ORDER BY id DESC LIMIT 1",
        occasion_id,
        row_number(person_id),
    )
    if known and known[0]["minutes"] != minutes:
        raise ImportDiffers(record_id=known[0]["id"], minutes=known[0]["minutes"])
    if known:
        return Imported(record_id=known[0]["id"], created=False)
    row = RollCallRow(person_id=person_id, minutes=minutes, started_at=started_at)
    kept = await _take_in(desk, row, clean_text(note))
    if isinstance(kept, DomainError):
        raise kept
    return Imported(record_id=kept, created=True)


@use_case
async def withdraw_record(*, actor_id: int, record_id: int, now: datetime) -> None:
    """Take back a record that still waits; taking it back twice changes nothing."""
    lock = " FOR UPDATE OF r" if is_postgres() else ""
    rows = await run(
        "SELECT r.person_id, r.logged_by, r.state, o.area_id FROM service_record r "
        f"JOIN occasion o ON o.id = r.occasion_id WHERE r.id = {{}}{lock}",
        row_number(record_id),
    )
    if not rows:
        raise RecordMissing()
    row = rows[0]
    if actor_id not in (row["person_id"], row["logged_by"]):
        today = await day_in(row["area_id"], now)
        if not await is_guardian(person_id=actor_id, child_id=row["person_id"], today=today):
            raise WithdrawForbidden()
    if row["state"] == "withdrawn":
        return
    if row["state"] != "logged":
        raise RecordNotWaiting(state=row["state"])
    await run("UPDATE service_record SET state = 'withdrawn' WHERE id = {}", record_id)


async def _desk(occasion_id: int, *, logged_by: int, source: Source, now: datetime) -> _Desk:
    occasion = await open_occasion(occasion_id)
    [book] = await run("SELECT area_id FROM book WHERE id = {}", occasion["book_id"])
    return _Desk(
        occasion=occasion,
        policies=await policies_of(occasion["book_id"]),
        # The day counts where the book is kept, because the caps of a day are the book's.
        zone=ZoneInfo(await time_zone_of(book["area_id"])),
        logged_by=logged_by,
        source=source,
        now=now,
    )


async def _called(
    desk: _Desk,
    row: RollCallRow,
    note: str,
    stairwells: frozenset[int] | None,
    *,
    twice: bool,
) -> int | DomainError:
    if twice:
        return RollCallTwice(person_id=row.person_id)
    if stairwells is not None and row.person_id != desk.logged_by:
        if not await lives_in(row.person_id, stairwells):
            return NotYourStairwell(person_id=row.person_id)
        await log_proxy(
            actor_id=desk.logged_by,
            person_id=row.person_id,
            action="log_service",
            reason=note,
            now=desk.now,
        )
    return await _take_in(desk, row, note)


async def _take_in(desk: _Desk, row: RollCallRow, note: str) -> int | DomainError:
    """Keep one row, or say what stands against it; a refused row leaves nothing behind."""
    objection = minutes_objection(row.minutes, note) or await _person_objection(desk, row)
    if objection is not None:
        return objection
    claim = _claim(desk, row, note)
    if claim is None:
        return OutsideOccasion(field="started_at", minutes=SETTING_UP_MINUTES)
    others = await _served(row.person_id, claim.service_date)
    judged = _judged(desk, claim, others)
    if isinstance(judged, DomainError):
        return judged
    return await _insert(desk, row.person_id, claim, judged)


async def _person_objection(desk: _Desk, row: RollCallRow) -> DomainError | None:
    """What stands against this person here; from now on nobody else logs for her."""
    lock = " FOR NO KEY UPDATE" if is_postgres() else ""
    people = await run(
        f"SELECT birth_date FROM person WHERE id = {{}} AND closed_at IS NULL{lock}",
        row_number(row.person_id),
    )
    if not people:
        return PersonNotHere(person_id=row.person_id)
    if await book_of_person(row.person_id) != desk.occasion["book_id"]:
        return PersonElsewhere(person_id=row.person_id)
    young = is_minor(people[0]["birth_date"], desk.now.astimezone(desk.zone).date())
    if young and not await has_consented(person_id=row.person_id, purpose="minor_service"):
        return GuardianMustAgree(person_id=row.person_id)
    logged = await run(
        "SELECT id FROM service_record WHERE occasion_id = {} AND person_id = {} "
        "AND state IN ('logged', 'confirmed')",
        desk.occasion["id"],
        row.person_id,
    )
    return AlreadyLogged(record_id=logged[0]["id"]) if logged else None


def _claim(desk: _Desk, row: RollCallRow, note: str) -> Claim | None:
    started_at = row.started_at or desk.occasion["starts_at"]
    if not ANY_YEARS[0] <= started_at.year <= ANY_YEARS[1]:
        return None
    return Claim(
        started_at=started_at.astimezone(UTC),
        minutes=row.minutes,
        service_date=started_at.astimezone(desk.zone).date(),
        source=desk.source,
        note=note,
    )


def _judged(desk: _Desk, claim: Claim, others: Sequence[Served]) -> Intake | DomainError:
    starts_at, ends_at = desk.occasion["starts_at"], desk.occasion["ends_at"]
    terms = desk.policies.at(claim.service_date).terms
    objection = (
        span_objection(claim, starts_at=starts_at, ends_at=ends_at, now=desk.now)
        or late_objection(claim, ends_at=ends_at, others=others, terms=terms, now=desk.now)
        or day_objection(claim, others)
    )
    return objection or kept_as(claim, ends_at=ends_at, others=others, terms=terms, now=desk.now)


async def _served(person_id: int, day: date) -> list[Served]:
    """The person's records of that month and of the days beside it, in any book."""
    start = first_day("month", day)
    rows = await run(
        "SELECT id, started_at, minutes, service_date, backfilled FROM service_record "
        "WHERE person_id = {} AND service_date >= {} AND service_date <= {} "
        "AND state IN ('logged', 'confirmed') ORDER BY id",
        person_id,
        start - timedelta(days=2),
        start + timedelta(days=33),
    )
    return [
        Served(
            record_id=row["id"],
            started_at=row["started_at"],
            minutes=row["minutes"],
            service_date=row["service_date"],
            backfilled=bool(row["backfilled"]),
        )
        for row in rows
    ]


async def _insert(desk: _Desk, person_id: int, claim: Claim, intake: Intake) -> int:
    [row] = await run(
        "INSERT INTO service_record (occasion_id, person_id, book_id, started_at, service_date, "
        "minutes, source, backfilled, needs_steward, note, logged_by, logged_at, state) "
        "VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, 'logged') RETURNING id",
        *(desk.occasion["id"], person_id, desk.occasion["book_id"]),
        *(claim.started_at, claim.service_date, claim.minutes, claim.source),
        *(intake.backfilled, intake.needs_steward, claim.note),
        *(desk.logged_by, desk.now.astimezone(UTC)),
    )
    return int(row["id"])
