"""No failure and no cancellation may leak a connection, a lock or half a transaction."""

# ruff: noqa: PT012  (what is raised inside a transaction is what is tested)

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import asyncpg
import pytest
from piccolo.engine.exceptions import TransactionError

from points.transactions import run, use_case
from web.database import (
    DatabaseEngine,
    SafePostgresEngine,
    constraint_of,
)

pytestmark = pytest.mark.anyio

TASKS = 50


@pytest.fixture
async def counter(engine: DatabaseEngine) -> AsyncIterator[DatabaseEngine]:
    """A table with one number in it, and one whose foreign key is checked at COMMIT."""
    await engine.run_ddl(
        "CREATE TABLE counter (id BIGINT PRIMARY KEY, number BIGINT NOT NULL "
        "CONSTRAINT counter_number CHECK (number >= 0), "
        "label VARCHAR(9) CONSTRAINT counter_label UNIQUE)"
    )
    await engine.run_ddl(
        "CREATE TABLE late (id BIGINT REFERENCES counter (id) DEFERRABLE INITIALLY DEFERRED)"
    )
    await run("INSERT INTO counter (id, number) VALUES (1, 0)")
    yield engine
    await assert_sound(engine)


async def number() -> int:
    [row] = await run("SELECT number FROM counter WHERE id = 1")
    return int(row["number"])


async def add(amount: int = 1) -> None:
    await run("UPDATE counter SET number = number + {} WHERE id = 1", amount)


async def assert_sound(engine: DatabaseEngine) -> None:
    """Every connection is free again, and a transaction works and is isolated."""
    assert not engine.transaction_exists()
    before = await number()
    async with asyncio.timeout(20):
        async with engine.transaction():
            await add()
        # More transactions than there are connections, at once.
        await asyncio.gather(*(add_in_transaction(engine) for _ in range(12)))
    assert await number() == before + 13
    if isinstance(engine, SafePostgresEngine):
        pool = await engine.open_pool()
        # All at once; what was cancelled last may still be on its way back.
        async with asyncio.timeout(20):
            held = [await pool.acquire() for _ in range(pool.get_size())]
        for connection in held:
            await pool.release(connection)
    else:
        assert not engine.pool.writing.locked()


async def add_in_transaction(engine: DatabaseEngine) -> None:
    async with engine.transaction():
        await add()


async def cancelled(work: Callable[[], Awaitable[object]], *, after_steps: int) -> bool:
    """Cancel ``work`` after so many turns of the loop; whether it was still running."""
    task = asyncio.ensure_future(work())
    for _ in range(after_steps):
        await asyncio.sleep(0)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    return task.cancelled()


async def test_fifty_read_modify_writes_all_count(counter: DatabaseEngine) -> None:
    lock = " FOR UPDATE" if counter.engine_type == "postgres" else ""

    @use_case
    async def increase() -> None:
        [row] = await run("SELECT number FROM counter WHERE id = 1" + lock)
        await run("UPDATE counter SET number = {} WHERE id = 1", row["number"] + 1)

    await asyncio.gather(*(increase() for _ in range(TASKS)))
    assert await number() == TASKS


async def test_an_error_undoes_all(counter: DatabaseEngine) -> None:
    with pytest.raises(ZeroDivisionError):
        async with counter.transaction():
            await add()
            raise ZeroDivisionError
    assert await number() == 0


async def test_an_inner_transaction_joins_the_outer(counter: DatabaseEngine) -> None:
    with pytest.raises(ZeroDivisionError):
        async with counter.transaction():
            async with counter.transaction():
                await add()
            assert counter.transaction_exists()
            raise ZeroDivisionError
    assert await number() == 0


async def test_an_inner_error_cannot_be_swallowed(counter: DatabaseEngine) -> None:
    with pytest.raises(TransactionError):
        async with counter.transaction():
            await add()
            with suppress(ZeroDivisionError):
                async with counter.transaction():
                    raise ZeroDivisionError
    assert await number() == 0


