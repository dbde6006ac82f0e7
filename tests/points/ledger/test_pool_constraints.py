"""The database alone keeps points from going from person to person, and pools and grants honest."""

from datetime import timedelta
from typing import Any

import pytest

from points.ledger import pools
from points.ledger.books import verify
from points.transactions import run
from tests.points.ledger.pool_play import PoolPlay, move_in
from tests.points.ledger.scene import LATER, NOW, make_scene, unguarded
from tests.points.ledger.test_constraints import insert_refused_by, refused_by

pytestmark = pytest.mark.anyio


@pytest.fixture
async def home(engine: object) -> PoolPlay:
    """Two people with 20 points each, of which the first put 8 into their pool."""
    home = await move_in(scene=await make_scene())
    for one in home.people.values():
        await one.award(20)
    await pools.contribute(**home.owner(), points=8, **home.him.heading())
    return home


async def account(home: PoolPlay, kind: str, owner_id: int) -> dict[str, Any]:
    [row] = await run(
        "SELECT id, balance, sequence FROM account WHERE book_id = {} AND kind = {} "
        "AND owner_id = {}",
        *(home.scene.book_id, kind, owner_id),
    )
    return row


async def posting(home: PoolPlay, kind: str, reference: str = "by hand") -> int:
    [row] = await run(
        "INSERT INTO posting (book_id, reference, request_hash, kind, reason, happened_at, "
        "recorded_at) VALUES ({}, {}, '', {}, 'x', {}, {}) RETURNING id",
        *(home.scene.book_id, reference, kind, NOW, NOW),
    )
    return int(row["id"])


async def transfer(
    home: PoolPlay, kind: str, source: tuple[str, int], target: tuple[str, int], amount: int = 3
) -> dict[str, Any]:
    """A transfer that is honest but for the way it takes."""
    one, other = await account(home, *source), await account(home, *target)
    return {
        "posting_id": await posting(home, kind),
        "line": 1,
        "route_id": 40,
        "source_id": one["id"],
        "target_id": other["id"],
        "vintage": LATER,
        "amount": amount,
        "source_sequence": one["sequence"] + 1,
        "source_balance": one["balance"] - amount,
        "target_sequence": other["sequence"] + 1,
        "target_balance": other["balance"] + amount,
    }


async def test_no_kind_of_posting_and_no_route_leads_from_person_to_person(home: PoolPlay) -> None:
    routes = await run("SELECT id, kind, source_kind, target_kind FROM route ORDER BY id")
    pairs = {(row["source_kind"], row["target_kind"]) for row in routes}
    assert not pairs & {(one, other) for one in ("member", "arrears") for other in ("member",)}
    one, other = (("member", him.person_id) for him in home.people.values())
    row = await transfer(home, "pool", one, other)
    for route in routes:
        for kind in sorted({route["kind"] for route in routes}):
            tried = {**row, "route_id": route["id"]}
            tried["posting_id"] = await posting_of(home, kind)
            assert await insert_refused_by(tried) is not None, (route, kind)


async def posting_of(home: PoolPlay, kind: str) -> int:
    """A posting of a kind that needs no evidence, or the one made before."""
    reference = f"try:{kind}"
    found = await run("SELECT id FROM posting WHERE reference = {}", reference)
    if found:
        return int(found[0]["id"])
    evident = kind in ("award", "recount", "reversal", "grant")
    return await posting(home, "pool" if evident else kind, reference)


async def test_a_stranger_puts_nothing_into_a_pool(home: PoolPlay) -> None:
    pool = ("household", home.homes["household"])
    row = await transfer(home, "pool", ("member", home.people["m1"].person_id), pool)
    assert await insert_refused_by(row) == "transfer_of_pool"
    await run("UPDATE pool_member SET left_at = {} WHERE person_id = {}", NOW, home.him.person_id)
    row["source_id"] = (await account(home, "member", home.him.person_id))["id"]
    assert await insert_refused_by(row) is not None


async def test_nobody_takes_out_what_another_put_in(home: PoolPlay) -> None:
    pool = await account(home, "household", home.homes["household"])
    assert (
        await refused_by(
            "INSERT INTO pool_share (account_id, reference, person_id, vintage, amount) "
            "VALUES ({}, 'x', {}, {}, -1)",
            *(pool["id"], home.people["m1"].person_id, LATER),
        )
        == "pool_share_held"
    )
    assert await refused_by("DELETE FROM pool_share") == "pool_share_append_only"
    assert await refused_by("DELETE FROM pool_member") == "pool_member_kept"


