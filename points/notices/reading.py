"""What a person was told, newest first, and what of it she has seen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from points.errors import Missing
from points.notices.kinds import facts_from_text
from points.transactions import run, use_case

# More than this is said as "99+"; counting further would cost and help nobody.
UNREAD_MAX: Final = 100
LINES_MAX: Final = 200
NEWEST: Final = 2**62


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """One notice: what it tells (see kinds.py), and the page where one can act on it."""

    id: int
    kind: str
    facts: Mapping[str, Any]
    path: str
    created_at: datetime
    read: bool


async def notices_of(
    *, person_id: int, before_id: int | None = None, limit: int = 50
) -> tuple[NoticeLine, ...]:
    """What a person was told, newest first, before the notice of that number."""
    rows = await run(
        "SELECT id, kind, facts, path, created_at, read_at FROM notice "
        "WHERE person_id = {} AND id < {} ORDER BY id DESC LIMIT {}",
        person_id,
        before_id or NEWEST,
        max(1, min(limit, LINES_MAX)),
    )
    return tuple(_line(row) for row in rows)


async def unread_of(*, person_id: int, limit: int = UNREAD_MAX) -> tuple[NoticeLine, ...]:
    """What a person has not read yet, newest first."""
    rows = await run(
        "SELECT id, kind, facts, path, created_at, read_at FROM notice "
        "WHERE person_id = {} AND read_at IS NULL ORDER BY id DESC LIMIT {}",
        person_id,
        max(1, min(limit, LINES_MAX)),
    )
    return tuple(_line(row) for row in rows)


async def unread_count(person_id: int) -> int:
    """How much a person has not read yet, counted up to 100."""
    rows = await run(
        "SELECT COUNT(*) AS unread FROM (SELECT id FROM notice "
        "WHERE person_id = {} AND read_at IS NULL LIMIT {}) AS waiting",
        person_id,
        UNREAD_MAX,
    )
    return int(rows[0]["unread"])


@use_case
async def mark_read(*, person_id: int, up_to_id: int, now: datetime) -> None:
    """Mark everything read up to the newest notice that was on the page; later ones stay new."""
    await run(
        "UPDATE notice SET read_at = {} WHERE person_id = {} AND id <= {} AND read_at IS NULL",
        now.astimezone(UTC),
        person_id,
        up_to_id,
    )


@use_case
async def open_notice(*, person_id: int, notice_id: int, now: datetime) -> str:
    """Mark one of one's own notices read; answers with the page to go on to."""
    rows = await run(
        "SELECT path FROM notice WHERE id = {} AND person_id = {}", notice_id, person_id
    )
    if not rows:
        raise Missing
    await run(
        "UPDATE notice SET read_at = {} WHERE id = {} AND read_at IS NULL",
        now.astimezone(UTC),
        notice_id,
    )
    return str(rows[0]["path"])


def _line(row: Mapping[str, Any]) -> NoticeLine:
    return NoticeLine(
        id=int(row["id"]),
        kind=str(row["kind"]),
        facts=facts_from_text(str(row["facts"])),
        path=str(row["path"]),
        created_at=row["created_at"],
        read=row["read_at"] is not None,
    )
