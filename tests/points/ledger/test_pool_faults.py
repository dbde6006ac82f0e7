"""Whatever statement fails, nothing of a move of pools stays, and asking again does it once."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest

from points.ledger import disputes, donations, pools
from points.ledger.books import verify
from points.ledger.postings import Receipt, reverse_award, reverse_fulfil
from points.transactions import run, use_case
from tests.points.ledger.pool_play import AFTER_SOON, PoolPlay, move_in
from tests.points.ledger.scene import LATER, SOON, make_scene
from tests.points.ledger.test_faults import Faults, PowerCut
from web.database import DatabaseEngine

pytestmark = pytest.mark.anyio
STATEMENTS_MAX = 60


async def stands(home: PoolPlay) -> list[dict[str, Any]]:
    """Everything that the books say of balances, vintages and shares."""
    return [
        *await run("SELECT id, balance, sequence FROM account ORDER BY id"),
        *await run("SELECT * FROM holding ORDER BY account_id, vintage"),
        *await run("SELECT COUNT(*) AS postings FROM posting"),
        *await run("SELECT COUNT(*) AS shares FROM pool_share"),
    ]


async def survives(home: PoolPlay, faults: Faults, act: Callable[[], Awaitable[Any]]) -> Receipt:
    before = await stands(home)
    for statements in range(STATEMENTS_MAX):
        faults.statements_left = statements
        try:
            receipt: Receipt = await act()
        except PowerCut:
            faults.statements_left = -1
            after = await stands(home)
            # An account that was opened before the fault was opened in the same transaction.
            assert after == before, statements
            continue
        break
    faults.statements_left = -1
    assert 1 < statements < STATEMENTS_MAX - 1
    assert not receipt.replayed
    return receipt


async def test_pools_and_gifts_survive_a_fault_at_every_statement(
    engine: DatabaseEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = await move_in(scene=await make_scene())
    await home.him.award(20, expires_on=SOON)
    await home.him.award(20, expires_on=LATER)
    faults, owner = Faults(engine, monkeypatch), home.owner()
    case = {"case_id": 101}
    pool = {name: owner[name] for name in ("book_id", "household_id")}

    def named(reference: str) -> dict[str, Any]:
        return home.him.heading(f"fault:{reference}")

    await survives(home, faults, lambda: pools.contribute(**owner, points=25, **named("put")))
    hold = partial(pools.hold_from_pool, **owner, **case, points=22, **named("hold"))
    await survives(home, faults, hold)
    home.now = home.him.now = home.now.replace(year=AFTER_SOON.year, month=1, day=2)
    release = partial(pools.release_to_pool, **pool, **case, grace=True, **named("release"))
    await survives(home, faults, release)
    await survives(
        home, faults, lambda: pools.hold_from_pool(
            **owner, case_id=102, points=3, **named("again")
        ),
    )  # fmt: skip
    handed = await survives(
        home, faults, lambda: home.him.fulfil(case_id=102, reference="fault:fulfil")
    )
    await survives(
        home, faults, lambda: reverse_fulfil(posting_id=handed.posting_id, **named("return"))
    )
    await survives(home, faults, lambda: pools.withdraw(**owner, points=None, **named("take")))
    gift = await survives(
        home, faults, lambda: donations.donate(**home.him.owner(), points=7, **named("give"))
    )
    relief = home.granted("relief", 3, {"person_id": home.him.person_id}, expires_on=LATER)
    await survives(home, faults, relief)
    assert gift.lines
    assert (await verify()).problems == ()


async def test_a_dispute_survives_a_fault_at_every_statement(
    engine: DatabaseEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = await move_in(scene=await make_scene())
    home.model.award("m0", 20, LATER)
    receipt = await home.him.award(20, expires_on=LATER)
    given = home.model.awards[-1]
    given.minutes = receipt.posting_id
    dispute_id = await home._dispute(given)
    faults, award = Faults(engine, monkeypatch), {"posting_id": receipt.posting_id}

    def named(reference: str) -> dict[str, Any]:
        return home.him.heading(f"fault:{reference}")

    freeze = use_case(disputes.freeze)
    await survives(home, faults, lambda: freeze(dispute_id=dispute_id, **award, **named("freeze")))
    await survives(
        home, faults, lambda: reverse_award(**award, points=5, minutes=0, **named("reverse"))
    )
    thaw = partial(disputes.thaw, dispute_id=dispute_id, **home.him.owner(), **named("thaw"))
    await survives(home, faults, thaw)
    assert (await verify()).problems == ()
