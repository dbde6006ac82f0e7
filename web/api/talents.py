"""Talents: looking for neighbours by what they can do, as far as the caller may see them."""

from dataclasses import replace
from typing import Annotated, Literal

from litestar.di import NamedDependency, Provide
from litestar.params import FromPath
from litestar.params import QueryParameter as Asked
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from points.community import areas
from talentmap.pins.filters import checked_filter
from talentmap.talents import nearest as near
from talentmap.talents import search
from talentmap.talents.errors import NoSuchTalent
from talentmap.talents.listing import audiences_of
from talentmap.talents.taxonomy import CATEGORIES, SKILLS
from web.api.answers import shaped
from web.api.routing import LIMIT, After, AreaId, Limit, anyone, get
from web.api.talent_map import Level, Match, Skills, person_of
from web.auth import NotSignedIn, WebRequest
from web.talents import home_of

# Where somebody is shown is an area, so that a distance means no more than about so much.
ROUGH_METRES = 100

Text = Annotated[
    str,
    Asked(max_length=40, description="Part of a nickname, or any name of a skill."),
]
Category = Annotated[str, Asked(max_length=32, description="A category of skills.")]
Free = Literal[
    "weekday", "weekend", "weekday_morning", "weekday_afternoon", "weekday_evening",
    "weekend_morning", "weekend_afternoon", "weekend_evening",
]  # fmt: skip
Days = Annotated[list[Free] | None, Asked(description="Free at one of these times of the week.")]
Few = Annotated[int, Asked(ge=1, le=near.LIMIT_MAX, description="At most so many.")]


class Talent(Struct, frozen=True):
    """A talent as the caller may see her: what she calls herself, and the area she is shown in."""

    person_id: int
    nickname: str
    about: str
    times: tuple[str, ...]
    skills: tuple[search.CardSkill, ...]
    area_id: int
    area_path: tuple[str, ...]


class Talents(Struct, frozen=True):
    """Some of those who fit, how many they are in all, and what to ask ``after`` for more."""

    items: tuple[Talent, ...]
    total: int
    next: int | None


class NearTalent(Struct, frozen=True):
    """A talent, and about how far the area lies in which she is shown."""

    talent: Talent
    metres: int


class Neighbours(Struct, frozen=True):
    """The nearest who fit, within 200 km; nobody if the area has no place on the map."""

    area_id: int | None
    has_place: bool
    items: tuple[NearTalent, ...]


class NamedSkill(Struct, frozen=True):
    """A skill in both languages, and other words for it."""

    code: str
    zh: str
    en: str
    synonyms: tuple[str, ...]


class SkillCategory(Struct, frozen=True):
    """A category with its skills."""

    code: str
    zh: str
    en: str
    skills: tuple[NamedSkill, ...]


async def wish_of(
    skill: Skills = None,
    match: Match = "any",
    category: Category = "",
    level: Level = "",
    q: Text = "",
    day: Days = None,
) -> search.Wish:
    """What somebody looks for, by the names of the pages and the map; unknown codes are refused."""
    skills = tuple(skill or ())
    checked_filter(skills=skills, match=match, category=category, level=level, text=q)
    return search.Wish(
        query=q, skills=skills, match=match, category=category, level=level, days=tuple(day or ())
    )


Wish = NamedDependency[search.Wish]
WISH = {"wish": Provide(wish_of)}


@get("/talents", may=anyone, dependencies=WISH)
async def list_talents(
    request: WebRequest, wish: Wish, area: AreaId = None, after: After = None, limit: Limit = LIMIT
) -> Talents:
    """Who can do what, by number; those shown within an area if one is given."""
    if area is not None:
        await areas.area(area)
    found = await search.talents(
        audiences=await audiences_of(person_of(request)), after_id=after or 0, limit=limit,
        wish=replace(wish, area_id=area),
    )  # fmt: skip
    return Talents(tuple(map(_card, found.cards)), found.total, found.next_after_id)


@get("/talents/near", may=anyone, dependencies=WISH)
async def list_near_talents(
    request: WebRequest, wish: Wish, area: AreaId = None, limit: Few = 10
) -> Neighbours:
    """Who near an area can do something, nearest first; near my building if none is given."""
    area_id = (await areas.area(area)).id if area else await home_of(request)
    point = await near.place_of(area_id) if area_id else None
    if point is None:
        return Neighbours(area_id, has_place=False, items=())
    audiences = await audiences_of(person_of(request))
    found = await near.nearest(point=point, audiences=audiences, wish=wish, limit=limit)
    return Neighbours(area_id, has_place=True, items=tuple(map(_measured, found)))


@get("/talents/{person_id:int}", may=anyone)
async def get_talent(request: WebRequest, person_id: FromPath[int]) -> Talent:
    """One talent; whoever is not signed in is asked to be where there is none for strangers."""
    audiences = await audiences_of(person_of(request))
    try:
        return _card(await search.talent(person_id=person_id, audiences=audiences))
    except NoSuchTalent:
        raise NotSignedIn if request.user.me is None else NoSuchTalent from None


@get("/skills", may=anyone)
async def list_skills() -> tuple[SkillCategory, ...]:
    """Every skill there is, by category, in both languages; codes never change."""
    return tuple(
        shaped(
            SkillCategory, one,
            skills=tuple(shaped(NamedSkill, own) for own in SKILLS if own.category == one.code),
        )
        for one in CATEGORIES
    )  # fmt: skip


ROUTES: list[ControllerRouterHandler] = [
    list_talents, list_near_talents, get_talent, list_skills,
]  # fmt: skip


def _card(card: search.TalentCard) -> Talent:
    return shaped(Talent, card)


def _measured(one: near.Near) -> NearTalent:
    return NearTalent(_card(one.card), round(one.metres / ROUGH_METRES) * ROUGH_METRES)
