"""Points that neighbours pledge towards the materials of an activity.

The activity asks for so many pieces of one item of the catalogue; the goal is their price on that
day.  What is pledged is held, goes back with its lots when the activity lapses, is cancelled or is
done without them, and when whoever pledged takes it back or withdraws.  It is spent only as a
whole, on that item, by somebody who neither proposed nor pledged; it never goes to a person.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from points.community.areas import day_in
from points.community.grants import covers
from points.community.rules import row_number
from points.ledger.books import day_in_book
from points.ledger.postings import fulfil, hold
from points.notices.post import notify
from points.rewards.stock import give_out
from points.service.occasions import book_of_person
from points.transactions import run, use_case
from talentmap.activities.crowd import (
    Row,
    lapse_if_due,
    locked,
    require_charge,
    require_open,
)
from talentmap.activities.errors import (
    ActivityClosed,
    AlreadyPledged,
    BegunAlready,
    ItemUnknown,
    NoPledge,
    PledgeElsewhere,
    PledgeInvalid,
    PledgeQuantityInvalid,
    PledgesBegun,
    PledgesClosed,
    PledgesNotAsked,
    PledgesShort,
    SecondPersonPays,
)
from talentmap.activities.refunds import refund

QUANTITY_MOST: Final = 100
PAYERS: Final = ("committee_member", "steward")


@dataclass(frozen=True, slots=True)
class PledgeView:
    """How far the pledges of an activity are; ``mine`` is what the viewer holds there."""

    item_id: int
    item_name: str
    quantity: int
    goal: int
    held: int
    paid: bool
    mine: int


@use_case
async def ask_for_pledges(
    *, actor_id: int, activity_id: int, item_id: int, quantity: int, now: datetime
) -> None:
    """Ask neighbours for the points of so many pieces; it can be changed until somebody pledges."""
    row = await locked(activity_id)
    await require_charge(row, actor_id=actor_id, now=now)
    require_open(row)
    if await _pledges(row, "held", "paid"):
        raise PledgesBegun()
    items = await run(
        "SELECT price FROM reward_item WHERE id = {} AND book_id = {} AND state = 'adopted' "
        "AND price > 0",
        *(row_number(item_id), row["book_id"]),
    )
    if not items:
        raise ItemUnknown(field="item_id")
    if not 1 <= quantity <= QUANTITY_MOST:
        raise PledgeQuantityInvalid(field="quantity", most=QUANTITY_MOST)
    await run(
        "UPDATE activity SET pledge_item_id = {}, pledge_quantity = {}, pledge_goal = {} "
        "WHERE id = {}",
        *(item_id, quantity, items[0]["price"] * quantity, row["id"]),
    )


@use_case
async def pledge(*, actor_id: int, activity_id: int, points: int, now: datetime) -> int | None:
    """Hold points of one's own for the activity; its number, or None where it has lapsed."""
    row = await locked(activity_id)
    if await lapse_if_due(row, now=now):
        return None
    require_open(row)
    if now >= row["starts_at"]:
        raise BegunAlready()
    if row["pledge_goal"] is None:
        raise PledgesNotAsked()
    if await book_of_person(actor_id) != row["book_id"]:
        raise PledgeElsewhere()
    held = await _pledges(row, "held", "paid")
    _check_pledge(row, held, actor_id, points)
    [stored] = await run(
        "INSERT INTO pledge (activity_id, person_id, points, item_id, state, pledged_at) "
        "VALUES ({}, {}, {}, {}, 'held', {}) RETURNING id",
        *(row["id"], actor_id, points, row["pledge_item_id"], now.astimezone(UTC)),
    )
    await hold(
        book_id=row["book_id"],
        person_id=actor_id,
        case_kind="activity",
        case_id=row["id"],
        points=points,
        reference=f"pledge:{stored['id']}:hold",
        reason=row["title"],
        actor_id=actor_id,
        now=now,
        today=await day_in_book(book_id=row["book_id"], now=now),
    )
    return int(stored["id"])


def _check_pledge(row: Row, pledges: list[dict[str, Any]], actor_id: int, points: int) -> None:
    if any(one["state"] == "paid" for one in pledges):
        raise PledgesClosed()
    for one in pledges:
        if one["person_id"] == actor_id:
            raise AlreadyPledged(points=one["points"])
    left = row["pledge_goal"] - sum(one["points"] for one in pledges)
    if left == 0 or not 1 <= points <= left:
        raise PledgeInvalid(field="points", left=left)


