"""Somebody's talent profile, looked after by staff of her area or by her guardian."""

from typing import Annotated

from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct

from points.community.rules import REASON_LENGTH_MAX
from talentmap.talents import proxy
from web import clock
from web.api.answers import done
from web.api.routing import get, own_or_duty, post
from web.api.talent_profile import OneSkill, ProfileText, Showing
from web.auth import WebRequest, actor
from web.talent_for import set_level_for

Reason = Annotated[str, Meta(max_length=REASON_LENGTH_MAX)]


class Errand(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Why one acts for her; a guardian needs no reason."""

    reason: Reason = ""


class TextFor(ProfileText, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What her profile says, without phone numbers and the like."""

    reason: Reason = ""


class SkillFor(OneSkill, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A skill and how well she knows it; none takes it out."""

    reason: Reason = ""


class ShowingFor(Showing, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who sees her; with her agreement comes the signed paper, unless it is her guardian's."""

    reason: Reason = ""
    paper: Reason = ""


@get("/people/{person_id:int}/talent")
async def get_talent_for(request: WebRequest, person_id: FromPath[int]) -> proxy.Sheet:
    """Her profile, and who may be let see it; empty for staff that has not said why today."""
    own_or_duty(request)
    return await proxy.sheet(actor_id=actor(request), person_id=person_id, now=clock.now())


@post("/people/{person_id:int}/talent/open", status=204)
async def open_talent_for(
    request: WebRequest, person_id: FromPath[int], data: JSONBody[Errand]
) -> None:
    """Say why one looks; she can read it."""
    own_or_duty(request)

    async def act() -> None:
        await proxy.open_for(
            actor_id=actor(request), person_id=person_id, reason=data.reason, now=clock.now()
        )

    await done(request, act)


@post("/people/{person_id:int}/talent", status=204)
async def save_talent_for(
    request: WebRequest, person_id: FromPath[int], data: JSONBody[TextFor]
) -> None:
    """Keep what her profile says; a new one is seen by nobody."""
    own_or_duty(request)

    async def act() -> None:
        await proxy.save_for(
            actor_id=actor(request), person_id=person_id, nickname=data.nickname,
            about=data.about, times=data.times, reason=data.reason, now=clock.now(),
        )  # fmt: skip

    await done(request, act)


@post("/people/{person_id:int}/talent/skills", status=204)
async def set_skill_for(
    request: WebRequest, person_id: FromPath[int], data: JSONBody[SkillFor]
) -> None:
    """Name a skill of hers with its level, or no longer."""
    own_or_duty(request)

    async def act() -> None:
        await set_level_for(actor(request), person_id, data.code, data.level, data.reason)

    await done(request, act)


@post("/people/{person_id:int}/talent/visibility", status=204)
async def show_talent_for(
    request: WebRequest, person_id: FromPath[int], data: JSONBody[ShowingFor]
) -> None:
    """Say who sees her."""
    own_or_duty(request)

    async def act() -> None:
        await proxy.show_for(
            actor_id=actor(request), person_id=person_id, visibility=data.visibility,
            agrees=data.agrees, paper=data.paper, reason=data.reason, now=clock.now(),
        )  # fmt: skip

    await done(request, act)


@post("/people/{person_id:int}/talent/hide", status=204)
async def hide_talent_for(
    request: WebRequest, person_id: FromPath[int], data: JSONBody[Errand]
) -> None:
    """Take her off the map, at once; what the profile says is kept."""
    own_or_duty(request)

    async def act() -> None:
        await proxy.hide_for(
            actor_id=actor(request), person_id=person_id, reason=data.reason, now=clock.now()
        )

    await done(request, act)


ROUTES: list[ControllerRouterHandler] = [
    get_talent_for, open_talent_for, save_talent_for, set_skill_for, show_talent_for,
    hide_talent_for,
]  # fmt: skip
