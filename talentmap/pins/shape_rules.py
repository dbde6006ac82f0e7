"""Outlines drawn with few corners, and drawn from points where no outline is known.  Pure."""

from collections.abc import Iterable, Sequence
from math import cos, hypot, pi, radians, sin
from typing import Final

from talentmap.places.datum import Point
from talentmap.places.rules import METRES_PER_DEGREE, Rings

CIRCLE_CORNERS: Final = 16
CIRCLE_METRES: Final = 150.0
# About half a pixel at a zoom: 360 degrees are 256 pixels at zoom 0.
PIXELS_KEPT: Final = 0.75


def tolerance_of(zoom: int) -> float:
    """Degrees that nobody sees at a zoom."""
    return 360.0 / (256 << zoom) * PIXELS_KEPT


def simplified(rings: Rings, tolerance: float) -> Rings:
    """The rings with the corners that matter; a ring too small to be seen is left out."""
    kept = [_ring(ring, tolerance) for ring in rings]
    return tuple(ring for ring in kept if len(ring) >= 4)


def _ring(ring: Sequence[Point], tolerance: float) -> tuple[Point, ...]:
    closed = tuple(ring) if ring[0] == ring[-1] else (*ring, ring[0])
    if len(closed) < 4:
        return ()
    # The corner farthest from the first splits the loop into two lines.
    far = max(range(len(closed)), key=lambda at: _distance_squared(closed[at], closed[0]))
    if _distance_squared(closed[far], closed[0]) < tolerance * tolerance:
        return ()
    return (*_line(closed[: far + 1], tolerance)[:-1], *_line(closed[far:], tolerance))


def _line(points: Sequence[Point], tolerance: float) -> tuple[Point, ...]:
    """Douglas and Peucker, without recursion: rings come with thousands of corners."""
    keep = {0, len(points) - 1}
    waiting = [(0, len(points) - 1)]
    while waiting:
        first, last = waiting.pop()
        farthest, at = 0.0, 0
        for index in range(first + 1, last):
            off = _off_line(points[index], points[first], points[last])
            if off > farthest:
                farthest, at = off, index
        if farthest > tolerance:
            keep.add(at)
            waiting += [(first, at), (at, last)]
    return tuple(points[index] for index in sorted(keep))


def _off_line(point: Point, start: Point, end: Point) -> float:
    """How far a point is from a stretch, in degrees."""
    along_lat, along_lon = end[0] - start[0], end[1] - start[1]
    length = along_lat * along_lat + along_lon * along_lon
    if length == 0:
        return hypot(point[0] - start[0], point[1] - start[1])
    share = ((point[0] - start[0]) * along_lat + (point[1] - start[1]) * along_lon) / length
    share = min(1.0, max(0.0, share))
    return hypot(point[0] - start[0] - share * along_lat, point[1] - start[1] - share * along_lon)


def _distance_squared(one: Point, other: Point) -> float:
    lat, lon = one[0] - other[0], one[1] - other[1]
    return lat * lat + lon * lon


def around(points: Iterable[Point]) -> tuple[Point, ...]:
    """One ring around points, with a little room at each; a circle around a single one."""
    ring = _hull(corner for point in _hull(points) for corner in circle(point))
    return (*ring, ring[0])


def _hull(points: Iterable[Point]) -> tuple[Point, ...]:
    """The corners that all points lie between; fewer than three where they span no area."""
    corners = sorted(set(points))
    return tuple(corners) if len(corners) < 3 else (*_half(corners), *_half(corners[::-1]))


def _half(corners: Sequence[Point]) -> list[Point]:
    """One side of the hull, without its last corner, which begins the other side."""
    side: list[Point] = []
    for point in corners:
        while len(side) >= 2 and _turn(side[-2], side[-1], point) <= 0:
            side.pop()
        side.append(point)
    return side[:-1]


def _turn(one: Point, two: Point, three: Point) -> float:
    return (two[0] - one[0]) * (three[1] - one[1]) - (two[1] - one[1]) * (three[0] - one[0])


def circle(centre: Point, metres: float = CIRCLE_METRES) -> tuple[Point, ...]:
    """A ring of corners around a point."""
    lat_reach = metres / METRES_PER_DEGREE
    lon_reach = lat_reach / max(0.01, cos(radians(centre[0])))
    ring = [
        (centre[0] + lat_reach * sin(angle), centre[1] + lon_reach * cos(angle))
        for angle in (2 * pi * step / CIRCLE_CORNERS for step in range(CIRCLE_CORNERS))
    ]
    return (*ring, ring[0])
