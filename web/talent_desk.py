"""The pages on which a talent profile is filled in, by oneself or for somebody else."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from litestar import Response
from msgspec import Meta, Struct

from points.community.consents import PURPOSES
from talentmap.talents import profiles
from talentmap.talents.listing import PURPOSE
from talentmap.talents.relay import MessageView
from talentmap.talents.rules import LISTED_LEAST, Visibility
from talentmap.talents.search_rules import matching_skills
from talentmap.talents.taxonomy import SKILLS, skills_in
from web.auth import WebRequest
from web.forms import Filled, Form
from web.i18n import N_
from web.pages import page, words
from web.talent_words import (
    LEVELS,
    VISIBILITIES,
    VISIBILITIES_OF_ANOTHER,
    category_choices,
    place_name,
    skill_name,
    time_choices,
)


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


@dataclass(frozen=True, slots=True)
class Desk:
    """Whose profile lies on the table, and under which address its pages are.

    ``whom`` is the name of somebody else for whom it is written down, ``reason`` why; for a child
    it is her guardian who writes, and needs none.
    """

    person_id: int
    path: str
    mine: profiles.OwnProfile | None
    steps: tuple[Visibility, ...]
    agreed: bool
    whom: str = ""
    as_guardian: bool = False
    reason: str = ""
    messages: tuple[MessageView, ...] = ()


def skills_href(path: str, q: str, category: str) -> str:
    """The address of a choice of skills."""
    asked = {name: value for name, value in (("q", q), ("category", category)) if value}
    return f"{path}/skills?{urlencode(asked)}" if asked else f"{path}/skills"


def profile_page(request: WebRequest, desk: Desk, filled: Filled) -> Response[Any]:
    """How she appears, and to whom."""
    say, mine = words(request).gettext, desk.mine
    called = VISIBILITIES_OF_ANOTHER if desk.whom else VISIBILITIES
    return page(
        request, "talents/mine.html", status=filled.status, form=filled, desk=desk, mine=mine,
        times=time_choices(request), least=LISTED_LEAST,
        skills=[
            (skill_name(one.code, request.user.language), say(LEVELS[one.level]), one.recognised)
            for one in (mine.skills if mine else ())
        ],
        place=place_name(mine.shown_in) if mine and mine.shown_in else "",
        seen_by=[(code, say(called[code][0]), say(called[code][1])) for code in desk.steps],
        visibility_words=called, agreed=desk.agreed, messages=desk.messages,
    )  # fmt: skip


def paper_page(request: WebRequest, desk: Desk) -> Response[Any]:
    """What somebody signs who agrees on paper."""
    say, mine = words(request).gettext, desk.mine
    assert mine is not None
    steps = [VISIBILITIES_OF_ANOTHER[code] for code in desk.steps if code != "self"]
    return page(
        request, "talents/agreement.html", desk=desk, version=PURPOSES[PURPOSE].text_version,
        skills=[skill_name(one.code, request.user.language) for one in mine.skills],
        places=[(say(word), say(meaning)) for word, meaning in steps],
        times=[word for code, word in time_choices(request) if code in mine.times],
    )  # fmt: skip


def picker_page(
    request: WebRequest, desk: Desk, query: SkillsQuery, filled: Filled
) -> Response[Any]:
    """The skills to choose from, with those that are named already."""
    levels = {one.code: one.level for one in (desk.mine.skills if desk.mine else ())}
    codes = matching_skills(query.q) if query.q else skills_in(query.category)
    if not query.q and not query.category:
        codes = tuple(one.code for one in SKILLS if one.code in levels)
    return page(
        request, "talents/skills.html", status=filled.status, form=filled, query=query, desk=desk,
        categories=category_choices(request, N_("The ones I named"))[1:], levels=LEVELS,
        most=profiles.SKILLS_MAX, chosen=levels,
        skills=[(code, skill_name(code, request.user.language)) for code in codes],
    )  # fmt: skip
