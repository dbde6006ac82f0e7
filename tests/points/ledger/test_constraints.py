"""The database alone refuses what the books do not allow, to whoever writes plain SQL."""

from typing import Any

import pytest

from points.transactions import engine as bound
from points.transactions import run, use_case
from tests.points.ledger.scene import (
    LATER,
    NOW,
    SOON,
    History,
    make_scene,
    start_history,
)
from web.database import constraint_of

pytestmark = pytest.mark.anyio


@pytest.fixture
async def history(engine: object) -> History:
    """15 points, of which 5 are held for redemption 1."""
    history = await start_history(await make_scene())
    await history.award(15)
    await history.hold(5, case_id=1)
    return history


async def refused_by(sql: str, *values: object) -> str | None:
    """The name of what refuses this statement; None if it is taken."""
    try:
        await run(sql, *values)
    except Exception as error:
        return constraint_of(error)
    return None


async def account(history: History, kind: str) -> int:
    owner_id = {"member": history.person_id, "redemption": 1}.get(kind, 0)
    [row] = await run(
        "SELECT id FROM account WHERE book_id = {} AND kind = {} AND owner_id = {}",
        history.book_id,
        kind,
        owner_id,
    )
    return int(row["id"])


async def posting(history: History, kind: str, **columns: object) -> int:
    """An honest posting without transfers."""
    row = {
        "book_id": history.book_id,
        "reference": f"sql:{kind}",
        "request_hash": "0",
        "kind": kind,
        "reason": "x",
        "happened_at": NOW,
        "recorded_at": NOW,
        **columns,
    }
    [made] = await run(
        f"INSERT INTO posting ({', '.join(row)}) "
        f"VALUES ({', '.join(['{}'] * len(row))}) RETURNING id",
        *row.values(),
    )
    return int(made["id"])


async def transfer(history: History, **changes: object) -> dict[str, Any]:
    """An honest transfer of a hold: the next 3 points of the member into her redemption."""
    return {
        "posting_id": await posting(history, "hold"),
        "line": 1,
        "route_id": 20,
        "source_id": await account(history, "member"),
        "target_id": await account(history, "redemption"),
        "vintage": LATER,
        "amount": 3,
        "source_sequence": 3,
        "source_balance": 7,
        "target_sequence": 2,
        "target_balance": 8,
        **changes,
    }


async def insert_refused_by(row: dict[str, Any]) -> str | None:
    return await refused_by(
        f"INSERT INTO transfer ({', '.join(row)}) VALUES ({', '.join(['{}'] * len(row))})",
        *row.values(),
    )


async def test_an_honest_transfer_is_taken(history: History):
    assert await insert_refused_by(await transfer(history)) is None


@pytest.mark.parametrize(
    ("changes", "guard"),
    [
        ({"route_id": 22}, "transfer_on_route"),
        ({"route_id": 24}, "transfer_on_route"),
        ({"vintage": None}, "transfer_on_route"),
        ({"vintage": LATER.replace(day=30)}, "transfer_vintage"),
        ({"target_sequence": None, "target_balance": None}, "transfer_on_route"),
        ({"amount": -3, "source_balance": 13, "target_balance": 2}, "transfer_amount"),
        ({"amount": 0, "source_balance": 10, "target_balance": 5}, "transfer_amount"),
        ({"amount": 11, "source_balance": -1, "target_balance": 16}, "transfer_on_route"),
        ({"source_balance": 8}, "transfer_chained"),
        ({"target_balance": 9}, "transfer_chained"),
        ({"source_sequence": 4}, "transfer_chained"),
        ({"source_sequence": 2, "source_balance": 12}, "transfer_chained or transfer_out"),
        ({"line": 0}, "transfer_line_positive"),
    ],
)
async def test_a_transfer_is_refused(history: History, changes: dict[str, Any], guard: str):
    assert await insert_refused_by(await transfer(history, **changes)) in guard.split(" or ")


async def test_a_transfer_to_the_same_account_is_refused(history: History):
    row = await transfer(history)
    row["target_id"] = row["source_id"]
    guards = {"transfer_chained", "transfer_on_route", "transfer_moves"}
    assert await insert_refused_by(row) in guards


