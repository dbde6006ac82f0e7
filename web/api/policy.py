"""How points work here: what an hour earns, the caps, and who adopted that."""

from dataclasses import replace
from datetime import date
from typing import Annotated

from litestar.params import JSONBody
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct

from points.service.errors import NoBookHere
from points.service.occasions import book_of_person
from points.service.policy import PolicyView, adopt_policy, policies_of
from web import clock
from web.api.answers import Created, answered
from web.api.routing import get, post
from web.auth import WebRequest, actor, steward
from web.policy import Count


class Adopted(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A policy as the residents' meeting adopted it; what is not asked stays as it was."""

    effective_from: date
    points_per_hour: Count
    day_cap_points: Count
    month_cap_points: Count
    year_cap_points: Count
    adopted_on: date
    adopted_by_body: Annotated[str, Meta(min_length=1, max_length=120)]
    votes_for: Count
    votes_against: Count
    votes_abstained: Count


class Policies(Struct, frozen=True):
    """The policy that holds today, and every version, oldest first."""

    current: PolicyView
    versions: tuple[PolicyView, ...]


@get("/policy")
async def get_policy(request: WebRequest) -> Policies:
    """What an hour earns where I live, the caps, and who decided that."""
    found = await policies_of(await _book(request))
    return Policies(found.at(clock.today(request.user.time_zone)), tuple(found.versions))


@post("/policy", may=steward, scopes=("write", "staff"), status=201)
async def adopt_new_policy(request: WebRequest, data: JSONBody[Adopted]) -> Created:
    """Record what the residents' meeting adopted; it applies from its first day on."""

    async def act() -> Created:
        return Created(await _adopted(request, data))

    return await answered(request, Created, act)


ROUTES: list[ControllerRouterHandler] = [get_policy, adopt_new_policy]


async def _book(request: WebRequest) -> int:
    book_id = await book_of_person(actor(request))
    if book_id is None:
        raise NoBookHere
    return book_id


async def _adopted(request: WebRequest, data: Adopted) -> int:
    book_id = await _book(request)
    before = (await policies_of(book_id)).versions[-1].terms
    terms = replace(
        before, points_per_hour=data.points_per_hour, day_cap_points=data.day_cap_points,
        month_cap_points=data.month_cap_points, year_cap_points=data.year_cap_points,
    )  # fmt: skip
    return await adopt_policy(
        actor_id=actor(request), book_id=book_id, effective_from=data.effective_from, terms=terms,
        adopted_on=data.adopted_on, adopted_by_body=data.adopted_by_body,
        votes_for=data.votes_for, votes_against=data.votes_against,
        votes_abstained=data.votes_abstained, now=clock.now(),
    )  # fmt: skip
