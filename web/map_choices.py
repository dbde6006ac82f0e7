"""What one can look for on the map, in words: layers, skills, categories, levels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from points.service.categories import CATEGORIES as ACTIVITY_CATEGORIES
from points.service.categories import category_of
from talentmap.talents.taxonomy import CATEGORIES, SKILLS
from web.i18n import N_, Language, translator
from web.map_query import Layer, MapQuery

LAYERS: Final[Mapping[Layer, str]] = {
    "talents": N_("Neighbours with a skill"),
    "activities": N_("Activities"),
    "places": N_("Places"),
}
LEVELS: Final[Mapping[str, str]] = {
    "interest": N_("Interested, or better"),
    "teach": N_("Can teach it"),
    "certified": N_("With a certificate"),
}
Choice = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Choices:
    """All that a filter can be put together from; (code, word) each."""

    layers: Sequence[Choice]
    levels: Sequence[Choice]
    skill_categories: Sequence[Choice]
    activity_categories: Sequence[Choice]
    skills: Sequence[tuple[str, Sequence[Choice]]]


@lru_cache(maxsize=4)
def skill_words(language: Language) -> Mapping[str, str]:
    """What each skill is called."""
    return {one.code: one.zh if language == "zh" else one.en for one in SKILLS}


@lru_cache(maxsize=4)
def choices(language: Language) -> Choices:
    """The choices in a language."""
    say, skills = translator(language).gettext, skill_words(language)
    titles = [(one.code, one.zh if language == "zh" else one.en) for one in CATEGORIES]
    return Choices(
        layers=[(code, say(word)) for code, word in LAYERS.items()],
        levels=[("", say(N_("Any"))), *((code, say(word)) for code, word in LEVELS.items())],
        skill_categories=titles,
        activity_categories=[(one.code, say(one.label)) for one in ACTIVITY_CATEGORIES],
        skills=[
            (title, [(one.code, skills[one.code]) for one in SKILLS if one.category == code])
            for code, title in titles
        ],
    )


def chips(query: MapQuery, language: Language) -> list[Choice]:
    """What is looked for, each with the address that no longer looks for it."""
    found = translator(language)
    say, skills = found.gettext, skill_words(language)
    shown = [(query.without_skill(code), skills.get(code, code)) for code in query.skill]
    if query.category:
        shown.append((query.href(category=""), _category(query.category, language)))
    if query.level:
        word = say(LEVELS.get(query.level, query.level))
        shown.append((query.href(level=""), say(N_("Level: {word}"), word=word)))
    if query.day:
        shown.append((query.href(day=None), found.short_date(query.day)))
    if query.q:
        shown.append((query.href(q=""), say(N_("“{text}”"), text=query.q)))
    return shown


def _category(code: str, language: Language) -> str:
    titles = {one.code: one.zh if language == "zh" else one.en for one in CATEGORIES}
    known = category_of(code)
    return titles.get(code) or (translator(language).gettext(known.label) if known else code)
