"""How postings get into the books: any number of them at once, worked out on paper before.

A posting costs one statement on PostgreSQL and four on SQLite, and so do five hundred.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from points.ledger.accounts import OpenAccounts
from points.ledger.rules import AccountName, Entered, Standing
from points.requests import body_hash
from points.transactions import is_postgres, run

Row = dict[str, Any]


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
class Booked:
    """A posting with its entries and the hash of its content, ready to be written."""

    heading: Heading
    request_hash: str
    entered: Sequence[Entered]


async def write(
    booked: Sequence[Booked], *, accounts: OpenAccounts, after: Mapping[AccountName, Standing]
) -> tuple[int, ...] | None:
    """Write postings in their order; their numbers.

    None, and nothing is written, if what was read without a lock does not hold any more: a
    reference has been answered, or an account moved on.  Under locks that cannot be.
    """
    postings = [_posting(one) for one in booked]
    transfers = [
        _transfer(number, line, one.heading.kind, entered, accounts)
        for number, one in enumerate(booked, 1)
        for line, entered in enumerate(one.entered, 1)
    ]
    holdings = _holdings(booked, after, accounts)
    stands = _stands(after, accounts)
    if is_postgres():
        return await _in_one(postings, transfers, holdings, stands)
    ids = await _insert_postings(postings)
    await _insert_transfers(transfers, ids)
    if holdings:
        await _upsert_holdings(holdings)
    await _update_accounts(stands)
    return ids


def _posting(booked: Booked) -> Row:
    heading = booked.heading
    details = heading.details
    return {
        "book_id": heading.book_id,
        "reference": heading.reference,
        "request_hash": booked.request_hash,
        "kind": heading.kind,
        "reason": heading.reason,
        "details": json.dumps(details, ensure_ascii=False) if details else None,
        "actor_id": heading.actor_id,
        "happened_at": (heading.happened_at or heading.now).astimezone(UTC),
        "recorded_at": heading.now.astimezone(UTC),
        "reverses_id": heading.reverses_id,
        "service_record_id": heading.service_record_id,
    }


def _transfer(number: int, line: int, kind: str, one: Entered, accounts: OpenAccounts) -> Row:
    move, source, target = one.move, one.source, one.target
    return {
        "posting": number,
        "line": line,
        "kind": kind,
        "unit": move.source.unit,
        "source_kind": move.source.kind,
        "target_kind": move.target.kind,
        "source_id": accounts.ids[move.source],
        "target_id": accounts.ids[move.target],
        "vintage": move.vintage,
        "amount": move.amount,
        "source_sequence": source.sequence if source else None,
        "source_balance": source.balance if source else None,
        "target_sequence": target.sequence if target else None,
        "target_balance": target.balance if target else None,
    }


def _holdings(
    booked: Sequence[Booked], after: Mapping[AccountName, Standing], accounts: OpenAccounts
) -> list[Row]:
    touched = {
        (name, entered.move.vintage)
        for one in booked
        for entered in one.entered
        if entered.move.vintage is not None
        for name in (entered.move.source, entered.move.target)
        if name.in_vintages
    }
    return [
        {
            "id": accounts.ids[name],
            "vintage": vintage,
            "points": after[name].holdings[vintage],
            "grace": after[name].grace.get(vintage),
        }
        for name, vintage in sorted(touched)
    ]


def _stands(after: Mapping[AccountName, Standing], accounts: OpenAccounts) -> list[Row]:
    return [
        {
            "id": accounts.ids[name],
            "stood": accounts.standings[name].sequence,
            "balance": standing.balance,
            "sequence": standing.sequence,
        }
        for name, standing in after.items()
        if standing.sequence != accounts.standings[name].sequence
    ]


async def _in_one(
    postings: list[Row], transfers: list[Row], holdings: list[Row], stands: list[Row]
) -> tuple[int, ...] | None:
    content = {
        "postings": [{"number": number, **row} for number, row in enumerate(postings, 1)],
        "transfers": transfers,
        "holdings": holdings,
        "stands": stands,
    }
    text = json.dumps(content, ensure_ascii=False, default=str)
    [row] = await run("SELECT books_write({}) AS ids", text)
    return tuple(row["ids"]) if row["ids"] is not None else None


async def _insert_postings(postings: list[Row]) -> tuple[int, ...]:
    rows = await run(
        f"INSERT INTO posting ({', '.join(postings[0])}) "
        f"VALUES {_marks(postings)} RETURNING id, reference",
        *_values(postings),
    )
    ids = {row["reference"]: int(row["id"]) for row in rows}
    return tuple(ids[posting["reference"]] for posting in postings)


async def _insert_transfers(transfers: list[Row], ids: Sequence[int]) -> None:
    row = (
        "({}, {}, (SELECT id FROM route WHERE kind = {} AND unit = {} "
        "AND source_kind = {} AND target_kind = {}), {}, {}, {}, {}, {}, {}, {}, {})"
    )
    numbered = [{**one, "posting": ids[one["posting"] - 1]} for one in transfers]
    await run(
        "INSERT INTO transfer (posting_id, line, route_id, source_id, target_id, vintage, amount, "
        "source_sequence, source_balance, target_sequence, target_balance) "
        f"VALUES {', '.join([row] * len(transfers))}",
        *_values(numbered),
    )


async def _upsert_holdings(holdings: list[Row]) -> None:
    await run(
        "INSERT INTO holding (account_id, vintage, points, grace_until) "
        f"VALUES {_marks(holdings)} ON CONFLICT (account_id, vintage) DO UPDATE "
        "SET points = excluded.points, grace_until = excluded.grace_until",
        *_values(holdings),
    )


async def _update_accounts(stands: list[Row]) -> None:
    await run(
        f"WITH stands (id, stood, balance, sequence) AS (VALUES {_marks(stands)}) "
        "UPDATE account SET balance = stands.balance, sequence = stands.sequence "
        "FROM stands WHERE account.id = stands.id",
        *_values(stands),
    )


def _marks(rows: Sequence[Row]) -> str:
    row = f"({', '.join(['{}'] * len(rows[0]))})"
    return ", ".join([row] * len(rows))


def _values(rows: Sequence[Row]) -> list[object]:
    return [value for row in rows for value in row.values()]
