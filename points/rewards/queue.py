"""What waits for a member's vote, each with all that a decision needs on one screen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from points.community.areas import areas, day_in
from points.community.profiles import person
from points.community.reads import log_reads
from points.community.rules import age_on, row_number
from points.errors import DomainError
from points.ledger.statement import balances
from points.rewards.askers import month_of, spendable_points
from points.rewards.authority import place_of
from points.rewards.cases import COLUMNS, Case, stakes
from points.rewards.errors import AlreadyVoted
from points.rewards.rules import INVOLVED, Tally
from points.rewards.stock import StockView, stock_of
from points.rewards.voting import VoteLine, ballot
from points.transactions import run, use_case, whole

QUEUE_MAX: Final = 50
COUNTED_MAX: Final = 100
# Requests on which somebody (four times) has a vote on a day (twice): as a member of the
# committee over their book, or standing in.
_MINE: Final = (
    "FROM redemption r WHERE r.state = 'requested' AND r.id > {} AND ("
    "EXISTS (SELECT 1 FROM stand_in s WHERE s.redemption_id = r.id AND s.person_id = {}) "
    "OR r.book_id IN (SELECT b.id FROM book b JOIN area_ancestor x ON x.area_id = b.area_id "
    "JOIN role_grant g ON g.area_id = x.ancestor_id WHERE g.person_id = {} "
    "AND g.role = 'committee_member' AND g.approved_at IS NOT NULL AND g.revoked_at IS NULL "
    "AND g.starts_on <= {} AND (g.ends_on IS NULL OR g.ends_on >= {})))"
)
_UNDECIDED: Final = (
    " AND NOT EXISTS (SELECT 1 FROM committee_vote v WHERE v.redemption_id = r.id "
    "AND v.member_id = {}) AND NOT EXISTS (SELECT 1 FROM redemption_involved n "
    "WHERE n.redemption_id = r.id AND n.person_id = {})"
)


@dataclass(frozen=True, slots=True)
class QueueLine:
    """A request before the committee; ``obstacle`` keeps the viewer from voting on it."""

    id: int
    item_id: int
    item_name: str
    price: int
    kind: str
    sponsor: str
    stock: StockView
    person_id: int
    person_name: str
    area_path: tuple[str, ...]
    age: int | None
    requested_by_name: str
    proxy_reason: str
    requested_at: datetime
    decide_by: datetime
    overdue: bool
    points_left: int
    minutes_served: int
    month_points: int
    month_of_item: int
    count: Tally
    votes: tuple[VoteLine, ...]
    waiting_for: tuple[str, ...]
    obstacle: DomainError | None


@use_case
@whole
async def queue(
    *,
    actor_id: int,
    now: datetime,
    after_id: int = 0,
    limit: int = 20,
    all_open: bool = False,
) -> tuple[QueueLine, ...]:
    """What waits for the actor's vote, oldest first; every look at a person is noted.

    With ``all_open`` also what she has voted on or may not vote on, each with the obstacle.
    """
    shown = max(1, min(limit, QUEUE_MAX))
    rows = await _rows(COLUMNS, actor_id, now, after_id=after_id, limit=shown, all_open=all_open)
    lines = [await _line(Case(**row), actor_id, now) for row in rows]
    await log_reads(
        actor_id=actor_id,
        person_ids=sorted({line.person_id for line in lines}),
        what="redemption",
        now=now,
    )
    return tuple(lines)


async def count_queue(*, actor_id: int, now: datetime) -> int:
    """How many requests wait for the actor's vote, counted up to a hundred."""
    rows = await _rows("id", actor_id, now, after_id=0, limit=COUNTED_MAX, all_open=False)
    return len(rows)


async def _rows(
    columns: str, actor_id: int, now: datetime, *, after_id: int, limit: int, all_open: bool
) -> list[dict[str, Any]]:
    today = await day_in((await person(actor_id)).area_id, now)
    return await run(
        f"SELECT {columns} {_MINE}{'' if all_open else _UNDECIDED} ORDER BY r.id LIMIT {{}}",
        row_number(after_id),
        actor_id,
        actor_id,
        today,
        today,
        *([] if all_open else [actor_id, actor_id]),
        limit,
    )


async def _line(found: Case, actor_id: int, now: datetime) -> QueueLine:
    place = await place_of(book_id=found.book_id, now=now)
    asks = await person(found.person_id)
    standing = await ballot(found, place=place)
    views = await areas([asks.area_id])
    item = await _item(found.item_id)
    month = await month_of(place=place, person_id=found.person_id)
    has = await balances(book_id=found.book_id, person_id=found.person_id)
    return QueueLine(
        id=found.id,
        item_id=found.item_id,
        item_name=found.item_name,
        price=found.price,
        kind=item["kind"],
        sponsor=item["sponsor"],
        stock=await stock_of(found.item_id),
        person_id=found.person_id,
        person_name=asks.name,
        area_path=views[asks.area_id].path,
        age=age_on(asks.birth_date, place.today) if asks.birth_date else None,
        requested_by_name=(await person(found.requested_by)).name,
        proxy_reason=await _proxy_reason(found),
        requested_at=found.requested_at,
        decide_by=found.decide_by,
        overdue=found.decide_by < now,
        points_left=await spendable_points(place=place, person_id=found.person_id),
        minutes_served=has.minutes,
        month_points=month.points,
        month_of_item=month.of_item.get(found.item_id, 0),
        count=standing.count,
        votes=standing.votes,
        waiting_for=tuple(standing.names[one] for one in standing.undecided),
        obstacle=await _obstacle(found, standing.votes, actor_id),
    )


async def _obstacle(found: Case, votes: Sequence[VoteLine], actor_id: int) -> DomainError | None:
    if actor_id in {line.member_id for line in votes}:
        return AlreadyVoted()
    stake = (await stakes(found.id)).get(actor_id)
    return INVOLVED[stake]() if stake else None


async def _item(item_id: int) -> dict[str, Any]:
    [row] = await run("SELECT kind, sponsor FROM reward_item WHERE id = {}", item_id)
    return row


async def _proxy_reason(found: Case) -> str:
    """Why somebody asked for her, in the words of that moment."""
    if found.requested_by == found.person_id:
        return ""
    rows = await run(
        "SELECT reason FROM proxy_action WHERE actor_id = {} AND person_id = {} "
        "AND action = 'redeem' AND acted_at = {} ORDER BY id DESC LIMIT 1",
        found.requested_by,
        found.person_id,
        found.requested_at,
    )
    return str(rows[0]["reason"]) if rows else ""
