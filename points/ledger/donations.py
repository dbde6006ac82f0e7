"""Points for others go through the commons: given by anybody, granted by two people's decision."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from points.ledger.accounts import OpenAccounts, open_accounts
from points.ledger.books import day_in_book
from points.ledger.errors import (
    AlreadyReversed,
    NotInPool,
    PoolTooSmall,
    PostingUnknown,
    ReversalTooLarge,
)
from points.ledger.expiry import COMMONS
from points.ledger.journal import Heading, Receipt, post
from points.ledger.pools import check_amount
from points.ledger.rules import AccountName, Move, Part, spend, take, total, vintage_of
from points.transactions import run

ISSUER, REDEEMED = AccountName("issuer"), AccountName("redeemed")
Moves = tuple[OpenAccounts, Sequence[Move]]


async def donate(
    *,
    book_id: int,
    person_id: int,
    points: int,
    reference: str,
    reason: str,
    actor_id: int | None,
    now: datetime,
) -> Receipt:
    """Give points to the commons, soonest-expiring first."""
    check_amount(points)
    member = AccountName("member", person_id)

    async def plan() -> Moves:
        today = await day_in_book(book_id=book_id, now=now)
        accounts = await open_accounts(book_id=book_id, names=(COMMONS, member))
        has = accounts.standings[member]
        parts = spend(has.holdings, points=points, today=today, grace=has.grace)
        return accounts, [Move(member, COMMONS, part.points, part.vintage) for part in parts]

    heading = Heading(
        book_id=book_id,
        kind="donate",
        reference=reference,
        reason=reason,
        actor_id=actor_id,
        now=now,
        facts={"person": person_id, "points": points},
    )
    return await post(heading, plan)


async def reverse_donation(
    *,
    posting_id: int,
    reference: str,
    reason: str,
    actor_id: int | None,
    now: datetime,
    points: int | None = None,
) -> Receipt:
    """Give a donation back in its vintages, as far as the commons still holds them alive."""
    if points is not None:
        check_amount(points)
    rows = await run(
        "SELECT p.book_id, a.person_id FROM posting p JOIN transfer t ON t.posting_id = p.id "
        "JOIN account a ON a.id = t.source_id WHERE p.id = {} AND p.kind = 'donate' LIMIT 1",
        posting_id,
    )
    if not rows:
        raise PostingUnknown(posting_id=posting_id)
    book_id, member = int(rows[0]["book_id"]), AccountName("member", int(rows[0]["person_id"]))

    async def plan() -> Moves:
        today = await day_in_book(book_id=book_id, now=now)
        accounts = await open_accounts(book_id=book_id, names=(COMMONS, member))
        holds = accounts.standings[COMMONS].holdings
        parts = _parts_back(posting_id, await _given(posting_id), holds, points, today)
        return accounts, [Move(COMMONS, member, part.points, part.vintage) for part in parts]

    heading = Heading(
        book_id=book_id,
        kind="reversal",
        reference=reference,
        reason=reason,
        actor_id=actor_id,
        now=now,
        facts={"points": points},
        reverses_id=posting_id,
    )
    return await post(heading, plan)


async def grant_relief(
    *,
    decision_id: int,
    book_id: int,
    person_id: int,
    points: int,
    expires_on: date,
    reason: str,
    actor_id: int | None,
    now: datetime,
) -> Receipt:
    """Grant points of the commons to a person in need.

    What lies in the commons may have expired; it ends there, and as much is issued anew.
    """
    check_amount(points)
    member = AccountName("member", person_id)

    async def plan() -> Moves:
        accounts = await open_accounts(book_id=book_id, names=(COMMONS, ISSUER, member))
        has = accounts.standings[COMMONS]
        if has.balance < points:
            raise PoolTooSmall(needed=points, available=has.balance)
        parts = take(dict(sorted(has.holdings.items())), points)
        retired = [Move(COMMONS, ISSUER, part.points, part.vintage) for part in parts]
        return accounts, [*retired, Move(ISSUER, member, points, vintage_of(expires_on))]

    facts = {"person": person_id, "points": points, "expires_on": expires_on}
    return await post(_decided(decision_id, book_id, reason, actor_id, now, facts), plan)


async def honour(
    *,
    decision_id: int,
    book_id: int,
    area_id: int,
    points: int,
    expires_on: date,
    reason: str,
    actor_id: int | None,
    now: datetime,
) -> Receipt:
    """Award points to the pool of a stairwell."""
    check_amount(points)
    stairwell = AccountName("stairwell", area_id)

    async def plan() -> Moves:
        accounts = await open_accounts(book_id=book_id, names=(ISSUER, stairwell))
        return accounts, [Move(ISSUER, stairwell, points, vintage_of(expires_on))]

    facts = {"area": area_id, "points": points, "expires_on": expires_on}
    return await post(_decided(decision_id, book_id, reason, actor_id, now, facts), plan)


async def spend_honour(
    *,
    decision_id: int,
    book_id: int,
    area_id: int,
    points: int,
    reason: str,
    actor_id: int | None,
    now: datetime,
) -> Receipt:
    """Spend points of a stairwell's pool for good."""
    check_amount(points)
    stairwell = AccountName("stairwell", area_id)

    async def plan() -> Moves:
        today = await day_in_book(book_id=book_id, now=now)
        accounts = await open_accounts(book_id=book_id, names=(stairwell, REDEEMED))
        parts = spend(accounts.standings[stairwell].holdings, points=points, today=today)
        return accounts, [Move(stairwell, REDEEMED, part.points, part.vintage) for part in parts]

    facts = {"area": area_id, "points": points}
    return await post(_decided(decision_id, book_id, reason, actor_id, now, facts), plan)


def _decided(
    decision_id: int,
    book_id: int,
    reason: str,
    actor_id: int | None,
    now: datetime,
    facts: Mapping[str, object],
) -> Heading:
    # The reference names the decision: the database looks it up, and nothing is granted twice.
    return Heading(
        book_id=book_id,
        kind="grant",
        reference=f"decision:{decision_id}",
        reason=reason,
        actor_id=actor_id,
        now=now,
        facts=facts,
    )


def _parts_back(
    posting_id: int,
    given: Mapping[date, int],
    holds: Mapping[date, int],
    points: int | None,
    today: date,
) -> tuple[Part, ...]:
    left = sum(given.values())
    asked = left if points is None else points
    if not left:
        raise AlreadyReversed(posting_id=posting_id)
    if asked > left:
        raise ReversalTooLarge(posting_id=posting_id, left=left, asked=asked)
    there = {day: min(has, holds.get(day, 0)) for day, has in given.items() if day >= today}
    parts = take(there, asked)
    if total(parts) < asked:
        raise NotInPool(left=total(parts), asked=asked)
    return parts


async def _given(posting_id: int) -> dict[date, int]:
    """What of a donation is not yet reversed, per vintage, soonest first."""
    rows = await run(
        "SELECT t.vintage, "
        "SUM(CASE WHEN p.reverses_id IS NULL THEN t.amount ELSE -t.amount END) AS points "
        "FROM posting p JOIN transfer t ON t.posting_id = p.id "
        "WHERE p.id = {} OR p.reverses_id = {} GROUP BY t.vintage ORDER BY t.vintage",
        posting_id,
        posting_id,
    )
    return {row["vintage"]: int(row["points"]) for row in rows if row["points"]}
