"""The one place where the books are written.

``post`` answers a reference once: whoever repeats it with the same content gets the first receipt
or the first refusal, whoever brings it with another content is refused.  Inside an outer use case
a refusal undoes that use case as a whole and is not kept.
"""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any

from points.errors import Conflict, error_by_code
from points.ledger.accounts import OpenAccounts
from points.ledger.errors import BadReason, BadReference, ReferenceReused
from points.ledger.rules import AccountName, Entered, Move, enter
from points.ledger.written import Booked, Heading, write
from points.transactions import engine, is_postgres, run, use_case, whole

__all__ = ["Heading", "Line", "Receipt", "lines_of", "post"]

REFERENCE_LENGTH_MAX = 120
REASON_LENGTH_MAX = 300
Plan = Callable[[], Awaitable[tuple[OpenAccounts, Sequence[Move]]]]


@dataclass(frozen=True, slots=True)
class Line:
    """One transfer; a balance is the one after it, None on an account that keeps none."""

    source: AccountName
    target: AccountName
    amount: int
    vintage: date | None
    source_balance: int | None
    target_balance: int | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a posting did.  ``replayed``: it stood already, nothing was written now."""

    posting_id: int
    reference: str
    replayed: bool
    lines: tuple[Line, ...]


async def post(heading: Heading, plan: Plan) -> Receipt:
    """Write what ``plan`` works out under locks, once per reference."""
    check_heading(heading)
    if engine().transaction_exists():
        return await _post(heading=heading, plan=plan)
    try:
        return await _post(heading=heading, plan=plan)
    except ReferenceReused:
        raise
    except Conflict as refusal:
        first = await _keep_refusal(heading=heading, refusal=refusal)
        if first is None:
            raise
        return first


def check_heading(heading: Heading) -> None:
    """Refuse what does not fit the books, before anything is bound to it."""
    if not 1 <= len(heading.reference) <= REFERENCE_LENGTH_MAX:
        raise BadReference(length_max=REFERENCE_LENGTH_MAX)
    if not 1 <= len(heading.reason) <= REASON_LENGTH_MAX:
        raise BadReason(length_max=REASON_LENGTH_MAX)


@use_case
@whole
async def _post(*, heading: Heading, plan: Plan) -> Receipt:
    first = await _first_answer(heading)
    if first is not None:
        return first
    accounts, moves = await plan()
    assert moves, "a posting moves something"
    entered, after = enter(moves, accounts.standings)
    booked = Booked(posting=heading.row, entered=entered)
    written = await write([booked], accounts=accounts, after=after)
    return receipt(written[0], booked)


def receipt(posting_id: int, booked: Booked) -> Receipt:
    """What was written under that number."""
    return Receipt(
        posting_id=posting_id,
        reference=booked.posting["reference"],
        replayed=False,
        lines=tuple(line_of(one) for one in booked.entered),
    )


@use_case
@whole
async def _keep_refusal(*, heading: Heading, refusal: Conflict) -> Receipt | None:
    """Keep the answer, unless the reference was answered by another caller in the meantime."""
    first = await _first_answer(heading)
    if first is None:
        await run(
            "INSERT INTO refusal (reference, request_hash, code, facts, refused_at) "
            "VALUES ({}, {}, {}, {}, {})",
            heading.reference,
            heading.request_hash,
            refusal.code,
            json.dumps(refusal.facts, default=str),
            heading.now.astimezone(UTC),
        )
    return first


async def _first_answer(heading: Heading) -> Receipt | None:
    """The first receipt or (raised) refusal under this reference; None if it is a new one."""
    found = (await answers_to([heading.reference])).get(heading.reference)
    return await first_receipt(found, heading=heading) if found else None


async def answers_to(references: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What was answered to these references, one caller at a time for each of them."""
    if is_postgres():
        rows = await run("SELECT * FROM books_answers({})", list(references))
    else:
        marks = ", ".join(["{}"] * len(references))
        rows = await run(
            "SELECT id, reference, request_hash, '' AS code, '' AS facts FROM posting "
            f"WHERE reference IN ({marks}) "
            "UNION ALL SELECT NULL, reference, request_hash, code, facts FROM refusal "
            f"WHERE reference IN ({marks})",
            *references,
            *references,
        )
    return {str(row["reference"]): row for row in rows}


async def first_receipt(found: Mapping[str, Any], *, heading: Heading) -> Receipt:
    """The first receipt, if the content is the same; raises the first refusal as well."""
    if found["request_hash"] != heading.request_hash:
        raise ReferenceReused(reference=heading.reference, posting_id=found["id"])
    if found["id"] is None:
        raise error_by_code(found["code"])(**json.loads(found["facts"]))
    return Receipt(
        posting_id=int(found["id"]),
        reference=heading.reference,
        replayed=True,
        lines=await lines_of(int(found["id"])),
    )


async def lines_of(posting_id: int) -> tuple[Line, ...]:
    """The transfers of a posting, in their order."""
    rows = await run(
        "SELECT s.kind AS source_kind, s.owner_id AS source_owner, t.kind AS target_kind, "
        "t.owner_id AS target_owner, x.amount, x.vintage, x.source_balance, x.target_balance "
        "FROM transfer x JOIN account s ON s.id = x.source_id JOIN account t ON t.id = x.target_id "
        "WHERE x.posting_id = {} ORDER BY x.line",
        posting_id,
    )
    return tuple(
        Line(
            source=AccountName(str(row["source_kind"]), int(row["source_owner"])),
            target=AccountName(str(row["target_kind"]), int(row["target_owner"])),
            amount=int(row["amount"]),
            vintage=row["vintage"],
            source_balance=row["source_balance"],
            target_balance=row["target_balance"],
        )
        for row in rows
    )


def line_of(one: Entered) -> Line:
    """The line of a receipt that this entry makes."""
    return Line(
        source=one.move.source,
        target=one.move.target,
        amount=one.move.amount,
        vintage=one.move.vintage,
        source_balance=one.source.balance if one.source else None,
        target_balance=one.target.balance if one.target else None,
    )
