"""On PostgreSQL an award is one call: the server adds it to where its person stands.

Nothing has to be read first, since an award whose person owes nothing is the same wherever she
stands.  The plans of these functions are made once, and always go by index.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from points.ddl import ddl_migration

ID = "2026-11-28T00:00:32"
VERSION = "1.38.0"
DESCRIPTION = "awards in one call"

PLANNED_ONCE = (
    "SET plan_cache_mode = force_generic_plan SET enable_seqscan = off "
    "SET enable_hashjoin = off SET enable_mergejoin = off"
)

# Arrays side by side, one element for each award.  Entries and sums count from where the person
# stands: this award is her so-manieth entry, and so much more than before is there after it;
# ``last`` says that no other of hers follows.
# No row is told, and nothing is written, where a reference was answered before, an account is not
# open or somebody owes points: then it has to be looked at one by one.
AWARD = f"""
CREATE FUNCTION books_award(
    book BIGINT, wanted TEXT[], hashes TEXT[], reasons TEXT[], notes TEXT[], actors BIGINT[],
    happened TIMESTAMPTZ[], recorded TIMESTAMPTZ[], records BIGINT[], people BIGINT[],
    points BIGINT[], vintages DATE[], entries BIGINT[], sums BIGINT[],
    minutes BIGINT[], minute_entries BIGINT[], minute_sums BIGINT[], last BOOLEAN[]
) RETURNS TABLE (ids BIGINT[], owners BIGINT[], kinds TEXT[], balances BIGINT[])
LANGUAGE plpgsql {PLANNED_ONCE} AS $$
#variable_conflict use_column
DECLARE issuer BIGINT; issuer_minutes BIGINT; owing BIGINT;
BEGIN
    PERFORM pg_advisory_xact_lock(k.lock) FROM
        (SELECT hashtextextended(w, 0) AS lock FROM unnest(wanted) AS w ORDER BY 1) AS k;
    IF EXISTS (SELECT 1 FROM posting p WHERE p.reference = ANY (wanted)
        UNION ALL SELECT 1 FROM refusal r WHERE r.reference = ANY (wanted)) THEN RETURN;
    END IF;
    SELECT array_agg(l.owner_id), array_agg(l.kind), array_agg(l.balance),
        COUNT(*) FILTER (WHERE l.kind = 'arrears' AND l.balance < 0)
    INTO owners, kinds, balances, owing FROM (
        SELECT a.owner_id, a.kind, a.balance FROM account a WHERE a.book_id = book
        AND a.kind IN ('arrears', 'member', 'member_minutes') AND a.owner_id = ANY (people)
        ORDER BY a.id FOR NO KEY UPDATE
    ) AS l;
    IF owing > 0
        OR cardinality(owners) IS DISTINCT FROM 3 * cardinality(array_positions(last, TRUE))
    THEN RETURN; END IF;
    SELECT MIN(a.id) FILTER (WHERE a.kind = 'issuer'),
        MIN(a.id) FILTER (WHERE a.kind = 'issuer_minutes') INTO issuer, issuer_minutes
    FROM account a WHERE a.book_id = book AND a.kind IN ('issuer', 'issuer_minutes')
    AND a.owner_id = 0;
    WITH made AS (
        INSERT INTO posting (book_id, reference, request_hash, kind, reason, details, actor_id,
            happened_at, recorded_at, service_record_id)
        SELECT book, p.reference, p.request_hash, 'award', p.reason, p.details, p.actor_id,
            p.happened_at, p.recorded_at, p.service_record_id
        FROM unnest(wanted, hashes, reasons, notes, actors, happened, recorded, records)
            AS p (reference, request_hash, reason, details, actor_id, happened_at, recorded_at,
                service_record_id)
        RETURNING id, reference
    )
    SELECT array_agg(made.id ORDER BY array_position(wanted, made.reference::TEXT)) INTO ids
    FROM made;
    INSERT INTO transfer (posting_id, line, route_id, source_id, target_id, vintage, amount,
        target_sequence, target_balance)
    SELECT w.id, t.line, t.route, t.source, t.target, t.vintage, t.amount, t.sequence, t.balance
    FROM unnest(ids, people, points, vintages, entries, sums, minutes, minute_entries,
            minute_sums) WITH ORDINALITY
        AS w (id, person, points, vintage, entry, total, minutes, minute_entry, minute_total, nth)
    JOIN account m ON m.book_id = book AND m.kind = 'member' AND m.owner_id = w.person
    JOIN account n ON n.book_id = book AND n.kind = 'member_minutes' AND n.owner_id = w.person
    CROSS JOIN LATERAL (VALUES
        (1, 1, issuer, m.id, w.vintage, w.points, m.sequence + w.entry, m.balance + w.total),
        (CASE WHEN w.points > 0 THEN 2 ELSE 1 END, 3, issuer_minutes, n.id, NULL, w.minutes,
            n.sequence + w.minute_entry, n.balance + w.minute_total)
    ) AS t (line, route, source, target, vintage, amount, sequence, balance)
    WHERE t.amount > 0 ORDER BY w.nth, t.line;
    INSERT INTO holding (account_id, vintage, points)
    SELECT m.id, h.vintage, h.points FROM (
        SELECT w.person, w.vintage, SUM(w.points) AS points
        FROM unnest(people, vintages, points) AS w (person, vintage, points)
        WHERE w.points > 0 GROUP BY w.person, w.vintage
    ) AS h JOIN account m ON m.book_id = book AND m.kind = 'member' AND m.owner_id = h.person
    ON CONFLICT (account_id, vintage) DO UPDATE SET points = holding.points + excluded.points;
    UPDATE account a SET balance = a.balance + s.total, sequence = a.sequence + s.entries
    FROM unnest(people, entries, sums, minute_entries, minute_sums, last)
        AS w (person, entries, total, minute_entries, minute_total, last)
    CROSS JOIN LATERAL (VALUES ('member', w.entries, w.total),
        ('member_minutes', w.minute_entries, w.minute_total)) AS s (kind, entries, total)
    WHERE w.last AND a.book_id = book AND a.kind = s.kind AND a.owner_id = w.person
    AND s.entries > 0;
    RETURN NEXT;
END $$
""".strip()


def statements(engine_type: str) -> list[str]:
    """The DDL of this migration, in order."""
    if engine_type == "sqlite":
        return []
    functions = (
        "books_answers(TEXT[])",
        "books_stand(BIGINT, TEXT[], BIGINT[], BOOLEAN)",
        "books_write(JSONB)",
    )
    return [
        AWARD,
        *(f"ALTER FUNCTION {name} {PLANNED_ONCE}" for name in functions),
    ]


async def forwards() -> MigrationManager:
    """Add the function, and have the others planned once."""
    return ddl_migration(ID, "points", DESCRIPTION, statements)
