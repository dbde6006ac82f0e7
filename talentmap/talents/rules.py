"""How much of where a talent lives may be known, and when.  Pure.

People of one audience live at homes, which are buildings at the finest, in a tree of areas.  From
the leaves upwards, an area is named if at least ``LISTED_LEAST`` of them are left to be shown
there; fewer go up to its parent, where they meet others.  Fewer than that at the root draw the
coarsest named group to themselves, and where there is none nobody is shown.  So every area shows
nobody or at least that many people of its own, and no difference of two answers finds fewer.

An area is left for a coarser one at once, and for a finer one only after ``REFINES_AFTER``: whoever
watches the map sees no one person come or go.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal, get_args

from points.community.rules import ADULT_FROM_YEARS, CHILD_BELOW_YEARS, age_on

Visibility = Literal["self", "stairwell", "neighbourhood", "public"]
Level = Literal["interest", "teach", "certified"]

VISIBILITIES: Final[tuple[Visibility, ...]] = get_args(Visibility)
LEVELS: Final[tuple[Level, ...]] = get_args(Level)
# The audience of whoever is not signed in.
PUBLIC: Final = 0
# How many people of one audience have to be shown at an area before it is named.
LISTED_LEAST: Final = 5
REFINES_AFTER: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Home:
    """People of one audience who live at one area, where they are shown, and until when so."""

    area_id: int
    people: int
    published: int | None = None
    refines_at: datetime | None = None

    def start(self, now: datetime) -> int:
        """The finest area that may be named for them at this moment."""
        if self.published is None or (self.refines_at is not None and self.refines_at <= now):
            return self.area_id
        return self.published


@dataclass(frozen=True, slots=True)
class Tree:
    """Part of the tree of areas: ``parents`` of all below ``top``, which has none here."""

    top: int
    parents: Mapping[int, int]

    def line(self, area_id: int) -> list[int]:
        """The area and those above it, up to the top."""
        found = [area_id]
        while found[-1] != self.top:
            found.append(self.parents[found[-1]])
        return found


@dataclass(frozen=True, slots=True)
class Naming:
    """Where those who start at an area are shown; those left over belong above the top."""

    places: Mapping[int, int]
    left: tuple[int, ...]


def named(
    starts: Mapping[int, int], tree: Tree, *, is_root: bool, least: int = LISTED_LEAST
) -> Naming:
    """Where people are shown who start at these areas (each with their number)."""
    lines = (reversed(tree.line(start)) for start in starts)
    depths = {area: depth for line in lines for depth, area in enumerate(line)}
    groups: dict[int, list[int]] = {}
    waiting: dict[int, list[int]] = {start: [start] for start in starts}
    for area in sorted(depths, key=lambda one: (-depths[one], one)):
        here = waiting.pop(area, [])
        if here and _people(here, starts) >= least:
            groups[area] = here
        elif area == tree.top:
            waiting[area] = here
        else:
            waiting.setdefault(tree.parents[area], []).extend(here)
    left = waiting.get(tree.top, [])
    if left and is_root and groups:
        # The coarsest group loses least by going to the root.
        drawn = min(groups, key=lambda one: (depths[one], _people(groups[one], starts), one))
        groups[tree.top] = [*groups.pop(drawn), *left]
        left = []
    return Naming(
        places={start: area for area, members in groups.items() for start in members},
        left=tuple(sorted(left)),
    )


def _people(members: Iterable[int], starts: Mapping[int, int]) -> int:
    return sum(starts[start] for start in members)


def counted(pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Numbers of people added up by area; areas with nobody are left out."""
    found: dict[int, int] = {}
    for area_id, people in pairs:
        found[area_id] = found.get(area_id, 0) + people
    return {area_id: people for area_id, people in found.items() if people}


def merged(homes: Sequence[Home]) -> tuple[Home, ...]:
    """One line for each home: who comes new is treated like those who were there before."""
    lines: dict[int, Home] = {}
    for home in sorted(homes, key=lambda one: (one.area_id, one.published is None)):
        first = lines.get(home.area_id, Home(home.area_id, 0, home.published, home.refines_at))
        lines[home.area_id] = Home(
            first.area_id, first.people + home.people, first.published, first.refines_at
        )
    return tuple(lines.values())


@dataclass(frozen=True, slots=True)
class Decision:
    """The new state of each home, and who could not be decided below the top."""

    homes: tuple[Home, ...]
    left: int


def decided(homes: Sequence[Home], tree: Tree, *, is_root: bool, now: datetime) -> Decision:
    """Where the people of these homes (one line each) are shown from now on."""
    starts = {home.area_id: home.start(now) for home in homes}
    shown = named(counted((starts[h.area_id], h.people) for h in homes), tree, is_root=is_root)
    wished = named(counted((h.area_id, h.people) for h in homes), tree, is_root=is_root)
    decisions = []
    for home in homes:
        place = shown.places.get(starts[home.area_id])
        finer = wished.places.get(home.area_id)
        refines_at = None
        if place is not None and finer is not None and place in tree.line(finer)[1:]:
            refines_at = home.refines_at or now + REFINES_AFTER
        decisions.append(Home(home.area_id, home.people, place, refines_at))
    return Decision(tuple(decisions), left=len(shown.left) + len(wished.left))


def may_be_seen_by(visibility: Visibility, *, birth_date: date | None, today: date) -> Visibility:
    """The widest audience allowed at this age: children none, minors no strangers."""
    if birth_date is None:
        return visibility
    age = age_on(birth_date, today)
    if age < CHILD_BELOW_YEARS:
        return "self"
    if age < ADULT_FROM_YEARS and visibility == "public":
        return "neighbourhood"
    return visibility
