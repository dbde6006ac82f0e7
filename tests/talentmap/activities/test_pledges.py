"""Points for materials: held, given back with their lots, or spent as a whole on an item."""

import asyncio
from datetime import date, timedelta

import pytest

from points.ledger.books import verify
from points.ledger.errors import InsufficientPoints
from points.ledger.statement import balances
from points.rewards.catalogue import ItemDraft, adopt_item, draft_item, lose_stock, retire_item
from points.rewards.errors import StockTooSmall
from points.rewards.stock import stock_of
from points.rewards.verify import verify_rewards
from points.transactions import run
from talentmap.activities.deadlines import close_due
from talentmap.activities.errors import (
    ActivityClosed,
    AlreadyPledged,
    BegunAlready,
    ItemUnknown,
    NoPledge,
    NotYourActivity,
    PledgeElsewhere,
    PledgeInvalid,
    PledgeQuantityInvalid,
    PledgesBegun,
    PledgesClosed,
    PledgesNotAsked,
    PledgesShort,
    SecondPersonPays,
)
from talentmap.activities.pledges import (
    ask_for_pledges,
    pay_pledges,
    pledge,
    pledges,
    take_back,
)
from talentmap.activities.proposals import cancel
from talentmap.activities.roll_call import AttendanceRow, roll_call_activity
from talentmap.activities.verify import verify_activities
from tests.points.service.scene import NOW, Scene, shanghai
from tests.talentmap.activities.scene import DEADLINE, ENDS, STARTS, Crowd, gather, told

pytestmark = pytest.mark.anyio


@pytest.fixture
async def here(engine) -> Crowd:
    """张伟 and 何敏 have thirty points each."""
    found = await gather()
    for person_id in (found.who.zhang_wei, found.who.he_min):
        await Scene(found.who).confirmed(person_id, shanghai(3, 10), 180)
    yield found
    assert (await verify()).problems == ()
    assert await verify_activities() == await verify_rewards() == ()


@pytest.fixture
async def activity_id(here) -> int:
    """Two pieces at twenty points; 钱慧 and 赵志强 are enough for it to take place."""
    made = await here.proposed(actor_id=here.who.qian_hui, minimum=2, capacity=4)
    await ask_for_pledges(
        actor_id=here.who.qian_hui,
        activity_id=made,
        item_id=await here.item(),
        quantity=2,
        now=NOW,
    )
    return made


async def points(here: Crowd, person_id: int) -> tuple[int, tuple[tuple[date, int], ...]]:
    found = await balances(book_id=here.who.book, person_id=person_id)
    return found.points, tuple(found.expiring)


async def give(activity_id: int, person_id: int, points: int, **facts: object) -> int | None:
    return await pledge(
        **{"actor_id": person_id, "activity_id": activity_id, "points": points, "now": NOW} | facts
    )


async def test_the_goal_is_the_price_of_that_day_and_stands_once_somebody_pledged(
    here, activity_id
):
    who = here.who
    ask = {"activity_id": activity_id, "quantity": 1, "now": NOW}
    with pytest.raises(NotYourActivity):
        await ask_for_pledges(actor_id=who.he_min, item_id=1, **ask)
    elsewhere = await draft_item(
        actor_id=who.xu_jing,
        book_id=who.other_book,
        draft=ItemDraft(name="颜料", kind="goods", price=20),
        now=NOW,
    )
    await adopt_item(actor_id=who.ma_qiang, item_id=elsewhere, now=NOW)
    free = await here.item(price=0)
    for unknown in (0, await here.item(adopted=False), elsewhere, free):
        with pytest.raises(ItemUnknown):
            await ask_for_pledges(actor_id=who.qian_hui, item_id=unknown, **ask)
    with pytest.raises(PledgeQuantityInvalid):
        await ask_for_pledges(actor_id=who.qian_hui, item_id=1, **ask | {"quantity": 0})
    await give(activity_id, who.he_min, 10)
    with pytest.raises(PledgesBegun):
        await ask_for_pledges(actor_id=who.qian_hui, item_id=1, **ask)
    # An item retired while neighbours gather for it keeps its price.
    item_id = (await pledges(activity_id=activity_id)).item_id
    await retire_item(actor_id=who.chen_jing, item_id=item_id, now=NOW)
    view = await pledges(activity_id=activity_id, viewer_id=who.he_min)
    assert (view.goal, view.held, view.mine, view.quantity, view.paid) == (40, 10, 10, 2, False)