async def test_a_failed_statement_cannot_be_swallowed(counter: DatabaseEngine) -> None:
    with pytest.raises(TransactionError):
        async with counter.transaction():
            await add()
            with suppress(sqlite3.IntegrityError, asyncpg.IntegrityConstraintViolationError):
                await add(-100)
    assert await number() == 0


async def test_a_savepoint_undoes_a_failed_statement(counter: DatabaseEngine) -> None:
    async with counter.transaction() as transaction:
        await add()
        savepoint = await transaction.savepoint()
        with suppress(sqlite3.IntegrityError, asyncpg.IntegrityConstraintViolationError):
            await add(-100)
        await savepoint.rollback_to()
        await add()
    assert await number() == 2


async def test_a_failed_commit_leaves_nothing_behind(counter: DatabaseEngine) -> None:
    for _ in range(15):  # more often than there are connections
        with pytest.raises((sqlite3.IntegrityError, asyncpg.ForeignKeyViolationError)) as violation:
            async with counter.transaction():
                await add()
                await run("INSERT INTO late (id) VALUES (77)")
        assert constraint_of(violation.value) == "foreign_key"
        assert not counter.transaction_exists()
    assert await number() == 0
    async with counter.transaction():
        await add()
    assert await number() == 1


async def test_the_tasks_of_a_gather_share_the_transaction(counter: DatabaseEngine) -> None:
    with pytest.raises(ZeroDivisionError):
        async with counter.transaction():
            await asyncio.gather(*(add() for _ in range(20)))
            assert await number() == 20
            raise ZeroDivisionError
    assert await number() == 0


async def test_a_child_that_outlives_the_transaction_stands_alone(
    counter: DatabaseEngine,
) -> None:
    ended = asyncio.Event()

    async def child() -> tuple[bool, bool]:
        within = counter.transaction_exists()
        await ended.wait()
        await add(10)
        return within, counter.transaction_exists()

    with pytest.raises(ZeroDivisionError):
        async with counter.transaction():
            await add()
            task = asyncio.create_task(child())
            await asyncio.sleep(0)
            raise ZeroDivisionError
    ended.set()
    assert await task == (True, False)
    assert await number() == 10


async def test_a_child_that_joined_cannot_go_on_after_the_end(counter: DatabaseEngine) -> None:
    joined, ended = asyncio.Event(), asyncio.Event()

    async def child() -> None:
        async with counter.transaction():
            await add(10)
            joined.set()
            await ended.wait()
            await add(100)

    async with counter.transaction():
        task = asyncio.create_task(child())
        await joined.wait()
    ended.set()
    with pytest.raises(TransactionError):
        await task
    assert await number() == 10


@pytest.mark.parametrize("after_steps", range(14))
async def test_a_cancelled_transaction_is_whole_or_absent(
    counter: DatabaseEngine, after_steps: int
) -> None:
    async def twice() -> None:
        async with counter.transaction():
            await add()
            await add()

    for _ in range(5):
        before = await number()
        await cancelled(twice, after_steps=after_steps)
        # The next transaction waits for a COMMIT that was under way.
        async with counter.transaction():
            assert await number() in (before, before + 2)


async def test_a_transaction_cancelled_at_any_moment_is_whole_or_absent(
    counter: DatabaseEngine,
) -> None:
    async def twice() -> None:
        async with counter.transaction():
            await add()
            await add()

    completed, pause_us = 0, 0
    # From a cancellation before the BEGIN on, until some came too late, however slow the machine.
    while completed < 5:
        before = await number()
        task = asyncio.create_task(twice())
        await asyncio.wait([task], timeout=pause_us / 1_000_000)
        task.cancel()
        await asyncio.wait([task])
        async with counter.transaction():
            gain = await number() - before
        assert gain in (0, 2)
        assert task.cancelled() or gain == 2
        completed += not task.cancelled()
        pause_us += 100
    assert pause_us > 500


