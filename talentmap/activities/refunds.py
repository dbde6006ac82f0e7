"""Pledged points go back with the lots they came from."""

from datetime import UTC, datetime
from typing import Any

from points.ledger.postings import release
from points.notices.post import notify
from points.transactions import run


async def refund(
    row: dict[str, Any],
    *,
    reason: str,
    actor_id: int | None,
    now: datetime,
    person_id: int | None = None,
) -> None:
    """Give back what is pledged to a locked activity: of everybody, or of one person."""
    whose = "" if person_id is None else f" AND person_id = {int(person_id)}"
    pledges = await run(
        "SELECT id, person_id, points FROM pledge WHERE activity_id = {} AND state = 'held'"
        f"{whose} ORDER BY person_id",
        row["id"],
    )
    # By ascending person, so that two activities with the same neighbours never deadlock.
    for pledge in pledges:
        await _give_back(row, pledge, reason=reason, actor_id=actor_id, now=now)


async def _give_back(
    row: dict[str, Any],
    pledge: dict[str, Any],
    *,
    reason: str,
    actor_id: int | None,
    now: datetime,
) -> None:
    by_herself = pledge["person_id"] == actor_id
    await release(
        book_id=row["book_id"],
        person_id=pledge["person_id"],
        case_kind="activity",
        case_id=row["id"],
        # Whoever gives up herself gets no longer life for points that expired meanwhile.
        grace=not by_herself,
        reference=f"pledge:{pledge['id']}:release",
        reason=reason,
        actor_id=actor_id,
        now=now,
    )
    await run(
        "UPDATE pledge SET state = 'refunded', closed_at = {} WHERE id = {}",
        now.astimezone(UTC),
        pledge["id"],
    )
    if not by_herself:
        await notify(
            person_ids=[pledge["person_id"]],
            kind="pledge_returned",
            facts={"points": pledge["points"], "title": row["title"]},
            path=f"/activities/{row['id']}",
            now=now,
            dedup=f"pledge:{pledge['id']}:returned",
        )
