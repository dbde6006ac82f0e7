"""Who stands over an area, and who may decide on a record of service there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from points.community.grants import Holder, active_grants, holders
from points.service.rules import Case, may_confirm
from points.transactions import run

DECIDING_ROLES = ("stairwell_leader", "organizer", "steward")
PLANNING_ROLES = ("stairwell_leader", "organizer", "steward")
ROLL_CALL_ROLES = ("organizer", "steward")
HOLDERS_MAX = 20
NAMED_MAX = 3


@dataclass(frozen=True, slots=True)
class Decider:
    """Somebody who can decide."""

    person_id: int
    name: str
    role: str


async def roles_over(*, person_id: int, area_id: int, today: date) -> frozenset[str]:
    """The person's active roles on the area or on one above it."""
    grants = await active_grants(person_id, today)
    if not grants:
        return frozenset()
    rows = await run("SELECT ancestor_id FROM area_ancestor WHERE area_id = {}", area_id)
    above = {row["ancestor_id"] for row in rows}
    return frozenset(grant.role for grant in grants if grant.area_id in above)


async def households_of(person_ids: Sequence[int]) -> Mapping[int, int | None]:
    """The household of each of these people."""
    wanted = sorted(set(person_ids))
    if not wanted:
        return {}
    marks = ", ".join(["{}"] * len(wanted))
    rows = await run(f"SELECT id, household_id FROM person WHERE id IN ({marks})", *wanted)
    return {row["id"]: row["household_id"] for row in rows}


async def deciders(
    cases: Sequence[tuple[int, Case]], *, today: date
) -> tuple[tuple[Decider, ...], ...]:
    """For each (area, case), up to three people who can decide on it, one question an area."""
    known: dict[tuple[int, bool], tuple[Holder, ...]] = {}
    for area_id, case in cases:
        if (area_id, case.needs_steward) not in known:
            known[area_id, case.needs_steward] = await holders(
                area_id=area_id,
                roles=("steward",) if case.needs_steward else DECIDING_ROLES,
                today=today,
                limit=HOLDERS_MAX,
            )
    everybody = [holder.person_id for found in known.values() for holder in found]
    households = await households_of(everybody)
    return tuple(
        _able(known[area_id, case.needs_steward], case, households) for area_id, case in cases
    )


def _able(
    found: Sequence[Holder], case: Case, households: Mapping[int, int | None]
) -> tuple[Decider, ...]:
    able = [
        Decider(person_id=holder.person_id, name=holder.name, role=holder.role)
        for holder in found
        if not may_confirm(
            case,
            actor_id=holder.person_id,
            household_id=households.get(holder.person_id),
            roles=(holder.role,),
        )
    ]
    return tuple(able[:NAMED_MAX])
