"""Roles by area and term: one proposes, another approves."""

from datetime import date
from functools import partial
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from msgspec import Meta

from points.community import areas, directory, grants
from points.community.access import codes
from points.community.roles import ENROLLERS, ROLES, SECONDS
from web import clock
from web.auth import WebRequest, actor, require_roles, signed_in, staff
from web.forms import BLANK, Filled, Form, Id, submit
from web.i18n import N_
from web.pages import Done, page

proposer = require_roles(*ENROLLERS)
second = require_roles(*SECONDS)


class RoleForm(Form, frozen=True, kw_only=True):
    """A role in an area for a term."""

    role: Annotated[str, Meta(max_length=24)]
    area_id: Id
    starts_on: date
    ends_on: date | None = None


@get("/people/{person_id:int}/roles/new", guards=[proposer])
async def role_page(request: WebRequest, person_id: FromPath[int]) -> Response[Any]:
    """Propose a role for somebody."""
    return await _role_again(request, person_id, BLANK)


@post("/people/{person_id:int}/roles", guards=[proposer])
async def propose_role(request: WebRequest, person_id: FromPath[int]) -> Response[Any]:
    """Propose it; a volunteer's role counts at once."""

    async def act(form: RoleForm) -> Done:
        await grants.propose_role(
            actor_id=actor(request), person_id=person_id, role=form.role, area_id=form.area_id,
            starts_on=form.starts_on, ends_on=form.ends_on, now=clock.now(),
        )  # fmt: skip
        return Done(f"/people/{person_id}", N_("Written down. Below you see who has to act next."))

    return await submit(request, RoleForm, act, partial(_role_again, request, person_id))


@get("/approvals", guards=[staff])
async def approvals_page(request: WebRequest) -> Response[Any]:
    """What waits for a second person, and may be this one."""
    now, today = clock.now(), clock.today(request.user.time_zone)
    proposals = await grants.proposals_for(actor_id=actor(request), today=today)
    waiting = await codes.codes_waiting(actor_id=actor(request), today=today, now=now)
    return page(request, "people/approvals.html", proposals=proposals, codes=waiting)


@post("/grants/{grant_id:int}/approve", guards=[second])
async def approve_role(request: WebRequest, grant_id: FromPath[int]) -> Response[Any]:
    """Approve as the second person."""

    async def act(_: Form) -> Done:
        await grants.approve_role(
            actor_id=actor(request), grant_id=grant_id, now=clock.now(),
            today=clock.today(request.user.time_zone),
        )  # fmt: skip
        return Done("/approvals", N_("Approved. The role counts from its first day."))

    return await submit(request, Form, act)


@post("/grants/{grant_id:int}/revoke", guards=[signed_in])
async def revoke_role(request: WebRequest, grant_id: FromPath[int]) -> Response[Any]:
    """Take a role back, turn a proposal down, or lay down one's own."""

    async def act(_: Form) -> Done:
        await grants.revoke_role(actor_id=actor(request), grant_id=grant_id, now=clock.now())
        me = request.user.me
        return Done(
            "/people" if me and me.is_staff else "/me", N_("The role is taken back from today.")
        )

    return await submit(request, Form, act)


ROUTES: list[ControllerRouterHandler] = [
    role_page, propose_role, approvals_page, approve_role, revoke_role,
]  # fmt: skip


async def _role_again(request: WebRequest, person_id: int, filled: Filled) -> Response[Any]:
    now = clock.now()
    person = await directory.open_person(actor_id=actor(request), person_id=person_id, now=now)
    held = {one.area_id for one in await grants.active_grants(actor(request), _today(request))}
    reached = await areas.areas(held | {person.area_id})
    below = [one for area_id in held for one in await areas.children(area_id)]
    places = {one.id: one for one in (*reached.values(), *below)}
    return page(
        request,
        "people/role.html",
        status=filled.status,
        form=filled,
        person=person,
        roles=ROLES,
        places=list(places.values()),
        today=_today(request),
    )


def _today(request: WebRequest) -> date:
    return clock.today(request.user.time_zone)
