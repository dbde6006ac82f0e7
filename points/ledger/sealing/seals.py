"""Making seals, and reading them back."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from points.ledger.linli_verify import (
    FORMAT,
    NOTHING_BEFORE,
    SEAL,
    TOTALS,
    hash_of,
    merkle_root,
)
from points.ledger.sealing.horizon import certain_until
from points.ledger.sealing.leaves import Secrets, hashed, leaves_of, moment
from points.ledger.sealing.reading import Row, pages, postings
from points.ledger.sealing.salts import ready_secrets
from points.transactions import is_postgres, run, use_case

# A verifier keeps the transfers of one seal in memory.
TRANSFERS_PER_SEAL: Final = 20_000
# So does sealing, of all books together: many books would else be many times that.
TRANSFERS_AT_ONCE: Final = 400_000
LOCK: Final = 7_306_020
HASH_BYTES: Final = 32
COLUMNS: Final = (
    "id, book_id, number, first_posting_id, last_posting_id, postings, transfers, root, previous, "
    "hash, issued, redeemed, minutes, sealed_at"
)
Header = dict[str, Any]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Seal:
    """A seal as it is kept, without the hashes of its leaves."""

    id: int
    book_id: int
    number: int
    first_posting_id: int
    last_posting_id: int
    postings: int
    transfers: int
    root: str
    previous: str
    hash: str
    issued: int
    redeemed: int
    minutes: int
    sealed_at: datetime

    @property
    def header(self) -> Header:
        """What the hash of the seal is made over."""
        return {
            "format": FORMAT,
            "book": self.book_id,
            "number": self.number,
            "first_posting": self.first_posting_id,
            "last_posting": self.last_posting_id,
            "postings": self.postings,
            "transfers": self.transfers,
            "root": self.root,
            "previous": self.previous,
            "issued": self.issued,
            "redeemed": self.redeemed,
            "minutes": self.minutes,
            "sealed_at": moment(self.sealed_at),
        }

    @property
    def alive(self) -> int:
        """Points that somebody has, or that are held for somebody, less what is owed."""
        return self.issued - self.redeemed


@dataclass(slots=True)
class Gathered:
    """The leaves of one book on the way to a seal."""

    first: int
    last: int = 0
    postings: int = 0
    leaves: list[bytes] = field(default_factory=list)
    totals: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TOTALS, 0))

    def add(self, leaf: Header) -> None:
        """One more transfer."""
        self.postings += leaf["posting"] != self.last
        self.last = leaf["posting"]
        self.leaves.append(hashed(leaf))
        for total, (account, plus) in TOTALS.items():
            for side in ("source", "target"):
                if leaf[side] == account:
                    self.totals[total] += leaf["amount"] if side == plus else -leaf["amount"]


async def seal_due(
    now: datetime, *, at_once: int = TRANSFERS_AT_ONCE, progress: Progress | None = None
) -> int:
    """Seal all that has certainly committed, in every book; returns how many seals were made.

    ``progress`` hears how far it has come among the postings that waited, in steps of a page.
    """
    up_to, made = await certain_until(), 0
    before = await sealed_until()

    def reached(posting_id: int) -> None:
        if progress is not None:
            progress(posting_id - before, up_to - before)

    while some := await _seal_some(up_to=up_to, now=now, at_once=at_once, reached=reached):
        made += some
    return made


async def _seal_some(
    *, up_to: int, now: datetime, at_once: int, reached: Callable[[int], None]
) -> int:
    """One seal at most for each book: the next postings in their order."""
    after = await sealed_until()
    books: dict[int, Gathered] = {}
    async for rows in pages(after=after, up_to=up_to):
        secrets = await ready_secrets(rows=rows)
        # Hashing a page takes a tenth of a second, which nobody on the event loop should wait.
        await asyncio.to_thread(_gather, books, rows, secrets)
        reached(int(rows[-1]["posting_id"]))
        waiting = [len(one.leaves) for one in books.values()]
        if max(waiting) >= TRANSFERS_PER_SEAL or sum(waiting) >= at_once:
            break
    return await _keep(after=after, books=books, now=now) if books else 0


def _gather(books: dict[int, Gathered], rows: list[Row], secrets: Mapping[int, Secrets]) -> None:
    for lines in postings(rows):
        book_id = int(lines[0]["book_id"])
        gathered = books.setdefault(book_id, Gathered(first=int(lines[0]["posting_id"])))
        for leaf in leaves_of(lines, secrets[book_id]):
            gathered.add(leaf)


@use_case
async def _keep(*, after: int, books: Mapping[int, Gathered], now: datetime) -> int:
    """Write the seals, unless somebody else has sealed the same in the meantime."""
    if is_postgres():
        await run(f"SELECT pg_advisory_xact_lock({LOCK})")
    if await sealed_until() != after:
        return 0
    for book_id, gathered in sorted(books.items()):
        await _insert(gathered, _next(book_id, gathered, await last_seal(book_id), now))
    return len(books)


def _next(book_id: int, gathered: Gathered, before: Seal | None, now: datetime) -> Header:
    """The header of the seal after ``before``; a clock that was set back turns nothing back."""
    at = now.astimezone(UTC) if before is None else max(before.sealed_at, now.astimezone(UTC))
    return {
        "format": FORMAT,
        "book": book_id,
        "number": before.number + 1 if before else 1,
        "first_posting": gathered.first,
        "last_posting": gathered.last,
        "postings": gathered.postings,
        "transfers": len(gathered.leaves),
        "root": merkle_root(gathered.leaves).hex(),
        "previous": before.hash if before else NOTHING_BEFORE,
        **{
            total: (getattr(before, total) if before else 0) + more
            for total, more in gathered.totals.items()
        },
        "sealed_at": moment(at),
    }


async def _insert(gathered: Gathered, header: Header) -> None:
    await run(
        "INSERT INTO seal (book_id, number, first_posting_id, last_posting_id, postings, "
        "transfers, root, previous, hash, issued, redeemed, minutes, sealed_at, leaves) "
        "VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {})",
        *(header[name] for name in ("book", "number", "first_posting", "last_posting")),
        *(header[name] for name in ("postings", "transfers", "root", "previous")),
        hash_of(SEAL, header).hex(),
        *(header[total] for total in TOTALS),
        datetime.fromisoformat(header["sealed_at"]),
        b"".join(gathered.leaves),
    )


async def sealed_until() -> int:
    """The posting up to which everything is sealed, in every book."""
    [last] = await run("SELECT COALESCE(MAX(last_posting_id), 0) AS id FROM seal")
    return int(last["id"])


async def last_seal(book_id: int) -> Seal | None:
    """The newest seal of a book."""
    rows = await run(
        f"SELECT {COLUMNS} FROM seal WHERE book_id = {{}} ORDER BY number DESC LIMIT 1", book_id
    )
    return Seal(**rows[0]) if rows else None


async def one_seal(book_id: int, number: int) -> Seal | None:
    """The seal of that number."""
    found = await seals_of(book_id, after=number - 1, up_to=number)
    return found[0] if found else None


async def seals_of(
    book_id: int,
    *,
    after: int = 0,
    up_to: int | None = None,
    begin: datetime | None = None,
    end: datetime | None = None,
) -> list[Seal]:
    """The seals of a book numbered (after, up_to] and made in [begin, end), in their order."""
    bounds = {
        "number <= {}": up_to,
        "sealed_at >= {}": begin and begin.astimezone(UTC),
        "sealed_at < {}": end and end.astimezone(UTC),
    }
    asked = {sql: value for sql, value in bounds.items() if value is not None}
    rows = await run(
        f"SELECT {COLUMNS} FROM seal WHERE {' AND '.join(['book_id = {}', 'number > {}', *asked])} "
        "ORDER BY number",
        book_id,
        after,
        *asked.values(),
    )
    return [Seal(**row) for row in rows]


async def leaf_hashes(seal: Seal) -> bytes:
    """The hashes of the leaves of a seal, one after the other."""
    [row] = await run("SELECT leaves FROM seal WHERE id = {}", seal.id)
    return bytes(row["leaves"])


def split(leaves: bytes) -> Iterator[bytes]:
    """One hash after the other."""
    for at in range(0, len(leaves), HASH_BYTES):
        yield leaves[at : at + HASH_BYTES]
