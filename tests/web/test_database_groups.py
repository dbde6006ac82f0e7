"""Group commit on SQLite: whole use cases, each in its savepoint, told after the one COMMIT."""

import asyncio
import sqlite3

import pytest
from piccolo.engine.exceptions import TransactionError

from points.transactions import run, use_case, whole
from web.database import PooledSQLiteEngine, constraint_of

pytestmark = pytest.mark.anyio


class Refused(Exception):
    """A use case that does not want to."""


@pytest.fixture
async def engine(sqlite_engine: PooledSQLiteEngine) -> PooledSQLiteEngine:
    await sqlite_engine.run_ddl("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL)")
    await sqlite_engine.run_ddl(
        "CREATE TABLE reply (id INTEGER PRIMARY KEY, note_id INTEGER NOT NULL "
        "REFERENCES note (id) DEFERRABLE INITIALLY DEFERRED)"
    )
    return sqlite_engine


@use_case
@whole
async def write_note(*, number: int, refuse: bool = False) -> int:
    await run("INSERT INTO note (id, text) VALUES ({}, 'a')", number)
    await run("UPDATE note SET text = 'b' WHERE id = {}", number)
    if refuse:
        raise Refused
    return number


@use_case
@whole
async def write_reply(*, note_id: int) -> None:
    await run("INSERT INTO reply (note_id) VALUES ({})", note_id)


@use_case
@whole
async def write_and_wait(*, number: int) -> None:
    await run("INSERT INTO note (id, text) VALUES ({}, 'a')", number)
    await asyncio.sleep(0)


async def notes() -> list[int]:
    return [row["id"] for row in await run("SELECT id FROM note WHERE text = 'b' ORDER BY id")]


async def statements_of(engine: PooledSQLiteEngine) -> list[str]:
    seen: list[str] = []
    await engine.pool.write(lambda raw: raw.set_trace_callback(seen.append))
    return seen


async def test_many_share_a_commit_and_nobody_is_told_before_it(engine: PooledSQLiteEngine):
    seen = await statements_of(engine)

    async def ask(number: int) -> None:
        assert await write_note(number=number) == number
        written = next(at for at, one in enumerate(seen) if f"VALUES ({number}, 'a')" in one)
        assert "COMMIT" in seen[written:]

    await asyncio.gather(*(ask(number) for number in range(1, 41)))
    assert 1 <= seen.count("COMMIT") <= 3
    assert await notes() == list(range(1, 41))


async def test_whoever_fails_is_undone_alone(engine: PooledSQLiteEngine):
    answers = await asyncio.gather(
        *(write_note(number=number, refuse=number % 3 == 0) for number in range(1, 13)),
        return_exceptions=True,
    )
    assert [type(answer) is Refused for answer in answers] == [False, False, True] * 4
    assert await notes() == [number for number in range(1, 13) if number % 3]


async def test_a_broken_statement_is_named_as_ever(engine: PooledSQLiteEngine):
    await write_note(number=1)
    with pytest.raises(sqlite3.IntegrityError) as error:
        await write_note(number=1)
    assert constraint_of(error.value) == "note_pkey"


async def test_a_promise_broken_at_the_commit_costs_only_its_own(engine: PooledSQLiteEngine):
    answers = await asyncio.gather(
        write_note(number=1),
        write_reply(note_id=1),
        write_reply(note_id=77),
        write_note(number=2),
        return_exceptions=True,
    )
    assert [isinstance(answer, Exception) for answer in answers] == [False, False, True, False]
    assert constraint_of(answers[2]) == "foreign_key"
    assert await notes() == [1, 2]
    assert len(await run("SELECT id FROM reply")) == 1


async def test_whoever_waits_for_something_else_is_refused(engine: PooledSQLiteEngine):
    with pytest.raises(TransactionError, match="something else"):
        await write_and_wait(number=1)
    assert await run("SELECT id FROM note") == []
    assert await write_note(number=1) == 1


async def test_a_statement_that_failed_unheard_keeps_nothing(engine: PooledSQLiteEngine):
    @use_case
    @whole
    async def hush() -> None:
        await run("INSERT INTO note (id, text) VALUES (1, 'b')")
        with pytest.raises(sqlite3.IntegrityError):
            await run("INSERT INTO note (id, text) VALUES (1, 'b')")

    with pytest.raises(TransactionError, match="nothing is kept"):
        await hush()
    assert await notes() == []


async def test_one_who_goes_away_leaves_the_others_alone(engine: PooledSQLiteEngine):
    tasks = [asyncio.create_task(write_note(number=number)) for number in range(1, 9)]
    await asyncio.sleep(0)
    tasks[3].cancel()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(answers[3], asyncio.CancelledError)
    assert [number for number in await notes() if number != 4] == [1, 2, 3, 5, 6, 7, 8]


async def test_groups_and_ordinary_use_cases_take_turns(engine: PooledSQLiteEngine):
    @use_case
    async def ordinary(*, number: int) -> None:
        await run("INSERT INTO note (id, text) VALUES ({}, 'b')", number)
        await asyncio.sleep(0)

    await asyncio.gather(
        *(ordinary(number=number) for number in range(10)),
        *(write_note(number=number) for number in range(10, 30)),
    )
    assert await notes() == list(range(30))