async def test_a_transfer_into_another_book_is_refused(history: History):
    other = await start_history(await make_scene())
    await other.award(9)
    await other.hold(5, case_id=1)
    row = await transfer(history, target_id=await account(other, "redemption"))
    assert await insert_refused_by(row) == "transfer_on_route"


@pytest.mark.parametrize(
    ("sql", "guard"),
    [
        ("UPDATE posting SET reason = 'y'", "posting_append_only"),
        ("UPDATE transfer SET amount = amount + 1", "transfer_append_only"),
        ("DELETE FROM transfer", "transfer_append_only"),
        ("DELETE FROM posting", "posting_append_only"),
        ("UPDATE route SET kind = 'hold' WHERE id = 1", "route_append_only"),
        ("DELETE FROM route WHERE id = 1", "route_append_only"),
        ("UPDATE book SET area_id = area_id", "book_append_only"),
        ("DELETE FROM account", "account_kept"),
        ("DELETE FROM holding", "holding_kept"),
        ("UPDATE holding SET points = -1", "holding_points"),
        ("UPDATE account SET balance = balance + 1 WHERE kind = 'member'", "account_as_entered"),
        ("UPDATE account SET sequence = sequence + 1 WHERE tracked", "account_as_entered"),
        (
            "UPDATE account SET balance = -1 WHERE kind = 'issuer'",
            "account_as_entered or account_sign",
        ),
        ("UPDATE account SET kind = 'household' WHERE kind = 'redemption'", "account_same"),
        ("UPDATE account SET owner_id = owner_id + 1 WHERE tracked", "account_same"),
    ],
)
async def test_what_stands_in_the_books_is_never_rewritten(history: History, sql: str, guard: str):
    assert await refused_by(sql) in guard.split(" or ")


async def test_truncating_is_refused_as_well(postgres_engine: object):
    for table in ("posting", "transfer", "refusal", "route"):
        assert await refused_by(f"TRUNCATE {table} CASCADE") is not None
    for table in ("account", "holding"):
        assert await refused_by(f"TRUNCATE {table} CASCADE") == f"{table}_kept"


@pytest.mark.parametrize("key", ["route_id", "source_id", "target_id"])
async def test_a_transfer_of_nothing_that_exists_is_refused(history: History, key: str):
    row = await transfer(history, **{key: 30_000})
    assert await insert_refused_by(row) in {"transfer_on_route", "transfer_chained"}


async def test_an_account_is_opened_empty_and_of_the_right_unit(history: History):
    insert = (
        "INSERT INTO account (book_id, kind, owner_id, unit, tracked, balance) "
        "VALUES ({}, {}, 7, {}, {}, {})"
    )
    for kind, unit, tracked, balance, guard in (
        ("redemption", "points", True, 5, "account_empty_at_first"),
        ("redemption", "minutes", True, 0, "account_unit"),
        ("redemption", "points", False, 0, "account_tracked"),
        ("purse", "points", True, 0, "account_kind"),
        ("member", "points", True, 0, "account_person"),
    ):
        assert await refused_by(insert, history.book_id, kind, unit, tracked, balance) == guard


async def test_a_vintage_is_a_months_end(history: History):
    sql = "INSERT INTO holding (account_id, vintage, points) VALUES ({}, {}, 0)"
    member_id = await account(history, "member")
    assert await refused_by(sql, member_id, SOON.replace(day=30)) == "holding_vintage"


async def test_an_award_needs_a_confirmed_record_of_its_book(history: History):
    scene = history.scene
    logged = await scene.logged(history.person_id, minutes=60)
    elsewhere = await (await make_scene()).served(history.person_id)
    for record_id, guard in (
        (None, "award_evidence"),
        (logged, "award_evidence"),
        (elsewhere, "award_evidence"),
        (10**9, "award_evidence"),
    ):
        with pytest.raises(Exception, match=r".") as refused:
            await posting(history, "award", service_record_id=record_id)
        assert constraint_of(refused.value) == guard


