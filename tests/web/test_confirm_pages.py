"""What waits for me, confirming many at once, refusing with a reason, taking back."""

from datetime import timedelta

import pytest

from tests.web.conftest import said
from tests.web.played import Play, escaped, play

pytestmark = pytest.mark.anyio
__all__ = ["play"]

NAUGHTY = "${alert(1)}</script>"


async def test_the_list_is_empty_until_somebody_logs_service(play: Play) -> None:
    browser = await play.browser(play.cast.wang_fang)
    assert "没有等您确认的" in said(await browser.get("/confirm"))


async def test_many_are_confirmed_at_once_and_the_next_page_says_what_became_of_each(
    play: Play,
) -> None:
    records = [await play.logged(one) for one in (play.cast.zhang_wei, play.cast.jin_xiuzhen)]
    browser = await play.browser(play.cast.wang_fang)
    page = said(await browser.get("/confirm"))
    assert "张伟" in page
    assert "最多 20 积分" in page
    after = said(await browser.follow(await browser.post("/confirm", record=records)))
    assert "确认了 2 条" in after
    assert "张伟：2 小时，20 积分" in after
    assert "没有等您确认的" in after
    assert "张伟" not in said(await browser.get("/confirm"))


async def test_confirming_twice_gives_the_points_once(play: Play) -> None:
    record_id = await play.logged(play.cast.zhang_wei)
    browser = await play.browser(play.cast.wang_fang)
    for _ in range(2):
        after = said(await browser.follow(await browser.post("/confirm", record=record_id)))
        assert "张伟：2 小时，20 积分" in after
    volunteer = await play.browser(play.cast.zhang_wei)
    assert "+20" in said(await volunteer.get("/points"))
    assert "+40" not in said(await volunteer.get("/points"))


async def test_one_that_is_refused_does_not_hold_up_the_rest(play: Play) -> None:
    good = await play.logged(play.cast.zhang_wei)
    other = await play.logged(play.cast.jin_xiuzhen)
    volunteer = await play.browser(play.cast.jin_xiuzhen)
    await volunteer.post(f"/service/{other}/withdraw")
    browser = await play.browser(play.cast.wang_fang)
    after = said(
        await browser.follow(await browser.post("/confirm", record=[good, other, 999_999]))
    )
    assert "确认了 1 条，2 条没有确认" in after
    assert "金秀珍：这条记录已经不在等待确认了：刚刚有人处理过" in after


async def test_what_she_may_not_confirm_says_why_and_who_can(play: Play) -> None:
    occasion_id = await play.occasion_of(play.cast.wang_fang)
    record_id = await play.logged(play.cast.zhang_wei, occasion_id=occasion_id)
    browser = await play.browser(play.cast.wang_fang)
    page = await browser.get("/confirm")
    assert f'value="{record_id}"' not in page.text
    assert "这项活动是您安排的" in said(page)
    assert "陈静" in said(page)
    after = said(await browser.follow(await browser.post("/confirm", record=record_id)))
    assert "这项活动是您安排的" in after


async def test_nobody_confirms_her_own(play: Play) -> None:
    record_id = await play.logged(play.cast.wang_fang)
    browser = await play.browser(play.cast.wang_fang)
    after = said(await browser.follow(await browser.post("/confirm", record=record_id)))
    assert "自己的服务不能由自己确认" in after


async def test_unusual_hours_wait_for_a_steward(play: Play) -> None:
    occasion_id = await play.occasion_of(
        play.cast.li_guoqiang, starts_at=play.now - timedelta(hours=7)
    )
    record_id = await play.logged_at(
        play.cast.zhang_wei, occasion_id, play.now - timedelta(hours=7), 300
    )
    organizer = await play.browser(play.cast.wang_fang)
    page = said(await organizer.get(f"/confirm/{record_id}"))
    assert "时长较特别" in page
    assert "要由居委干部来看。 可由陈静确认" in page
    steward = await play.browser(play.cast.chen_jing)
    after = said(await steward.follow(await steward.post("/confirm", record=record_id)))
    assert "张伟：5 小时" in after


