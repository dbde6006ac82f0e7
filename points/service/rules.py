"""What service is worth, and what the caps leave of it.

Worth is an integer of 1/6000 point (minutes x points an hour x percent), so nothing is lost by
rounding.  A day keeps the plain sum of what was earned in it; a month sums its days as far as
their cap goes, a year its months, the whole its years.  What is awarded is always the floor of
the whole, which is why neither the order of confirmation nor splitting a service changes it.
"""

import json
from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Final, Literal, get_args

from points.service.categories import Tier
from points.service.errors import CapsOutOfOrder, TermsInvalid

UNITS_PER_POINT = 6000
MINUTES_PER_DAY = 1440
WHOLE = date(1970, 1, 1)
NEVER = date(9999, 1, 31)

Period = Literal["day", "month", "year"]
PERIODS: tuple[Period, ...] = get_args(Period)
Fact = str | int
Reason = dict[str, Fact]


@dataclass(frozen=True, slots=True)
class Terms:
    """One version of a points policy, in numbers."""

    points_per_hour: int = 10
    ordinary_percent: int = 100
    skilled_percent: int = 120
    urgent_percent: int = 150
    leader_bonus_percent: int = 20
    combined_max_percent: int = 200
    day_cap_points: int = 60
    month_cap_points: int = 300
    year_cap_points: int = 2400
    session_minutes: int = 240
    day_minutes: int = 480
    backfill_after_days: int = 3
    late_max_days: int = 14
    backfill_month_minutes: int = 480
    expires_after_years: int | None = 1
    # Where it is given, points end so many months after the service, whatever the years say.
    expires_after_months: int | None = None
    redemption_quorum: int = 2
    large_redemption_quorum: int = 3
    large_redemption_points: int = 100
    decide_days: int = 5
    collect_days: int = 7
    redemption_balance_points: int = 50
    redemption_month_points: int = 300
    item_month_limit: int = 2

    def percent(self, tier: Tier) -> int:
        """The multiplier of a tier."""
        by_tier = {
            "ordinary": self.ordinary_percent,
            "skilled": self.skilled_percent,
            "urgent": self.urgent_percent,
        }
        return by_tier[tier]

    def cap_exact(self, period: Period) -> int:
        """What a period may hold at most, exactly."""
        by_period = {
            "day": self.day_cap_points,
            "month": self.month_cap_points,
            "year": self.year_cap_points,
        }
        return by_period[period] * UNITS_PER_POINT


LIMITS: dict[str, tuple[int, int]] = {
    "points_per_hour": (1, 100),
    "ordinary_percent": (100, 300),
    "skilled_percent": (100, 300),
    "urgent_percent": (100, 300),
    "leader_bonus_percent": (0, 50),
    "combined_max_percent": (100, 300),
    "day_cap_points": (1, 10_000),
    "month_cap_points": (1, 100_000),
    "year_cap_points": (1, 1_000_000),
    "session_minutes": (60, 720),
    "day_minutes": (60, MINUTES_PER_DAY),
    "backfill_after_days": (0, 31),
    "late_max_days": (0, 366),
    "backfill_month_minutes": (0, 44_640),
    "expires_after_years": (0, 10),
    "expires_after_months": (1, 120),
    "redemption_quorum": (2, 20),
    "large_redemption_quorum": (2, 20),
    "large_redemption_points": (0, 100_000),
    "decide_days": (1, 60),
    "collect_days": (1, 60),
    "redemption_balance_points": (0, 10_000),
    "redemption_month_points": (1, 100_000),
    "item_month_limit": (1, 100),
}


def check_terms(terms: Terms) -> None:
    """Refuse numbers that no policy may hold."""
    for name, (least, most) in LIMITS.items():
        value = getattr(terms, name)
        if value is None and name in ("expires_after_years", "expires_after_months"):
            continue
        if type(value) is not int or not least <= value <= most:
            raise TermsInvalid(field=name, least=least, most=most)
    if not terms.day_cap_points <= terms.month_cap_points <= terms.year_cap_points:
        raise CapsOutOfOrder(field="day_cap_points")


def terms_to_json(terms: Terms) -> str:
    """The terms as they are stored."""
    return json.dumps(asdict(terms), sort_keys=True)


def terms_from_json(text: str) -> Terms:
    """The terms as they were stored; a term that came later has its default."""
    stored = json.loads(text)
    return Terms(
        **{field.name: stored[field.name] for field in fields(Terms) if field.name in stored}
    )


@dataclass(frozen=True, slots=True)
class Worth:
    """What one record is worth before any cap, and why."""

    exact: int
    percent: int
    reasons: tuple[Reason, ...]


def worth(
    *, minutes: int, terms: Terms, tier: Tier, category: str, leads: bool, backfilled: bool
) -> Worth:
    """What ``minutes`` of service earn exactly by ``terms``, line by line."""
    reasons: list[Reason] = [
        {"kind": "rate", "minutes": minutes, "points_per_hour": terms.points_per_hour}
    ]
    if backfilled:
        reasons.append({"kind": "backfilled", "days": terms.backfill_after_days})
        return Worth(exact=0, percent=0, reasons=tuple(reasons))
    percent = terms.percent(tier)
    reasons.append({"kind": "multiplier", "category": category, "percent": percent})
    if leads and terms.leader_bonus_percent:
        percent += terms.leader_bonus_percent
        reasons.append({"kind": "leader_bonus", "percent": terms.leader_bonus_percent})
    if percent > terms.combined_max_percent:
        percent = terms.combined_max_percent
        reasons.append({"kind": "combined_max", "percent": percent})
    return Worth(
        exact=minutes * terms.points_per_hour * percent, percent=percent, reasons=tuple(reasons)
    )


