"""What hangs on the notice board: what was sealed in a month, in numbers and in one hash."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from points.ledger.books import zone_of_book
from points.ledger.linli_verify import TOTALS
from points.ledger.sealing.errors import NotSealed
from points.ledger.sealing.seals import Seal, last_seal, one_seal, seals_of
from points.transactions import run

FORMAT: Final = "digest-1"


@dataclass(frozen=True, slots=True)
class Digest:
    """The seals ``first`` to ``last`` of a month; what was moved in it and what is alive after."""

    book_id: int
    kept_by: str
    month: str
    first: int
    last: int
    head: str
    last_posting_id: int
    sealed_at: datetime
    postings: int
    transfers: int
    issued: int
    redeemed: int
    minutes: int
    alive: int

    @property
    def first_day(self) -> date:
        """The first day of the month."""
        return date.fromisoformat(f"{self.month}-01")

    @property
    def document(self) -> dict[str, Any]:
        """The digest as the verifier reads it."""
        numbers = ("postings", "transfers", *TOTALS, "alive")
        return {
            "linli": FORMAT,
            "book": self.book_id,
            "month": self.month,
            "first": self.first,
            "last": self.last,
            "last_posting": self.last_posting_id,
            "head": self.head,
            **{name: getattr(self, name) for name in numbers},
        }


async def digest_of(*, book_id: int, month: str) -> Digest:
    """The digest of a month (``2026-11``, on the calendar of the book)."""
    begin, end = _bounds(month, await zone_of_book(book_id))
    seals = await seals_of(book_id, begin=begin, end=end)
    if not seals:
        raise NotSealed
    before = await one_seal(book_id, seals[0].number - 1)
    return _digest(seals, before, month=month, kept_by=await _kept_by(book_id))


async def months_sealed(book_id: int) -> list[str]:
    """The months in which something was sealed, newest first."""
    zone = await zone_of_book(book_id)
    rows = await run("SELECT sealed_at FROM seal WHERE book_id = {}", book_id)
    months = {row["sealed_at"].astimezone(zone).strftime("%Y-%m") for row in rows}
    return sorted(months, reverse=True)


async def newest_month(book_id: int) -> str | None:
    """The month of the newest seal."""
    newest = await last_seal(book_id)
    zone = await zone_of_book(book_id)
    return newest.sealed_at.astimezone(zone).strftime("%Y-%m") if newest else None


async def books_sealed() -> list[tuple[int, str]]:
    """Every book of which something was sealed, with the area that keeps it."""
    rows = await run(
        "SELECT b.id, a.name FROM book b JOIN area a ON a.id = b.area_id "
        "WHERE EXISTS (SELECT 1 FROM seal s WHERE s.book_id = b.id) ORDER BY b.id"
    )
    return [(int(row["id"]), str(row["name"])) for row in rows]


def _digest(seals: list[Seal], before: Seal | None, *, month: str, kept_by: str) -> Digest:
    first, last = seals[0], seals[-1]
    moved = {
        total: getattr(last, total) - (getattr(before, total) if before else 0) for total in TOTALS
    }
    return Digest(
        book_id=last.book_id,
        kept_by=kept_by,
        month=month,
        first=first.number,
        last=last.number,
        head=last.hash,
        last_posting_id=last.last_posting_id,
        sealed_at=last.sealed_at,
        postings=sum(one.postings for one in seals),
        transfers=sum(one.transfers for one in seals),
        alive=last.alive,
        **moved,
    )


def _bounds(month: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The first moments of the month and of the next one."""
    try:
        begin = datetime.strptime(month, "%Y-%m").replace(tzinfo=zone)
        end = begin.replace(year=begin.year + begin.month // 12, month=begin.month % 12 + 1)
    except (ValueError, OverflowError):
        raise NotSealed from None
    return begin.astimezone(UTC), end.astimezone(UTC)


async def _kept_by(book_id: int) -> str:
    [row] = await run(
        "SELECT a.name FROM book b JOIN area a ON a.id = b.area_id WHERE b.id = {}", book_id
    )
    return str(row["name"])