async def test_without_a_tick_nothing_happens_and_the_page_says_so(play: Play) -> None:
    await play.logged(play.cast.zhang_wei)
    browser = await play.browser(play.cast.wang_fang)
    answer = await browser.post("/confirm")
    assert answer.status_code == 422
    assert "张伟" in said(answer)


@pytest.mark.parametrize("record", ["x", "-1", "9" * 40, ["1"] * 300])
async def test_numbers_that_are_none_are_refused_in_words(play: Play, record: object) -> None:
    browser = await play.browser(play.cast.wang_fang)
    answer = await browser.post("/confirm", record=record)
    assert answer.status_code in (303, 409, 422)


async def test_a_refusal_needs_a_reason_and_the_volunteer_reads_it(play: Play) -> None:
    record_id = await play.logged(play.cast.zhang_wei)
    browser = await play.browser(play.cast.wang_fang)
    empty = await browser.post(f"/confirm/{record_id}/refuse", reason="")
    assert empty.status_code == 422
    long = await browser.post(f"/confirm/{record_id}/refuse", reason="不" * 10_000)
    assert long.status_code == 422
    assert "不" * 10_000 in long.text
    done = await browser.post(f"/confirm/{record_id}/refuse", reason=NAUGHTY)
    assert "没有等您确认的" in said(await browser.follow(done))
    volunteer = await play.browser(play.cast.zhang_wei)
    page = await volunteer.get("/service")
    assert "未通过" in said(page)
    assert "${alert(1)}" in page.text
    assert escaped(page)


async def test_a_steward_takes_a_confirmation_back_with_a_reason(play: Play) -> None:
    record_id = await play.logged(play.cast.zhang_wei)
    await play.confirmed(record_id)
    browser = await play.browser(play.cast.chen_jing)
    assert "收回这次确认" in said(await browser.get(f"/confirm/{record_id}"))
    done = await browser.post(f"/confirm/{record_id}/void", reason="登记了两次")
    assert "已收回" in said(await browser.follow(done))
    volunteer = await play.browser(play.cast.zhang_wei)
    statement = said(await volunteer.get("/points"))
    assert "收回：登记了两次" in statement
    assert "后来收回" in statement


async def test_an_organizer_cannot_take_back(play: Play) -> None:
    record_id = await play.logged(play.cast.zhang_wei)
    await play.confirmed(record_id)
    browser = await play.browser(play.cast.wang_fang)
    assert "收回这次确认" not in said(await browser.get(f"/confirm/{record_id}"))
    answer = await browser.post(f"/confirm/{record_id}/void", reason="登记了两次")
    assert answer.status_code == 403


async def test_the_wrong_area_sees_and_changes_nothing(play: Play) -> None:
    record_id = await play.logged(play.cast.zhang_wei)
    browser = await play.browser(play.cast.xu_jing)
    assert "没有等您确认的" in said(await browser.get("/confirm"))
    assert (await browser.get(f"/confirm/{record_id}")).status_code == 404
    after = said(await browser.follow(await browser.post("/confirm", record=record_id)))
    assert "张伟" not in after
    assert "确认了 0 条，1 条没有确认" in after
    assert (await browser.post(f"/confirm/{record_id}/refuse", reason="x")).status_code == 403


async def test_volunteers_and_strangers_do_not_come_in(play: Play) -> None:
    record_id = await play.logged(play.cast.zhang_wei)
    volunteer = await play.browser(play.cast.he_min)
    assert (await volunteer.get("/confirm")).status_code == 403
    assert (await volunteer.get(f"/confirm/{record_id}")).status_code == 404
    assert (await volunteer.post("/confirm", record=record_id)).status_code == 403
    stranger = play.site.browser()
    assert (await stranger.get("/confirm")).status_code == 303


async def test_the_list_speaks_english_too(play: Play) -> None:
    record_id = await play.logged(play.cast.zhang_wei)
    browser = await play.browser(play.cast.wang_fang, "en")
    page = said(await browser.get("/confirm"))
    assert "up to 20 points" in page
    after = said(await browser.follow(await browser.post("/confirm", record=record_id)))
    assert "1 confirmed." in after
    assert "张伟: 2 h, 20 points" in after