async def test_who_waits_for_a_turn_may_be_cancelled(counter: DatabaseEngine) -> None:
    async with counter.transaction():
        await add()
        waiting = [asyncio.create_task(outside(counter)) for _ in range(30)]
        await asyncio.sleep(0.02)
        for task in waiting:
            task.cancel()
        await asyncio.wait(waiting)
    assert all(task.cancelled() for task in waiting)


async def outside(engine: DatabaseEngine) -> None:
    # A task inherits the transaction of its maker; this one wants one of its own.
    engine.current_transaction.set(None)
    async with engine.transaction():
        await run("UPDATE counter SET number = number + 1000 WHERE id = 1")


async def test_a_cancelled_read_gives_its_connection_back(counter: DatabaseEngine) -> None:
    endless = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
        "SELECT count(*) AS many FROM n"
    )
    for _ in range(12):
        task = asyncio.create_task(run(endless))
        await asyncio.wait([task], timeout=0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    async with asyncio.timeout(10):
        assert await asyncio.gather(*(number() for _ in range(12))) == [0] * 12


async def test_a_cancelled_statement_undoes_its_transaction(counter: DatabaseEngine) -> None:
    async def endless() -> None:
        async with counter.transaction():
            await add()
            await run(
                "UPDATE counter SET number = (WITH RECURSIVE n(i) AS "
                "(SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n)"
            )

    task = asyncio.create_task(endless())
    await asyncio.wait([task], timeout=0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(10):
        await add()
    assert await number() == 1


async def test_readers_see_the_last_committed_state(counter: DatabaseEngine) -> None:
    async def seen() -> int:
        counter.current_transaction.set(None)
        return await number()

    async with counter.transaction():
        await add()
        assert await number() == 1
        assert await asyncio.create_task(seen()) == 0
    assert await number() == 1


async def test_writing_statements_work_outside_a_transaction(counter: DatabaseEngine) -> None:
    rows = await run("INSERT INTO counter (id, number) VALUES (2, 5) RETURNING number")
    assert rows == [{"number": 5}]
    rows = await run(
        "WITH chosen AS (SELECT 2 AS id) "
        "DELETE FROM counter WHERE id IN (SELECT id FROM chosen) RETURNING id"
    )
    assert rows == [{"id": 2}]


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ("INSERT INTO counter (id, number) VALUES (2, -1)", "counter_number"),
        ("INSERT INTO counter (id, number) VALUES (1, 1)", "counter_pkey"),
        ("INSERT INTO counter (id, number) VALUES (2, NULL)", "counter_number_not_null"),
        ("INSERT INTO counter VALUES (2, 1, 'a'), (3, 1, 'a')", "counter_label"),
        ("INSERT INTO place (area_id) VALUES (1)", None),
        ("DELETE FROM route", "route_append_only"),
        ("UPDATE route SET kind = 'x'", "route_append_only"),
    ],
)
async def test_a_refusal_has_the_same_name_on_both_engines(
    counter: DatabaseEngine, sql: str, name: str | None
) -> None:
    with pytest.raises((sqlite3.IntegrityError, asyncpg.IntegrityConstraintViolationError)) as no:
        await run(sql)
    assert constraint_of(no.value) == name or name is None
    assert not counter.is_retryable(no.value)


async def test_the_engine_serves_a_second_event_loop(counter: DatabaseEngine) -> None:
    async def in_another_loop() -> int:
        try:
            async with counter.transaction():
                await add()
            return await number()
        finally:
            await counter.stop()

    assert await asyncio.to_thread(asyncio.run, in_another_loop()) == 1


async def test_the_engine_starts_again_after_a_stop(counter: DatabaseEngine) -> None:
    await counter.stop()
    await counter.stop()
    await counter.start()
    assert await number() == 0
