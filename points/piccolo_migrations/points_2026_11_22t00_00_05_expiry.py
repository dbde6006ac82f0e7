"""Points that expire: the way to the commons, and the grace of those who had to wait."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from points.ddl import ddl_migration, refuse

ID = "2026-11-22T00:00:05"
VERSION = "1.38.0"
DESCRIPTION = "expiry and grace"

COLUMNS = [
    "ALTER TABLE holding ADD COLUMN grace_until DATE "
    "CONSTRAINT holding_grace CHECK (grace_until > vintage)",
    # What a sweep looks for, and nothing else: empty holdings stay for ever, but not in here.
    "CREATE INDEX holding_of_vintage ON holding (vintage, account_id) WHERE points > 0",
    "INSERT INTO route (id, kind, unit, source_kind, target_kind) "
    "VALUES (30, 'expire', 'points', 'member', 'commons')",
]

# A day in UTC and one anywhere else differ by one at most.
DAY = {"sqlite": "date(p.happened_at)", "postgres": "(p.happened_at AT TIME ZONE 'UTC')::date"}
DAY_BEFORE = {
    "sqlite": "date(p.happened_at, '-1 day')",
    "postgres": "((p.happened_at AT TIME ZONE 'UTC')::date - 1)",
}
# Before the posting was made, its points could still be spent.
TOO_SOON = (
    "EXISTS (SELECT 1 FROM posting p WHERE p.id = NEW.posting_id AND p.kind = 'expire' "
    "AND NEW.vintage > {day})"
)
TOO_LATE = (
    "EXISTS (SELECT 1 FROM posting p WHERE p.id = NEW.posting_id AND p.kind = 'hold' "
    "AND NEW.vintage < {day_before} AND NOT EXISTS (SELECT 1 FROM holding h "
    "WHERE h.account_id = NEW.source_id AND h.vintage = NEW.vintage "
    "AND h.grace_until >= {day_before}))"
)

# (trigger, condition, message)
REFUSALS = [
    ("transfer_expired", TOO_SOON, "points expire after their last day, not before"),
    ("transfer_in_time", TOO_LATE, "points that have expired are not spent"),
]


def statements(engine_type: str) -> list[str]:
    """The DDL of this migration, in order."""
    days = {"day": DAY[engine_type], "day_before": DAY_BEFORE[engine_type]}
    return [
        *COLUMNS,
        *(
            statement
            for name, when, message in REFUSALS
            for statement in refuse(
                engine_type,
                name=name,
                table="transfer",
                event="INSERT",
                when=when.format(**days),
                message=message,
            )
        ),
    ]


async def forwards() -> MigrationManager:
    """Add the column, the route and the guards."""
    return ddl_migration(ID, "points", DESCRIPTION, statements)
