"""What two people decide: relief out of the commons, the honour of a stairwell, and spending it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from points.community.areas import area, is_within
from points.community.guardians import is_guardian
from points.community.profiles import person
from points.community.rules import row_number
from points.ledger.donations import grant_relief, honour, spend_honour
from points.ledger.errors import PoolTooSmall
from points.notices.post import notify
from points.pools.errors import (
    DecidesForHerself,
    DecisionMissing,
    DecisionTaken,
    DonationMissing,
    NoStairwell,
    NotOfThisPlace,
    SecondPersonDecides,
)
from points.pools.rules import DecisionKind, checked_points, checked_reason
from points.rewards.authority import ADOPTERS, Place, holders_in, place_of, require_role
from points.service.policy import policy_at
from points.service.rules import expires_on
from points.transactions import is_postgres, run, use_case

PATH: Final = "/commons/decisions"


@dataclass(frozen=True, slots=True)
class _Decision:
    """A decision as it is stored."""

    id: int
    book_id: int
    kind: DecisionKind
    person_id: int | None
    area_id: int | None
    donation_id: int | None
    points: int
    reason: str
    proposed_by: int
    state: str


@use_case
async def propose(
    *,
    actor_id: int,
    book_id: int,
    kind: DecisionKind,
    points: int,
    reason: str,
    person_id: int | None = None,
    area_id: int | None = None,
    donation_id: int | None = None,
    now: datetime,
) -> int:
    """Propose a grant as a member of the committee or a steward; another one decides."""
    why, amount = checked_reason(reason), checked_points(points)
    place = await place_of(book_id=book_id, now=now)
    await require_role(place, actor_id=actor_id, roles=ADOPTERS)
    await _check_whom(place, kind=kind, person_id=person_id, area_id=area_id)
    donor_id = await _donor_of(donation_id, place)
    await _check_impartial(
        actor_id=actor_id, person_id=person_id, donor_id=donor_id, today=place.today
    )
    await _check_there(place, kind=kind, area_id=area_id, points=amount)
    [row] = await run(
        "INSERT INTO pool_decision (book_id, kind, person_id, area_id, donation_id, points, "
        "reason, proposed_by, proposed_at) VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}) "
        "RETURNING id",
        *(book_id, kind, person_id, area_id, donation_id, amount, why),
        *(actor_id, now.astimezone(UTC)),
    )
    others = {one.person_id for one in await holders_in(place, roles=ADOPTERS)} - {actor_id}
    await notify(
        person_ids=others - {person_id, donor_id},
        kind="grant_to_decide",
        facts={"points": amount},
        path=PATH,
        now=now,
        dedup=f"decision:{row['id']}:propose",
    )
    return int(row["id"])


@use_case
async def decide(
    *, actor_id: int, decision_id: int, approve: bool, refusal: str = "", now: datetime
) -> None:
    """Approve or refuse what somebody else proposed; what is approved is posted at once."""
    found = await _locked(decision_id)
    place = await place_of(book_id=found.book_id, now=now)
    await require_role(place, actor_id=actor_id, roles=ADOPTERS)
    if found.state != "proposed":
        raise DecisionTaken
    if actor_id == found.proposed_by:
        raise SecondPersonDecides
    donor_id = await _donor_of(found.donation_id, place)
    await _check_impartial(
        actor_id=actor_id, person_id=found.person_id, donor_id=donor_id, today=place.today
    )
    await run(
        "UPDATE pool_decision SET state = {}, decided_by = {}, decided_at = {}, refusal = {} "
        "WHERE id = {}",
        "approved" if approve else "refused",
        actor_id,
        now.astimezone(UTC),
        "" if approve else checked_reason(refusal, field="refusal"),
        found.id,
    )
    if approve:
        await _post(found, place, actor_id=actor_id, now=now)
        await _tell(found, now)


async def _post(found: _Decision, place: Place, *, actor_id: int, now: datetime) -> None:
    facts: dict[str, Any] = {
        "decision_id": found.id,
        "book_id": found.book_id,
        "points": found.points,
        "reason": found.reason,
        "actor_id": actor_id,
        "now": now,
    }
    whom = found.person_id or found.area_id or 0
    if found.kind == "honour_spend":
        await spend_honour(area_id=whom, **facts)
        return
    until = await _new_vintage(place)
    if found.kind == "honour":
        await honour(area_id=whom, expires_on=until, **facts)
    else:
        await grant_relief(person_id=whom, expires_on=until, **facts)


async def _new_vintage(place: Place) -> date:
    terms = (await policy_at(place.book_id, place.today)).terms
    return expires_on(served_on=place.today, posted_on=place.today, terms=terms)


async def _tell(found: _Decision, now: datetime) -> None:
    """Whom it is for: a person in need, or everybody who lives in the stairwell."""
    people: Collection[int] = [found.person_id] if found.person_id else ()
    if found.area_id:
        rows = await run(
            "SELECT id FROM person WHERE area_id = {} AND closed_at IS NULL ORDER BY id",
            found.area_id,
        )
        people = [int(row["id"]) for row in rows]
    await notify(
        person_ids=people,
        kind={"relief": "relief_granted", "honour": "honour_granted"}.get(
            found.kind, "honour_spent"
        ),
        facts={"points": found.points, "reason": found.reason},
        path="/points" if found.kind == "relief" else "/commons",
        now=now,
        dedup=f"decision:{found.id}",
    )


async def _locked(decision_id: int) -> _Decision:
    lock = " FOR UPDATE" if is_postgres() else ""
    rows = await run(
        "SELECT id, book_id, kind, person_id, area_id, donation_id, points, reason, proposed_by, "
        f"state FROM pool_decision WHERE id = {{}}{lock}",
        row_number(decision_id),
    )
    if not rows:
        raise DecisionMissing
    return _Decision(**rows[0])


async def _check_whom(
    place: Place, *, kind: DecisionKind, person_id: int | None, area_id: int | None
) -> None:
    if kind == "relief":
        if person_id is None or area_id is not None:
            raise NotOfThisPlace
        if not await is_within((await person(person_id)).area_id, place.area_id):
            raise NotOfThisPlace
        return
    if person_id is not None:
        raise NotOfThisPlace
    if area_id is None or (await area(area_id)).level != "stairwell":
        raise NoStairwell(field="area_id")
    if not await is_within(area_id, place.area_id):
        raise NotOfThisPlace


async def _donor_of(donation_id: int | None, place: Place) -> int | None:
    if donation_id is None:
        return None
    rows = await run(
        "SELECT person_id FROM donation WHERE id = {} AND book_id = {}",
        row_number(donation_id),
        place.book_id,
    )
    if not rows:
        raise DonationMissing
    return int(rows[0]["person_id"])


async def _check_impartial(
    *, actor_id: int, person_id: int | None, donor_id: int | None, today: date
) -> None:
    if donor_id is not None and donor_id in (actor_id, person_id):
        raise DecidesForHerself
    if person_id is None:
        return
    if actor_id == person_id or await is_guardian(
        person_id=actor_id, child_id=person_id, today=today
    ):
        raise DecidesForHerself
    same = await run(
        "SELECT a.id FROM person a JOIN person b ON b.household_id = a.household_id "
        "WHERE a.id = {} AND b.id = {}",
        actor_id,
        person_id,
    )
    if same:
        raise DecidesForHerself


async def _check_there(
    place: Place, *, kind: DecisionKind, area_id: int | None, points: int
) -> None:
    """Refuse at once what the pool cannot pay today; it is asked again when it is decided."""
    if kind == "honour":
        return
    rows = await run(
        "SELECT balance FROM account WHERE book_id = {} AND kind = {} AND owner_id = {}",
        place.book_id,
        "commons" if kind == "relief" else "stairwell",
        area_id or 0,
    )
    available = int(rows[0]["balance"]) if rows else 0
    if available < points:
        raise PoolTooSmall(needed=points, available=available)
