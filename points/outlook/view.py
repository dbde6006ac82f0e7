"""What a book owes, as of the last reckoning, and how it will go on at the present pace."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from points.outlook.pledges import pledged_points
from points.outlook.rules import (
    PACE_DAYS,
    Flows,
    Outlook,
    forecast,
    month_start,
    net,
    pace_of,
)
from points.rewards.authority import place_of
from points.service.policy import policy_at
from points.service.rules import expires_on
from points.transactions import run

MONTHS_SHOWN: Final = 12
# A pace taken from fewer days would be an accident.
DAYS_LEAST: Final = 14


@dataclass(frozen=True, slots=True)
class MonthPast:
    """What went which way in a month that was."""

    first_day: date
    flows: Flows


@dataclass(frozen=True, slots=True)
class BookOutlook:
    """All that the page says; ``reckoned_at`` is None before the first reckoning."""

    outlook: Outlook
    alive: tuple[tuple[date, int], ...]
    past: tuple[MonthPast, ...]
    reckoned_at: datetime | None
    today: date


async def outlook_of(*, book_id: int, now: datetime) -> BookOutlook:
    """What the book owes, as of the last reckoning."""
    place = await place_of(book_id=book_id, now=now)
    rows = await run(
        "SELECT vintage, points, reckoned_at FROM book_alive WHERE book_id = {} ORDER BY vintage",
        place.book_id,
    )
    alive = tuple((row["vintage"], int(row["points"])) for row in rows)
    pace = await _pace(place.book_id, place.today)
    terms = (await policy_at(place.book_id, place.today)).terms
    new_vintage = expires_on(served_on=place.today, posted_on=place.today, terms=terms)
    return BookOutlook(
        outlook=Outlook(
            alive=sum(points for _, points in alive),
            stock=await _stock(place.book_id),
            pledged=await pledged_points(place.book_id),
            pace=pace,
            ahead=forecast(today=place.today, alive=alive, pace=pace, new_vintage=new_vintage),
        ),
        alive=alive,
        past=await _past(place.book_id, place.today),
        reckoned_at=rows[0]["reckoned_at"] if rows else None,
        today=place.today,
    )


async def _pace(book_id: int, today: date) -> Flows:
    """The last ninety days, or as many as there are since the first sum."""
    rows = await run(
        "SELECT day, flow, points FROM book_day WHERE book_id = {} AND day > {}",
        book_id,
        today - timedelta(days=PACE_DAYS),
    )
    if not rows:
        return Flows()
    days = (today - min(row["day"] for row in rows)).days + 1
    return pace_of(_flows(rows), days=max(days, DAYS_LEAST))


async def _past(book_id: int, today: date) -> tuple[MonthPast, ...]:
    first = month_start(today, 1 - MONTHS_SHOWN)
    rows = await run(
        "SELECT day, flow, points FROM book_day WHERE book_id = {} AND day >= {}", book_id, first
    )
    months: dict[date, list[dict[str, Any]]] = {
        month_start(first, number): [] for number in range(MONTHS_SHOWN)
    }
    for row in rows:
        if month_start(row["day"]) in months:
            months[month_start(row["day"])].append(row)
    return tuple(MonthPast(month, _flows(found)) for month, found in months.items())


def _flows(rows: list[dict[str, Any]]) -> Flows:
    sums: dict[str, int] = {}
    for row in rows:
        sums[str(row["flow"])] = sums.get(str(row["flow"]), 0) + int(row["points"])
    return net(sums)


async def _stock(book_id: int) -> int:
    """What the pieces in store are worth in points, those promised to somebody left out."""
    [row] = await run(
        "SELECT COALESCE(SUM(i.price * s.in_store), 0) AS points FROM reward_item i "
        "JOIN stock s ON s.item_id = i.id WHERE i.book_id = {} AND i.state = 'adopted'",
        book_id,
    )
    return int(row["points"])
