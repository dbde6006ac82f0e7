"""Find a skill by whatever somebody types: characters, pinyin, initials, English.  Pure."""

import re
import unicodedata
from functools import cache
from itertools import islice, product
from typing import Final

from talentmap.talents.taxonomy import CATEGORY_BY_CODE, SKILLS, Skill

# Readings of one word: polyphones multiply, and nobody types the hundredth.
READINGS_MAX: Final = 64
QUERY_MAX: Final = 40
CATEGORY_WEIGHT: Final = 2
_NOT_LETTERS: Final = re.compile(r"[\W_]+")


def plain(text: str) -> str:
    """Letters and digits alone, folded: what is compared with what."""
    return _NOT_LETTERS.sub("", unicodedata.normalize("NFKC", text).casefold())


@cache
def spellings(word: str) -> tuple[tuple[str, str], ...]:
    """(Full pinyin, initials) of a Chinese word, in every reading of its characters."""
    # It takes a tenth of a second to load, which a command that never searches need not spend.
    from pypinyin import Style, pinyin

    letters = plain(word)
    if letters.isascii():
        return ()
    usual = pinyin(letters, style=Style.NORMAL)
    # Character by character, for within a known word only its right reading is given.
    each = [pinyin(letter, style=Style.NORMAL, heteronym=True)[0] for letter in letters]
    found = [tuple(one[0] for one in usual), *islice(product(*each), READINGS_MAX)]
    return tuple(dict.fromkeys(("".join(one), "".join(s[0] for s in one)) for one in found))


@cache
def _keys(skill: Skill) -> tuple[tuple[int, str], ...]:
    """(Weight, key): its own names first, then other words for it, then its category's."""
    keys: dict[str, int] = {}
    category = CATEGORY_BY_CODE[skill.category]
    names = (
        (0, (skill.zh, skill.en)),
        (1, skill.synonyms),
        (CATEGORY_WEIGHT, (category.zh, category.en)),
    )
    for weight, words in names:
        for word in words:
            keys.setdefault(plain(word), weight)
            for full, initials in spellings(word):
                keys.setdefault(full, weight)
                keys.setdefault(initials, weight)
    return tuple((weight, key) for key, weight in keys.items())


def _rank(skill: Skill, query: str) -> tuple[int, int, int] | None:
    """How well a skill fits: the whole key, its beginning, then somewhere inside."""
    ranks = [
        (0 if key == query else 1 if key.startswith(query) else 2, weight, len(key))
        for weight, key in _keys(skill)
        # Inside a word two Latin letters fit nearly everything.
        if key.startswith(query) or (query in key and (not query.isascii() or len(query) > 2))
    ]
    return min(ranks, default=None)


def matching_skills(query: str) -> tuple[str, ...]:
    """The codes of the skills that fit, best first; none for an empty query."""
    wanted = plain(query[:QUERY_MAX])
    if not wanted:
        return ()
    ranked = [(rank, at, s.code) for at, s in enumerate(SKILLS) if (rank := _rank(s, wanted))]
    # A whole category is meant only where no skill of it is.
    named = [one for one in ranked if one[0][1] < CATEGORY_WEIGHT]
    return tuple(code for _, _, code in sorted(named or ranked))
