"""The minutes of a committee: what it decided in a span of days, with every vote and reason."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from points.community.areas import area, areas
from points.community.grants import Holder
from points.community.rules import masked_name
from points.rewards.authority import (
    ADOPTERS,
    COMMITTEE,
    Place,
    holders_in,
    place_of,
    require_role,
)
from points.rewards.errors import SpanTooLong
from points.rewards.voting import VoteLine, votes_on
from points.transactions import run

DAYS_MAX: Final = 366
# What a calendar can reckon with on both sides of any time zone.
EARLIEST: Final = date(1900, 1, 1)
LATEST: Final = date(2200, 1, 1)
SELECT: Final = (
    "SELECT r.id, r.item_name, r.price, r.quorum, r.state, r.requested_at, r.decided_at, "
    "r.person_id, p.name AS person_name, p.area_id, r.requested_by, q.name AS requested_by_name "
    "FROM redemption r JOIN person p ON p.id = r.person_id JOIN person q ON q.id = r.requested_by "
    "WHERE r.book_id = {} AND r.decided_at >= {} AND r.decided_at < {} ORDER BY r.decided_at, r.id"
)


@dataclass(frozen=True, slots=True)
class Decision:
    """One request the committee decided on; the person's name is masked, as on a board."""

    redemption_id: int
    item_name: str
    price: int
    quorum: int
    masked_name: str
    area_path: tuple[str, ...]
    requested_by_name: str | None
    requested_at: datetime
    decided_at: datetime
    approved: bool
    votes: tuple[VoteLine, ...]


@dataclass(frozen=True, slots=True)
class Minutes:
    """What a committee decided from one day to another, both included."""

    book_id: int
    area_path: tuple[str, ...]
    time_zone: str
    first_day: date
    last_day: date
    members: tuple[Holder, ...]
    decisions: tuple[Decision, ...]

    @property
    def points_approved(self) -> int:
        """The points of everything that was approved."""
        return sum(one.price for one in self.decisions if one.approved)


async def minutes(
    *, actor_id: int, book_id: int, first_day: date, last_day: date, now: datetime
) -> Minutes:
    """The minutes of a span of days, for members of the committee and stewards."""
    place = await place_of(book_id=book_id, now=now)
    await require_role(place, actor_id=actor_id, roles=ADOPTERS)
    within = EARLIEST <= first_day <= last_day <= LATEST
    if not within or (last_day - first_day).days >= DAYS_MAX:
        raise SpanTooLong(field="last_day", most=DAYS_MAX)
    rows = await run(
        SELECT,
        book_id,
        _start(first_day, place),
        _start(last_day + timedelta(days=1), place),
    )
    paths = await areas([row["area_id"] for row in rows])
    return Minutes(
        book_id=book_id,
        area_path=(await area(place.area_id)).path,
        time_zone=place.time_zone,
        first_day=first_day,
        last_day=last_day,
        members=await holders_in(place, roles=COMMITTEE),
        decisions=tuple([await _decision(row, paths[row["area_id"]].path) for row in rows]),
    )


def _start(day: date, place: Place) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(place.time_zone)).astimezone(UTC)


async def _decision(row: dict[str, Any], path: tuple[str, ...]) -> Decision:
    by_proxy = row["requested_by"] != row["person_id"]
    return Decision(
        redemption_id=row["id"],
        item_name=row["item_name"],
        price=row["price"],
        quorum=row["quorum"],
        masked_name=masked_name(row["person_name"]),
        area_path=path,
        requested_by_name=row["requested_by_name"] if by_proxy else None,
        requested_at=row["requested_at"],
        decided_at=row["decided_at"],
        approved=row["state"] != "refused",
        votes=await votes_on(row["id"]),
    )
