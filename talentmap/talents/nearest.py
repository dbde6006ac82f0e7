"""Who near here can do something: a box that grows until its circle holds enough.

What is measured is the distance to the published place, never to a home.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import asin, cos, degrees, radians, sin
from typing import Final

from points.transactions import run
from talentmap.places.datum import Point, Rectangle
from talentmap.places.rules import EARTH_RADIUS_METRES, distance_metres
from talentmap.talents.publication import points_of
from talentmap.talents.search import TalentCard, Wish, cards, condition_of

FIRST_METRES: Final = 1_000.0
GROWTH: Final = 4.0
FARTHEST_METRES: Final = 200_000.0
LIMIT_MAX: Final = 50
# A box a little too large costs nothing; one too small by rounding would lose somebody.
SLACK: Final = 1.000001


@dataclass(frozen=True, slots=True)
class Near:
    """A talent and how far her published place is."""

    card: TalentCard
    metres: float


async def place_of(area_id: int) -> Point | None:
    """Where an area lies: its own place or the nearest above."""
    return (await points_of({area_id})).get(area_id)


async def nearest(
    *, point: Point, audiences: Sequence[int], wish: Wish, limit: int = 10
) -> tuple[Near, ...]:
    """The nearest who fit, by distance and then number, within 200 km."""
    wanted = max(1, min(limit, LIMIT_MAX))
    radius = FIRST_METRES
    while True:
        points = await _points(box_around(point, radius), audiences, wish)
        measured = sorted((distance_metres(point, one), one) for one in points)
        inside = [one for one in measured if one[0] <= radius]
        # Each point holds somebody, so that many points are certainly enough.
        if len(inside) >= wanted or radius >= FARTHEST_METRES:
            return await _people(inside, audiences, wish, wanted)
        found = await _people(inside, audiences, wish, wanted)
        if len(found) >= wanted:
            return found
        radius = min(radius * GROWTH, FARTHEST_METRES)


def box_around(point: Point, radius: float) -> Rectangle:
    """A rectangle that holds the circle; near a pole or the date line, all longitudes."""
    lat, lon = point
    turn = radius / EARTH_RADIUS_METRES
    up = degrees(turn) * SLACK
    if abs(lat) + up >= 90:
        return Rectangle(lat - up, -180.0, lat + up, 180.0)
    side = degrees(asin(min(1.0, sin(turn) / cos(radians(lat))))) * SLACK
    if abs(lon) + side > 180:
        return Rectangle(lat - up, -180.0, lat + up, 180.0)
    return Rectangle(lat - up, lon - side, lat + up, lon + side)


@dataclass(frozen=True, slots=True)
class _Source:
    """The table that an index on what is asked for leads to, its name, and the condition."""

    table: str
    name: str
    condition: str
    values: tuple[object, ...]


def _from(wish: Wish, audiences: Sequence[int]) -> _Source:
    """Skills come with copies of where their owners are shown, so that one index finds both."""
    condition, values = condition_of(wish)
    numbers = ", ".join(str(int(one)) for one in audiences) or "-1"
    if not wish.skills:
        listed = f"t.audience_id IN ({numbers}) AND {condition}"
        return _Source("talent_profile t", "t", listed, tuple(values))
    codes = wish.skills[:1] if wish.match == "all" else wish.skills
    marks = ", ".join(["{}"] * len(codes))
    return _Source(
        "talent_skill n JOIN talent_profile t ON t.person_id = n.person_id",
        "n",
        f"n.skill_code IN ({marks}) AND n.audience_id IN ({numbers}) AND {condition}",
        (*codes, *values),
    )


async def _points(box: Rectangle, audiences: Sequence[int], wish: Wish) -> list[Point]:
    source = _from(wish, audiences)
    name = source.name
    rows = await run(
        f"SELECT DISTINCT {name}.lat, {name}.lon FROM {source.table} WHERE {source.condition} "
        f"AND {name}.lat BETWEEN {{}} AND {{}} AND {name}.lon BETWEEN {{}} AND {{}}",
        *(*source.values, box.south, box.north, box.west, box.east),
    )
    return [(row["lat"], row["lon"]) for row in rows]


async def _people(
    measured: Sequence[tuple[float, Point]], audiences: Sequence[int], wish: Wish, limit: int
) -> tuple[Near, ...]:
    """The people at these points, in order, until there are enough."""
    source = _from(wish, audiences)
    name = source.name
    found: list[tuple[float, int]] = []
    for metres, points in groupby(measured, key=lambda one: one[0]):
        here: list[int] = []
        for _, (lat, lon) in points:
            rows = await run(
                f"SELECT DISTINCT {name}.person_id FROM {source.table} WHERE {source.condition} "
                f"AND {name}.lat = {{}} AND {name}.lon = {{}} "
                f"ORDER BY {name}.person_id LIMIT {limit}",
                *(*source.values, lat, lon),
            )
            here += [row["person_id"] for row in rows]
        found += [(metres, person_id) for person_id in sorted(here)]
        if len(found) >= limit:
            break
    return await _shown(found[:limit])


async def _shown(found: Sequence[tuple[float, int]]) -> tuple[Near, ...]:
    if not found:
        return ()
    marks = ", ".join(["{}"] * len(found))
    rows = await run(
        f"SELECT * FROM talent_profile WHERE person_id IN ({marks})",
        *(person_id for _, person_id in found),
    )
    by_id = {card.person_id: card for card in await cards(rows)}
    return tuple(Near(by_id[person_id], metres) for metres, person_id in found)