@use_case
async def take_back(*, actor_id: int, activity_id: int, now: datetime) -> None:
    """Take one's own pledge back while it is not spent."""
    row = await locked(activity_id)
    if await lapse_if_due(row, now=now):
        return
    if not any(one["person_id"] == actor_id for one in await _pledges(row, "held")):
        raise NoPledge()
    reason = f"{row['title']}: taken back"
    await refund(row, person_id=actor_id, reason=reason, actor_id=actor_id, now=now)


@use_case
async def pay_pledges(*, actor_id: int, activity_id: int, now: datetime) -> int:
    """Spend what was pledged on the item, once the goal is reached and the activity confirmed.

    A member of the committee or a steward does, and nobody who proposed it or pledged.  Answers
    with the points spent.
    """
    row = await locked(activity_id)
    if row["state"] != "confirmed":
        raise ActivityClosed(state=row["state"])
    if row["pledge_goal"] is None:
        raise PledgesNotAsked()
    if await _pledges(row, "paid"):
        raise PledgesClosed()
    held = await _pledges(row, "held")
    await _check_payer(row, held, actor_id, now)
    left = row["pledge_goal"] - sum(one["points"] for one in held)
    if left:
        raise PledgesShort(left=left)
    await _spend(row, actor_id=actor_id, now=now)
    await run(
        "UPDATE pledge SET state = 'paid', closed_at = {} "
        "WHERE activity_id = {} AND state = 'held'",
        *(now.astimezone(UTC), row["id"]),
    )
    await _tell_paid(row, held, now)
    return int(row["pledge_goal"])


async def _spend(row: Row, *, actor_id: int, now: datetime) -> None:
    """The pieces leave the store with the points that pay for them, or neither does."""
    await give_out(
        item_id=row["pledge_item_id"],
        quantity=row["pledge_quantity"],
        reason=row["title"],
        actor_id=actor_id,
        now=now,
    )
    await fulfil(
        book_id=row["book_id"],
        case_kind="activity",
        case_id=row["id"],
        reference=f"activity:{row['id']}:pledges",
        reason=row["title"],
        actor_id=actor_id,
        now=now,
    )


async def _check_payer(row: Row, held: list[dict[str, Any]], actor_id: int, now: datetime) -> None:
    involved = {one["person_id"] for one in held} | {row["proposer_id"], row["talent_id"]}
    today = await day_in(row["area_id"], now)
    area_id = row["area_id"]
    if actor_id in involved or not await covers(
        person_id=actor_id, roles=PAYERS, area_id=area_id, today=today
    ):
        raise SecondPersonPays()


async def _tell_paid(row: Row, held: list[dict[str, Any]], now: datetime) -> None:
    [item] = await run("SELECT name FROM reward_item WHERE id = {}", row["pledge_item_id"])
    for one in held:
        await notify(
            person_ids=[one["person_id"]],
            kind="pledge_spent",
            facts={"points": one["points"], "title": row["title"], "item": item["name"]},
            path=f"/activities/{row['id']}",
            now=now,
            dedup=f"pledge:{one['id']}:spent",
        )


async def _pledges(row: Row, *states: str) -> list[dict[str, Any]]:
    marks = ", ".join(["{}"] * len(states))
    return await run(
        "SELECT id, person_id, points, state FROM pledge "
        f"WHERE activity_id = {{}} AND state IN ({marks}) ORDER BY person_id",
        row["id"],
        *states,
    )


async def pledges(*, activity_id: int, viewer_id: int | None = None) -> PledgeView | None:
    """How far the pledges are; None where the activity asks for none."""
    rows = await run(
        "SELECT a.id, a.pledge_item_id, a.pledge_quantity, a.pledge_goal, i.name "
        "FROM activity a JOIN reward_item i ON i.id = a.pledge_item_id WHERE a.id = {}",
        row_number(activity_id),
    )
    if not rows:
        return None
    found = await _pledges(rows[0], "held", "paid")
    return PledgeView(
        item_id=rows[0]["pledge_item_id"],
        item_name=rows[0]["name"],
        quantity=rows[0]["pledge_quantity"],
        goal=rows[0]["pledge_goal"],
        held=sum(one["points"] for one in found),
        paid=any(one["state"] == "paid" for one in found),
        mine=sum(one["points"] for one in found if one["person_id"] == viewer_id),
    )
