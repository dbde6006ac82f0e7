"""Views, tiers, grids and words: pure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.errors import Invalid
from talentmap.pins import rules
from talentmap.pins.errors import (
    BoundsAcrossDateline,
    BoundsInsideOut,
    BoundsOffEarth,
    BoundsUnreadable,
    FilterCategoryUnknown,
    FilterDayUnknown,
    FilterLevelUnknown,
    FilterMatchUnknown,
    FilterSkillsTooMany,
    FilterSkillUnknown,
    FilterTextTooLong,
    LayerUnknown,
    ZoomUnknown,
)
from talentmap.pins.filters import checked_filter
from talentmap.pins.shape_rules import around, simplified, tolerance_of
from talentmap.pins.word_rules import plain, words_of
from talentmap.places.datum import Rectangle
from talentmap.places.rules import in_rings

LATS = st.floats(-90, 90)
LONS = st.floats(-180, 180)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", BoundsUnreadable),
        ("1,2,3", BoundsUnreadable),
        ("1,2,3,4,5", BoundsUnreadable),
        ("a,b,c,d", BoundsUnreadable),
        ("nan,2,3,4", BoundsUnreadable),
        ("1,2,inf,4", BoundsUnreadable),
        ("32,121,31,122", BoundsInsideOut),
        ("31,179,32,-179", BoundsAcrossDateline),
        ("-91,0,0,1", BoundsOffEarth),
        ("0,0,1,180.5", BoundsOffEarth),
        ("0,-400,1,400", BoundsOffEarth),
    ],
)
def test_a_view_that_is_none_is_refused(text: str, error: type[Invalid]):
    with pytest.raises(error):
        rules.parsed_bounds(text)


def test_a_view_is_four_numbers():
    assert rules.parsed_bounds(" 31, 121,32 ,122") == Rectangle(31, 121, 32, 122)
    assert rules.parsed_bounds("31,121,31,121") == Rectangle(31, 121, 31, 121)


def test_from_afar_the_map_speaks_of_subdistricts_and_close_up_of_buildings():
    tiers = [rules.tier_of(zoom) for zoom in (0, 11, 12, 15, 16, 20)]
    assert tiers == ["subdistrict", "subdistrict", "estate", "estate", "building", "building"]
    for zoom in (-1, 21):
        with pytest.raises(ZoomUnknown):
            rules.checked_zoom(zoom)


@given(LATS, LATS, LONS, LONS, st.integers(0, 20))
def test_a_grid_never_has_more_cells_than_may_show(
    one: float, other: float, left: float, right: float, zoom: int
):
    box = Rectangle(min(one, other), min(left, right), max(one, other), max(left, right))
    grid = rules.grid_of(box, zoom)
    assert grid.cells_in(box) <= rules.CELLS_MOST or grid.exponent == 0
    south_west, north_east = grid.cell(box.south, box.west), grid.cell(box.north, box.east)
    columns, rows = (high - low + 1 for low, high in zip(south_west, north_east, strict=True))
    assert columns * rows <= max(grid.cells_in(box), 4)


def test_a_pan_keeps_the_cells_where_they_are():
    here = Rectangle(31.0, 121.0, 31.2, 121.3)
    panned = Rectangle(31.05, 121.1, 31.25, 121.4)
    assert rules.grid_of(here, 13) == rules.grid_of(panned, 13)


@pytest.mark.parametrize(
    ("wish", "error"),
    [
        ({"layers": ["homes"]}, LayerUnknown),
        ({"skills": ["telepathy"]}, FilterSkillUnknown),
        ({"skills": ["tai_chi"] * 500}, FilterSkillsTooMany),
        ({"match": "some"}, FilterMatchUnknown),
        ({"category": "nonsense"}, FilterCategoryUnknown),
        ({"level": "divine"}, FilterLevelUnknown),
        ({"text": "长" * 61}, FilterTextTooLong),
        ({"day": "2026-13-01"}, FilterDayUnknown),
        ({"day": "0001-01-01"}, FilterDayUnknown),
    ],
)
def test_a_wish_that_cannot_be_is_refused(wish: dict[str, object], error: type[Invalid]):
    with pytest.raises(error):
        checked_filter(**wish)  # type: ignore[arg-type]


def test_a_wish_is_a_list_of_clauses_without_what_follows_from_another():
    either = checked_filter(skills=["tai_chi", "sachet"])
    both = checked_filter(skills=["tai_chi", "sachet"], match="all")
    narrow = checked_filter(skills=["sachet"], category="craft")
    assert either.clauses == (("sachet", "tai_chi"),)
    assert either.one_skill is None
    assert both.clauses == (("tai_chi",), ("sachet",))
    assert narrow.clauses == (("sachet",),)
    assert (narrow.one_skill, checked_filter().one_skill) == ("sachet", "")
    assert checked_filter(level="interest").levels == ()
    assert checked_filter(level="certified", skills=["sachet"]).one_skill is None
    assert checked_filter(text="没有人会的事").nobody
    assert "tai_chi" in checked_filter(text="taiji").clauses[0]


def test_a_name_is_found_by_characters_pinyin_and_initials_from_any_of_its_parts():
    found = dict(words_of("爱博五村"))
    assert {word for word, inside in found.items() if not inside} == {
        "爱博五村", "aibowucun", "abwc"
    }  # fmt: skip
    assert {"五村", "wucun", "wc", "bowucun"} <= {word for word, inside in found.items() if inside}
    assert "村" not in found
    assert {"changninglu", "znl"} <= set(dict(words_of("长宁路")))
    assert "photography" in dict(words_of("Phone photography"))
    assert words_of("·—") == frozenset()
    assert plain("Ａi Bo-五") == "aibo五"


@given(st.text(max_size=60))
def test_words_of_anything_fit_where_they_are_kept(text: str):
    assert all(0 < len(word) <= 40 for word, _ in words_of(text))


@given(st.lists(st.tuples(st.floats(31, 31.5), st.floats(121, 121.5)), min_size=1, max_size=30))
def test_a_shape_around_points_is_a_ring_that_holds_them(points: list[tuple[float, float]]):
    ring = around(points)
    assert ring[0] == ring[-1]
    assert len(ring) >= 4
    assert all(in_rings(lat, lon, (ring,)) for lat, lon in points)


def test_an_outline_loses_corners_that_nobody_sees_and_keeps_its_form():
    corners = [(31.0, 121.0), (31.0, 121.1), (31.1, 121.1), (31.1, 121.0)]
    dense = [
        (a[0] + (b[0] - a[0]) * step / 50, a[1] + (b[1] - a[1]) * step / 50)
        for a, b in zip(corners, corners[1:] + corners[:1], strict=True)
        for step in range(50)
    ]
    [ring] = simplified((tuple(dense),), tolerance_of(11))
    assert set(ring) == set(corners)
    assert simplified(((tuple(corners)),), tolerance_of(0)) == ()
