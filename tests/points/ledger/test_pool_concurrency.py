"""Many at once on one pool: as many succeed as it can pay, and each share stays exact."""

import asyncio

import pytest

from points.errors import DomainError
from points.ledger import disputes, pools
from points.ledger.books import verify
from points.ledger.postings import Receipt, reverse_award
from points.transactions import use_case
from tests.points.ledger.pool_play import PoolPlay, move_in
from tests.points.ledger.scene import LATER, SOON, make_scene

pytestmark = pytest.mark.anyio


@pytest.fixture
async def home(engine: object) -> PoolPlay:
    """Two people with 40 points each, of which each put 20 into their pool."""
    home = await move_in(scene=await make_scene())
    for one in home.people.values():
        await one.award(20, expires_on=SOON)
        await one.award(20, expires_on=LATER)
        facts = {**one.owner(), "household_id": home.homes["household"]}
        await pools.contribute(**facts, points=20, **one.heading())
    return home


def done(answers: list[Receipt | BaseException]) -> int:
    assert all(isinstance(one, Receipt | DomainError) for one in answers), answers
    return sum(isinstance(one, Receipt) for one in answers)


async def test_of_20_spends_those_succeed_that_the_pool_can_pay(home: PoolPlay) -> None:
    calls = [
        pools.hold_from_pool(
            **{**one.owner(), "household_id": home.homes["household"]},
            case_id=100 + number,
            points=7,
            **one.heading(),
        )
        for number, one in enumerate(list(home.people.values()) * 10)
    ]
    assert done(await asyncio.gather(*calls, return_exceptions=True)) == 5
    assert (await verify()).problems == ()


async def test_putting_in_taking_out_and_spending_at_once_keep_every_share(home: PoolPlay) -> None:
    calls = []
    for number, one in enumerate(list(home.people.values()) * 4):
        facts = {**one.owner(), "household_id": home.homes["household"]}
        calls += [
            pools.contribute(**facts, points=3, **one.heading()),
            pools.withdraw(**facts, points=2, **one.heading()),
            pools.hold_from_pool(**facts, case_id=100 + number, points=4, **one.heading()),
        ]
    assert done(await asyncio.gather(*calls, return_exceptions=True)) >= 16
    assert (await verify()).problems == ()


async def test_leaving_twice_at_once_takes_the_share_once(home: PoolPlay) -> None:
    him = home.him
    facts = {**him.owner(), "household_id": home.homes["household"], "points": None}
    calls = [pools.withdraw(**facts, **him.heading()) for _ in range(8)]
    assert done(await asyncio.gather(*calls, return_exceptions=True)) == 1
    assert (await him.balances()).points == 40
    assert (await verify()).problems == ()


async def test_freezing_and_reversing_at_once_never_take_more_than_the_award(
    home: PoolPlay,
) -> None:
    home.model.award("m0", 12, LATER)
    given = home.model.awards[-1]
    given.minutes = (await home.him.award(12, expires_on=LATER)).posting_id
    dispute_id = await home._dispute(given)
    calls = [
        use_case(disputes.freeze)(
            dispute_id=dispute_id, posting_id=given.minutes, **home.him.heading()
        ),
        *(
            reverse_award(posting_id=given.minutes, points=5, minutes=0, **home.him.heading())
            for _ in range(3)
        ),
    ]
    assert done(await asyncio.gather(*calls, return_exceptions=True)) == 3
    frozen = await disputes.frozen_in(book_id=home.scene.book_id, dispute_id=dispute_id)
    has = await home.him.balances()
    assert (has.points + frozen, has.arrears) == (20 + 2, 0)
    assert (await verify()).problems == ()
