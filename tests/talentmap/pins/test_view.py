"""What a view holds, on both engines: nothing cut, nothing twice, nobody who hides."""

from datetime import timedelta

import pytest

from points.community.areas import create_area
from points.community.consents import withdraw_consent
from points.transactions import run
from talentmap.pins.filters import checked_filter
from talentmap.pins.rules import AREAS_MOST, CELLS_MOST, checked_bounds
from talentmap.pins.version import map_version
from talentmap.pins.view import Group, MapView, map_view
from talentmap.places.putting import put_place
from talentmap.talents.listing import audiences_of
from talentmap.talents.publication import refine_due
from talentmap.talents.rules import LISTED_LEAST
from tests.cast import Cast, cast
from tests.talentmap.talents.scene import NOW, ground, listed
from web.database import DatabaseEngine

pytestmark = pytest.mark.anyio
A_WEEK_ON = NOW + timedelta(days=8)
HERE = checked_bounds(31.1, 121.2, 31.3, 121.4)


@pytest.fixture
async def who(engine: DatabaseEngine) -> Cast:
    made = await cast()
    await ground(made)
    return made


async def seen(
    zoom: int = 17, *, viewer_id: int | None = None, bounds: str = "", **wish: object
) -> MapView:
    box = checked_bounds(*map(float, bounds.split(","))) if bounds else HERE
    return await map_view(
        box=box,
        zoom=zoom,
        wish=checked_filter(**wish),  # type: ignore[arg-type]
        audiences=await audiences_of(viewer_id),
        now=NOW,
    )


def lines(view: MapView) -> list[tuple[str, str | None, int]]:
    return sorted((group.level, group.name, group.people) for group in view.groups)


async def test_groups_are_as_fine_as_the_zoom_and_hold_everybody(who: Cast):
    await listed(who.building_1, LISTED_LEAST + 1)
    await listed(who.estate, LISTED_LEAST)
    await refine_due(A_WEEK_ON)
    assert lines(await seen(17)) == [("building", "1号楼", 6), ("estate", "爱博五村", 5)]
    assert lines(await seen(14)) == [("estate", "爱博五村", 11)]
    assert lines(await seen(10)) == [("subdistrict", "新虹街道", 11)]
    for zoom in (10, 14, 17):
        view = await seen(zoom)
        assert (view.shown, view.total, view.datum) == (11, 11, "wgs84")
        assert view.groups[0].top == ("tai_chi",)


async def test_an_empty_view_is_an_answer(who: Cast):
    await listed(who.building_1, LISTED_LEAST)
    elsewhere = await seen(bounds="22.1,113.8,22.6,114.4")
    assert (elsewhere.groups, elsewhere.activities, elsewhere.shown) == ((), (), 0)
    assert elsewhere.total == LISTED_LEAST


async def test_each_filter_finds_the_same_people_by_whatever_way(who: Cast):
    await listed(who.building_1, 5, tai_chi="teach", sachet="interest")
    await listed(who.building_1, 2, sachet="certified")

    async def found(**wish: object) -> list[int]:
        views = [await seen(zoom, **wish) for zoom in (10, 14, 17)]
        assert all(view.shown == view.total for view in views)
        return sorted({view.shown for view in views})

    assert await found() == [7]
    assert await found(skills=["sachet"]) == [7]
    assert await found(skills=["tai_chi"]) == [5]
    assert await found(skills=["tai_chi", "sachet"]) == [7]
    assert await found(skills=["tai_chi", "sachet"], match="all") == [5]
    assert await found(skills=["sachet"], level="certified") == [2]
    assert await found(level="teach") == [7]
    assert await found(category="craft") == [7]
    assert await found(text="xiangbao") == [7]
    assert await found(skills=["erhu"]) == [0]
    assert await found(text="没有人会的事") == [0]
    assert await found(skills=["sachet"], layers=["places"], text="新虹") != [7]


