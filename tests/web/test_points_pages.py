"""The statement, and why each line stands there."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from points.community.reads import reads_of
from tests.web.conftest import said
from tests.web.played import Play, play
from web.i18n import translator
from web.points_reasons import sentences

pytestmark = pytest.mark.anyio
__all__ = ["play"]


async def test_an_empty_statement_says_how_it_fills(play: Play) -> None:
    browser = await play.browser(play.cast.zhang_wei)
    page = said(await browser.get("/points"))
    assert "这里还没有记录" in page
    assert "登记我的服务" in page


async def test_the_statement_shows_points_and_hours_with_their_balance(play: Play) -> None:
    await play.confirmed(await play.logged(play.cast.zhang_wei))
    browser = await play.browser(play.cast.zhang_wei)
    points = said(await browser.get("/points"))
    assert "楼道巡查" in points
    assert "+20" in points
    assert "20 积分，到" in points
    assert "2 小时" in said(await browser.get("/points?unit=minutes"))


async def test_it_is_paged_from_the_newest_back(play: Play) -> None:
    mine = await play.browser(play.cast.jin_xiuzhen)
    for number in range(13):
        occasion_id = await play.occasion_of(play.cast.li_guoqiang, title=f"活动{number:02}号")
        answer = await mine.post(
            "/service", **_minutes(play, occasion_id, start=number * 5, minutes=5)
        )
        assert answer.status_code == 303, said(answer)
    organizer = await play.browser(play.cast.wang_fang)
    waiting = await organizer.get("/confirm")
    records = [part.split('"')[0] for part in waiting.text.split('name="record" value="')[1:]]
    assert len(records) == 13
    for record in records:
        await organizer.post("/confirm", record=record)
    first = await mine.get("/points?unit=minutes")
    assert "活动12号" in said(first)
    assert "活动00号" not in said(first)
    older = first.text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert "活动00号" in said(await mine.get(older))


def _minutes(play: Play, occasion_id: int, *, start: int, minutes: int) -> dict[str, object]:
    begun = (play.started_at + timedelta(minutes=start)).astimezone(ZoneInfo("Asia/Shanghai"))
    return {
        "occasion_id": occasion_id,
        "day": begun.date().isoformat(),
        "started_at": f"{begun:%H:%M}",
        "hours": 0,
        "minutes": minutes,
    }


async def test_every_line_says_why(play: Play) -> None:
    done = await play.confirmed(await play.logged(play.cast.zhang_wei))
    browser = await play.browser(play.cast.zhang_wei)
    page = said(await browser.get(f"/points/{done.posting_id}"))
    assert "服务 2 小时，每小时 10 积分" in page
    assert "楼道巡查，每小时按 1 倍算" in page
    assert "积分细则第 1 版" in page
    assert "王芳" in page
    english = await play.browser(play.cast.zhang_wei, "en")
    page = said(await english.get(f"/points/{done.posting_id}"))
    assert "2 h of service, at 10 points an hour." in page


def test_every_reason_has_its_sentence() -> None:
    said_in_chinese = sentences(
        [
            {"kind": "policy", "number": 2, "effective_from": "2026-03-01"},
            {"kind": "rate", "minutes": 150, "points_per_hour": 10},
            {"kind": "multiplier", "category": "emergency", "percent": 150},
            {"kind": "leader_bonus", "percent": 20},
            {"kind": "combined_max", "percent": 200},
            {"kind": "cap", "period": "day", "cap_points": 60, "cut_exact": 45_000},
            {"kind": "remainder", "before_exact": 0, "after_exact": 3_000},
            {"kind": "backfilled", "days": 3},
            {"kind": "recount", "points": -3},
            {"kind": "something of another time"},
        ],
        translator("zh"),
    )
    assert said_in_chinese == [
        "按积分细则第 2 版计算，2026年3月1日 周日起施行。",
        "服务 2 小时 30 分，每小时 10 积分。",
        "服务类别：应急帮忙，每小时按 1.5 倍算。",
        "带队的人加 20%。",
        "合起来每小时最多按 2 倍算。",
        "一天最多得 60 积分，超出的 7.5 积分不计。",
        "不满一分的零头不会丢：上次留下 0，这次留到下次 0.5。",
        "过了 3 天才登记：只记时长，不计积分。",
        "同一时段的其他服务重新计算：−3 积分。",
    ]


async def test_nobody_else_reads_it_but_staff_of_the_area_whose_look_is_noted(play: Play) -> None:
    done = await play.confirmed(await play.logged(play.cast.zhang_wei))
    path = f"/points/{done.posting_id}"
    assert (await (await play.browser(play.cast.he_min)).get(path)).status_code == 404
    assert (await (await play.browser(play.cast.xu_jing)).get(path)).status_code == 404
    assert (await play.site.browser().get(path)).status_code == 303
    steward = await play.browser(play.cast.chen_jing)
    assert "张伟" in said(await steward.get(path))
    reads = await reads_of(play.cast.zhang_wei)
    assert [(read.actor_id, read.what) for read in reads] == [(play.cast.chen_jing, "statement")]


@pytest.mark.parametrize(
    "path", ["/points/999999", "/points/x", "/points?unit=money", "/points?before=x"]
)
async def test_an_address_that_leads_nowhere_says_so(play: Play, path: str) -> None:
    answer = await (await play.browser(play.cast.zhang_wei)).get(path)
    assert answer.status_code in (404, 422)


async def test_strangers_are_asked_to_sign_in(play: Play) -> None:
    assert (await play.site.browser().get("/points")).headers["location"].startswith("/sign-in")
