"""Whatever statement fails, nothing of a posting stays, and sending it again does it once.

PostgreSQL writes a posting by one function, and SQLite many rows by one statement: faults inside
those are triggers that fail.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from points.ddl import refuse
from points.ledger import postings
from points.ledger.books import verify
from points.ledger.postings import Receipt
from points.transactions import engine as bound
from points.transactions import is_postgres, run
from tests.points.ledger.scene import LATE, LATER, History, make_scene, start_history
from web.database import DatabaseEngine

pytestmark = pytest.mark.anyio
POSTING, FIRST, SECOND = (
    ("posting", "INSERT", "TRUE"),
    ("transfer", "INSERT", "NEW.line = 1"),
    ("transfer", "INSERT", "NEW.line = 2"),
)
NEW_VINTAGE, VINTAGE = ("holding", "INSERT", "TRUE"), ("holding", "UPDATE", "TRUE")
MEMBER, MINUTES, CASE = (
    ("account", "UPDATE", f"NEW.kind = '{kind}'")
    for kind in ("member", "member_minutes", "redemption")
)


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


async def all_rows() -> list[list[dict[str, Any]]]:
    return [
        await run(f"SELECT * FROM {table} ORDER BY 1, 2")
        for table in ("posting", "transfer", "account", "holding", "refusal")
    ]


async def leaves_nothing(row: tuple[str, str, str], act: Callable[[], Awaitable[Receipt]]) -> None:
    table, event, when = row
    kind = bound().engine_type
    fault = refuse(
        kind, name="fault", table=table, event=event, when=when, message="power cut", after=True
    )
    before = await all_rows()
    for statement in fault:
        await bound().run_ddl(statement)
    with pytest.raises(Exception, match="power cut"):
        await act()
    await bound().run_ddl("DROP TRIGGER fault" + (f" ON {table}" if is_postgres() else ""))
    if is_postgres():
        await bound().run_ddl("DROP FUNCTION fault()")
    assert await all_rows() == before, row


async def test_a_fault_at_any_row_of_a_posting_leaves_nothing(history: History):
    record_id = await history.scene.served(history.person_id, minutes=60)

    def award() -> Awaitable[Receipt]:
        return postings.award(
            **history.owner(),
            minutes=60,
            points=10,
            expires_on=LATER.replace(year=2028),
            service_record_id=record_id,
            happened_at=history.now,
            **history.heading("row:1"),
        )

    acts: list[tuple[Callable[[], Awaitable[Receipt]], list[tuple[str, str, str]]]] = [
        (award, [POSTING, FIRST, SECOND, NEW_VINTAGE, MEMBER, MINUTES]),
        (
            lambda: history.hold(20, reference="row:2"),
            [POSTING, FIRST, SECOND, NEW_VINTAGE, VINTAGE, MEMBER, CASE],
        ),
        (
            lambda: history.release(reference="row:3"),
            [POSTING, FIRST, SECOND, VINTAGE, MEMBER, CASE],
        ),
    ]
    for act, rows in acts:
        for row in rows:
            await leaves_nothing(row, act)
        assert not (await act()).replayed
    assert (await verify()).problems == ()
