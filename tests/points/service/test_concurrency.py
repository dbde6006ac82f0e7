"""Many at once: caps hold, answers are the first ones, nothing is counted twice."""

import asyncio
from datetime import timedelta

import pytest

from points.service.confirm import confirm, confirm_record, void_record
from points.service.errors import AlreadyLogged, BackfillFull, Overlapping
from points.service.records import log_service
from points.service.verify import verify_earnings
from points.transactions import run
from tests.points.service.scene import NOW, Scene, scene, shanghai

pytestmark = pytest.mark.anyio


@pytest.fixture
async def here(engine) -> Scene:
    return await scene()


async def test_twenty_simultaneous_confirmations_never_exceed_a_cap(here):
    who = here.who
    made = [
        await here.logged(who.zhang_wei, shanghai(3, 10, hour, minute), 30)
        for hour in range(6, 16)
        for minute in (0, 30)
    ]
    done = await asyncio.gather(
        *(
            confirm_record(
                actor_id=(who.chen_jing, who.li_guoqiang)[number % 2], record_id=record_id, now=NOW
            )
            for number, record_id in enumerate(made)
        ),
        return_exceptions=True,
    )
    # The later ones made the day longer than eight hours, which a steward may confirm as well.
    assert not [one for one in done if isinstance(one, BaseException)]
    assert sum(one.points for one in done) == 60
    assert (await here.points(who.zhang_wei), await here.minutes(who.zhang_wei)) == (60, 600)
    assert await verify_earnings() == ()


async def test_one_record_confirmed_twenty_times_at_once_is_confirmed_once(here):
    who = here.who
    record_id = await here.logged(who.zhang_wei, shanghai(3, 10), 60)
    done = await asyncio.gather(*(here.confirm(record_id) for _ in range(20)))
    assert [one.replayed for one in done].count(False) == 1
    assert {(one.posting_id, one.points) for one in done} == {(done[0].posting_id, 10)}
    assert await here.points(who.zhang_wei) == 10


async def test_two_stewards_confirming_the_same_list_both_get_the_answers(here):
    who = here.who
    made = [
        await here.logged(person, shanghai(3, day), 45)
        for day in (9, 10)
        for person in (who.zhang_wei, who.he_min, who.jin_xiuzhen)
    ]
    first, second = await asyncio.gather(
        confirm(actor_id=who.chen_jing, record_ids=made, now=NOW),
        confirm(actor_id=who.li_guoqiang, record_ids=made[::-1], now=NOW),
    )
    assert (first.refused, second.refused) == ((), ())
    points = {one.record_id: one.points for one in first.confirmed}
    assert points == {one.record_id: one.points for one in second.confirmed}
    assert sum(points.values()) == 3 * 15


async def test_a_record_voided_many_times_at_once_is_voided_once(here):
    who = here.who
    kept = await here.confirmed(who.zhang_wei, shanghai(3, 10, 6), 240)
    gone = await here.confirmed(who.zhang_wei, shanghai(3, 10, 12), 240)
    given = await asyncio.gather(
        *(
            void_record(
                actor_id=who.li_guoqiang, record_id=kept.record_id, reason="没有来", now=NOW
            )
            for _ in range(5)
        )
    )
    assert sorted(given) == [0, 0, 0, 0, 20]
    assert await here.points(who.zhang_wei) == 40
    assert gone.points == 20
    assert await verify_earnings() == ()


async def test_the_same_service_logged_ten_times_at_once_is_kept_once(here):
    who = here.who
    occasion_id = await here.occasion(shanghai(3, 10))
    others = [await here.occasion(shanghai(3, 10)) for _ in range(5)]

    async def log(number):
        return await log_service(
            actor_id=who.zhang_wei,
            occasion_id=number,
            started_at=shanghai(3, 10),
            minutes=60,
            note="",
            now=NOW,
        )

    done = await asyncio.gather(
        *(log(number) for number in [occasion_id] * 5 + others), return_exceptions=True
    )
    assert len([one for one in done if isinstance(one, int)]) == 1
    refused = [one for one in done if not isinstance(one, int)]
    assert {type(one) for one in refused} <= {AlreadyLogged, Overlapping}
    assert len(await run("SELECT id FROM service_record")) == 1


async def test_the_allowance_of_late_minutes_holds_when_logged_at_once(here):
    who, late = here.who, NOW + timedelta(days=5)
    places = [(await here.occasion(shanghai(3, 10, hour)), hour) for hour in (6, 9, 12, 15)]
    done = await asyncio.gather(
        *(
            log_service(
                actor_id=who.zhang_wei,
                occasion_id=occasion_id,
                started_at=shanghai(3, 10, hour),
                minutes=120 if hour > 6 else 121,
                note="收拾",
                now=late,
            )
            for occasion_id, hour in places
        ),
        return_exceptions=True,
    )
    # 121 + 3 x 120 minutes are one more than the 480 of a month, whoever comes last.
    refused = [one for one in done if isinstance(one, BaseException)]
    assert [type(one) for one in refused] == [BackfillFull]
    assert len(await run("SELECT id FROM service_record WHERE backfilled")) == 3
