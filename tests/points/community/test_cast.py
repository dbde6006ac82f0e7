"""The cast of the tests comes in through the front door."""

import pytest

from points.community.areas import area
from points.community.grants import holders
from points.community.people import person
from points.community.rules import day_of
from tests.cast import FOUNDED, ZONE, cast
from web.database import DatabaseEngine

pytestmark = pytest.mark.anyio


async def test_the_neighbourhood_stands(engine: DatabaseEngine):
    them = await cast()
    leader = await person(them.lu_xiuying)
    assert leader.area_path == ("新虹街道", "爱博五村居委", "爱博五村", "1号楼", "1单元")
    assert (await area(them.stairwell_22)).time_zone == ZONE
    today = day_of(FOUNDED, ZONE)
    near = await holders(
        area_id=them.stairwell_11, roles=("stairwell_leader", "steward"), today=today, limit=3
    )
    assert [holder.name for holder in near] == ["卢秀英", "陈静", "李国强"]
