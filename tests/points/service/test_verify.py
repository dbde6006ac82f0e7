"""One changed number in counters, records or awards is found and named."""

import pytest

from points.service.verify import verify_earnings
from points.transactions import engine as bound
from points.transactions import is_postgres, run
from tests.points.service.scene import Scene, scene, shanghai

pytestmark = pytest.mark.anyio


@pytest.fixture
async def here(engine) -> Scene:
    here = await scene()
    for day, minutes in ((9, 90), (10, 45)):
        await here.confirmed(here.who.zhang_wei, shanghai(3, day), minutes)
    await here.confirmed(here.who.he_min, shanghai(3, 10), 60)
    return here


async def by_hand(sql: str) -> None:
    """Change the database with its guards taken away."""
    for table in ("service_record", "transfer", "posting"):
        if is_postgres():
            await bound().run_ddl(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            continue
        found = await run(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = {}", table
        )
        for row in found:
            await bound().run_ddl(f"DROP TRIGGER {row['name']}")
    await run(sql)


async def test_sound_books_have_no_problem(here):
    steps = []
    assert await verify_earnings(lambda done, of: steps.append((done, of))) == ()
    assert steps[-1][0] == steps[-1][1]


CHANGES = [
    ("UPDATE earning SET exact = exact + 1 WHERE period = 'day'", "earned in the day from"),
    ("UPDATE earning SET exact = exact + 1 WHERE period = 'month'", "earned in the month from"),
    ("UPDATE earning SET awarded = awarded - 1 WHERE period = 'all'", "counted as awarded"),
    ("UPDATE service_record SET exact = exact + 60 WHERE minutes = 45", "service record 2"),
    ("UPDATE service_record SET minutes = 46 WHERE minutes = 45", "service record 2"),
    ("UPDATE service_record SET service_date = '2026-03-11' WHERE minutes = 90", "earned in the"),
    ("UPDATE transfer SET amount = amount + 1 WHERE amount = 15", "awarded by the books"),
    ("DELETE FROM earning WHERE period = 'year'", "earned in the year from 2026-01-01"),
]


@pytest.mark.parametrize(("change", "place"), CHANGES)
async def test_one_changed_number_is_named(here, change, place):
    await by_hand(change)
    problems = await verify_earnings()
    assert any(place in problem.place for problem in problems), problems
    assert all(problem.expected != problem.found for problem in problems)
