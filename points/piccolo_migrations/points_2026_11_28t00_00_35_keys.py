"""On PostgreSQL a transfer's accounts and its route are looked up once, not twice.

The guard ``transfer_guarded`` refuses a transfer whose route or account does not exist, and no
account or route is ever deleted; so the foreign keys told nothing new, at the price of a question
and a lock on the row for each of them, on the issuer of the book above all.  What they also did,
to stand in the way of TRUNCATE, is said by name.
"""

from typing import Final

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from points.ddl import ddl_migration

ID = "2026-11-28T00:00:35"
VERSION = "1.38.0"
DESCRIPTION = "keys of a transfer"

GUARDED: Final = ("route_id", "source_id", "target_id")
KEPT: Final = ("account", "holding")


def statements(engine_type: str) -> list[str]:
    """The DDL of this migration, in order."""
    if engine_type == "sqlite":
        return []
    return [
        *(
            f"CREATE TRIGGER {table}_kept_truncate BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_kept()"
            for table in KEPT
        ),
        *(f"ALTER TABLE transfer DROP CONSTRAINT transfer_{key}_fkey" for key in GUARDED),
    ]


async def forwards() -> MigrationManager:
    """Drop them, and guard what they guarded beside."""
    return ddl_migration(ID, "points", DESCRIPTION, statements)
