"""What decides whether a person may ask: read under the lock of her accounts, or for a page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from points.community.areas import is_within
from points.community.errors import AccountClosed
from points.community.profiles import PersonView, person
from points.ledger.statement import available, balances
from points.rewards.authority import Place
from points.rewards.rules import COUNTED, Asker, month_start
from points.transactions import run

COUNTED_MARKS: Final = ", ".join(f"'{state}'" for state in COUNTED)


@dataclass(frozen=True, slots=True)
class Month:
    """What a person asked for in this month: points in all, and how many of each item."""

    points: int
    of_item: Mapping[int, int]


async def open_person(person_id: int) -> PersonView:
    """A person with an open account."""
    found = await person(person_id)
    if found.closed:
        raise AccountClosed(person_id=person_id)
    return found


async def belongs(found: PersonView, place: Place) -> bool:
    """Whether the catalogue is hers: she lives there, or has points there from earlier."""
    if await is_within(found.area_id, place.area_id):
        return True
    standing = await balances(book_id=place.book_id, person_id=found.id)
    return standing.points > 0


async def month_of(*, place: Place, person_id: int) -> Month:
    """What a person asked for since the first of the month, less what came back."""
    since: datetime = month_start(place.today, place.time_zone)
    rows = await run(
        "SELECT item_id, COUNT(*) AS asked, SUM(price) AS points FROM redemption "
        f"WHERE person_id = {{}} AND book_id = {{}} AND state IN ({COUNTED_MARKS}) "
        "AND requested_at >= {} GROUP BY item_id",
        person_id,
        place.book_id,
        since.astimezone(UTC),
    )
    return Month(
        points=sum(int(row["points"]) for row in rows),
        of_item={int(row["item_id"]): int(row["asked"]) for row in rows},
    )


async def spendable_points(*, place: Place, person_id: int) -> int:
    """How many points a person can spend today."""
    return await available(book_id=place.book_id, person_id=person_id, today=place.today)


def asker_for(item_id: int, *, birth_date: date | None, has: int, month: Month) -> Asker:
    """The person as she stands before one item."""
    return Asker(
        birth_date=birth_date,
        available=has,
        month_points=month.points,
        month_of_item=month.of_item.get(item_id, 0),
    )
