"""The sums of a reckoning are those of the books, however often and late it is done."""

from datetime import UTC, date, datetime, timedelta

import pytest

from points.errors import Forbidden, Invalid, Missing
from points.outlook.pledges import close_promise, open_promises, promise
from points.outlook.reckoning import reckon
from points.outlook.view import outlook_of
from points.transactions import run
from tests.cast import Cast, cast
from tests.points.ledger.scene import LATER, NOW, SOON, History, make_scene, start_history

pytestmark = pytest.mark.anyio


@pytest.fixture
async def history(engine: object) -> History:
    return await start_history(await make_scene())


async def sums(book_id: int) -> dict[tuple[date, str], int]:
    rows = await run("SELECT day, flow, points FROM book_day WHERE book_id = {}", book_id)
    return {(row["day"], row["flow"]): row["points"] for row in rows}


async def test_each_way_is_summed_by_the_day_of_the_place(history: History):
    # Half past eleven at night in Shanghai, and an hour later.
    history.now = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
    award = await history.award(30)
    history.now += timedelta(hours=1)
    await history.award(12)
    await history.hold(9)
    handed_over = await history.fulfil()
    await history.reverse_fulfil(handed_over)
    await history.void(award)
    await history.reverse(award, points=30)
    await reckon(now=history.now)
    first, second = date(2026, 11, 20), date(2026, 11, 21)
    assert await sums(history.book_id) == {
        (first, "issued"): 30,
        (second, "issued"): 12,
        (second, "redeemed"): 9,
        (second, "returned"): 9,
        (second, "taken_back"): 30,
    }


async def test_reckoning_again_changes_nothing_and_later_days_are_added(history: History):
    await history.award(30)
    await reckon(now=NOW)
    first = await sums(history.book_id)
    await reckon(now=NOW)
    assert await sums(history.book_id) == first
    for days in range(1, 9):
        history.now = NOW + timedelta(days=days)
        await history.award(days)
        if days % 3 == 0:
            await reckon(now=history.now)
    await reckon(now=history.now)
    assert sum((await sums(history.book_id)).values()) == 30 + sum(range(1, 9))
    [marks] = await run("SELECT COUNT(*) AS n FROM outlook_mark")
    assert marks["n"] == 4


async def test_what_is_alive_is_told_by_its_end(history: History):
    await history.award(30, expires_on=SOON)
    await history.award(12, expires_on=LATER)
    await history.hold(10)
    await reckon(now=NOW)
    view = await outlook_of(book_id=history.book_id, now=NOW)
    # What is held for a request is still owed.
    assert view.alive == ((SOON, 30), (LATER, 12))
    assert view.outlook.alive == 42
    assert view.past[-1].flows.issued == 42
    assert view.outlook.ahead[1].expired > 0


async def test_before_the_first_reckoning_there_is_nothing_to_show(history: History):
    view = await outlook_of(book_id=history.book_id, now=NOW)
    assert (view.reckoned_at, view.outlook.alive, view.alive) == (None, 0, ())


async def test_a_promise_is_written_down_and_closed_by_those_who_fill_the_shelf(engine: object):
    place: Cast = await cast()
    facts = {"sponsor": " 街角面馆 ", "points": 300, "due_on": date(2026, 12, 1), "note": "面条"}
    kept = {"book_id": place.book, "now": NOW}
    number = await promise(actor_id=place.wang_fang, **facts, **kept)
    [one] = await open_promises(place.book)
    assert (one.sponsor, one.points, one.due_on) == ("街角面馆", 300, date(2026, 12, 1))
    for actor_id in (place.zhang_wei, place.xu_jing):
        with pytest.raises(Forbidden):
            await promise(actor_id=actor_id, **facts, **kept)
        with pytest.raises(Forbidden):
            await close_promise(actor_id=actor_id, pledge_id=number, now=NOW)
    await close_promise(actor_id=place.chen_jing, pledge_id=number, now=NOW)
    await close_promise(actor_id=place.chen_jing, pledge_id=number, now=NOW)
    assert await open_promises(place.book) == ()
    with pytest.raises(Missing):
        await close_promise(actor_id=place.chen_jing, pledge_id=number + 1, now=NOW)


@pytest.mark.parametrize(
    "wrong",
    [{"sponsor": "  "}, {"points": 0}, {"points": 10**9}, {"due_on": date(2026, 11, 1)}],
)
async def test_a_promise_that_says_nothing_is_refused(engine: object, wrong):
    place = await cast()
    facts = {"sponsor": "面馆", "points": 300, "due_on": date(2026, 12, 1), "note": ""} | wrong
    with pytest.raises(Invalid):
        await promise(actor_id=place.wang_fang, book_id=place.book, now=NOW, **facts)
