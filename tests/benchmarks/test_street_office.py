"""The generated books are in order, as the books of a real street office would be."""

import re

import pytest

from points.ledger.cases import case_is_closed
from points.ledger.sealing.check import verify_seals
from points.ledger.sealing.seals import seal_due
from points.ledger.verify import verify
from points.service.verify import verify_earnings
from points.transactions import is_postgres, run
from tests.benchmarks.bench_growth import ACTS, compare
from tests.benchmarks.growth_inside import overheard
from tests.benchmarks.street_office import build
from tests.points.rewards.scene import NOW
from web.database import opened

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


async def test_a_small_street_office_verifies(empty_url: str):
    office = await build(empty_url, people=60, books=3, entries=1200, deep=40)
    assert (len(office.books), office.rounds) == (3, 5)
    async with opened(empty_url):
        report = await verify()
        assert (report.problems, report.transfers) == ((), 60 * 5 * 2 + 40)
        assert await verify_earnings() == ()
        [deep] = await run(
            "SELECT balance, sequence FROM account WHERE kind = 'member' AND person_id = {}",
            office.first_person,
        )
    assert deep == {"balance": 50, "sequence": 45}


async def test_a_large_backlog_is_sealed_in_parts_that_fit_into_memory(empty_url: str):
    await build(empty_url, people=600, books=2, entries=12_000, deep=0)
    async with opened(empty_url):
        # Three pages of a thousand postings, two transfers each.
        assert await seal_due(NOW, at_once=2_000) == 2 * 3
        assert await verify_seals() == []
        [sealed] = await run("SELECT SUM(transfers) AS transfers, MAX(transfers) AS most FROM seal")
    assert (int(sealed["transfers"]), int(sealed["most"])) == (6_000, 1_000)


async def test_a_case_is_looked_up_without_reading_all_postings(empty_url: str):
    await build(empty_url, people=600, books=2, entries=12_000, deep=0)
    async with opened(empty_url) as engine:
        with overheard(engine) as asked:
            assert not await case_is_closed(1)
        [(sql, _)] = asked
        how = "EXPLAIN" if is_postgres() else "EXPLAIN QUERY PLAN"
        plan = await run(f"{how} {sql.replace('$1', '1').replace('?', '1')}")
    told = " ".join(str(value) for row in plan for value in row.values())
    # Where few cases stand beside many awards, PostgreSQL takes the way by the postings if it can.
    assert "source_id" in told
    assert not re.search(r"posting|\bp\b|Seq Scan on transfer|SCAN t", told)


@pytest.mark.parametrize("engine_name", ["sqlite", "postgres"])
async def test_growth_can_be_measured(engine_name: str):
    told = await compare(
        engine_name, small=800, large=1600, people=100, deep=100, books=2, scale=0.02
    )
    assert told.count("**") == 2 * len(ACTS)
    assert "bytes a transfer" in told
