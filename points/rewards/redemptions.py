"""Asking for a reward and taking it back.

A request takes one piece of the stock and holds the points in one transaction.
"""

from datetime import UTC, date, datetime
from typing import Any

from points.community.areas import day_in
from points.community.grants import covers
from points.community.guardians import guardians_of, is_guardian
from points.community.profiles import PersonView, person
from points.community.reads import log_proxy
from points.community.rules import masked_name, row_number
from points.ledger.accounts import lock_person
from points.ledger.pools import lock_pool
from points.ledger.postings import hold
from points.ledger.rules import Standing, spendable
from points.pools.household import Membership
from points.rewards.askers import asker_for, belongs, month_of, open_person
from points.rewards.authority import COMMITTEE, Place, holders_in, place_of
from points.rewards.cases import Case, case, give_back, stakes, tell
from points.rewards.deadlines import escalate_due, remind_collect, return_uncollected
from points.rewards.errors import (
    ItemMissing,
    ItemNotAdopted,
    ItemRetired,
    NotOfThisBook,
    NotYourRequest,
    NotYourToAskFor,
    OutOfStock,
    RequestClosed,
    TooLateToCancel,
)
from points.rewards.pool import pay_from_pool, pool_to_pay
from points.rewards.redemption_views import (
    RedemptionView,
    Step,
    my_redemptions,
    redemption,
)
from points.rewards.rules import CANCEL_WITHIN, OPEN, end_of_day, may_cancel, quorum_for, why_not
from points.rewards.shelf import offer_of
from points.rewards.stock import move
from points.service.policy import policy_at
from points.service.rules import Terms
from points.transactions import is_postgres, run, use_case

__all__ = [
    "RedemptionView",
    "Step",
    "cancel",
    "escalate_due",
    "my_redemptions",
    "redemption",
    "remind_collect",
    "request",
    "return_uncollected",
]


# --- asking


@use_case
async def request(
    *,
    actor_id: int,
    person_id: int,
    item_id: int,
    now: datetime,
    reason: str = "",
    from_pool: bool = False,
) -> int:
    """Ask for one piece of an item, for oneself, one's ward, or somebody of one's stairwell.

    Whoever asks for another says why; the person reads it among what was done in her name.
    ``from_pool``: the pool of the person's household pays.
    """
    wanted = await _offered(item_id)
    place = await place_of(book_id=wanted["book_id"], now=now)
    asks_for = await open_person(person_id)
    await _may_ask(actor_id=actor_id, found=asks_for, now=now)
    if not await belongs(asks_for, place):
        raise NotOfThisBook
    if not await _lock_stock(wanted["id"]):
        raise OutOfStock(item=wanted["name"])
    terms = (await policy_at(place.book_id, place.today)).terms
    pool = await pool_to_pay(wanted, person_id=person_id, place=place) if from_pool else None
    await _within_limits(wanted, asks_for, pool, place=place, terms=terms)
    redemption_id = await _insert(
        wanted, place=place, person_id=person_id, actor_id=actor_id, terms=terms, now=now
    )
    await _note_stakes(redemption_id, asks_for, actor_id=actor_id, today=place.today)
    found = await case(redemption_id)
    await _reserve(found, pool, place=place, actor_id=actor_id, now=now)
    if actor_id != person_id:
        await log_proxy(
            actor_id=actor_id, person_id=person_id, action="redeem", reason=reason, now=now
        )
    await _tell_of_request(found, asks_for, place=place, actor_id=actor_id, now=now)
    return redemption_id


async def _offered(item_id: int) -> dict[str, Any]:
    """The item, kept as it is until the transaction ends."""
    lock = " FOR SHARE" if is_postgres() else ""
    rows = await run(
        "SELECT id, book_id, name, price, audience, monthly_limit, state FROM reward_item "
        f"WHERE id = {{}}{lock}",
        row_number(item_id),
    )
    if not rows:
        raise ItemMissing
    if rows[0]["state"] == "draft":
        raise ItemNotAdopted
    if rows[0]["state"] == "retired":
        raise ItemRetired
    return rows[0]


async def _may_ask(*, actor_id: int, found: PersonView, now: datetime) -> None:
    if actor_id == found.id:
        return
    today = await day_in(found.area_id, now)
    if await covers(
        person_id=actor_id, roles=("stairwell_leader",), area_id=found.area_id, today=today
    ):
        return
    if not await is_guardian(person_id=actor_id, child_id=found.id, today=today):
        raise NotYourToAskFor


async def _lock_stock(item_id: int) -> bool:
    """Wait for whoever else takes one; False if the last is gone."""
    lock = " FOR NO KEY UPDATE" if is_postgres() else ""
    [row] = await run(f"SELECT in_store FROM stock WHERE item_id = {{}}{lock}", item_id)
    return int(row["in_store"]) > 0


