"""The front door: each finds the page that she needs."""

from datetime import timedelta

import pytest

from points.community.grants import propose_role
from tests.web.conftest import Site, said
from tests.web.played import Play, play
from web import clock

pytestmark = pytest.mark.anyio
__all__ = ["play"]


async def test_a_stranger_sees_what_this_is_and_how_to_come_in(site: Site) -> None:
    page = await site.browser().get("/")
    assert page.status_code == 200
    assert "为邻里做的事" in said(page)
    assert 'href="/sign-in"' in page.text
    assert 'href="/join"' in page.text
    english = said(await site.browser().get("/", **{"accept-language": "en"}))
    assert "What you do for your neighbours counts" in english


async def test_who_is_new_finds_two_zeros_and_one_main_button(site: Site) -> None:
    browser = await site.signed_in(site.cast.zhang_wei)
    page = await browser.get("/")
    assert "张伟，您好" in said(page)
    assert "我的积分 0" in said(page)
    assert "眼下没有招募中的活动" in said(page)
    assert page.text.partition("<main")[2].count('class="button main"') == 1
    assert "待您确认" not in said(page)


async def test_a_volunteer_sees_what_is_pending_and_who_must_act(play: Play) -> None:
    await play.confirmed(await play.logged(play.cast.zhang_wei))
    other = await play.occasion_of(
        play.cast.li_guoqiang, title="义务理发", starts_at=play.now - timedelta(hours=6),
        ends_at=play.now - timedelta(hours=4),
    )  # fmt: skip
    browser = await play.browser(play.cast.zhang_wei)
    await play.logged_at(play.cast.zhang_wei, other, play.now - timedelta(hours=6), 60)
    page = said(await browser.get("/"))
    assert "我的积分 20" in page
    assert "义务理发 · 1 小时" in page
    assert "王芳" in page


async def test_an_organizer_sees_what_waits_and_what_is_on_today(play: Play) -> None:
    browser = await play.browser(play.cast.wang_fang)
    assert "待您确认的服务" in said(await browser.get("/"))
    await play.logged(play.cast.zhang_wei)
    page = await browser.get("/")
    assert "看看这 1 条" in said(page)
    assert page.text.partition("<main")[2].count('class="button main"') == 1


async def test_a_steward_sees_what_waits_for_a_second_person(site: Site) -> None:
    now = clock.now()
    await propose_role(
        actor_id=site.cast.chen_jing, person_id=site.cast.he_min, role="organizer",
        area_id=site.cast.committee, starts_on=clock.today("Asia/Shanghai"), ends_on=None, now=now,
    )  # fmt: skip
    page = await (await site.signed_in(site.cast.li_guoqiang)).get("/")
    assert "职务与重设密码" in said(page)
    assert '<b class="count">1</b>' in page.text
    proposer = await (await site.signed_in(site.cast.chen_jing)).get("/")
    assert '<b class="count">1</b>' not in proposer.text
    volunteer = await (await site.signed_in(site.cast.zhang_wei)).get("/")
    assert "职务与重设密码" not in said(volunteer)


async def test_elder_mode_and_english_are_the_same_page(play: Play) -> None:
    elder = await play.browser(play.cast.jin_xiuzhen)
    assert 'data-mode="elder"' in (await elder.get("/")).text
    english = await play.browser(play.cast.wang_fang, "en")
    assert "Good day, 王芳" in said(await english.get("/"))
