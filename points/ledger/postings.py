"""What may happen in the books.  Each call is one posting, known by its reference.

Called on its own, a function is one transaction, and its refusal is kept; called inside a use case
it is part of that one.  Amounts are checked before anything else, so a wrong amount binds nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Literal

from points.ledger.accounts import OpenAccounts, names_of_person, open_accounts
from points.ledger.awards import post_award, to_award
from points.ledger.books import day_in_book
from points.ledger.cases import case_is_closed, held_by_person
from points.ledger.errors import BadAmount, CaseClosed, NothingHeld
from points.ledger.expiry import COMMONS, sweep_before_grace
from points.ledger.journal import Heading, Line, Receipt, post
from points.ledger.reversals import reverse_award, reverse_fulfil
from points.ledger.rules import (
    AMOUNT_MAX,
    ISSUER,
    AccountName,
    Move,
    Part,
    earn,
    grace_after,
    plan_reversal,
    spend,
    spendable,
    take,
    vintage_of,
)

__all__ = [
    "Line",
    "Receipt",
    "award",
    "fulfil",
    "hold",
    "recount",
    "release",
    "reverse_award",
    "reverse_fulfil",
]

CaseKind = Literal["redemption", "activity"]
Moves = tuple[OpenAccounts, Sequence[Move]]


async def award(
    *,
    book_id: int,
    person_id: int,
    minutes: int,
    points: int,
    expires_on: date,
    service_record_id: int,
    reference: str,
    reason: str,
    details: Sequence[Mapping[str, object]] = (),
    actor_id: int | None,
    happened_at: datetime,
    now: datetime,
) -> Receipt:
    """Minutes and points of a confirmed service record; the points repay arrears first."""
    return await post_award(
        to_award(
            book_id=book_id,
            person_id=person_id,
            minutes=minutes,
            points=points,
            expires_on=expires_on,
            service_record_id=service_record_id,
            reference=reference,
            reason=reason,
            details=details,
            actor_id=actor_id,
            happened_at=happened_at,
            now=now,
        )
    )


async def recount(
    *,
    book_id: int,
    person_id: int,
    points: int,
    expires_on: date,
    service_record_id: int,
    reference: str,
    reason: str,
    details: Sequence[Mapping[str, object]] = (),
    actor_id: int | None,
    now: datetime,
) -> Receipt:
    """Give (> 0) or take back (< 0) what other records turn out to be worth after a reversal."""
    _check_amount(abs(points), least=1)

    async def plan() -> Moves:
        accounts = await _accounts_to_earn(book_id, person_id)
        if points > 0:
            return accounts, _earned(accounts, person_id, points, expires_on)
        today = await day_in_book(book_id=book_id, now=now)
        return accounts, _taken_back(accounts, person_id, -points, expires_on, today)

    heading = Heading(
        book_id=book_id,
        kind="recount",
        reference=reference,
        reason=reason,
        actor_id=actor_id,
        now=now,
        facts=_facts(person_id, points, expires_on=expires_on),
        details=details,
        service_record_id=service_record_id,
    )
    return await post(heading, plan)


async def hold(
    *,
    book_id: int,
    person_id: int,
    case_kind: CaseKind,
    case_id: int,
    points: int,
    reference: str,
    reason: str,
    actor_id: int | None,
    now: datetime,
    today: date,
) -> Receipt:
    """Set points aside for an open case: soonest-expiring first, none that have expired.

    Points with grace (see ``release``) can be spent until it ends.
    """
    _check_amount(points, least=1)
    member, case = AccountName("member", person_id), AccountName(case_kind, case_id)

    async def plan() -> Moves:
        accounts = await open_accounts(book_id=book_id, names=(member, case))
        if accounts.standings[case].sequence and await case_is_closed(accounts.ids[case]):
            raise CaseClosed
        has = accounts.standings[member]
        parts = spend(has.holdings, points=points, today=today, grace=has.grace)
        return accounts, [Move(member, case, part.points, part.vintage) for part in parts]

    heading = Heading(
        book_id=book_id,
        kind="hold",
        reference=reference,
        reason=reason,
        actor_id=actor_id,
        now=now,
        facts=_facts(person_id, points, case=(case_kind, case_id)),
    )
    return await post(heading, plan)


async def release(
    *,
    book_id: int,
    person_id: int,
    case_kind: CaseKind,
    case_id: int,
    grace: bool,
    reference: str,
    reason: str,
    actor_id: int | None,
    now: datetime,
) -> Receipt:
    """Give back what this person has in a case: the same vintages that were held.

    ``grace`` where others refused or were late, never where she cancels: see ``_given_back``.
    """
    member, case = AccountName("member", person_id), AccountName(case_kind, case_id)

    async def plan() -> Moves:
        names = (COMMONS, member, case) if grace else (member, case)
        accounts = await open_accounts(book_id=book_id, names=names)
        parts = (await held_by_person(accounts.ids[case])).get(person_id, ())
        if not parts or await case_is_closed(accounts.ids[case]):
            raise NothingHeld
        today = await day_in_book(book_id=book_id, now=now) if grace else None
        if today:
            accounts = await sweep_before_grace(book_id, names, accounts, today=today, now=now)
        return accounts, _given_back(case, member, parts, since=today)

    heading = Heading(
        book_id=book_id,
        kind="release",
        reference=reference,
        reason=reason,
        actor_id=actor_id,
        now=now,
        facts=_facts(person_id, None, case=(case_kind, case_id), grace=grace),
    )
    return await post(heading, plan)


async def fulfil(
    *,
    book_id: int,
    case_kind: CaseKind,
    case_id: int,
    reference: str,
    reason: str,
    actor_id: int | None,
    now: datetime,
) -> Receipt:
    """Spend for good all that a case holds, of everybody; the case takes no points after that."""
    case, redeemed = AccountName(case_kind, case_id), AccountName("redeemed")

    async def plan() -> Moves:
        accounts = await open_accounts(book_id=book_id, names=(case, redeemed))
        standing = accounts.standings[case]
        parts = take(spendable(standing.holdings, date.min), standing.balance)
        if not parts:
            raise NothingHeld
        return accounts, [Move(case, redeemed, part.points, part.vintage) for part in parts]

    heading = Heading(
        book_id=book_id,
        kind="fulfil",
        reference=reference,
        reason=reason,
        actor_id=actor_id,
        now=now,
        facts={"case": (case_kind, case_id)},
    )
    return await post(heading, plan)


def _given_back(
    case: AccountName, member: AccountName, parts: Sequence[Part], *, since: date | None
) -> list[Move]:
    """Each vintage as it was held; what has expired by ``since`` can be spent for 30 days more."""
    return [
        Move(case, member, part.points, part.vintage, since and grace_after(part.vintage, since))
        for part in parts
    ]


async def _accounts_to_earn(book_id: int, person_id: int) -> OpenAccounts:
    names = (ISSUER, *names_of_person(person_id))
    return await open_accounts(book_id=book_id, names=names)


def _earned(accounts: OpenAccounts, person_id: int, points: int, expires_on: date) -> list[Move]:
    arrears, member = AccountName("arrears", person_id), AccountName("member", person_id)
    repaid, kept = earn(points=points, arrears=accounts.standings[arrears].balance)
    moves = [Move(ISSUER, arrears, repaid)] if repaid else []
    return [*moves, Move(ISSUER, member, kept, vintage_of(expires_on))] if kept else moves


def _taken_back(
    accounts: OpenAccounts, person_id: int, points: int, expires_on: date, today: date
) -> list[Move]:
    arrears, member = AccountName("arrears", person_id), AccountName("member", person_id)
    has = accounts.standings[member]
    back = plan_reversal(
        points=points,
        vintage=vintage_of(expires_on),
        held=has.holdings,
        today=today,
        grace=has.grace,
    )
    moves = [Move(member, ISSUER, part.points, part.vintage) for part in back.own]
    return [*moves, Move(arrears, ISSUER, back.arrears)] if back.arrears else moves


def _facts(person_id: int, points: int | None, **others: object) -> dict[str, object]:
    return {"person": person_id, "points": points, **others}


def _check_amount(amount: int, *, least: int) -> None:
    if not least <= amount <= AMOUNT_MAX:
        raise BadAmount(amount=amount)
