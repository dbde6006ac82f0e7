"""What talents, skills and times are called on a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from talentmap.talents.search import TalentCard
from talentmap.talents.taxonomy import (
    CATEGORIES,
    CATEGORY_BY_CODE,
    SKILL_BY_CODE,
    SKILLS,
    skills_in,
)
from talentmap.talents.times import TIMES
from web.auth import WebRequest
from web.i18n import N_, Language
from web.pages import words

LEVELS: Mapping[str, str] = {
    "interest": N_("Likes it"),
    "teach": N_("Can teach it"),
    "certified": N_("Holds a certificate"),
}
VISIBILITIES: Mapping[str, tuple[str, str]] = {
    "self": (N_("Only me"), N_("Nobody else sees my profile.")),
    "stairwell": (N_("My stairwell"), N_("Signed-in neighbours of my stairwell.")),
    "neighbourhood": (
        N_("My neighbourhood"),
        N_("Signed-in residents of my residents' committee. Most choose this."),
    ),
    "public": (N_("Everybody"), N_("Whoever opens this site, also without signing in.")),
}
# The same for somebody else, for whom it is written down.
VISIBILITIES_OF_ANOTHER: Mapping[str, tuple[str, str]] = {
    "self": (N_("Nobody yet"), N_("It is kept, and not on the map.")),
    "stairwell": (N_("The stairwell"), N_("Signed-in neighbours of the same stairwell.")),
    "neighbourhood": (
        N_("The neighbourhood"),
        N_("Signed-in residents of the same residents' committee. Most choose this."),
    ),
    "public": VISIBILITIES["public"],
}
TIME_WORDS: Mapping[str, str] = {
    "weekday": N_("On weekdays"),
    "weekend": N_("At the weekend"),
    "weekday_morning": N_("Weekday mornings"),
    "weekday_afternoon": N_("Weekday afternoons"),
    "weekday_evening": N_("Weekday evenings"),
    "weekend_morning": N_("Weekend mornings"),
    "weekend_afternoon": N_("Weekend afternoons"),
    "weekend_evening": N_("Weekend evenings"),
}
# A path names at most its last areas: everybody here knows the subdistrict.
AREAS_NAMED = 2


@dataclass(frozen=True, slots=True)
class SkillWord:
    """A skill of a card in words."""

    code: str
    name: str
    level: str
    recognised: bool


@dataclass(frozen=True, slots=True)
class ShownTalent:
    """A card as a page shows it; ``distance`` only where one is measured."""

    card: TalentCard
    place: str
    skills: tuple[SkillWord, ...]
    times: tuple[str, ...]
    distance: str = ""


def skill_name(code: str, language: Language) -> str:
    """The skill in the reader's language; the code itself for one that is no longer known."""
    skill = SKILL_BY_CODE.get(code)
    return code if skill is None else skill.zh if language == "zh" else skill.en


def category_name(code: str, language: Language) -> str:
    """The category in the reader's language."""
    category = CATEGORY_BY_CODE[code]
    return category.zh if language == "zh" else category.en


def place_name(path: Sequence[str]) -> str:
    """An area as neighbours say it."""
    return " · ".join(path[-AREAS_NAMED:])


def shown(request: WebRequest, card: TalentCard, *, distance: str = "") -> ShownTalent:
    """The card in the reader's words."""
    say, language = words(request).gettext, request.user.language
    return ShownTalent(
        card=card,
        place=place_name(card.area_path),
        skills=tuple(
            SkillWord(
                one.code, skill_name(one.code, language), say(LEVELS[one.level]), one.recognised
            )
            for one in card.skills
        ),
        times=tuple(say(TIME_WORDS[time]) for time in card.times),
        distance=distance,
    )


def level_choices(request: WebRequest, first: str) -> list[tuple[str, str]]:
    """The levels of a filter, after a word for none."""
    say = words(request).gettext
    return [("", say(first)), *((code, say(word)) for code, word in LEVELS.items())]


def day_choices(request: WebRequest, first: str) -> list[tuple[str, str]]:
    """The times of a filter, after a word for any."""
    say = words(request).gettext
    return [("", say(first)), *((code, say(word)) for code, word in TIME_WORDS.items())]


def time_choices(request: WebRequest) -> list[tuple[str, str]]:
    """The times one can have."""
    say = words(request).gettext
    return [(code, say(TIME_WORDS[code])) for code in TIMES]


def category_choices(request: WebRequest, first: str) -> list[tuple[str, str]]:
    """The categories of a filter, after a word for any."""
    language = request.user.language
    named = [(one.code, category_name(one.code, language)) for one in CATEGORIES]
    return [("", words(request).gettext(first)), *named]


def skill_groups(
    request: WebRequest, category: str = ""
) -> list[tuple[str, list[tuple[str, str]]]]:
    """(Category, its skills) for a list to choose from; one category alone if it is given."""
    language = request.user.language
    return [
        (
            category_name(one.code, language),
            [(code, skill_name(code, language)) for code in skills_in(one.code)],
        )
        for one in CATEGORIES
        if category in ("", one.code)
    ]


def known_skills(codes: Sequence[str]) -> tuple[str, ...]:
    """Those codes that are skills, each once, in the order of the list."""
    asked = set(codes)
    return tuple(skill.code for skill in SKILLS if skill.code in asked)