async def test_everybody_sees_her_own_audiences_and_no_others(who: Cast):
    await listed(who.building_1, LISTED_LEAST)
    await listed(who.building_1, LISTED_LEAST, "neighbourhood")
    await listed(who.stairwell_11, LISTED_LEAST, "stairwell")
    assert (await seen()).total == 5
    assert (await seen(viewer_id=who.wu_di)).total == 5
    assert (await seen(viewer_id=who.zhao_zhiqiang)).total == 10
    assert (await seen(viewer_id=who.zhang_wei)).total == 15
    [group] = (await seen(viewer_id=who.zhang_wei)).groups
    assert (group.people, group.area) == (15, who.building_1)


async def test_who_withdraws_is_gone_with_the_next_answer_and_the_version_has_risen(who: Cast):
    people = await listed(who.building_1, LISTED_LEAST + 1)
    before = await map_version()
    await withdraw_consent(actor_id=people[0], person_id=people[0], purpose="talent_map", now=NOW)
    assert (await seen()).total == LISTED_LEAST
    assert await map_version() > before


async def test_too_few_are_shown_nowhere(who: Cast):
    await listed(who.building_1, LISTED_LEAST - 1)
    view = await seen()
    assert (view.groups, view.total) == ((), 0)


async def test_areas_at_one_point_are_one_group_named_by_what_holds_them_all(who: Cast):
    """The second building has no place of its own, so it stands where its estate does."""
    await listed(who.building_2, LISTED_LEAST)
    await listed(who.estate, LISTED_LEAST)
    await refine_due(A_WEEK_ON)
    [group] = (await seen()).groups
    assert (group.people, group.name, group.id) == (10, "爱博五村", f"a{who.estate}")


async def test_branches_that_skip_a_level_are_shown_all_the_same(who: Cast):
    city = await create_area(
        parent_id=None, level="city", name="城", time_zone="Asia/Shanghai", now=NOW
    )
    estate = await create_area(parent_id=city, level="estate", name="孤村", time_zone=None, now=NOW)
    committee = await create_area(
        parent_id=city, level="committee", name="居委", time_zone=None, now=NOW
    )
    lone = await create_area(
        parent_id=committee, level="building", name="孤楼", time_zone=None, now=NOW
    )
    for area, lat in ((city, 31.15), (estate, 31.16), (lone, 31.17)):
        await put_place(actor_id=None, area_id=area, lat=lat, lon=121.25, datum="wgs84", now=NOW)
    await listed(estate, LISTED_LEAST)
    await listed(lone, LISTED_LEAST)
    await refine_due(A_WEEK_ON)
    for zoom in (10, 14, 17):
        view = await seen(zoom)
        assert (view.shown, view.total) == (10, 10), zoom
        assert {group.name for group in view.groups} <= {"孤村", "居委", "孤楼"}


async def test_ten_thousand_in_one_building_are_one_group(who: Cast):
    [first, *_] = await listed(who.building_1, LISTED_LEAST)
    await run(
        "UPDATE talent_count SET people_within = 10000, people_here = 10000 "
        "WHERE area_id = {} AND skill_code = ''",
        who.building_1,
    )
    [group] = (await seen()).groups
    assert (group.people, group.area, first > 0) == (10000, who.building_1, True)


async def test_a_crowded_view_is_told_by_cells_and_loses_nobody(who: Cast):
    await many_estates(who, AREAS_MOST + 50)
    view = await seen(13)
    assert 0 < len(view.groups) <= CELLS_MOST
    assert (view.shown, view.total) == (450, 450)
    cells = [group for group in view.groups if group.level == "cell"]
    assert cells
    assert all(group.area is None and group.id.startswith("g") for group in cells)
    alone = [group for group in view.groups if group.area]
    assert all(group.name and group.people == 1 for group in alone)
    nearer = await seen(15, bounds="31.1,121.2,31.15,121.25")
    assert {group.level for group in nearer.groups} == {"estate"}


async def many_estates(who: Cast, count: int) -> None:
    """Estates with one person counted in each, as a filter leaves them."""
    rows = ", ".join(
        f"({1000 + at}, {who.committee}, 'estate', '村{at}', '{NOW.isoformat()}')"
        for at in range(count)
    )
    await run(f"INSERT INTO area (id, parent_id, level, name, created_at) VALUES {rows}")
    await run(
        "INSERT INTO area_ancestor SELECT id, id, 0 FROM area WHERE id >= 1000 UNION ALL "
        f"SELECT id, {who.subdistrict}, 2 FROM area WHERE id >= 1000"
    )
    counts = ", ".join(
        f"(0, {1000 + at}, '', 1, 1, {31.1 + 0.2 * (at % 20) / 20!r}, "
        f"{121.2 + 0.2 * (at // 20) / 25!r}, 'estate')"
        for at in range(count)
    )
    await run(
        "INSERT INTO talent_count (audience_id, area_id, skill_code, people_within, people_here, "
        f"lat, lon, level) VALUES {counts}, "
        f"(0, {who.subdistrict}, '', {count}, 0, 31.19, 121.31, 'subdistrict')"
    )


