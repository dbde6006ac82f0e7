"""What must be true of pools, grants and disputes; see points.ledger.checks for how it is asked."""

from typing import Final

from points.ledger.checks import Check, Problem, Row

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


def _posting(row: Row) -> str:
    return f"posting {row['posting_id']} ({row['reference']})"


def _shares(row: Row) -> Problem:
    return Problem(
        place=f"pool of household {row['owner_id']}: points that expire on {row['vintage']}",
        expected=f"{row['held']}, as the pool holds",
        found=f"{row['shared']} in all shares",
    )


def _overdrawn(row: Row) -> Problem:
    return Problem(
        place=f"pool of household {row['owner_id']}: share of person {row['person_id']}",
        expected=f"no less than 0 that expire on {row['vintage']}",
        found=f"{row['share']}",
    )


def _unshared(row: Row) -> Problem:
    return Problem(
        place=f"{_posting(row)}: shares of account {row['account_id']} of {row['vintage']}",
        expected=f"{row['moved']}, as its transfers move",
        found=f"{row['shared']}",
    )


def _frozen(row: Row) -> Problem:
    return Problem(
        place=f"account {row['id']} (dispute:{row['owner_id']})",
        expected="0, because its case is not open",
        found=f"{row['balance']} frozen, {row['state']} dispute",
    )


def _granted(row: Row) -> Problem:
    return Problem(
        place=_posting(row),
        expected=f"{row['points']} points of an approved decision",
        found=f"{row['moved']} points, {row['retired']} from the commons; {row['state']} decision",
    )


def _ungranted(row: Row) -> Problem:
    return Problem(
        place=f"decision {row['id']}", expected=f"{row['points']} points granted", found="none"
    )


def _donated(row: Row) -> Problem:
    return Problem(
        place=_posting(row),
        expected=f"a donation of {row['points']} points",
        found=f"{row['moved']} points",
    )


POOL_CHECKS: Final = (
    Check("account", SHARES, _shares),
    Check("account", OVERDRAWN, _overdrawn),
    Check("account", FROZEN, _frozen),
    Check("posting", UNSHARED, _unshared),
    Check("posting", GRANTED, _granted),
    Check("posting", DONATED, _donated),
    Check("pool_decision", UNGRANTED, _ungranted),
)
