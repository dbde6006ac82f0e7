"""Signing up a neighbour who has no phone: by the leader of her stairwell, with a reason."""

from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct

from points.community import areas
from points.community.guardians import guardians_of
from points.community.people import people_in
from points.community.profiles import person
from points.community.roles import ENROLLERS
from talentmap.activities.rules import PARTY_MOST
from talentmap.activities.signups import sign_up, withdraw
from talentmap.activities.views import activity
from web import clock
from web.activities import done_with
from web.activity_words import card
from web.area_choice import area_choice
from web.auth import WebRequest, actor, require_roles
from web.forms import BLANK, Filled, Form, Id, submit, wanted
from web.i18n import N_
from web.pages import Done, page

PER_PAGE = 20
PER_PAGE_ELDER = 8
speaker = require_roles(*ENROLLERS)


class NeighboursQuery(Struct, frozen=True):
    """Whose names are wanted."""

    area: Id | None = None
    q: Annotated[str, Meta(max_length=200)] = ""
    after: Annotated[int, Meta(ge=0)] = 0


class NeighbourForm(Form, frozen=True, kw_only=True):
    """Who is to be signed up or withdrawn, and why she does not do it herself."""

    person_id: Id
    party_size: int = 1
    reason: Annotated[str, Meta(max_length=200)]


@get("/activities/{activity_id:int}/neighbours", guards=[speaker])
async def neighbours_page(request: WebRequest, activity_id: FromPath[int]) -> Response[Any]:
    """The neighbours one may speak for."""
    return await _again(request, activity_id, BLANK)


@post("/activities/{activity_id:int}/neighbours", guards=[speaker])
async def sign_up_neighbour(request: WebRequest, activity_id: FromPath[int]) -> Response[Any]:
    """Sign her up; she is told."""

    async def act(form: NeighbourForm) -> Done:
        result = await sign_up(
            actor_id=actor(request), activity_id=activity_id, person_id=form.person_id,
            party_size=form.party_size, guardian_id=await _guardian(form.person_id),
            reason=form.reason, now=clock.now(),
        )  # fmt: skip
        return done_with(result, f"/activities/{activity_id}")

    return await submit(request, NeighbourForm, act, partial(_again, request, activity_id))


@post("/activities/{activity_id:int}/neighbours/withdraw", guards=[speaker])
async def withdraw_neighbour(request: WebRequest, activity_id: FromPath[int]) -> Response[Any]:
    """Give her seat back; she is told."""

    async def act(form: NeighbourForm) -> Done:
        await withdraw(
            actor_id=actor(request), activity_id=activity_id, person_id=form.person_id,
            reason=form.reason, now=clock.now(),
        )  # fmt: skip
        return Done(f"/activities/{activity_id}", N_("Withdrawn. Whoever waits moves up."))

    return await submit(request, NeighbourForm, act, partial(_again, request, activity_id))


ROUTES: list[ControllerRouterHandler] = [neighbours_page, sign_up_neighbour, withdraw_neighbour]


async def _guardian(person_id: int) -> int | None:
    """Who answers for a child; the domain asks for one only where it is a child."""
    view = await person(person_id)
    found = await guardians_of(person_id, await areas.day_in(view.area_id, clock.now()))
    return found[0].person_id if found else None


async def _again(request: WebRequest, activity_id: int, filled: Filled) -> Response[Any]:
    me = request.user.me
    query, tops = wanted(request, NeighboursQuery), me.staff_areas if me else ()
    held = await activity(activity_id, now=clock.now(), viewer_id=actor(request))
    area = await areas.area(query.area or tops[0])
    found = await people_in(
        actor_id=actor(request), area_id=area.id, query=query.q, after_id=query.after,
        limit=PER_PAGE_ELDER if request.user.elder_mode else PER_PAGE, now=clock.now(),
    )  # fmt: skip
    people = [(one.id, one.name, " · ".join(one.area_path[-2:])) for one in found.lines]
    return page(
        request, "activities/neighbours.html", status=filled.status, form=filled, activity=held,
        card=card(request, held), people=people, query=query.q, area_id=area.id,
        areas=await area_choice(area, tops), party_most=PARTY_MOST,
        newer_href=_href(query, area.id, 0) if query.after else "",
        older_href=_href(query, area.id, found.next_after_id) if found.next_after_id else "",
        asked=_href(query, area.id, query.after),
    )  # fmt: skip


def _href(query: NeighboursQuery, area_id: int, after: int) -> str:
    asked = {"area": area_id, "q": query.q, "after": after}
    return f"?{urlencode({name: value for name, value in asked.items() if value})}"
