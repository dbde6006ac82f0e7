"""One request from asking to its end, and what is refused on the way."""

from datetime import UTC, date, datetime, timedelta

import pytest

from points.community.errors import ReasonMissing
from points.community.reads import proxies_of, reads_of
from points.ledger.errors import InsufficientPoints
from points.rewards.catalogue import retire_item
from points.rewards.errors import (
    BalanceTooLow,
    ItemMonthReached,
    ItemNotAdopted,
    ItemRetired,
    MonthSpent,
    NotForYou,
    NotOfThisBook,
    NotYourRequest,
    NotYourToAskFor,
    OutOfStock,
    RedemptionMissing,
    RequestClosed,
    TooLateToCancel,
)
from points.rewards.redemptions import cancel, my_redemptions, redemption, request
from points.transactions import run
from tests.points.rewards.scene import COLLECT_BY, DECIDE_BY, NOW

pytestmark = pytest.mark.anyio
SOON = NOW + timedelta(minutes=10)
LATER = NOW + timedelta(minutes=10, seconds=1)


async def test_a_request_takes_a_piece_and_holds_the_points(here):
    who = here.who
    await here.rich(who.zhang_wei, 200)
    item_id = await here.item(60, stock=2)
    redemption_id = await here.asked(who.zhang_wei, item_id)
    assert await here.points(who.zhang_wei) == 140
    assert await here.held(redemption_id) == 60
    stock = await here.stock(item_id)
    assert (stock.received, stock.in_store, stock.reserved) == (2, 1, 1)
    assert await here.told("redemption_to_decide") == set(here.members)


async def test_whoever_cannot_ask_leaves_nothing_behind(here):
    who = here.who
    await here.rich(who.zhang_wei, 60)
    item_id = await here.item(61)
    with pytest.raises(InsufficientPoints) as refused:
        await here.asked(who.zhang_wei, item_id)
    assert refused.value.facts == {"needed": 61, "available": 60}
    assert await here.points(who.zhang_wei) == 60
    assert (await here.stock(item_id)).in_store == 5
    assert await run("SELECT id FROM redemption") == []
    assert await here.told("redemption_to_decide") == set()


async def test_points_can_be_spent_from_a_least_balance_on(here):
    who = here.who
    item_id, thanks = await here.item(20), await here.item(0, name="电子感谢状")
    await here.rich(who.zhang_wei, 49)
    with pytest.raises(BalanceTooLow):
        await here.asked(who.zhang_wei, item_id)
    await here.asked(who.zhang_wei, thanks)
    await here.rich(who.zhang_wei, 1)
    await here.asked(who.zhang_wei, item_id)


async def test_a_month_and_an_item_have_their_limits(here):
    who = here.who
    await here.rich(who.zhang_wei, 800)
    one, other = await here.item(100, stock=9), await here.item(101, stock=9, monthly_limit=5)
    await here.asked(who.zhang_wei, one)
    second = await here.asked(who.zhang_wei, one)
    with pytest.raises(ItemMonthReached):
        await here.asked(who.zhang_wei, one)
    with pytest.raises(MonthSpent) as refused:
        await here.asked(who.zhang_wei, other)
    assert refused.value.facts == {"most": 300, "with_this": 301}
    # What came back counts no more, and a new month begins anew.
    await cancel(actor_id=who.zhang_wei, redemption_id=second, now=NOW)
    await here.asked(who.zhang_wei, one)
    april = datetime(2026, 3, 31, 16, 0, tzinfo=UTC)
    with pytest.raises(ItemMonthReached):
        await here.asked(who.zhang_wei, one, now=april - timedelta(seconds=1))
    await here.asked(who.zhang_wei, one, now=april)


async def test_the_last_piece_goes_once(here):
    who = here.who
    item_id = await here.item(60, stock=1)
    await here.rich(who.zhang_wei)
    await here.rich(who.he_min)
    await here.asked(who.zhang_wei, item_id)
    with pytest.raises(OutOfStock):
        await here.asked(who.he_min, item_id)


