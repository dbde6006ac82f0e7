"""The tree of areas."""

import asyncio

import pytest

from points.community.areas import (
    area,
    area_at_level_above,
    children,
    create_area,
    find_child,
    is_within,
    roots,
    time_zone_of,
)
from points.community.errors import (
    AreaCodeTaken,
    AreaExists,
    AreaNameWrong,
    LevelMisplaced,
    LevelUnknown,
    NoSuchArea,
    TimeZoneMissing,
    TimeZoneUnknown,
)
from points.errors import DomainError
from tests.cast import FOUNDED, ZONE
from web.database import DatabaseEngine

pytestmark = pytest.mark.anyio


async def add(
    parent_id: int | None, level: str, name: str, zone: str | None = None, code: str | None = None
) -> int:
    return await create_area(
        parent_id=parent_id, level=level, name=name, time_zone=zone, now=FOUNDED, code=code
    )


async def test_an_area_knows_its_path_and_inherits_the_time_zone(engine: DatabaseEngine):
    town = await add(None, "subdistrict", " 新虹\u3000街道 ", ZONE)
    committee = await add(town, "committee", "爱博五村居委")
    abroad = await add(committee, "estate", "海外楼", "Europe/Berlin")
    stairwell = await add(abroad, "stairwell", "1单元")
    view = await area(stairwell)
    assert view.path == ("新虹 街道", "爱博五村居委", "海外楼", "1单元")
    assert view.time_zone == await time_zone_of(stairwell) == "Europe/Berlin"
    assert (await area(committee)).time_zone == ZONE
    assert [child.name for child in await children(town)] == ["爱博五村居委"]
    assert [root.id for root in await roots()] == [town]
    above = await area_at_level_above(stairwell, ("committee", "subdistrict"))
    assert above is not None
    assert above.id == committee
    assert await area_at_level_above(stairwell, ("city",)) is None
    assert await is_within(stairwell, town)
    assert await is_within(town, town)
    assert not await is_within(town, stairwell)


async def test_a_wrong_area_is_refused_and_leaves_nothing(engine: DatabaseEngine):
    town = await add(None, "subdistrict", "新虹街道", ZONE, code="310112008")
    for refusal, attempt in (
        (AreaExists, add(None, "subdistrict", "新虹街道", ZONE)),
        (TimeZoneMissing, add(None, "city", "上海")),
        (TimeZoneUnknown, add(None, "city", "上海", "Asia/Atlantis")),
        (AreaNameWrong, add(town, "committee", " \u200b ")),
        (AreaNameWrong, add(town, "committee", "长" * 10_000)),
        (LevelUnknown, add(town, "planet", "火星")),
        (LevelMisplaced, add(town, "district", "闵行区")),
        (NoSuchArea, add(town + 99, "committee", "别处")),
        (NoSuchArea, add(10**30, "committee", "别处")),
        (AreaCodeTaken, add(town, "committee", "别处", code="310112008")),
    ):
        with pytest.raises(refusal):
            await attempt
    assert await children(town) == []


@pytest.mark.parametrize("number", [0, -1, 77, 10**30])
async def test_a_number_of_no_area_is_missing(engine: DatabaseEngine, number: int):
    with pytest.raises(NoSuchArea):
        await area(number)
    with pytest.raises(NoSuchArea):
        await time_zone_of(number)
    assert await children(number) == []
    assert not await is_within(number, number)


async def test_two_who_add_the_same_area_at_once_add_one(engine: DatabaseEngine):
    town = await add(None, "subdistrict", "新虹街道", ZONE)
    done = await asyncio.gather(
        *(add(town, "committee", "爱博五村居委") for _ in range(5)), return_exceptions=True
    )
    added = [one for one in done if isinstance(one, int)]
    assert len(added) == 1
    assert all(isinstance(one, AreaExists) for one in done if not isinstance(one, int))
    assert await find_child(town, "committee", "爱博五村居委") == added[0]


async def test_two_who_found_the_same_root_at_once_found_one(engine: DatabaseEngine):
    done = await asyncio.gather(
        *(add(None, "subdistrict", "新虹街道", ZONE) for _ in range(5)), return_exceptions=True
    )
    assert sum(isinstance(one, int) for one in done) == 1
    assert sum(isinstance(one, DomainError) for one in done) == 4
    assert len(await roots()) == 1
