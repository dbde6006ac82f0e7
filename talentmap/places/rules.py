"""Where a point lies: inside which outline, far from all others, or nowhere on earth."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import asin, cos, isfinite, radians, sin, sqrt

from talentmap.places.datum import Point, Rectangle
from talentmap.places.errors import CoordinatesMissing, CoordinatesSwapped, NotOnEarth

Ring = tuple[Point, ...]
Rings = tuple[Ring, ...]

EARTH_RADIUS_METRES = 6371008.8
METRES_PER_DEGREE = 111_195.0
# Towns and estates often reach a little over the simplified outlines; other cities lie beyond.
OUTLINE_MARGIN_METRES = 5_000.0
# Without outlines the file itself says where it is at home: five times the spread of its middle
# half keeps islands and far suburbs of one city, and never less than what a walk covers.
SPREADS_KEPT = 5.0
FENCE_LEAST_METRES = 10_000.0
ROWS_TO_JUDGE_LEAST = 8
# China read the wrong way round: a "latitude" of 73 to 135 with a "longitude" of 18 to 54.
SWAPPED = Rectangle(73.0, 18.0, 135.5, 54.0)


def checked_point(lat: float, lon: float) -> Point:
    """The point, or the reason why it cannot be one."""
    if not (isfinite(lat) and isfinite(lon)):
        raise NotOnEarth(lat=lat, lon=lon)
    if lat == 0 and lon == 0:
        raise CoordinatesMissing
    if SWAPPED.contains(lat, lon):
        raise CoordinatesSwapped(lat=lat, lon=lon)
    if abs(lat) > 90 or abs(lon) > 180:
        raise NotOnEarth(lat=lat, lon=lon)
    return lat, lon


def distance_metres(one: Point, other: Point) -> float:
    """Great-circle distance."""
    half_lat = radians(other[0] - one[0]) / 2
    half_lon = radians(other[1] - one[1]) / 2
    chord = sin(half_lat) ** 2 + cos(radians(one[0])) * cos(radians(other[0])) * sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_METRES * asin(min(1.0, sqrt(chord)))


def bounds(points: Iterable[Point]) -> Rectangle:
    """The smallest rectangle around at least one point."""
    lats, lons = zip(*points, strict=True)
    return Rectangle(min(lats), min(lons), max(lats), max(lons))


def grown(box: Rectangle, metres: float) -> Rectangle:
    """The rectangle with a margin on every side."""
    lat_margin = metres / METRES_PER_DEGREE
    lon_margin = lat_margin / max(0.01, cos(radians((box.south + box.north) / 2)))
    return Rectangle(
        box.south - lat_margin,
        box.west - lon_margin,
        box.north + lat_margin,
        box.east + lon_margin,
    )


def in_rings(lat: float, lon: float, rings: Rings) -> bool:
    """Whether the point is inside by the even-odd rule, so that a ring in a ring is a hole."""
    inside = False
    for ring in rings:
        last_lat, last_lon = ring[-1]
        for next_lat, next_lon in ring:
            if (next_lon > lon) != (last_lon > lon):
                crossing = last_lat + (next_lat - last_lat) * (lon - last_lon) / (
                    next_lon - last_lon
                )
                inside ^= lat < crossing
            last_lat, last_lon = next_lat, next_lon
    return inside


def centre(rings: Rings) -> Point:
    """Centre of area of the largest ring, or the mean of its corners where it has no area."""
    ring = max(rings, key=lambda one: abs(_moments(one)[0]))
    doubled, lat_moment, lon_moment = _moments(ring)
    origin_lat, origin_lon = ring[0]
    if abs(doubled) < 1e-12:
        return sum(p[0] for p in ring) / len(ring), sum(p[1] for p in ring) / len(ring)
    return origin_lat + lat_moment / (3 * doubled), origin_lon + lon_moment / (3 * doubled)


def _moments(ring: Ring) -> tuple[float, float, float]:
    """Twice the signed area and the moments about the first corner, where floats stay small."""
    origin_lat, origin_lon = ring[0]
    corners = [(lat - origin_lat, lon - origin_lon) for lat, lon in ring]
    doubled = lat_moment = lon_moment = 0.0
    for (lat, lon), (next_lat, next_lon) in zip(corners, corners[1:] + corners[:1], strict=True):
        cross = lon * next_lat - next_lon * lat
        doubled += cross
        lat_moment += (lat + next_lat) * cross
        lon_moment += (lon + next_lon) * cross
    return doubled, lat_moment, lon_moment


@dataclass(frozen=True, slots=True)
class Outline:
    """The rings of one area with the rectangle around them, which rules most points out."""

    area_id: int
    rings: Rings
    box: Rectangle

    def contains(self, lat: float, lon: float) -> bool:
        """Whether the point is inside."""
        return self.box.contains(lat, lon) and in_rings(lat, lon, self.rings)


def outline(area_id: int, rings: Rings) -> Outline:
    """The outline of an area."""
    return Outline(area_id, rings, bounds(point for ring in rings for point in ring))


def containing(lat: float, lon: float, outlines: Sequence[Outline]) -> int | None:
    """The area whose outline holds the point; the first one where outlines overlap."""
    for one in outlines:
        if one.contains(lat, lon):
            return one.area_id
    return None


def home(points: Sequence[Point], outlines: Sequence[Outline]) -> Rectangle | None:
    """The rectangle where places are expected; None where nothing can be said.

    Known outlines decide.  Without any, the points themselves do: quartiles do not move when a
    twentieth of a file lies in other cities, as a mean would.
    """
    if outlines:
        corners = [(one.box.south, one.box.west) for one in outlines]
        corners += [(one.box.north, one.box.east) for one in outlines]
        return grown(bounds(corners), OUTLINE_MARGIN_METRES)
    if len(points) < ROWS_TO_JUDGE_LEAST:
        return None
    south, north = _fence(sorted(lat for lat, _ in points))
    west, east = _fence(sorted(lon for _, lon in points))
    middle_half = Rectangle(south[0], west[0], north[0], east[0])
    least = grown(middle_half, FENCE_LEAST_METRES)
    return Rectangle(
        min(least.south, south[1]),
        min(least.west, west[1]),
        max(least.north, north[1]),
        max(least.east, east[1]),
    )


def _fence(ordered: Sequence[float]) -> tuple[tuple[float, float], tuple[float, float]]:
    """(Lower quartile, lower fence), (upper quartile, upper fence)."""
    low, high = ordered[len(ordered) // 4], ordered[3 * len(ordered) // 4]
    reach = SPREADS_KEPT * (high - low)
    return (low, low - reach), (high, high + reach)
