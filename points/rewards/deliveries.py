"""What waits to be collected, by stairwell: for those who carry it to their neighbours."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from points.community.areas import areas
from points.community.grants import active_grants
from points.community.reads import log_reads
from points.rewards.authority import DRAFTERS, Place, has_role, place_of
from points.rewards.errors import HandOverRoleMissing
from points.transactions import run, use_case, whole

LINES_MAX: Final = 500


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """One thing that waits for one person."""

    redemption_id: int
    item_name: str
    person_id: int
    person_name: str
    elder_mode: bool
    collect_by: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """Everything that waits for the people of one stairwell."""

    area_id: int
    area_path: tuple[str, ...]
    lines: tuple[DeliveryLine, ...]


@use_case
@whole
async def delivery_list(*, actor_id: int, book_id: int, now: datetime) -> tuple[Delivery, ...]:
    """What waits to be collected: all of it for organizers and stewards, for leaders theirs.

    Codes are not on it: whoever delivers types the one that the neighbour shows.
    """
    place = await place_of(book_id=book_id, now=now)
    rows = await run(
        "SELECT r.id AS redemption_id, r.item_name, r.person_id, p.name AS person_name, "
        "p.elder_mode, r.collect_by, p.area_id FROM redemption r "
        "JOIN person p ON p.id = r.person_id "
        f"WHERE r.book_id = {{}} AND r.state = 'approved'{await _mine(place, actor_id)} "
        "ORDER BY p.area_id, r.collect_by, r.id LIMIT {}",
        book_id,
        LINES_MAX,
    )
    people = sorted({int(row["person_id"]) for row in rows})
    await log_reads(actor_id=actor_id, person_ids=people, what="redemption", now=now)
    return await _by_area(rows)


async def _mine(place: Place, actor_id: int) -> str:
    """The condition for the areas in which the actor hands over."""
    if await has_role(place, actor_id=actor_id, roles=DRAFTERS):
        return ""
    grants = await active_grants(actor_id, place.today)
    led = sorted({grant.area_id for grant in grants if grant.role == "stairwell_leader"})
    if not led:
        raise HandOverRoleMissing
    return (
        " AND p.area_id IN (SELECT area_id FROM area_ancestor WHERE ancestor_id IN "
        f"({', '.join(str(area_id) for area_id in led)}))"
    )


async def _by_area(rows: list[dict[str, Any]]) -> tuple[Delivery, ...]:
    views = await areas([row["area_id"] for row in rows])
    found = [
        Delivery(
            area_id=area_id,
            area_path=views[area_id].path,
            lines=tuple(
                DeliveryLine(**{name: row[name] for name in row if name != "area_id"})
                for row in group
            ),
        )
        for area_id, group in groupby(rows, key=lambda row: int(row["area_id"]))
    ]
    return tuple(sorted(found, key=lambda one: one.area_path))
