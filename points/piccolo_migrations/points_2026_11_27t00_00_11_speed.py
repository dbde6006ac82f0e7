"""Fewer questions for each posting: guards that cannot concern an award do not look at it.

On PostgreSQL a posting is written by one function, so that it costs one round trip and the order
of its parts (reference, accounts by number, then the rows) is the same for everybody.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from points.ddl import ddl_migration, refuse
from points.piccolo_migrations import (
    points_2026_11_22t00_00_03_postings as postings,
)
from points.piccolo_migrations import (
    points_2026_11_22t00_00_05_expiry as expiry,
)

ID = "2026-11-27T00:00:11"
VERSION = "1.38.0"
DESCRIPTION = "speed"

# The routes of awards.  That a posting of another kind cannot take them is transfer_on_route's.
NOT_AN_AWARD = "NEW.route_id NOT IN (1, 2, 3)"
GATED = ("reversal_bound", "transfer_expired", "transfer_in_time")

CHAINED = """
CREATE OR REPLACE FUNCTION transfer_chained() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE taken BIGINT; stood BIGINT;
BEGIN
    IF NEW.source_sequence IS NOT NULL THEN
        SELECT COUNT(*) FILTER (WHERE e.number = NEW.source_sequence),
            MAX(e.balance) FILTER (WHERE e.number = NEW.source_sequence - 1) INTO taken, stood
        FROM (SELECT source_sequence AS number, source_balance AS balance FROM transfer
              WHERE source_id = NEW.source_id
              AND source_sequence BETWEEN NEW.source_sequence - 1 AND NEW.source_sequence
              UNION ALL SELECT target_sequence, target_balance FROM transfer
              WHERE target_id = NEW.source_id
              AND target_sequence BETWEEN NEW.source_sequence - 1 AND NEW.source_sequence) AS e;
        IF NEW.source_sequence = 1 THEN stood := 0; END IF;
        IF taken > 0 OR stood IS NULL OR stood - NEW.amount <> NEW.source_balance THEN {raise}
        END IF;
    END IF;
    IF NEW.target_sequence IS NOT NULL THEN
        SELECT COUNT(*) FILTER (WHERE e.number = NEW.target_sequence),
            MAX(e.balance) FILTER (WHERE e.number = NEW.target_sequence - 1) INTO taken, stood
        FROM (SELECT source_sequence AS number, source_balance AS balance FROM transfer
              WHERE source_id = NEW.target_id
              AND source_sequence BETWEEN NEW.target_sequence - 1 AND NEW.target_sequence
              UNION ALL SELECT target_sequence, target_balance FROM transfer
              WHERE target_id = NEW.target_id
              AND target_sequence BETWEEN NEW.target_sequence - 1 AND NEW.target_sequence) AS e;
        IF NEW.target_sequence = 1 THEN stood := 0; END IF;
        IF taken > 0 OR stood IS NULL OR stood + NEW.amount <> NEW.target_balance THEN {raise}
        END IF;
    END IF;
    RETURN NEW;
END $$
""".replace(
    "{raise}",
    "RAISE EXCEPTION USING MESSAGE = 'an entry follows the last one of its account', "
    "ERRCODE = 'restrict_violation', CONSTRAINT = 'transfer_chained';",
).strip()

# Where the accounts stand and what they hold; locked by ascending number if asked for.
STAND = """
CREATE FUNCTION books_stand(book BIGINT, kinds TEXT[], owners BIGINT[], locked BOOLEAN)
RETURNS TABLE (id BIGINT, kind VARCHAR, owner_id BIGINT, balance BIGINT, sequence BIGINT,
               vintage DATE, points BIGINT, grace_until DATE)
LANGUAGE plpgsql AS $$
DECLARE mine BIGINT[];
BEGIN
    IF locked THEN
        SELECT array_agg(l.id) INTO mine FROM (
            SELECT a.id FROM account a JOIN unnest(kinds, owners) AS n (kind, owner_id)
                ON a.book_id = book AND a.kind = n.kind AND a.owner_id = n.owner_id
            WHERE a.tracked ORDER BY a.id FOR NO KEY UPDATE OF a
        ) AS l;
    END IF;
    -- An account that was opened while the others were locked is not locked: it is not told.
    RETURN QUERY SELECT a.id, a.kind, a.owner_id, a.balance, a.sequence,
        h.vintage, h.points, h.grace_until
    FROM unnest(kinds, owners) AS n (kind, owner_id)
    JOIN account a ON a.book_id = book AND a.kind = n.kind AND a.owner_id = n.owner_id
    LEFT JOIN holding h ON h.account_id = a.id AND (h.points > 0 OR h.grace_until IS NOT NULL)
    WHERE NOT locked OR NOT a.tracked OR a.id = ANY (mine)
    ORDER BY a.id, h.vintage;
