"""Any number of processes may bring a database up to date, and a failure leaves nothing."""

import asyncio
import sqlite3
import subprocess
import sys
import textwrap
from types import SimpleNamespace

import asyncpg
import pytest
from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.apps.migrations.tables import Migration
from piccolo.columns import Serial

from points.ddl import append_only, ddl_migration, identity, refuse, table
from points.piccolo_app import APP_CONFIG as POINTS
from points.transactions import run
from talentmap.piccolo_app import APP_CONFIG as TALENTMAP
from web import migrations
from web.database import (
    DatabaseEngine,
    PooledSQLiteEngine,
    constraint_of,
    open_engine,
    opened,
    running,
)
from web.migrations import APPS, migrate, pending

pytestmark = pytest.mark.anyio

PROCESSES = 4
COLUMNS = {
    "sqlite": "SELECT name FROM pragma_table_info({})",
    "postgres": "SELECT column_name AS name FROM information_schema.columns WHERE table_name = {}",
}
REFUSED = (sqlite3.IntegrityError, asyncpg.IntegrityConstraintViolationError)


async def test_an_empty_database_gets_every_migration_once(empty_url: str) -> None:
    async with opened(empty_url) as engine:
        expected = await pending(engine)
        assert [name.split()[0] for name in expected] == sorted(
            name.split()[0] for name in expected
        )
        assert len(expected) >= 4
        assert await migrate(engine) == expected
        assert await pending(engine) == []
        assert await migrate(engine) == []
        Migration._meta.db = engine
        ran = [
            f"{app_name} {name}"
            for app_name, _ in APPS
            for name in await Migration.get_migrations_which_ran(app_name=app_name)
        ]
    assert ran == expected


async def test_four_processes_may_migrate_at_once(empty_url: str) -> None:
    program = f"""
        import asyncio
        from web.database import opened
        from web.migrations import migrate
        async def main():
            async with opened({empty_url!r}) as engine:
                print(len(await migrate(engine)))
        asyncio.run(main())
    """
    started = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            textwrap.dedent(program),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(PROCESSES)
    ]
    done = [await process.communicate() for process in started]
    assert [errors.decode() for _, errors in done] == [""] * PROCESSES
    assert [process.returncode for process in started] == [0] * PROCESSES
    async with opened(empty_url) as engine:
        assert sum(int(told) for told, _ in done) == len(await run("SELECT name FROM migration"))
        assert await pending(engine) == []


async def test_a_migration_that_fails_leaves_nothing(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    works = "SELECT 1"

    async def forwards() -> MigrationManager:
        return ddl_migration(
            "x", "points", "half", lambda _: ["CREATE TABLE half (id BIGINT)", works]
        )

    monkeypatch.setattr(
        migrations, "_modules", lambda: [("points", SimpleNamespace(ID="x", forwards=forwards))]
    )
    async with opened(empty_url) as engine:
        works = "SELECT nothing FROM nowhere"
        with pytest.raises((sqlite3.OperationalError, asyncpg.UndefinedTableError)):
            await migrate(engine)
        assert await pending(engine) == ["points x"]
        works = "SELECT 1"
        assert await migrate(engine) == ["points x"]
        assert await run("SELECT * FROM half") == []


REFUSALS = [
    # (trigger, event, condition, message, after)
    (
        "guarded_small",
        "INSERT",
        "NEW.number > 9 AND EXISTS (SELECT 1 FROM guarded)",
        "it's too big",
        False,
    ),
    (
        "guarded_seven",
        "INSERT",
        "(SELECT COUNT(*) FROM guarded WHERE number = 7) > 1",
        "only one seven",
        True,
    ),
    ("guarded_kept", "DELETE", "OLD.number = 7", "seven stays", False),
    ("guarded_rises", "UPDATE", "NEW.number < OLD.number", "it never falls", False),
]


@pytest.fixture
async def guarded(engine: DatabaseEngine) -> DatabaseEngine:
    kind = engine.engine_type
    await engine.run_ddl(table(kind, "CREATE TABLE guarded (id {identity}, number BIGINT)"))
    for name, event, when, message, after in REFUSALS:
        for statement in refuse(
            kind, name=name, table="guarded", event=event, when=when, message=message, after=after
        ):
            await engine.run_ddl(statement)
    await run("INSERT INTO guarded (number) VALUES (7), (NULL)")
    return engine


@pytest.mark.parametrize(
    ("sql", "name", "message"),
    [
        ("INSERT INTO guarded (number) VALUES (10)", "guarded_small", "it's too big"),
        ("INSERT INTO guarded (number) VALUES (7)", "guarded_seven", "only one seven"),
        ("DELETE FROM guarded WHERE number = 7", "guarded_kept", "seven stays"),
        ("UPDATE guarded SET number = 6 WHERE number = 7", "guarded_rises", "it never falls"),
    ],
)
async def test_a_trigger_refuses_with_its_message_and_name(
    guarded: DatabaseEngine, sql: str, name: str, message: str
) -> None:
    with pytest.raises(REFUSED, match=message) as refused:
        await run(sql)
    assert constraint_of(refused.value) == name


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO guarded (number) VALUES (9)",
        "INSERT INTO guarded (number) VALUES (NULL)",
        "DELETE FROM guarded WHERE number IS NULL",
        "UPDATE guarded SET number = 8 WHERE number = 7",
        "UPDATE guarded SET number = NULL WHERE number = 7",
    ],
)
async def test_a_trigger_lets_pass_what_its_condition_does_not_meet(
    guarded: DatabaseEngine, sql: str
) -> None:
    rows = await run(f"{sql} RETURNING id")
    assert len(rows) == 1


