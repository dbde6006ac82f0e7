"""Chinese maps are drawn aside: WGS-84 (GPS, OpenStreetMap), GCJ-02 (AMap, Tencent), BD-09 (Baidu).

Everything is stored as WGS-84.  A datum is never guessed from the numbers: the three differ by
less than a neighbourhood and a wrong one puts almost half of a city into the next street office.
The forward formulas are public and exact; the ways back are fixed points of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import atan2, cos, hypot, pi, radians, sin, sqrt
from typing import Literal

Datum = Literal["wgs84", "gcj02", "bd09"]
Point = tuple[float, float]
DATUMS: tuple[Datum, ...] = ("wgs84", "gcj02", "bd09")

TOLERANCE_DEGREES = 1e-9
STEPS_MAX = 30
KRASOVSKY_AXIS_METRES = 6378245.0
KRASOVSKY_ECCENTRICITY_SQUARED = 0.00669342162296594323
BAIDU_LAT, BAIDU_LON = 0.0060, 0.0065


@dataclass(frozen=True, slots=True)
class Rectangle:
    """Degrees from south-west to north-east, edges included."""

    south: float
    west: float
    north: float
    east: float

    def contains(self, lat: float, lon: float) -> bool:
        """Whether the point lies inside or on an edge."""
        return self.south <= lat <= self.north and self.west <= lon <= self.east


# Where the formulas are applied at all.  The rectangle is the one every public implementation uses;
# it is coarse (Taipei and Seoul are shifted, Tokyo is not), hence an argument wherever it matters.
MAINLAND = Rectangle(0.8293, 72.004, 55.8271, 137.8347)


def to_wgs84(lat: float, lon: float, datum: Datum, mainland: Rectangle = MAINLAND) -> Point:
    """A point of any datum as WGS-84."""
    if datum == "bd09":
        lat, lon = bd09_to_gcj02(lat, lon)
    if datum == "wgs84":
        return lat, lon
    return gcj02_to_wgs84(lat, lon, mainland)


def from_wgs84(lat: float, lon: float, datum: Datum, mainland: Rectangle = MAINLAND) -> Point:
    """A WGS-84 point in any datum, to draw it on tiles of that datum."""
    if datum == "wgs84":
        return lat, lon
    shifted = wgs84_to_gcj02(lat, lon, mainland)
    return gcj02_to_bd09(*shifted) if datum == "bd09" else shifted


def wgs84_to_gcj02(lat: float, lon: float, mainland: Rectangle = MAINLAND) -> Point:
    """WGS-84 as GCJ-02; unchanged outside the mainland rectangle."""
    return _shifted(lat, lon) if mainland.contains(lat, lon) else (lat, lon)


def gcj02_to_wgs84(lat: float, lon: float, mainland: Rectangle = MAINLAND) -> Point:
    """GCJ-02 as WGS-84; unchanged outside the mainland rectangle."""
    return _inverse(_shifted, lat, lon) if mainland.contains(lat, lon) else (lat, lon)


def gcj02_to_bd09(lat: float, lon: float) -> Point:
    """GCJ-02 as BD-09."""
    radius = hypot(lon, lat) + 0.00002 * sin(radians(lat) * 3000)
    angle = atan2(lat, lon) + 0.000003 * cos(radians(lon) * 3000)
    return radius * sin(angle) + BAIDU_LAT, radius * cos(angle) + BAIDU_LON


def bd09_to_gcj02(lat: float, lon: float) -> Point:
    """BD-09 as GCJ-02."""
    return _inverse(gcj02_to_bd09, lat, lon)


def _inverse(forward: Callable[[float, float], Point], lat: float, lon: float) -> Point:
    guess_lat, guess_lon = lat, lon
    for _ in range(STEPS_MAX):
        found_lat, found_lon = forward(guess_lat, guess_lon)
        guess_lat -= found_lat - lat
        guess_lon -= found_lon - lon
        if abs(found_lat - lat) < TOLERANCE_DEGREES and abs(found_lon - lon) < TOLERANCE_DEGREES:
            break
    return guess_lat, guess_lon


def _shifted(lat: float, lon: float) -> Point:
    """The public GCJ-02 formula: metres of shift on Krasovsky's ellipsoid, turned into degrees."""
    x, y = lon - 105.0, lat - 35.0
    waves = 2 * sin(6 * pi * x) + 2 * sin(2 * pi * x)
    north_metres = (
        (-100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)))
        + (waves + 2 * sin(pi * y) + 4 * sin(pi * y / 3)) * 20 / 3
        + (16 * sin(pi * y / 12) + 32 * sin(pi * y / 30)) * 20 / 3
    )
    east_metres = (
        (300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)))
        + (waves + 2 * sin(pi * x) + 4 * sin(pi * x / 3)) * 20 / 3
        + (15 * sin(pi * x / 12) + 30 * sin(pi * x / 30)) * 20 / 3
    )
    phi = radians(lat)
    flattening = 1 - KRASOVSKY_ECCENTRICITY_SQUARED * sin(phi) ** 2
    meridian = KRASOVSKY_AXIS_METRES * (1 - KRASOVSKY_ECCENTRICITY_SQUARED) / flattening**1.5
    parallel = KRASOVSKY_AXIS_METRES * cos(phi) / sqrt(flattening)
    return lat + north_metres / radians(meridian), lon + east_metres / radians(parallel)
