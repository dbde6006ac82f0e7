"""A request as people follow it: every step, with who acts by when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from points.community.areas import day_in
from points.community.grants import covers
from points.community.guardians import is_guardian
from points.community.profiles import person
from points.community.reads import log_reads
from points.community.rules import ID_MAX, row_number
from points.rewards.authority import (
    ADOPTERS,
    DRAFTERS,
    STEWARD,
    Place,
    has_role,
    holders_in,
    place_of,
)
from points.rewards.cases import COLUMNS, Case, case
from points.rewards.errors import RedemptionMissing
from points.rewards.rules import CANCEL_WITHIN, Tally, may_cancel
from points.rewards.voting import Ballot, VoteLine, ballot
from points.transactions import run, use_case, whole

StepKind = Literal["requested", "decision", "pickup", "cancelled", "uncollected", "returned"]
StepState = Literal["done", "refused", "now", "next"]
PAGE_MAX: Final = 100
NAMES: Final = (
    "SELECT i.kind, i.icon, p.name AS person_name, q.name AS requested_by_name, "
    "h.name AS handed_over_by_name, r.collected_by, r.close_reason, c.name AS cancelled_by_name, "
    "b.name AS returned_by_name FROM redemption r JOIN reward_item i ON i.id = r.item_id "
    "JOIN person p ON p.id = r.person_id JOIN person q ON q.id = r.requested_by "
    "LEFT JOIN person h ON h.id = r.handed_over_by LEFT JOIN person c ON c.id = r.cancelled_by "
    "LEFT JOIN person b ON b.id = r.returned_by WHERE r.id = {}"
)


@dataclass(frozen=True, slots=True)
class Step:
    """One step: when it was done, or by when it is due; who did it, or who has to."""

    kind: StepKind
    state: StepState
    at: datetime | None = None
    due: datetime | None = None
    who: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class RedemptionView:
    """A request and its steps.  The pickup code is not here: see pickup.my_code."""

    id: int
    book_id: int
    item_id: int
    item_name: str
    item_kind: str
    icon: str
    price: int
    person_id: int
    person_name: str
    requested_by: int
    requested_by_name: str
    state: str
    requested_at: datetime
    decide_by: datetime
    decided_at: datetime | None
    collect_by: datetime | None
    handed_over_at: datetime | None
    closed_at: datetime | None
    collected_by: str
    close_reason: str
    points_held: int
    count: Tally
    votes: tuple[VoteLine, ...]
    steps: tuple[Step, ...]
    may_cancel: bool
    cancel_until: datetime


async def my_redemptions(
    *, person_id: int, now: datetime, before_id: int | None = None, limit: int = 20
) -> tuple[RedemptionView, ...]:
    """What a person asked for, or asked for somebody else, newest first."""
    rows = await run(
        f"SELECT {COLUMNS} FROM redemption WHERE (person_id = {{}} OR requested_by = {{}}) "
        "AND id < {} ORDER BY id DESC LIMIT {}",
        row_number(person_id),
        row_number(person_id),
        ID_MAX if before_id is None else row_number(before_id),
        max(1, min(limit, PAGE_MAX)),
    )
    return tuple([await _view(Case(**row), person_id, now) for row in rows])


@use_case
@whole
async def redemption(*, actor_id: int, redemption_id: int, now: datetime) -> RedemptionView:
    """One request, for those it concerns; staff's look at it is noted."""
    found = await case(redemption_id)
    place = await place_of(book_id=found.book_id, now=now)
    if actor_id not in found.owners:
        if not await _concerns(found, place, actor_id, now):
            raise RedemptionMissing
        await log_reads(actor_id=actor_id, person_ids=[found.person_id], what="redemption", now=now)
    return await _view(found, actor_id, now)