END $$
""".strip()

# One caller at a time per reference; whoever waited sees here what the first one did.
ANSWERS = """
CREATE FUNCTION books_answers(wanted TEXT[])
RETURNS TABLE (id BIGINT, reference VARCHAR, request_hash VARCHAR, code VARCHAR, facts TEXT)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(k.lock) FROM
        (SELECT hashtextextended(w, 0) AS lock FROM unnest(wanted) AS w ORDER BY 1) AS k;
    RETURN QUERY
        SELECT p.id, p.reference, p.request_hash, ''::VARCHAR, ''::TEXT FROM posting p
        WHERE p.reference = ANY (wanted)
        UNION ALL SELECT NULL, r.reference, r.request_hash, r.code, r.facts FROM refusal r
        WHERE r.reference = ANY (wanted);
END $$
""".strip()

# Nothing is written, and the answer is NULL, where a reference was answered before or an account
# no longer stands where the writer read it: then he reads again under locks.
WRITE = """
CREATE FUNCTION books_write(content JSONB) RETURNS BIGINT[] LANGUAGE plpgsql AS $$
DECLARE wanted TEXT[]; ids BIGINT[];
BEGIN
    wanted := ARRAY(SELECT p ->> 'reference' FROM jsonb_array_elements(content -> 'postings') AS p);
    IF EXISTS (SELECT 1 FROM books_answers(wanted)) THEN RETURN NULL; END IF;
    PERFORM 1 FROM account a WHERE a.id = ANY (
        ARRAY(SELECT (s ->> 'id')::BIGINT FROM jsonb_array_elements(content -> 'stands') AS s))
    ORDER BY a.id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT 1 FROM jsonb_to_recordset(content -> 'stands') AS s (id BIGINT, stood BIGINT)
        JOIN account a ON a.id = s.id WHERE a.sequence <> s.stood
    ) THEN RETURN NULL; END IF;
    WITH made AS (
        INSERT INTO posting (book_id, reference, request_hash, kind, reason, details, actor_id,
            happened_at, recorded_at, reverses_id, service_record_id)
        SELECT p.book_id, p.reference, p.request_hash, p.kind, p.reason, p.details, p.actor_id,
            p.happened_at, p.recorded_at, p.reverses_id, p.service_record_id
        FROM jsonb_to_recordset(content -> 'postings') AS p (number INT, book_id BIGINT,
            reference TEXT, request_hash TEXT, kind TEXT, reason TEXT, details TEXT,
            actor_id BIGINT, happened_at TIMESTAMPTZ, recorded_at TIMESTAMPTZ,
            reverses_id BIGINT, service_record_id BIGINT)
        ORDER BY p.number RETURNING id, reference
    )
    SELECT array_agg(made.id ORDER BY w.number) INTO ids
    FROM unnest(wanted) WITH ORDINALITY AS w (reference, number)
    JOIN made ON made.reference = w.reference;
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
    known = [*postings.REFUSALS, *_of_expiry(engine_type)]
    gated = [
        statement
        for name, table, event, when, message, after in known
        if name in GATED
        for statement in _gated(engine_type, name, table, event, when, message, after)
    ]
    return [*gated, CHAINED, STAND, ANSWERS, WRITE] if engine_type == "postgres" else gated


def _of_expiry(engine_type: str) -> list[tuple[str, str, str, str, str, bool]]:
    days = {"day": expiry.DAY[engine_type], "day_before": expiry.DAY_BEFORE[engine_type]}
    return [
        (name, "transfer", "INSERT", when.format(**days), message, False)
        for name, when, message in expiry.REFUSALS
    ]


def _gated(
    engine_type: str, name: str, table: str, event: str, when: str, message: str, after: bool
) -> list[str]:
    if engine_type == "sqlite":
        return [
            f"DROP TRIGGER {name}",
            *refuse(
                engine_type,
                name=name,
                table=table,
                event=event,
                when=f"{NOT_AN_AWARD} AND ({when})",
                message=message,
                after=after,
            ),
        ]
    moment = "AFTER" if after else "BEFORE"
    return [
        f"DROP TRIGGER {name} ON {table}",
        f"CREATE TRIGGER {name} {moment} {event} ON {table} FOR EACH ROW "
        f"WHEN ({NOT_AN_AWARD}) EXECUTE FUNCTION {name}()",
    ]


async def forwards() -> MigrationManager:
    """Replace the guards and add the functions."""
    return ddl_migration(ID, "points", DESCRIPTION, statements)
