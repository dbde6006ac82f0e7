"""What a book owes and whether it can keep its word.  Pure.

Points alive are promises.  What they are held against is the stock, what sponsors promised, and the
pace at which people have spent lately.  A forecast repeats that pace month by month; as in the
ledger, what ends soonest is spent first, and what is left at its end expires.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

MONTHS_AHEAD: Final = 12
PACE_DAYS: Final = 90
DAYS_PER_MONTH: Final = 30


@dataclass(frozen=True, slots=True)
class Flows:
    """Points that went each way in some time, what was taken back or returned already off."""

    issued: int = 0
    redeemed: int = 0
    expired: int = 0


@dataclass(frozen=True, slots=True)
class MonthAhead:
    """One month of the forecast; ``alive`` is at its end."""

    first_day: date
    issued: int
    redeemed: int
    expired: int
    alive: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is owed, what is there, and how it will go if people go on as they did lately."""

    alive: int
    stock: int
    pledged: int
    pace: Flows
    ahead: tuple[MonthAhead, ...]

    @property
    def covered_percent(self) -> int:
        """How much of what is owed the stock and the promises cover."""
        return 100 if self.alive == 0 else (self.stock + self.pledged) * 100 // self.alive

    @property
    def stock_months(self) -> int | None:
        """For how many months the stock lasts at the present pace; None if nothing is spent."""
        return None if self.pace.redeemed == 0 else self.stock // self.pace.redeemed


def net(points: Mapping[str, int]) -> Flows:
    """The sums of some days as flows; what came back does not count as gone."""
    return Flows(
        issued=points.get("issued", 0) - points.get("taken_back", 0),
        redeemed=points.get("redeemed", 0) - points.get("returned", 0),
        expired=points.get("expired", 0),
    )


def pace_of(recent: Flows, *, days: int) -> Flows:
    """Points a month, from what happened in the last ``days``; never below 0."""
    return Flows(
        *(
            max(0, points) * DAYS_PER_MONTH // max(1, days)
            for points in (recent.issued, recent.redeemed, recent.expired)
        )
    )


def month_start(day: date, months: int = 0) -> date:
    """The first day of the month that lies so many months ahead."""
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def forecast(
    *, today: date, alive: Sequence[tuple[date, int]], pace: Flows, new_vintage: date
) -> tuple[MonthAhead, ...]:
    """The coming twelve months at a pace; ``new_vintage`` is when newly earned points end."""
    lots = {vintage: points for vintage, points in alive if points > 0}
    ahead = []
    for number in range(MONTHS_AHEAD):
        first = month_start(today, number)
        last = month_start(today, number + 1) - timedelta(days=1)
        lots[new_vintage] = lots.get(new_vintage, 0) + pace.issued
        redeemed = _spend(lots, pace.redeemed)
        expired = sum(lots.pop(vintage) for vintage in sorted(lots) if vintage <= last)
        ahead.append(MonthAhead(first, pace.issued, redeemed, expired, sum(lots.values())))
    return tuple(ahead)


def _spend(lots: dict[date, int], points: int) -> int:
    """Take points from the soonest to end; answers how many there were."""
    left = points
    for vintage in sorted(lots):
        taken = min(left, lots[vintage])
        lots[vintage] -= taken
        left -= taken
    return points - left
