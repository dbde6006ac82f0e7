"""A mistake is corrected by a posting that reverses another one, in whole or in part."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from points.ledger.accounts import OpenAccounts, names_of_person, open_accounts
from points.ledger.books import day_in_book
from points.ledger.cases import held_by_person, pools_in
from points.ledger.errors import AlreadyReversed, BadAmount, PostingUnknown, ReversalTooLarge
from points.ledger.expiry import COMMONS, sweep_before_grace
from points.ledger.journal import Heading, Receipt, lines_of, post
from points.ledger.rules import (
    AccountName,
    Move,
    Part,
    Standing,
    grace_after,
    plan_reversal,
    take,
)
from points.ledger.shares import back_into_pool
from points.transactions import run

ISSUER = AccountName("issuer")


@dataclass(frozen=True, slots=True)
class _Award:
    posting_id: int
    book_id: int
    person_id: int
    service_record_id: int
    vintage: date | None


async def reverse_award(
    *,
    posting_id: int,
    reference: str,
    reason: str,
    actor_id: int | None,
    now: datetime,
    points: int | None = None,
    minutes: int | None = None,
) -> Receipt:
    """Take back an award; None takes all that is left of it.  Open requests are not touched."""
    for amount in (points, minutes):
        if amount is not None and amount < 0:
            raise BadAmount(amount=amount)
    if points == 0 and minutes == 0:
        raise BadAmount(amount=0)
    award = await _award(posting_id)

    async def plan() -> tuple[OpenAccounts, Sequence[Move]]:
        return await _plan_award(award, points=points, minutes=minutes, now=now)

    heading = Heading(
        book_id=award.book_id,
        kind="reversal",
        reference=reference,
        reason=reason,
        actor_id=actor_id,
        now=now,
        facts={"points": points, "minutes": minutes},
        reverses_id=posting_id,
        service_record_id=award.service_record_id,
    )
    return await post(heading, plan)


async def reverse_fulfil(
    *, posting_id: int, reference: str, reason: str, actor_id: int | None, now: datetime
) -> Receipt:
    """Undo a hand-over: everybody gets the same vintages back that were spent.

    Those that have expired meanwhile can be spent for 30 days more.
    """
    posting = await _posting(posting_id, kind="fulfil")
    book_id, case = int(posting["book_id"]), (await lines_of(posting_id))[0].source
    redeemed = AccountName("redeemed")

    async def plan() -> tuple[OpenAccounts, Sequence[Move]]:
        case_id = await _source_of(posting_id)
        spent, pools = await held_by_person(case_id), await pools_in(case_id)
        members = [AccountName("member", person_id) for person_id in spent]
        names = (COMMONS, case, redeemed, *members, *pools)
        accounts = await open_accounts(book_id=book_id, names=names)
        if await run("SELECT id FROM posting WHERE reverses_id = {} LIMIT 1", posting_id):
            raise AlreadyReversed(posting_id=posting_id)
        today = await day_in_book(book_id=book_id, now=now)
        accounts = await sweep_before_grace(book_id, names, accounts, today=today, now=now)
        moves = _handed_back(spent, today)
        for pool in pools:
            moves += await back_into_pool(
                accounts, pool=pool, case=case, source=redeemed, reference=reference, since=today
            )
        return accounts, moves

    heading = Heading(
        book_id=book_id,
        kind="reversal",
        reference=reference,
        reason=reason,
        actor_id=actor_id,
        now=now,
        facts={},
        reverses_id=posting_id,
    )
    return await post(heading, plan)


async def _source_of(posting_id: int) -> int:
    rows = await run(
        "SELECT source_id FROM transfer WHERE posting_id = {} AND line = 1", posting_id
    )
    return int(rows[0]["source_id"])


def _handed_back(spent: Mapping[int, Sequence[Part]], today: date) -> list[Move]:
    redeemed = AccountName("redeemed")
    return [
        Move(
            redeemed,
            AccountName("member", person_id),
            part.points,
            part.vintage,
            grace_after(part.vintage, today),
        )
        for person_id, parts in sorted(spent.items())
        for part in parts
    ]


async def _plan_award(
    award: _Award, *, points: int | None, minutes: int | None, now: datetime
) -> tuple[OpenAccounts, Sequence[Move]]:
    today = await day_in_book(book_id=award.book_id, now=now)
    served = AccountName("member_minutes", award.person_id)
    names = [ISSUER, AccountName("issuer_minutes"), *names_of_person(award.person_id)]
    if award.vintage is not None and award.vintage < today:
        names.append(COMMONS)
    names += await _frozen_for(award.posting_id)
    accounts = await open_accounts(book_id=award.book_id, names=names)
    left = await left_of(award.posting_id)
    back = {"points": points, "minutes": minutes}
    asked = {unit: left[unit] if amount is None else amount for unit, amount in back.items()}
    for unit, amount in asked.items():
        if amount > left[unit]:
            raise ReversalTooLarge(posting_id=award.posting_id, left=left[unit], asked=amount)
    if not any(asked.values()):
        raise AlreadyReversed(posting_id=award.posting_id)
    moves = _points_back(award, accounts, points=asked["points"], today=today)
    if asked["minutes"]:
        moves.append(Move(served, AccountName("issuer_minutes"), asked["minutes"]))
    return accounts, moves


def _points_back(award: _Award, accounts: OpenAccounts, *, points: int, today: date) -> list[Move]:
    member = AccountName("member", award.person_id)
    moves = _out_of_disputes(accounts, points)
    back = plan_reversal(
        points=points - sum(move.amount for move in moves),
        vintage=award.vintage,
        held=accounts.standings[member].holdings,
        grace=accounts.standings[member].grace,
        commons=accounts.standings.get(COMMONS, Standing()).holdings,
        today=today,
    )
    moves += [Move(member, ISSUER, part.points, part.vintage) for part in back.own]
    moves += [Move(COMMONS, ISSUER, part.points, part.vintage) for part in back.commons]
    if back.arrears:
        moves.append(Move(AccountName("arrears", award.person_id), ISSUER, back.arrears))
    return moves


async def _frozen_for(posting_id: int) -> list[AccountName]:
    """The accounts in which objections against this award hold its points."""
    rows = await run(
        "SELECT a.owner_id FROM dispute d JOIN account a "
        "ON a.book_id = d.book_id AND a.kind = 'dispute' AND a.owner_id = d.id "
        "WHERE d.posting_id = {} AND d.closed_at IS NULL",
        posting_id,
    )
    return [AccountName("dispute", int(row["owner_id"])) for row in rows]


def _out_of_disputes(accounts: OpenAccounts, points: int) -> list[Move]:
    """What an objection froze goes first, as far as it is asked for."""
    moves: list[Move] = []
    for name, standing in sorted(accounts.standings.items()):
        if name.kind == "dispute":
            left = points - sum(move.amount for move in moves)
            parts = take(dict(sorted(standing.holdings.items())), left)
            moves += [Move(name, ISSUER, part.points, part.vintage) for part in parts]
    return moves


async def _award(posting_id: int) -> _Award:
    posting = await _posting(posting_id, kind="award")
    lines = await lines_of(posting_id)
    return _Award(
        posting_id=posting_id,
        book_id=int(posting["book_id"]),
        person_id=next(line.target.owner_id for line in lines if line.target.owner_id),
        service_record_id=int(posting["service_record_id"]),
        vintage=next((line.vintage for line in lines if line.vintage), None),
    )


async def _posting(posting_id: int, *, kind: str) -> dict[str, Any]:
    rows = await run(
        "SELECT book_id, service_record_id FROM posting WHERE id = {} AND kind = {}",
        posting_id,
        kind,
    )
    if not rows:
        raise PostingUnknown(posting_id=posting_id)
    return rows[0]


async def left_of(posting_id: int) -> dict[str, int]:
    """What of a posting is not yet reversed, per unit; read under the locks of its person."""
    rows = await run(
        "SELECT r.unit, SUM(CASE WHEN p.reverses_id IS NULL THEN t.amount ELSE -t.amount END) "
        "AS amount FROM posting p JOIN transfer t ON t.posting_id = p.id "
        "JOIN route r ON r.id = t.route_id WHERE p.id = {} OR p.reverses_id = {} GROUP BY r.unit",
        posting_id,
        posting_id,
    )
    return {"points": 0, "minutes": 0} | {str(row["unit"]): int(row["amount"]) for row in rows}
