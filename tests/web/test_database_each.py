"""What is particular to each engine: SQLite's one file, PostgreSQL's pool and addresses."""

import asyncio
import sqlite3
import subprocess
import sys
import textwrap
import threading

import asyncpg
import pytest
from piccolo.engine.exceptions import TransactionError

from points.errors import Invalid
from points.transactions import run, snapshot, use_case
from web.database import (
    BadDatabaseUrl,
    DatabaseUnreachable,
    PooledSQLiteEngine,
    SafePostgresEngine,
    open_engine,
    opened,
    running,
)
from web.database_sqlite import only_reads

pytestmark = pytest.mark.anyio

TASKS = 50
LOCKS_HERE = (
    "SELECT l.objid FROM pg_locks l JOIN pg_database d ON d.oid = l.database "
    "WHERE l.locktype = 'advisory' AND d.datname = current_database()"
)


# SQLite


async def test_every_sqlite_connection_is_durable_and_checks_keys(sqlite_url: str) -> None:
    async with running(open_engine(sqlite_url)) as engine:
        assert isinstance(engine, PooledSQLiteEngine)
        connections = [engine.pool.writer, *engine.pool._readers]
        assert len(connections) > 2
        for connection in connections:
            for pragma, value in (("synchronous", 2), ("foreign_keys", 1), ("journal_mode", "wal")):
                found = connection.submit(
                    lambda raw, pragma=pragma: raw.execute(f"PRAGMA {pragma}").fetchone()
                )
                assert await asyncio.wrap_future(found) == (value,)


async def test_readers_see_the_file_in_memory_but_not_who_reads_all_of_it(
    sqlite_engine: PooledSQLiteEngine,
) -> None:
    async def mapped() -> list[int]:
        asked = [
            reader.submit(lambda raw: raw.execute("PRAGMA mmap_size").fetchone()[0])
            for reader in sqlite_engine.pool._readers
        ]
        return [await asyncio.wrap_future(one) for one in asked]

    [size] = set(await mapped())
    assert size > 2**30
    async with snapshot():
        assert await run("PRAGMA mmap_size") == [{"mmap_size": 0}]
    assert set(await mapped()) == {size}


async def test_a_busy_file_is_retryable_and_leaks_nothing(sqlite_url: str) -> None:
    async with running(open_engine(sqlite_url)) as engine:
        assert isinstance(engine, PooledSQLiteEngine)
        await asyncio.wrap_future(
            engine.pool.writer.submit(lambda raw: raw.execute("PRAGMA busy_timeout = 1"))
        )
        other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        for _ in range(10):
            with pytest.raises(sqlite3.OperationalError) as busy:
                async with engine.transaction():
                    pass
            assert engine.is_retryable(busy.value)
            assert not engine.transaction_exists()
        other.execute("ROLLBACK")
        other.close()
        async with engine.transaction():
            await run("CREATE TABLE fine (id BIGINT)")


