"""Whose points are in the pool of a household: entries, of which a share is the sum."""

from collections.abc import Iterable
from datetime import date

from points.ledger.accounts import OpenAccounts
from points.ledger.pool_rules import Share
from points.ledger.rules import AccountName, Move, grace_after
from points.transactions import run


async def shares_of(account_id: int) -> tuple[Share, ...]:
    """What everybody has in a pool, in the order in which it came in; read under its lock."""
    rows = await run(
        "SELECT person_id, vintage, SUM(amount) AS points, MIN(id) AS came FROM pool_share "
        "WHERE account_id = {} GROUP BY person_id, vintage HAVING SUM(amount) > 0 ORDER BY came",
        account_id,
    )
    return tuple(Share(int(row["person_id"]), row["vintage"], int(row["points"])) for row in rows)


async def paid_by(*, account_id: int, case_account_id: int) -> tuple[Share, ...]:
    """Whose points a pool has in a case and did not get back, in the order in which they went."""
    rows = await run(
        "SELECT s.person_id, s.vintage, -SUM(s.amount) AS points, MIN(s.id) AS came "
        "FROM pool_share s JOIN posting p ON p.reference = s.reference "
        "WHERE s.account_id = {} AND p.id IN (SELECT t.posting_id FROM transfer t "
        "WHERE t.target_id = {} OR t.source_id = {}) "
        "GROUP BY s.person_id, s.vintage HAVING SUM(s.amount) < 0 ORDER BY came",
        *(account_id, case_account_id, case_account_id),
    )
    return tuple(Share(int(row["person_id"]), row["vintage"], int(row["points"])) for row in rows)


async def enter_shares(
    *, account_id: int, reference: str, shares: Iterable[Share], sign: int
) -> None:
    """Write what comes in (1) or goes out (-1); the posting of that reference follows."""
    entries = list(shares)
    if not entries:
        return
    values: list[object] = []
    for share in entries:
        values += [account_id, reference, share.person_id, share.vintage, sign * share.points]
    await run(
        "INSERT INTO pool_share (account_id, reference, person_id, vintage, amount) VALUES "
        + ", ".join(["({}, {}, {}, {}, {})"] * len(entries)),
        *values,
    )


async def back_into_pool(
    accounts: OpenAccounts,
    *,
    pool: AccountName,
    case: AccountName,
    source: AccountName,
    reference: str,
    since: date | None,
) -> list[Move]:
    """The moves that give a pool back what it paid for a case, and its shares with them."""
    paid = await paid_by(account_id=accounts.ids[pool], case_account_id=accounts.ids[case])
    await enter_shares(account_id=accounts.ids[pool], reference=reference, shares=paid, sign=1)
    back: dict[date, int] = {}
    for share in paid:
        back[share.vintage] = back.get(share.vintage, 0) + share.points
    return [
        Move(source, pool, points, vintage, since and grace_after(vintage, since))
        for vintage, points in sorted(back.items())
    ]
