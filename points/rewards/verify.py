"""Do stock, requests, votes and the books agree?  Nothing is written.

Every question is one statement, so that it sees one moment while others work.
"""

from collections.abc import Callable
from typing import Any, Final

from points.ledger.checks import Problem
from points.transactions import run

PROBLEMS_MAX: Final = 100
Row = dict[str, Any]
Told = Callable[[Row], Problem]

STOCK: Final = """
SELECT s.item_id, s.received, s.in_store, s.reserved, s.handed_out, s.lost,
    COALESCE(m.received, 0) AS m_received, COALESCE(m.in_store, 0) AS m_in_store,
    COALESCE(m.reserved, 0) AS m_reserved, COALESCE(m.handed_out, 0) AS m_handed_out,
    COALESCE(m.lost, 0) AS m_lost
FROM stock s LEFT JOIN (
    SELECT item_id,
        SUM(CASE WHEN kind = 'receive' THEN quantity ELSE 0 END) AS received,
        SUM(CASE WHEN kind IN ('receive', 'unreserve', 'take_back') THEN quantity
                 WHEN kind IN ('reserve', 'lose') THEN -quantity
                 WHEN kind = 'hand_out' AND redemption_id IS NULL THEN -quantity
                 ELSE 0 END) AS in_store,
        SUM(CASE WHEN kind = 'reserve' THEN quantity WHEN kind = 'unreserve' THEN -quantity
                 WHEN kind = 'hand_out' AND redemption_id IS NOT NULL THEN -quantity
                 ELSE 0 END) AS reserved,
        SUM(CASE WHEN kind = 'hand_out' THEN quantity WHEN kind = 'take_back' THEN -quantity
                 ELSE 0 END) AS handed_out,
        SUM(CASE WHEN kind = 'lose' THEN quantity ELSE 0 END) AS lost
    FROM stock_move GROUP BY item_id
) m ON m.item_id = s.item_id
WHERE s.received <> COALESCE(m.received, 0) OR s.in_store <> COALESCE(m.in_store, 0)
    OR s.reserved <> COALESCE(m.reserved, 0) OR s.handed_out <> COALESCE(m.handed_out, 0)
    OR s.lost <> COALESCE(m.lost, 0)
ORDER BY s.item_id
"""

RESERVED: Final = """
SELECT s.item_id, s.reserved, COUNT(r.id) AS open
FROM stock s LEFT JOIN redemption r ON r.item_id = s.item_id
    AND r.state IN ('requested', 'approved')
GROUP BY s.item_id, s.reserved HAVING s.reserved <> COUNT(r.id) ORDER BY s.item_id
"""

HELD: Final = """
SELECT r.id, r.state, COALESCE(a.balance, 0) AS held,
    CASE WHEN r.state IN ('requested', 'approved') THEN r.price ELSE 0 END AS due
FROM redemption r LEFT JOIN account a
    ON a.book_id = r.book_id AND a.kind = 'redemption' AND a.owner_id = r.id
WHERE COALESCE(a.balance, 0)
    <> CASE WHEN r.state IN ('requested', 'approved') THEN r.price ELSE 0 END
ORDER BY r.id
"""

ORPHANS: Final = """
SELECT a.id, a.owner_id, a.balance FROM account a
WHERE a.kind = 'redemption' AND a.balance <> 0
    AND NOT EXISTS (SELECT 1 FROM redemption r WHERE r.id = a.owner_id AND r.book_id = a.book_id)
ORDER BY a.id
"""

SPENT: Final = """
SELECT r.id, r.state, p.id AS posting_id, q.id AS reversal_id
FROM redemption r
LEFT JOIN posting p ON p.reference = 'redemption:' || r.id || ':fulfil'
LEFT JOIN posting q ON q.reverses_id = p.id
WHERE r.price > 0 AND (
    (r.state IN ('handed_over', 'returned')) <> (p.id IS NOT NULL)
    OR (r.state = 'returned') <> (q.id IS NOT NULL))
ORDER BY r.id
"""

DECIDED: Final = """
SELECT r.id, r.quorum, COUNT(v.id) AS approvals
FROM redemption r LEFT JOIN committee_vote v ON v.redemption_id = r.id AND v.choice = 'approve'
WHERE r.state IN ('approved', 'uncollected', 'handed_over', 'returned')
GROUP BY r.id, r.quorum HAVING COUNT(v.id) < r.quorum ORDER BY r.id
"""

INVOLVED: Final = """
SELECT v.redemption_id AS id, v.member_id FROM committee_vote v
JOIN redemption_involved x ON x.redemption_id = v.redemption_id AND x.person_id = v.member_id
WHERE v.choice <> 'recuse' ORDER BY v.id
"""

HANDS: Final = """
SELECT r.id, r.handed_over_by FROM redemption r WHERE r.handed_over_by IS NOT NULL AND (
    EXISTS (SELECT 1 FROM redemption_involved x WHERE x.redemption_id = r.id
        AND x.person_id IN (r.handed_over_by, r.returned_by))
    OR EXISTS (SELECT 1 FROM committee_vote v WHERE v.redemption_id = r.id
        AND v.member_id = r.handed_over_by AND v.choice = 'approve'))
ORDER BY r.id
"""

PLACES: Final = ("received", "in_store", "reserved", "handed_out", "lost")


def _counts(row: Row, prefix: str = "") -> str:
    return ", ".join(f"{row[prefix + place]} {place}" for place in PLACES)


def _request(row: Row) -> str:
    return f"request {row['id']}"


CHECKS: Final[tuple[tuple[str, Told], ...]] = (
    (
        STOCK,
        lambda row: Problem(f"stock of item {row['item_id']}", _counts(row, "m_"), _counts(row)),
    ),
    (
        RESERVED,
        lambda row: Problem(
            f"stock of item {row['item_id']}", f"{row['open']} reserved", f"{row['reserved']}"
        ),
    ),
    (
        HELD,
        lambda row: Problem(
            f"{_request(row)} ({row['state']})", f"{row['due']} points held", f"{row['held']}"
        ),
    ),
    (
        ORPHANS,
        lambda row: Problem(
            f"account {row['id']}", f"a request {row['owner_id']}", f"{row['balance']} points held"
        ),
    ),
    (
        SPENT,
        lambda row: Problem(
            f"{_request(row)} ({row['state']})",
            "one posting when handed over, one when returned",
            f"posting {row['posting_id']}, reversal {row['reversal_id']}",
        ),
    ),
    (
        DECIDED,
        lambda row: Problem(_request(row), f"{row['quorum']} approvals", f"{row['approvals']}"),
    ),
    (
        INVOLVED,
        lambda row: Problem(
            _request(row), "votes of people without a stake", f"person {row['member_id']}"
        ),
    ),
    (
        HANDS,
        lambda row: Problem(
            _request(row), "handed over by somebody else", f"person {row['handed_over_by']}"
        ),
    ),
)


async def verify_rewards() -> tuple[Problem, ...]:
    """Every place where stock, requests, votes and the books do not agree."""
    found = []
    for sql, tell in CHECKS:
        found += [tell(row) for row in await run(f"{sql} LIMIT {PROBLEMS_MAX}")]
    return tuple(found)