async def _concerns(found: Case, place: Place, actor_id: int, now: datetime) -> bool:
    """Whether somebody decides, hands over, looks after the store, or answers for the person."""
    if await has_role(place, actor_id=actor_id, roles=(*DRAFTERS, *ADOPTERS)):
        return True
    area_id = (await person(found.person_id)).area_id
    today = await day_in(area_id, now)
    if await covers(person_id=actor_id, roles=("stairwell_leader",), area_id=area_id, today=today):
        return True
    if await is_guardian(person_id=actor_id, child_id=found.person_id, today=today):
        return True
    stands_in = await run(
        "SELECT person_id FROM stand_in WHERE redemption_id = {} AND person_id = {}",
        found.id,
        actor_id,
    )
    return bool(stands_in)


async def _view(found: Case, actor_id: int, now: datetime) -> RedemptionView:
    place = await place_of(book_id=found.book_id, now=now)
    [names] = await run(NAMES, found.id)
    standing = await ballot(found, place=place)
    cancellable = may_cancel(found.state, requested_at=found.requested_at, now=now)
    return RedemptionView(
        id=found.id,
        book_id=found.book_id,
        item_id=found.item_id,
        item_name=found.item_name,
        item_kind=names["kind"],
        icon=names["icon"],
        price=found.price,
        person_id=found.person_id,
        person_name=names["person_name"],
        requested_by=found.requested_by,
        requested_by_name=names["requested_by_name"],
        state=found.state,
        requested_at=found.requested_at,
        decide_by=found.decide_by,
        decided_at=found.decided_at,
        collect_by=found.collect_by,
        handed_over_at=found.handed_over_at,
        closed_at=found.closed_at,
        collected_by=names["collected_by"],
        close_reason=names["close_reason"],
        points_held=found.price if found.state in ("requested", "approved") else 0,
        count=standing.count,
        votes=standing.votes,
        steps=await _steps(found, names, standing, place=place, now=now),
        may_cancel=actor_id in found.owners and cancellable,
        cancel_until=found.requested_at + CANCEL_WITHIN,
    )


async def _steps(
    found: Case, names: dict[str, Any], standing: Ballot, *, place: Place, now: datetime
) -> tuple[Step, ...]:
    asked = Step("requested", "done", at=found.requested_at, who=(names["requested_by_name"],))
    steps = [asked]
    if found.decided_at is not None or found.state == "requested":
        steps.append(await _decision(found, names, standing, place=place, now=now))
    if found.state in ("requested", "approved", "handed_over", "returned"):
        steps.append(_pickup(found, names))
    if found.state == "cancelled":
        who = (names["cancelled_by_name"],)
        steps.append(Step("cancelled", "done", at=found.closed_at, who=who))
    if found.state == "uncollected":
        steps.append(Step("uncollected", "done", at=found.closed_at, due=found.collect_by))
    if found.state == "returned":
        who, why = (names["returned_by_name"],), names["close_reason"]
        steps.append(Step("returned", "done", at=found.closed_at, who=who, note=why))
    return tuple(steps)


async def _decision(
    found: Case, names: dict[str, Any], standing: Ballot, *, place: Place, now: datetime
) -> Step:
    if found.state != "requested":
        refused = found.state == "refused"
        choice = "refuse" if refused else "approve"
        who = tuple(vote.name for vote in standing.votes if vote.choice == choice)
        why = names["close_reason"] if refused else ""
        state: StepState = "refused" if refused else "done"
        return Step("decision", state, at=found.decided_at, who=who, note=why)
    if found.decide_by < now or standing.count.stand_ins_needed:
        # The members alone did not, or cannot, decide: a steward has to help.
        who = tuple(holder.name for holder in await holders_in(place, roles=STEWARD))
        note = "overdue" if found.decide_by < now else "stand_in_needed"
        return Step("decision", "now", due=found.decide_by, who=who, note=note)
    who = tuple(standing.names[one] for one in standing.undecided)
    return Step("decision", "now", due=found.decide_by, who=who)


def _pickup(found: Case, names: dict[str, Any]) -> Step:
    if found.state == "requested":
        return Step("pickup", "next", who=(names["person_name"],))
    if found.state == "approved":
        return Step("pickup", "now", due=found.collect_by, who=(names["person_name"],))
    who = (names["handed_over_by_name"],)
    return Step("pickup", "done", at=found.handed_over_at, who=who, note=names["collected_by"])
