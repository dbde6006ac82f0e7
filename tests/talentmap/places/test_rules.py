"""Where a point lies."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.errors import DomainError
from talentmap.places.datum import Point
from talentmap.places.errors import CoordinatesMissing, CoordinatesSwapped, NotOnEarth
from talentmap.places.rules import (
    Rings,
    bounds,
    centre,
    checked_point,
    containing,
    distance_metres,
    home,
    in_rings,
    outline,
)

SQUARE: Rings = (((31.0, 121.0), (31.0, 121.1), (31.1, 121.1), (31.1, 121.0)),)
WITH_COURTYARD: Rings = (
    *SQUARE,
    ((31.04, 121.04), (31.04, 121.06), (31.06, 121.06), (31.06, 121.04)),
)


@pytest.mark.parametrize(
    ("point", "refusal"),
    [
        ((0.0, 0.0), CoordinatesMissing),
        ((121.47, 31.23), CoordinatesSwapped),
        ((91.0, 200.0), NotOnEarth),
        ((float("nan"), 121.0), NotOnEarth),
        ((float("inf"), 121.0), NotOnEarth),
    ],
)
def test_an_impossible_point_is_refused_with_its_reason(
    point: Point, refusal: type[DomainError]
) -> None:
    with pytest.raises(refusal):
        checked_point(*point)


@pytest.mark.parametrize("point", [(31.23, 121.47), (31.23, 21.49), (23.75, 108.2), (-33.9, 18.4)])
def test_a_possible_point_is_kept_however_unlikely(point: Point) -> None:
    assert checked_point(*point) == point


def test_a_hole_in_an_outline_is_outside() -> None:
    assert in_rings(31.02, 121.02, WITH_COURTYARD)
    assert not in_rings(31.05, 121.05, WITH_COURTYARD)
    assert not in_rings(31.2, 121.05, WITH_COURTYARD)


def test_a_closed_ring_and_an_open_one_mean_the_same() -> None:
    closed: Rings = ((*SQUARE[0], SQUARE[0][0]),)
    for point in [(31.05, 121.05), (31.2, 121.0), (30.99, 121.05)]:
        assert in_rings(*point, closed) == in_rings(*point, SQUARE)


def test_the_outline_that_holds_a_point_is_found() -> None:
    east: Rings = (tuple((lat, lon + 0.1) for lat, lon in SQUARE[0]),)
    outlines = [outline(1, SQUARE), outline(2, east)]
    assert containing(31.05, 121.05, outlines) == 1
    assert containing(31.05, 121.15, outlines) == 2
    assert containing(31.5, 121.15, outlines) is None


def test_the_centre_of_a_square_is_its_middle_and_a_line_has_one_too() -> None:
    assert centre(SQUARE) == pytest.approx((31.05, 121.05))
    assert centre((((31.0, 121.0), (31.0, 121.2), (31.0, 121.1)),)) == pytest.approx((31.0, 121.1))


@given(st.lists(st.tuples(st.floats(30, 32), st.floats(120, 122)), min_size=3, max_size=12))
def test_bounds_hold_every_point(points: list[Point]) -> None:
    box = bounds(points)
    assert all(box.contains(*point) for point in points)


def test_outlines_say_where_home_is_with_five_kilometres_of_grace() -> None:
    box = home([], [outline(1, SQUARE)])
    assert box is not None
    assert box.contains(31.05, 121.1 + 0.05)
    assert not box.contains(31.05, 121.1 + 0.06)
    assert not box.contains(32.0, 121.05)


def test_without_outlines_other_cities_are_far_and_an_island_of_the_same_city_is_not() -> None:
    chance = random.Random(1)
    town = [(31.23 + chance.gauss(0, 0.1), 121.47 + chance.gauss(0, 0.1)) for _ in range(300)]
    island = [(31.62 + chance.gauss(0, 0.02), 121.40 + chance.gauss(0, 0.05)) for _ in range(10)]
    elsewhere = [(39.9, 116.4), (23.75, 108.2), (31.23, 21.49)] * 4
    box = home(town + island + elsewhere, [])
    assert box is not None
    assert all(box.contains(*point) for point in town + island)
    assert not any(box.contains(*point) for point in elsewhere)


def test_a_handful_of_rows_and_one_estate_of_close_points_are_not_judged_harshly() -> None:
    assert home([(31.2, 121.4), (39.9, 116.4)], []) is None
    close = [(31.2 + step / 10_000, 121.4) for step in range(9)]
    box = home(close, [])
    assert box is not None
    assert box.contains(31.25, 121.45)
    assert not box.contains(31.4, 121.4)


def test_distances_are_metres_on_the_ground() -> None:
    assert distance_metres((31.0, 121.0), (31.0, 121.0)) == 0
    assert distance_metres((31.0, 121.0), (32.0, 121.0)) == pytest.approx(111_195, rel=0.001)
