"""Objections and appeals: raised, answered by others, reviewed by three, and what it does."""

import re
from datetime import date, timedelta

import pytest

from points.disputes import deciding, raising
from points.disputes.deadlines import escalate_due, settle_due
from points.disputes.errors import (
    AlreadyDisputed,
    NotOpen,
    NotYoursToDispute,
    PartyDecides,
    TooLateToDispute,
)
from points.disputes.rules import outcome, working_days_after
from points.ledger.books import verify
from points.ledger.disputes import frozen_of
from points.rewards.redemptions import request
from points.service.confirm import void_record
from points.service.verify import verify_earnings
from points.transactions import run
from tests.web.conftest import said
from tests.web.shop import Shop, shop

pytestmark = pytest.mark.anyio
__all__ = ["shop"]
MONTH = timedelta(days=31)


async def disputed(shop: Shop, *, points: int = 100) -> int:
    """王芳 objects to service of 张伟, which 陈静 confirmed."""
    await shop.rich(shop.cast.zhang_wei, points=points)
    [row] = await run("SELECT MAX(id) AS id FROM service_record")
    return await raising.raise_dispute(
        actor_id=shop.cast.wang_fang, record_id=row["id"], reason="他没有来", now=shop.now
    )


async def frozen(shop: Shop) -> int:
    return await frozen_of(book_id=shop.cast.book, person_id=shop.cast.zhang_wei)


async def state(dispute_id: int) -> str:
    [row] = await run("SELECT state FROM dispute WHERE id = {}", dispute_id)
    return str(row["state"])


async def told(person_id: int) -> list[str]:
    rows = await run("SELECT kind FROM notice WHERE person_id = {} ORDER BY id", person_id)
    return [str(row["kind"]) for row in rows]


async def sound() -> None:
    assert (await verify()).problems == ()
    assert await verify_earnings() == ()


async def test_an_objection_freezes_what_it_is_about_and_nothing_else(shop: Shop) -> None:
    await disputed(shop, points=100)
    assert (await frozen(shop), await shop.points(shop.cast.zhang_wei)) == (100, 0)
    assert "dispute_raised" in await told(shop.cast.zhang_wei)
    assert "dispute_to_answer" in await told(shop.cast.zhou_jianguo)
    # Who confirmed it is not asked to judge it.
    assert "dispute_to_answer" not in await told(shop.cast.chen_jing)
    page = said(await (await shop.browser(shop.cast.zhang_wei)).get("/points"))
    assert "100 积分暂留" in page
    await sound()


async def test_a_rejected_objection_frees_the_points_at_once(shop: Shop) -> None:
    dispute_id = await disputed(shop)
    member = await shop.browser(shop.cast.zhou_jianguo)
    queue = await member.get("/disputes/open")
    assert "清洁家园" in said(queue)
    # Ordered by what is due, so the day is said.
    assert re.search(r"等待答复 · 100 积分暂留 · \d+月\d+日 周.前", said(queue))
    path = f"/disputes/{dispute_id}"
    detail = await member.get(path)
    assert "首次答复" in said(detail)
    assert "时长 1 小时" in " ".join(said(detail).split())
    assert 'href="/disputes/open"' in detail.text
    await member.follow(await member.post(f"{path}/answer", choice="reject", reason="签到表上有"))
    assert (await frozen(shop), await shop.points(shop.cast.zhang_wei)) == (0, 100)
    him = said(await (await shop.browser(shop.cast.zhang_wei)).get(path))
    assert "签到表上有" in him
    # Whom it is about does not read who objected.
    assert "王芳" not in him
    assert await settle_due(shop.now + MONTH) == 1
    assert await state(dispute_id) == "rejected"
    await sound()


async def test_an_upheld_objection_takes_the_frozen_points_first(shop: Shop) -> None:
    dispute_id = await disputed(shop)
    await deciding.answer(
        actor_id=shop.cast.zhou_jianguo, dispute_id=dispute_id, choice="uphold",
        reason="确实没来", now=shop.now,
    )  # fmt: skip
    assert await frozen(shop) == 100
    assert await settle_due(shop.now) == 0
    assert await settle_due(shop.now + MONTH) == 1
    assert (await frozen(shop), await shop.points(shop.cast.zhang_wei)) == (0, 0)
    [record] = await run("SELECT state, void_reason FROM service_record")
    assert (record["state"], record["void_reason"]) == ("voided", "确实没来")
    routes = await run(
        "SELECT r.source_kind FROM transfer t JOIN route r ON r.id = t.route_id "
        "WHERE r.kind = 'reversal' AND r.unit = 'points'"
    )
    assert [row["source_kind"] for row in routes] == ["dispute"]
    await sound()


async def test_what_was_spent_is_owed_and_the_rest_is_frozen(shop: Shop) -> None:
    await shop.rich(shop.cast.zhang_wei, points=100)
    item_id = await shop.item(60)
    him = shop.cast.zhang_wei
    await request(actor_id=him, person_id=him, item_id=item_id, now=shop.now)
    [row] = await run("SELECT MAX(id) AS id FROM service_record")
    dispute_id = await raising.raise_dispute(
        actor_id=shop.cast.wang_fang, record_id=row["id"], reason="他没有来", now=shop.now
    )
    assert await frozen(shop) == 40
    await deciding.answer(
        actor_id=shop.cast.zhou_jianguo, dispute_id=dispute_id, choice="uphold", reason="没来",
        now=shop.now,
    )  # fmt: skip
    await settle_due(shop.now + MONTH)
    page = said(await (await shop.browser(him)).get("/points"))
    assert "60" in page
    [owed] = await run("SELECT balance FROM account WHERE kind = 'arrears' AND owner_id = {}", him)
    assert owed["balance"] == -60
    await sound()