async def test_what_is_pledged_cannot_be_spent_and_comes_back_as_it_was(here, activity_id):
    who = here.who
    before = await points(here, who.he_min)
    await give(activity_id, who.he_min, 25)
    assert (await points(here, who.he_min))[0] == 5
    with pytest.raises(AlreadyPledged):
        await give(activity_id, who.he_min, 1)
    await take_back(actor_id=who.he_min, activity_id=activity_id, now=NOW)
    assert await points(here, who.he_min) == before
    with pytest.raises(NoPledge):
        await take_back(actor_id=who.he_min, activity_id=activity_id, now=NOW)
    # And once more, under another number.
    await give(activity_id, who.he_min, 30)


async def test_a_pledge_lies_between_one_and_what_is_missing(here, activity_id):
    who = here.who
    for amount in (0, -5, 41):
        with pytest.raises(PledgeInvalid):
            await give(activity_id, who.he_min, amount)
    with pytest.raises(InsufficientPoints):
        await give(activity_id, who.he_min, 31)
    with pytest.raises(PledgeElsewhere):
        await give(activity_id, who.wu_di, 1)
    with pytest.raises(PledgesNotAsked):
        await give(await here.proposed(), who.he_min, 1)
    for person_id in (who.qian_hui, who.zhao_zhiqiang):
        await here.join(activity_id, person_id)
    with pytest.raises(BegunAlready):
        await give(activity_id, who.he_min, 1, now=STARTS)
    assert await run("SELECT id FROM pledge") == []


async def test_pledges_at_once_never_exceed_the_goal(here, activity_id):
    who = here.who
    done = await asyncio.gather(
        *(give(activity_id, person_id, 25) for person_id in (who.he_min, who.zhang_wei) * 5),
        return_exceptions=True,
    )
    assert [type(one) for one in done if not isinstance(one, BaseException)] == [int]
    assert (await pledges(activity_id=activity_id)).held == 25


@pytest.mark.parametrize("end", ["lapse", "late touch", "cancel", "withdraw", "done"])
async def test_pledges_go_back_when_nothing_comes_of_them(here, activity_id, end):
    who = here.who
    before = await points(here, who.he_min)
    await give(activity_id, who.he_min, 25)
    if end == "lapse":
        assert await close_due(DEADLINE) == 1
    if end == "late touch":
        assert await give(activity_id, who.zhang_wei, 5, now=DEADLINE) is None
    if end == "cancel":
        await cancel(actor_id=who.qian_hui, activity_id=activity_id, reason="下雨", now=NOW)
    if end == "withdraw":
        await here.join(activity_id, who.he_min)
        await here.leave(activity_id, who.he_min)
    if end == "done":
        for person_id in (who.qian_hui, who.zhao_zhiqiang):
            await here.join(activity_id, person_id)
        rows = [AttendanceRow(who.qian_hui, "joined")]
        facts = {"activity_id": activity_id, "rows": rows, "now": ENDS}
        await roll_call_activity(actor_id=who.qian_hui, **facts)
    assert await points(here, who.he_min) == before
    # Whoever withdrew herself knows.
    returned = [] if end == "withdraw" else [who.he_min]
    assert await told("pledge_returned", activity_id) == returned


