"""Who may take the roll of an occasion, and of whom."""

from datetime import datetime
from typing import Any

from points.community.areas import day_in
from points.community.grants import active_grants
from points.community.rules import row_number
from points.service.authority import ROLL_CALL_ROLES, roles_over
from points.service.errors import RollCallForbidden
from points.service.occasions import book_of_person, occasion_row
from points.transactions import run


async def require_caller(*, actor_id: int, occasion_id: int, now: datetime) -> None:
    """Refuse whoever may enter nobody on this occasion."""
    await stairwells_called(await occasion_row(occasion_id), actor_id, now)


async def may_call(*, actor_id: int, occasion_id: int, now: datetime) -> bool:
    """Whether the actor may enter anybody on this occasion."""
    occasion = await occasion_row(occasion_id)
    return await _everybody(occasion, actor_id, now) or bool(await _led(occasion, actor_id, now))


async def stairwells_called(
    occasion: dict[str, Any], actor_id: int, now: datetime
) -> frozenset[int] | None:
    """The stairwells the actor may enter people of; None if she may enter anybody here."""
    if await _everybody(occasion, actor_id, now):
        return None
    stairwells = await _led(occasion, actor_id, now)
    if not stairwells:
        raise RollCallForbidden()
    return stairwells


async def _everybody(occasion: dict[str, Any], actor_id: int, now: datetime) -> bool:
    if actor_id == occasion["leader_id"]:
        return True
    today = await day_in(occasion["area_id"], now)
    roles = await roles_over(person_id=actor_id, area_id=occasion["area_id"], today=today)
    return not roles.isdisjoint(ROLL_CALL_ROLES)


async def _led(occasion: dict[str, Any], actor_id: int, now: datetime) -> frozenset[int]:
    """The stairwells that the actor leads, if she lives where the occasion's book is kept."""
    if await book_of_person(actor_id) != occasion["book_id"]:
        return frozenset()
    grants = await active_grants(actor_id, await day_in(occasion["area_id"], now))
    return frozenset(grant.area_id for grant in grants if grant.role == "stairwell_leader")


async def lives_in(person_id: int, area_ids: frozenset[int]) -> bool:
    """Whether a person lives in one of these areas."""
    rows = await run(
        "SELECT x.ancestor_id FROM person p JOIN area_ancestor x ON x.area_id = p.area_id "
        "WHERE p.id = {}",
        row_number(person_id),
    )
    return any(row["ancestor_id"] in area_ids for row in rows)
