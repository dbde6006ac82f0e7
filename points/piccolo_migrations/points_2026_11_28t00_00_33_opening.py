"""On PostgreSQL the accounts of a posting are locked, opened and read in one call.

Whoever writes has asked for the reference and holds the accounts, so the writer asks no more.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from points.ddl import ddl_migration
from points.piccolo_migrations.points_2026_11_28t00_00_32_awards import PLANNED_ONCE

ID = "2026-11-28T00:00:33"
VERSION = "1.38.0"
DESCRIPTION = "accounts opened in one call"

# Those that are there are locked first: whoever waits for another's new account holds them already.
OPEN = f"""
CREATE FUNCTION books_open(book BIGINT, kinds TEXT[], owners BIGINT[])
RETURNS TABLE (id BIGINT, kind VARCHAR, owner_id BIGINT, balance BIGINT, sequence BIGINT,
               vintage DATE, points BIGINT, grace_until DATE)
LANGUAGE plpgsql {PLANNED_ONCE} AS $$
#variable_conflict use_column
BEGIN
    PERFORM 1 FROM unnest(kinds, owners) AS n (kind, owner_id)
    JOIN account a ON a.book_id = book AND a.kind = n.kind AND a.owner_id = n.owner_id
    WHERE a.tracked ORDER BY a.id FOR NO KEY UPDATE OF a;
    INSERT INTO account (book_id, kind, owner_id, unit, tracked)
    SELECT book, n.kind, n.owner_id, 'points', TRUE
    FROM unnest(kinds, owners) AS n (kind, owner_id) JOIN book b ON b.id = book
    WHERE n.kind IN ('redemption', 'activity') AND (SELECT COUNT(*) FROM account a
        WHERE a.book_id = book AND a.kind = n.kind AND a.owner_id = n.owner_id) = 0
    ORDER BY n.kind, n.owner_id ON CONFLICT DO NOTHING;
    RETURN QUERY SELECT * FROM books_stand(book, kinds, owners, TRUE);
END $$
""".strip()

WRITE = f"""
CREATE OR REPLACE FUNCTION books_write(content JSONB) RETURNS BIGINT[]
LANGUAGE plpgsql {PLANNED_ONCE} AS $$
DECLARE ids BIGINT[];
BEGIN
    WITH made AS (
        INSERT INTO posting (book_id, reference, request_hash, kind, reason, details, actor_id,
            happened_at, recorded_at, reverses_id, service_record_id)
        SELECT p.book_id, p.reference, p.request_hash, p.kind, p.reason, p.details, p.actor_id,
            p.happened_at, p.recorded_at, p.reverses_id, p.service_record_id
        FROM jsonb_to_recordset(content -> 'postings') AS p (book_id BIGINT,
            reference TEXT, request_hash TEXT, kind TEXT, reason TEXT, details TEXT,
            actor_id BIGINT, happened_at TIMESTAMPTZ, recorded_at TIMESTAMPTZ,
            reverses_id BIGINT, service_record_id BIGINT)
        RETURNING id, reference
    )
    SELECT array_agg(made.id ORDER BY array_position(w.wanted, made.reference::TEXT)) INTO ids
    FROM made, (SELECT array_agg(p.value ->> 'reference' ORDER BY p.number) AS wanted
        FROM jsonb_array_elements(content -> 'postings') WITH ORDINALITY
            AS p (value, number)) AS w;
    INSERT INTO transfer (posting_id, line, route_id, source_id, target_id, vintage, amount,
        source_sequence, source_balance, target_sequence, target_balance)
    SELECT ids[t.posting], t.line, (SELECT r.id FROM route r WHERE r.kind = t.kind
            AND r.unit = t.unit AND r.source_kind = t.source_kind
            AND r.target_kind = t.target_kind),
        t.source_id, t.target_id, t.vintage, t.amount,
        t.source_sequence, t.source_balance, t.target_sequence, t.target_balance
    FROM jsonb_to_recordset(content -> 'transfers') AS t (posting INT, line INT, kind TEXT,
        unit TEXT, source_kind TEXT, target_kind TEXT, source_id BIGINT, target_id BIGINT,
        vintage DATE, amount BIGINT, source_sequence BIGINT, source_balance BIGINT,
        target_sequence BIGINT, target_balance BIGINT)
    ORDER BY t.posting, t.line;
    INSERT INTO holding (account_id, vintage, points, grace_until)
    SELECT h.id, h.vintage, h.points, h.grace
    FROM jsonb_to_recordset(content -> 'holdings')
        AS h (id BIGINT, vintage DATE, points BIGINT, grace DATE)
    ON CONFLICT (account_id, vintage) DO UPDATE
    SET points = excluded.points, grace_until = excluded.grace_until;
    UPDATE account SET balance = s.balance, sequence = s.sequence
    FROM jsonb_to_recordset(content -> 'stands')
        AS s (id BIGINT, balance BIGINT, sequence BIGINT)
    WHERE account.id = s.id;
    RETURN ids;
END $$
""".strip()


def statements(engine_type: str) -> list[str]:
    """The DDL of this migration, in order."""
    return [] if engine_type == "sqlite" else [OPEN, WRITE]


async def forwards() -> MigrationManager:
    """Add one function, and replace another."""
    return ddl_migration(ID, "points", DESCRIPTION, statements)
