"""Seals over the books, and the salts without which nobody can tell whom a seal speaks of."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from points.ddl import append_only, ddl_migration, refuse, table

ID = "2026-11-27T00:00:06"
VERSION = "1.38.0"
DESCRIPTION = "seals"

TABLES = [
    """CREATE TABLE seal (
        id {identity},
        book_id BIGINT NOT NULL REFERENCES book (id) ON DELETE RESTRICT,
        number INTEGER NOT NULL CONSTRAINT seal_number CHECK (number >= 1),
        first_posting_id BIGINT NOT NULL REFERENCES posting (id) ON DELETE RESTRICT,
        last_posting_id BIGINT NOT NULL CONSTRAINT seal_last UNIQUE
            REFERENCES posting (id) ON DELETE RESTRICT,
        postings INTEGER NOT NULL CONSTRAINT seal_postings CHECK (postings >= 1),
        transfers INTEGER NOT NULL CONSTRAINT seal_transfers CHECK (transfers >= postings),
        root VARCHAR(64) NOT NULL CONSTRAINT seal_root CHECK (length(root) = 64),
        previous VARCHAR(64) NOT NULL CONSTRAINT seal_previous CHECK (length(previous) = 64),
        hash VARCHAR(64) NOT NULL CONSTRAINT seal_hash CHECK (length(hash) = 64),
        issued BIGINT NOT NULL,
        redeemed BIGINT NOT NULL,
        minutes BIGINT NOT NULL,
        sealed_at TIMESTAMPTZ NOT NULL,
        leaves {bytes} NOT NULL CONSTRAINT seal_leaves CHECK (length(leaves) = 32 * transfers),
        CONSTRAINT seal_once UNIQUE (book_id, number),
        CONSTRAINT seal_span CHECK (first_posting_id <= last_posting_id)
    )""",
    """CREATE TABLE seal_salt (
        book_id BIGINT NOT NULL REFERENCES book (id) ON DELETE RESTRICT,
        subject VARCHAR(8) NOT NULL CONSTRAINT seal_salt_subject
            CHECK (subject IN ('book', 'person', 'account')),
        subject_id BIGINT NOT NULL,
        salt VARCHAR(64) NOT NULL CONSTRAINT seal_salt_length CHECK (length(salt) = 64),
        PRIMARY KEY (book_id, subject, subject_id)
    )""",
    """CREATE TABLE seal_remains (
        book_id BIGINT NOT NULL REFERENCES book (id) ON DELETE RESTRICT,
        subject VARCHAR(8) NOT NULL CONSTRAINT seal_remains_subject
            CHECK (subject IN ('person', 'account', 'posting')),
        subject_id BIGINT NOT NULL,
        commitment VARCHAR(64) NOT NULL CONSTRAINT seal_remains_length
            CHECK (length(commitment) = 64),
        PRIMARY KEY (book_id, subject, subject_id)
    )""",
]

TORN = (
    "NOT EXISTS (SELECT 1 FROM posting p, posting q WHERE p.id = NEW.first_posting_id "
    "AND q.id = NEW.last_posting_id AND p.book_id = NEW.book_id AND q.book_id = NEW.book_id) "
    "OR NOT CASE WHEN NEW.number = 1 "
    f"THEN NEW.previous = '{'0' * 64}' "
    "ELSE EXISTS (SELECT 1 FROM seal s WHERE s.book_id = NEW.book_id AND s.number = NEW.number - 1 "
    "AND s.hash = NEW.previous AND s.last_posting_id < NEW.first_posting_id "
    "AND s.sealed_at <= NEW.sealed_at) END"
)
REMAINS = (
    "EXISTS (SELECT 1 FROM seal_remains r WHERE r.book_id = {row}.book_id "
    "AND r.subject = {row}.subject AND r.subject_id = {row}.subject_id)"
)
# (trigger, table, event, condition, message)
REFUSALS = [
    ("seal_follows", "seal", "INSERT", TORN, "a seal follows the last one of its book"),
    ("seal_salt_kept", "seal_salt", "UPDATE", "TRUE", "a salt stays what it is"),
    (
        "seal_salt_erased",
        "seal_salt",
        "INSERT",
        REMAINS.format(row="NEW"),
        "who was erased gets no salt again",
    ),
    (
        "seal_salt_remains",
        "seal_salt",
        "DELETE",
        f"NOT {REMAINS.format(row='OLD')}",
        "a salt goes only when what it stood for is kept",
    ),
]


def statements(engine_type: str) -> list[str]:
    """The DDL of this migration, in order."""
    content = {"sqlite": "BLOB", "postgres": "BYTEA"}[engine_type]
    created = [table(engine_type, sql.replace("{bytes}", content)) for sql in TABLES]
    for name, on, event, when, message in REFUSALS:
        created += refuse(engine_type, name=name, table=on, event=event, when=when, message=message)
    return [*created, *append_only(engine_type, "seal"), *append_only(engine_type, "seal_remains")]


async def forwards() -> MigrationManager:
    """Create the tables."""
    return ddl_migration(ID, "points", DESCRIPTION, statements)