@pytest.mark.parametrize("sql", ["UPDATE kept SET id = 2", "DELETE FROM kept", "TRUNCATE kept"])
async def test_an_append_only_row_stays(engine: DatabaseEngine, sql: str) -> None:
    if sql.startswith("TRUNCATE") and engine.engine_type == "sqlite":
        sql = "DELETE FROM kept"
    await run("CREATE TABLE kept (id BIGINT)")
    await run("INSERT INTO kept VALUES (1)")
    for statement in append_only(engine.engine_type, "kept"):
        await engine.run_ddl(statement)
    with pytest.raises(REFUSED, match="kept is append-only") as refused:
        await run(sql)
    assert constraint_of(refused.value) == "kept_append_only"
    await run("INSERT INTO kept VALUES (2)")
    assert len(await run("SELECT id FROM kept")) == 2


async def test_numbers_of_deleted_rows_are_not_given_again(engine: DatabaseEngine) -> None:
    await run(f"CREATE TABLE numbered (id {identity(engine.engine_type)}, x BIGINT)")
    await run("INSERT INTO numbered (x) VALUES (1), (1)")
    await run("DELETE FROM numbered")
    assert await run("INSERT INTO numbered (x) VALUES (1) RETURNING id") == [{"id": 3}]


async def test_both_engines_have_the_same_tables_and_columns(
    sqlite_url: str, postgres_url: str
) -> None:
    async with running(open_engine(sqlite_url)) as engine:
        assert isinstance(engine, PooledSQLiteEngine)
        in_sqlite = {
            (row["tab"], row["col"])
            for row in await run(
                "SELECT m.name AS tab, c.name AS col FROM sqlite_master m, "
                "pragma_table_info(m.name) c WHERE m.name NOT LIKE 'sqlite%' "
                # To this one rows are given as to the function of the same name there.
                "AND m.name <> 'books_award'"
            )
        }
    async with opened(postgres_url):
        in_postgres = {
            (row["table_name"], row["column_name"])
            for row in await run(
                "SELECT table_name, column_name FROM information_schema.columns "
                "WHERE table_schema = 'public'"
            )
        }
    assert in_sqlite == in_postgres


async def test_every_table_class_has_the_columns_of_the_database(engine: DatabaseEngine) -> None:
    declared, found = {}, {}
    for table_class in (*POINTS.table_classes, *TALENTMAP.table_classes):
        name = table_class._meta.tablename
        # Piccolo invents a Serial for a table whose key is several columns.
        declared[name] = {
            column._meta.db_column_name
            for column in table_class._meta.columns
            if type(column) is not Serial
        }
        found[name] = {row["name"] for row in await run(COLUMNS[engine.engine_type], name)}
    assert found == declared
