"""A household's pool, gifts to the community pool, and grants by two people, page by page."""

from datetime import timedelta

import pytest

from points.ledger.books import verify
from points.pools import decisions, gifts, household
from points.pools.errors import PoolForAdults, SecondPersonDecides, TooLateToUndo
from points.rewards.committee import vote
from points.rewards.pickup import hand_over, return_item
from points.rewards.redemptions import cancel, request
from points.transactions import run
from tests.web.conftest import said
from tests.web.shop import Shop, shop

pytestmark = pytest.mark.anyio
__all__ = ["shop"]


async def paired(shop: Shop, *, put: int = 100) -> None:
    """赵志强 and 钱慧 of one household take part; he put points in."""
    him, her = shop.cast.zhao_zhiqiang, shop.cast.qian_hui
    await shop.rich(him, her, points=200)
    for one in (him, her):
        await household.join(actor_id=one, now=shop.now)
    await household.put_in(actor_id=him, points=put, now=shop.now)


async def told(person_id: int) -> list[str]:
    rows = await run("SELECT kind FROM notice WHERE person_id = {} ORDER BY id", person_id)
    return [str(row["kind"]) for row in rows]


async def pool_points(shop: Shop) -> int:
    rows = await run("SELECT balance FROM account WHERE kind = 'household'")
    return int(rows[0]["balance"])


async def test_a_household_saves_together_and_each_leaves_with_her_own(shop: Shop) -> None:
    him, her = shop.cast.zhao_zhiqiang, shop.cast.qian_hui
    await shop.rich(him, points=200)
    browser = await shop.browser(him)
    assert "同住一户" in said(await browser.get("/pool"))
    await browser.follow(await browser.post("/pool/join"))
    page = said(await browser.follow(await browser.post("/pool/put", put="120")))
    assert "120 积分已放进积分池" in page
    assert "赵志强：120 积分" in page
    assert await shop.points(him) == 80
    wife = await shop.browser(her)
    await wife.post("/pool/join")
    assert "赵志强：120 积分" in said(await wife.get("/pool"))
    wrong = await wife.post("/pool/take", take="5")
    assert wrong.status_code == 409
    assert "池里已经没有您的积分了" in said(wrong)
    assert "放进去" in said(await browser.post("/pool/put", put="900"))
    await browser.follow(await browser.post("/pool/take", take="20"))
    assert await shop.points(him) == 100
    await browser.follow(await browser.post("/pool/leave"))
    assert await shop.points(him) == 200
    assert "pool_left" in await told(her)
    assert (await verify()).problems == ()


async def test_the_pool_pays_what_a_member_asks_for(shop: Shop) -> None:
    await paired(shop)
    her = shop.cast.qian_hui
    item_id = await shop.item(60)
    browser = await shop.browser(her)
    assert "用家庭积分池付 60 积分" in said(await browser.get(f"/rewards/{item_id}"))
    page = await browser.follow(await browser.post(f"/rewards/{item_id}/request", payer="pool"))
    assert "洗衣液" in said(page)
    assert (await shop.points(her), await pool_points(shop)) == (200, 40)
    assert "pool_spent" in await told(shop.cast.zhao_zhiqiang)
    # 钱慧 has a stake in it, so two others decide.
    [row] = await run("SELECT id FROM redemption")
    for member in shop.members[:2]:
        await vote(actor_id=member, redemption_id=row["id"], choice="approve", now=shop.now)
    code = await shop.code(her, row["id"])
    await hand_over(actor_id=shop.cast.wang_fang, code=code, now=shop.now)
    await return_item(
        actor_id=shop.cast.li_guoqiang, redemption_id=row["id"], good=True, reason="破了",
        now=shop.now,
    )  # fmt: skip
    assert await pool_points(shop) == 100
    assert (await verify()).problems == ()


async def test_what_comes_back_after_its_owner_left_goes_to_its_owner(shop: Shop) -> None:
    await paired(shop)
    him, her = shop.cast.zhao_zhiqiang, shop.cast.qian_hui
    item_id = await shop.item(60)
    redemption_id = await request(
        actor_id=her, person_id=her, item_id=item_id, now=shop.now, from_pool=True
    )
    await household.leave(actor_id=him, now=shop.now)
    assert await shop.points(him) == 140
    await cancel(actor_id=her, redemption_id=redemption_id, now=shop.now)
    assert (await shop.points(him), await pool_points(shop)) == (200, 0)
    assert (await verify()).problems == ()


async def test_a_stranger_spends_nothing_and_a_child_saves_alone(shop: Shop) -> None:
    await paired(shop)
    item_id = await shop.item(60)
    other = await shop.browser(shop.cast.zhang_wei)
    await shop.rich(shop.cast.zhang_wei)
    answer = await other.post(f"/rewards/{item_id}/request", payer="pool")
    assert "您没有参加家庭积分池" in said(answer)
    assert "还没有家庭积分池" in said(await other.get("/pool"))
    with pytest.raises(PoolForAdults):
        await household.join(actor_id=shop.cast.he_xiaoyu, now=shop.now)


