"""Activities that gather a crowd: finding one, coming along, and what is over."""

import re
from datetime import timedelta

import pytest

from points.community.guardians import children_of
from points.transactions import run
from talentmap.activities.proposals import cancel
from tests.web.conftest import said
from tests.web.crowded import ZONE, Crowd, crowd
from tests.web.played import play

pytestmark = pytest.mark.anyio
__all__ = ["crowd", "play"]

NAUGHTY = "${alert(1)}</script>"


async def state_of(activity_id: int) -> str:
    [row] = await run("SELECT state FROM activity WHERE id = {}", activity_id)
    return str(row["state"])


# --- finding


async def test_each_list_says_what_to_do_while_it_is_empty(crowd: Crowd) -> None:
    browser = await crowd.play.browser(crowd.cast.zhang_wei)
    for path, words in (
        ("/activities", "眼下没有招募中的活动"),
        ("/activities?when=confirmed", "还没有成行的活动"),
        ("/activities?when=past", "还没有往期活动"),
        ("/activities?category=teaching", "没有找到这样的活动"),
        ("/activities/mine", "您还没有报名任何活动"),
    ):
        assert words in said(await browser.get(path))


async def test_what_gathers_shows_its_bar_and_moves_on_when_it_is_confirmed(crowd: Crowd) -> None:
    gathering = await crowd.proposed()
    await crowd.join(gathering, crowd.cast.jin_xiuzhen, 7)
    await crowd.confirmed(title="楼道聚餐")
    browser = await crowd.play.browser(crowd.cast.zhang_wei)
    first = said(await browser.get("/activities"))
    assert "7 / 10 人，还剩 2 天" in first
    assert "楼道聚餐" not in first
    confirmed = said(await browser.get("/activities?when=confirmed"))
    assert "2 / 12 个名额" in confirmed
    assert "手机摄影" not in confirmed


async def test_the_filters_stand_in_the_address(crowd: Crowd) -> None:
    await crowd.proposed(title="摄影课")
    await crowd.proposed(title="修水管", category="repair", activity_class="governance")
    later = crowd.now + timedelta(days=4)
    await crowd.proposed(title="隔天的事", starts_at=later, ends_at=later + timedelta(hours=1))
    await crowd.proposed(title="二号楼的事", area_id=crowd.cast.building_2)
    browser = await crowd.play.browser(crowd.cast.zhang_wei)
    for query, shown in (
        ("category=repair", {"修水管"}),
        ("class=governance", {"修水管"}),
        (f"day={later.astimezone(ZONE).date()}", {"隔天的事"}),
        (f"area={crowd.cast.building_1}", {"摄影课", "修水管", "隔天的事"}),
        (f"area={crowd.cast.subdistrict}", {"摄影课", "修水管", "隔天的事", "二号楼的事"}),
    ):
        page = said(await browser.get(f"/activities?{query}"))
        assert {
            one for one in ("摄影课", "修水管", "隔天的事", "二号楼的事") if one in page
        } == shown


async def test_the_list_is_paged_and_keeps_its_filter(crowd: Crowd) -> None:
    for number in range(21):
        start = crowd.now + timedelta(days=3, hours=number)
        await crowd.proposed(
            title=f"第{number:02}场", starts_at=start, ends_at=start + timedelta(hours=1)
        )
    browser = await crowd.play.browser(crowd.cast.zhang_wei)
    first = await browser.get("/activities?class=interest")
    assert "第20场" not in said(first)
    further = first.text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert "class=interest" in further
    assert "第20场" in said(await browser.get(further))


@pytest.mark.parametrize(
    "path",
    [
        "/activities?when=never",
        "/activities?area=999999",
        "/activities?after=999999",
        "/activities?day=yesterday",
        "/activities?class=other",
        "/activities/9999",
        "/activities/new?again=9999",
        "/activities/9999/roll-call",
        "/activities/9999/roll-call/sheet",
    ],
)
async def test_an_address_that_leads_nowhere_says_so(crowd: Crowd, path: str) -> None:
    answer = await (await crowd.play.browser(crowd.cast.zhang_wei)).get(path)
    assert answer.status_code in (404, 422)


async def test_a_stranger_sees_what_gathers_but_nobodys_name(crowd: Crowd) -> None:
    activity_id = await crowd.proposed(talent_id=crowd.cast.lu_xiuying)
    await crowd.join(activity_id, crowd.cast.jin_xiuzhen)
    stranger = crowd.play.site.browser()
    assert "手机摄影" in said(await stranger.get("/activities"))
    page = said(await stranger.get(f"/activities/{activity_id}"))
    assert "登录后报名" in page
    for name in ("王芳", "卢秀英", "金秀珍", "金*珍"):
        assert name not in page