async def test_a_record_is_awarded_once(history: History):
    [first] = await run("SELECT service_record_id FROM posting WHERE kind = 'award'")
    with pytest.raises(Exception, match=r".") as refused:
        await posting(history, "award", service_record_id=first["service_record_id"])
    assert constraint_of(refused.value) == "posting_one_award"


@pytest.mark.parametrize(("minutes", "guard"), [(60, None), (61, "award_as_served")])
async def test_an_award_carries_the_minutes_that_were_served(
    history: History, minutes: int, guard: str | None
):
    neighbour = await start_history(history.scene)
    record_id = await history.scene.served(neighbour.person_id, minutes=60)
    await neighbour.recount(5)
    [target] = await run(
        "SELECT id FROM account WHERE person_id = {} AND kind = 'member_minutes'",
        neighbour.person_id,
    )
    row = {
        "posting_id": await posting(history, "award", service_record_id=record_id),
        "line": 1,
        "route_id": 3,
        "source_id": await account(history, "issuer_minutes"),
        "target_id": target["id"],
        "amount": minutes,
        "target_sequence": 1,
        "target_balance": minutes,
    }
    assert await insert_refused_by(row) == guard


async def test_an_award_goes_to_the_one_who_served(history: History):
    record_id = await history.scene.served((await start_history(history.scene)).person_id)
    row = {
        "posting_id": await posting(history, "award", service_record_id=record_id),
        "line": 1,
        "route_id": 1,
        "source_id": await account(history, "issuer"),
        "target_id": await account(history, "member"),
        "vintage": LATER,
        "amount": 2,
        "target_sequence": 3,
        "target_balance": 12,
    }
    assert await insert_refused_by(row) == "award_as_served"


async def test_a_reversal_never_exceeds_what_it_reverses(history: History):
    await history.award(40)
    small = await history.award(5)
    posting_id = await posting(history, "reversal", reverses_id=small.posting_id)
    row = {
        "posting_id": posting_id,
        "line": 1,
        "route_id": 10,
        "source_id": await account(history, "member"),
        "target_id": await account(history, "issuer"),
        "vintage": LATER,
        "amount": 6,
        "source_sequence": 5,
        "source_balance": 49,
    }
    assert await insert_refused_by(row) == "reversal_bound"
    assert await insert_refused_by(row | {"amount": 5, "source_balance": 50}) is None
    row |= {"line": 2, "amount": 1, "source_sequence": 6, "source_balance": 49}
    assert await insert_refused_by(row) == "reversal_bound"


async def test_a_reversal_says_what_it_reverses_and_nothing_else_does(history: History):
    for kind, reverses_id in (("reversal", None), ("hold", 1)):
        with pytest.raises(Exception, match=r".") as refused:
            await posting(history, kind, reverses_id=reverses_id)
        assert constraint_of(refused.value) == "posting_reverses"


async def test_a_reference_stands_once(history: History):
    await posting(history, "hold", reference="once")
    with pytest.raises(Exception, match=r".") as refused:
        await posting(history, "hold", reference="once")
    assert constraint_of(refused.value) == "posting_reference"


async def test_a_debt_is_never_a_gain(history: History):
    [arrears] = await run(
        "SELECT id FROM account WHERE person_id = {} AND kind = 'arrears'", history.person_id
    )
    record_id = await history.scene.served(history.person_id)
    row = {
        "posting_id": await posting(history, "recount", service_record_id=record_id),
        "line": 1,
        "route_id": 5,
        "source_id": await account(history, "issuer"),
        "target_id": arrears["id"],
        "amount": 1,
        "target_sequence": 1,
        "target_balance": 1,
    }
    assert await insert_refused_by(row) == "transfer_on_route"


async def test_a_refused_statement_leaves_its_transaction_undone(history: History):
    @use_case
    async def half() -> None:
        await run("UPDATE holding SET points = 0")
        await run("UPDATE account SET balance = 0 WHERE kind = 'member'")

    with pytest.raises(Exception, match=r".") as refused:
        await half()
    assert constraint_of(refused.value) == "account_as_entered"
    assert (await history.balances()).expiring == ((LATER, 10),)
    assert bound().transaction_exists() is False