async def test_who_moved_out_only_takes_back_what_is_hers(shop: Shop) -> None:
    await paired(shop)
    him = shop.cast.zhao_zhiqiang
    await run("UPDATE person SET household_id = NULL WHERE id = {}", him)
    item_id = await shop.item(60)
    browser = await shop.browser(him)
    for path, form in (
        ("/pool/put", {"put": "5"}),
        (f"/rewards/{item_id}/request", {"payer": "pool"}),
    ):
        assert "您已经搬家" in said(await browser.post(path, **form))
    await browser.follow(await browser.post("/pool/leave"))
    assert await shop.points(him) == 200
    assert (await verify()).problems == ()


async def test_a_gift_with_a_wish_becomes_help_by_two_others(shop: Shop) -> None:
    donor, needy = shop.cast.zhang_wei, shop.cast.jin_xiuzhen
    await shop.rich(donor, points=100)
    giving = await shop.browser(donor)
    page = said(await giving.follow(await giving.post("/donations", donate="70", wish="金阿婆")))
    assert "谢谢您！70 积分已进公益池" in page
    assert "公益池" in said(await giving.get("/points"))
    chair = await shop.browser(shop.cast.chen_jing)
    assert "金阿婆" in said(await chair.get("/commons/decisions"))
    [gift] = await run("SELECT id FROM donation")
    form = {
        "kind": "relief", "points": "50", "reason": "住院三周", "neighbour_no": "AB5001",
        "donation_id": str(gift["id"]),
    }  # fmt: skip
    await chair.follow(await chair.post("/commons/decisions", **form))
    [made] = await run("SELECT id FROM pool_decision")
    path = f"/commons/decisions/{made['id']}/decide"
    assert (await chair.post(path, choice="approve")).status_code == 403
    second = await shop.browser(shop.cast.li_guoqiang)
    assert "住院三周" in said(await second.get("/commons/decisions"))
    assert "已拨付" in said(await second.follow(await second.post(path, choice="approve")))
    assert (await second.post(path, choice="approve")).status_code == 409
    assert await shop.points(needy) == 50
    assert "relief_granted" in await told(needy)
    numbers = said(await giving.get("/commons"))
    assert "70 积分" in numbers
    assert "共 1 笔" in numbers
    assert "金秀珍" not in numbers
    assert (await verify()).problems == ()


async def test_more_than_the_pool_holds_is_refused_and_a_refusal_says_why(shop: Shop) -> None:
    await shop.rich(shop.cast.zhang_wei, points=100)
    await gifts.give(actor_id=shop.cast.zhang_wei, points=10, wish="", now=shop.now)
    chair = await shop.browser(shop.cast.chen_jing)
    form = {"kind": "relief", "points": "11", "reason": "困难", "neighbour_no": "AB5001"}
    assert "池里有 10 积分，需要 11" in said(await chair.post("/commons/decisions", **form))
    unknown = form | {"neighbour_no": "AB0000"}
    assert (await chair.post("/commons/decisions", **unknown)).status_code == 422
    await chair.post("/commons/decisions", **(form | {"points": "10"}))
    [made] = await run("SELECT id FROM pool_decision")
    second = await shop.browser(shop.cast.li_guoqiang)
    path = f"/commons/decisions/{made['id']}/decide"
    assert (await second.post(path, choice="refuse")).status_code == 422
    page = said(await second.follow(await second.post(path, choice="refuse", refusal="另有救助")))
    assert "另有救助" in page
    assert await shop.points(shop.cast.jin_xiuzhen) == 0


async def test_a_stairwell_is_honoured_and_spends_by_decision(shop: Shop) -> None:
    place, chair, second = shop.cast.stairwell_11, shop.cast.chen_jing, shop.cast.li_guoqiang
    for kind, points, why in (("honour", 100, "文明楼道"), ("honour_spend", 30, "买拖把")):
        made = await decisions.propose(
            actor_id=chair, book_id=shop.cast.book, kind=kind, area_id=place, points=points,  # type: ignore[arg-type]
            reason=why, now=shop.now,
        )  # fmt: skip
        with pytest.raises(SecondPersonDecides):
            await decisions.decide(actor_id=chair, decision_id=made, approve=True, now=shop.now)
        await decisions.decide(actor_id=second, decision_id=made, approve=True, now=shop.now)
    page = said(await (await shop.browser(shop.cast.zhang_wei)).get("/commons"))
    assert "1单元：70 积分" in page
    assert "文明楼道" in page
    assert (await verify()).problems == ()


async def test_a_gift_is_taken_back_within_ten_minutes(shop: Shop) -> None:
    donor = shop.cast.zhang_wei
    await shop.rich(donor, points=100)
    first = await gifts.give(actor_id=donor, points=40, wish="", now=shop.now)
    browser = await shop.browser(donor)
    page = said(await browser.follow(await browser.post(f"/donations/{first}/undo")))
    assert "撤回了" in page
    assert await shop.points(donor) == 100
    again = await gifts.give(actor_id=donor, points=40, wish="", now=shop.now)
    later = shop.now + timedelta(minutes=11)
    with pytest.raises(TooLateToUndo):
        await gifts.undo(actor_id=donor, donation_id=again, now=later)
    other = await shop.browser(shop.cast.he_min)
    assert (await other.post(f"/donations/{again}/undo")).status_code == 404


async def test_pages_read_in_english_too(shop: Shop) -> None:
    await paired(shop)
    browser = await shop.browser(shop.cast.zhao_zhiqiang, "en")
    assert "赵志强: 100 points" in said(await browser.get("/pool"))
    assert "Community pool" in said(await browser.get("/commons"))
