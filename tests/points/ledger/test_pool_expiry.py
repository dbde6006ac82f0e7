"""What lies in a pool expires like anything else: told in time, swept in sets, as its shares."""

from datetime import UTC, date, datetime

import pytest

from points.ledger import donations, pools
from points.ledger.books import verify
from points.ledger.expiry import expire_due
from points.ledger.pool_notices import notify_pools_expiring
from points.transactions import run
from tests.points.ledger.pool_play import PoolPlay, move_in
from tests.points.ledger.scene import LATER, SOON, make_scene

pytestmark = pytest.mark.anyio
JANUARY = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)


@pytest.fixture
async def home(engine: object) -> PoolPlay:
    """Two people with 10 points of SOON each in their pool, the second with 5 of LATER as well."""
    home = await move_in(scene=await make_scene())
    for person in (0, 1):
        home.step = home.step.__class__(0, 0, 0, person, 1, LATER, 1)
        await home.him.award(10, expires_on=SOON)
        await pools.contribute(**home.owner(), points=10, **home.him.heading())
    await home.him.award(5, expires_on=LATER)
    await pools.contribute(**home.owner(), points=5, **home.him.heading())
    return home


async def told(kind: str) -> list[tuple[int, str]]:
    rows = await run(
        "SELECT person_id, facts FROM notice WHERE kind = {} ORDER BY id, person_id", kind
    )
    return [(row["person_id"], row["facts"]) for row in rows]


async def test_everybody_loses_her_own_share_and_is_told(home: PoolPlay) -> None:
    assert await expire_due(JANUARY) == 1
    assert await expire_due(JANUARY) == 0
    people = [one.person_id for one in home.people.values()]
    assert sorted(await told("points_expired")) == [(one, '{"points": 10}') for one in people]
    for person_id, left in zip(people, ({}, {LATER: 5}), strict=True):
        share = await pools.own_share(
            book_id=home.scene.book_id,
            person_id=person_id,
            household_id=home.homes["household"],
        )
        assert share == left
    assert (await verify()).problems == ()


async def test_the_honour_of_a_stairwell_ends_too(home: PoolPlay) -> None:
    honour = home.granted("honour", 30, {"area_id": home.homes["stairwell"]}, expires_on=SOON)
    await honour()
    assert await expire_due(JANUARY) == 2
    rows = await run("SELECT balance FROM account WHERE kind = 'commons' AND balance > 0")
    assert [row["balance"] for row in rows] == [50]
    assert (await verify()).problems == ()


async def test_shares_are_told_of_sixty_and_seven_days_before_once_each(home: PoolPlay) -> None:
    found = []
    days = (date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 2), date(2026, 12, 24), SOON)
    for day in days:
        before = len(await told("points_expiring"))
        noon = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
        await notify_pools_expiring(noon)
        await notify_pools_expiring(noon)
        found.append(len(await told("points_expiring")) - before)
    assert found == [0, 2, 0, 2, 0]


async def test_a_gift_that_expired_meanwhile_stays_in_the_commons(home: PoolPlay) -> None:
    await home.him.award(8, expires_on=SOON)
    gift = await donations.donate(**home.him.owner(), points=8, **home.him.heading())
    facts = {**home.him.heading(), "now": JANUARY}
    with pytest.raises(Exception, match="only 0 are still in the pool"):
        await donations.reverse_donation(posting_id=gift.posting_id, **facts)
