"""Bring a database to the schema of this version.

Each migration and the row that records it are one transaction, under a lock, so that any number of
processes may start at once and a crash leaves either all of a migration or nothing.  The record is
Piccolo's own table, and ``piccolo migrations check`` reads it.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.conf.apps import MigrationModule
from piccolo.querystring import QueryString

import points.piccolo_migrations
import talentmap.piccolo_migrations
from points.ddl import table
from web.database import DatabaseEngine

# Points first: the talent map refers to it.
APPS: Final = (
    ("points", points.piccolo_migrations),
    ("talentmap", talentmap.piccolo_migrations),
)
LOCK: Final = 0x6C696E6C69  # "linli"
RECORD: Final = (
    "CREATE TABLE IF NOT EXISTS migration (id {identity}, name VARCHAR(200) NOT NULL DEFAULT '', "
    "app_name VARCHAR(200) NOT NULL DEFAULT '', ran_on TIMESTAMP NOT NULL)"
)


async def migrate(engine: DatabaseEngine) -> list[str]:
    """Run what has not run yet; returns "app id" of each, in order."""
    async with engine.transaction():
        await _lock(engine)
        await engine.run_ddl(table(engine.engine_type, RECORD))
    ran = []
    for app_name, module in _modules():
        if await _ran_now(engine, app_name, module):
            ran.append(f"{app_name} {module.ID}")
    return ran


async def pending(engine: DatabaseEngine) -> list[str]:
    """What ``migrate`` would run, without touching the database."""
    done = await _recorded(engine) if await _is_recording(engine) else set()
    return [
        f"{app_name} {module.ID}"
        for app_name, module in _modules()
        if (app_name, module.ID) not in done
    ]


def _modules() -> Iterator[tuple[str, MigrationModule]]:
    for app_name, package in APPS:
        names = sorted(found.name for found in pkgutil.iter_modules(package.__path__))
        modules = [importlib.import_module(f"{package.__name__}.{name}") for name in names]
        for module in sorted(modules, key=lambda module: str(module.ID)):
            yield app_name, module  # type: ignore[misc]


async def _ran_now(engine: DatabaseEngine, app_name: str, module: MigrationModule) -> bool:
    manager = await module.forwards()
    assert isinstance(manager, MigrationManager)
    async with engine.transaction():
        await _lock(engine)
        if (app_name, module.ID) in await _recorded(engine):
            return False
        for step in manager.raw:
            await step()
        await engine.run_querystring(
            QueryString(
                "INSERT INTO migration (name, app_name, ran_on) VALUES ({}, {}, {})",
                module.ID,
                app_name,
                datetime.now(UTC).replace(tzinfo=None),
            )
        )
    return True


async def _lock(engine: DatabaseEngine) -> None:
    # SQLite needs none: every transaction here is IMMEDIATE, so there is one at a time.
    if engine.engine_type == "postgres":
        await engine.run_ddl(f"SELECT pg_advisory_xact_lock({LOCK})")


async def _recorded(engine: DatabaseEngine) -> set[tuple[str, str]]:
    rows = await engine.run_querystring(QueryString("SELECT app_name, name FROM migration"))
    return {(row["app_name"], row["name"]) for row in rows}


async def _is_recording(engine: DatabaseEngine) -> bool:
    find = {
        "sqlite": "SELECT 1 AS found FROM sqlite_master WHERE name = 'migration'",
        "postgres": "SELECT 1 AS found FROM pg_tables "
        "WHERE schemaname = current_schema() AND tablename = 'migration'",
    }
    return bool(await engine.run_querystring(QueryString(find[engine.engine_type])))
