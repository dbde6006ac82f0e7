"""Handing over, once, by somebody else; and taking back."""

from datetime import timedelta

import pytest

from points.community.errors import NotInRole, ReasonMissing
from points.community.reads import reads_of
from points.rewards.deadlines import remind_collect, return_uncollected
from points.rewards.errors import (
    AlreadyHandedOver,
    ApprovedByYou,
    HandedOverByYou,
    HandOverRoleMissing,
    InvolvedInPickup,
    NotHandedOver,
    NotReady,
    NotYourRequest,
    PickupCodeUnknown,
)
from points.rewards.pickup import delivery_list, find_pickup, hand_over, my_code, return_item
from points.rewards.redemptions import redemption
from points.transactions import run
from tests.points.rewards.scene import COLLECT_BY, NOW

pytestmark = pytest.mark.anyio
TOO_LATE = COLLECT_BY + timedelta(minutes=1)


@pytest.fixture
async def waits(here):
    """张伟's approved request for something at 60 points."""
    await here.rich(here.who.zhang_wei)
    return await here.approved(here.who.zhang_wei, await here.item(60, stock=3))


async def code_of(here, redemption_id, person=None):
    return await my_code(
        actor_id=person or here.who.zhang_wei, redemption_id=redemption_id, now=NOW
    )


async def test_the_code_hands_over_once_and_says_when_it_did(here, waits):
    who, code = here.who, await code_of(here, waits)
    done = await hand_over(actor_id=who.wang_fang, code=code.lower(), now=NOW)
    assert (done.item_name, done.person_name, done.collected_by) == ("洗衣液", "张伟", "张伟")
    assert await here.told("redemption_handed_over") == {who.zhang_wei}
    assert (await here.points(who.zhang_wei), await here.held(waits)) == (140, 0)
    later = NOW + timedelta(hours=1)
    for phone in (who.wang_fang, who.lu_xiuying, who.chen_jing):
        with pytest.raises(AlreadyHandedOver) as refused:
            await hand_over(actor_id=phone, code=code, now=later)
        assert refused.value.facts == {"handed_over_at": NOW}
    view = await redemption(actor_id=who.zhang_wei, redemption_id=waits, now=later)
    stock = await here.stock(view.item_id)
    assert (stock.in_store, stock.reserved, stock.handed_out) == (2, 0, 1)
    assert view.steps[-1].who == ("王芳",)


async def test_somebody_else_collects_with_a_note(here, waits):
    who = here.who
    code = await code_of(here, waits)
    found = await find_pickup(actor_id=who.lu_xiuying, code=code, now=NOW)
    assert (found.item_name, found.area_path[-1]) == ("洗衣液", "1单元")
    assert [one.actor_id for one in await reads_of(who.zhang_wei)] == [who.lu_xiuying]
    await hand_over(actor_id=who.lu_xiuying, code=code, now=NOW, collected_by="女儿 张小妹")
    view = await redemption(actor_id=who.zhang_wei, redemption_id=waits, now=NOW)
    assert view.collected_by == "女儿 张小妹"


async def test_only_the_owner_sees_the_code(here, waits):
    for actor in ("zhou_jianguo", "wang_fang", "chen_jing", "lu_xiuying", "he_min"):
        with pytest.raises(NotYourRequest):
            await code_of(here, waits, getattr(here.who, actor))
    assert await code_of(here, waits) == await code_of(here, waits)


async def test_whoever_asked_for_an_elder_sees_the_code_but_does_not_hand_over(here):
    who = here.who
    await here.rich(who.jin_xiuzhen)
    redemption_id = await here.asked(who.jin_xiuzhen, await here.item(60), actor_id=who.lu_xiuying)
    await here.votes(redemption_id, "approve", "approve")
    code = await code_of(here, redemption_id, who.lu_xiuying)
    with pytest.raises(InvolvedInPickup):
        await hand_over(actor_id=who.lu_xiuying, code=code, now=NOW)
    await hand_over(actor_id=who.wang_fang, code=code, now=NOW)


async def test_there_is_no_code_before_the_approval_and_none_after_the_end(here, waits):
    who = here.who
    asked = await here.asked(who.zhang_wei, await here.item(50))
    with pytest.raises(NotReady):
        await code_of(here, asked)
    code = await code_of(here, waits)
    await return_uncollected(TOO_LATE)
    with pytest.raises(NotReady):
        await code_of(here, waits)
    with pytest.raises(NotReady):
        await hand_over(actor_id=who.wang_fang, code=code, now=TOO_LATE)


async def test_a_wrong_code_is_nobodys(here, waits):
    for code in ("", "AAAA-AAAA", "（）", "x" * 5000):
        with pytest.raises(PickupCodeUnknown):
            await hand_over(actor_id=here.who.wang_fang, code=code, now=NOW)


async def test_without_a_role_there_nobody_hands_over(here, waits):
    who, code = here.who, await code_of(here, waits)
    elsewhere = await here.neighbour()
    await here.grant(elsewhere, "stairwell_leader", who.stairwell_12)
    for actor_id in (who.he_min, who.zhou_jianguo, who.xu_jing, elsewhere):
        with pytest.raises(HandOverRoleMissing):
            await hand_over(actor_id=actor_id, code=code, now=NOW)


