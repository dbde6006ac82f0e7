"""The generated books are in order, as the books of a real street office would be."""

import pytest

from points.ledger.verify import verify
from points.service.verify import verify_earnings
from points.transactions import run
from tests.benchmarks.bench_growth import ACTS, compare
from tests.benchmarks.street_office import build
from web.database import opened

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


async def test_a_small_street_office_verifies(empty_url: str):
    office = await build(empty_url, people=60, books=3, entries=1200, deep=40)
    assert (len(office.books), office.rounds) == (3, 5)
    async with opened(empty_url):
        report = await verify()
        assert (report.problems, report.transfers) == ((), 60 * 5 * 2 + 40 + 2)
        assert await verify_earnings() == ()
        [deep] = await run(
            "SELECT balance, sequence FROM account WHERE kind = 'member' AND person_id = {}",
            office.first_person,
        )
    assert deep == {"balance": 50, "sequence": 45}


@pytest.mark.parametrize("engine_name", ["sqlite", "postgres"])
async def test_growth_can_be_measured(engine_name: str):
    told = await compare(
        engine_name, small=800, large=1600, people=100, deep=100, books=2, scale=0.02
    )
    assert told.count("**") == 2 * len(ACTS)
    assert "bytes a transfer" in told
