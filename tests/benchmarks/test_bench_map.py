"""The benchmark of the map: that its city is an honest one, and that it runs."""

from dataclasses import replace

import pytest

from points.transactions import run
from talentmap.talents.verify import verify_talents
from tests.benchmarks.bench_map import GROUPS_MOST, KINDS, compare, walk
from tests.benchmarks.map_world import City, build
from web.database import DatabaseEngine

pytestmark = pytest.mark.anyio


def test_the_mix_is_the_same_every_time_and_stays_on_earth():
    city = City(((31.2, 121.5), (31.0, 121.3)))
    views = list(walk(city))
    assert views == list(walk(replace(city)))
    assert len(views) == 200
    for bbox, zoom in views:
        south, west, north, east = map(float, bbox.split(","))
        assert -90 < south < north < 90
        assert -180 < west < east < 180
        assert 10 <= zoom <= 18


async def test_the_city_is_as_the_use_cases_would_have_made_it(engine: DatabaseEngine):
    await build(talents=400, number=60)
    assert await verify_talents() == ()
    [row] = await run("SELECT COUNT(*) AS people FROM talent_profile")
    assert row["people"] == 400
    # The triggers are back: a count follows its profile again.
    await run("UPDATE consent SET withdrawn_at = given_at, withdrawn_by = 1 WHERE person_id = 1")
    [row] = await run(
        "SELECT SUM(people_within) AS people FROM talent_count WHERE level = 'city' "
        "AND skill_code = ''"
    )
    assert row["people"] == 399


@pytest.mark.slow
async def test_the_map_can_be_measured():
    rows = await compare(["sqlite"], talents=400, compounds=60, views=12)
    assert [row.filter for row in rows] == list(KINDS)
    assert all(len(row.took_ms) == 12 and max(row.groups) <= GROUPS_MOST for row in rows)
