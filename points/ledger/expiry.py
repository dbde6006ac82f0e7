"""Points that nobody spent in time go to the commons of their book, in sets.

The last day of a vintage is spendable as a whole, in the time zone of the book.  What is left the
day after is swept: one posting for up to 200 people, so that the end of a month costs a handful of
statements and not one for each resident.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from points.ledger.accounts import OpenAccounts, open_accounts
from points.ledger.books import day_in_book
from points.ledger.journal import Heading, post
from points.ledger.pool_rules import of_vintages
from points.ledger.rules import AccountName, Move, expired
from points.ledger.shares import enter_shares, shares_of
from points.notices.post import notify_each
from points.transactions import run, use_case

COMMONS: Final = AccountName("commons")
# Whose points end; those of an open case or dispute wait for its decision.
MORTAL: Final = ("member", "household", "stairwell")
PEOPLE_PER_SWEEP: Final = 200
REASON: Final = "Points expired."
# Far beyond every difference between a day in UTC and a day anywhere else.
A_DAY: Final = timedelta(days=1)
PATH: Final = "/points"


async def expire_due(now: datetime) -> int:
    """Sweep whatever has expired in any book; returns how many accounts lost points."""
    rows = await run(
        "SELECT DISTINCT a.book_id FROM holding h JOIN account a ON a.id = h.account_id "
        "WHERE h.points > 0 AND h.vintage < {} AND a.kind IN ({}, {}, {}) ORDER BY a.book_id",
        now.astimezone(UTC).date() + A_DAY,
        *MORTAL,
    )
    accounts = 0
    for row in rows:
        book_id = int(row["book_id"])
        today = await day_in_book(book_id=book_id, now=now)
        while swept := await _sweep_some(book_id=book_id, today=today, now=now):
            accounts += swept
    return accounts


async def sweep_before_grace(
    book_id: int,
    names: Collection[AccountName],
    accounts: OpenAccounts,
    *,
    today: date,
    now: datetime,
) -> OpenAccounts:
    """Take out what has expired already, so that the grace of other points never covers it.

    Call it under the locks of ``names``, the commons among them; answers with how they stand now.
    """
    lost = await _sweep(book_id=book_id, accounts=accounts, today=today, now=now)
    return await open_accounts(book_id=book_id, names=names) if lost else accounts


@use_case
async def _sweep_some(*, book_id: int, today: date, now: datetime) -> int:
    """Sweep the next 200 accounts of a book; returns how many lost points."""
    rows = await run(
        "SELECT DISTINCT h.account_id, a.kind, a.owner_id FROM holding h "
        "JOIN account a ON a.id = h.account_id "
        "WHERE h.points > 0 AND h.vintage < {} AND (h.grace_until IS NULL OR h.grace_until < {}) "
        "AND a.kind IN ({}, {}, {}) AND a.book_id = {} ORDER BY h.account_id LIMIT {}",
        today,
        today,
        *MORTAL,
        book_id,
        PEOPLE_PER_SWEEP,
    )
    if not rows:
        return 0
    names = (COMMONS, *(AccountName(row["kind"], int(row["owner_id"])) for row in rows))
    accounts = await open_accounts(book_id=book_id, names=names)
    return await _sweep(book_id=book_id, accounts=accounts, today=today, now=now)


async def _sweep(*, book_id: int, accounts: OpenAccounts, today: date, now: datetime) -> int:
    """Move what has expired in these accounts and tell whose it was; how many accounts lost."""
    moves = [
        Move(name, COMMONS, part.points, part.vintage)
        for name, standing in sorted(accounts.standings.items())
        if name.kind in MORTAL
        for part in expired(standing.holdings, today, standing.grace)
    ]
    if not moves:
        return 0
    # The commons is locked, so the number of its next entry is this sweep's alone.
    reference = f"expire:{book_id}:{accounts.standings[COMMONS].sequence + 1}"
    lost: dict[int, int] = {}

    async def plan() -> tuple[OpenAccounts, list[Move]]:
        for person_id, points in await _lost(accounts, moves, reference):
            lost[person_id] = lost.get(person_id, 0) + points
        return accounts, moves

    await post(_heading(book_id, reference, today, now), plan)
    await _tell(lost, reference, now)
    return len({move.source for move in moves})


async def _lost(
    accounts: OpenAccounts, moves: Collection[Move], reference: str
) -> list[tuple[int, int]]:
    """Who loses how many points, in person or as a share of a pool; shares are written off."""
    lost = [(move.source.owner_id, move.amount) for move in moves if move.source.kind == "member"]
    for pool in {move.source for move in moves if move.source.kind == "household"}:
        vintages = [move.vintage for move in moves if move.source == pool and move.vintage]
        shares = of_vintages(await shares_of(accounts.ids[pool]), vintages)
        await enter_shares(
            account_id=accounts.ids[pool], reference=reference, shares=shares, sign=-1
        )
        lost += [(share.person_id, share.points) for share in shares]
    return lost


def _heading(book_id: int, reference: str, today: date, now: datetime) -> Heading:
    return Heading(
        book_id=book_id,
        kind="expire",
        reference=reference,
        reason=REASON,
        actor_id=None,
        now=now,
        facts={"today": today},
    )


async def _tell(lost: Mapping[int, int], reference: str, now: datetime) -> None:
    facts: dict[int, Mapping[str, Any]]
    facts = {person_id: {"points": points} for person_id, points in lost.items()}
    await notify_each(facts=facts, kind="points_expired", path=PATH, now=now, dedup=reference)
