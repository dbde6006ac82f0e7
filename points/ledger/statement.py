"""What stands in the accounts of a person, and how it came there."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal

from points.community.rules import row_number
from points.ledger.accounts import find_account
from points.ledger.errors import PostingUnknown
from points.ledger.journal import Line, lines_of
from points.ledger.rules import AccountName, last_day
from points.transactions import run

Unit = Literal["points", "minutes", "arrears"]
Way = Literal["both", "in", "out"]
ACCOUNT_OF: Final[dict[Unit, str]] = {
    "points": "member",
    "minutes": "member_minutes",
    "arrears": "arrears",
}
SIDES: Final[dict[Way, tuple[str, ...]]] = {
    "both": ("source", "target"),
    "in": ("target",),
    "out": ("source",),
}
LINES_MAX: Final = 500
# The entries on one side of an account between two sequences, newest first.
_SIDE: Final = {
    side: f"SELECT * FROM (SELECT posting_id, vintage, {sign}amount AS amount, "
    f"{side}_sequence AS sequence, {side}_balance AS balance FROM transfer "
    f"WHERE {side}_id = {{}} AND {side}_sequence > {{}} AND {side}_sequence < {{}} "
    f"ORDER BY {side}_sequence DESC LIMIT {{}}) AS {side}_side"
    for side, sign in (("source", "-"), ("target", ""))
}
# Both sides together, each with its posting; every row of the books is looked up once.
_PAGE: Final = (
    "SELECT e.sequence, e.amount, e.balance, e.vintage, p.id AS posting_id, p.kind, p.reason, "
    "p.details, p.happened_at, p.recorded_at, p.service_record_id, p.reverses_id, "
    "EXISTS (SELECT 1 FROM posting q WHERE q.reverses_id = p.id) AS reversed "
    "FROM ({} ORDER BY sequence DESC LIMIT {{}}) AS e JOIN posting p ON p.id = e.posting_id "
    "ORDER BY e.sequence DESC"
)
# Beyond every sequence: the newest entry is the first to be shown.
NEWEST: Final = 2**62


@dataclass(frozen=True, slots=True)
class Balances:
    """What a person has and owes (arrears > 0), and which points go when, soonest first.

    The day is the last on which they can be spent, with the grace of those who had to wait.
    """

    points: int
    minutes: int
    arrears: int
    expiring: tuple[tuple[date, int], ...]


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One line of a statement, with the balance after it."""

    sequence: int
    amount: int
    balance: int
    kind: str
    reason: str
    details: tuple[dict[str, Any], ...]
    happened_at: datetime
    recorded_at: datetime
    posting_id: int
    service_record_id: int | None
    reversed: bool
    reverses_id: int | None
    vintage: date | None


@dataclass(frozen=True, slots=True)
class PostingDetail:
    """One posting with everything it says: the answer to "why these points?"."""

    posting_id: int
    book_id: int
    reference: str
    kind: str
    reason: str
    details: tuple[dict[str, Any], ...]
    actor_id: int | None
    happened_at: datetime
    recorded_at: datetime
    service_record_id: int | None
    reverses_id: int | None
    reversed_by: tuple[int, ...]
    lines: tuple[Line, ...]


async def balances(*, book_id: int, person_id: int) -> Balances:
    """What a person has and owes in a book; all zero if nothing was ever posted."""
    rows = await run(
        "SELECT id, kind, balance FROM account WHERE book_id = {} AND person_id = {}",
        book_id,
        person_id,
    )
    stands = {str(row["kind"]): int(row["balance"]) for row in rows}
    holdings = await run(
        "SELECT h.vintage, h.points, h.grace_until FROM account a "
        "JOIN holding h ON h.account_id = a.id "
        "WHERE a.book_id = {} AND a.person_id = {} AND a.kind = 'member' AND h.points > 0",
        book_id,
        person_id,
    )
    expiring = sorted(
        (last_day(row["vintage"], row["grace_until"]), int(row["points"])) for row in holdings
    )
    return Balances(
        points=stands.get("member", 0),
        minutes=stands.get("member_minutes", 0),
        arrears=-stands.get("arrears", 0),
        expiring=tuple(expiring),
    )


