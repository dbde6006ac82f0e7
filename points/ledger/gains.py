"""Awards that the database itself adds to where their people stand.

What an award adds is known beforehand, unless its person owes points: her so-manieth entry within
the set, and so much more than she had.  On PostgreSQL a set is one call; SQLite is asked where
they stand and then given the rows.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from points.ledger.journal import Line, Receipt
from points.ledger.rules import ISSUER, ISSUER_MINUTES, AccountName
from points.ledger.written import Heading, Row, insert_postings
from points.transactions import is_postgres, rows_of, run, run_rows

CALL: Final = f"SELECT * FROM books_award({', '.join(['{}'] * 18)})"
SAID: Final = (
    *("reference", "request_hash", "reason", "details", "actor_id"),
    *("happened_at", "recorded_at", "service_record_id"),
)
# Those whose reference is a new one, whose accounts are open and who owe nothing; all in one row,
# because between rows other threads take their turn.
READY: Final = """
WITH wanted (book_id, person_id, reference) AS ({wanted})
SELECT json_group_array(json_array(w.person_id, m.balance, n.balance, i.id, j.id, m.id, n.id))
    AS ready, (SELECT seq FROM sqlite_sequence WHERE name = 'posting') AS last
FROM wanted w
CROSS JOIN account d ON d.book_id = w.book_id AND d.kind = 'arrears' AND d.owner_id = w.person_id
CROSS JOIN account m ON m.book_id = w.book_id AND m.kind = 'member' AND m.owner_id = w.person_id
CROSS JOIN account n
    ON n.book_id = w.book_id AND n.kind = 'member_minutes' AND n.owner_id = w.person_id
CROSS JOIN account i ON i.book_id = w.book_id AND i.kind = 'issuer' AND i.owner_id = 0
CROSS JOIN account j ON j.book_id = w.book_id AND j.kind = 'issuer_minutes' AND j.owner_id = 0
WHERE d.balance = 0
AND NOT EXISTS (SELECT 1 FROM posting p WHERE p.reference = w.reference)
AND NOT EXISTS (SELECT 1 FROM refusal r WHERE r.reference = w.reference)
""".strip()
ENTER: Final = (
    "INSERT INTO books_award (posting_id, issuer_id, issuer_minutes_id, member_id, minutes_id, "
    "points, vintage, minutes) VALUES {rows}"
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

    @property
    def person_id(self) -> int:
        """Who served."""
        return self.names[0].owner_id


class _Stood(NamedTuple):
    """What a person had before."""

    points: int
    minutes: int


class _Done(NamedTuple):
    """The numbers of the postings, and what each person had."""

    ids: Sequence[int]
    stood: Mapping[int, _Stood]


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
    somebody owes points.  On SQLite whoever calls has opened a transaction.
    """
    points, minutes = _Sums(), _Sums()
    for award in awards:
        points.add(award.person_id, award.points)
        minutes.add(award.person_id, award.minutes)
    done = await (_call(awards, points, minutes) if is_postgres() else _enter(awards))
    if done is None:
        return None
    added = zip(awards, done.ids, points.sums, minutes.sums, strict=True)
    return [
        _receipt(award, posting_id, done.stood[award.person_id], _Stood(more, longer))
        for award, posting_id, more, longer in added
    ]


async def _call(awards: Sequence[Award], points: _Sums, minutes: _Sums) -> _Done | None:
    people = [award.person_id for award in awards]
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
    if not rows:
        return None
    [told] = rows
    found = zip(told["kinds"], told["owners"], told["balances"], strict=True)
    had = {(kind, owner_id): balance for kind, owner_id, balance in found}
    stood = {who: _Stood(had["member", who], had["member_minutes", who]) for who in ends}
    return _Done(told["ids"], stood)


async def _enter(awards: Sequence[Award]) -> _Done | None:
    wanted, values = rows_of(
        ("BIGINT", "BIGINT", "TEXT"),
        [(a.posting["book_id"], a.person_id, a.posting["reference"]) for a in awards],
    )
    [told] = await run(READY.replace("{wanted}", wanted), *values)
    ready = json.loads(told["ready"])
    if len(ready) < len(awards):
        return None
    stood = {person_id: _Stood(points, minutes) for person_id, points, minutes, *_ in ready}
    accounts = {person_id: ids for person_id, _, _, *ids in ready}
    numbers = await insert_postings([award.posting for award in awards], last=told["last"])
    await run_rows(
        ENTER,
        [
            (number, *accounts[award.person_id], award.points, award.vintage, award.minutes)
            for number, award in zip(numbers, awards, strict=True)
        ],
    )
    return _Done(numbers, stood)


def _receipt(award: Award, posting_id: int, stood: _Stood, added: _Stood) -> Receipt:
    member, _, served = award.names
    after = stood.minutes + added.minutes
    lines = [Line(ISSUER_MINUTES, served, award.minutes, None, None, after)]
    if award.points:
        after = stood.points + added.points
        lines.insert(0, Line(ISSUER, member, award.points, award.vintage, None, after))
    return Receipt(posting_id, award.posting["reference"], False, tuple(lines))
