"""The pool of a household: members put points in, it pays what they ask for, each takes hers back.

Expired points are swept first in every move, so that what a pool holds can be spent.
"""

from collections.abc import Sequence
from datetime import date, datetime

from points.ledger.accounts import OpenAccounts, find_account, names_of_person, open_accounts
from points.ledger.books import day_in_book
from points.ledger.cases import case_is_closed
from points.ledger.errors import BadAmount, CaseClosed, NoShare, NothingHeld, NotInPool
from points.ledger.expiry import COMMONS, sweep_before_grace
from points.ledger.journal import Heading, Receipt, post
from points.ledger.pool_rules import Share, own, split
from points.ledger.rules import (
    AMOUNT_MAX,
    AccountName,
    Move,
    Part,
    Standing,
    spend,
    take,
    total,
)
from points.ledger.shares import back_into_pool, enter_shares, shares_of
from points.transactions import use_case

Moves = tuple[OpenAccounts, Sequence[Move]]


def pool_of(household_id: int) -> AccountName:
    """The account of a household's pool."""
    return AccountName("household", household_id)


@use_case
async def lock_pool(*, book_id: int, person_id: int, household_id: int) -> Standing:
    """Lock a person's accounts and the pool of her household; answer with what the pool has."""
    pool = pool_of(household_id)
    names = (*names_of_person(person_id), pool)
    return (await open_accounts(book_id=book_id, names=names)).standings[pool]


async def contribute(
    *,
    book_id: int,
    person_id: int,
    household_id: int,
    points: int,
    reference: str,
    reason: str,
    actor_id: int | None,
    now: datetime,
) -> Receipt:
    """Put points into the pool, soonest-expiring first; none that live by a grace."""
    check_amount(points)
    member, pool = AccountName("member", person_id), pool_of(household_id)

    async def plan() -> Moves:
        accounts, today = await _swept(book_id, (COMMONS, member, pool), now)
        parts = spend(accounts.standings[member].holdings, points=points, today=today)
        await enter_shares(
            account_id=accounts.ids[pool],
            reference=reference,
            shares=_shares_of(person_id, parts),
            sign=1,
        )
        return accounts, [Move(member, pool, part.points, part.vintage) for part in parts]

    heading = Heading(
        book_id=book_id,
        kind="pool",
        reference=reference,
        reason=reason,
        actor_id=actor_id,
        now=now,
        facts={"person": person_id, "household": household_id, "points": points},
    )
    return await post(heading, plan)


async def withdraw(
    *,
    book_id: int,
    person_id: int,
    household_id: int,
    points: int | None,
    reference: str,
    reason: str,
    actor_id: int | None,
    now: datetime,
) -> Receipt:
    """Take back from the pool what is one's own and unspent (None: all), in its vintages."""
    if points is not None:
        check_amount(points)
    member, pool = AccountName("member", person_id), pool_of(household_id)

    async def plan() -> Moves:
        accounts, _ = await _swept(book_id, (COMMONS, member, pool), now)
        mine = own(await shares_of(accounts.ids[pool]), person_id)
        parts = _asked_of(mine, points)
        await enter_shares(
            account_id=accounts.ids[pool],
            reference=reference,
            shares=_shares_of(person_id, parts),
            sign=-1,
        )
        return accounts, _moves_back(accounts, pool, member, parts)

    heading = Heading(
        book_id=book_id,
        kind="pool",
        reference=reference,
        reason=reason,
        actor_id=actor_id,
        now=now,
        facts={"person": person_id, "household": household_id, "points": points, "back": True},
    )
    return await post(heading, plan)


