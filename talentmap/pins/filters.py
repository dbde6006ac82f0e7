"""What somebody looks for on the map, checked and brought into one form.  Pure.

Whoever is found satisfies every *clause*; a clause is a set of skills of which one is enough.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from points.service.categories import category_of
from talentmap.pins.errors import (
    FilterCategoryUnknown,
    FilterDayUnknown,
    FilterLevelUnknown,
    FilterMatchUnknown,
    FilterSkillsTooMany,
    FilterSkillUnknown,
    FilterTextTooLong,
    LayerUnknown,
)
from talentmap.pins.word_rules import plain
from talentmap.talents import taxonomy
from talentmap.talents.search_rules import matching_skills

Layer = Literal["talents", "activities", "places"]
LAYERS: Final[tuple[Layer, ...]] = ("talents", "activities", "places")
LAYERS_USUAL: Final[tuple[Layer, ...]] = ("talents", "activities")
MATCHES: Final = ("any", "all")
SKILLS_MOST: Final = 20
TEXT_CHARS_MOST: Final = 60
YEARS: Final = (1900, 2200)
# Whoever can teach it is interested too; whoever is certified can teach it.
LEVELS: Final[tuple[str, ...]] = ("interest", "teach", "certified")


@dataclass(frozen=True, slots=True)
class Filter:
    """A checked wish.  No clauses: anybody.  ``levels`` is empty where any level will do."""

    layers: tuple[Layer, ...] = LAYERS_USUAL
    clauses: tuple[tuple[str, ...], ...] = ()
    levels: tuple[str, ...] = ()
    activity_category: str | None = None
    no_activities: bool = False
    text: str = ""
    starts_from: datetime | None = None
    starts_before: datetime | None = None

    @property
    def one_skill(self) -> str | None:
        """The skill_code of talent_count that answers: '' for anybody; None where none does."""
        if self.levels or len(self.clauses) > 1:
            return None
        if not self.clauses:
            return ""
        return self.clauses[0][0] if len(self.clauses[0]) == 1 else None

    @property
    def nobody(self) -> bool:
        """Whether no skill can satisfy a clause."""
        return any(not clause for clause in self.clauses)


def checked_filter(
    *,
    layers: Sequence[str] = (),
    skills: Sequence[str] = (),
    match: str = "any",
    category: str = "",
    level: str = "",
    text: str = "",
    day: str = "",
    time_zone: str = "UTC",
) -> Filter:
    """The wish in one form, or what is wrong with it."""
    starts_from, starts_before = _span(day, time_zone) if day else (None, None)
    of_skills = _skills_in(category)
    of_activities = bool(category) and category_of(category) is not None
    if category and not (of_skills or of_activities):
        raise FilterCategoryUnknown(field="category", category=category[:40])
    levels = _levels(level)
    clauses = _clauses(skills, match, of_skills if category else None, text)
    if levels and not clauses:
        # A level of any skill: named one by one, so that the index by skill still serves.
        clauses = (tuple(one.code for one in taxonomy.SKILLS),)
    return Filter(
        layers=_layers(layers),
        clauses=clauses,
        levels=levels,
        activity_category=category if of_activities else None,
        no_activities=bool(category) and not of_activities,
        text=plain(text),
        starts_from=starts_from,
        starts_before=starts_before,
    )


def _layers(names: Sequence[str]) -> tuple[Layer, ...]:
    for name in names:
        if name not in LAYERS:
            raise LayerUnknown(field="layer", layer=name[:40])
    return tuple(layer for layer in LAYERS if layer in names) or LAYERS_USUAL


def _skills_in(category: str) -> tuple[str, ...]:
    return taxonomy.skills_in(category)


def _clauses(
    skills: Sequence[str], match: str, of_category: Sequence[str] | None, text: str
) -> tuple[tuple[str, ...], ...]:
    if len(skills) > SKILLS_MOST:
        raise FilterSkillsTooMany(field="skill", most=SKILLS_MOST, given=len(skills))
    if match not in MATCHES:
        raise FilterMatchUnknown(field="match", match=match[:40])
    known = {one.code for one in taxonomy.SKILLS}
    for code in skills:
        if code not in known:
            raise FilterSkillUnknown(field="skill", skill=code[:40])
    if len(text) > TEXT_CHARS_MOST:
        raise FilterTextTooLong(field="q", most=TEXT_CHARS_MOST)
    wanted = tuple(dict.fromkeys(skills))
    asked: list[Collection[str]] = [(code,) for code in wanted] if match == "all" else [wanted]
    asked = [clause for clause in asked if clause]
    if of_category is not None:
        asked.append(of_category)
    if plain(text):
        asked.append(matching_skills(text))
    return _simplest([frozenset(clause) for clause in asked])


def _simplest(asked: Sequence[frozenset[str]]) -> tuple[tuple[str, ...], ...]:
    """Without clauses that a narrower one implies; the narrowest first, as it is read first."""
    kept: list[frozenset[str]] = []
    for clause in sorted(asked, key=len):
        if not any(narrower <= clause for narrower in kept):
            kept.append(clause)
    return tuple(tuple(sorted(clause)) for clause in kept)


def _levels(level: str) -> tuple[str, ...]:
    if not level:
        return ()
    if level not in LEVELS:
        raise FilterLevelUnknown(field="level", level=level[:40])
    wanted = LEVELS[LEVELS.index(level) :]
    return () if wanted == LEVELS else wanted


def _span(day: str, time_zone: str) -> tuple[datetime, datetime]:
    """The day by the clocks of whoever asks."""
    try:
        first = date.fromisoformat(day)
    except ValueError:
        raise FilterDayUnknown(field="day") from None
    if not YEARS[0] <= first.year <= YEARS[1]:
        raise FilterDayUnknown(field="day")
    zone = ZoneInfo(time_zone)
    starts = datetime.combine(first, time(), zone)
    return starts, datetime.combine(first + timedelta(days=1), time(), zone)
