"""What must be true of pools, grants and disputes; see points.ledger.checks for how it is asked."""

from typing import Final

from points.ledger.checks import Check

SHARES = """
SELECT a.id, a.owner_id, m.vintage, SUM(m.held) AS held, SUM(m.shared) AS shared
FROM (
    SELECT account_id, vintage, points AS held, 0 AS shared FROM holding
    WHERE account_id >= {low} AND account_id < {high}
    UNION ALL SELECT account_id, vintage, 0, amount FROM pool_share
    WHERE account_id >= {low} AND account_id < {high}
) AS m
JOIN account a ON a.id = m.account_id AND a.kind = 'household'
GROUP BY a.id, a.owner_id, m.vintage
HAVING SUM(m.held) <> SUM(m.shared)
ORDER BY a.id, m.vintage
"""

OVERDRAWN = """
SELECT a.id, a.owner_id, s.person_id, s.vintage, SUM(s.amount) AS share
FROM pool_share s JOIN account a ON a.id = s.account_id
WHERE s.account_id >= {low} AND s.account_id < {high}
GROUP BY a.id, a.owner_id, s.person_id, s.vintage
HAVING SUM(s.amount) < 0
ORDER BY a.id, s.person_id, s.vintage
"""

# What its lines move for a pool, per vintage, is what its shares say.
UNSHARED = """
SELECT p.id AS posting_id, p.reference, m.account_id, m.vintage, SUM(m.moved) AS moved,
    SUM(m.shared) AS shared
FROM (
    SELECT t.posting_id, t.target_id AS account_id, t.vintage, t.amount AS moved, 0 AS shared
    FROM transfer t JOIN account a ON a.id = t.target_id AND a.kind = 'household'
    WHERE t.posting_id >= {low} AND t.posting_id < {high}
    UNION ALL SELECT t.posting_id, t.source_id, t.vintage, -t.amount, 0
    FROM transfer t JOIN account a ON a.id = t.source_id AND a.kind = 'household'
    WHERE t.posting_id >= {low} AND t.posting_id < {high}
    UNION ALL SELECT q.id, s.account_id, s.vintage, 0, s.amount
    FROM pool_share s JOIN posting q ON q.reference = s.reference
    WHERE q.id >= {low} AND q.id < {high}
) AS m
JOIN posting p ON p.id = m.posting_id
GROUP BY p.id, p.reference, m.account_id, m.vintage
HAVING SUM(m.moved) <> SUM(m.shared)
ORDER BY p.id
"""

FROZEN = """
SELECT a.id, a.owner_id, a.balance, COALESCE(d.state, 'no') AS state
FROM account a LEFT JOIN dispute d ON d.id = a.owner_id
WHERE a.id >= {low} AND a.id < {high} AND a.kind = 'dispute' AND a.balance > 0
    AND NOT COALESCE(d.closed_at IS NULL AND d.kind = 'objection' AND d.book_id = a.book_id, FALSE)
ORDER BY a.id
"""

GRANTED = """
SELECT p.id AS posting_id, p.reference, COALESCE(d.points, 0) AS points,
    COALESCE(d.state, 'no') AS state, SUM(CASE WHEN t.kind IN ('member', 'stairwell')
    OR s.kind = 'stairwell' THEN x.amount ELSE 0 END) AS moved,
    SUM(CASE WHEN s.kind = 'commons' THEN x.amount ELSE 0 END) AS retired
FROM posting p
JOIN transfer x ON x.posting_id = p.id
JOIN account s ON s.id = x.source_id
JOIN account t ON t.id = x.target_id
LEFT JOIN pool_decision d ON p.reference = 'decision:' || d.id AND d.book_id = p.book_id
WHERE p.id >= {low} AND p.id < {high} AND p.kind = 'grant'
GROUP BY p.id, p.reference, d.points, d.state, d.kind
HAVING COALESCE(d.state, '') <> 'approved' OR SUM(CASE WHEN t.kind IN ('member', 'stairwell')
    OR s.kind = 'stairwell' THEN x.amount ELSE 0 END) <> d.points
    OR SUM(CASE WHEN s.kind = 'commons' THEN x.amount ELSE 0 END)
        <> CASE WHEN d.kind = 'relief' THEN d.points ELSE 0 END
ORDER BY p.id
"""

UNGRANTED = """
SELECT d.id, d.points FROM pool_decision d
WHERE d.id >= {low} AND d.id < {high} AND d.state = 'approved'
    AND NOT EXISTS (SELECT 1 FROM posting p WHERE p.reference = 'decision:' || d.id)
ORDER BY d.id
"""

DONATED = """
SELECT p.id AS posting_id, p.reference, o.points, SUM(t.amount) AS moved
FROM posting p JOIN donation o ON o.posting_id = p.id JOIN transfer t ON t.posting_id = p.id
WHERE p.id >= {low} AND p.id < {high}
GROUP BY p.id, p.reference, p.kind, o.points
HAVING p.kind <> 'donate' OR SUM(t.amount) <> o.points
ORDER BY p.id
"""


POOL_CHECKS: Final = (
    Check(
        "account", SHARES,
        "pool of household {owner_id}: points that expire on {vintage}",
        "{held}, as the pool holds",
        "{shared} in all shares",
    ),
    Check(
        "account", OVERDRAWN,
        "pool of household {owner_id}: share of person {person_id}",
        "no less than 0 that expire on {vintage}",
        "{share}",
    ),
    Check(
        "account", FROZEN,
        "account {id} (dispute:{owner_id})",
        "0, because its case is not open",
        "{balance} frozen, {state} dispute",
    ),
    Check(
        "posting", UNSHARED,
        "{posting}: shares of account {account_id} of {vintage}",
        "{moved}, as its transfers move",
        "{shared}",
    ),
    Check(
        "posting", GRANTED,
        "{posting}",
        "{points} points of an approved decision",
        "{moved} points, {retired} from the commons; {state} decision",
    ),
    Check("posting", DONATED, "{posting}", "a donation of {points} points", "{moved} points"),
    Check("pool_decision", UNGRANTED, "decision {id}", "{points} points granted", "none"),
)  # fmt: skip