async def test_three_others_review_the_first_answer(shop: Shop) -> None:
    dispute_id = await disputed(shop)
    path = f"/disputes/{dispute_id}"
    first = await shop.browser(shop.cast.zhou_jianguo)
    await first.post(f"{path}/answer", choice="reject", reason="签到表上有")
    objector = await shop.browser(shop.cast.wang_fang)
    page = await objector.follow(await objector.post(f"{path}/review", reason="请看照片"))
    assert "还差 3 人表态" in said(page)
    assert await frozen(shop) == 100
    assert (await first.post(f"{path}/vote", choice="reject", reason="x")).status_code == 403
    voters = (shop.cast.he_min, shop.cast.qian_hui, shop.cast.li_guoqiang)
    for voter, choice in zip(voters, ("uphold", "reject", "uphold"), strict=True):
        assert await state(dispute_id) == "review"
        await (await shop.browser(voter)).post(f"{path}/vote", choice=choice, reason="看过照片")
    assert await state(dispute_id) == "upheld"
    assert (await frozen(shop), await shop.points(shop.cast.zhang_wei)) == (0, 0)
    assert "dispute_upheld" in await told(shop.cast.zhang_wei)
    again = await (await shop.browser(voters[0])).post(f"{path}/vote", choice="reject", reason="x")
    assert again.status_code == 409
    await sound()


async def test_parties_do_not_decide(shop: Shop) -> None:
    dispute_id = await disputed(shop)
    facts = {"dispute_id": dispute_id, "reason": "x", "now": shop.now}
    with pytest.raises(PartyDecides):
        await deciding.answer(actor_id=shop.cast.chen_jing, choice="reject", **facts)
    with pytest.raises(NotYoursToDispute):
        await raising.withdraw_dispute(
            actor_id=shop.cast.he_min, dispute_id=dispute_id, now=shop.now
        )
    stranger = await shop.browser(shop.cast.jin_xiuzhen)
    assert (await stranger.get(f"/disputes/{dispute_id}")).status_code == 404


async def test_an_objection_taken_back_frees_the_points(shop: Shop) -> None:
    dispute_id = await disputed(shop)
    objector = await shop.browser(shop.cast.wang_fang)
    await objector.follow(await objector.post(f"/disputes/{dispute_id}/withdraw"))
    assert (await state(dispute_id), await frozen(shop)) == ("withdrawn", 0)
    assert await shop.points(shop.cast.zhang_wei) == 100
    await sound()


async def test_it_is_raised_once_in_time_and_by_those_who_know(shop: Shop) -> None:
    await disputed(shop)
    [row] = await run("SELECT MAX(id) AS id FROM service_record")
    facts = {"record_id": row["id"], "reason": "x", "now": shop.now}
    with pytest.raises(AlreadyDisputed):
        await raising.raise_dispute(actor_id=shop.cast.zhang_wei, **facts)
    with pytest.raises(NotYoursToDispute):
        await raising.raise_dispute(actor_id=shop.cast.jin_xiuzhen, **facts)
    await shop.rich(shop.cast.jin_xiuzhen, points=10)
    [row] = await run("SELECT MAX(id) AS id FROM service_record")
    late = facts | {"record_id": row["id"], "now": shop.now + MONTH}
    with pytest.raises(TooLateToDispute):
        await raising.raise_dispute(actor_id=shop.cast.jin_xiuzhen, **late)


async def test_whose_service_was_taken_back_appeals_and_it_is_put_right(shop: Shop) -> None:
    him = shop.cast.zhang_wei
    await shop.rich(him, points=100)
    [row] = await run("SELECT MAX(id) AS id FROM service_record")
    await void_record(
        actor_id=shop.cast.chen_jing, record_id=row["id"], reason="弄错了", now=shop.now
    )
    browser = await shop.browser(him)
    assert "不对？申诉" in said(await browser.get("/service"))
    assert "提交申诉" in said(await browser.get(f"/disputes/new/{row['id']}"))
    page = await browser.follow(
        await browser.post("/disputes", record_id=row["id"], reason="我在的")
    )
    assert "等待答复" in said(page)
    assert "我在的" in said(await browser.get("/disputes")) or "清洁家园" in said(page)
    [made] = await run("SELECT id FROM dispute")
    member = await shop.browser(shop.cast.zhou_jianguo)
    await member.post(f"/disputes/{made['id']}/answer", choice="uphold", reason="看到他了")
    await settle_due(shop.now + MONTH)
    assert await state(made["id"]) == "upheld"
    assert "appeal_to_put_right" in await told(shop.cast.li_guoqiang)
    await sound()


async def test_stewards_hear_of_what_nobody_answers_in_time(shop: Shop) -> None:
    dispute_id = await disputed(shop)
    assert await escalate_due(shop.now) == 0
    assert await escalate_due(shop.now + timedelta(days=9)) == 1
    assert await escalate_due(shop.now + timedelta(days=9)) == 0
    assert "dispute_overdue" in await told(shop.cast.li_guoqiang)
    with pytest.raises(NotOpen):
        await deciding.ask_review(
            actor_id=shop.cast.zhang_wei, dispute_id=dispute_id, reason="x", now=shop.now
        )


def test_working_days_leave_out_weekends() -> None:
    friday = date(2026, 11, 27)
    assert working_days_after(friday, 1) == date(2026, 11, 30)
    assert working_days_after(friday, 5) == date(2026, 12, 4)
    assert working_days_after(friday, 10) == date(2026, 12, 11)


def test_three_decide_by_majority() -> None:
    assert outcome(["uphold", "uphold"]) is None
    assert outcome(["uphold", "reject", "uphold"]) == "uphold"
    assert outcome(["reject", "reject", "uphold"]) == "reject"
