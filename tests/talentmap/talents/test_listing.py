"""Where people are shown as they come, go, move, grow up and change their minds."""

from datetime import date

import pytest

from points.community.consents import give_consent, withdraw_consent
from points.community.people import close_account, update_person
from points.transactions import run
from talentmap.places.putting import put_place
from talentmap.talents.errors import (
    ConsentNeeded,
    ContactInText,
    ProfileMissing,
    SkillUnknown,
    TooManySkills,
    TooYoungToBeSeen,
)
from talentmap.talents.listing import audiences_of
from talentmap.talents.profiles import (
    hide_now,
    own_profile,
    save_profile,
    set_skills,
    set_visibility,
)
from talentmap.talents.publication import refine_due
from talentmap.talents.taxonomy import SKILLS
from talentmap.talents.verify import verify_talents
from tests.cast import Cast, cast
from tests.talentmap.talents.scene import NOW, WEEK, ground, listed, lists, settle

pytestmark = pytest.mark.anyio


@pytest.fixture
async def who(engine) -> Cast:
    found = await cast()
    await ground(found)
    return found


async def places() -> dict[int, int | None]:
    rows = await run("SELECT person_id, published_area_id FROM talent_profile")
    assert await verify_talents() == ()
    return {row["person_id"]: row["published_area_id"] for row in rows}


async def test_four_wait_and_the_fifth_brings_all_to_their_building(who: Cast) -> None:
    four = await listed(who.stairwell_11, 4)
    assert set((await places()).values()) == {None}
    mine = await own_profile(four[0])
    assert mine is not None
    assert (mine.is_listed, mine.shown_in) == (True, None)
    [fifth] = await listed(who.stairwell_12, 1)
    assert set((await places()).values()) == {who.building_1}
    [row] = await run("SELECT * FROM talent_profile WHERE person_id = {}", fifth)
    assert (row["lat"], row["lon"]) == (31.1985, 121.3045)
    mine = await own_profile(four[0])
    assert mine is not None
    assert mine.shown_in == ("新虹街道", "爱博五村居委", "爱博五村", "1号楼")


async def test_a_building_without_a_place_lies_where_its_estate_does(who: Cast) -> None:
    await listed(who.stairwell_21, 5)
    rows = await run("SELECT DISTINCT published_area_id, lat FROM talent_profile")
    assert [(row["published_area_id"], row["lat"]) for row in rows] == [(who.building_2, 31.198)]


async def test_who_is_shown_follows_her_building_when_it_is_put_elsewhere(who: Cast) -> None:
    await listed(who.stairwell_21, 5)
    await put_place(
        actor_id=None, area_id=who.building_2, lat=31.2, lon=121.4, datum="wgs84", now=NOW
    )
    for table in ("talent_profile", "talent_skill"):
        rows = await run(f"SELECT DISTINCT lat, lon FROM {table}")
        assert rows == [{"lat": 31.2, "lon": 121.4}]
    rows = await run("SELECT lat FROM talent_count WHERE area_id = {}", who.building_2)
    assert {row["lat"] for row in rows} == {31.2}
    assert await verify_talents() == ()


LEAVING = {
    "hides": lambda who, p: hide_now(person_id=p, now=NOW),
    "narrows": lambda who, p: set_visibility(person_id=p, visibility="stairwell", now=NOW),
    "withdraws": lambda who, p: withdraw_consent(
        actor_id=p, person_id=p, purpose="talent_map", now=NOW
    ),
    "closes": lambda who, p: close_account(actor_id=p, person_id=p, now=NOW),
    "moves": lambda who, p: update_person(
        actor_id=who.chen_jing, person_id=p, area_id=who.stairwell_21, now=NOW
    ),
    "is a child": lambda who, p: update_person(
        actor_id=who.chen_jing, person_id=p, birth_date=date(2016, 1, 1), now=NOW
    ),
    "is a minor": lambda who, p: update_person(
        actor_id=who.chen_jing, person_id=p, birth_date=date(2010, 1, 1), now=NOW
    ),
}


@pytest.mark.parametrize(
    ("how", "visibility"),
    [
        *((how, "public") for how in LEAVING),
        ("moves", "neighbourhood"),
        ("is a minor", "neighbourhood"),
    ],
)
async def test_one_who_leaves_is_gone_at_once_and_the_rest_step_back(
    who: Cast, how: str, visibility: str
) -> None:
    await listed(who.stairwell_21, 6, visibility)
    first, *rest = await listed(who.stairwell_11, 5, visibility)
    await refine_due(NOW + WEEK)
    if (how, visibility) == ("is a minor", "neighbourhood"):
        # At that age the neighbours may still see her.
        await LEAVING[how](who, first)
        assert (await places())[first] == who.building_1
        return
    assert (await places())[first] == who.building_1
    await LEAVING[how](who, first)
    after = await places()
    assert after[first] != who.building_1
    assert (after[first] is None) == (how != "moves")
    assert {after[one] for one in rest}.isdisjoint({who.building_1, None})


