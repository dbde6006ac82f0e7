"""What a book owes: sums by day, what is alive by expiry, and what sponsors promised."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from points.ddl import ddl_migration, table

ID = "2026-11-27T00:00:12"
VERSION = "1.38.0"
DESCRIPTION = "what a book owes"

TABLES = [
    # The last posting of each day, so that later days are found without a search by time.
    """CREATE TABLE outlook_mark (
        day DATE PRIMARY KEY,
        posting_id BIGINT NOT NULL CONSTRAINT outlook_mark_posting CHECK (posting_id >= 0)
    )""",
    """CREATE TABLE book_day (
        book_id BIGINT NOT NULL REFERENCES book (id) ON DELETE RESTRICT,
        day DATE NOT NULL,
        flow VARCHAR(16) NOT NULL CONSTRAINT book_day_flow CHECK (
            flow IN ('issued', 'taken_back', 'redeemed', 'returned', 'expired')
        ),
        points BIGINT NOT NULL CONSTRAINT book_day_points CHECK (points > 0),
        PRIMARY KEY (book_id, day, flow)
    )""",
    """CREATE TABLE book_alive (
        book_id BIGINT NOT NULL REFERENCES book (id) ON DELETE RESTRICT,
        vintage DATE NOT NULL,
        points BIGINT NOT NULL CONSTRAINT book_alive_points CHECK (points > 0),
        reckoned_at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (book_id, vintage)
    )""",
    """CREATE TABLE sponsor_pledge (
        id {identity},
        book_id BIGINT NOT NULL REFERENCES book (id) ON DELETE RESTRICT,
        sponsor VARCHAR(80) NOT NULL CONSTRAINT sponsor_named CHECK (length(sponsor) > 0),
        points BIGINT NOT NULL CONSTRAINT sponsor_points CHECK (points BETWEEN 1 AND 10000000),
        due_on DATE NOT NULL,
        note VARCHAR(200) NOT NULL DEFAULT '',
        recorded_by BIGINT NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
        recorded_at TIMESTAMPTZ NOT NULL,
        closed_by BIGINT REFERENCES person (id) ON DELETE RESTRICT,
        closed_at TIMESTAMPTZ,
        CONSTRAINT sponsor_closed CHECK ((closed_by IS NULL) = (closed_at IS NULL))
    )""",
    "CREATE INDEX sponsor_pledge_open ON sponsor_pledge (book_id, due_on) WHERE closed_at IS NULL",
]


def statements(engine_type: str) -> list[str]:
    """The DDL of this migration, in order."""
    return [table(engine_type, sql) for sql in TABLES]


async def forwards() -> MigrationManager:
    """Create the tables."""
    return ddl_migration(ID, "points", DESCRIPTION, statements)