async def test_a_share_without_its_posting_is_not_kept(home: PoolPlay) -> None:
    pool = await account(home, "household", home.homes["household"])
    assert await refused_by(
        "INSERT INTO pool_share (account_id, reference, person_id, vintage, amount) "
        "VALUES ({}, 'nothing', {}, {}, 5)",
        *(pool["id"], home.him.person_id, LATER),
    ) in ("foreign_key", "pool_share_posting")


@pytest.mark.parametrize(
    ("kind", "owner", "guard"),
    [
        ("household", 10**9, "account_owner"),
        ("stairwell", 10**9, "account_owner"),
        ("dispute", 10**9, "account_owner"),
    ],
)
async def test_an_account_belongs_to_something(
    home: PoolPlay, kind: str, owner: int, guard: str
) -> None:
    assert (
        await refused_by(
            "INSERT INTO account (book_id, kind, owner_id, unit, tracked) "
            "VALUES ({}, {}, {}, 'points', TRUE)",
            *(home.scene.book_id, kind, owner),
        )
        == guard
    )


async def decision(home: PoolPlay, **changes: object) -> str | None:
    row = {
        "book_id": home.scene.book_id,
        "kind": "relief",
        "person_id": home.him.person_id,
        "points": 5,
        "reason": "x",
        "proposed_by": home.scene.creator_id,
        "proposed_at": NOW,
        "state": "approved",
        "decided_by": home.scene.confirmer_id,
        "decided_at": NOW,
        **changes,
    }
    return await refused_by(
        f"INSERT INTO pool_decision ({', '.join(row)}) VALUES ({', '.join(['{}'] * len(row))})",
        *row.values(),
    )


async def test_a_grant_needs_two_people_who_are_no_friends(home: PoolPlay) -> None:
    her = home.people["m1"].person_id
    assert await decision(home, decided_by=home.scene.creator_id) == "decision_second_person"
    assert await decision(home, decided_by=None) == "decision_decided"
    assert await decision(home, proposed_by=home.him.person_id) in (
        "decision_not_own",
        "decision_impartial",
    )
    assert await decision(home, decided_by=her) == "decision_impartial"
    assert await decision(home, person_id=None) == "decision_of_whom"
    assert await decision(home, points=0) == "decision_points"
    assert await decision(home) is None
    assert await refused_by("UPDATE pool_decision SET points = 6") == "decision_edited"
    assert await refused_by("DELETE FROM pool_decision") == "decision_kept"


async def test_nothing_is_granted_without_a_decision(home: PoolPlay) -> None:
    assert (
        await refused_by(
            "INSERT INTO posting (book_id, reference, request_hash, kind, reason, happened_at, "
            "recorded_at) VALUES ({}, 'decision:99', '', 'grant', 'x', {}, {})",
            *(home.scene.book_id, NOW, NOW),
        )
        == "grant_evidence"
    )


async def test_a_grant_is_covered_by_what_was_in_the_commons(home: PoolPlay) -> None:
    assert await decision(home) is None
    [made] = await run("SELECT MAX(id) AS id FROM pool_decision")
    issuer, member = (
        await account(home, "issuer", 0),
        await account(home, "member", home.him.person_id),
    )
    row = {
        "posting_id": await posting(home, "grant", f"decision:{made['id']}"),
        "line": 1,
        "route_id": 50,
        "source_id": issuer["id"],
        "target_id": member["id"],
        "vintage": LATER,
        "amount": 5,
        "target_sequence": member["sequence"] + 1,
        "target_balance": member["balance"] + 5,
    }
    assert await insert_refused_by(row) == "grant_as_decided"


async def test_verify_names_a_share_that_somebody_changed(home: PoolPlay) -> None:
    await unguarded("pool_share", "UPDATE pool_share SET amount = amount - 1")
    places = [problem.place for problem in (await verify()).problems]
    assert any(f"pool of household {home.homes['household']}" in place for place in places)
    assert any("shares of account" in place for place in places)


async def test_verify_names_points_frozen_for_a_closed_case(home: PoolPlay) -> None:
    home.step = home.step.__class__(0, 0, 9, 1, 1, LATER, 1)
    await home.award()
    await home.object_to()
    later = NOW + timedelta(days=1)
    close = "UPDATE dispute SET state = 'withdrawn', closed_at = {}"
    assert await refused_by(close, later) == "dispute_empty"
    await unguarded("dispute", close, later)
    [problem] = (await verify()).problems
    assert "dispute:" in problem.place
    assert "9 frozen" in problem.found
