"""When a crowd is one, who sits and who waits.  Pure.

People are counted, not sign-ups: a sign-up brings a party.  The line is kept in the order of
signing up.  Nobody overtakes a party that does not fit into the free seats, with one exception:
below the minimum, whoever fits goes in, because otherwise one large party that waits would let
the activity lapse for everybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, NotRequired, TypedDict
from zoneinfo import ZoneInfo

from points.service.categories import ACTIVITY_CLASSES, category_of
from points.service.errors import (
    CategoryUnknown,
    OccasionSpanInvalid,
    OccasionTooFarAhead,
    PlaceTooLong,
    TitleInvalid,
)
from talentmap.activities.errors import (
    CapacityInvalid,
    DeadlineInvalid,
    InsuranceNeeded,
    MinimumInvalid,
    PlanTextTooLong,
    RiskUnsaid,
    StartInPast,
)

State = Literal["gathering", "confirmed", "done", "lapsed", "cancelled", "archived"]
SignupState = Literal["in", "waiting", "withdrawn"]
Attendance = Literal["served", "joined", "absent"]
OPEN: Final[tuple[State, ...]] = ("gathering", "confirmed")
ATTENDANCES: Final[tuple[Attendance, ...]] = ("served", "joined", "absent")

MINIMUM_LEAST, MINIMUM_MOST, MINIMUM_USUAL = 2, 100, 10
CAPACITY_MOST = 500
PARTY_MOST = 10
# Who is in and out three times is told apart from who made a mistake.
SIGNUPS_MOST = 3
TITLE_CHARS_MAX = 120
SUMMARY_CHARS_MAX = 2000
PLACE_CHARS_MAX = 200
RISK_CHARS_MAX = 300
BRING_CHARS_MAX = 300
REASON_CHARS_MAX = 300
SPAN_HOURS_MAX = 24
AHEAD_DAYS_MAX = 366
DEADLINE_DAYS_USUAL = 7
YEARS: Final = (1900, 2200)
# What an imported activity is when its words say nothing; never one that is still to come.
OTHER_CATEGORY = "other"


class PlanFacts(TypedDict):
    """The fields of a plan, as keywords."""

    title: str
    summary: str
    category: str
    activity_class: str
    place: str
    starts_at: datetime
    ends_at: datetime
    deadline_at: datetime
    minimum: NotRequired[int]
    capacity: int
    risk: str
    risky: bool
    insured: bool
    to_bring: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What somebody proposes."""

    title: str
    summary: str
    category: str
    activity_class: str
    place: str
    starts_at: datetime
    ends_at: datetime
    deadline_at: datetime
    minimum: int = MINIMUM_USUAL
    capacity: int
    risk: str
    risky: bool
    insured: bool
    to_bring: str


@dataclass(frozen=True, slots=True)
class Party:
    """Those who wait under one sign-up."""

    signup_id: int
    people: int


def seated(queue: Sequence[Party], *, taken: int, minimum: int, capacity: int) -> tuple[int, ...]:
    """The sign-ups of the queue, in its order, that get seats now."""
    found: list[int] = []
    somebody_waits = False
    for party in queue:
        if somebody_waits and taken >= minimum:
            break
        if taken + party.people <= capacity:
            found.append(party.signup_id)
            taken += party.people
        else:
            somebody_waits = True
    return tuple(found)


def state_after(state: State, *, seats: int, minimum: int, before_deadline: bool) -> State:
    """Where an open activity stands with these seats taken."""
    if state == "gathering" and seats >= minimum:
        return "confirmed"
    if state == "confirmed" and seats < minimum and before_deadline:
        return "gathering"
    return state


def has_lapsed(state: State, *, deadline_at: datetime | None, now: datetime) -> bool:
    """Whether it gathered in vain; the deadline itself is too late."""
    return state == "gathering" and deadline_at is not None and now >= deadline_at


def usual_deadline(starts_at: datetime, *, now: datetime) -> datetime:
    """A week from now, or a day before the start if that is sooner, or the start itself."""
    in_a_week = now + timedelta(days=DEADLINE_DAYS_USUAL)
    day_before = starts_at - timedelta(days=1)
    soonest = min(in_a_week, day_before)
    return soonest if soonest > now else starts_at


def check_plan(plan: Plan, *, now: datetime) -> None:
    """Refuse what no neighbour could take part in."""
    _check_words(plan)
    known = category_of(plan.category)
    if known is None or plan.activity_class not in ACTIVITY_CLASSES:
        raise CategoryUnknown(field="category")
    _check_times(plan, now)
    if not MINIMUM_LEAST <= plan.minimum <= MINIMUM_MOST:
        raise MinimumInvalid(field="minimum", least=MINIMUM_LEAST, most=MINIMUM_MOST)
    if not plan.minimum <= plan.capacity <= CAPACITY_MOST:
        raise CapacityInvalid(field="capacity", minimum=plan.minimum, most=CAPACITY_MOST)
    if plan.risky and not plan.risk:
        raise RiskUnsaid(field="risk")
    if plan.risky and not plan.insured:
        raise InsuranceNeeded(field="insured")


def _check_words(plan: Plan) -> None:
    if not 0 < len(plan.title) <= TITLE_CHARS_MAX:
        raise TitleInvalid(field="title", most=TITLE_CHARS_MAX)
    if len(plan.place) > PLACE_CHARS_MAX:
        raise PlaceTooLong(field="place", most=PLACE_CHARS_MAX)
    for field, text, most in (
        ("summary", plan.summary, SUMMARY_CHARS_MAX),
        ("risk", plan.risk, RISK_CHARS_MAX),
        ("to_bring", plan.to_bring, BRING_CHARS_MAX),
    ):
        if len(text) > most:
            raise PlanTextTooLong(field=field, most=most)


def _check_times(plan: Plan, now: datetime) -> None:
    # Dates of other centuries are slips of the pen, and their arithmetic overflows.
    moments = (plan.starts_at, plan.ends_at, plan.deadline_at)
    if not all(YEARS[0] <= moment.year <= YEARS[1] for moment in moments):
        raise OccasionSpanInvalid(field="starts_at", most=SPAN_HOURS_MAX)
    if not timedelta() < plan.ends_at - plan.starts_at <= timedelta(hours=SPAN_HOURS_MAX):
        raise OccasionSpanInvalid(field="ends_at", most=SPAN_HOURS_MAX)
    if plan.starts_at <= now:
        raise StartInPast(field="starts_at")
    if plan.starts_at - now > timedelta(days=AHEAD_DAYS_MAX):
        raise OccasionTooFarAhead(field="starts_at", days=AHEAD_DAYS_MAX)
    if not now < plan.deadline_at <= plan.starts_at:
        raise DeadlineInvalid(field="deadline_at")


def weeks_on(moment: datetime, *, weeks: int, time_zone: str) -> datetime:
    """The same hour of the same weekday by the clocks of the place, so many weeks later."""
    local = moment.astimezone(ZoneInfo(time_zone))
    # Arithmetic on local time keeps the wall clock across a change of summer time.
    return (local + timedelta(weeks=weeks)).astimezone(moment.tzinfo)


def weeks_until_open(deadline_at: datetime, *, now: datetime) -> int:
    """By how many whole weeks a plan moves on so that its deadline is at least a day away."""
    late = now + timedelta(days=1) - deadline_at
    return max(0, -(-late // timedelta(weeks=1)))
