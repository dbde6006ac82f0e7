"""What must be true of the books, each as one question to the database: where is it not?

Every question is a single statement, so that it sees one moment of the books while others write,
and is asked for a range of ids at a time (``{low}`` up to but not including ``{high}``).  ``{day}``
is the day in UTC on which the posting ``p`` happened, ``{grace_ends}`` the last day of a grace that
it can have given; either is a day off at most from the one in the area.
That the vintages of an account add up to its balance follows from three of them: each vintage is
what came minus what went, each transfer of such an account is of a vintage, the balance is the sum.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal

Row = dict[str, Any]
Table = Literal["account", "posting", "service_record", "pool_decision"]


@dataclass(frozen=True, slots=True)
class Problem:
    """A place of the books where something does not hold, in words."""

    place: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class Check:
    """A question asked for ranges of ids of a table; each row that comes back is a problem.

    The words take the row's columns, its ``posting`` and its ``account`` by name.
    """

    table: Table
    sql: str
    place: str
    expected: str
    found: str

    def problem(self, row: Row) -> Problem:
        """What a row says, in words."""
        facts = {**row, "posting": f"posting {row.get('posting_id')} ({row.get('reference')})"}
        owner = f":{row['owner_id']}" if row.get("owner_id") else ""
        facts["account"] = f"{row.get('kind')}{owner}"
        return Problem(
            place=self.place.format_map(facts),
            expected=self.expected.format_map(facts),
            found=self.found.format_map(facts),
        )


ENTRIES = (
    "SELECT source_id AS account_id, source_sequence AS sequence, -amount AS amount, "
    "source_balance AS balance, id AS transfer_id, posting_id FROM transfer "
    "WHERE source_id >= {low} AND source_id < {high} AND source_sequence IS NOT NULL "
    "UNION ALL SELECT target_id, target_sequence, amount, target_balance, id, posting_id "
    "FROM transfer "
    "WHERE target_id >= {low} AND target_id < {high} AND target_sequence IS NOT NULL"
)

# ``gap``: how far the balance is from the one before it and the amount; ``drift``: how far it is
# from the sum of all amounts so far.  A wrong balance also tears its successor, which is not to
# blame: it agrees with the sum.
CHAIN = f"""
SELECT b.*, b.sequence_before + 1 AS due_sequence, b.before + b.amount AS due, p.reference,
    a.kind, a.owner_id
FROM (
    SELECT l.*, COALESCE(LAG(gap) OVER w, 0) AS gap_before
    FROM (
        SELECT e.*, COALESCE(LAG(balance) OVER w, 0) AS before,
            COALESCE(LAG(sequence) OVER w, 0) AS sequence_before,
            balance - amount - COALESCE(LAG(balance) OVER w, 0) AS gap,
            balance - SUM(amount) OVER (w ROWS UNBOUNDED PRECEDING) AS drift
        FROM ({ENTRIES}) AS e
        WINDOW w AS (PARTITION BY account_id ORDER BY sequence, transfer_id)
    ) AS l
    WINDOW w AS (PARTITION BY account_id ORDER BY sequence, transfer_id)
) AS b
JOIN account a ON a.id = b.account_id
JOIN posting p ON p.id = b.posting_id
WHERE b.sequence <> b.sequence_before + 1
    OR b.balance < 0 AND a.kind <> 'arrears' OR b.balance > 0 AND a.kind = 'arrears'
    OR b.gap <> 0 AND NOT (b.drift = 0 AND b.gap_before <> 0)
ORDER BY b.account_id, b.sequence
"""

STORED = f"""
SELECT a.id, a.kind, a.owner_id, a.balance, a.sequence,
    COALESCE(l.balance, 0) AS last_balance, COALESCE(l.sequence, 0) AS last_sequence
FROM account a
LEFT JOIN (
    SELECT e.*, SUM(amount) OVER (PARTITION BY account_id) AS total,
        ROW_NUMBER() OVER (PARTITION BY account_id ORDER BY sequence DESC) AS newest
    FROM ({ENTRIES}) AS e
) AS l ON l.account_id = a.id AND l.newest = 1
WHERE a.id >= {{low}} AND a.id < {{high}} AND (
    a.sequence <> COALESCE(l.sequence, 0)
    OR a.balance <> COALESCE(l.balance, 0) AND a.balance <> COALESCE(l.total, 0))
