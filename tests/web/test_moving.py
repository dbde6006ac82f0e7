"""Moving house, leaving, and no longer answering for a child."""

import json

import pytest

from points.community.guardians import guardians_of
from points.community.profiles import person
from tests.web.conftest import Site, said
from tests.web.played import Play, play
from web import clock

pytestmark = pytest.mark.anyio
__all__ = ["play"]
TODAY = clock.today("Asia/Shanghai")


async def test_a_move_within_ones_area_is_written_down(site: Site):
    steward, mover = await site.signed_in(site.cast.chen_jing), site.cast.qian_hui
    assert (await steward.get(f"/people/{mover}/move")).status_code == 200
    looked = await steward.get(f"/people/{mover}/move?area={site.cast.building_1}")
    assert f'value="{site.cast.stairwell_12}"' in looked.text
    answer = await steward.post(f"/people/{mover}/move", area_id=site.cast.stairwell_12)
    assert "搬家已登记" in said(await steward.follow(answer))
    moved = await person(mover)
    assert (moved.area_id, moved.household_id) == (site.cast.stairwell_12, None)


async def test_nobody_is_moved_to_where_one_has_no_say(site: Site):
    steward, mover = await site.signed_in(site.cast.chen_jing), site.cast.qian_hui
    for area_id in (site.cast.other_stairwell, site.cast.subdistrict):
        answer = await steward.post(f"/people/{mover}/move", area_id=area_id)
        assert answer.status_code == 403
    elsewhere = await site.signed_in(site.cast.xu_jing)
    answer = await elsewhere.post(f"/people/{mover}/move", area_id=site.cast.other_stairwell)
    assert answer.status_code == 403
    own = await steward.post(f"/people/{site.cast.chen_jing}/move", area_id=site.cast.stairwell_12)
    assert own.status_code == 403


async def test_an_account_is_closed_after_a_tick(site: Site):
    steward, leaver = await site.signed_in(site.cast.chen_jing), site.cast.qian_hui
    path = f"/people/{leaver}/close"
    assert "不能恢复" in said(await steward.get(path))
    unticked = await steward.post(path)
    assert unticked.status_code == 422
    assert not (await person(leaver)).closed
    assert (await steward.post(path, understood="yes")).status_code == 303
    assert (await person(leaver)).closed
    assert (await steward.post(path, understood="yes")).status_code == 409
    assert "已注销" in said(await steward.get(f"/people/{leaver}"))


async def test_i_close_my_own_account_and_am_out(site: Site):
    mine = await site.signed_in(site.cast.zhang_wei)
    assert 'href="/me/close"' in (await mine.get("/me/data")).text
    assert (await mine.get("/me/close")).status_code == 200
    assert (await mine.post("/me/close")).status_code == 422
    answer = await mine.post("/me/close", understood="yes")
    assert answer.headers["location"] == "/sign-in"
    assert (await mine.get("/me")).headers["location"].startswith("/sign-in")
    assert (await person(site.cast.zhang_wei)).closed


async def test_the_last_stewards_do_not_leave_alone(site: Site):
    first = await site.signed_in(site.cast.chen_jing)
    await first.post(f"/people/{site.cast.li_guoqiang}/close", understood="yes")
    answer = await first.post("/me/close", understood="yes")
    assert answer.status_code == 409
    assert not (await person(site.cast.chen_jing)).closed


async def test_a_guardian_stops_being_one(site: Site):
    steward, child = await site.signed_in(site.cast.chen_jing), site.cast.he_xiaoyu
    path = f"/people/{child}/guardians/{site.cast.he_min}/end"
    assert path in (await steward.get(f"/people/{child}")).text
    assert (await steward.post(path)).status_code == 303
    assert await guardians_of(child, TODAY) == ()
    assert (await steward.post(path)).status_code == 404


async def test_who_moved_still_sees_and_takes_away_the_points_of_before(play: Play):
    mover = play.cast.zhang_wei
    await play.confirmed(await play.logged(mover))
    await play.moved(mover, play.cast.other_stairwell)
    mine = await play.browser(mover)
    here = await mine.get("/points")
    assert "爱博五村居委" in said(here)
    assert "楼道巡查" not in said(here)
    assert "楼道巡查" in said(await mine.get(f"/points?book={play.cast.book}"))
    assert "2 小时" in said(await mine.get(f"/points?unit=minutes&book={play.cast.book}"))
    [book] = json.loads((await mine.get("/me/export")).text)["books"]
    assert (book["kept_by"], book["balances"]["points"]) == ("爱博五村居委", 20)


async def test_a_book_of_others_shows_nothing(play: Play):
    await play.confirmed(await play.logged(play.cast.zhang_wei))
    stranger = await play.browser(play.cast.wu_di)
    for book in (play.cast.book, 987654):
        page = await stranger.get(f"/points?book={book}")
        assert page.status_code == 200
        assert "楼道巡查" not in said(page)
