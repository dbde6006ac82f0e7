"""Handing over what was approved: a code that only its owner sees, entered once by somebody else.

The code follows from the key of the install and the number of the request.  It is stored only as
a digest, and shown again whenever its owner asks.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from points.community.areas import areas, day_in
from points.community.errors import ReasonMissing
from points.community.grants import covers
from points.community.profiles import person
from points.community.reads import log_reads
from points.community.rules import clean_text, row_number
from points.community.secrets import install_secret
from points.ledger.postings import fulfil, reverse_fulfil
from points.pools.household import payer_of, return_to_leavers
from points.rewards.authority import DRAFTERS, Place, has_role, place_of, require_role
from points.rewards.cases import Case, case, stakes, tell
from points.rewards.deliveries import Delivery, DeliveryLine, delivery_list
from points.rewards.errors import (
    AlreadyHandedOver,
    ApprovedByYou,
    CollectorTooLong,
    HandedOverByYou,
    HandOverRoleMissing,
    InvolvedInPickup,
    NotHandedOver,
    NotReady,
    NotYourRequest,
    PickupCodeUnknown,
)
from points.rewards.rules import code_digest, pickup_codes, spoken, typed_code
from points.rewards.stock import move
from points.rewards.voting import PICKUP_KEY, votes_on
from points.transactions import run, use_case, whole

__all__ = [
    "Delivery",
    "DeliveryLine",
    "Pickup",
    "delivery_list",
    "find_pickup",
    "hand_over",
    "my_code",
    "return_item",
]

COLLECTOR_LENGTH_MAX: Final = 80
REASON_LENGTH_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Pickup:
    """What is to be handed over to whom."""

    redemption_id: int
    item_name: str
    price: int
    person_id: int
    person_name: str
    area_path: tuple[str, ...]
    collect_by: datetime | None
    collected_by: str = ""


@use_case
async def my_code(*, actor_id: int, redemption_id: int, now: datetime) -> str:
    """The pickup code, for the person and whoever asked for her, while it can be used."""
    found = await case(redemption_id)
    if actor_id not in found.owners:
        raise NotYourRequest
    if found.state != "approved":
        raise NotReady(state=found.state)
    secret = await install_secret(name=PICKUP_KEY, now=now)
    codes = pickup_codes(secret, found.id)
    return spoken(next(code for code in codes if code_digest(code) == found.pickup_digest))


@use_case
@whole
async def find_pickup(*, actor_id: int, code: str, now: datetime) -> Pickup:
    """What a code stands for, before anything is handed over; the look is noted."""
    found = await _by_code(code)
    await _may_hand_over(found, actor_id=actor_id, now=now)
    await log_reads(actor_id=actor_id, person_ids=[found.person_id], what="redemption", now=now)
    return await _pickup(found)


@use_case
async def hand_over(*, actor_id: int, code: str, now: datetime, collected_by: str = "") -> Pickup:
    """Hand over, once; ``collected_by`` names who came in the person's place."""
    collector = _collector(collected_by)
    found = await _by_code(code, lock=True)
    await _may_hand_over(found, actor_id=actor_id, now=now)
    await _spend(found, actor_id=actor_id, now=now)
    await run(
        "UPDATE redemption SET state = 'handed_over', handed_over_by = {}, handed_over_at = {}, "
        "closed_at = {}, collected_by = {} WHERE id = {}",
        actor_id,
        now.astimezone(UTC),
        now.astimezone(UTC),
        collector,
        found.id,
    )
    name = collector or (await person(found.person_id)).name
    await tell(
        found,
        person_ids=found.owners,
        kind="redemption_handed_over",
        facts={"collected_by": name},
        now=now,
    )
    return await _pickup(found, collected_by=name)


