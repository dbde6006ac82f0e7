"""What part of the earth is looked at, how fine the map speaks there, and how much.  Pure.

Groups have meaning: a 街镇 from afar, a 小区 nearer by, a 楼栋 close up.  Where more would show
than a phone can draw, they give way to cells of a grid that is fixed on the earth, so that a pan
does not shuffle them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final, Literal

from points.community.rules import LEVELS
from talentmap.pins.errors import (
    BoundsAcrossDateline,
    BoundsInsideOut,
    BoundsOffEarth,
    BoundsUnreadable,
    ZoomUnknown,
)
from talentmap.places.datum import Rectangle

Tier = Literal["subdistrict", "estate", "building"]
ZOOM_LEAST, ZOOM_MOST = 0, 20
ESTATES_FROM_ZOOM: Final = 12
BUILDINGS_FROM_ZOOM: Final = 16
AREAS_MOST: Final = 400
CELLS_MOST: Final = 260
LISTED_ACTIVITIES_MOST: Final = 50
BYTES_MOST: Final = 60_000
# What a group costs in the answer beside its name and its skills, and an activity beside its words.
GROUP_BYTES: Final = 132
ACTIVITY_BYTES: Final = 200
ANSWER_BYTES: Final = 200
# 256 pixels are the whole round of the earth at zoom 0; a cell is 64 of them wide.
CELLS_PER_TILE_EXPONENT: Final = 2
CELL_EXPONENT_MOST: Final = 24


def parsed_bounds(text: str) -> Rectangle:
    """``south,west,north,east`` as a rectangle, or what is wrong with it."""
    parts = text.split(",")
    try:
        south, west, north, east = (float(part) for part in parts)
    except ValueError:
        raise BoundsUnreadable(field="bbox") from None
    return checked_bounds(south, west, north, east)


def checked_bounds(south: float, west: float, north: float, east: float) -> Rectangle:
    """The rectangle, or what is wrong with it."""
    if not all(isfinite(edge) for edge in (south, west, north, east)):
        raise BoundsUnreadable(field="bbox")
    if max(abs(south), abs(north)) > 90 or max(abs(west), abs(east)) > 180:
        raise BoundsOffEarth(field="bbox")
    if south > north:
        raise BoundsInsideOut(field="bbox", south=str(south), north=str(north))
    if west > east:
        raise BoundsAcrossDateline(field="bbox", west=str(west), east=str(east))
    return Rectangle(south, west, north, east)


def checked_zoom(zoom: int) -> int:
    """The zoom, if maps have it."""
    if not ZOOM_LEAST <= zoom <= ZOOM_MOST:
        raise ZoomUnknown(field="z", least=ZOOM_LEAST, most=ZOOM_MOST)
    return zoom


def tier_of(zoom: int) -> Tier:
    """Of which level the groups are at a zoom."""
    if zoom < ESTATES_FROM_ZOOM:
        return "subdistrict"
    return "estate" if zoom < BUILDINGS_FROM_ZOOM else "building"


def zooms_of(tier: Tier) -> tuple[int, int]:
    """The least and the most zoom at which groups are of the tier."""
    if tier == "subdistrict":
        return ZOOM_LEAST, ESTATES_FROM_ZOOM - 1
    if tier == "estate":
        return ESTATES_FROM_ZOOM, BUILDINGS_FROM_ZOOM - 1
    return BUILDINGS_FROM_ZOOM, ZOOM_MOST


def levels_above(tier: Tier) -> tuple[str, ...]:
    """Levels coarser than the tier: who is published only there is shown there."""
    return LEVELS[: LEVELS.index(tier)]


def levels_below(tier: Tier) -> tuple[str, ...]:
    """Levels finer than the tier."""
    return LEVELS[LEVELS.index(tier) + 1 :]


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells of 360/2^exponent degrees, counted from the south pole and the 180th meridian."""

    exponent: int

    @property
    def degrees(self) -> float:
        """The side of a cell."""
        return 360.0 / (1 << self.exponent)

    def name(self, column: int, row: int) -> str:
        """What a cell is called, in every view the same."""
        return f"g{self.exponent}:{column}:{row}"

    def cell(self, lat: float, lon: float) -> tuple[int, int]:
        """The column and row of a point."""
        return int((lon + 180.0) / self.degrees), int((lat + 90.0) / self.degrees)

    def cells_in(self, box: Rectangle) -> int:
        """How many cells a view touches at most."""
        columns = int((box.east - box.west) / self.degrees) + 2
        rows = int((box.north - box.south) / self.degrees) + 2
        return columns * rows


def grid_of(box: Rectangle, zoom: int, *, most: int = CELLS_MOST) -> Grid:
    """The finest grid that fits the zoom and stays under so many cells."""
    exponent = min(zoom + CELLS_PER_TILE_EXPONENT, CELL_EXPONENT_MOST)
    while exponent > 0 and Grid(exponent).cells_in(box) > most:
        exponent -= 1
    return Grid(exponent)


def group_bytes(name: str, top: Sequence[str]) -> int:
    """About how long a group is in the answer, at least as long as it really is."""
    return GROUP_BYTES + spoken_bytes(name) + sum(len(code) + 3 for code in top)


def activity_bytes(*texts: str) -> int:
    """About how long an activity is in the answer."""
    return ACTIVITY_BYTES + sum(spoken_bytes(text) for text in texts)


def spoken_bytes(text: str) -> int:
    """Bytes of a text in JSON: quotes and backslashes count twice, controls never come here."""
    return len(text.encode()) + text.count('"') + text.count("\\")
