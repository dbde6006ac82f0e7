"""Cheaper gates on SQLite: a list of three is a table that each trigger builds for each row.

The guards that cannot concern an award (routes 1, 2 and 3) say so by a comparison now; eight of
them cost a transfer more than everything else about it together.
"""

import re

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from points.ddl import ddl_migration
from points.piccolo_migrations import (
    points_2026_11_27t00_00_07_pools as pools,
)
from points.piccolo_migrations import (
    points_2026_11_27t00_00_11_speed as speed,
)

ID = "2026-11-28T00:00:21"
VERSION = "1.38.0"
DESCRIPTION = "light"

GATED = re.compile(r"CREATE TRIGGER (\w+) .*" + re.escape(speed.NOT_AN_AWARD))


def statements(engine_type: str) -> list[str]:
    """The DDL of this migration, in order."""
    if engine_type != "sqlite":
        return []
    made = [*pools.statements(engine_type), *speed.statements(engine_type)]
    return [
        statement
        for text in made
        if (found := GATED.match(text))
        for statement in (
            f"DROP TRIGGER {found[1]}",
            text.replace(speed.NOT_AN_AWARD, "NEW.route_id > 3"),
        )
    ]


async def forwards() -> MigrationManager:
    """Replace the guards."""
    return ddl_migration(ID, "points", DESCRIPTION, statements)
