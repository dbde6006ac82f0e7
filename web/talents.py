"""Looking for talents: the list with its filters in the address, and who is near.

The names of the filters are those of the map, so that a link to the one is a link to the other.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from litestar import Response, get
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct

from points.community import areas
from talentmap.talents.listing import audiences_of
from talentmap.talents.nearest import Near, nearest, place_of
from talentmap.talents.search import TalentPage, Wish, talents
from talentmap.talents.search_rules import matching_skills
from web.area_choice import area_choice
from web.auth import WebRequest
from web.forms import Id, wanted
from web.i18n import N_
from web.pages import page, words
from web.talent_words import (
    ShownTalent,
    category_choices,
    day_choices,
    known_skills,
    level_choices,
    shown,
    skill_groups,
    skill_name,
)

PER_PAGE = 20
PER_PAGE_ELDER = 8
NEAR_MAX = 20
SUGGESTED_MAX = 4
ANY_CATEGORY = N_("All kinds of skills")
ANY_LEVEL = N_("Any level")
ANY_TIME = N_("Any time")
EVERYWHERE = N_("Everywhere")
ROUGH_METRES = 100
Code = Annotated[str, Meta(max_length=32)]


class TalentsQuery(Struct, frozen=True):
    """What is looked for, and from where on; unknown codes find nobody."""

    q: Annotated[str, Meta(max_length=40)] = ""
    skill: tuple[Code, ...] = ()
    match: Literal["any", "all"] = "any"
    category: Code = ""
    level: Literal["", "interest", "teach", "certified"] = ""
    day: tuple[Code, ...] = ()
    area: Id | None = None
    after: Id | None = None

    def wish(self) -> Wish:
        """The same for the domain."""
        return Wish(
            query=self.q, skills=self.skill, match=self.match, category=self.category,
            level=self.level, days=self.day, area_id=self.area,
        )  # fmt: skip

    def href(self, path: str, **changes: object) -> str:
        """The address of this question on another page, with some of it changed."""
        given = {
            "q": self.q, "skill": self.skill, "match": "all" if self.match == "all" else "",
            "category": self.category, "level": self.level, "day": self.day, "area": self.area,
        }  # fmt: skip
        asked = {name: value for name, value in (given | changes).items() if value}
        return f"{path}?{urlencode(asked, doseq=True)}" if asked else path


class NearQuery(Struct, frozen=True):
    """Near which area, and what they should be able to do."""

    area: Id | None = None
    skill: tuple[Code, ...] = ()
    match: Literal["any", "all"] = "any"
    level: Literal["", "interest", "teach", "certified"] = ""


@get("/talents")
async def talents_page(request: WebRequest) -> Response[Any]:
    """Who can do what here."""
    query = wanted(request, TalentsQuery)
    size = PER_PAGE_ELDER if request.user.elder_mode else PER_PAGE
    found = await talents(
        audiences=await audiences_of(_me(request)), wish=query.wish(), after_id=query.after or 0,
        limit=size,
    )  # fmt: skip
    return await _list(request, query, found)


@get("/talents/near")
async def near_page(request: WebRequest) -> Response[Any]:
    """Who near here can do something."""
    query = wanted(request, NearQuery)
    area_id = query.area or await home_of(request)
    return await _near(request, query, area_id)


ROUTES: list[ControllerRouterHandler] = [talents_page, near_page]


def _me(request: WebRequest) -> int | None:
    return request.user.me.person_id if request.user.me else None


async def home_of(request: WebRequest) -> int | None:
    """Where somebody looks from: her building, or the top of the tree for a stranger."""
    if request.user.me is None:
        roots = await areas.roots()
        return roots[0].id if roots else None
    around = await areas.area_at_level_above(request.user.me.area_id, ("building",))
    return around.id if around else request.user.me.area_id


async def _areas(request: WebRequest, chosen: int | None) -> list[tuple[int | str, str]]:
    start = chosen or (request.user.me.area_id if request.user.me else await home_of(request))
    if start is None:
        return []
    return list(await area_choice(await areas.area(start)))


async def _list(request: WebRequest, query: TalentsQuery, found: TalentPage) -> Response[Any]:
    say = words(request).gettext
    choices = await _areas(request, query.area)
    after = found.next_after_id
    return page(
        request, "talents/list.html", query=query, found=found,
        talents=[shown(request, card) for card in found.cards],
        areas=[("", say(EVERYWHERE)), *choices],
        levels=level_choices(request, ANY_LEVEL), days=day_choices(request, ANY_TIME),
        categories=category_choices(request, ANY_CATEGORY),
        groups=skill_groups(request, query.category),
        chosen=_named(request, query.skill), suggested=_suggested(request, query),
        filtered=query.href("") != "", map_href=query.href("/map", day=""),
        first_href=query.href("/talents") if query.after else "",
        next_href=query.href("/talents", after=after) if after else "",
    )  # fmt: skip


def _named(request: WebRequest, codes: Sequence[str]) -> list[tuple[str, str]]:
    return [(code, skill_name(code, request.user.language)) for code in known_skills(codes)]


def _suggested(request: WebRequest, query: TalentsQuery) -> list[tuple[str, str]]:
    """(Address, skill) of the skills that what was typed may mean."""
    codes = [code for code in matching_skills(query.q) if code not in query.skill][:SUGGESTED_MAX]
    return [
        (
            query.href("/talents", q="", skill=(*query.skill, code)),
            skill_name(code, request.user.language),
        )
        for code in codes
    ]


async def _near(request: WebRequest, query: NearQuery, area_id: int | None) -> Response[Any]:
    point = await place_of(area_id) if area_id else None
    wish = Wish(skills=query.skill, match=query.match, level=query.level)
    found: tuple[Near, ...] = ()
    if point is not None:
        audiences = await audiences_of(_me(request))
        found = await nearest(point=point, audiences=audiences, wish=wish, limit=NEAR_MAX)
    return page(
        request, "talents/near.html", query=query, has_place=point is not None,
        here=await areas.area(area_id) if area_id else None,
        talents=[_measured(request, one, area_id) for one in found],
        areas=await _areas(request, area_id), groups=skill_groups(request),
        levels=level_choices(request, ANY_LEVEL), chosen=_named(request, query.skill),
    )  # fmt: skip


def _measured(request: WebRequest, one: Near, here: int | None) -> ShownTalent:
    """With how far it is, in words that promise no more than is known."""
    say = words(request)
    if one.metres < ROUGH_METRES:
        right_here = one.card.area_id == here
        distance = say.gettext(N_("Right here") if right_here else N_("Around here"))
    elif one.metres < 1_000:
        distance = say.gettext(N_("About {n} metres"), n=round(one.metres / 100) * 100)
    else:
        distance = say.gettext(N_("About {n} km"), n=say.number(round(one.metres / 1_000, 1)))
    return shown(request, one.card, distance=distance)
