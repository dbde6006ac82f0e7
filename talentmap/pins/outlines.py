"""The ground where there are no tiles: outlines of areas, or shapes around their own places.

Everything here is said of places, nothing of people.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from points.transactions import run
from talentmap.pins.rules import ESTATES_FROM_ZOOM
from talentmap.pins.shape_rules import around, simplified, tolerance_of
from talentmap.places.datum import Point, Rectangle
from talentmap.places.rules import Rings

DRAWN_MOST: Final = 300
POINTS_MOST: Final = 20_000
ESTATES_DRAWN_FROM_ZOOM: Final = 15
FAR: Final = ("subdistrict",)
NEAR: Final = ("subdistrict", "committee", "neighbourhood")
CLOSE: Final = (*NEAR, "estate")


@dataclass(frozen=True, slots=True)
class Shape:
    """An area on the ground: from its outline, or around the points of its places."""

    area_id: int
    name: str
    level: str
    drawn: Literal["outline", "points"]
    rings: Rings


async def newest_place() -> datetime | None:
    """When a place was last written: as long as it is the same, the ground is."""
    [row] = await run("SELECT MAX(imported_at) AS newest FROM place")
    newest: datetime | str | None = row["newest"]
    return datetime.fromisoformat(newest) if isinstance(newest, str) else newest


def levels_of(zoom: int) -> tuple[str, ...]:
    """Which areas are drawn at a zoom."""
    if zoom < ESTATES_FROM_ZOOM:
        return FAR
    return NEAR if zoom < ESTATES_DRAWN_FROM_ZOOM else CLOSE


async def outlines(*, box: Rectangle, zoom: int) -> tuple[Shape, ...]:
    """The ground of a view, large areas first, so that small ones are drawn over them."""
    levels = ", ".join(f"'{level}'" for level in levels_of(zoom))
    known = await _known(box, levels)
    drawn = [_outlined(row, zoom) for row in known]
    room = DRAWN_MOST - len(known)
    if room > 0:
        drawn += await _from_points(box, levels, room)
    order = {level: number for number, level in enumerate(CLOSE)}
    return tuple(sorted((s for s in drawn if s.rings), key=lambda s: (order[s.level], s.area_id)))


async def _known(box: Rectangle, levels: str) -> list[dict[str, Any]]:
    return await run(
        "SELECT p.area_id, p.rings, a.name, a.level FROM place p JOIN area a ON a.id = p.area_id "
        "WHERE p.rings IS NOT NULL AND p.south <= {} AND p.north >= {} AND p.west <= {} "
        f"AND p.east >= {{}} AND a.level IN ({levels}) LIMIT {DRAWN_MOST}",
        *(box.north, box.south, box.east, box.west),
    )


def _outlined(row: dict[str, Any], zoom: int) -> Shape:
    rings = tuple(
        tuple((float(lat), float(lon)) for lat, lon in ring) for ring in json.loads(row["rings"])
    )
    shown = simplified(rings, tolerance_of(zoom))
    return Shape(int(row["area_id"]), row["name"], row["level"], "outline", shown)


async def _from_points(box: Rectangle, levels: str, room: int) -> list[Shape]:
    """Shapes of areas without an outline that have a place of their own, or below them, here."""
    rows = await run(
        "SELECT DISTINCT x.ancestor_id AS area_id, a.name, a.level FROM place p "
        "JOIN area_ancestor x ON x.area_id = p.area_id JOIN area a ON a.id = x.ancestor_id "
        "WHERE p.lat BETWEEN {} AND {} AND p.lon BETWEEN {} AND {} "
        f"AND a.level IN ({levels}) AND NOT EXISTS (SELECT 1 FROM place q "
        f"WHERE q.area_id = a.id AND q.rings IS NOT NULL) ORDER BY area_id LIMIT {room}",
        *(box.south, box.north, box.west, box.east),
    )
    points = await _points_of([row["area_id"] for row in rows])
    # Of more points than anybody can see some areas may have got none.
    return [_shaped(row, points[row["area_id"]]) for row in rows if points[row["area_id"]]]


def _shaped(row: dict[str, Any], points: Iterable[Point]) -> Shape:
    ring = around(points)
    return Shape(int(row["area_id"]), row["name"], row["level"], "points", (ring,))


async def _points_of(area_ids: Sequence[int]) -> dict[int, list[Point]]:
    """Where the places of each area are; all of them, whatever part of it is looked at."""
    points: dict[int, list[Point]] = defaultdict(list)
    if not area_ids:
        return points
    numbers = ", ".join(str(int(number)) for number in area_ids)
    rows = await run(
        "SELECT x.ancestor_id, p.lat, p.lon FROM area_ancestor x JOIN place p "
        f"ON p.area_id = x.area_id WHERE x.ancestor_id IN ({numbers}) LIMIT {POINTS_MOST}"
    )
    for row in rows:
        points[row["ancestor_id"]].append((row["lat"], row["lon"]))
    return points