# --- activities and places


async def test_few_activities_are_listed_and_many_are_grouped(who: Cast):
    for number in range(3):
        await _activity(who, f"活动{number}")
    view = await seen()
    assert [one.title for one in view.activities] == ["活动0", "活动1", "活动2"]
    assert (view.shown, view.total, view.groups) == (3, 3, ())
    for number in range(3, 51):
        await _activity(who, f"活动{number}")
    for zoom in (10, 14, 17):
        view = await seen(zoom)
        assert (view.activities, view.shown, view.total) == ((), 51, 51)
        [group] = view.groups
        assert (group.kind, group.activities, group.people) == ("activities", 51, 0)


async def test_people_and_activities_of_one_place_share_a_group(who: Cast):
    await listed(who.estate, LISTED_LEAST)
    for number in range(51):
        await _activity(who, f"活动{number}")
    [group] = (await seen(14)).groups
    assert (group.kind, group.people, group.activities) == ("talents", 5, 51)


async def test_activities_answer_to_day_category_words_and_time(who: Cast):
    await _activity(who, "手机摄影")
    await _activity(who, "包饺子", days=2, category="culture_event")

    async def titles(**wish: object) -> list[str]:
        return [one.title for one in (await seen(**wish)).activities]

    day = (NOW + timedelta(days=2)).date().isoformat()
    assert await titles() == ["手机摄影", "包饺子"]
    assert await titles(day=day) == ["包饺子"]
    assert await titles(category="culture_event") == ["包饺子"]
    assert await titles(category="craft") == []
    assert await titles(layers=["talents"]) == []
    await run("UPDATE activity SET deadline_at = {} WHERE title = '手机摄影'", NOW)
    assert await titles() == ["包饺子"]


async def test_the_version_rises_with_activities(who: Cast):
    before = await map_version()
    number = await _activity(who, "手机摄影")
    born = await map_version()
    await run("UPDATE activity SET reminded_at = {} WHERE id = {}", NOW, number)
    assert await map_version() == born > before
    await run("UPDATE activity SET state = 'cancelled', closed_at = {} WHERE id = {}", NOW, number)
    assert await map_version() > born


async def test_places_are_a_layer_of_their_own(who: Cast):
    await listed(who.estate, LISTED_LEAST)
    for zoom, name in ((10, "新虹街道"), (17, "1号楼")):
        view = await seen(zoom, layers=["places"])
        assert [(group.kind, group.name) for group in view.groups] == [("places", name)]
        assert (view.shown, view.total) == (1, 1)
    both = await seen(14, layers=["places", "talents"])
    [group] = both.groups
    assert (group.kind, group.people) == ("talents", 5)
    assert (both.shown, both.total) == (6, 6)


async def _activity(who: Cast, title: str, *, days: int = 1, category: str = "teaching") -> int:
    starts = NOW + timedelta(days=days)
    [row] = await run(
        "INSERT INTO activity (book_id, area_id, title, category, activity_class, lat, lon, "
        "starts_at, ends_at, deadline_at, minimum, capacity, proposer_id, created_at, state) "
        "VALUES ({}, {}, {}, {}, 'interest', 31.198, 121.305, {}, {}, {}, 10, 20, {}, {}, "
        "'gathering') RETURNING id",
        *(who.book, who.estate, title, category, starts, starts + timedelta(hours=1)),
        *(starts, who.zhang_wei, NOW),
    )
    return int(row["id"])


def test_a_group_says_where_it_is_and_not_how_it_was_counted():
    assert set(Group.__dataclass_fields__) == {
        *("kind", "id", "area", "name", "level", "lat", "lon", "people", "activities", "top")
    }
