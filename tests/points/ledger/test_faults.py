"""Whatever statement fails, nothing of a posting stays, and sending it again does it once."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from points.ledger.books import verify
from points.ledger.postings import Receipt
from tests.points.ledger.scene import LATE, LATER, History, make_scene, start_history
from web.database import DatabaseEngine

pytestmark = pytest.mark.anyio


class PowerCut(Exception):
    """The database went away."""


class Faults:
    """Lets a number of statements through and fails the next one."""

    def __init__(self, engine: DatabaseEngine, monkeypatch: pytest.MonkeyPatch) -> None:
        self.statements_left = -1
        self.pass_on = engine.run_querystring
        monkeypatch.setattr(engine, "run_querystring", self.run_querystring)

    async def run_querystring(self, *args: Any, **kwargs: Any) -> Any:
        if self.statements_left == 0:
            raise PowerCut
        self.statements_left -= 1
        return await self.pass_on(*args, **kwargs)


@pytest.fixture
async def history(engine: DatabaseEngine) -> History:
    history = await start_history(await make_scene())
    await history.award(15, expires_on=LATE)
    await history.award(15, expires_on=LATER)
    return history


async def survives(history: History, faults: Faults, act: Callable[[], Awaitable[Receipt]]) -> None:
    before = await history.balances()
    for statements in range(40):
        faults.statements_left = statements
        try:
            receipt = await act()
        except PowerCut:
            faults.statements_left = -1
            assert await history.balances() == before
            continue
        break
    faults.statements_left = -1
    assert statements > 2
    assert not receipt.replayed
    assert (await act()).lines == receipt.lines
    assert (await verify()).problems == ()


async def test_a_hold_a_release_and_a_hand_over_survive_a_fault_at_every_statement(
    history: History, engine: DatabaseEngine, monkeypatch: pytest.MonkeyPatch
):
    faults = Faults(engine, monkeypatch)
    for act in (
        lambda: history.hold(20, reference="fault:1"),
        lambda: history.release(reference="fault:2"),
        lambda: history.hold(20, case_id=2, reference="fault:3"),
        lambda: history.fulfil(case_id=2, reference="fault:4"),
    ):
        await survives(history, faults, act)
