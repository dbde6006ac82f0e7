"""Occasions: who plans them, what they need, where they are listed."""

from datetime import timedelta

import pytest

from points.community.errors import NoSuchArea, NotInRole
from points.service.errors import (
    CategoryUnknown,
    LeaderElsewhere,
    NoBookHere,
    OccasionInUse,
    OccasionMissing,
    OccasionNotYours,
    OccasionSpanInvalid,
    OccasionTooFarAhead,
    OccasionTooOld,
    PlaceTooLong,
    TitleInvalid,
)
from points.service.occasions import (
    cancel_occasion,
    create_occasion,
    occasion,
    occasions,
    occasions_to_log,
)
from tests.points.service.scene import NOW, Scene, scene, shanghai

pytestmark = pytest.mark.anyio
MORNING = shanghai(3, 12)


@pytest.fixture
async def here(engine) -> Scene:
    return await scene()


def facts(here: Scene, **changes):
    return {
        "actor_id": here.who.wang_fang,
        "area_id": here.who.committee,
        "title": "清洁家园",
        "category": "cleaning",
        "place": "小区花园",
        "starts_at": MORNING,
        "ends_at": MORNING + timedelta(hours=2),
        "leader_id": here.who.zhang_wei,
        "now": NOW,
    } | changes


async def test_an_occasion_keeps_what_was_planned(here):
    number = await create_occasion(**facts(here, title="  清洁 \n家园 ", category="teaching"))
    view = await occasion(number)
    assert (view.title, view.place, view.leader_name) == ("清洁 家园", "小区花园", "张伟")
    assert (view.category, view.activity_class) == ("teaching", "interest")
    assert (view.starts_at, view.time_zone, view.cancelled) == (MORNING, "Asia/Shanghai", False)
    assert view.area_path == ("新虹街道", "爱博五村居委")


REFUSED = [
    ({"title": " "}, TitleInvalid),
    ({"title": "长" * 121}, TitleInvalid),
    ({"title": "长" * 10_000}, TitleInvalid),
    ({"place": "长" * 201}, PlaceTooLong),
    ({"category": "tai_chi"}, CategoryUnknown),
    ({"activity_class": "fun"}, CategoryUnknown),
    ({"ends_at": MORNING}, OccasionSpanInvalid),
    ({"ends_at": MORNING + timedelta(hours=25)}, OccasionSpanInvalid),
    ({"starts_at": MORNING.replace(year=1)}, OccasionSpanInvalid),
    ({"starts_at": NOW - timedelta(days=16), "ends_at": NOW - timedelta(days=15)}, OccasionTooOld),
    (
        {"starts_at": NOW + timedelta(days=367), "ends_at": NOW + timedelta(days=368)},
        OccasionTooFarAhead,
    ),
    ({"leader_id": 999}, LeaderElsewhere),
    ({"area_id": 999}, NoSuchArea),
    ({"actor_id": 999}, NotInRole),
]


async def test_what_is_no_occasion_is_refused(here):
    for changes, error in REFUSED:
        with pytest.raises(error):
            await create_occasion(**facts(here, **changes))


async def test_those_responsible_for_an_area_plan_in_it(here):
    who = here.who
    for actor in (who.chen_jing, who.wang_fang):
        assert await create_occasion(**facts(here, actor_id=actor))
    assert await create_occasion(**facts(here, actor_id=who.lu_xiuying, area_id=who.stairwell_11))
    for actor, area in (
        (who.lu_xiuying, who.committee),
        (who.zhang_wei, who.committee),
        (who.zhou_jianguo, who.committee),
        (who.chen_jing, who.other_committee),
        (who.chen_jing, who.subdistrict),
    ):
        with pytest.raises(NotInRole):
            await create_occasion(**facts(here, actor_id=actor, area_id=area))
    with pytest.raises(LeaderElsewhere):
        await create_occasion(**facts(here, leader_id=who.wu_di))
    assert NoBookHere.message


async def test_who_cancels_and_until_when(here):
    who = here.who
    number = await create_occasion(**facts(here))
    for nobody in (who.he_min, who.xu_jing):
        with pytest.raises(OccasionNotYours):
            await cancel_occasion(actor_id=nobody, occasion_id=number, now=NOW)
    for actor in (who.zhang_wei, who.wang_fang, who.chen_jing):
        await cancel_occasion(actor_id=actor, occasion_id=number, now=NOW)
    assert (await occasion(number)).cancelled
    with pytest.raises(OccasionMissing):
        await cancel_occasion(actor_id=who.chen_jing, occasion_id=999, now=NOW)
    served = await here.occasion(shanghai(3, 10))
    await here.logged(who.he_min, shanghai(3, 10), 60)
    await cancel_occasion(actor_id=who.wang_fang, occasion_id=served, now=NOW)
    with pytest.raises(OccasionInUse):
        await cancel_occasion(actor_id=who.wang_fang, occasion_id=served + 1, now=NOW)


async def test_lists_go_by_time_and_on_from_a_key(here):
    who = here.who
    past = [await here.occasion(shanghai(3, day)) for day in (5, 6, 9)]
    running = await here.occasion(NOW - timedelta(hours=1))
    coming = [await create_occasion(**facts(here)) for _ in range(2)]
    inside = await create_occasion(**facts(here, actor_id=who.lu_xiuying, area_id=who.stairwell_11))

    async def listed(area_id, when, **page):
        found = await occasions(area_id=area_id, when=when, now=NOW, **page)
        return [view.id for view in found]

    assert await listed(who.committee, "upcoming") == [running, *coming, inside]
    assert await listed(who.stairwell_11, "upcoming") == [running, *coming, inside]
    assert await listed(who.stairwell_12, "upcoming") == [running, *coming]
    assert await listed(who.subdistrict, "upcoming") == [running, *coming, inside]
    assert await listed(who.other_committee, "upcoming") == []
    assert await listed(who.committee, "upcoming", limit=2) == [running, coming[0]]
    assert await listed(who.committee, "upcoming", after_id=coming[0]) == [coming[1], inside]
    assert await listed(who.committee, "past") == past[::-1]
    assert await listed(who.committee, "past", after_id=past[2], limit=1) == [past[1]]


async def test_what_can_still_be_logged_on_is_offered(here):
    who = here.who
    await create_occasion(**facts(here))
    begun = await here.occasion(NOW - timedelta(hours=1))
    earlier = await here.occasion(shanghai(3, 2))
    await here.logged(who.zhang_wei, shanghai(3, 9), 60)
    offered = await occasions_to_log(person_id=who.zhang_wei, now=NOW)
    assert [view.id for view in offered] == [begun, earlier]
    assert await occasions_to_log(person_id=who.wu_di, now=NOW) == []
    assert await occasions_to_log(person_id=999, now=NOW) == []