def leads(*, person_id: int, leader_id: int, source: str) -> bool:
    """Whether the record is that of the occasion's leader.

    A list does not say who led.  An import has to name somebody all the same, who earns no bonus
    for it.
    """
    return person_id == leader_id and source != "import"


@dataclass(frozen=True, slots=True)
class Caps:
    """What the periods around one day may hold, each by the policy of its own first day."""

    day: int
    month: int
    year: int


@dataclass(frozen=True, slots=True)
class Counters:
    """What one person earned exactly around one day, in one book."""

    day: int = 0
    month: int = 0
    year: int = 0
    whole: int = 0
    awarded: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """The counters after a change, the points that follow, and what each cap cut away."""

    after: Counters
    points: int
    cut: dict[Period, int]


def advance(before: Counters, change: int, caps: Caps) -> Step:
    """Let ``change`` (negative when a record is voided) run up the tree of caps."""
    day = before.day + change
    into_month = min(day, caps.day) - min(before.day, caps.day)
    month = before.month + into_month
    into_year = min(month, caps.month) - min(before.month, caps.month)
    year = before.year + into_year
    into_whole = min(year, caps.year) - min(before.year, caps.year)
    whole = before.whole + into_whole
    awarded = whole // UNITS_PER_POINT
    return Step(
        after=Counters(day=day, month=month, year=year, whole=whole, awarded=awarded),
        points=awarded - before.awarded,
        cut={
            "day": change - into_month,
            "month": into_month - into_year,
            "year": into_year - into_whole,
        },
    )


def cap_reasons(before: Counters, step: Step, caps: Caps) -> tuple[Reason, ...]:
    """Which caps cut how much, and the part of a point that is carried on."""
    limits: dict[Period, int] = {"day": caps.day, "month": caps.month, "year": caps.year}
    reasons: list[Reason] = [
        {
            "kind": "cap",
            "period": period,
            "cap_points": limits[period] // UNITS_PER_POINT,
            "cut_exact": step.cut[period],
        }
        for period in PERIODS
        if step.cut[period]
    ]
    carried = before.whole % UNITS_PER_POINT
    left = step.after.whole % UNITS_PER_POINT
    if carried or left:
        reasons.append({"kind": "remainder", "before_exact": carried, "after_exact": left})
    return tuple(reasons)


def first_day(period: Period, day: date) -> date:
    """The day on which the period around ``day`` starts."""
    if period == "day":
        return day
    return day.replace(day=1) if period == "month" else day.replace(month=1, day=1)


def periods_of(
    worths: Iterable[tuple[date, int]], cap_of: Callable[[Period, date], int]
) -> dict[tuple[str, date], int]:
    """Every counter recomputed from days and what each earned; the reference of ``advance``."""
    level: dict[date, int] = defaultdict(int)
    for day, exact in worths:
        level[day] += exact
    sums: dict[tuple[str, date], int] = {}
    for number, period in enumerate(PERIODS):
        sums |= {(period, start): exact for start, exact in level.items()}
        above: dict[date, int] = defaultdict(int)
        for start, exact in level.items():
            target = first_day(PERIODS[number + 1], start) if period != "year" else WHOLE
            above[target] += min(exact, cap_of(period, start))
        level = above
    return sums | {("all", start): exact for start, exact in level.items()}


def expires_on(*, served_on: date, posted_on: date, terms: Terms) -> date:
    """The last day of points for service on ``served_on``.

    It follows from the day of service, so that neighbours who served together hold points of the
    same date however late each was confirmed; but nobody is given points that are already dead.
    """
    if terms.expires_after_months is not None:
        return max(_month_end(served_on, terms.expires_after_months), _month_end(posted_on, 0))
    if terms.expires_after_years is None:
        return NEVER
    year = max(served_on.year + terms.expires_after_years, posted_on.year)
    return date(year, 12, 31)


def _month_end(day: date, months: int) -> date:
    """The last day of the month so many months later."""
    month = day.month - 1 + months
    year = day.year + month // 12
    return date(year, month % 12 + 1, monthrange(year, month % 12 + 1)[1])


Obstacle = Literal[
    "not_covering",
    "own",
    "household",
    "guardian",
    "logged_by_you",
    "created_by_you",
    "steward_only",
]
# Who is this close to a record has no say in it at all, not even to take it back.
INVOLVED: Final[frozenset[Obstacle]] = frozenset({"own", "household", "guardian"})


@dataclass(frozen=True, slots=True)
class Case:
    """Those facts of a record that decide who may decide on it."""

    person_id: int
    household_id: int | None
    logged_by: int
    created_by: int
    needs_steward: bool
    guardians: frozenset[int] = frozenset()


def may_confirm(
    case: Case, *, actor_id: int, household_id: int | None, roles: Collection[str]
) -> Obstacle | None:
    """What keeps the actor from deciding on this record; None if nothing does.

    ``roles`` are the actor's active roles over the area of the occasion.
    """
    if actor_id == case.person_id:
        return "own"
    if household_id is not None and household_id == case.household_id:
        return "household"
    if actor_id in case.guardians:
        return "guardian"
    if not set(roles) & {"stairwell_leader", "organizer", "steward"}:
        return "not_covering"
    if actor_id == case.logged_by:
        return "logged_by_you"
    if actor_id == case.created_by:
        return "created_by_you"
    if case.needs_steward and "steward" not in roles:
        return "steward_only"
    return None
