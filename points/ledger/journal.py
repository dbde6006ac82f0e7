"""The one place where the books are written.

``post`` answers a reference once: whoever repeats it with the same content gets the first receipt
or the first refusal, whoever brings it with another content is refused.  Inside an outer use case
a refusal undoes that use case as a whole and is not kept.
"""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from points.errors import Conflict, error_by_code
from points.ledger.accounts import OpenAccounts
from points.ledger.errors import BadReason, BadReference, ReferenceReused
from points.ledger.rules import AccountName, Entered, Move, Standing, enter
from points.requests import body_hash
from points.transactions import engine, is_postgres, run, use_case

REFERENCE_LENGTH_MAX = 120
REASON_LENGTH_MAX = 300
Plan = Callable[[], Awaitable[tuple[OpenAccounts, Sequence[Move]]]]


@dataclass(frozen=True, slots=True)
class Heading:
    """What a posting says of itself; ``facts`` is the rest of its content, for the hash."""

    book_id: int
    kind: str
    reference: str
    reason: str
    actor_id: int | None
    now: datetime
    facts: Mapping[str, object]
    happened_at: datetime | None = None
    details: Sequence[Mapping[str, object]] = ()
    reverses_id: int | None = None
    service_record_id: int | None = None

    @property
    def request_hash(self) -> str:
        """Hash of everything but the moment at which it was asked."""
        return body_hash(
            {
                "book": self.book_id,
                "kind": self.kind,
                "reason": self.reason,
                "actor": self.actor_id,
                "facts": dict(self.facts),
                "happened_at": self.happened_at,
                "details": [dict(detail) for detail in self.details],
                "reverses": self.reverses_id,
                "record": self.service_record_id,
            }
        )


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
    if not 1 <= len(heading.reference) <= REFERENCE_LENGTH_MAX:
        raise BadReference(length_max=REFERENCE_LENGTH_MAX)
    if not 1 <= len(heading.reason) <= REASON_LENGTH_MAX:
        raise BadReason(length_max=REASON_LENGTH_MAX)
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


@use_case
async def _post(*, heading: Heading, plan: Plan) -> Receipt:
    first = await _first_answer(heading)
    if first is not None:
        return first
    accounts, moves = await plan()
    assert moves, "a posting moves something"
    posting_id = await _insert_posting(heading)
    entered, after = enter(moves, accounts.standings)
    await _insert_transfers(posting_id, heading.kind, entered, accounts)
    await _update_holdings(entered, after, accounts)
    await _update_accounts(after, accounts)
    lines = tuple(_line(one) for one in entered)
    return Receipt(posting_id=posting_id, reference=heading.reference, replayed=False, lines=lines)


@use_case
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
    if is_postgres():
        # One caller at a time per reference; all others see below what the first one did.
        await run("SELECT pg_advisory_xact_lock(hashtextextended({}, 0))", heading.reference)
    rows = await run(
        "SELECT id, request_hash, '' AS code, '' AS facts FROM posting WHERE reference = {} "
        "UNION ALL SELECT NULL, request_hash, code, facts FROM refusal WHERE reference = {}",
        heading.reference,
        heading.reference,
    )
    if not rows:
        return None
    first = rows[0]
    if first["request_hash"] != heading.request_hash:
        raise ReferenceReused(reference=heading.reference, posting_id=first["id"])
    if first["id"] is None:
        raise error_by_code(first["code"])(**json.loads(first["facts"]))
    return Receipt(
        posting_id=int(first["id"]),
        reference=heading.reference,
        replayed=True,
        lines=await lines_of(int(first["id"])),
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


async def _insert_posting(heading: Heading) -> int:
    [row] = await run(
        "INSERT INTO posting (book_id, reference, request_hash, kind, reason, details, actor_id, "
        "happened_at, recorded_at, reverses_id, service_record_id) "
        "VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}) RETURNING id",
        heading.book_id,
        heading.reference,
        heading.request_hash,
        heading.kind,
        heading.reason,
        json.dumps(heading.details, ensure_ascii=False) if heading.details else None,
        heading.actor_id,
        (heading.happened_at or heading.now).astimezone(UTC),
        heading.now.astimezone(UTC),
        heading.reverses_id,
        heading.service_record_id,
    )
    return int(row["id"])


async def _insert_transfers(
    posting_id: int, kind: str, entered: Sequence[Entered], accounts: OpenAccounts
) -> None:
    row = (
        "({}, {}, (SELECT id FROM route WHERE kind = {} AND unit = {} "
        "AND source_kind = {} AND target_kind = {}), {}, {}, {}, {}, {}, {}, {}, {})"
    )
    values: list[object] = []
    for line, one in enumerate(entered, 1):
        move = one.move
        values += [posting_id, line]
        values += [kind, move.source.unit, move.source.kind, move.target.kind]
        values += [accounts.ids[move.source], accounts.ids[move.target], move.vintage, move.amount]
        for side in (one.source, one.target):
            values += [side.sequence, side.balance] if side else [None, None]
    await run(
        "INSERT INTO transfer (posting_id, line, route_id, source_id, target_id, vintage, amount, "
        "source_sequence, source_balance, target_sequence, target_balance) "
        f"VALUES {', '.join([row] * len(entered))}",
        *values,
    )


async def _update_holdings(
    entered: Sequence[Entered], after: Mapping[AccountName, Standing], accounts: OpenAccounts
) -> None:
    touched = {
        (name, one.move.vintage)
        for one in entered
        for name in (one.move.source, one.move.target)
        if name.in_vintages and one.move.vintage is not None
    }
    if not touched:
        return
    values = [
        value
        for name, vintage in sorted(touched)
        for value in (
            accounts.ids[name],
            vintage,
            after[name].holdings[vintage],
            after[name].grace.get(vintage),
        )
    ]
    await run(
        "INSERT INTO holding (account_id, vintage, points, grace_until) "
        f"VALUES {', '.join(['({}, {}, {}, {})'] * len(touched))} "
        "ON CONFLICT (account_id, vintage) DO UPDATE "
        "SET points = excluded.points, grace_until = excluded.grace_until",
        *values,
    )


async def _update_accounts(after: Mapping[AccountName, Standing], accounts: OpenAccounts) -> None:
    values = [
        value
        for name, standing in after.items()
        if standing.sequence != accounts.standings[name].sequence
        for value in (accounts.ids[name], standing.balance, standing.sequence)
    ]
    # All accounts in one statement, so that a sweep of many costs little more than one of a few.
    row = "(CAST({} AS BIGINT), CAST({} AS BIGINT), CAST({} AS BIGINT))"
    await run(
        f"WITH stands (id, balance, sequence) AS (VALUES {', '.join([row] * (len(values) // 3))}) "
        "UPDATE account SET balance = stands.balance, sequence = stands.sequence "
        "FROM stands WHERE account.id = stands.id",
        *values,
    )


def _line(one: Entered) -> Line:
    return Line(
        source=one.move.source,
        target=one.move.target,
        amount=one.move.amount,
        vintage=one.move.vintage,
        source_balance=one.source.balance if one.source else None,
        target_balance=one.target.balance if one.target else None,
    )