async def test_neighbours_see_masked_names_and_whoever_runs_it_sees_them_whole(
    crowd: Crowd,
) -> None:
    activity_id = await crowd.proposed()
    await crowd.join(activity_id, crowd.cast.jin_xiuzhen, 2)
    neighbour = await crowd.play.browser(crowd.cast.he_min)
    page = said(await neighbour.get(f"/activities/{activity_id}"))
    assert "金*珍" in page
    assert "金秀珍" not in page
    organizer = await crowd.play.browser(crowd.cast.wang_fang)
    assert "金秀珍" in said(await organizer.get(f"/activities/{activity_id}"))


# --- coming along


async def test_signing_up_and_withdrawing(crowd: Crowd) -> None:
    activity_id = await crowd.proposed()
    here = f"/activities/{activity_id}"
    browser = await crowd.play.browser(crowd.cast.zhang_wei)
    page = said(await browser.follow(await browser.post(f"{here}/sign-up", party_size=3)))
    assert "张伟报上名了，一共 3 人" in page
    assert "3 / 10 人" in page
    assert "手机摄影" in said(await browser.get("/activities/mine"))
    again = await browser.post(f"{here}/sign-up")
    assert again.status_code == 409
    assert "张伟已经报过名了" in said(again)
    page = said(await browser.follow(await browser.post(f"{here}/withdraw")))
    assert "0 / 10 人" in page
    assert "手机摄影" not in said(await browser.get("/activities/mine"))


@pytest.mark.parametrize("party", [0, -1, 11, 10**30, "三"])
async def test_a_party_of_nobody_or_of_a_crowd_is_refused(crowd: Crowd, party: object) -> None:
    activity_id = await crowd.proposed()
    browser = await crowd.play.browser(crowd.cast.zhang_wei)
    answer = await browser.post(f"/activities/{activity_id}/sign-up", party_size=party)
    assert answer.status_code == 422
    assert 'id="field-party_size-error"' in answer.text


async def test_one_waits_at_a_place_and_moves_up(crowd: Crowd) -> None:
    activity_id = await crowd.proposed(minimum=2, capacity=2)
    here = f"/activities/{activity_id}"
    await crowd.join(activity_id, crowd.cast.jin_xiuzhen)
    await crowd.join(activity_id, crowd.cast.lu_xiuying)
    waiting, leaving = [
        await crowd.play.browser(one) for one in (crowd.cast.zhang_wei, crowd.cast.lu_xiuying)
    ]
    assert "排队候补" in said(await waiting.get(here))
    page = said(await waiting.follow(await waiting.post(f"{here}/sign-up")))
    assert "候补第 1 位" in page
    assert "候补第 1 位" in said(await waiting.get("/activities/mine"))
    await leaving.post(f"{here}/withdraw")
    assert "张伟报上名了" in said(await waiting.get(here))
    notices = await run("SELECT kind FROM notice WHERE person_id = {}", crowd.cast.zhang_wei)
    assert "activity_moved_up" in [row["kind"] for row in notices]


async def test_a_mother_signs_up_her_child_once(crowd: Crowd) -> None:
    activity_id = await crowd.proposed()
    here = f"/activities/{activity_id}"
    today = crowd.now.astimezone(ZONE).date()
    [child] = await children_of(crowd.cast.he_min, today)
    mother = await crowd.play.browser(crowd.cast.he_min)
    assert child.name in said(await mother.get(here))
    answer = await mother.post(f"{here}/sign-up", person_id=child.person_id)
    assert "何小雨报上名了" in said(await mother.follow(answer))
    again = await mother.post(f"{here}/sign-up", person_id=child.person_id)
    assert again.status_code == 409
    assert "何小雨已经报过名了" in said(again)


async def test_nobody_signs_up_a_neighbour_who_is_not_hers(crowd: Crowd) -> None:
    activity_id = await crowd.proposed()
    here = f"/activities/{activity_id}"
    browser = await crowd.play.browser(crowd.cast.zhang_wei)
    for person_id in (crowd.cast.he_xiaoyu, crowd.cast.jin_xiuzhen):
        assert (await browser.post(f"{here}/sign-up", person_id=person_id)).status_code == 403
        assert (await browser.post(f"{here}/withdraw", person_id=person_id)).status_code == 403
    nobody = await browser.post(f"{here}/sign-up", person_id=99_999)
    assert nobody.status_code in (403, 404)


