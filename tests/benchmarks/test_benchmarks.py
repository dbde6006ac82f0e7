"""The benchmarks themselves: that they run at all, and put their tables where they belong."""

import pytest

from tests.benchmarks import ledger
from tests.benchmarks.__main__ import BEGIN, END, README, placed, report
from tests.benchmarks.measure import Row, per_second


def test_the_ratio_is_taken_pair_by_pair():
    row = Row("award", 8, ours=(10.0, 30.0, 20.0), theirs=(20.0, 30.0, 10.0))
    assert row.cells() == ["award", "8", "20", "20", "**1.00** (0.50-2.00)"]


def test_the_report_takes_the_place_of_the_last_one():
    row = Row("award", 8, ours=(10.0,), theirs=(20.0,))
    text = report({"sqlite": [row]}, pairs=1)
    once = placed(f"before\n{BEGIN}\nold\n{END}\nafter", text)
    assert once == placed(once, text) == f"before\n{BEGIN}\n{text}\n{END}\nafter"
    assert "| award | 8 | 10 | 20 |" in once


def test_the_readme_has_a_place_for_the_report():
    assert README.read_text().count(BEGIN) == README.read_text().count(END) == 1


@pytest.mark.anyio
async def test_every_act_is_done_once_however_many_call():
    done = []

    async def act(number: int) -> None:
        done.append(number)

    assert await per_second(act, total=10, callers=3) > 0
    assert sorted(done) == list(range(10))


@pytest.mark.anyio
@pytest.mark.slow
async def test_the_ledger_can_be_measured():
    rows = await ledger.compare("sqlite", pairs=1, scale=0.01, told=lambda _: None)
    assert len(rows) == 7
    assert all(row.ours[0] > 0 < row.theirs[0] for row in rows)
