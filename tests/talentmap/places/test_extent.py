"""Where a map of an area looks first."""

import pytest

from points.community.areas import those_within
from talentmap.places.datum import Rectangle
from talentmap.places.extent import extent_of
from talentmap.places.putting import put_place
from tests.cast import FOUNDED, cast

pytestmark = pytest.mark.anyio


async def put(area_id: int, lat: float, lon: float) -> None:
    await put_place(
        actor_id=None, area_id=area_id, lat=lat, lon=lon, datum="wgs84", now=FOUNDED
    )  # fmt: skip


async def test_an_area_reaches_as_far_as_its_places(engine) -> None:
    who = await cast()
    assert await extent_of() is None
    assert await extent_of(who.estate) is None
    await put(who.building_1, 31.19, 121.30)
    await put(who.building_2, 31.20, 121.31)
    await put(who.other_committee, 31.25, 121.40)
    assert await extent_of(who.committee) == Rectangle(31.19, 121.30, 31.20, 121.31)
    everything = await extent_of()
    assert everything == Rectangle(31.19, 121.30, 31.25, 121.40)
    assert await extent_of(who.subdistrict) == everything


async def test_an_area_without_a_place_is_where_the_area_around_it_is(engine) -> None:
    who = await cast()
    await put(who.building_1, 31.19, 121.30)
    inside = await extent_of(who.stairwell_11)
    assert inside == await extent_of(who.building_1)
    assert await extent_of(who.other_stairwell) is None


async def test_areas_are_told_apart_by_where_they_lie(engine) -> None:
    who = await cast()
    asked = [who.building_1, who.estate, who.other_committee, 0, 10**12]
    assert await those_within(asked, who.estate) == {who.building_1, who.estate}
    assert await those_within([], who.estate) == frozenset()