@use_case
async def return_item(
    *, actor_id: int, redemption_id: int, good: bool, reason: str, now: datetime
) -> None:
    """Take back what was handed over: the points return, the piece is counted as it is.

    One that is no longer ``good`` is counted as lost.
    """
    why = clean_text(reason)
    if not 0 < len(why) <= REASON_LENGTH_MAX:
        raise ReasonMissing(field="reason", limit=REASON_LENGTH_MAX)
    found = await case(redemption_id, lock=True)
    place = await place_of(book_id=found.book_id, now=now)
    await require_role(place, actor_id=actor_id, roles=DRAFTERS)
    if found.state != "handed_over":
        raise NotHandedOver(state=found.state)
    if actor_id in await stakes(found.id):
        raise InvolvedInPickup
    if actor_id == found.handed_over_by:
        raise HandedOverByYou
    await _back_to_store(found, good=good, reason=why, actor_id=actor_id, now=now)
    await _points_back(found, reason=why, actor_id=actor_id, now=now)
    await run(
        "UPDATE redemption SET state = 'returned', returned_by = {}, closed_at = {}, "
        "close_reason = {} WHERE id = {}",
        actor_id,
        now.astimezone(UTC),
        why,
        found.id,
    )
    facts: dict[str, object] = {"points": found.price}
    await tell(found, person_ids=found.owners, kind="redemption_returned", facts=facts, now=now)


def _collector(text: str) -> str:
    collector = clean_text(text)
    if len(collector) > COLLECTOR_LENGTH_MAX:
        raise CollectorTooLong(field="collected_by", most=COLLECTOR_LENGTH_MAX)
    return collector


async def _spend(found: Case, *, actor_id: int, now: datetime) -> None:
    """The piece leaves the store, and the points are spent for good."""
    moved = await move(
        item_id=found.item_id,
        kind="hand_out",
        redemption_id=found.id,
        actor_id=actor_id,
        now=now,
    )
    assert moved, "an approved request has a piece reserved"
    if found.price:
        await fulfil(
            book_id=found.book_id,
            case_kind="redemption",
            case_id=found.id,
            reference=found.reference("fulfil"),
            reason=found.item_name,
            actor_id=actor_id,
            now=now,
        )


async def _points_back(found: Case, *, reason: str, actor_id: int, now: datetime) -> None:
    if not found.price:
        return
    [posting] = await run("SELECT id FROM posting WHERE reference = {}", found.reference("fulfil"))
    await reverse_fulfil(
        posting_id=int(posting["id"]),
        reference=found.reference("return"),
        reason=reason,
        actor_id=actor_id,
        now=now,
    )
    household_id = await payer_of(book_id=found.book_id, case_id=found.id)
    if household_id is not None:
        await return_to_leavers(book_id=found.book_id, household_id=household_id, now=now)


async def _back_to_store(
    found: Case, *, good: bool, reason: str, actor_id: int, now: datetime
) -> None:
    for kind in ("take_back",) if good else ("take_back", "lose"):
        moved = await move(
            item_id=found.item_id,
            kind=kind,
            redemption_id=found.id,
            reason=reason,
            actor_id=actor_id,
            now=now,
        )
        assert moved, "what was handed out can be taken back"


async def _by_code(code: str, *, lock: bool = False) -> Case:
    rows = await run(
        "SELECT id FROM redemption WHERE pickup_digest = {}", code_digest(typed_code(code))
    )
    if not rows:
        raise PickupCodeUnknown(field="code")
    return await case(int(rows[0]["id"]), lock=lock)


async def _may_hand_over(found: Case, *, actor_id: int, now: datetime) -> None:
    """Refuse whoever has no role for it, a stake in it, or approved it; and what is not ready."""
    place = await place_of(book_id=found.book_id, now=now)
    if not await _hands_out(found, place, actor_id, now):
        raise HandOverRoleMissing
    if found.state in ("handed_over", "returned"):
        raise AlreadyHandedOver(handed_over_at=found.handed_over_at)
    if found.state != "approved":
        raise NotReady(state=found.state)
    if actor_id in await stakes(found.id):
        raise InvolvedInPickup
    votes = await votes_on(found.id)
    if any(vote.member_id == actor_id and vote.choice == "approve" for vote in votes):
        raise ApprovedByYou


async def _hands_out(found: Case, place: Place, actor_id: int, now: datetime) -> bool:
    if await has_role(place, actor_id=actor_id, roles=DRAFTERS):
        return True
    area_id = (await person(found.person_id)).area_id
    return await covers(
        person_id=actor_id,
        roles=("stairwell_leader",),
        area_id=area_id,
        today=await day_in(area_id, now),
    )


async def _pickup(found: Case, *, collected_by: str = "") -> Pickup:
    owner = await person(found.person_id)
    views = await areas([owner.area_id])
    return Pickup(
        redemption_id=row_number(found.id),
        item_name=found.item_name,
        price=found.price,
        person_id=owner.id,
        person_name=owner.name,
        area_path=views[owner.area_id].path,
        collect_by=found.collect_by,
        collected_by=collected_by,
    )
