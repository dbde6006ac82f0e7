"""How postings get into the books: any number of them at once, worked out on paper before.

A posting costs one statement on PostgreSQL, and so do five hundred; SQLite is given the rows of a
table together, some at a time.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from points.ledger.accounts import OpenAccounts
from points.ledger.rules import AccountName, Entered, Standing
from points.requests import body_hash
from points.transactions import is_postgres, run, run_rows

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

    @property
    def row(self) -> Row:
        """The posting as it is written, but for its number."""
        details = self.details
        return {
            "book_id": self.book_id,
            "reference": self.reference,
            "request_hash": self.request_hash,
            "kind": self.kind,
            "reason": self.reason,
            "details": json.dumps(details, ensure_ascii=False) if details else None,
            "actor_id": self.actor_id,
            "happened_at": (self.happened_at or self.now).astimezone(UTC),
            "recorded_at": self.now.astimezone(UTC),
            "reverses_id": self.reverses_id,
            "service_record_id": self.service_record_id,
        }


@dataclass(frozen=True, slots=True)
class Booked:
    """A posting as a row, with its entries, ready to be written."""

    posting: Row
    entered: Sequence[Entered]


async def write(
    booked: Sequence[Booked], *, accounts: OpenAccounts, after: Mapping[AccountName, Standing]
) -> tuple[int, ...]:
    """Write postings in their order; their numbers.

    Whoever calls has asked for their references and locked the accounts.
    """
    postings = [one.posting for one in booked]
    transfers = [
        _transfer(number, line, one.posting["kind"], entered, accounts)
        for number, one in enumerate(booked, 1)
        for line, entered in enumerate(one.entered, 1)
    ]
    holdings = _holdings(booked, after, accounts)
    stands = _stands(after, accounts)
    if is_postgres():
        return await _in_one(postings, transfers, holdings, stands)
    [row] = await run("SELECT MAX(seq) AS last FROM sqlite_sequence WHERE name = 'posting'")
    ids = tuple(await insert_postings(postings, last=row["last"]))
    await _insert_transfers(transfers, ids)
    await _upsert_holdings(holdings)
    await _update_accounts(stands)
    return ids


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
            "balance": standing.balance,
            "sequence": standing.sequence,
        }
        for name, standing in after.items()
        if standing.sequence != accounts.standings[name].sequence
    ]


async def _in_one(
    postings: list[Row], transfers: list[Row], holdings: list[Row], stands: list[Row]
) -> tuple[int, ...]:
    content = {
        "postings": postings,
        "transfers": transfers,
        "holdings": holdings,
        "stands": stands,
    }
    text = json.dumps(content, ensure_ascii=False, default=str)
    [row] = await run("SELECT books_write({}) AS ids", text)
    return tuple(row["ids"])


async def insert_postings(postings: Sequence[Row], *, last: int | None) -> range:
    """On SQLite: nobody else writes meanwhile, so the numbers that it would give can be given."""
    ids = range((last or 0) + 1, (last or 0) + 1 + len(postings))
    await run_rows(
        f"INSERT INTO posting (id, {', '.join(postings[0])}) VALUES {{rows}}",
        [(number, *posting.values()) for number, posting in zip(ids, postings, strict=True)],
    )
    return ids


async def _insert_transfers(transfers: list[Row], ids: Sequence[int]) -> None:
    await run_rows(
        "INSERT INTO transfer (posting_id, line, route_id, source_id, target_id, vintage, amount, "
        "source_sequence, source_balance, target_sequence, target_balance) VALUES {rows}",
        [(ids[one["posting"] - 1], *list(one.values())[1:]) for one in transfers],
        row="({}, {}, (SELECT id FROM route WHERE kind = {} AND unit = {} "
        "AND source_kind = {} AND target_kind = {}), {}, {}, {}, {}, {}, {}, {}, {})",
    )


async def _upsert_holdings(holdings: list[Row]) -> None:
    await run_rows(
        "INSERT INTO holding (account_id, vintage, points, grace_until) VALUES {rows} "
        "ON CONFLICT (account_id, vintage) DO UPDATE "
        "SET points = excluded.points, grace_until = excluded.grace_until",
        [tuple(one.values()) for one in holdings],
    )


async def _update_accounts(stands: list[Row]) -> None:
    await run_rows(
        "UPDATE account SET balance = column1, sequence = column2 FROM (VALUES {rows}) "
        "WHERE id = column3",
        [(one["balance"], one["sequence"], one["id"]) for one in stands],
    )
