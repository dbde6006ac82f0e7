"""Awards on PostgreSQL in one call: the server adds them to where their people stand.

What an award adds is known beforehand, unless its person owes points: her so-manieth entry within
the set, and so much more than she had.  So nothing is read first and nothing locked between.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from points.ledger.journal import Line, Receipt
from points.ledger.rules import ISSUER, ISSUER_MINUTES, AccountName
from points.ledger.written import Heading, Row
from points.transactions import run

CALL: Final = f"SELECT * FROM books_award({', '.join(['{}'] * 18)})"
SAID: Final = (
    *("reference", "request_hash", "reason", "details", "actor_id"),
    *("happened_at", "recorded_at", "service_record_id"),
)


@dataclass(frozen=True, slots=True)
class Award:
    """Minutes and points of one confirmed record, ready for the writer but for what she has."""

    heading: Heading
    posting: Row
    # The accounts of the person: points, debts, minutes.
    names: tuple[AccountName, AccountName, AccountName]
    minutes: int
    points: int
    vintage: date


class _Sums:
    """Entries of each person's account so far, and how much they add."""

    def __init__(self) -> None:
        self.entries: list[int] = []
        self.sums: list[int] = []
        self._now: dict[int, tuple[int, int]] = {}

    def add(self, person_id: int, amount: int) -> None:
        """One more entry; none where nothing is added."""
        entries, total = self._now.get(person_id, (0, 0))
        if amount:
            entries, total = entries + 1, total + amount
        self._now[person_id] = entries, total
        self.entries.append(entries)
        self.sums.append(total)


async def gain(awards: Sequence[Award]) -> list[Receipt] | None:
    """Post awards of one book in their order; their receipts.

    None, and nothing is written, if a reference was answered before, an account is not open or
    somebody owes points.
    """
    people = [award.names[0].owner_id for award in awards]
    points, minutes = _Sums(), _Sums()
    for person_id, award in zip(people, awards, strict=True):
        points.add(person_id, award.points)
        minutes.add(person_id, award.minutes)
    ends = {person_id: number for number, person_id in enumerate(people)}
    rows = await run(
        CALL,
        awards[0].posting["book_id"],
        *([award.posting[said] for award in awards] for said in SAID),
        *(people, [award.points for award in awards], [award.vintage for award in awards]),
        *(points.entries, points.sums),
        *([award.minutes for award in awards], minutes.entries, minutes.sums),
        [ends[person_id] == number for number, person_id in enumerate(people)],
    )
    return _receipts(awards, points.sums, minutes.sums, rows[0]) if rows else None


def _receipts(
    awards: Sequence[Award], points: Sequence[int], minutes: Sequence[int], told: dict[str, Any]
) -> list[Receipt]:
    found = zip(told["kinds"], told["owners"], told["balances"], strict=True)
    stood = {(kind, owner_id): balance for kind, owner_id, balance in found}
    receipts = []
    for number, award in enumerate(awards):
        member, _, served = award.names
        before = stood["member_minutes", served.owner_id]
        after = before + minutes[number]
        lines = [Line(ISSUER_MINUTES, served, award.minutes, None, None, after)]
        if award.points:
            after = stood["member", member.owner_id] + points[number]
            lines.insert(0, Line(ISSUER, member, award.points, award.vintage, None, after))
        reference = award.posting["reference"]
        receipts.append(Receipt(told["ids"][number], reference, False, tuple(lines)))
    return receipts
