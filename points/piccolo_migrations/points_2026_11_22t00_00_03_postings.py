"""Postings and transfers: the immutable part of the books."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from points.ddl import append_only, ddl_migration, refuse, table

ID = "2026-11-22T00:00:03"
VERSION = "1.38.0"
DESCRIPTION = "postings and transfers"

# (id, posting kind, unit, source class, target class).  A move not listed here cannot be stored.
ROUTES = [
    (1, "award", "points", "issuer", "member"),
    (2, "award", "points", "issuer", "arrears"),
    (3, "award", "minutes", "issuer_minutes", "member_minutes"),
    (4, "recount", "points", "issuer", "member"),
    (5, "recount", "points", "issuer", "arrears"),
    (6, "recount", "points", "member", "issuer"),
    (7, "recount", "points", "arrears", "issuer"),
    (10, "reversal", "points", "member", "issuer"),
    (11, "reversal", "points", "commons", "issuer"),
    (12, "reversal", "points", "arrears", "issuer"),
    (13, "reversal", "minutes", "member_minutes", "issuer_minutes"),
    (20, "hold", "points", "member", "redemption"),
    (21, "hold", "points", "member", "activity"),
    (22, "release", "points", "redemption", "member"),
    (23, "release", "points", "activity", "member"),
    (24, "fulfil", "points", "redemption", "redeemed"),
    (25, "fulfil", "points", "activity", "redeemed"),
    (26, "reversal", "points", "redeemed", "member"),
]

TABLES = [
    """CREATE TABLE posting (
        id {identity},
        book_id BIGINT NOT NULL REFERENCES book (id) ON DELETE RESTRICT,
        reference VARCHAR(120) NOT NULL CONSTRAINT posting_reference UNIQUE,
        request_hash VARCHAR(64) NOT NULL,
        kind VARCHAR(16) NOT NULL CONSTRAINT posting_kind CHECK (
            kind IN ('award', 'recount', 'reversal', 'hold', 'release', 'fulfil')
        ),
        reason VARCHAR(300) NOT NULL CONSTRAINT posting_reason CHECK (reason <> ''),
        details TEXT,
        actor_id BIGINT REFERENCES person (id) ON DELETE RESTRICT,
        happened_at TIMESTAMPTZ NOT NULL,
        recorded_at TIMESTAMPTZ NOT NULL,
        reverses_id BIGINT REFERENCES posting (id) ON DELETE RESTRICT,
        service_record_id BIGINT REFERENCES service_record (id) ON DELETE RESTRICT,
        CONSTRAINT posting_evidence CHECK (
            kind NOT IN ('award', 'recount') OR service_record_id IS NOT NULL
        ),
        CONSTRAINT posting_reverses CHECK ((kind = 'reversal') = (reverses_id IS NOT NULL))
    )""",
    "CREATE INDEX posting_reversed_by ON posting (reverses_id) WHERE reverses_id IS NOT NULL",
    "CREATE INDEX posting_of_record ON posting (service_record_id) "
    "WHERE service_record_id IS NOT NULL",
    """CREATE TABLE transfer (
        id {identity},
        posting_id BIGINT NOT NULL REFERENCES posting (id) ON DELETE RESTRICT,
        line INTEGER NOT NULL CONSTRAINT transfer_line_positive CHECK (line >= 1),
        route_id SMALLINT NOT NULL REFERENCES route (id) ON DELETE RESTRICT,
        source_id BIGINT NOT NULL REFERENCES account (id) ON DELETE RESTRICT,
        target_id BIGINT NOT NULL REFERENCES account (id) ON DELETE RESTRICT,
        vintage DATE,
        amount BIGINT NOT NULL CONSTRAINT transfer_amount CHECK (amount > 0),
        source_sequence BIGINT,
        source_balance BIGINT,
        target_sequence BIGINT,
        target_balance BIGINT,
        CONSTRAINT transfer_line UNIQUE (posting_id, line),
        CONSTRAINT transfer_out UNIQUE (source_id, source_sequence),
        CONSTRAINT transfer_in UNIQUE (target_id, target_sequence),
        CONSTRAINT transfer_moves CHECK (source_id <> target_id),
        CONSTRAINT transfer_source_tracked CHECK (
            (source_sequence IS NULL) = (source_balance IS NULL)
        ),
        CONSTRAINT transfer_target_tracked CHECK (
            (target_sequence IS NULL) = (target_balance IS NULL)
        )
    )""",
    """CREATE TABLE refusal (
        reference VARCHAR(120) PRIMARY KEY,
        request_hash VARCHAR(64) NOT NULL,
        code VARCHAR(60) NOT NULL,
        facts TEXT NOT NULL,
        refused_at TIMESTAMPTZ NOT NULL
    )""",
    """CREATE VIEW entry AS
        SELECT source_id AS account_id, source_sequence AS sequence, posting_id, line, vintage,
               target_id AS other_id, -amount AS amount, source_balance AS balance,
               id AS transfer_id
        FROM transfer
        UNION ALL
        SELECT target_id, target_sequence, posting_id, line, vintage,
               source_id, amount, target_balance, id
        FROM transfer""",
]

# The posting's kind, the accounts' classes, their unit and their book must be those of the route.
OFF_ROUTE = (
    "NOT EXISTS (SELECT 1 FROM route r, posting p, account s, account t "
    "WHERE r.id = NEW.route_id AND p.id = NEW.posting_id "
    "AND s.id = NEW.source_id AND t.id = NEW.target_id "
    "AND r.kind = p.kind AND s.kind = r.source_kind AND t.kind = r.target_kind "
    "AND s.unit = r.unit AND t.unit = r.unit "
    "AND s.book_id = p.book_id AND t.book_id = p.book_id "
    "AND s.tracked = (NEW.source_sequence IS NOT NULL) "
    "AND t.tracked = (NEW.target_sequence IS NOT NULL))"
)
UNCONFIRMED = (
    "NEW.kind = 'award' AND NOT EXISTS (SELECT 1 FROM service_record r "
    "WHERE r.id = NEW.service_record_id AND r.state = 'confirmed' AND r.book_id = NEW.book_id)"
)
# Counted per unit over the lines of everything that reverses the same posting.
TOO_MUCH_REVERSED = (
    "EXISTS (SELECT 1 FROM posting p WHERE p.id = NEW.posting_id AND p.reverses_id IS NOT NULL "
    "AND (SELECT COALESCE(SUM(t.amount), 0) FROM transfer t "
    "     JOIN posting q ON q.id = t.posting_id JOIN route r ON r.id = t.route_id "
    "     WHERE q.reverses_id = p.reverses_id "
    "     AND r.unit = (SELECT unit FROM route WHERE id = NEW.route_id)) "
    "  > (SELECT COALESCE(SUM(t.amount), 0) FROM transfer t JOIN route r ON r.id = t.route_id "
    "     WHERE t.posting_id = p.reverses_id "
    "     AND r.unit = (SELECT unit FROM route WHERE id = NEW.route_id)))"
)


def statements(engine_type: str) -> list[str]:
    """The DDL of this migration, in order."""
    routes = [
        f"INSERT INTO route (id, kind, unit, source_kind, target_kind) "
        f"VALUES ({number}, '{kind}', '{unit}', '{source}', '{target}')"
        for number, kind, unit, source, target in ROUTES
    ]
    return [
        *(table(engine_type, sql) for sql in TABLES),
        *routes,
        *append_only(engine_type, "route"),
        *append_only(engine_type, "posting"),
        *append_only(engine_type, "transfer"),
        *append_only(engine_type, "refusal"),
        *refuse(
            engine_type,
            name="transfer_on_route",
            table="transfer",
            event="INSERT",
            when=OFF_ROUTE,
            message="no route allows this transfer",
        ),
        *refuse(
            engine_type,
            name="award_evidence",
            table="posting",
            event="INSERT",
            when=UNCONFIRMED,
            message="an award needs a confirmed service record of its book",
        ),
        *refuse(
            engine_type,
            name="reversal_bound",
            table="transfer",
            event="INSERT",
            when=TOO_MUCH_REVERSED,
            message="a reversal never exceeds what it reverses",
            after=True,
        ),
    ]


async def forwards() -> MigrationManager:
    """Create the tables."""
    return ddl_migration(ID, "points", DESCRIPTION, statements)