async def books_of(person_id: int) -> tuple[tuple[int, str], ...]:
    """The books in which a person has accounts, oldest first, with the name of each area."""
    rows = await run(
        "SELECT b.id, a.name FROM book b JOIN area a ON a.id = b.area_id "
        "WHERE b.id IN (SELECT book_id FROM account WHERE person_id = {}) ORDER BY b.id",
        row_number(person_id),
    )
    return tuple((int(row["id"]), str(row["name"])) for row in rows)


async def available(*, book_id: int, person_id: int, today: date) -> int:
    """How many points a person can spend today: what has expired and was not swept yet is not."""
    standing = await balances(book_id=book_id, person_id=person_id)
    return sum(points for day, points in standing.expiring if day >= today)


async def statement(
    *,
    book_id: int,
    person_id: int,
    unit: Unit,
    before_sequence: int | None = None,
    after_sequence: int = 0,
    way: Way = "both",
    limit: int = 50,
) -> tuple[EntryLine, ...]:
    """Entries of a person's points, minutes or debt, newest first, between two sequences.

    A page costs the same however long the history is: each direction is read from its index.
    """
    account_id = await account_of(book_id=book_id, person_id=person_id, unit=unit)
    if account_id is None:
        return ()
    lines = max(1, min(limit, LINES_MAX))
    before = before_sequence if before_sequence is not None else NEWEST
    sides = SIDES[way]
    rows = await run(
        _PAGE.format(" UNION ALL ".join(_SIDE[side] for side in sides)),
        *(account_id, after_sequence, before, lines) * len(sides),
        lines,
    )
    return tuple(_entry_line(row) for row in rows)


async def account_of(*, book_id: int, person_id: int, unit: Unit) -> int | None:
    """The number of the account that holds this unit, if anything was ever posted to it."""
    return await find_account(book_id=book_id, name=AccountName(ACCOUNT_OF[unit], person_id))


async def posting_detail(posting_id: int) -> PostingDetail:
    """Everything that stands about one posting."""
    rows = await run(
        "SELECT id, book_id, reference, kind, reason, details, actor_id, happened_at, "
        "recorded_at, service_record_id, reverses_id FROM posting WHERE id = {}",
        posting_id,
    )
    if not rows:
        raise PostingUnknown(posting_id=posting_id)
    row = rows[0]
    reversals = await run("SELECT id FROM posting WHERE reverses_id = {} ORDER BY id", posting_id)
    return PostingDetail(
        posting_id=posting_id,
        book_id=int(row["book_id"]),
        reference=str(row["reference"]),
        kind=str(row["kind"]),
        reason=str(row["reason"]),
        details=_details(row["details"]),
        actor_id=row["actor_id"],
        happened_at=row["happened_at"],
        recorded_at=row["recorded_at"],
        service_record_id=row["service_record_id"],
        reverses_id=row["reverses_id"],
        reversed_by=tuple(int(reversal["id"]) for reversal in reversals),
        lines=await lines_of(posting_id),
    )


def _entry_line(row: dict[str, Any]) -> EntryLine:
    return EntryLine(
        sequence=int(row["sequence"]),
        amount=int(row["amount"]),
        balance=int(row["balance"]),
        kind=str(row["kind"]),
        reason=str(row["reason"]),
        details=_details(row["details"]),
        happened_at=row["happened_at"],
        recorded_at=row["recorded_at"],
        posting_id=int(row["posting_id"]),
        service_record_id=row["service_record_id"],
        reversed=bool(row["reversed"]),
        reverses_id=row["reverses_id"],
        vintage=row["vintage"],
    )


def _details(text: str | None) -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(text)) if text else ()