async def test_points_that_expired_while_others_decided_can_be_used_a_little_longer(
    here, activity_id
):
    await run("UPDATE activity SET ends_at = {}", ENDS.replace(year=2029))
    await run("UPDATE activity SET starts_at = {}", STARTS.replace(year=2029))
    await run("UPDATE activity SET deadline_at = {}", STARTS.replace(year=2028))
    await give(activity_id, here.who.he_min, 25)
    await close_due(STARTS.replace(year=2028))
    [held] = await run(
        "SELECT grace_until FROM holding h JOIN account a ON a.id = h.account_id "
        "WHERE a.kind = 'member' AND a.person_id = {}",
        here.who.he_min,
    )
    assert held["grace_until"] is not None


async def test_a_second_person_spends_all_of_it_on_the_item(here, activity_id):
    who = here.who
    await give(activity_id, who.he_min, 25)
    pay = {"activity_id": activity_id, "now": NOW}
    with pytest.raises(ActivityClosed):
        await pay_pledges(actor_id=who.chen_jing, **pay)
    for person_id in (who.qian_hui, who.zhao_zhiqiang):
        await here.join(activity_id, person_id)
    with pytest.raises(PledgesShort):
        await pay_pledges(actor_id=who.chen_jing, **pay)
    await give(activity_id, who.zhang_wei, 15)
    for actor_id in (who.qian_hui, who.he_min, who.wang_fang, who.xu_jing):
        with pytest.raises(SecondPersonPays):
            await pay_pledges(actor_id=actor_id, **pay)
    assert await pay_pledges(actor_id=who.zhou_jianguo, **pay) == 40
    stock = await stock_of((await pledges(activity_id=activity_id)).item_id)
    assert (stock.in_store, stock.handed_out) == (0, 2)
    with pytest.raises(PledgesClosed):
        await pay_pledges(actor_id=who.zhou_jianguo, **pay)
    with pytest.raises(PledgesClosed):
        await give(activity_id, who.he_min, 1)
    assert await told("pledge_spent", activity_id) == sorted([who.he_min, who.zhang_wei])
    # Cancelling afterwards brings nothing back: the paint is bought.
    await cancel(actor_id=who.qian_hui, activity_id=activity_id, reason="下雨", now=NOW)
    assert (await points(here, who.he_min))[0] == 5
    assert (await pledges(activity_id=activity_id)).paid
    with pytest.raises(ActivityClosed):
        await give(activity_id, who.he_min, 1, now=NOW + timedelta(days=1))


async def test_who_pledged_does_not_pay_even_as_a_steward(here, activity_id):
    who = here.who
    await Scene(who).logged(who.li_guoqiang, shanghai(3, 10), 240)
    [record] = await run("SELECT MAX(id) AS id FROM service_record")
    await Scene(who).confirm(record["id"])
    for person_id in (who.qian_hui, who.zhao_zhiqiang):
        await here.join(activity_id, person_id)
    await give(activity_id, who.li_guoqiang, 40)
    with pytest.raises(SecondPersonPays):
        await pay_pledges(actor_id=who.li_guoqiang, activity_id=activity_id, now=NOW)
    assert await pay_pledges(actor_id=who.chen_jing, activity_id=activity_id, now=NOW) == 40


async def test_points_and_pieces_go_together_or_not_at_all(here, activity_id):
    who = here.who
    item_id = (await pledges(activity_id=activity_id)).item_id
    broken = {"item_id": item_id, "quantity": 1, "reason": "打翻了", "now": NOW}
    await lose_stock(actor_id=who.chen_jing, **broken)
    for person_id in (who.qian_hui, who.zhao_zhiqiang):
        await here.join(activity_id, person_id)
    await give(activity_id, who.he_min, 25)
    await give(activity_id, who.zhang_wei, 15)
    with pytest.raises(StockTooSmall):
        await pay_pledges(actor_id=who.chen_jing, activity_id=activity_id, now=NOW)
    view = await pledges(activity_id=activity_id)
    assert (view.held, view.paid) == (40, False)
