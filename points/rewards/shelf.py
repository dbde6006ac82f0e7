"""The catalogue as people see it: what there is, what of it I can afford now, what waits."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from points.community.rules import row_number
from points.errors import DomainError
from points.rewards.askers import (
    Month,
    asker_for,
    belongs,
    month_of,
    open_person,
    spendable_points,
)
from points.rewards.authority import ADOPTERS, DRAFTERS, has_role, place_of, require_role
from points.rewards.errors import ItemMissing, NotOfThisBook, OutOfStock
from points.rewards.rules import Offer, why_not
from points.service.policy import policy_at
from points.transactions import run

ITEMS_MAX: Final = 500
SELECT: Final = (
    "SELECT i.id, i.book_id, i.name, i.kind, i.description, i.price, i.sponsor, i.icon, "
    "i.audience, i.monthly_limit, i.state, i.drafted_by, d.name AS drafted_by_name, "
    "a.name AS adopted_by_name, s.received, s.in_store, s.reserved, s.handed_out, s.lost, "
    "f.digest AS photo_digest FROM reward_item i JOIN stock s ON s.item_id = i.id "
    "JOIN person d ON d.id = i.drafted_by LEFT JOIN person a ON a.id = i.adopted_by "
    "LEFT JOIN item_photo f ON f.item_id = i.id"
)


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item with its stock; ``obstacle`` is what keeps the person who looks from asking."""

    id: int
    book_id: int
    name: str
    kind: str
    description: str
    price: int
    sponsor: str
    icon: str
    audience: str
    monthly_limit: int
    state: str
    drafted_by: int
    drafted_by_name: str
    adopted_by_name: str | None
    received: int
    in_store: int
    reserved: int
    handed_out: int
    lost: int
    photo_digest: str | None
    obstacle: DomainError | None = None


async def shelf(*, book_id: int, person_id: int, now: datetime) -> tuple[ItemView, ...]:
    """What is offered, cheapest first, each with what keeps the person from asking for it."""
    rows = await run(
        f"{SELECT} WHERE i.book_id = {{}} AND i.state = 'adopted' "
        "ORDER BY i.price, i.id LIMIT {}",
        row_number(book_id),
        ITEMS_MAX,
    )
    return await _for_person(rows, book_id=book_id, person_id=person_id, now=now)


async def item(*, actor_id: int, item_id: int, now: datetime) -> ItemView:
    """One item; a draft is shown to those who write or adopt it."""
    rows = await run(f"{SELECT} WHERE i.id = {{}}", row_number(item_id))
    if not rows:
        raise ItemMissing
    book_id = int(rows[0]["book_id"])
    if rows[0]["state"] == "draft":
        place = await place_of(book_id=book_id, now=now)
        if not await has_role(place, actor_id=actor_id, roles=(*DRAFTERS, *ADOPTERS)):
            raise ItemMissing
        return ItemView(**rows[0])
    [view] = await _for_person(rows, book_id=book_id, person_id=actor_id, now=now)
    return view


async def drafts(*, actor_id: int, book_id: int, now: datetime) -> tuple[ItemView, ...]:
    """What waits to be adopted, oldest first."""
    place = await place_of(book_id=book_id, now=now)
    await require_role(place, actor_id=actor_id, roles=(*DRAFTERS, *ADOPTERS))
    rows = await run(
        f"{SELECT} WHERE i.book_id = {{}} AND i.state = 'draft' ORDER BY i.id LIMIT {{}}",
        place.book_id,
        ITEMS_MAX,
    )
    return tuple(ItemView(**row) for row in rows)


async def _for_person(
    rows: list[dict[str, Any]], *, book_id: int, person_id: int, now: datetime
) -> tuple[ItemView, ...]:
    place = await place_of(book_id=book_id, now=now)
    found = await open_person(person_id)
    terms = (await policy_at(book_id, place.today)).terms
    month = await month_of(place=place, person_id=person_id)
    has = await spendable_points(place=place, person_id=person_id)
    at_home = await belongs(found, place)

    def obstacle(row: dict[str, Any], month: Month = month) -> DomainError | None:
        if not at_home:
            return NotOfThisBook()
        asker = asker_for(int(row["id"]), birth_date=found.birth_date, has=has, month=month)
        kept = why_not(offer_of(row), asker, terms=terms, today=place.today)
        return kept or (None if row["in_store"] else OutOfStock(item=row["name"]))

    return tuple(ItemView(**row, obstacle=obstacle(row)) for row in rows)


def offer_of(row: dict[str, Any]) -> Offer:
    """What of an item's row decides whether somebody may ask for it."""
    return Offer(
        name=row["name"],
        price=row["price"],
        audience=row["audience"],
        monthly_limit=row["monthly_limit"],
    )
