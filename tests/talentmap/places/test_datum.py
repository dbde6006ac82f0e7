"""The three datums of Chinese maps."""

import warnings

import prcoords
import pytest
from hypothesis import given
from hypothesis import strategies as st

from talentmap.places.datum import (
    DATUMS,
    MAINLAND,
    Datum,
    Point,
    Rectangle,
    from_wgs84,
    to_wgs84,
)
from talentmap.places.rules import distance_metres

mainland_points = st.tuples(st.floats(18.0, 53.5), st.floats(73.7, 135.0))
PEOPLES_SQUARE = (31.2304, 121.4737)


@given(mainland_points, st.sampled_from(DATUMS))
def test_there_and_back_is_less_than_a_centimetre_anywhere_on_the_mainland(
    point: Point, datum: Datum
) -> None:
    back = to_wgs84(*from_wgs84(*point, datum), datum)
    assert distance_metres(point, back) < 0.01


@given(mainland_points)
def test_forward_agrees_with_prcoords(point: Point) -> None:
    assert distance_metres(from_wgs84(*point, "gcj02"), prcoords.wgs_gcj(point)) < 0.01
    assert distance_metres(from_wgs84(*point, "bd09"), prcoords.wgs_bd(point)) < 0.01


@given(mainland_points)
def test_the_way_back_agrees_with_the_patient_inverses_of_prcoords(point: Point) -> None:
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patience:
        warnings.simplefilter("ignore")
        # Its stopping rule of a metre would leave up to a centimetre of its own in the answer.
        patience.setattr(prcoords, "PRC_EPS", 1e-9)
        assert distance_metres(to_wgs84(*point, "gcj02"), prcoords.gcj_wgs_bored(point)) < 0.01
        assert distance_metres(to_wgs84(*point, "bd09"), prcoords.bd_wgs_bored(point)) < 0.01


def test_a_compound_of_the_published_list_lands_where_its_cleaned_version_says() -> None:
    assert to_wgs84(31.22147, 121.434563, "bd09") == pytest.approx(
        (31.217022, 121.423487), abs=1e-6
    )
    assert to_wgs84(31.21517, 121.428125, "gcj02") == pytest.approx(
        (31.217022, 121.423487), abs=1e-6
    )


def test_taking_one_datum_for_another_is_off_by_hundreds_of_metres() -> None:
    assert 400 < distance_metres(PEOPLES_SQUARE, from_wgs84(*PEOPLES_SQUARE, "gcj02")) < 600
    assert 1000 < distance_metres(PEOPLES_SQUARE, from_wgs84(*PEOPLES_SQUARE, "bd09")) < 1300


@pytest.mark.parametrize("point", [(35.6762, 139.6503), (51.5072, -0.1276), (-33.87, 151.21)])
def test_nothing_is_shifted_outside_the_mainland_rectangle(point: Point) -> None:
    assert not MAINLAND.contains(*point)
    assert from_wgs84(*point, "gcj02") == point
    assert to_wgs84(*point, "gcj02") == point


def test_the_rectangle_can_be_drawn_tighter() -> None:
    taipei = (25.033, 121.5654)
    without_taiwan = Rectangle(18.0, 73.0, 54.0, 119.9)
    assert from_wgs84(*taipei, "gcj02") != taipei
    assert from_wgs84(*taipei, "gcj02", without_taiwan) == taipei
    assert to_wgs84(*taipei, "gcj02", without_taiwan) == taipei
