"""Everybody asks at once: what is given is bounded by the points and by the shelf, both."""

from collections import Counter
from secrets import token_urlsafe

import anyio
import pytest

from points.ledger.books import verify
from points.rewards.stock import stock_of
from points.transactions import run
from tests.web.conftest import Browser, Site
from tests.web.crowded import Crowd
from tests.web.played import Play
from tests.web.shop import Shop, opened_shop, shop

pytestmark = pytest.mark.anyio
__all__ = ["shop"]

PIECES = 30
ASKING = 40


def crowd_of(shop: Shop) -> Crowd:
    return Crowd(Play(shop.site, shop.now, 0))


async def asked_at_once(asking: list[tuple[Browser, int]]) -> Counter[int]:
    """Press all the buttons together; how many answers of each kind."""
    answers: Counter[int] = Counter()

    async def press(browser: Browser, item_id: int) -> None:
        answer = await browser.client.post(
            f"/rewards/{item_id}/request",
            data={"request_id": token_urlsafe(12)},
            headers=browser.headers,
        )
        answers[answer.status_code] += 1

    async with anyio.create_task_group() as tasks:
        for browser, item_id in asking:
            tasks.start_soon(press, browser, item_id)
    return answers


async def test_fifty_requests_of_one_person_spend_no_more_than_she_has(site: Site) -> None:
    shop = await opened_shop(site, redemption_month_points=100_000, redemption_balance_points=0)
    await shop.rich(shop.cast.zhang_wei, points=400)
    items = [await shop.item(60, stock=3, name=f"好物{number}") for number in range(50)]
    browser = await crowd_of(shop).program_of(shop.cast.zhang_wei)
    answers = await asked_at_once([(browser, item_id) for item_id in items])
    # Six of sixty fit into four hundred.
    assert answers == {303: 6, 409: 44}
    assert await shop.points(shop.cast.zhang_wei) == 40
    held = await run("SELECT SUM(balance) AS held FROM account WHERE kind = 'redemption'")
    assert int(held[0]["held"]) == 360
    assert sum([(await stock_of(item_id)).reserved for item_id in items]) == 6
    assert (await verify()).problems == ()


async def test_two_hundred_requests_for_thirty_pieces(shop: Shop) -> None:
    crowd = crowd_of(shop)
    people = await crowd.neighbours(ASKING)
    # Half of them can pay for two, half for none.
    await shop.rich(*people[: ASKING // 2], points=130)
    await shop.rich(*people[ASKING // 2 :], points=55)
    item_id = await shop.item(60, stock=PIECES)
    browsers = [await crowd.program_of(person_id) for person_id in people]
    answers = await asked_at_once([(browser, item_id) for browser in browsers for _ in range(5)])
    assert answers == {303: PIECES, 409: 200 - PIECES}
    stock = await stock_of(item_id)
    assert (stock.received, stock.in_store, stock.reserved) == (PIECES, 0, PIECES)
    rows = await run("SELECT person_id, COUNT(*) AS asked FROM redemption GROUP BY person_id")
    assert sum(int(row["asked"]) for row in rows) == PIECES
    assert {row["person_id"] for row in rows} <= set(people[: ASKING // 2])
    assert max(int(row["asked"]) for row in rows) <= 2
    assert (await verify()).problems == ()
