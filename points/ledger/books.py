"""A book belongs to the area whose committee adopted a points policy."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from points.ledger.errors import AreaUnknown, BookUnknown
from points.ledger.verify import VerifyReport, verify
from points.transactions import run, use_case

__all__ = ["VerifyReport", "book_of_area", "day_in_book", "open_book", "verify", "zone_of_book"]

# Untracked accounts keep no balance, so that no posting ever waits for them; the commons does.
BOOK_ACCOUNTS = (
    ("issuer", "points", False),
    ("redeemed", "points", False),
    ("issuer_minutes", "minutes", False),
    ("commons", "points", True),
)


@use_case
async def open_book(*, area_id: int, now: datetime) -> int:
    """Open the book of an area; the second call answers with the book of the first."""
    if not await run("SELECT id FROM area WHERE id = {}", area_id):
        raise AreaUnknown(area_id=area_id)
    opened = await run(
        "INSERT INTO book (area_id, opened_at) VALUES ({}, {}) ON CONFLICT DO NOTHING RETURNING id",
        area_id,
        now.astimezone(UTC),
    )
    [book] = opened or await run("SELECT id FROM book WHERE area_id = {}", area_id)
    book_id = int(book["id"])
    for kind, unit, tracked in BOOK_ACCOUNTS if opened else ():
        await run(
            "INSERT INTO account (book_id, kind, unit, tracked) VALUES ({}, {}, {}, {})",
            book_id,
            kind,
            unit,
            tracked,
        )
    return book_id


async def book_of_area(area_id: int) -> int | None:
    """The book of the nearest area, from this one upwards, that has one."""
    rows = await run(
        "SELECT b.id FROM area_ancestor x JOIN book b ON b.area_id = x.ancestor_id "
        "WHERE x.area_id = {} ORDER BY x.depth LIMIT 1",
        area_id,
    )
    return int(rows[0]["id"]) if rows else None


async def day_in_book(*, book_id: int, now: datetime) -> date:
    """The day it is at ``now`` where the book is kept."""
    return now.astimezone(await zone_of_book(book_id)).date()


async def zone_of_book(book_id: int) -> ZoneInfo:
    """The time zone in which the book is kept."""
    rows = await run(
        "SELECT a.time_zone FROM book b JOIN area_ancestor x ON x.area_id = b.area_id "
        "JOIN area a ON a.id = x.ancestor_id "
        "WHERE b.id = {} AND a.time_zone IS NOT NULL ORDER BY x.depth LIMIT 1",
        book_id,
    )
    if not rows:
        raise BookUnknown(book_id=book_id)
    return ZoneInfo(str(rows[0]["time_zone"]))
