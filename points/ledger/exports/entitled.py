"""Which books there are to export, and who may have them with names."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from points.community.areas import day_in
from points.community.grants import require
from points.community.reads import log_reads
from points.community.roles import STEWARD
from points.ledger.errors import BookUnknown
from points.transactions import run, use_case

READ: Final = "books"


async def books_to_export(book_id: int | None) -> list[int]:
    """The book that was asked for, or all."""
    found = [int(row["id"]) for row in await run("SELECT id FROM book ORDER BY id")]
    if book_id is None:
        return found
    if book_id not in found:
        raise BookUnknown(book_id=book_id)
    return [book_id]


@use_case
async def allow_names(*, actor_id: int, books: Sequence[int], now: datetime) -> None:
    """Refuse whoever is not a steward of every book; note of everybody in them who looked."""
    for book_id in books:
        [book] = await run("SELECT area_id FROM book WHERE id = {}", book_id)
        area_id = int(book["area_id"])
        today = await day_in(area_id, now)
        await require(person_id=actor_id, roles=STEWARD, area_id=area_id, today=today)
        people = await run(
            "SELECT DISTINCT person_id FROM account WHERE book_id = {} AND person_id IS NOT NULL "
            "ORDER BY person_id",
            book_id,
        )
        person_ids = [int(row["person_id"]) for row in people]
        await log_reads(actor_id=actor_id, person_ids=person_ids, what=READ, now=now)
