"""On SQLite the entries of an award are one row for the database: it adds them to what stands.

The triggers of the tables that they write to guard them as they guard whoever writes by hand.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from points.ddl import ddl_migration

ID = "2026-11-28T00:00:34"
VERSION = "1.38.0"
DESCRIPTION = "entries of an award"

VIEW = """
CREATE VIEW books_award AS SELECT
    id AS posting_id, 0 AS issuer_id, 0 AS issuer_minutes_id, 0 AS member_id, 0 AS minutes_id,
    0 AS points, NULL AS vintage, 0 AS minutes
FROM posting WHERE FALSE
""".strip()

# Values, not queries: for the rows of a query that fires triggers SQLite builds a table first.
ENTRY = """
INSERT INTO transfer (posting_id, line, route_id, source_id, target_id, vintage, amount,
    target_sequence, target_balance)
VALUES (NEW.posting_id, {line}, {route}, {source}, {target}, {vintage}, {amount},
    (SELECT sequence + 1 FROM account WHERE id = {target}),
    (SELECT balance + {amount} FROM account WHERE id = {target}));
""".strip()
STAND = """
UPDATE account SET balance = balance + {amount}, sequence = sequence + 1 WHERE id = {target};
""".strip()
HOLD = """
INSERT INTO holding (account_id, vintage, points) VALUES ({target}, {vintage}, {amount})
ON CONFLICT (account_id, vintage) DO UPDATE SET points = points + excluded.points;
""".strip()
POINTS = {
    "line": "1",
    "route": "1",
    "source": "NEW.issuer_id",
    "target": "NEW.member_id",
    "vintage": "NEW.vintage",
    "amount": "NEW.points",
}
MINUTES = {
    "line": "1 + (NEW.points > 0)",
    "route": "3",
    "source": "NEW.issuer_minutes_id",
    "target": "NEW.minutes_id",
    "vintage": "NULL",
    "amount": "NEW.minutes",
}


def statements(engine_type: str) -> list[str]:
    """The DDL of this migration, in order."""
    if engine_type != "sqlite":
        return []
    return [
        VIEW,
        _entered("points", "NEW.points > 0", (ENTRY + HOLD + STAND).format(**POINTS)),
        _entered("minutes", "TRUE", (ENTRY + STAND).format(**MINUTES)),
    ]


def _entered(unit: str, when: str, body: str) -> str:
    return (
        f"CREATE TRIGGER books_award_{unit} INSTEAD OF INSERT ON books_award "
        f"FOR EACH ROW WHEN ({when}) BEGIN {body} END"
    )


async def forwards() -> MigrationManager:
    """Add the view and what it does."""
    return ddl_migration(ID, "points", DESCRIPTION, statements)
