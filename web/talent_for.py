"""Somebody's skills written down for her, by staff of her area or by her guardian.

The guard lets everybody in who is signed in; talentmap.talents.proxy says who may act for whom.
"""

from functools import partial
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from msgspec import Meta

from points.community.rules import REASON_LENGTH_MAX
from talentmap.talents import proxy
from web import clock
from web.auth import WebRequest, actor, signed_in
from web.forms import BLANK, Filled, Form, submit, wanted
from web.i18n import N_
from web.pages import Done, go_on, page
from web.talent_desk import (
    Desk,
    LevelForm,
    ProfileForm,
    SkillsQuery,
    VisibilityForm,
    paper_page,
    picker_page,
    profile_page,
    skills_href,
)

Reason = Annotated[str, Meta(max_length=REASON_LENGTH_MAX)]


class ReasonForm(Form, frozen=True, kw_only=True):
    """Why one acts for somebody; a guardian needs no reason."""

    reason: Reason = ""


class TextFor(ProfileForm, frozen=True, kw_only=True):
    """What her profile says."""

    reason: Reason = ""


class LevelFor(LevelForm, frozen=True, kw_only=True):
    """A skill of hers."""

    reason: Reason = ""


class VisibilityFor(VisibilityForm, frozen=True, kw_only=True):
    """Who sees her, and the paper on which she agreed."""

    reason: Reason = ""
    paper: Reason = ""


@get("/people/{person_id:int}/talent", guards=[signed_in])
async def talent_for_page(request: WebRequest, person_id: FromPath[int]) -> Response[Any]:
    """How she appears; or first, why one looks."""
    return await _again(request, person_id, BLANK)


@post("/people/{person_id:int}/talent/open", guards=[signed_in])
async def open_talent(request: WebRequest, person_id: FromPath[int]) -> Response[Any]:
    """Say why one acts for her."""

    async def act(form: ReasonForm) -> Done:
        await proxy.open_for(
            actor_id=actor(request), person_id=person_id, reason=form.reason, now=clock.now()
        )
        return Done(_path(person_id))

    return await submit(request, ReasonForm, act, partial(_reason_again, request, person_id))


@post("/people/{person_id:int}/talent", guards=[signed_in])
async def save_for(request: WebRequest, person_id: FromPath[int]) -> Response[Any]:
    """Keep what her profile says."""

    async def act(form: TextFor) -> Done:
        await proxy.save_for(
            actor_id=actor(request), person_id=person_id, nickname=form.nickname,
            about=form.about, times=form.times, reason=form.reason, now=clock.now(),
        )  # fmt: skip
        return Done(_path(person_id), N_("Saved."))

    return await submit(request, TextFor, act, partial(_again, request, person_id))


@get("/people/{person_id:int}/talent/skills", guards=[signed_in])
async def skills_for_page(request: WebRequest, person_id: FromPath[int]) -> Response[Any]:
    """Choose her skills from the list."""
    return await _skills_again(request, person_id, wanted(request, SkillsQuery), BLANK)


@post("/people/{person_id:int}/talent/skills", guards=[signed_in])
async def set_skill_for(request: WebRequest, person_id: FromPath[int]) -> Response[Any]:
    """Name a skill of hers with its level, or no longer."""

    async def act(form: LevelFor) -> Done:
        await set_level_for(actor(request), person_id, form.code, form.level, form.reason)
        return Done(skills_href(_path(person_id), form.q, form.category), N_("Saved."))

    again = partial(_skills_again, request, person_id, SkillsQuery())
    return await submit(request, LevelFor, act, again)


@get("/people/{person_id:int}/talent/agreement", guards=[signed_in])
async def agreement_page(request: WebRequest, person_id: FromPath[int]) -> Response[Any]:
    """The paper that she signs, once her profile says something."""
    sheet = await _sheet(request, person_id)
    if sheet.profile is None:
        return go_on(request, Done(_path(person_id)))
    return paper_page(request, _desk(sheet))


@post("/people/{person_id:int}/talent/visibility", guards=[signed_in])
async def show_for(request: WebRequest, person_id: FromPath[int]) -> Response[Any]:
    """Say who sees her."""

    async def act(form: VisibilityFor) -> Done:
        await proxy.show_for(
            actor_id=actor(request), person_id=person_id, visibility=form.visibility,
            agrees=form.agrees, paper=form.paper, reason=form.reason, now=clock.now(),
        )  # fmt: skip
        return Done(_path(person_id), N_("It counts from now on."))

    return await submit(request, VisibilityFor, act, partial(_again, request, person_id))


@post("/people/{person_id:int}/talent/hide", guards=[signed_in])
async def hide_for(request: WebRequest, person_id: FromPath[int]) -> Response[Any]:
    """Take her off the map, at once."""

    async def act(form: ReasonForm) -> Done:
        await proxy.hide_for(
            actor_id=actor(request), person_id=person_id, reason=form.reason, now=clock.now()
        )
        return Done(_path(person_id), N_("Off the map. What was written is kept."))

    return await submit(request, ReasonForm, act, partial(_again, request, person_id))


ROUTES: list[ControllerRouterHandler] = [
    talent_for_page, open_talent, save_for, skills_for_page, set_skill_for, agreement_page,
    show_for, hide_for,
]  # fmt: skip


def _path(person_id: int) -> str:
    return f"/people/{person_id}/talent"


async def set_level_for(actor_id: int, person_id: int, code: str, level: str, reason: str) -> None:
    """Name a skill of hers with its level; "none" takes it out."""
    whose, now = {"actor_id": actor_id, "person_id": person_id}, clock.now()
    if level == "none":
        await proxy.drop_skill_for(**whose, code=code, reason=reason, now=now)
    else:
        await proxy.put_skill_for(**whose, code=code, level=level, reason=reason, now=now)


async def _sheet(request: WebRequest, person_id: int) -> proxy.Sheet:
    return await proxy.sheet(actor_id=actor(request), person_id=person_id, now=clock.now())


def _desk(sheet: proxy.Sheet) -> Desk:
    return Desk(
        person_id=sheet.person_id, path=_path(sheet.person_id), mine=sheet.profile,
        steps=sheet.steps, agreed=sheet.agreed, whom=sheet.name, as_guardian=sheet.as_guardian,
        reason=sheet.reason,
    )  # fmt: skip


async def _again(request: WebRequest, person_id: int, filled: Filled) -> Response[Any]:
    sheet = await _sheet(request, person_id)
    if not sheet.is_open:
        return _why(request, sheet, filled)
    return profile_page(request, _desk(sheet), filled)


async def _reason_again(request: WebRequest, person_id: int, filled: Filled) -> Response[Any]:
    return _why(request, await _sheet(request, person_id), filled)


async def _skills_again(
    request: WebRequest, person_id: int, query: SkillsQuery, filled: Filled
) -> Response[Any]:
    sheet = await _sheet(request, person_id)
    if not sheet.is_open:
        return go_on(request, Done(_path(person_id)))
    return picker_page(request, _desk(sheet), query, filled)


def _why(request: WebRequest, sheet: proxy.Sheet, filled: Filled) -> Response[Any]:
    return page(
        request, "talents/why.html", status=filled.status, form=filled, sheet=sheet,
        desk=_desk(sheet), reason_max=REASON_LENGTH_MAX,
    )  # fmt: skip
