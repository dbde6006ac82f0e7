"""My own talent profile: what it says, my skills, and who sees me.

The pages are those of talent_desk.py, which others fill in for whoever has no phone.
"""

from functools import partial
from typing import Any, Final

from litestar import Response, get, post
from litestar.types import ControllerRouterHandler

from points.community.consents import has_consented
from talentmap.talents import profiles
from talentmap.talents.listing import PURPOSE
from talentmap.talents.relay import messages_of
from talentmap.talents.rules import Visibility
from web import clock
from web.auth import WebRequest, actor, signed_in
from web.forms import BLANK, Filled, Form, submit, wanted
from web.i18n import N_
from web.pages import Done
from web.talent_desk import (
    Desk,
    LevelForm,
    ProfileForm,
    SkillsQuery,
    VisibilityForm,
    picker_page,
    profile_page,
    skills_href,
)

MINE: Final = "/me/talent"
MESSAGES_SHOWN = 5


@get("/me/talent", guards=[signed_in])
async def my_talent_page(request: WebRequest) -> Response[Any]:
    """How I appear, and to whom."""
    return await _mine_again(request, BLANK)


@post("/me/talent", guards=[signed_in])
async def save(request: WebRequest) -> Response[Any]:
    """Keep what the profile says."""

    async def act(form: ProfileForm) -> Done:
        await profiles.save_profile(
            person_id=actor(request), nickname=form.nickname, about=form.about,
            times=form.times, now=clock.now(),
        )  # fmt: skip
        return Done(MINE, N_("Saved."))

    return await submit(request, ProfileForm, act, partial(_mine_again, request))


@get("/me/talent/skills", guards=[signed_in])
async def skills_page(request: WebRequest) -> Response[Any]:
    """Choose one's skills from the list."""
    return await _skills_again(request, wanted(request, SkillsQuery), BLANK)


@post("/me/talent/skills", guards=[signed_in])
async def set_skill(request: WebRequest) -> Response[Any]:
    """Name a skill with its level, or no longer."""

    async def act(form: LevelForm) -> Done:
        await _set(actor(request), form)
        return Done(skills_href(MINE, form.q, form.category), N_("Saved."))

    return await submit(request, LevelForm, act, partial(_skills_again, request, SkillsQuery()))


@post("/me/talent/visibility", guards=[signed_in])
async def show(request: WebRequest) -> Response[Any]:
    """Say who sees me."""

    async def act(form: VisibilityForm) -> Done:
        await profiles.set_visibility(
            person_id=actor(request), visibility=form.visibility, agrees=form.agrees,
            now=clock.now(),
        )  # fmt: skip
        return Done(MINE, N_("It counts from now on."))

    return await submit(request, VisibilityForm, act, partial(_mine_again, request))


@post("/me/talent/hide", guards=[signed_in])
async def hide(request: WebRequest) -> Response[Any]:
    """Be seen by nobody, at once."""

    async def act(_: Form) -> Done:
        await profiles.hide_now(person_id=actor(request), now=clock.now())
        return Done(MINE, N_("You are off the map. What you wrote is kept for you alone."))

    return await submit(request, Form, act)


ROUTES: list[ControllerRouterHandler] = [
    my_talent_page, save, skills_page, set_skill, show, hide,
]  # fmt: skip


async def _set(person_id: int, form: LevelForm) -> None:
    now = clock.now()
    if form.level == "none":
        await profiles.drop_skill(person_id=person_id, code=form.code, now=now)
    else:
        await profiles.put_skill(person_id=person_id, code=form.code, level=form.level, now=now)


async def _desk(request: WebRequest) -> Desk:
    me = actor(request)
    return Desk(
        person_id=me, path=MINE, mine=await profiles.own_profile(me), steps=await steps_of(request),
        agreed=await has_consented(person_id=me, purpose=PURPOSE),
        messages=(await messages_of(me))[:MESSAGES_SHOWN],
    )  # fmt: skip


async def _mine_again(request: WebRequest, filled: Filled) -> Response[Any]:
    return profile_page(request, await _desk(request), filled)


async def steps_of(request: WebRequest) -> tuple[Visibility, ...]:
    """Who this person may let see her, at her age and where she lives."""
    return await profiles.steps_of(person_id=actor(request), now=clock.now())


async def _skills_again(request: WebRequest, query: SkillsQuery, filled: Filled) -> Response[Any]:
    return picker_page(request, await _desk(request), query, filled)
