"""What I did, how it stands, and writing it down."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.web.conftest import said
from tests.web.played import Play, escaped, play

pytestmark = pytest.mark.anyio
__all__ = ["play"]

NAUGHTY = "${alert(1)}</script>"


def filled(play: Play, **changes: object) -> dict[str, object]:
    """The form as it stands before anything is corrected."""
    start = play.started_at.astimezone(ZoneInfo("Asia/Shanghai"))
    return {
        "occasion_id": play.occasion,
        "day": start.date().isoformat(),
        "started_at": f"{start:%H:%M}",
        "hours": 1,
        "minutes": 30,
        "note": "",
    } | changes


async def test_who_did_nothing_yet_is_invited_to_log(play: Play) -> None:
    browser = await play.browser(play.cast.zhang_wei)
    assert "这里还没有记录" in said(await browser.get("/service"))


async def test_the_form_offers_the_activities_that_have_begun(play: Play) -> None:
    later = play.now + timedelta(days=1)
    await play.occasion_of(
        play.cast.wang_fang, title="明天的事", starts_at=later, ends_at=later + timedelta(hours=1)
    )
    page = said(await (await play.browser(play.cast.zhang_wei)).get("/service/new"))
    assert "楼道巡查" in page
    assert "明天的事" not in page


async def test_service_is_logged_and_says_who_can_confirm_it(play: Play) -> None:
    browser = await play.browser(play.cast.zhang_wei)
    form = await browser.get(f"/service/new?occasion={play.occasion}")
    assert 'name="hours" type="number" value="2"' in form.text
    page = said(await browser.follow(await browser.post("/service", **filled(play))))
    assert "登记好了" in page
    assert "1 小时 30 分" in page
    assert "等待确认" in page
    assert "王芳" in page


async def test_a_form_sent_twice_counts_once(play: Play) -> None:
    browser = await play.browser(play.cast.zhang_wei)
    form = filled(play, request_id="the-same-request")
    answers = [await browser.post("/service", **form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert (await browser.get("/service")).text.count("等待确认</span>") == 1


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"hours": 25}, "24"),
        ({"hours": 24, "minutes": 60}, "1440"),
        ({"hours": 0, "minutes": 0}, "1440"),
        ({"hours": "二"}, "要改"),
        ({"hours": 9}, "还没结束"),
        ({"day": "2199-01-01"}, "还没结束"),
        ({"day": "0001-01-01"}, "本世纪"),
        ({"day": "2020-01-01"}, "对不上"),
        ({"started_at": "later"}, "14:00"),
        ({"note": "好" * 10_000}, "500"),
    ],
)
async def test_what_cannot_be_true_is_said_and_the_input_kept(
    play: Play, changes: dict[str, object], complaint: str
) -> None:
    browser = await play.browser(play.cast.zhang_wei)
    note = {"note": NAUGHTY} if "note" not in changes else {}
    answer = await browser.post("/service", **filled(play, **changes, **note))
    assert answer.status_code in (409, 422), said(answer)
    assert complaint in said(answer)
    assert escaped(answer)
    for name, value in {**changes, **note}.items():
        kept = str(value).replace("<", "&lt;").replace(">", "&gt;")
        assert kept in answer.text, name
    assert "这里还没有记录" in said(await browser.get("/service"))


async def test_a_stale_form_does_nothing_and_says_why(play: Play) -> None:
    browser = await play.browser(play.cast.zhang_wei)
    answer = await browser.post("/service", **filled(play, _csrf_token="stale"))
    assert answer.status_code == 403
    assert "这里还没有记录" in said(await browser.get("/service"))


async def test_what_waits_can_be_withdrawn_and_logged_again(play: Play) -> None:
    browser = await play.browser(play.cast.zhang_wei)
    record_id = await play.logged(play.cast.zhang_wei)
    done = await browser.follow(await browser.post(f"/service/{record_id}/withdraw"))
    assert "已撤回" in said(done)
    assert (await browser.post("/service", **filled(play))).status_code == 303


async def test_nobody_withdraws_what_is_not_hers(play: Play) -> None:
    record_id = await play.logged(play.cast.zhang_wei)
    browser = await play.browser(play.cast.he_min)
    assert (await browser.post(f"/service/{record_id}/withdraw")).status_code == 403


async def test_somebody_of_another_neighbourhood_cannot_log_here(play: Play) -> None:
    browser = await play.browser(play.cast.wu_di)
    answer = await browser.post("/service", **filled(play))
    assert answer.status_code in (404, 409)
    assert "这里还没有记录" in said(await browser.get("/service"))


async def test_the_pages_speak_english_too(play: Play) -> None:
    browser = await play.browser(play.cast.zhang_wei, "en")
    await play.logged(play.cast.zhang_wei)
    page = said(await browser.get("/service"))
    assert "Waiting to be confirmed" in page
    assert "can confirm it" in page
    answer = await browser.post("/service", **filled(play, hours=25))
    assert "at most 24" in said(answer)


async def test_strangers_are_asked_to_sign_in(play: Play) -> None:
    stranger = play.site.browser()
    for path in ("/service", "/service/new"):
        assert (await stranger.get(path)).headers["location"].startswith("/sign-in")


@pytest.mark.parametrize("path", ["/service/new?occasion=999999", "/service/new?occasion=x"])
async def test_an_address_that_leads_nowhere_says_so(play: Play, path: str) -> None:
    answer = await (await play.browser(play.cast.zhang_wei)).get(path)
    assert answer.status_code in (404, 422)
