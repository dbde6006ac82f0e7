"""The rows of the books for accountants: accounts with their names, transfers with their day."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from points.ledger.sealing.reading import Row, among, pages
from points.transactions import run

ACCOUNTS_PER_PAGE: Final = 2_000


@dataclass(frozen=True, slots=True)
class Account:
    """An account: its number stands for its owner; ``name`` is empty unless names were asked."""

    id: int
    book_id: int
    kind: str
    owner_id: int
    unit: str
    balance: int | None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """The days that were asked for, on the calendar of the book; both ends count."""

    first: date | None = None
    last: date | None = None

    def place(self, day: date) -> int:
        """-1 before the span, 0 in it, 1 after it."""
        if self.first is not None and day < self.first:
            return -1
        return int(self.last is not None and day > self.last)


async def accounts_of(book_id: int, *, names: bool) -> AsyncIterator[Account]:
    """Every account of a book with the balance it has now (None where none is kept)."""
    last = 0
    while rows := await run(
        "SELECT a.id, a.kind, a.owner_id, a.unit, a.tracked, a.balance, p.name FROM account a "
        f"LEFT JOIN person p ON p.id = a.person_id WHERE a.book_id = {book_id} AND a.id > {{}} "
        f"ORDER BY a.id LIMIT {ACCOUNTS_PER_PAGE}",
        last,
    ):
        for row in rows:
            yield Account(
                id=int(row["id"]),
                book_id=book_id,
                kind=str(row["kind"]),
                owner_id=int(row["owner_id"]),
                unit=str(row["unit"]),
                balance=int(row["balance"]) if row["tracked"] else None,
                name=str(row["name"] or "") if names else "",
            )
        last = int(rows[-1]["id"])


async def transfers_of_book(book_id: int, *, up_to: int) -> AsyncIterator[list[Row]]:
    """Every transfer of a book in the order of the postings, a page at a time."""
    async for rows in pages(after=0, up_to=up_to, book_id=book_id):
        yield rows


async def names_on(rows: Sequence[Row]) -> Mapping[int, str]:
    """The names of the people on a page of transfers."""
    people = {row[f"{side}_person"] for row in rows for side in ("source", "target")} - {None}
    if not people:
        return {}
    condition, listed = among("id", people)
    found = await run(f"SELECT id, name FROM person WHERE {condition}", listed)
    return {int(row["id"]): str(row["name"]) for row in found}


async def last_posting() -> int:
    """The newest posting of the snapshot."""
    [last] = await run("SELECT COALESCE(MAX(id), 0) AS id FROM posting")
    return int(last["id"])


async def count_transfers(books: Sequence[int]) -> int:
    """How many transfers the books have, for the progress bar."""
    listed = ", ".join(map(str, books)) or "0"
    [found] = await run(
        "SELECT COUNT(*) AS n FROM transfer t JOIN posting p ON p.id = t.posting_id "
        f"WHERE p.book_id IN ({listed})"
    )
    return int(found["n"])


def day_of(row: Row, zone: ZoneInfo) -> date:
    """The day on which a posting was entered, where the book is kept."""
    entered: date = row["recorded_at"].astimezone(zone).date()
    return entered
