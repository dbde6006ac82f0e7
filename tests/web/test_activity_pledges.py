"""Points for the materials of an activity: asked for, pledged, taken back, and spent together."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from points.ledger.statement import balances
from points.rewards.catalogue import ItemDraft, adopt_item, draft_item, receive_stock
from talentmap.activities.deadlines import close_due
from tests.web.conftest import said
from tests.web.crowded import Crowd, crowd
from tests.web.played import play

pytestmark = pytest.mark.anyio
__all__ = ["crowd", "play"]


@dataclass(frozen=True, slots=True)
class Materials:
    """An activity for two and an item it needs; 张伟 has 20 points."""

    crowd: Crowd
    activity_id: int
    item_id: int

    @property
    def here(self) -> str:
        """The page of the activity."""
        return f"/activities/{self.activity_id}"

    async def points_of(self, person_id: int) -> int:
        """What somebody can spend."""
        return (await balances(book_id=self.crowd.cast.book, person_id=person_id)).points

    async def asked(self) -> None:
        """王芳 asks for one piece."""
        browser = await self.crowd.play.browser(self.crowd.cast.wang_fang)
        done = await browser.post(f"{self.here}/pledges/ask", item_id=self.item_id, quantity=1)
        assert done.status_code == 303, said(done)


@pytest.fixture
async def materials(crowd: Crowd) -> Materials:
    """The catalogue holds tissue paper for 15 points."""
    cast, now = crowd.cast, crowd.now
    await crowd.play.confirmed(await crowd.play.logged(cast.zhang_wei))
    item_id = await draft_item(
        actor_id=cast.wang_fang, book_id=cast.book, now=now,
        draft=ItemDraft(name="彩纸", kind="goods", price=15),
    )  # fmt: skip
    await adopt_item(actor_id=cast.chen_jing, item_id=item_id, now=now)
    await receive_stock(
        actor_id=cast.wang_fang, item_id=item_id, quantity=3, reason="捐赠", now=now
    )
    return Materials(crowd, await crowd.proposed(minimum=2), item_id)


async def test_only_whoever_runs_it_asks_and_neighbours_pledge(materials: Materials) -> None:
    neighbour = await materials.crowd.play.browser(materials.crowd.cast.zhang_wei)
    ask = {"item_id": materials.item_id, "quantity": 1}
    assert (await neighbour.post(f"{materials.here}/pledges/ask", **ask)).status_code == 403
    assert "彩纸" not in said(await neighbour.get(materials.here))
    await materials.asked()
    assert "已认捐 0 / 15 积分" in said(await neighbour.get(materials.here))
    given = await neighbour.post(f"{materials.here}/pledges", points=10)
    assert "已认捐 10 / 15 积分" in said(await neighbour.follow(given))
    assert await materials.points_of(materials.crowd.cast.zhang_wei) == 10
    twice = await neighbour.post(f"{materials.here}/pledges", points=5)
    assert twice.status_code == 409
    back = await neighbour.post(f"{materials.here}/pledges/take-back")
    assert "已认捐 0 / 15 积分" in said(await neighbour.follow(back))
    assert await materials.points_of(materials.crowd.cast.zhang_wei) == 20


@pytest.mark.parametrize("points", ["0", "-5", "16", "999999999999", "", "全部"])
async def test_a_pledge_is_at_most_what_is_missing(materials: Materials, points: str) -> None:
    await materials.asked()
    browser = await materials.crowd.play.browser(materials.crowd.cast.zhang_wei)
    answer = await browser.post(f"{materials.here}/pledges", points=points)
    assert answer.status_code == 422
    assert 'id="field-points-error"' in answer.text
    assert await materials.points_of(materials.crowd.cast.zhang_wei) == 20


async def test_who_has_no_points_is_told_how_many_there_are(materials: Materials) -> None:
    await materials.asked()
    browser = await materials.crowd.play.browser(materials.crowd.cast.he_min)
    answer = await browser.post(f"{materials.here}/pledges", points=5)
    assert answer.status_code in (409, 422)


async def test_points_come_back_when_it_lapses(materials: Materials) -> None:
    await materials.asked()
    browser = await materials.crowd.play.browser(materials.crowd.cast.zhang_wei)
    assert (await browser.post(f"{materials.here}/pledges", points=15)).status_code == 303
    assert await close_due(materials.crowd.now + timedelta(days=2, hours=1)) == 1
    assert await materials.points_of(materials.crowd.cast.zhang_wei) == 20


async def test_a_person_who_neither_proposed_nor_pledged_pays(materials: Materials) -> None:
    cast = materials.crowd.cast
    await materials.asked()
    for person_id in (cast.jin_xiuzhen, cast.lu_xiuying):
        await materials.crowd.join(materials.activity_id, person_id)
    neighbour = await materials.crowd.play.browser(cast.zhang_wei)
    await neighbour.post(f"{materials.here}/pledges", points=15)
    for person_id in (cast.wang_fang, cast.zhang_wei, cast.xu_jing):
        browser = await materials.crowd.play.browser(person_id)
        assert (await browser.post(f"{materials.here}/pledges/pay")).status_code == 403
    steward = await materials.crowd.play.browser(cast.chen_jing)
    assert "付掉材料" in said(await steward.get(materials.here))
    paid = await steward.post(f"{materials.here}/pledges/pay")
    assert "15 积分已用来付材料" in said(await steward.follow(paid))
    assert await materials.points_of(cast.zhang_wei) == 5