async def test_an_item_is_for_those_it_is_for(here):
    who = here.who
    await here.rich(who.zhang_wei)
    elders = await here.item(60, audience="elders")
    with pytest.raises(NotForYou):
        await here.asked(who.zhang_wei, elders)
    await here.rich(who.jin_xiuzhen)
    await here.asked(who.jin_xiuzhen, elders)
    adults = await here.item(0, audience="adults")
    with pytest.raises(NotForYou):
        await here.asked(who.he_xiaoyu, adults)
    child = await here.neighbour(birth_date=date(2008, 3, 11))
    await here.asked(child, adults)


async def test_a_catalogue_is_for_its_own_residents(here):
    item_id = await here.item(0)
    with pytest.raises(NotOfThisBook):
        await here.asked(here.who.wu_di, item_id)


async def test_only_what_is_adopted_and_not_retired_can_be_asked_for(here):
    who = here.who
    await here.rich(who.zhang_wei)
    item_id = await here.item(60)
    await retire_item(actor_id=who.chen_jing, item_id=item_id, now=NOW)
    with pytest.raises(ItemRetired):
        await here.asked(who.zhang_wei, item_id)
    [draft] = await run(
        "INSERT INTO reward_item (book_id, name, kind, price, drafted_by, drafted_at) "
        "VALUES ({}, {}, 'goods', 60, {}, {}) RETURNING id",
        who.book,
        "牙膏",
        who.wang_fang,
        NOW,
    )
    await run("INSERT INTO stock (item_id) VALUES ({})", draft["id"])
    with pytest.raises(ItemNotAdopted):
        await here.asked(who.zhang_wei, draft["id"])


async def test_the_own_stairwell_leader_asks_for_an_elder_and_says_why(here):
    who = here.who
    await here.rich(who.jin_xiuzhen)
    item_id = await here.item(60)
    with pytest.raises(ReasonMissing):
        await request(actor_id=who.lu_xiuying, person_id=who.jin_xiuzhen, item_id=item_id, now=NOW)
    redemption_id = await here.asked(who.jin_xiuzhen, item_id, actor_id=who.lu_xiuying)
    assert await here.points(who.jin_xiuzhen) == 140
    assert await here.told("redemption_requested_for_you") == {who.jin_xiuzhen}
    [done] = await proxies_of(who.jin_xiuzhen)
    assert (done.action, done.reason) == ("redeem", "老人没有手机")
    [mine] = await my_redemptions(person_id=who.jin_xiuzhen, now=NOW)
    [hers] = await my_redemptions(person_id=who.lu_xiuying, now=NOW)
    assert mine.id == hers.id == redemption_id


@pytest.mark.parametrize("asks", ["wang_fang", "chen_jing", "zhang_wei", "qian_hui"])
async def test_nobody_else_asks_for_her(here, asks):
    item_id = await here.item(0)
    with pytest.raises(NotYourToAskFor):
        await here.asked(here.who.jin_xiuzhen, item_id, actor_id=getattr(here.who, asks))


async def test_a_guardian_asks_for_her_child(here):
    who = here.who
    redemption_id = await here.asked(who.he_xiaoyu, await here.item(0), actor_id=who.he_min)
    rows = await run(
        "SELECT person_id, stake FROM redemption_involved WHERE redemption_id = {}",
        redemption_id,
    )
    stakes = {row["person_id"]: row["stake"] for row in rows}
    assert stakes == {who.he_xiaoyu: "own", who.he_min: "proxy"}


async def test_a_request_is_taken_back_until_it_is_decided(here):
    who = here.who
    await here.rich(who.zhang_wei)
    item_id = await here.item(60)
    redemption_id = await here.asked(who.zhang_wei, item_id)
    with pytest.raises(NotYourRequest):
        await cancel(actor_id=who.he_min, redemption_id=redemption_id, now=SOON)
    much_later = NOW + timedelta(days=4)
    await cancel(actor_id=who.zhang_wei, redemption_id=redemption_id, now=much_later)
    # Asking again for what is done changes nothing.
    await cancel(actor_id=who.zhang_wei, redemption_id=redemption_id, now=much_later)
    assert await here.points(who.zhang_wei) == 200
    assert await here.held(redemption_id) == 0
    assert (await here.stock(item_id)).in_store == 5


