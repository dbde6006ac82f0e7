"""Of all who try, one gets a slot; who dies holding it blocks the job no longer than its lease."""

import asyncio
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from points.jobs import claim, release, slot_of
from tests.points.job_claimers import SLOTS, claimed

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


async def try_slot(slot: int, *, owner: str = "a", after: float = 0) -> bool:
    now = NOW + timedelta(seconds=after)
    return await claim(name="expire", slot=slot, owner=owner, now=now, lease_seconds=60)


async def done(slot: int, *, owner: str = "a") -> None:
    await release(name="expire", slot=slot, owner=owner, now=NOW)


async def test_a_slot_is_given_once(engine: object) -> None:
    assert await try_slot(7)
    await done(7)
    assert not await try_slot(7, owner="b")
    assert not await try_slot(6, owner="b")
    assert await try_slot(8, owner="b")


async def test_a_lease_holds_until_it_ends(engine: object) -> None:
    assert await try_slot(7)
    assert not await try_slot(8, owner="b", after=59)
    assert await try_slot(8, owner="b", after=60)
    # The first one comes back to life; what is another's now stays so.
    await done(7)
    assert not await try_slot(9, owner="a", after=61)


async def test_a_clock_that_was_wrong_stops_no_job_for_long(engine: object) -> None:
    assert await try_slot(900_000, after=400 * 24 * 3600)
    assert await try_slot(7)
    await done(7)
    assert await try_slot(8, after=1)


async def test_a_clock_that_jumps_back_runs_nothing_twice(engine: object) -> None:
    assert await try_slot(7, after=3600)
    await done(7)
    assert not await try_slot(6)
    assert not await try_slot(7)


def test_everybody_counts_the_same_slots() -> None:
    assert slot_of(now=NOW, period_seconds=60) + 1 == slot_of(
        now=NOW + timedelta(minutes=1), period_seconds=60
    )


async def test_many_tasks_never_get_one_slot_twice(engine: object) -> None:
    got = await asyncio.gather(*(claimed(f"task {number}", slots=15) for number in range(8)))
    assert Counter(slot for slots in got for slot in slots) == Counter(range(1, 16))


async def test_four_processes_never_get_one_slot_twice(database_url: str) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.points.job_claimers", database_url, f"process {number}"],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(4)
    ]
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    # All are told at once.
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    got = [list(map(int, process.communicate(timeout=60)[0].split())) for process in processes]
    assert Counter(slot for slots in got for slot in slots) == Counter(range(1, SLOTS + 1))
