"""What we owe, in public view."""

import re

import pytest

from points.outlook.reckoning import reckon
from tests.web.conftest import said
from tests.web.played import Play, play
from web import clock
from web.plots import Series, bars

pytestmark = pytest.mark.anyio
__all__ = ["play"]


async def test_before_anything_is_reckoned_the_page_says_when(play: Play) -> None:
    browser = await play.browser(play.cast.zhang_wei)
    assert "一小时内这里就有数字" in said(await browser.get("/outlook"))


@pytest.mark.parametrize(("language", "word"), [("zh", "在外积分"), ("en", "Points alive")])
async def test_every_resident_sees_what_is_owed(play: Play, language: str, word: str) -> None:
    await play.confirmed(await play.logged(play.cast.zhang_wei))
    await reckon(now=clock.now())
    browser = await play.browser(play.cast.jin_xiuzhen, language)
    answer = await browser.get("/outlook")
    assert re.search(rf"{word} *20 ", said(answer))
    assert answer.text.count('<svg viewBox="0 0 360') == 3
    assert "style=" not in answer.text
    assert 'action="/outlook/promises"' not in answer.text


async def test_a_promise_goes_on_the_list_and_off_again(play: Play) -> None:
    organizer = await play.browser(play.cast.wang_fang)
    wrong = await organizer.post("/outlook/promises", sponsor="面馆", points="0", due_on="x")
    assert wrong.status_code == 422
    assert "面馆" in wrong.text
    done = await organizer.post(
        "/outlook/promises", sponsor="面馆", points="300", due_on="2099-01-01"
    )
    page = await organizer.follow(done)
    assert "面馆" in said(page)
    number = re.search(r"/outlook/promises/(\d+)/close", page.text)[1]
    closed = await organizer.follow(await organizer.post(f"/outlook/promises/{number}/close"))
    assert "目前没有认捐" in said(closed)


def test_bars_stay_on_the_paper_and_keep_their_proportions():
    plot = bars(["a", "b", "c"], [Series("x", "solid", [0, 5, 10]), Series("y", "pale", [1, 1, 1])])
    heights = {(bar.series, bar.label): bar.height for bar in plot.bars}
    assert heights["x", "c"] == pytest.approx(2 * heights["x", "b"])
    assert heights["x", "a"] == 0
    for bar in plot.bars:
        assert 0 <= bar.x <= bar.x + bar.width <= plot.width
        assert 0 <= bar.y <= bar.y + bar.height <= plot.height
    assert bars([], []).bars == []
