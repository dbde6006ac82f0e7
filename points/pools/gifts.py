"""Donations to the commons, by anybody, perhaps with a wish for whom the committee reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from points.community.rules import row_number
from points.ledger.accounts import lock_person
from points.ledger.donations import donate, reverse_donation
from points.pools.errors import DonationMissing, NoBookOfPool, TooLateToUndo
from points.pools.rules import UNDO_WITHIN, checked_wish
from points.service.occasions import book_of_person
from points.transactions import run, use_case

REASON = "Given to the community pool"
UNDONE = "Donation taken back"
SHOWN = 50


@dataclass(frozen=True, slots=True)
class DonationView:
    """A donation as its donor sees it."""

    id: int
    points: int
    wish: str
    donated_at: datetime
    posting_id: int
    undo_until: datetime
    undone: bool


@use_case
async def give(*, actor_id: int, points: int, wish: str, now: datetime) -> int:
    """Give own points to the commons of one's book."""
    words = checked_wish(wish)
    book_id = await book_of_person(actor_id)
    if book_id is None:
        raise NoBookOfPool
    standing = await lock_person(book_id=book_id, person_id=actor_id)
    receipt = await donate(
        book_id=book_id,
        person_id=actor_id,
        points=points,
        reference=f"donate:{book_id}:{actor_id}:{standing.sequence + 1}",
        reason=REASON,
        actor_id=actor_id,
        now=now,
    )
    [row] = await run(
        "INSERT INTO donation (book_id, person_id, posting_id, points, wish, donated_at) "
        "VALUES ({}, {}, {}, {}, {}, {}) RETURNING id",
        *(book_id, actor_id, receipt.posting_id, points, words, now.astimezone(UTC)),
    )
    return int(row["id"])


@use_case
async def undo(*, actor_id: int, donation_id: int, now: datetime) -> None:
    """Take one's own donation back, within ten minutes and as far as it is still there."""
    rows = await run(
        "SELECT posting_id, donated_at FROM donation WHERE id = {} AND person_id = {}",
        row_number(donation_id),
        actor_id,
    )
    if not rows:
        raise DonationMissing
    if now - rows[0]["donated_at"] > UNDO_WITHIN:
        raise TooLateToUndo(minutes=int(UNDO_WITHIN.total_seconds()) // 60)
    await reverse_donation(
        posting_id=int(rows[0]["posting_id"]),
        reference=f"donation:{donation_id}:undo",
        reason=UNDONE,
        actor_id=actor_id,
        now=now,
    )


async def my_donations(*, person_id: int, limit: int = SHOWN) -> Sequence[DonationView]:
    """What a person gave, newest first."""
    rows = await run(
        "SELECT d.id, d.points, d.wish, d.donated_at, d.posting_id, EXISTS "
        "(SELECT 1 FROM posting p WHERE p.reverses_id = d.posting_id) AS undone "
        "FROM donation d WHERE d.person_id = {} ORDER BY d.id DESC LIMIT {}",
        person_id,
        limit,
    )
    return [
        DonationView(
            id=int(row["id"]),
            points=int(row["points"]),
            wish=row["wish"],
            donated_at=row["donated_at"],
            posting_id=int(row["posting_id"]),
            undo_until=row["donated_at"] + UNDO_WITHIN,
            undone=bool(row["undone"]),
        )
        for row in rows
    ]