async def test_an_approved_request_is_taken_back_only_within_ten_minutes(here):
    who = here.who
    await here.rich(who.zhang_wei)
    item_id = await here.item(60)
    quick, slow = [await here.approved(who.zhang_wei, item_id) for _ in range(2)]
    await cancel(actor_id=who.zhang_wei, redemption_id=quick, now=SOON)
    with pytest.raises(TooLateToCancel):
        await cancel(actor_id=who.zhang_wei, redemption_id=slow, now=LATER)
    assert (await here.state(quick), await here.state(slow)) == ("cancelled", "approved")
    assert await here.points(who.zhang_wei) == 140


async def test_a_clock_that_jumps_back_takes_nothing_away(here):
    who = here.who
    await here.rich(who.zhang_wei)
    redemption_id = await here.approved(who.zhang_wei, await here.item(60))
    before = NOW - timedelta(days=2)
    await cancel(actor_id=who.zhang_wei, redemption_id=redemption_id, now=before)
    assert await here.points(who.zhang_wei) == 200


async def test_what_was_handed_over_is_not_cancelled(here):
    who = here.who
    await here.rich(who.zhang_wei)
    redemption_id = await here.handed_over(who.zhang_wei, await here.item(60))
    with pytest.raises(RequestClosed):
        await cancel(actor_id=who.zhang_wei, redemption_id=redemption_id, now=NOW)


async def test_a_retired_item_keeps_the_price_and_place_of_those_who_wait(here):
    who = here.who
    await here.rich(who.zhang_wei)
    item_id = await here.item(60, stock=1)
    redemption_id = await here.asked(who.zhang_wei, item_id)
    await retire_item(actor_id=who.chen_jing, item_id=item_id, now=NOW)
    assert await here.votes(redemption_id, "approve", "approve") == "approved"
    view = await redemption(actor_id=who.zhang_wei, redemption_id=redemption_id, now=NOW)
    assert (view.price, view.points_held, view.state) == (60, 60, "approved")
    assert (await here.stock(item_id)).reserved == 1


async def test_every_step_says_who_acts_by_when(here):
    who = here.who
    await here.rich(who.zhang_wei)
    redemption_id = await here.asked(who.zhang_wei, await here.item(60))

    async def steps():
        view = await redemption(actor_id=who.zhang_wei, redemption_id=redemption_id, now=NOW)
        return [(step.kind, step.state, step.due, step.who) for step in view.steps]

    assert await steps() == [
        ("requested", "done", None, ("张伟",)),
        ("decision", "now", DECIDE_BY, ("周建国", "何敏", "钱慧")),
        ("pickup", "next", None, ("张伟",)),
    ]
    await here.votes(redemption_id, "approve", "approve")
    assert await steps() == [
        ("requested", "done", None, ("张伟",)),
        ("decision", "done", None, ("周建国", "何敏")),
        ("pickup", "now", COLLECT_BY, ("张伟",)),
    ]


async def test_a_request_is_seen_by_those_it_concerns_and_every_look_is_noted(here):
    who = here.who
    await here.rich(who.zhang_wei)
    redemption_id = await here.asked(who.zhang_wei, await here.item(60))
    for actor_id in (who.jin_xiuzhen, who.wu_di, who.xu_jing):
        with pytest.raises(RedemptionMissing):
            await redemption(actor_id=actor_id, redemption_id=redemption_id, now=NOW)
    for actor_id in (who.zhou_jianguo, who.wang_fang, who.lu_xiuying):
        await redemption(actor_id=actor_id, redemption_id=redemption_id, now=NOW)
    looked = [line.actor_id for line in await reads_of(who.zhang_wei)]
    assert looked == [who.lu_xiuying, who.wang_fang, who.zhou_jianguo]