async def test_they_come_closer_again_only_after_a_week(who: Cast) -> None:
    first, *rest = await listed(who.stairwell_11, 5)
    await listed(who.stairwell_21, 6)
    await hide_now(person_id=first, now=NOW)
    coarse = (await places())[rest[0]]
    assert coarse not in (who.building_1, None)
    await set_visibility(person_id=first, visibility="public", now=NOW)
    assert {(await places())[one] for one in (first, *rest)} == {coarse}
    mine = await own_profile(first)
    assert mine is not None
    assert mine.refines_at == NOW + WEEK
    assert await refine_due(NOW + WEEK / 2) == 0
    await refine_due(NOW + WEEK)
    assert {(await places())[one] for one in (first, *rest)} == {who.building_1}
    assert await refine_due(NOW + WEEK) == 0


async def test_audiences_are_hidden_each_for_itself(who: Cast) -> None:
    await listed(who.stairwell_11, 3, "public")
    await listed(who.stairwell_11, 3, "neighbourhood")
    assert set((await places()).values()) == {None}
    await listed(who.stairwell_11, 2, "neighbourhood")
    rows = await run("SELECT audience_id, published_area_id FROM talent_profile")
    found = {(row["audience_id"], row["published_area_id"]) for row in rows}
    assert found == {(None, None), (who.committee, who.building_1)}


async def test_a_stairwell_of_five_sees_itself(who: Cast) -> None:
    await listed(who.stairwell_11, 5, "stairwell")
    await listed(who.stairwell_12, 4, "stairwell")
    rows = await run("SELECT audience_id, published_area_id FROM talent_profile")
    assert {(row["audience_id"], row["published_area_id"]) for row in rows} == {
        (who.stairwell_11, who.building_1),
        (None, None),
    }
    [first, *_] = await run("SELECT person_id FROM talent_profile ORDER BY person_id")
    await update_person(
        actor_id=who.chen_jing, person_id=first["person_id"], area_id=who.stairwell_21, now=NOW
    )
    assert set((await places()).values()) == {None}


async def test_who_sees_which_audience(who: Cast) -> None:
    assert await audiences_of(None) == (0,)
    assert await audiences_of(who.he_min) == tuple(sorted((0, who.committee, who.stairwell_12)))
    assert who.committee not in await audiences_of(who.wu_di)
    assert await audiences_of(10**30) == (0,)
    await close_account(actor_id=who.he_min, person_id=who.he_min, now=NOW)
    assert await audiences_of(who.he_min) == (0,)


async def test_nobody_is_seen_without_agreeing(who: Cast) -> None:
    person = who.zhang_wei
    with pytest.raises(ProfileMissing):
        await set_visibility(person_id=person, visibility="public", agrees=True, now=NOW)
    await save_profile(person_id=person, nickname="阿伟", about="", times=(), now=NOW)
    with pytest.raises(ConsentNeeded):
        await set_visibility(person_id=person, visibility="public", now=NOW)
    await give_consent(actor_id=person, person_id=person, purpose="talent_map", now=NOW)
    assert (await own_profile(person)).visibility == "self"
    await set_visibility(person_id=person, visibility="public", now=NOW)
    assert (await own_profile(person)).is_listed


async def test_a_child_is_never_listed_even_if_her_mother_agrees(who: Cast) -> None:
    child, mother = who.he_xiaoyu, who.he_min
    await save_profile(person_id=child, nickname="小雨", about="", times=(), now=NOW)
    await give_consent(actor_id=mother, person_id=child, purpose="talent_map", now=NOW)
    for visibility in ("stairwell", "neighbourhood", "public"):
        with pytest.raises(TooYoungToBeSeen):
            await set_visibility(person_id=child, visibility=visibility, now=NOW)


async def test_what_a_profile_may_not_say(who: Cast) -> None:
    person = who.zhang_wei
    for nickname, about in (("13800000006", ""), ("阿伟", "微信 zhangwei66")):
        with pytest.raises(ContactInText):
            await save_profile(person_id=person, nickname=nickname, about=about, times=(), now=NOW)
    await lists(person)
    with pytest.raises(SkillUnknown):
        await set_skills(person_id=person, levels={"magic": "teach"}, now=NOW)
    many = {skill.code: "teach" for skill in SKILLS}
    with pytest.raises(TooManySkills):
        await set_skills(person_id=person, levels=many, now=NOW)
    assert [skill.code for skill in (await own_profile(person)).skills] == ["tai_chi"]


async def test_skills_are_counted_where_their_owner_is_shown(who: Cast) -> None:
    first, *_ = await listed(who.stairwell_11, 5)
    await set_skills(person_id=first, levels={"chess": "teach", "tea": "interest"}, now=NOW)
    rows = await run(
        "SELECT skill_code, people_here FROM talent_count WHERE area_id = {}", who.building_1
    )
    assert {row["skill_code"]: row["people_here"] for row in rows} == {
        "": 5,
        "tai_chi": 4,
        "chess": 1,
        "tea": 1,
    }
    assert await verify_talents() == ()


async def test_two_leave_at_once_and_neither_counts_on_the_other(who: Cast) -> None:
    import anyio

    people = await listed(who.stairwell_11, 6)
    async with anyio.create_task_group() as both:
        for one in people[:2]:
            both.start_soon(lambda p=one: hide_now(person_id=p, now=NOW))
    assert set((await places()).values()) == {None}
    assert await settle(who.stairwell_11, 0) == []
