"""Many at once: as many succeed as there are points and pieces, and nobody hears two answers."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from points.errors import DomainError
from points.ledger.errors import InsufficientPoints
from points.rewards.committee import vote
from points.rewards.deadlines import return_uncollected
from points.rewards.errors import AlreadyHandedOver, AlreadyVoted, OutOfStock, TooLateToCancel
from points.rewards.pickup import hand_over, my_code
from points.rewards.redemptions import cancel
from points.transactions import run
from tests.points.rewards.scene import COLLECT_BY, NOW

pytestmark = pytest.mark.anyio


async def at_once(*calls):
    """What became of each: a result, or the error's name; anything but a refusal is a failure."""
    answers = await asyncio.gather(*calls, return_exceptions=True)
    for answer in answers:
        if isinstance(answer, BaseException) and not isinstance(answer, DomainError):
            raise answer
    return answers


def refusals(answers):
    return Counter(type(answer) for answer in answers if isinstance(answer, DomainError))


async def test_of_50_requests_of_one_person_exactly_those_succeed_that_she_can_pay(limitless):
    here, who = limitless, limitless.who
    await here.rich(who.zhang_wei, 200)
    items = [await here.item(60, stock=1, name=f"第{number}样") for number in range(50)]
    answers = await at_once(*(here.asked(who.zhang_wei, item_id) for item_id in items))
    assert refusals(answers) == {InsufficientPoints: 47}
    assert await here.points(who.zhang_wei) == 20
    [counted] = await run("SELECT SUM(reserved) AS reserved, SUM(in_store) AS left FROM stock")
    assert (counted["reserved"], counted["left"]) == (3, 47)


async def test_of_200_requests_for_30_pieces_exactly_30_succeed(limitless):
    here = limitless
    item_id = await here.item(10, stock=30)
    neighbours = [await here.neighbour() for _ in range(40)]
    for neighbour in neighbours[:38]:
        await here.rich(neighbour, 15)
    # The last two have nothing, and every one of the others can pay for one only.
    answers = await at_once(
        *(here.asked(neighbour, item_id) for _ in range(5) for neighbour in neighbours)
    )
    done = [answer for answer in answers if isinstance(answer, int)]
    assert len(done) == 30
    assert set(refusals(answers)) <= {OutOfStock, InsufficientPoints}
    stock = await here.stock(item_id)
    assert (stock.in_store, stock.reserved) == (0, 30)
    rows = await run("SELECT person_id FROM redemption")
    assert len({row["person_id"] for row in rows}) == 30
    assert sum([await here.points(neighbour) for neighbour in neighbours]) == 38 * 15 - 300


async def test_the_limit_of_a_month_holds_when_asked_at_once(here):
    who = here.who
    await here.rich(who.zhang_wei, 600)
    items = [await here.item(100, name=f"第{number}样") for number in range(6)]
    answers = await at_once(*(here.asked(who.zhang_wei, item_id) for item_id in items))
    assert len([answer for answer in answers if isinstance(answer, int)]) == 3
    assert await here.points(who.zhang_wei) == 300


async def test_votes_cast_at_once_decide_once(here):
    who = here.who
    await here.rich(who.zhang_wei)
    redemption_id = await here.asked(who.zhang_wei, await here.item(60))
    calls = [
        vote(actor_id=member, redemption_id=redemption_id, choice="approve", reason="好", now=NOW)
        for member in here.members * 4
    ]
    answers = await at_once(*calls)
    said = Counter(answer for answer in answers if isinstance(answer, str))
    assert said == {"requested": 1, "approved": 1}
    assert len(await run("SELECT id FROM committee_vote")) == 2
    assert len(await run("SELECT id FROM notice WHERE kind = 'redemption_approved'")) == 1


async def test_one_member_who_votes_both_ways_at_once_is_heard_once(here):
    who = here.who
    await here.rich(who.zhang_wei)
    redemption_id = await here.asked(who.zhang_wei, await here.item(60))
    answers = await at_once(
        *(
            vote(
                actor_id=who.he_min,
                redemption_id=redemption_id,
                choice=choice,
                reason="好",
                now=NOW,
            )
            for choice in ("approve", "refuse", "recuse") * 3
        )
    )
    assert refusals(answers) == {AlreadyVoted: 8}


async def test_a_code_on_two_phones_hands_over_once(here):
    who = here.who
    await here.rich(who.zhang_wei)
    redemption_id = await here.approved(who.zhang_wei, await here.item(60))
    code = await my_code(actor_id=who.zhang_wei, redemption_id=redemption_id, now=NOW)
    phones = (who.wang_fang, who.chen_jing, who.li_guoqiang, who.lu_xiuying)
    answers = await at_once(*(hand_over(actor_id=phone, code=code, now=NOW) for phone in phones))
    assert refusals(answers) == {AlreadyHandedOver: 3}
    assert len(await run("SELECT id FROM posting WHERE kind = 'fulfil'")) == 1


async def test_cancelling_while_the_last_vote_is_cast_ends_in_one_of_both(here):
    who = here.who
    await here.rich(who.zhang_wei)
    redemption_id = await here.asked(who.zhang_wei, await here.item(60))
    await here.votes(redemption_id, "approve")
    later = NOW + timedelta(hours=1)
    answers = await at_once(
        cancel(actor_id=who.zhang_wei, redemption_id=redemption_id, now=later),
        vote(
            actor_id=who.he_min, redemption_id=redemption_id, choice="approve", reason="", now=later
        ),
    )
    assert len(refusals(answers)) == 1
    ended = "approved" if refusals(answers)[TooLateToCancel] else "cancelled"
    assert await here.state(redemption_id) == ended
    assert await here.held(redemption_id) == (60 if ended == "approved" else 0)


async def test_the_job_and_the_counter_do_not_both_act_on_one_request(here):
    who = here.who
    await here.rich(who.zhang_wei)
    redemption_id = await here.approved(who.zhang_wei, await here.item(60))
    code = await my_code(actor_id=who.zhang_wei, redemption_id=redemption_id, now=NOW)
    late = COLLECT_BY + timedelta(minutes=1)
    answers = await at_once(
        hand_over(actor_id=who.wang_fang, code=code, now=late),
        *(return_uncollected(late) for _ in range(3)),
    )
    handed = not isinstance(answers[0], DomainError)
    assert handed + sum(answers[1:]) == 1
    expected = ("handed_over", 140) if handed else ("uncollected", 200)
    assert (await here.state(redemption_id), await here.points(who.zhang_wei)) == expected
