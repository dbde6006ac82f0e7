"""What an open case (a redemption, a pledge towards an activity) holds, and whose it is.

The account of a case has few entries, so all of them are read; only its own indexes are used.
A case is tracked: to say that its entries have a sequence tells PostgreSQL that they are few, while
most transfers have an issuer for their source.  Without it all postings were read instead.
"""

from points.ledger.rules import AccountName, Part, still_held
from points.transactions import run


async def case_is_closed(account_id: int) -> bool:
    """Whether the points of the case were ever spent for good."""
    # SQLite begins with the table named first: that almost all transfers come from one account,
    # the issuer, must not make it begin anywhere else.
    rows = await run(
        "SELECT t.id FROM transfer t CROSS JOIN route r WHERE t.source_id = {} "
        "AND t.source_sequence > 0 AND r.id = t.route_id AND r.kind = 'fulfil' "
        "ORDER BY t.source_sequence DESC LIMIT 1",
        account_id,
    )
    return bool(rows)


async def held_by_person(account_id: int) -> dict[int, tuple[Part, ...]]:
    """What each person put into the case and did not get back, per vintage.

    After a hand-over this is whose points were handed over.
    """
    put_in = await _parts(
        "SELECT a.person_id, t.vintage, t.amount FROM transfer t "
        "JOIN account a ON a.id = t.source_id "
        "WHERE t.target_id = {} AND t.target_sequence > 0 AND a.kind = 'member'",
        account_id,
    )
    taken_out = await _parts(
        "SELECT a.person_id, t.vintage, t.amount FROM transfer t "
        "JOIN account a ON a.id = t.target_id "
        "WHERE t.source_id = {} AND t.source_sequence > 0 AND a.kind = 'member'",
        account_id,
    )
    left = {
        person_id: still_held(parts, taken_out.get(person_id, []))
        for person_id, parts in put_in.items()
    }
    return {person_id: parts for person_id, parts in left.items() if parts}


async def pools_in(account_id: int) -> tuple[AccountName, ...]:
    """The pools of households that paid into the case."""
    rows = await run(
        "SELECT DISTINCT a.owner_id FROM transfer t JOIN account a ON a.id = t.source_id "
        "WHERE t.target_id = {} AND t.target_sequence > 0 AND a.kind = 'household' "
        "ORDER BY a.owner_id",
        account_id,
    )
    return tuple(AccountName("household", int(row["owner_id"])) for row in rows)


async def _parts(sql: str, account_id: int) -> dict[int, list[Part]]:
    parts: dict[int, list[Part]] = {}
    for row in await run(sql, account_id):
        part = Part(vintage=row["vintage"], points=int(row["amount"]))
        parts.setdefault(int(row["person_id"]), []).append(part)
    return parts
