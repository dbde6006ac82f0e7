"""What the page of the map shows without its script: where one looks, and whom and what one finds.

The list asks the same use cases as the map does, with the same filter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from points.community import areas
from points.community.areas import AreaView
from talentmap.activities.views import ActivityView, gathering
from talentmap.pins.filters import Filter
from talentmap.pins.kept import kept
from talentmap.pins.outlines import newest_place
from talentmap.pins.sheet import AreaPeople, area_people
from talentmap.pins.view import Group, MapView, map_view
from talentmap.places.datum import Rectangle
from talentmap.places.extent import extent_of
from web import clock
from web.activity_words import Card, cards
from web.area_choice import first_area
from web.auth import WebRequest
from web.map_choices import skill_words
from web.map_query import MapQuery, activity_wish

LISTED: Final = 20
LISTED_ELDER: Final = 8
LOOKED_AT: Final = 100
AREAS_MOST: Final = 60
# How close one looks at an area to see what lies just below it.
ZOOMS: Final[Mapping[str, int]] = {
    "city": 11, "district": 11, "subdistrict": 14, "committee": 14, "neighbourhood": 14,
    "grid": 14, "estate": 17,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class AreaLine:
    """An area with how many neighbours are shown there, and what most of them can do."""

    href: str
    name: str
    people: int
    skills: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SkillWord:
    """A skill of somebody, said."""

    word: str
    level: str
    recognised: bool


@dataclass(frozen=True, slots=True)
class TalentLine:
    """A neighbour as she shows herself."""

    nickname: str
    href: str
    skills: tuple[SkillWord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MapList:
    """What was found; ``area`` is None while there is no area at all."""

    area: AreaView | None = None
    box: Rectangle | None = None
    view: MapView | None = None
    zoom: int = 0
    up_href: str = ""
    areas: Sequence[AreaLine] = ()
    areas_total: int = 0
    people: Sequence[TalentLine] = ()
    people_total: int = 0
    talents_href: str = ""
    activities: Sequence[Card] = ()
    more_activities: bool = False


async def listed(
    request: WebRequest, query: MapQuery, wish: Filter, audiences: tuple[int, ...]
) -> MapList:
    """The list of an area: the one in the address, else the neighbourhood of whoever asks."""
    area = await _area(request, query)
    if area is None:
        return MapList()
    found = await area_people(area.id, wish=wish, audiences=audiences)
    box = await _extent(area.id) or await _extent(None)
    zoom = ZOOMS.get(area.level, ZOOMS["estate"])
    view = await _view(box, zoom, wish, audiences) if box else None
    below = await _below(area, view.groups) if view else []
    limit = LISTED_ELDER if request.user.elder_mode else LISTED
    areas_most = LISTED if request.user.elder_mode else AREAS_MOST
    activities = await _activities(request, query, area, view)
    return MapList(
        area=area, box=box, view=view, zoom=zoom, up_href=_up(query, area),
        areas=_lines(request, query, below[:areas_most]), areas_total=len(below),
        people=_people(request, found)[:limit], people_total=found.matching,
        talents_href=query.talents_href(area.id),
        activities=cards(request, activities[:limit]), more_activities=len(activities) > limit,
    )  # fmt: skip


async def _area(request: WebRequest, query: MapQuery) -> AreaView | None:
    if query.area:
        return await areas.area(query.area)
    if request.user.me is not None:
        return await areas.area(await first_area(request.user.me.area_id))
    roots = await areas.roots()
    return roots[0] if roots else None


def _up(query: MapQuery, area: AreaView) -> str:
    return query.href(area=area.parent_id) if area.parent_id else ""


async def _extent(area_id: int | None) -> Rectangle | None:
    """Where the area lies; asked anew when a place was written, for a city has many."""
    key = ("extent", area_id, await newest_place())
    return await kept(key, lambda: extent_of(area_id))


async def _view(box: Rectangle, zoom: int, wish: Filter, audiences: tuple[int, ...]) -> MapView:
    """What the map would show of the whole area."""
    return await map_view(box=box, zoom=zoom, wish=wish, audiences=audiences, now=clock.now())


async def _below(area: AreaView, groups: Sequence[Group]) -> list[Group]:
    """The groups that are areas within this one, those with most neighbours first."""
    named = {one.area: one for one in groups if one.area and one.area != area.id and one.people}
    inside = await areas.those_within(list(named), area.id)
    found = [one for number, one in named.items() if number in inside]
    return sorted(found, key=lambda one: (-one.people, one.name or ""))


def _lines(request: WebRequest, query: MapQuery, groups: Sequence[Group]) -> list[AreaLine]:
    say = skill_words(request.user.language)
    return [
        AreaLine(
            query.href(area=one.area), one.name or "", one.people,
            tuple(say.get(code, code) for code in one.top),
        )
        for one in groups
    ]  # fmt: skip


def _people(request: WebRequest, found: AreaPeople) -> list[TalentLine]:
    say = skill_words(request.user.language)
    return [
        TalentLine(
            one.nickname,
            one.href,
            tuple(SkillWord(say.get(s.code, s.code), s.level, s.recognised) for s in one.skills),
        )
        for one in found.talents
    ]


async def _activities(
    request: WebRequest, query: MapQuery, area: AreaView, view: MapView | None
) -> list[ActivityView]:
    """Also those without a place on the map; a text finds titles, by pinyin those on the map."""
    wish = activity_wish(query, area.time_zone)
    if wish is None:
        return []
    me = request.user.me
    found = await gathering(
        area.id, now=clock.now(), viewer_id=me.person_id if me else None, wish=wish,
        limit=LOOKED_AT if query.q else LISTED + 1,
    )  # fmt: skip
    pinned = {one.id for one in view.activities} if view else set()
    text = query.q.casefold()
    return [one for one in found if text in one.title.casefold() or one.id in pinned]
