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
            kind IN ('award', 'recount', 'reversal', 'hold', 'release', 'fulfil', 'expire')
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
    "CREATE UNIQUE INDEX posting_one_award ON posting (service_record_id) WHERE kind = 'award'",
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
# What stands in a tracked account has a sequence and a balance of the right sign; points that
# somebody has are of a vintage, minutes and debts are not.
OFF_ROUTE = (
    "NOT EXISTS (SELECT 1 FROM route r, posting p, account s, account t "
    "WHERE r.id = NEW.route_id AND p.id = NEW.posting_id "
    "AND s.id = NEW.source_id AND t.id = NEW.target_id "
    "AND r.kind = p.kind AND s.kind = r.source_kind AND t.kind = r.target_kind "
    "AND s.unit = r.unit AND t.unit = r.unit "
    "AND s.book_id = p.book_id AND t.book_id = p.book_id "
    "AND s.tracked = (NEW.source_sequence IS NOT NULL) "
    "AND t.tracked = (NEW.target_sequence IS NOT NULL) "
    "AND (NEW.vintage IS NOT NULL) "
    "    = (r.unit = 'points' AND s.kind <> 'arrears' AND t.kind <> 'arrears') "
    "AND CASE WHEN s.kind = 'arrears' THEN NEW.source_balance <= 0 "
    "         ELSE COALESCE(NEW.source_balance, 0) >= 0 END "
    "AND CASE WHEN t.kind = 'arrears' THEN NEW.target_balance <= 0 "
    "         ELSE COALESCE(NEW.target_balance, 0) >= 0 END)"
)
# A month's last day, so that an account holds a handful of vintages.
NOT_A_MONTHS_END = {
    "sqlite": "strftime('%d', NEW.vintage, '+1 day') <> '01'",
    "postgres": "EXTRACT(DAY FROM NEW.vintage + 1) <> 1",
}


def _unchained(side: str, sign: str) -> str:
    """Whether the entry on this side does not follow the last entry of its account."""
    account, number, balance = f"NEW.{side}_id", f"NEW.{side}_sequence", f"NEW.{side}_balance"
    before = " OR ".join(
        f"EXISTS (SELECT 1 FROM transfer e WHERE e.{other}_id = {account} "
        f"AND e.{other}_sequence = {number} - 1 "
        f"AND e.{other}_balance {sign} NEW.amount = {balance})"
        for other in ("source", "target")
    )
    taken = " OR ".join(
        f"EXISTS (SELECT 1 FROM transfer e WHERE e.{other}_id = {account} "
        f"AND e.{other}_sequence = {number})"
        for other in ("source", "target")
    )
    first = f"{number} = 1 AND {balance} = 0 {sign} NEW.amount"
    return f"({number} IS NOT NULL AND (({taken}) OR NOT ({first} OR {before})))"


UNCHAINED = f"{_unchained('source', '-')} OR {_unchained('target', '+')}"
# An award is made to the person who served, with exactly the minutes she served.
NOT_EARNED = (
    "EXISTS (SELECT 1 FROM posting p, service_record r, account a, account b "
    "WHERE p.id = NEW.posting_id AND p.kind IN ('award', 'recount') "
    "AND r.id = p.service_record_id AND a.id = NEW.source_id AND b.id = NEW.target_id "
    "AND (COALESCE(a.person_id, r.person_id) <> r.person_id "
    "     OR COALESCE(b.person_id, r.person_id) <> r.person_id "
    "     OR r.book_id <> p.book_id "
    "     OR (b.kind = 'member_minutes' AND NEW.amount <> r.minutes)))"
)
# A stored balance is that of the last entry, and as much as the vintages hold.
UNENTERED = (
    "NEW.sequence < OLD.sequence "
    "OR ((NEW.balance <> OLD.balance OR NEW.sequence <> OLD.sequence) AND ("
    "NOT EXISTS (SELECT 1 FROM transfer e WHERE e.source_id = NEW.id "
    "AND e.source_sequence = NEW.sequence AND e.source_balance = NEW.balance) "
    "AND NOT EXISTS (SELECT 1 FROM transfer e WHERE e.target_id = NEW.id "
    "AND e.target_sequence = NEW.sequence AND e.target_balance = NEW.balance) "
    "OR NEW.kind NOT IN ('arrears', 'member_minutes') AND NEW.balance <> "
    "(SELECT COALESCE(SUM(h.points), 0) FROM holding h WHERE h.account_id = NEW.id)))"
)
RENAMED = (
    "NEW.id <> OLD.id OR NEW.book_id <> OLD.book_id OR NEW.kind <> OLD.kind "
    "OR NEW.owner_id <> OLD.owner_id OR NEW.unit <> OLD.unit OR NEW.tracked <> OLD.tracked"
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


# (name, table, event, condition, message, whether it looks after the fact)
REFUSALS = [
    ("transfer_on_route", "transfer", "INSERT", OFF_ROUTE, "no route allows this transfer", False),
    (
        "transfer_chained",
        "transfer",
        "INSERT",
        UNCHAINED,
        "an entry follows the last one of its account",
        False,
    ),
    (
        "award_evidence",
        "posting",
        "INSERT",
        UNCONFIRMED,
        "an award needs a confirmed service record of its book",
        False,
    ),
    (
        "award_as_served",
        "transfer",
        "INSERT",
        NOT_EARNED,
        "an award goes to the person who served, with the minutes she served",
        False,
    ),
    (
        "reversal_bound",
        "transfer",
        "INSERT",
        TOO_MUCH_REVERSED,
        "a reversal never exceeds what it reverses",
        True,
    ),
    (
        "account_empty_at_first",
        "account",
        "INSERT",
        "NEW.balance <> 0 OR NEW.sequence <> 0",
        "an account is opened empty",
        False,
    ),
    ("account_same", "account", "UPDATE", RENAMED, "an account stays what it is", False),
    (
        "account_as_entered",
        "account",
        "UPDATE",
        UNENTERED,
        "a stored balance is that of the last entry and of the holdings",
        False,
    ),
    ("account_kept", "account", "DELETE", "TRUE", "an account is never deleted", False),
    ("holding_kept", "holding", "DELETE", "TRUE", "a holding is never deleted", False),
]


def statements(engine_type: str) -> list[str]:
    """The DDL of this migration, in order."""
    routes = [
        f"INSERT INTO route (id, kind, unit, source_kind, target_kind) "
        f"VALUES ({number}, '{kind}', '{unit}', '{source}', '{target}')"
        for number, kind, unit, source, target in ROUTES
    ]
    by_engine = (
        "transfer_vintage",
        "transfer",
        "INSERT",
        NOT_A_MONTHS_END[engine_type],
        "a vintage is the last day of a month",
        False,
    )
    return [
        *(table(engine_type, sql) for sql in TABLES),
        *routes,
        *(
            statement
            for kept in ("book", "route", "posting", "transfer", "refusal")
            for statement in append_only(engine_type, kept)
        ),
        *(
            statement
            for name, of, event, when, message, after in [*REFUSALS, by_engine]
            for statement in refuse(
                engine_type,
                name=name,
                table=of,
                event=event,
                when=when,
                message=message,
                after=after,
            )
        ),
    ]


async def forwards() -> MigrationManager:
    """Create the tables."""
    return ddl_migration(ID, "points", DESCRIPTION, statements)
