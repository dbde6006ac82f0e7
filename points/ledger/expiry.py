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
from points.ledger.rules import AccountName, Move, expired
from points.notices.post import notify_each
from points.transactions import run, use_case

COMMONS: Final = AccountName("commons")
PEOPLE_PER_SWEEP: Final = 200
REASON: Final = "Points expired."
# Far beyond every difference between a day in UTC and a day anywhere else.
A_DAY: Final = timedelta(days=1)
PATH: Final = "/points"


async def expire_due(now: datetime) -> int:
    """Sweep whatever has expired in any book; returns how many people lost points."""
    rows = await run(
        "SELECT DISTINCT a.book_id FROM holding h JOIN account a ON a.id = h.account_id "
        "WHERE h.points > 0 AND h.vintage < {} AND a.kind = 'member' ORDER BY a.book_id",
        now.astimezone(UTC).date() + A_DAY,
    )
    people = 0
    for row in rows:
        book_id = int(row["book_id"])
        today = await day_in_book(book_id=book_id, now=now)
        while swept := await _sweep_some(book_id=book_id, today=today, now=now):
            people += swept
    return people


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
    """Sweep the next 200 people of a book; returns how many lost points."""
    rows = await run(
        "SELECT DISTINCT h.account_id, a.owner_id FROM holding h "
        "JOIN account a ON a.id = h.account_id "
        "WHERE h.points > 0 AND h.vintage < {} AND (h.grace_until IS NULL OR h.grace_until < {}) "
        "AND a.kind = 'member' AND a.book_id = {} ORDER BY h.account_id LIMIT {}",
        today,
        today,
        book_id,
        PEOPLE_PER_SWEEP,
    )
    if not rows:
        return 0
    names = (COMMONS, *(AccountName("member", int(row["owner_id"])) for row in rows))
    accounts = await open_accounts(book_id=book_id, names=names)
    return len(await _sweep(book_id=book_id, accounts=accounts, today=today, now=now))


async def _sweep(
    *, book_id: int, accounts: OpenAccounts, today: date, now: datetime
) -> Mapping[int, int]:
    """Move what has expired in the member accounts; returns who lost how many points."""
    moves = [
        Move(name, COMMONS, part.points, part.vintage)
        for name, standing in sorted(accounts.standings.items())
        if name.kind == "member"
        for part in expired(standing.holdings, today, standing.grace)
    ]
    if not moves:
        return {}

    async def plan() -> tuple[OpenAccounts, list[Move]]:
        return accounts, moves

    # The commons is locked, so the number of its next entry is this sweep's alone.
    reference = f"expire:{book_id}:{accounts.standings[COMMONS].sequence + 1}"
    await post(_heading(book_id, reference, today, now), plan)
    lost: dict[int, int] = {}
    for move in moves:
        lost[move.source.owner_id] = lost.get(move.source.owner_id, 0) + move.amount
    await _tell(lost, reference, now)
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
