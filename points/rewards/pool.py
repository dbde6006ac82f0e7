"""A request that the pool of a household pays."""

from datetime import datetime
from typing import Any

from points.ledger.pools import hold_from_pool
from points.notices.post import notify
from points.pools.errors import NothingToPay, NotInThePool
from points.pools.household import PATH, Membership, members_of, pool_at_home
from points.rewards.authority import Place
from points.rewards.cases import Case


async def pool_to_pay(wanted: dict[str, Any], *, person_id: int, place: Place) -> Membership:
    """The pool that pays for an item; only a member spends from it, in the book of the item."""
    if not wanted["price"]:
        raise NothingToPay
    found = await pool_at_home(person_id)
    if found.book_id != place.book_id:
        raise NotInThePool
    return found


async def pay_from_pool(found: Case, pool: Membership, *, actor_id: int, now: datetime) -> None:
    """Set the price aside, and tell the others in the pool."""
    await hold_from_pool(
        book_id=found.book_id,
        person_id=found.person_id,
        household_id=pool.household_id,
        case_id=found.id,
        points=found.price,
        reference=found.reference("hold"),
        reason=found.item_name,
        actor_id=actor_id,
        now=now,
    )
    others = set(await members_of(pool.household_id)) - {found.person_id}
    await notify(
        person_ids=others,
        kind="pool_spent",
        facts={"item": found.item_name, "points": found.price},
        path=PATH,
        now=now,
        dedup=found.reference("pool"),
    )
