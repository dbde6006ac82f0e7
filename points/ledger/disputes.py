"""An objection freezes exactly the points it is about, as far as they are still there."""

from collections.abc import Sequence
from datetime import date, datetime

from points.ledger.accounts import OpenAccounts, find_account, open_accounts
from points.ledger.books import day_in_book
from points.ledger.errors import NothingHeld, PostingUnknown
from points.ledger.expiry import COMMONS, sweep_before_grace
from points.ledger.journal import Heading, Receipt, lines_of, post
from points.ledger.reversals import left_of
from points.ledger.rules import AccountName, Move, Part, grace_after, take
from points.transactions import run

Moves = tuple[OpenAccounts, Sequence[Move]]


async def freeze(
    *,
    dispute_id: int,
    posting_id: int,
    reference: str,
    reason: str,
    actor_id: int | None,
    now: datetime,
) -> Receipt | None:
    """Freeze what the person still holds of an award; None where nothing is left of it.

    Call it inside the use case that raises the objection: the accounts are locked in between.
    """
    book_id, member, given = await _award(posting_id)
    dispute = AccountName("dispute", dispute_id)
    names = (COMMONS, member, dispute)
    accounts = await open_accounts(book_id=book_id, names=names)
    today = await day_in_book(book_id=book_id, now=now)
    accounts = await sweep_before_grace(book_id, names, accounts, today=today, now=now)
    left = (await left_of(posting_id))["points"]
    parts = take(_held_of(accounts, member, given), min(left, given.points)) if given else ()
    if not parts:
        return None

    async def plan() -> Moves:
        return accounts, [Move(member, dispute, part.points, part.vintage) for part in parts]

    heading = Heading(
        book_id=book_id,
        kind="hold",
        reference=reference,
        reason=reason,
        actor_id=actor_id,
        now=now,
        facts={"dispute": dispute_id, "award": posting_id},
    )
    return await post(heading, plan)


async def thaw(
    *,
    book_id: int,
    dispute_id: int,
    person_id: int,
    reference: str,
    reason: str,
    actor_id: int | None,
    now: datetime,
) -> Receipt:
    """Give back what is frozen, in its vintages; what expired meanwhile has 30 days of grace."""
    member, dispute = AccountName("member", person_id), AccountName("dispute", dispute_id)

    async def plan() -> Moves:
        names = (COMMONS, member, dispute)
        accounts = await open_accounts(book_id=book_id, names=names)
        held = accounts.standings[dispute].holdings
        if not held:
            raise NothingHeld
        today = await day_in_book(book_id=book_id, now=now)
        accounts = await sweep_before_grace(book_id, names, accounts, today=today, now=now)
        return accounts, [
            Move(dispute, member, points, vintage, grace_after(vintage, today))
            for vintage, points in sorted(held.items())
        ]

    heading = Heading(
        book_id=book_id,
        kind="release",
        reference=reference,
        reason=reason,
        actor_id=actor_id,
        now=now,
        facts={"dispute": dispute_id, "person": person_id},
    )
    return await post(heading, plan)


async def frozen_in(*, book_id: int, dispute_id: int) -> int:
    """How many points an objection holds."""
    account_id = await find_account(book_id=book_id, name=AccountName("dispute", dispute_id))
    if account_id is None:
        return 0
    [row] = await run("SELECT balance FROM account WHERE id = {}", account_id)
    return int(row["balance"])


async def frozen_of(*, book_id: int, person_id: int) -> int:
    """How many points of a person are frozen by open objections."""
    [row] = await run(
        "SELECT COALESCE(SUM(a.balance), 0) AS points FROM account a "
        "JOIN dispute d ON d.id = a.owner_id "
        "WHERE a.book_id = {} AND a.kind = 'dispute' AND d.person_id = {}",
        book_id,
        person_id,
    )
    return int(row["points"])


async def _award(posting_id: int) -> tuple[int, AccountName, Part | None]:
    """The book and owner of an award, and the points she got (None: they repaid arrears)."""
    rows = await run("SELECT book_id, kind FROM posting WHERE id = {}", posting_id)
    if not rows or rows[0]["kind"] != "award":
        raise PostingUnknown(posting_id=posting_id)
    lines = await lines_of(posting_id)
    owner_id = next(line.target.owner_id for line in lines if line.target.owner_id)
    given = next((Part(one.vintage, one.amount) for one in lines if one.vintage), None)
    return int(rows[0]["book_id"]), AccountName("member", owner_id), given


def _held_of(accounts: OpenAccounts, member: AccountName, given: Part) -> dict[date, int]:
    return {given.vintage: accounts.standings[member].holdings.get(given.vintage, 0)}