ORDER BY a.id
"""

HOLDINGS = """
SELECT a.id, a.kind, a.owner_id, m.vintage, SUM(m.stored) AS stored, SUM(m.moved) AS moved
FROM (
    SELECT account_id, vintage, points AS stored, 0 AS moved FROM holding
    WHERE account_id >= {low} AND account_id < {high}
    UNION ALL SELECT target_id, vintage, 0, amount FROM transfer
    WHERE target_id >= {low} AND target_id < {high} AND vintage IS NOT NULL
        AND target_sequence IS NOT NULL
    UNION ALL SELECT source_id, vintage, 0, -amount FROM transfer
    WHERE source_id >= {low} AND source_id < {high} AND vintage IS NOT NULL
        AND source_sequence IS NOT NULL
) AS m
JOIN account a ON a.id = m.account_id
GROUP BY a.id, a.kind, a.owner_id, m.vintage
HAVING SUM(m.stored) <> SUM(m.moved)
ORDER BY a.id, m.vintage
"""

LINES = """
SELECT p.id AS posting_id, p.reference, COUNT(t.id) AS transfers,
    COALESCE(CAST(MAX(t.line) AS TEXT), 'at least 1') AS due
FROM posting p LEFT JOIN transfer t ON t.posting_id = p.id
WHERE p.id >= {low} AND p.id < {high}
GROUP BY p.id, p.reference
HAVING COUNT(t.id) = 0 OR COUNT(t.id) <> MAX(t.line)
ORDER BY p.id
"""

ROUTES = """
SELECT x.id AS transfer_id, p.id AS posting_id, p.reference, p.kind,
    s.kind AS source_kind, t.kind AS target_kind, r.kind AS route_kind
FROM posting p
JOIN transfer x ON x.posting_id = p.id
LEFT JOIN route r ON r.id = x.route_id
LEFT JOIN account s ON s.id = x.source_id
LEFT JOIN account t ON t.id = x.target_id
WHERE p.id >= {low} AND p.id < {high} AND NOT COALESCE(
    x.amount > 0 AND r.kind = p.kind AND r.source_kind = s.kind AND r.target_kind = t.kind
    AND r.unit = s.unit AND r.unit = t.unit AND s.book_id = p.book_id AND t.book_id = p.book_id
    AND (x.source_sequence IS NOT NULL) = s.tracked
    AND (x.target_sequence IS NOT NULL) = t.tracked
    AND (x.vintage IS NOT NULL)
        = (r.unit = 'points' AND s.kind <> 'arrears' AND t.kind <> 'arrears'), FALSE)
ORDER BY x.id
"""

REVERSALS = """
SELECT p.id AS posting_id, p.reference, r.unit,
    SUM(CASE WHEN q.id = p.id THEN t.amount ELSE 0 END) AS moved,
    SUM(CASE WHEN q.id = p.id THEN 0 ELSE t.amount END) AS reversed
FROM posting p
JOIN posting q ON q.id = p.id OR q.reverses_id = p.id
JOIN transfer t ON t.posting_id = q.id
JOIN route r ON r.id = t.route_id
WHERE p.id >= {low} AND p.id < {high}
    AND EXISTS (SELECT 1 FROM posting e WHERE e.reverses_id = p.id)
GROUP BY p.id, p.reference, r.unit
HAVING SUM(CASE WHEN q.id = p.id THEN t.amount ELSE -t.amount END) < 0
ORDER BY p.id
"""

EVIDENCE = """
SELECT p.id AS posting_id, p.reference, p.service_record_id AS record_id, r.state, r.person_id,
    a.person_id AS paid_id
FROM posting p
JOIN transfer t ON t.posting_id = p.id
JOIN account a ON a.id = t.target_id
LEFT JOIN service_record r ON r.id = p.service_record_id
WHERE p.id >= {low} AND p.id < {high} AND p.kind = 'award' AND NOT COALESCE(
    r.state IN ('confirmed', 'voided') AND r.person_id = a.person_id AND r.book_id = p.book_id,
    FALSE)
