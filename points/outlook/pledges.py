"""What sponsors (公益合伙人) promised to bring, by what it is worth in points."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from points.community.rules import clean_text, row_number
from points.outlook.errors import PledgeMissing, PledgeWrong
from points.rewards.authority import DRAFTERS, place_of, require_role
from points.transactions import run, use_case

POINTS_MAX: Final = 10_000_000
SPONSOR_LENGTH_MAX: Final = 80
NOTE_LENGTH_MAX: Final = 200
SHOWN_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class SponsorPledge:
    """A promise that is still open."""

    id: int
    sponsor: str
    points: int
    due_on: date
    note: str


@use_case
async def promise(
    *,
    actor_id: int,
    book_id: int,
    sponsor: str,
    points: int,
    due_on: date,
    note: str,
    now: datetime,
) -> int:
    """Write down what a sponsor promised; what came in is received into stock as ever."""
    place = await place_of(book_id=book_id, now=now)
    await require_role(place, actor_id=actor_id, roles=DRAFTERS)
    name, said = clean_text(sponsor), clean_text(note)
    if not 0 < len(name) <= SPONSOR_LENGTH_MAX or len(said) > NOTE_LENGTH_MAX:
        raise PledgeWrong(field="sponsor")
    if not 0 < points <= POINTS_MAX:
        raise PledgeWrong(field="points")
    if due_on < place.today:
        raise PledgeWrong(field="due_on")
    [row] = await run(
        "INSERT INTO sponsor_pledge (book_id, sponsor, points, due_on, note, recorded_by, "
        "recorded_at) VALUES ({}, {}, {}, {}, {}, {}, {}) RETURNING id",
        *(place.book_id, name, points, due_on, said, actor_id, now.astimezone(UTC)),
    )
    return int(row["id"])


@use_case
async def close_promise(*, actor_id: int, pledge_id: int, now: datetime) -> None:
    """The promise was kept or will not be; whatever came stands in the stock."""
    rows = await run("SELECT book_id FROM sponsor_pledge WHERE id = {}", row_number(pledge_id))
    if not rows:
        raise PledgeMissing
    place = await place_of(book_id=int(rows[0]["book_id"]), now=now)
    await require_role(place, actor_id=actor_id, roles=DRAFTERS)
    await run(
        "UPDATE sponsor_pledge SET closed_by = {}, closed_at = {} "
        "WHERE id = {} AND closed_at IS NULL",
        *(actor_id, now.astimezone(UTC), row_number(pledge_id)),
    )


async def open_promises(book_id: int) -> tuple[SponsorPledge, ...]:
    """What is promised and has not come yet, soonest first."""
    rows = await run(
        "SELECT id, sponsor, points, due_on, note FROM sponsor_pledge "
        "WHERE book_id = {} AND closed_at IS NULL ORDER BY due_on, id LIMIT {}",
        book_id,
        SHOWN_MAX,
    )
    return tuple(SponsorPledge(**row) for row in rows)


async def pledged_points(book_id: int) -> int:
    """What the open promises are worth."""
    [row] = await run(
        "SELECT COALESCE(SUM(points), 0) AS points FROM sponsor_pledge "
        "WHERE book_id = {} AND closed_at IS NULL",
        book_id,
    )
    return int(row["points"])
