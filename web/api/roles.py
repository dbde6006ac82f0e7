"""Roles by area and term: one proposes, another approves."""

from datetime import date

from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from points.community import grants
from points.community.roles import Role
from web import clock
from web.api.answers import Created, Some, answered, done, first
from web.api.routing import LIMIT, Limit, get, own_or_duty, post
from web.auth import WebRequest, actor, staff
from web.forms import Id
from web.roles import proposer, second


class RoleProposal(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A role in an area for a term."""

    role: Role
    area_id: Id
    starts_on: date
    ends_on: date | None = None


@post("/people/{person_id:int}/roles", may=proposer, scopes=("write", "staff"), status=201)
async def propose_role(
    request: WebRequest, person_id: FromPath[int], data: JSONBody[RoleProposal]
) -> Created:
    """Propose a role; a volunteer's counts at once."""

    async def act() -> Created:
        grant_id = await grants.propose_role(
            actor_id=actor(request), person_id=person_id, role=data.role, area_id=data.area_id,
            starts_on=data.starts_on, ends_on=data.ends_on, now=clock.now(),
        )  # fmt: skip
        return Created(grant_id)

    return await answered(request, Created, act)


@get("/approvals", may=staff, scopes=("read", "staff"))
async def list_approvals(request: WebRequest, limit: Limit = LIMIT) -> Some[grants.GrantLine]:
    """Roles that wait for a second person, who may be me, oldest first."""
    today = clock.today(request.user.time_zone)
    found = await grants.proposals_for(actor_id=actor(request), today=today, limit=limit + 1)
    return first(found, limit)


@post("/grants/{grant_id:int}/approve", may=second, scopes=("write", "staff"), status=204)
async def approve_role(request: WebRequest, grant_id: FromPath[int]) -> None:
    """Approve as the second person."""

    async def act() -> None:
        await grants.approve_role(
            actor_id=actor(request), grant_id=grant_id, now=clock.now(),
            today=clock.today(request.user.time_zone),
        )  # fmt: skip

    await done(request, act)


@post("/grants/{grant_id:int}/revoke", status=204)
async def revoke_role(request: WebRequest, grant_id: FromPath[int]) -> None:
    """Take a role back, turn a proposal down, or lay down one's own."""
    own_or_duty(request)

    async def act() -> None:
        await grants.revoke_role(actor_id=actor(request), grant_id=grant_id, now=clock.now())

    await done(request, act)


ROUTES: list[ControllerRouterHandler] = [
    propose_role, list_approvals, approve_role, revoke_role,
]  # fmt: skip
