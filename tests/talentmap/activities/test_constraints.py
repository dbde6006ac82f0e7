"""What the database refuses by itself, and what the check finds once its guards are gone."""

import sqlite3

import asyncpg
import pytest

from points.transactions import engine as bound
from points.transactions import is_postgres, run
from talentmap.activities.pledges import ask_for_pledges, pledge
from talentmap.activities.proposals import cancel
from talentmap.activities.verify import verify_activities
from tests.points.service.scene import NOW, Scene, shanghai
from tests.talentmap.activities.scene import Crowd, gather

pytestmark = pytest.mark.anyio
REFUSED = (sqlite3.IntegrityError, asyncpg.IntegrityConstraintViolationError)


@pytest.fixture
async def here(engine) -> Crowd:
    """Activity 1 is confirmed with two of three seats, 3 people wait; 2 gathers; 3 is called off.

    何敏 has pledged five points to the first.
    """
    found = await gather()
    who = found.who
    await Scene(who).confirmed(who.he_min, shanghai(3, 10), 180)
    first = await found.proposed(minimum=2, capacity=3)
    await found.proposed(minimum=2, capacity=3)
    gone = await found.proposed()
    await cancel(actor_id=who.zhang_wei, activity_id=gone, reason="下雨", now=NOW)
    await found.join(first, who.qian_hui, 2)
    await found.join(first, who.he_min, 3)
    item_id = await found.item()
    ask = {"activity_id": first, "item_id": item_id, "quantity": 1, "now": NOW}
    await ask_for_pledges(actor_id=who.zhang_wei, **ask)
    await pledge(actor_id=who.he_min, activity_id=first, points=5, now=NOW)
    return found


SIGNUP = (
    "INSERT INTO signup (activity_id, person_id, party_size, signed_by, state, queue_no, "
    "signed_up_at) SELECT {activity}, {person}, {people}, {person}, '{state}', 99, signed_up_at "
    "FROM signup WHERE id = 1"
)


def signup(activity: int, person: int, people: int, state: str) -> str:
    values = {"activity": activity, "person": person, "people": people, "state": state}
    return SIGNUP.format(**values)


REFUSALS = [
    # Over the room, in one way or another.
    signup(1, 1, 2, "in"),
    "UPDATE signup SET state = 'in' WHERE id = 2",
    "UPDATE activity SET seats_taken = 4 WHERE id = 1",
    "UPDATE activity SET seats_taken = 1 WHERE id = 1",
    "UPDATE activity SET capacity = 1 WHERE id = 1",
    signup(1, 1, 0, "waiting"),
    signup(1, 1, 11, "waiting"),
    # Twice, or where nobody can.
    "INSERT INTO signup (activity_id, person_id, party_size, signed_by, state, queue_no, "
    "signed_up_at) SELECT activity_id, person_id, 1, signed_by, 'in', 99, signed_up_at "
    "FROM signup WHERE id = 2",
    signup(3, 1, 1, "in"),
    signup(3, 1, 1, "waiting"),
    # What was is not rewritten.
    "UPDATE signup SET party_size = 1 WHERE id = 1",
    "UPDATE signup SET person_id = 1 WHERE id = 1",
    "UPDATE signup SET queue_no = 9 WHERE id = 1",
    "UPDATE signup SET state = 'waiting' WHERE id = 1",
    "UPDATE signup SET state = 'withdrawn' WHERE id = 1",
    "UPDATE signup SET guardian_id = person_id WHERE id = 1",
    "UPDATE signup SET attendance = 'asleep' WHERE id = 1",
    "DELETE FROM signup WHERE id = 2",
    "DELETE FROM activity WHERE id = 2",
    "DELETE FROM pledge",
    "UPDATE pledge SET points = 1",
    "UPDATE pledge SET state = 'refunded'",
    "INSERT INTO pledge (activity_id, person_id, points, item_id, state, pledged_at) "
    "SELECT 3, person_id, 1, item_id, state, pledged_at FROM pledge",
    "INSERT INTO pledge (activity_id, person_id, points, item_id, state, pledged_at) "
    "SELECT activity_id, person_id, 1, item_id, state, pledged_at FROM pledge",
    # Steps that no cause leads to.
    "UPDATE activity SET state = 'confirmed', confirmed_at = created_at WHERE id = 2",
    "UPDATE activity SET state = 'done', closed_at = created_at WHERE id = 2",
    "UPDATE activity SET state = 'lapsed' WHERE id = 2",
    "UPDATE activity SET state = 'lapsed', closed_at = created_at WHERE id = 1",
    "UPDATE activity SET state = 'gathering', closed_at = NULL WHERE id = 3",
    "UPDATE activity SET confirmed_at = NULL WHERE id = 1",
    "UPDATE activity SET minimum = 4 WHERE id = 2",
    "UPDATE activity SET deadline_at = ends_at WHERE id = 2",
    "UPDATE activity SET ends_at = starts_at WHERE id = 2",
    "UPDATE activity SET risky = TRUE WHERE id = 2",
    "UPDATE activity SET proposer_id = NULL WHERE id = 2",
    "UPDATE activity SET lat = 31 WHERE id = 2",
    "UPDATE activity SET lat = 131, lon = 121 WHERE id = 2",
    "UPDATE activity SET pledge_goal = 5 WHERE id = 2",
    # A closed one holds nothing.
    "UPDATE activity SET state = 'cancelled', closed_at = created_at WHERE id = 1",
]


async def test_the_database_refuses_by_itself(here):
    for statement in REFUSALS:
        before = await run("SELECT * FROM signup ORDER BY id")
        try:
            await run(statement)
        except REFUSED:
            assert await run("SELECT * FROM signup ORDER BY id") == before
            continue
        raise AssertionError(f"not refused: {statement}")
    assert await verify_activities() == ()


async def without_guards(sql: str) -> None:
    for table in ("activity", "signup", "pledge"):
        if is_postgres():
            await bound().run_ddl(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            continue
        found = await run(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = {}", table
        )
        for row in found:
            await bound().run_ddl(f"DROP TRIGGER {row['name']}")
    await run(sql)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ("UPDATE activity SET seats_taken = 1 WHERE id = 1", "activity 1: seats taken"),
        ("UPDATE signup SET party_size = 3 WHERE id = 1", "activity 1: seats taken"),
        ("UPDATE signup SET party_size = 1 WHERE id = 2", "activity 1: waiting list"),
        ("UPDATE pledge SET points = 4", "account activity:1"),
        ("DELETE FROM pledge", "account activity:1"),
        (
            "UPDATE activity SET state = 'cancelled', closed_at = created_at WHERE id = 1",
            "account activity:1",
        ),
        ("UPDATE signup SET attendance = 'served' WHERE id = 1", "activity 1, person"),
    ],
)
async def test_one_changed_number_is_named(here, change, place):
    await without_guards(change)
    problems = await verify_activities()
    assert any(problem.place.startswith(place) for problem in problems), problems
    assert all(problem.expected != problem.found for problem in problems)
