"""A statement shows each entry with the balance after it, newest first, page by page."""

import pytest

from points.ledger.errors import PostingUnknown
from points.ledger.statement import EntryLine, Unit, posting_detail, statement
from points.transactions import is_postgres, run, use_case
from tests.points.ledger.scene import LATER, NOW, SOON, History, make_scene, start_history

pytestmark = pytest.mark.anyio


@pytest.fixture
async def history(engine: object) -> History:
    return await start_history(await make_scene())


async def shown(
    history: History, unit: Unit = "points", before: int | None = None, limit: int = 50
) -> list[tuple[int, int, int, str]]:
    lines = await statement(**history.owner(), unit=unit, before_sequence=before, limit=limit)
    return [(line.sequence, line.amount, line.balance, line.kind) for line in lines]


async def test_nothing_posted_is_an_empty_statement(history: History):
    assert await shown(history) == []


async def test_each_entry_has_its_running_balance(history: History):
    await history.award(5, expires_on=SOON)
    await history.award(9, expires_on=LATER, minutes=54)
    await history.hold(7)
    assert await shown(history) == [
        (4, -2, 7, "hold"),
        (3, -5, 9, "hold"),
        (2, 9, 14, "award"),
        (1, 5, 5, "award"),
    ]
    assert await shown(history, "minutes") == [(2, 54, 114, "award"), (1, 60, 60, "award")]


async def test_pages_follow_each_other_without_a_gap(history: History):
    for number in range(1, 8):
        await history.award(number)
        if number % 3 == 0:
            await history.hold(2, case_id=number)
    whole = await shown(history)
    pages, before = [], None
    while page := await shown(history, before=before, limit=2):
        assert len(page) <= 2
        pages += page
        before = page[-1][0]
    assert pages == whole
    assert [line[0] for line in whole] == list(range(9, 0, -1))
    assert await shown(history, limit=-5) == whole[:1]


async def test_an_entry_says_why_when_and_whether_it_was_reversed(history: History):
    award = await history.award(15)
    kept = await history.award(4)
    await history.void(award)
    reversal = await history.reverse(award)
    lines = await statement(**history.owner(), unit="points")
    assert [(line.posting_id, line.reversed, line.reverses_id) for line in lines] == [
        (reversal.posting_id, False, award.posting_id),
        (kept.posting_id, False, None),
        (award.posting_id, True, None),
    ]
    first: EntryLine = lines[-1]
    assert (first.reason, first.details, first.vintage) == ("清洁家园", (), LATER)
    assert first.happened_at == first.recorded_at == NOW
    assert first.service_record_id == lines[0].service_record_id is not None


async def test_a_debt_has_its_own_statement(history: History):
    award = await history.award(15)
    await history.hold(10)
    await history.reverse(award, minutes=0)
    await history.award(4)
    assert await shown(history, "arrears") == [(2, 4, -6, "award"), (1, -10, -10, "reversal")]


async def test_a_posting_tells_everything_about_itself(history: History):
    award = await history.award(15)
    reversal = await history.reverse(award, points=5, minutes=0)
    detail = await posting_detail(award.posting_id)
    assert (detail.reference, detail.kind, detail.book_id) == (
        award.reference,
        "award",
        history.book_id,
    )
    assert detail.reversed_by == (reversal.posting_id,)
    assert detail.lines == award.lines
    assert detail.actor_id == history.scene.confirmer_id
    assert (await posting_detail(reversal.posting_id)).reverses_id == award.posting_id
    with pytest.raises(PostingUnknown):
        await posting_detail(10**9)


async def test_a_page_is_read_from_the_indexes_of_both_directions(history: History):
    side = (
        "SELECT * FROM (SELECT id, {0}_sequence AS sequence FROM transfer WHERE {0}_id = 1 "
        "AND {0}_sequence < 9 ORDER BY {0}_sequence DESC LIMIT 5) AS {0}_side"
    )
    page = f"{side.format('source')} UNION ALL {side.format('target')} ORDER BY sequence LIMIT 5"
    plan = await (_postgres_plan(sql=page) if is_postgres() else _sqlite_plan(sql=page))
    assert "scan transfer" not in plan
    assert "seq scan" not in plan
    assert plan.count("search transfer using index") + plan.count("index scan") == 2


async def _sqlite_plan(*, sql: str) -> str:
    rows = await run(f"EXPLAIN QUERY PLAN {sql}")
    return " ".join(str(row["detail"]) for row in rows).lower().replace("covering ", "")


@use_case
async def _postgres_plan(*, sql: str) -> str:
    # A table of a few rows would be scanned, whatever its indexes.
    await run("SET LOCAL enable_seqscan = off")
    await run("SET LOCAL enable_bitmapscan = off")
    return " ".join(str(row["QUERY PLAN"]) for row in await run(f"EXPLAIN {sql}")).lower()
