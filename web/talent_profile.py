"""My own talent profile: what it says, my skills, and who sees me."""

from functools import partial
from typing import Annotated, Any, Literal

from litestar import Response, get, post
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct

from points.community.consents import has_consented
from points.community.people import person
from talentmap.talents import profiles
from talentmap.talents.listing import PURPOSE, surroundings
from talentmap.talents.relay import messages_of
from talentmap.talents.rules import LISTED_LEAST, VISIBILITIES, Visibility, may_be_seen_by
from talentmap.talents.search_rules import matching_skills
from talentmap.talents.taxonomy import SKILLS, skills_in
from web import clock
from web.auth import WebRequest, actor, signed_in
from web.forms import BLANK, Filled, Form, submit, wanted
from web.i18n import N_
from web.pages import Done, page, words
from web.talent_words import (
    LEVELS,
    category_choices,
    place_name,
    skill_name,
    time_choices,
)
from web.talent_words import (
    VISIBILITIES as VISIBILITY_WORDS,
)

MESSAGES_SHOWN = 5


class ProfileForm(Form, frozen=True, kw_only=True):
    """What the profile says."""

    nickname: Annotated[str, Meta(max_length=profiles.NICKNAME_LENGTH_MAX)]
    about: Annotated[str, Meta(max_length=profiles.ABOUT_LENGTH_MAX)] = ""
    times: tuple[Annotated[str, Meta(max_length=32)], ...] = ()


class LevelForm(Form, frozen=True, kw_only=True):
    """A skill and how well one knows it; "none" takes it out."""

    code: Annotated[str, Meta(max_length=32)]
    level: Literal["interest", "teach", "certified", "none"]
    q: Annotated[str, Meta(max_length=40)] = ""
    category: Annotated[str, Meta(max_length=32)] = ""


class VisibilityForm(Form, frozen=True, kw_only=True):
    """Who sees me, and whether I agree to that."""

    visibility: Literal["self", "stairwell", "neighbourhood", "public"]
    agrees: bool = False


class SkillsQuery(Struct, frozen=True):
    """Which skills to choose from."""

    q: Annotated[str, Meta(max_length=40)] = ""
    category: Annotated[str, Meta(max_length=32)] = ""


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
        return Done("/me/talent", N_("Saved."))

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
        return Done(_skills_href(form.q, form.category), N_("Saved."))

    return await submit(request, LevelForm, act, partial(_skills_again, request, SkillsQuery()))


@post("/me/talent/visibility", guards=[signed_in])
async def show(request: WebRequest) -> Response[Any]:
    """Say who sees me."""

    async def act(form: VisibilityForm) -> Done:
        await profiles.set_visibility(
            person_id=actor(request), visibility=form.visibility, agrees=form.agrees,
            now=clock.now(),
        )  # fmt: skip
        return Done("/me/talent", N_("It counts from now on."))

    return await submit(request, VisibilityForm, act, partial(_mine_again, request))


@post("/me/talent/hide", guards=[signed_in])
async def hide(request: WebRequest) -> Response[Any]:
    """Be seen by nobody, at once."""

    async def act(_: Form) -> Done:
        await profiles.hide_now(person_id=actor(request), now=clock.now())
        return Done("/me/talent", N_("You are off the map. What you wrote is kept for you alone."))

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


def _skills_href(q: str, category: str) -> str:
    from urllib.parse import urlencode

    asked = {name: value for name, value in (("q", q), ("category", category)) if value}
    return f"/me/talent/skills?{urlencode(asked)}" if asked else "/me/talent/skills"


async def _mine_again(request: WebRequest, filled: Filled) -> Response[Any]:
    me, say = actor(request), words(request).gettext
    mine = await profiles.own_profile(me)
    return page(
        request, "talents/mine.html", status=filled.status, form=filled, mine=mine,
        times=time_choices(request), least=LISTED_LEAST,
        skills=[
            (skill_name(one.code, request.user.language), say(LEVELS[one.level]), one.recognised)
            for one in (mine.skills if mine else ())
        ],
        place=place_name(mine.shown_in) if mine and mine.shown_in else "",
        seen_by=await _seen_by(request), visibility_words=VISIBILITY_WORDS,
        agreed=await has_consented(person_id=me, purpose=PURPOSE),
        messages=(await messages_of(me))[:MESSAGES_SHOWN],
    )  # fmt: skip


async def steps_of(request: WebRequest) -> tuple[Visibility, ...]:
    """Who this person may let see her, at her age and where she lives."""
    me = await person(actor(request))
    around, today = await surroundings(me.area_id), clock.today(request.user.time_zone)
    return tuple(
        code
        for code in VISIBILITIES
        if may_be_seen_by(code, birth_date=me.birth_date, today=today) == code
        and (code == "self" or around.group(code) is not None)
    )


async def _seen_by(request: WebRequest) -> list[tuple[str, str, str]]:
    """The same in words."""
    say = words(request).gettext
    return [
        (code, say(VISIBILITY_WORDS[code][0]), say(VISIBILITY_WORDS[code][1]))
        for code in await steps_of(request)
    ]


async def _skills_again(request: WebRequest, query: SkillsQuery, filled: Filled) -> Response[Any]:
    mine = await profiles.own_profile(actor(request))
    levels = {one.code: one.level for one in (mine.skills if mine else ())}
    codes = matching_skills(query.q) if query.q else skills_in(query.category)
    if not query.q and not query.category:
        codes = tuple(one.code for one in SKILLS if one.code in levels)
    return page(
        request, "talents/skills.html", status=filled.status, form=filled, query=query, mine=mine,
        categories=category_choices(request, N_("The ones I named"))[1:], levels=LEVELS,
        most=profiles.SKILLS_MAX, chosen=levels,
        skills=[(code, skill_name(code, request.user.language)) for code in codes],
    )  # fmt: skip
