"""Which day service counts for: across midnight, at the turn of a year, where clocks change."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from points.community.areas import create_area
from points.community.grants import found_stewards
from points.community.people import enrol
from points.ledger.books import open_book
from points.service.confirm import confirm_record
from points.service.records import log_service
from points.service.rules import Terms
from points.service.verify import verify_earnings
from points.transactions import run
from tests.cast import FOUNDED
from tests.points.service.scene import Scene, adopt, scene, shanghai

pytestmark = pytest.mark.anyio


async def day_of(record_id: int) -> str:
    [row] = await run("SELECT service_date FROM service_record WHERE id = {}", record_id)
    return str(row["service_date"])


async def test_a_record_across_midnight_counts_for_the_day_it_started(engine):
    here = await scene()
    who = here.who
    late = await here.logged(who.zhang_wei, shanghai(3, 9, 22), 180)
    early = await here.logged(who.zhang_wei, shanghai(3, 10, 1), 180)
    before_midnight = await here.logged(who.he_min, shanghai(3, 9, 23, 59), 1)
    at_midnight = await here.logged(who.he_min, shanghai(3, 10, 0), 1)
    assert [await day_of(number) for number in (late, early)] == ["2026-03-09", "2026-03-10"]
    assert await day_of(before_midnight) == "2026-03-09"
    assert await day_of(at_midnight) == "2026-03-10"


async def test_the_turn_of_the_year_is_shanghais_and_not_that_of_greenwich(engine):
    here = await scene(Terms(day_cap_points=40, month_cap_points=60, year_cap_points=60))
    who = here.who
    # 23:00 and 01:00 in Shanghai are both still 2025 in Greenwich.
    for start in (shanghai(12, 31, 18), shanghai(12, 31, 18) + timedelta(hours=7)):
        record_id = await here.logged(who.zhang_wei, start, 240)
        await here.confirm(record_id, now=start + timedelta(days=2))
    rows = await run("SELECT starts_on FROM earning WHERE period = 'year' ORDER BY starts_on")
    assert [str(row["starts_on"]) for row in rows] == ["2026-01-01", "2027-01-01"]
    assert await here.points(who.zhang_wei) == 80


async def new_york() -> Scene:
    """A small neighbourhood where clocks change; only what these tests touch is real."""
    here = await scene()
    zone = {"time_zone": "America/New_York", "now": FOUNDED}
    town = await create_area(parent_id=None, level="city", name="New York", **zone)
    home = await create_area(
        parent_id=town, level="committee", name="Flushing", time_zone=None, now=FOUNDED
    )
    people = [
        await enrol(name=name, area_id=home, now=FOUNDED, actor_id=None)
        for name in ("Ada Chen", "Bo Li", "Cai Wang", "Du Fang")
    ]
    await found_stewards(
        area_id=town, person_ids=(people[0], people[1]), now=FOUNDED, today=FOUNDED.date()
    )
    book = await open_book(area_id=home, now=FOUNDED)
    await adopt(book, Terms())
    who = replace(
        here.who,
        committee=home,
        book=book,
        wang_fang=people[1],
        li_guoqiang=people[2],
        chen_jing=people[0],
        zhang_wei=people[3],
    )
    return Scene(who=who)


async def test_where_clocks_change_minutes_are_real_and_days_local(engine):
    here = await new_york()
    who = here.who
    # On 8 March 2026 New York goes from 01:59 EST to 03:00 EDT; 05:30 UTC is 00:30 there.
    spring = datetime(2026, 3, 8, 5, 30, tzinfo=UTC)
    night = await here.logged(who.zhang_wei, spring, 180)
    # 04:30 UTC on the 8th is still 23:30 on the 7th; a day later it is 00:30 on the 9th.
    before = await here.logged(who.zhang_wei, spring - timedelta(hours=1), 59)
    after = await here.logged(who.zhang_wei, spring + timedelta(hours=23), 60)
    assert [await day_of(number) for number in (before, night, after)] == [
        "2026-03-07",
        "2026-03-08",
        "2026-03-09",
    ]
    done = await here.confirm(night)
    assert (done.minutes, done.points) == (180, 30)
    assert await verify_earnings() == ()


async def test_the_hour_that_comes_twice_is_two_hours(engine):
    here = await new_york()
    who = here.who
    # On 1 November 2026 the hour from 01:00 to 02:00 comes twice: 05:00 and 06:00 UTC.
    first = datetime(2026, 11, 1, 5, 0, tzinfo=UTC)
    now = first + timedelta(hours=3)
    points = 0
    for start in (first, first + timedelta(hours=1)):
        occasion_id = await here.occasion(start, hours=1)
        record_id = await log_service(
            actor_id=who.zhang_wei,
            occasion_id=occasion_id,
            started_at=start,
            minutes=60,
            note="",
            now=now,
        )
        assert await day_of(record_id) == "2026-11-01"
        done = await confirm_record(actor_id=who.chen_jing, record_id=record_id, now=now)
        points += done.points
    assert points == 20