async def test_a_begin_that_waits_may_be_cancelled(sqlite_url: str) -> None:
    async with running(open_engine(sqlite_url)) as engine:
        other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")

        async def begin() -> None:
            async with engine.transaction():
                pass

        task = asyncio.create_task(begin())
        await asyncio.wait([task], timeout=0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        other.execute("ROLLBACK")
        other.close()
        async with asyncio.timeout(10), engine.transaction():
            await run("CREATE TABLE fine (id BIGINT)")


async def test_a_commit_that_never_began_is_undone(sqlite_engine: PooledSQLiteEngine) -> None:
    await run("CREATE TABLE fine (id BIGINT)")
    thread_may_go_on = threading.Event()

    async def write() -> None:
        async with sqlite_engine.transaction():
            await run("INSERT INTO fine VALUES (1)")
            sqlite_engine.pool.writer.submit(lambda _: thread_may_go_on.wait(10))

    task = asyncio.create_task(write())
    await asyncio.wait([task], timeout=0.2)
    task.cancel()
    await asyncio.wait([task])
    thread_may_go_on.set()
    await run("INSERT INTO fine VALUES (2)")
    assert await run("SELECT id FROM fine") == [{"id": 2}]


async def test_begin_by_hand_is_refused(sqlite_engine: PooledSQLiteEngine) -> None:
    with pytest.raises(TransactionError):
        await sqlite_engine.run_ddl("BEGIN")
    async with sqlite_engine.transaction():
        await run("CREATE TABLE fine (id BIGINT)")


async def test_readers_cannot_write(sqlite_engine: PooledSQLiteEngine) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await sqlite_engine.pool.read(lambda raw: raw.execute("DELETE FROM migration"))


async def test_append_only_rows_cannot_be_replaced(sqlite_engine: PooledSQLiteEngine) -> None:
    [row] = await run("SELECT * FROM route WHERE id = 1")
    with pytest.raises(sqlite3.IntegrityError):
        await run(
            "INSERT OR REPLACE INTO route (id, kind, unit, source_kind, target_kind) "
            "VALUES ({}, {}, {}, {}, {})",
            *row.values(),
        )


@pytest.mark.parametrize(
    ("sql", "reads"),
    [
        ("SELECT 1", True),
        ("\n  select 1", True),
        ("WITH a AS (SELECT 1) SELECT * FROM a", True),
        ("WITH a AS (SELECT 1) INSERT INTO b SELECT * FROM a", False),
        ("INSERT INTO a VALUES (1) RETURNING id", False),
        ("PRAGMA user_version = 1", False),
    ],
)
def test_only_reading_statements_go_to_readers(sql: str, reads: bool) -> None:
    assert only_reads(sql) is reads


def test_a_process_ends_without_stopping_its_engine(sqlite_url: str) -> None:
    program = f"""
        import asyncio
        from web.database import open_engine
        async def main():
            engine = open_engine({sqlite_url!r})
            await engine.start()
            await engine.run_ddl("SELECT 1")
            async with engine.transaction():
                await engine.run_ddl("CREATE TABLE fine (id BIGINT)")
        asyncio.run(main())
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        timeout=60,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


# PostgreSQL


async def test_a_killed_connection_is_replaced(postgres_engine: SafePostgresEngine) -> None:
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        async with postgres_engine.transaction():
            await run("SELECT pg_terminate_backend(pg_backend_pid())")
    assert not postgres_engine.transaction_exists()
    async with postgres_engine.transaction():
        await run("CREATE TABLE fine (id BIGINT)")


async def test_a_deadlock_is_retried(postgres_engine: SafePostgresEngine) -> None:
    await run("CREATE TABLE pair (id BIGINT PRIMARY KEY, number BIGINT)")
    await run("INSERT INTO pair VALUES (1, 0), (2, 0)")
    both = asyncio.Barrier(2)
    attempts = 0

    @use_case
    async def cross(first: int, second: int) -> None:
        nonlocal attempts
        attempts += 1
        await run("UPDATE pair SET number = number + 1 WHERE id = {}", first)
        if attempts <= 2:
            await both.wait()
        await run("UPDATE pair SET number = number + 1 WHERE id = {}", second)

    await asyncio.gather(cross(1, 2), cross(2, 1))
    assert attempts == 3
    assert await run("SELECT number FROM pair ORDER BY id") == [{"number": 2}] * 2


async def test_nothing_outlives_a_transaction_on_its_connection(
    postgres_engine: SafePostgresEngine,
) -> None:
    async with postgres_engine.transaction():
        await run("SET LOCAL statement_timeout = 12345")
        await run("SELECT pg_advisory_xact_lock(5)")
    assert await run("SHOW statement_timeout") == [{"statement_timeout": "0"}]
    # Another test's database on the same server has locks of its own.
    assert await run(LOCKS_HERE) == []


async def test_an_absent_server_is_told_at_start_not_at_construction() -> None:
    engine = open_engine("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(OSError, match="1"):
        await engine.start()


@pytest.mark.parametrize(
    "url", ["postgresql://me:secret@127.0.0.1:1/none", "sqlite:////no/such/folder/file.sqlite"]
)
async def test_a_database_that_cannot_be_opened_is_a_plain_refusal(url: str) -> None:
    with pytest.raises(DatabaseUnreachable) as refused:
        async with opened(url):
            pass
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["", "mysql://x/y", "sqlite://x", "sqlite:///", "sqlite:///:memory:", "postgresql:", "["]
)
def test_an_address_that_is_not_understood_says_so(url: str) -> None:
    with pytest.raises(BadDatabaseUrl) as refused:
        open_engine(url)
    assert isinstance(refused.value, Invalid)
    assert "sqlite:///" in str(refused.value)


def test_a_password_is_never_shown() -> None:
    with pytest.raises(BadDatabaseUrl) as refused:
        open_engine("mysql://me:secret@host/name")
    assert "secret" not in str(refused.value)