async def hold_from_pool(
    *,
    book_id: int,
    person_id: int,
    household_id: int,
    case_id: int,
    points: int,
    reference: str,
    reason: str,
    actor_id: int | None,
    now: datetime,
) -> Receipt:
    """Set points of the pool aside for what one member asked for, her own share first."""
    check_amount(points)
    pool, case = pool_of(household_id), AccountName("redemption", case_id)

    async def plan() -> Moves:
        today = await day_in_book(book_id=book_id, now=now)
        accounts = await open_accounts(book_id=book_id, names=(pool, case))
        if await case_is_closed(accounts.ids[case]):
            raise CaseClosed
        has = accounts.standings[pool]
        parts = spend(has.holdings, points=points, today=today, grace=has.grace)
        shares = split(parts, await shares_of(accounts.ids[pool]), first=person_id)
        await enter_shares(
            account_id=accounts.ids[pool], reference=reference, shares=shares, sign=-1
        )
        return accounts, [Move(pool, case, part.points, part.vintage) for part in parts]

    heading = Heading(
        book_id=book_id,
        kind="hold",
        reference=reference,
        reason=reason,
        actor_id=actor_id,
        now=now,
        facts={"person": person_id, "household": household_id, "points": points, "case": case_id},
    )
    return await post(heading, plan)


async def release_to_pool(
    *,
    book_id: int,
    household_id: int,
    case_id: int,
    grace: bool,
    reference: str,
    reason: str,
    actor_id: int | None,
    now: datetime,
) -> Receipt:
    """Give back to the pool what it has in a case: the same vintages, to the same shares."""
    pool, case = pool_of(household_id), AccountName("redemption", case_id)

    async def plan() -> Moves:
        today = await day_in_book(book_id=book_id, now=now)
        names = (COMMONS, pool, case)
        accounts = await open_accounts(book_id=book_id, names=names)
        if not accounts.standings[case].balance or await case_is_closed(accounts.ids[case]):
            raise NothingHeld
        if grace:
            accounts = await sweep_before_grace(book_id, names, accounts, today=today, now=now)
        return accounts, await back_into_pool(
            accounts, pool=pool, case=case, source=case, reference=reference,
            since=today if grace else None,
        )  # fmt: skip

    heading = Heading(
        book_id=book_id,
        kind="release",
        reference=reference,
        reason=reason,
        actor_id=actor_id,
        now=now,
        facts={"household": household_id, "case": case_id, "grace": grace},
    )
    return await post(heading, plan)


async def own_share(*, book_id: int, person_id: int, household_id: int) -> dict[date, int]:
    """What of the pool is a person's own, by the day on which it ends."""
    account_id = await find_account(book_id=book_id, name=pool_of(household_id))
    return {} if account_id is None else own(await shares_of(account_id), person_id)


def check_amount(points: int) -> None:
    """Refuse what cannot be posted."""
    if not 1 <= points <= AMOUNT_MAX:
        raise BadAmount(amount=points)


def _moves_back(
    accounts: OpenAccounts, pool: AccountName, member: AccountName, parts: Sequence[Part]
) -> list[Move]:
    """With the grace that the pool has for a vintage, never a longer one."""
    grace = accounts.standings[pool].grace
    return [
        Move(pool, member, part.points, part.vintage, grace.get(part.vintage)) for part in parts
    ]


async def _swept(
    book_id: int, names: tuple[AccountName, ...], now: datetime
) -> tuple[OpenAccounts, date]:
    """The accounts under lock, without what has expired; and the day it is."""
    today = await day_in_book(book_id=book_id, now=now)
    accounts = await open_accounts(book_id=book_id, names=names)
    return await sweep_before_grace(book_id, names, accounts, today=today, now=now), today


def _asked_of(mine: dict[date, int], points: int | None) -> tuple[Part, ...]:
    has = sum(mine.values())
    if not has:
        raise NoShare
    parts = take(mine, has if points is None else points)
    if points is not None and total(parts) < points:
        raise NotInPool(left=has, asked=points)
    return parts


def _shares_of(person_id: int, parts: Sequence[Part]) -> list[Share]:
    return [Share(person_id, part.vintage, part.points) for part in parts]