ORDER BY p.id
"""

MINUTES = """
SELECT r.id AS record_id, r.state, COALESCE(m.posted, 0) AS posted,
    CASE WHEN r.state = 'confirmed' THEN r.minutes ELSE 0 END AS due,
    COALESCE(' (posting ' || m.posting_id || ' (' || m.reference || '))', '') AS posted_by
FROM service_record r
LEFT JOIN (
    SELECT p.service_record_id AS record_id, p.id AS posting_id, p.reference,
        SUM(CASE WHEN q.id = p.id THEN t.amount ELSE -t.amount END) AS posted
    FROM posting p
    JOIN posting q ON q.id = p.id OR q.reverses_id = p.id
    JOIN transfer t ON t.posting_id = q.id
    JOIN route o ON o.id = t.route_id AND o.unit = 'minutes'
    WHERE p.kind = 'award' AND p.service_record_id >= {low} AND p.service_record_id < {high}
    GROUP BY p.service_record_id, p.id, p.reference
) AS m ON m.record_id = r.id
WHERE r.id >= {low} AND r.id < {high}
    AND COALESCE(m.posted, 0) <> CASE WHEN r.state = 'confirmed' THEN r.minutes ELSE 0 END
ORDER BY r.id
"""

EXPIRED = """
SELECT t.id AS transfer_id, p.id AS posting_id, p.reference, t.vintage, {day} AS day
FROM posting p
JOIN transfer t ON t.posting_id = p.id
WHERE p.id >= {low} AND p.id < {high} AND p.kind = 'expire' AND t.vintage > {day}
ORDER BY t.id
"""

GRACE = """
SELECT a.id, a.kind, a.owner_id, h.vintage, h.grace_until
FROM holding h JOIN account a ON a.id = h.account_id
WHERE h.account_id >= {low} AND h.account_id < {high} AND h.grace_until IS NOT NULL
    AND NOT EXISTS (
        SELECT 1 FROM transfer t JOIN posting p ON p.id = t.posting_id
        WHERE t.target_id = h.account_id AND t.vintage = h.vintage
            AND a.kind IN ('member', 'household')
            AND p.kind IN ('release', 'reversal', 'pool') AND h.grace_until <= {grace_ends})
ORDER BY a.id, h.vintage
"""


CHECKS: Final = (
    Check(
        "account", CHAIN,
        "transfer {transfer_id} of {posting}: entry of {account}",
        "entry {due_sequence}: {before} {amount:+d} = {due}",
        "entry {sequence}: balance {balance}",
    ),
    Check(
        "account", STORED,
        "account {id} ({account}): stored balance",
        "{last_balance} after entry {last_sequence}",
        "{balance} after entry {sequence}",
    ),
    Check(
        "account", HOLDINGS,
        "account {id} ({account}): points that expire on {vintage}",
        "{moved} by its transfers",
        "{stored}",
    ),
    Check(
        "account", GRACE,
        "account {id} ({account}): grace of points of {vintage}",
        "30 days from the day on which others gave them back",
        "until {grace_until}",
    ),
    Check("posting", LINES, "{posting}", "{due} transfers", "{transfers}"),
    Check(
        "posting", ROUTES,
        "transfer {transfer_id} of {posting}",
        "a move that an entry of kind {kind} may make within one book",
        "{source_kind} to {target_kind}, kept as {route_kind}",
    ),
    Check("posting", REVERSALS, "{posting}", "at most {moved} {unit} reversed", "{reversed}"),
    Check(
        "posting", EVIDENCE,
        "{posting}: service record {record_id}",
        "a confirmed record of person {paid_id}",
        "{state} record of person {person_id}",
    ),
    Check(
        "posting", EXPIRED,
        "transfer {transfer_id} of {posting}",
        "points that had expired by {day}",
        "points that expire on {vintage}",
    ),
    Check(
        "service_record", MINUTES,
        "service record {record_id}{posted_by}",
        "{posted} minutes, as posted",
        "{due} minutes, as the {state} record says",
    ),
)  # fmt: skip
