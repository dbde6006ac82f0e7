"""Whose book it is, who is on its committee, and who has a stake in a request."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from points.community.areas import time_zone_of
from points.community.grants import Holder, covers, holders, require
from points.community.rules import day_of, row_number
from points.ledger.errors import BookUnknown
from points.transactions import run

COMMITTEE: Final = ("committee_member",)
STEWARD: Final = ("steward",)
# Who fills the catalogue and the store, and who agrees to what was drafted.
DRAFTERS: Final = ("organizer", "steward")
ADOPTERS: Final = ("committee_member", "steward")
HOLDERS_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Place:
    """Where a book is kept, and the day it is there."""

    book_id: int
    area_id: int
    time_zone: str
    today: date


async def place_of(*, book_id: int, now: datetime) -> Place:
    """Where a book is kept."""
    rows = await run("SELECT area_id FROM book WHERE id = {}", row_number(book_id))
    if not rows:
        raise BookUnknown(book_id=book_id)
    area_id = int(rows[0]["area_id"])
    zone = await time_zone_of(area_id)
    return Place(book_id=book_id, area_id=area_id, time_zone=zone, today=day_of(now, zone))


async def require_role(place: Place, *, actor_id: int, roles: Collection[str]) -> None:
    """Refuse whoever holds none of the roles over the book."""
    await require(person_id=actor_id, roles=roles, area_id=place.area_id, today=place.today)


async def has_role(place: Place, *, actor_id: int, roles: Collection[str]) -> bool:
    """Whether somebody holds one of the roles over the book."""
    return await covers(person_id=actor_id, roles=roles, area_id=place.area_id, today=place.today)


async def holders_in(place: Place, *, roles: Collection[str]) -> tuple[Holder, ...]:
    """Who holds one of the roles over the book."""
    return await holders(area_id=place.area_id, roles=roles, today=place.today, limit=HOLDERS_MAX)


async def members(*, book_id: int, now: datetime) -> tuple[Holder, ...]:
    """The committee of a book today."""
    return await holders_in(await place_of(book_id=book_id, now=now), roles=COMMITTEE)
