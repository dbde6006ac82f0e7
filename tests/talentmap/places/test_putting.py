"""A steward may say where her area lies, and nobody else."""

import pytest

from points.community.errors import NotInRole
from points.transactions import run
from talentmap.places.errors import CoordinatesSwapped
from talentmap.places.putting import put_place
from tests.cast import FOUNDED, cast

pytestmark = pytest.mark.anyio


async def test_a_steward_puts_a_building_on_the_map_and_may_correct_it(engine) -> None:
    who = await cast()
    for lat in (31.19, 31.2):
        await put_place(
            actor_id=who.chen_jing,
            area_id=who.building_1,
            lat=lat,
            lon=121.3,
            datum="wgs84",
            now=FOUNDED,
        )
    assert await run("SELECT area_id, lat, lon, source_datum FROM place") == [
        {"area_id": who.building_1, "lat": 31.2, "lon": 121.3, "source_datum": "wgs84"}
    ]


@pytest.mark.parametrize(
    ("actor", "lat", "lon", "refusal"),
    [
        ("lu_xiuying", 31.19, 121.3, NotInRole),
        ("xu_jing", 31.19, 121.3, NotInRole),
        ("chen_jing", 121.3, 31.19, CoordinatesSwapped),
    ],
)
async def test_others_and_wrong_points_are_refused(engine, actor, lat, lon, refusal) -> None:
    who = await cast()
    with pytest.raises(refusal):
        await put_place(
            actor_id=getattr(who, actor),
            area_id=who.building_1,
            lat=lat,
            lon=lon,
            datum="wgs84",
            now=FOUNDED,
        )
    assert await run("SELECT id FROM place") == []
