"""What the clock brings about, each thing once."""

import asyncio
from datetime import timedelta

import pytest

from talentmap.activities.deadlines import close_due, remind_due
from tests.points.service.scene import NOW
from tests.talentmap.activities.scene import (
    DEADLINE,
    ENDS,
    STARTS,
    Crowd,
    gather,
    standing,
    stored,
    told,
)

pytestmark = pytest.mark.anyio


@pytest.fixture
async def here(engine) -> Crowd:
    return await gather()


async def test_the_job_lapses_what_gathered_in_vain_and_tells_everybody_once(here):
    lost = [await here.proposed(talent_id=here.who.he_min) for _ in range(3)]
    kept = await here.proposed(minimum=2)
    for person_id in await here.neighbours(2):
        for activity_id in (*lost, kept):
            await here.join(activity_id, person_id)
    assert await close_due(DEADLINE - timedelta(seconds=1)) == 0
    # Two machines at once.
    assert sum(await asyncio.gather(close_due(DEADLINE), close_due(DEADLINE))) == 3
    assert await close_due(DEADLINE) == 0
    for activity_id in lost:
        people = [*(await standing(activity_id))[0], here.who.zhang_wei, here.who.he_min]
        assert await told("activity_lapsed", activity_id) == sorted(people)
    assert (await stored(kept))["state"] == "confirmed"


async def test_those_who_take_part_are_reminded_the_day_before_and_once(here):
    activity_id = await here.proposed(minimum=2, capacity=2)
    first, second, third = await here.neighbours(3)
    for person_id in (first, second, third):
        await here.join(activity_id, person_id)
    day_before = STARTS - timedelta(days=1)
    assert await remind_due(day_before - timedelta(seconds=1)) == 0
    assert sum(await asyncio.gather(remind_due(day_before), remind_due(day_before))) == 1
    # The clock jumps back, and forth again.
    assert await remind_due(NOW) == await remind_due(day_before) == 0
    assert await told("activity_reminder", activity_id) == [first, second]


async def test_who_runs_it_is_asked_for_the_roll_once_it_is_over(here):
    activity_id = await here.proposed(minimum=2)
    for person_id in await here.neighbours(2):
        await here.join(activity_id, person_id)
    await remind_due(STARTS - timedelta(hours=1))
    assert await remind_due(ENDS - timedelta(seconds=1)) == 0
    assert await remind_due(ENDS) == 1
    assert await remind_due(ENDS) == 0
    assert await told("activity_roll_call", activity_id) == [here.who.zhang_wei]


async def test_what_lapsed_or_was_called_off_reminds_nobody(here):
    await here.proposed(deadline_at=STARTS)
    assert await remind_due(STARTS - timedelta(hours=1)) == 0
    assert await remind_due(ENDS) == 0
