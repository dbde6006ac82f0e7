"""Where areas lie."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from points.ddl import ddl_migration, table

ID = "2026-11-22T00:00:11"
VERSION = "1.38.0"
DESCRIPTION = "places"

TABLES = [
    """CREATE TABLE place (
        id {identity},
        area_id BIGINT NOT NULL CONSTRAINT place_area UNIQUE
            REFERENCES area (id) ON DELETE RESTRICT,
        lat DOUBLE PRECISION NOT NULL CONSTRAINT place_lat CHECK (lat BETWEEN -90 AND 90),
        lon DOUBLE PRECISION NOT NULL CONSTRAINT place_lon CHECK (lon BETWEEN -180 AND 180),
        rings TEXT,
        south DOUBLE PRECISION,
        west DOUBLE PRECISION,
        north DOUBLE PRECISION,
        east DOUBLE PRECISION,
        source_datum VARCHAR(8) NOT NULL
            CONSTRAINT place_datum CHECK (source_datum IN ('wgs84', 'gcj02', 'bd09')),
        source_key VARCHAR(64) NOT NULL CONSTRAINT place_source UNIQUE,
        imported_at TIMESTAMPTZ NOT NULL
    )""",
    "CREATE INDEX place_where ON place (lat, lon)",
]


def statements(engine_type: str) -> list[str]:
    """The DDL of this migration, in order."""
    return [table(engine_type, sql) for sql in TABLES]


async def forwards() -> MigrationManager:
    """Create the tables."""
    return ddl_migration(ID, "talentmap", DESCRIPTION, statements)
