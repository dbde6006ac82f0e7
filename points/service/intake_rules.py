"""What may be written down as service, before anybody confirms it.

Unusual is not forbidden: long sessions and long days are kept and marked for a steward.  What
cannot be true (two places at once, more than a day in a day, the future) is refused at once,
while the person who knows is still there to correct it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from points.errors import DomainError
from points.service.errors import (
    BackfillFull,
    DayOverfull,
    MinutesInvalid,
    NoteNeeded,
    NoteTooLong,
    NotStarted,
    OutsideOccasion,
    Overlapping,
    ServiceInFuture,
    TooLate,
)
from points.service.rules import MINUTES_PER_DAY, Terms

Source = Literal["self", "roll_call", "import"]
NOTE_CHARS_MAX = 500
REASON_CHARS_MAX = 200
SETTING_UP_MINUTES = 60


@dataclass(frozen=True, slots=True)
class Claim:
    """Service as somebody writes it down."""

    started_at: datetime
    minutes: int
    service_date: date
    source: Source
    note: str

    @property
    def ended_at(self) -> datetime:
        """When the service was over."""
        return self.started_at + timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class Served:
    """Service of the same person that is logged or confirmed already."""

    record_id: int
    started_at: datetime
    minutes: int
    service_date: date
    backfilled: bool


@dataclass(frozen=True, slots=True)
class Intake:
    """How a claim is kept."""

    backfilled: bool
    needs_steward: bool


def minutes_objection(minutes: object, note: str) -> DomainError | None:
    """What is wrong with the claim by itself."""
    if type(minutes) is not int or not 1 <= minutes <= MINUTES_PER_DAY:
        return MinutesInvalid(field="minutes", most=MINUTES_PER_DAY)
    if len(note) > NOTE_CHARS_MAX:
        return NoteTooLong(field="note", most=NOTE_CHARS_MAX)
    return None


def span_objection(
    claim: Claim, *, starts_at: datetime, ends_at: datetime, now: datetime
) -> DomainError | None:
    """What is wrong with the claim on this occasion.

    Setting up and clearing away count, an hour on either side; more than the occasion lasted
    needs a word of explanation.
    """
    if now < starts_at:
        return NotStarted()
    if claim.ended_at > now:
        return ServiceInFuture(field="minutes")
    around = timedelta(minutes=SETTING_UP_MINUTES)
    if claim.started_at < starts_at - around or claim.ended_at > ends_at + around:
        return OutsideOccasion(field="started_at", minutes=SETTING_UP_MINUTES)
    if timedelta(minutes=claim.minutes) > ends_at - starts_at and not claim.note.strip():
        return NoteNeeded(field="note")
    return None


def is_backfilled(*, ends_at: datetime, now: datetime, terms: Terms) -> bool:
    """Whether it is logged so late that it counts as hours only."""
    return now - ends_at > timedelta(days=terms.backfill_after_days)


def late_objection(
    claim: Claim,
    *,
    ends_at: datetime,
    others: Sequence[Served],
    terms: Terms,
    now: datetime,
) -> DomainError | None:
    """What is wrong with logging it only now.  An import may bring in any age."""
    if claim.source == "import" or not is_backfilled(ends_at=ends_at, now=now, terms=terms):
        return None
    if now - ends_at > timedelta(days=terms.late_max_days):
        return TooLate(days=terms.late_max_days)
    month = (claim.service_date.year, claim.service_date.month)
    used = sum(
        other.minutes
        for other in others
        if other.backfilled and (other.service_date.year, other.service_date.month) == month
    )
    if used + claim.minutes > terms.backfill_month_minutes:
        return BackfillFull(field="minutes", most=terms.backfill_month_minutes, used=used)
    return None


def day_objection(claim: Claim, others: Sequence[Served]) -> DomainError | None:
    """What is wrong with the claim beside what the person did on the same day.

    An overlap is refused, however small: whoever logs it is at hand to correct the times, a
    steward weeks later is not.  Paper lists give rough times, so an import's overlap is kept for
    a steward instead.
    """
    used = day_minutes(claim, others)
    if used + claim.minutes > MINUTES_PER_DAY:
        return DayOverfull(field="minutes", most=MINUTES_PER_DAY, used=used)
    other = overlapping(claim, others)
    if other is not None and claim.source != "import":
        return Overlapping(field="started_at", record_id=other.record_id)
    return None


def day_minutes(claim: Claim, others: Sequence[Served]) -> int:
    """What the person already has on the claim's day."""
    return sum(other.minutes for other in others if other.service_date == claim.service_date)


def overlapping(claim: Claim, others: Sequence[Served]) -> Served | None:
    """A record of the same person at the same time; touching ends do not overlap."""
    for other in others:
        ended_at = other.started_at + timedelta(minutes=other.minutes)
        if claim.started_at < ended_at and other.started_at < claim.ended_at:
            return other
    return None


def kept_as(
    claim: Claim, *, ends_at: datetime, others: Sequence[Served], terms: Terms, now: datetime
) -> Intake:
    """How an unobjectionable claim is kept."""
    day = day_minutes(claim, others) + claim.minutes
    return Intake(
        backfilled=is_backfilled(ends_at=ends_at, now=now, terms=terms),
        needs_steward=(
            claim.minutes > terms.session_minutes
            or day > terms.day_minutes
            or overlapping(claim, others) is not None
        ),
    )