async def test_whoever_approved_does_not_hand_over_but_whoever_stood_back_may(here):
    who = here.who
    for member in (who.zhou_jianguo, who.he_min, who.qian_hui):
        await here.grant(member, "organizer")
    await here.rich(who.zhang_wei)
    redemption_id = await here.asked(who.zhang_wei, await here.item(60))
    await here.votes(redemption_id, "approve", "recuse", "approve")
    code = await code_of(here, redemption_id)
    with pytest.raises(ApprovedByYou):
        await hand_over(actor_id=who.zhou_jianguo, code=code, now=NOW)
    await hand_over(actor_id=who.he_min, code=code, now=NOW)


async def test_what_nobody_collects_goes_back(here, waits):
    who = here.who
    day_before = COLLECT_BY - timedelta(hours=23)
    assert await remind_collect(NOW) == 0
    assert await remind_collect(day_before) == 1
    assert await remind_collect(day_before) == 0
    assert await here.told("redemption_collect_soon") == {who.zhang_wei}
    assert await return_uncollected(COLLECT_BY) == 0
    assert await return_uncollected(TOO_LATE) == 1
    assert await return_uncollected(TOO_LATE) == 0
    assert (await here.state(waits), await here.points(who.zhang_wei)) == ("uncollected", 200)
    assert await here.told("redemption_uncollected") == {who.zhang_wei}


async def test_many_that_nobody_collects_all_go_back(limitless):
    here = limitless
    item_id = await here.item(0, stock=210, monthly_limit=100)
    made = []
    for _ in range(3):
        neighbour = await here.neighbour()
        made += [await here.asked(neighbour, item_id) for _ in range(70)]
    for redemption_id in made:
        await run(
            "INSERT INTO committee_vote (redemption_id, member_id, choice, voted_at) "
            "VALUES ({}, {}, 'approve', {}), ({}, {}, 'approve', {})",
            *(redemption_id, here.members[0], NOW, redemption_id, here.members[1], NOW),
        )
    await run(
        "UPDATE redemption SET state = 'approved', decided_at = {}, collect_by = {}, "
        "pickup_digest = 'digest of ' || id",
        NOW,
        COLLECT_BY,
    )
    assert await return_uncollected(TOO_LATE) == 210
    assert (await here.stock(item_id)).in_store == 210


async def test_points_that_expired_meanwhile_have_grace_unless_she_cancelled(here, waits):
    who = here.who
    # The service was in 2026, so the points go after 2027.
    new_year = NOW.replace(year=2028, month=1, day=2)
    await run(
        "UPDATE redemption SET decide_by = {}, collect_by = {} WHERE id = {}",
        new_year,
        new_year,
        waits,
    )
    assert await return_uncollected(new_year + timedelta(seconds=1)) == 1
    rows = await run(
        "SELECT h.grace_until FROM holding h JOIN account a ON a.id = h.account_id "
        "WHERE a.kind = 'member' AND a.owner_id = {} AND h.points = 60",
        who.zhang_wei,
    )
    assert [(row["grace_until"].month, row["grace_until"].day) for row in rows] == [(2, 1)]


async def test_the_delivery_list_goes_by_stairwell(here, waits):
    who = here.who
    item_id = await here.item(60)
    for person_id in (who.jin_xiuzhen, who.lu_xiuying, who.chen_jing):
        await here.rich(person_id)
        await here.approved(person_id, item_id)
    await here.asked(who.zhang_wei, item_id)
    found = await delivery_list(actor_id=who.wang_fang, book_id=here.book, now=NOW)
    assert [(one.area_path[-2:], [line.person_name for line in one.lines]) for one in found] == [
        (("1号楼", "1单元"), ["张伟", "金秀珍", "卢秀英"]),
        (("2号楼", "2单元"), ["陈静"]),
    ]
    [led] = await delivery_list(actor_id=who.lu_xiuying, book_id=here.book, now=NOW)
    assert led == found[0]
    with pytest.raises(HandOverRoleMissing):
        await delivery_list(actor_id=who.zhang_wei, book_id=here.book, now=NOW)


@pytest.mark.parametrize("good", [True, False])
async def test_a_returned_piece_is_counted_as_it_is_and_the_points_come_back(here, good):
    who = here.who
    await here.rich(who.zhang_wei)
    item_id = await here.item(60, stock=1)
    redemption_id = await here.handed_over(who.zhang_wei, item_id)
    back = {"redemption_id": redemption_id, "good": good, "reason": "瓶子漏了", "now": NOW}
    with pytest.raises(HandedOverByYou):
        await return_item(actor_id=who.wang_fang, **back)
    with pytest.raises(NotInRole):
        await return_item(actor_id=who.lu_xiuying, **back)
    with pytest.raises(ReasonMissing):
        await return_item(actor_id=who.chen_jing, **back | {"reason": " "})
    await return_item(actor_id=who.chen_jing, **back)
    with pytest.raises(NotHandedOver):
        await return_item(actor_id=who.li_guoqiang, **back)
    assert await here.points(who.zhang_wei) == 200
    stock = await here.stock(item_id)
    assert (stock.in_store, stock.handed_out, stock.lost) == (int(good), 0, int(not good))
    assert await here.told("redemption_returned") == {who.zhang_wei}


async def test_something_for_nothing_moves_no_points(here):
    who = here.who
    redemption_id = await here.handed_over(who.zhang_wei, await here.item(0))
    assert await here.state(redemption_id) == "handed_over"
    await return_item(
        actor_id=who.chen_jing, redemption_id=redemption_id, good=True, reason="写错了", now=NOW
    )
    assert await run("SELECT id FROM posting") == []
