"""Guards see all rows of a statement, and each of them by an index."""

from typing import Any

import pytest

from points.ledger.awards import post_set, to_award
from points.ledger.gains import Award
from points.ledger.journal import Receipt, lines_of
from points.ledger.verify import verify
from points.transactions import run, use_case
from tests.points.ledger.scene import LATER, NOW, History, Scene, make_scene, start_history
from tests.points.ledger.test_constraints import history, refused_by, transfer  # noqa: F401

pytestmark = pytest.mark.anyio

# The tables that grow with every posting, as far as guards and writers read them.
GROWING = ("transfer", "account", "holding", "service_record", "person")


async def insert_all_refused_by(rows: list[dict[str, Any]]) -> str | None:
    row = f"({', '.join(['{}'] * len(rows[0]))})"
    return await refused_by(
        f"INSERT INTO transfer ({', '.join(rows[0])}) VALUES {', '.join([row] * len(rows))}",
        *(value for one in rows for value in one.values()),
    )


async def two(history: History, **second: object) -> list[dict[str, Any]]:  # noqa: F811
    """3 points and then 2 more of the same hold."""
    first = await transfer(history)
    numbers = {"source_sequence": 4, "source_balance": 5, "target_sequence": 3}
    return [first, {**first, "line": 2, "amount": 2, **numbers, "target_balance": 10, **second}]


async def test_entries_of_one_statement_follow_each_other(history: History):  # noqa: F811
    assert await insert_all_refused_by(await two(history)) is None


@pytest.mark.parametrize(
    ("second", "guard"),
    [
        ({"source_balance": 8}, "transfer_chained"),
        ({"target_balance": 9}, "transfer_chained"),
        ({"source_sequence": 5}, "transfer_chained"),
        ({"target_sequence": 4}, "transfer_chained"),
        ({"route_id": 22}, "transfer_on_route"),
        ({"amount": 8, "source_balance": -1, "target_balance": 16}, "transfer_on_route"),
    ],
)
async def test_one_wrong_row_undoes_the_statement(
    history: History,  # noqa: F811
    second: dict[str, Any],
    guard: str,
):
    rows = await two(history, **second)
    assert await insert_all_refused_by(rows) == guard
    assert await insert_all_refused_by(rows[:1]) is None


async def test_a_number_is_given_once_on_either_side(history: History):  # noqa: F811
    """What goes out of an account under a number does not come in under the same one."""
    back = {"route_id": 22, "posting_id": None, "line": 1, "amount": 3}
    first = await transfer(history)
    [release] = await run(
        "INSERT INTO posting (book_id, reference, request_hash, kind, reason, happened_at, "
        "recorded_at) SELECT book_id, 'sql:release', '0', 'release', 'x', happened_at, "
        "recorded_at FROM posting LIMIT 1 RETURNING id"
    )
    back = {**first, **back, "posting_id": release["id"]}
    back |= {"source_id": first["target_id"], "target_id": first["source_id"]}
    back |= {"source_sequence": 3, "source_balance": 5}
    taken = {"target_sequence": 3, "target_balance": 13}
    assert await insert_all_refused_by([first, {**back, **taken}]) == "transfer_chained"
    free = {"target_sequence": 4, "target_balance": 10}
    assert await insert_all_refused_by([first, {**back, **free}]) is None


async def test_an_account_is_not_put_back(history: History):  # noqa: F811
    back = "UPDATE account SET sequence = 1, balance = 15 WHERE kind = 'member'"
    await run("UPDATE holding SET points = 15 WHERE points = 10")
    assert await refused_by(back) == "account_as_entered"


async def test_no_posting_reads_a_table_as_a_whole(postgres_engine: object):
    """Not even tables as small as these: their plans outlive them."""
    scene = await make_scene()
    people = [await start_history(scene) for _ in range(9)]
    for one in people:
        await one.award(20)
    records = [(one.person_id, await scene.served(one.person_id)) for one in people * 3]

    @use_case
    async def read_as_a_whole() -> dict[str, int]:
        awards = [_award(scene, *record) for record in records]
        await post_set(awards=awards[:1])
        await post_set(awards=awards[1:])
        for one in people:
            await one.hold(1, case_id=one.person_id)
        rows = await run("SELECT relname, seq_scan FROM pg_stat_xact_user_tables")
        return {row["relname"]: row["seq_scan"] for row in rows if row["relname"] in GROWING}

    assert await read_as_a_whole() == dict.fromkeys(GROWING, 0)
    assert (await verify()).problems == ()
    assert {await points_of(one) for one in people} == {20 + 3 * 5 - 1}
    [[line, _], *_] = [await lines_of(number) for number in await _awards_of(people[0])][::-1]
    assert line.target_balance == 20 + 3 * 5


async def points_of(one: History) -> int:
    return (await one.balances()).points


async def _awards_of(one: History) -> list[int]:
    rows = await run(
        "SELECT DISTINCT p.id FROM posting p JOIN transfer t ON t.posting_id = p.id "
        "JOIN account a ON a.id = t.target_id WHERE a.person_id = {} AND p.kind = 'award' "
        "ORDER BY p.id",
        one.person_id,
    )
    return [row["id"] for row in rows]


async def test_a_set_is_answered_as_its_awards_would_be_alone(engine: object):
    """Of three awards of one call the first is a repetition, the second repays a debt."""
    scene = await make_scene()
    rich, poor = await start_history(scene), await start_history(scene)
    spent = await poor.award(10)
    await poor.hold(10)
    await poor.fulfil()
    await poor.void(spent)
    await poor.reverse(spent)
    awards = [
        _award(scene, one.person_id, await scene.served(one.person_id)) for one in (rich, poor)
    ]
    [first] = await post_set(awards=awards[:1])
    again, repaid = await post_set(awards=awards)
    assert isinstance(first, Receipt)
    assert isinstance(again, Receipt)
    assert isinstance(repaid, Receipt)
    assert (again.posting_id, again.replayed, again.lines) == (first.posting_id, True, first.lines)
    assert [line.target.kind for line in repaid.lines] == ["arrears", "member_minutes"]
    assert (await verify()).problems == ()


def _award(scene: Scene, person_id: int, record_id: int) -> Award:
    return to_award(
        book_id=scene.book_id,
        person_id=person_id,
        minutes=60,
        points=5,
        expires_on=LATER,
        service_record_id=record_id,
        reference=f"service:{record_id}:1",
        reason="清洁家园",
        actor_id=scene.confirmer_id,
        happened_at=NOW,
        now=NOW,
    )