async def _within_limits(
    wanted: dict[str, Any],
    found: PersonView,
    pool: Membership | None,
    *,
    place: Place,
    terms: Terms,
) -> None:
    """Under the lock of her accounts, which makes her requests wait for each other."""
    whose = {"book_id": place.book_id, "person_id": found.id}
    standing: Standing = await (
        lock_pool(household_id=pool.household_id, **whose) if pool else lock_person(**whose)
    )
    alive = spendable(standing.holdings, place.today, standing.grace)
    month = await month_of(place=place, person_id=found.id)
    asker = asker_for(
        wanted["id"], birth_date=found.birth_date, has=sum(alive.values()), month=month
    )
    obstacle = why_not(offer_of(wanted), asker, terms=terms, today=place.today)
    if obstacle is not None:
        raise obstacle


async def _insert(
    wanted: dict[str, Any],
    *,
    place: Place,
    person_id: int,
    actor_id: int,
    terms: Terms,
    now: datetime,
) -> int:
    decide_by = end_of_day(now, days=terms.decide_days, time_zone=place.time_zone)
    [row] = await run(
        "INSERT INTO redemption (book_id, item_id, person_id, requested_by, item_name, price, "
        "quorum, requested_at, decide_by) VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}) RETURNING id",
        place.book_id,
        wanted["id"],
        person_id,
        actor_id,
        wanted["name"],
        wanted["price"],
        quorum_for(wanted["price"], terms),
        now.astimezone(UTC),
        decide_by.astimezone(UTC),
    )
    return int(row["id"])


async def _note_stakes(
    redemption_id: int, found: PersonView, *, actor_id: int, today: date
) -> None:
    """Note who shares in it now, so that nobody moves out to be able to decide."""
    noted = dict.fromkeys(
        (guardian.person_id for guardian in await guardians_of(found.id, today)), "guardian"
    )
    if found.household_id is not None:
        rows = await run("SELECT id FROM person WHERE household_id = {}", found.household_id)
        noted |= dict.fromkeys((int(row["id"]) for row in rows), "household")
    noted |= {actor_id: "proxy"}
    noted |= {found.id: "own"}
    await run(
        "INSERT INTO redemption_involved (redemption_id, person_id, stake) VALUES "
        + ", ".join(["({}, {}, {})"] * len(noted)),
        *(value for who, stake in noted.items() for value in (redemption_id, who, stake)),
    )


async def _reserve(
    found: Case, pool: Membership | None, *, place: Place, actor_id: int, now: datetime
) -> None:
    await move(
        item_id=found.item_id,
        kind="reserve",
        redemption_id=found.id,
        actor_id=actor_id,
        now=now,
    )
    if pool:
        await pay_from_pool(found, pool, actor_id=actor_id, now=now)
    elif found.price:
        await hold(
            book_id=found.book_id,
            person_id=found.person_id,
            case_kind="redemption",
            case_id=found.id,
            points=found.price,
            reference=found.reference("hold"),
            reason=found.item_name,
            actor_id=actor_id,
            now=now,
            today=place.today,
        )


async def _tell_of_request(
    found: Case, asks_for: PersonView, *, place: Place, actor_id: int, now: datetime
) -> None:
    involved = await stakes(found.id)
    committee = {holder.person_id for holder in await holders_in(place, roles=COMMITTEE)}
    facts = {"name": masked_name(asks_for.name), "decide_at": found.decide_by}
    await tell(
        found,
        person_ids=committee - set(involved),
        kind="redemption_to_decide",
        facts=facts,
        path="/committee",
        now=now,
    )
    if actor_id != found.person_id:
        name = (await person(actor_id)).name
        await tell(
            found,
            person_ids=[found.person_id],
            kind="redemption_requested_for_you",
            facts={"name": name},
            now=now,
        )


# --- taking it back


@use_case
async def cancel(*, actor_id: int, redemption_id: int, now: datetime) -> None:
    """Take a request back: until it is decided, and within ten minutes of asking in any case."""
    found = await case(redemption_id, lock=True)
    if actor_id not in found.owners:
        raise NotYourRequest
    if found.state == "cancelled":
        return
    if found.state not in OPEN:
        raise RequestClosed(state=found.state)
    if not may_cancel(found.state, requested_at=found.requested_at, now=now):
        raise TooLateToCancel(minutes=int(CANCEL_WITHIN.total_seconds()) // 60)
    await give_back(found, state="cancelled", reason="", grace=False, actor_id=actor_id, now=now)
    await tell(
        found,
        person_ids=found.owners,
        kind="redemption_cancelled",
        facts={"points": found.price},
        now=now,
    )