async def test_a_child_is_not_offered_a_risk(crowd: Crowd) -> None:
    activity_id = await crowd.proposed(risky=True, insured=True, risk="登高")
    mother = await crowd.play.browser(crowd.cast.he_min)
    answer = await mother.post(f"/activities/{activity_id}/sign-up", person_id=crowd.cast.he_xiaoyu)
    assert answer.status_code == 409
    assert "满18岁" in said(answer)


async def test_the_deadline_passes_while_the_form_is_open(crowd: Crowd) -> None:
    gathering, confirmed = await crowd.proposed(), await crowd.confirmed()
    browser = await crowd.play.browser(crowd.cast.he_min)
    for activity_id in (gathering, confirmed):
        assert "报名参加" in said(await browser.get(f"/activities/{activity_id}"))
    await run("UPDATE activity SET deadline_at = {}", crowd.now - timedelta(minutes=1))
    lapsed = await browser.follow(await browser.post(f"/activities/{gathering}/sign-up"))
    assert "人数不够" in said(lapsed)
    assert await state_of(gathering) == "lapsed"
    late = await browser.post(f"/activities/{confirmed}/sign-up")
    assert late.status_code == 409
    assert "截止了" in said(late)
    assert "报名参加" not in said(await browser.get(f"/activities/{confirmed}"))


async def test_who_lives_outside_the_subdistrict_is_told_for_whom_it_is(crowd: Crowd) -> None:
    activity_id = await crowd.proposed()
    neighbour = await crowd.play.browser(crowd.cast.wu_di)
    answer = await neighbour.post(f"/activities/{activity_id}/sign-up")
    assert answer.status_code == 303, "the other committee is of the same subdistrict"


# --- what is over


async def test_what_is_closed_says_so_instead_of_offering_a_form(crowd: Crowd) -> None:
    activity_id = await crowd.proposed()
    await cancel(
        actor_id=crowd.cast.wang_fang, activity_id=activity_id, reason="下雨", now=crowd.now
    )
    browser = await crowd.play.browser(crowd.cast.zhang_wei)
    page = said(await browser.get(f"/activities/{activity_id}"))
    assert "报名参加" not in page
    answer = await browser.post(f"/activities/{activity_id}/sign-up")
    assert answer.status_code == 409
    assert "已经结束" in said(answer)


async def test_everything_is_said_in_english_too(crowd: Crowd) -> None:
    activity_id = await crowd.confirmed()
    await crowd.over(activity_id)
    browser = await crowd.play.browser(crowd.cast.wang_fang, language="en")
    for path in (
        "/activities",
        "/activities?when=past",
        "/activities/mine",
        "/activities/new",
        f"/activities/{activity_id}",
        f"/activities/{activity_id}/neighbours",
        f"/activities/{activity_id}/roll-call",
        f"/activities/{activity_id}/roll-call/sheet",
    ):
        page = await browser.get(path)
        assert page.status_code == 200
        assert not re.search(r"[点报活][名动]", said(page))


# --- the front door


async def test_the_front_door_says_where_one_is_expected_and_what_gathers(crowd: Crowd) -> None:
    await crowd.confirmed(title="楼道聚餐")
    gathering = await crowd.proposed(title="香囊制作")
    await crowd.join(gathering, crowd.cast.jin_xiuzhen, 4)
    stranger = said(await crowd.play.site.browser().get("/"))
    assert "香囊制作" in stranger
    assert "4 / 10 人" in stranger
    neighbour = said(await (await crowd.play.browser(crowd.cast.zhang_wei)).get("/"))
    assert "您报名的活动" in neighbour
    assert "4 / 10 人" in neighbour


async def test_the_front_door_asks_for_the_roll_of_what_is_over(crowd: Crowd) -> None:
    activity_id = await crowd.confirmed()
    await crowd.over(activity_id)
    organizer = await (await crowd.play.browser(crowd.cast.wang_fang)).get("/")
    assert "待点名" in said(organizer)
    assert f"/activities/{activity_id}/roll-call" in organizer.text
    neighbour = await (await crowd.play.browser(crowd.cast.zhang_wei)).get("/")
    assert "待点名" not in said(neighbour)


async def test_a_stairwell_leader_proposes_for_the_whole_neighbourhood(crowd: Crowd) -> None:
    leader = await crowd.play.browser(crowd.cast.lu_xiuying)
    form = await leader.get("/activities/new")
    assert f'<option value="{crowd.cast.committee}" selected>' in form.text
