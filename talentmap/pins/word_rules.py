"""By which words a Chinese name is found: its characters, its pinyin, the initials.  Pure.

A name is cut into units, a character or a Latin word each, and can be found from the start of any
of its first units on, so that both 爱博五村 and 五村, aibo and wucun, abwc and wc lead to it.
"""

import re
import unicodedata
from functools import cache
from itertools import product
from typing import Final

STARTS_MOST: Final = 6
READINGS_MOST: Final = 4
WORD_CHARS_MOST: Final = 40
# A single last character (村, 区, 5) would find half of the city.
INSIDE_CHARS_LEAST: Final = 2
# Characters that names of places and daily words read in more than one way.
READINGS: Final = {
    "长": ("chang", "zhang"), "重": ("chong", "zhong"), "弄": ("long", "nong"),
    "行": ("hang", "xing"), "乐": ("le", "yue"), "朝": ("chao", "zhao"), "莘": ("xin", "shen"),
    "盛": ("sheng", "cheng"), "厦": ("xia", "sha"), "堡": ("bao", "pu"), "六": ("liu", "lu"),
    "单": ("shan", "dan"), "曾": ("zeng", "ceng"), "调": ("tiao", "diao"), "会": ("hui", "kuai"),
    "参": ("can", "shen"), "种": ("zhong", "chong"), "教": ("jiao",), "吕": ("lv", "lu"),
    "绿": ("lv", "lu"), "女": ("nv", "nu"),
}  # fmt: skip
_UNIT = re.compile(r"[㐀-鿿豈-﫿\U00020000-\U0003FFFF]|[^\W_㐀-鿿豈-﫿]+")


def plain(text: str) -> str:
    """A name or a query as it is compared: one width, lower case, no spaces or signs."""
    return "".join(units(text))


def units(text: str) -> list[str]:
    """The characters and Latin words of a text."""
    return _UNIT.findall(unicodedata.normalize("NFKC", text).casefold())


def words_of(text: str) -> frozenset[tuple[str, bool]]:
    """(word, whether it begins inside the name) under which a name is found."""
    parts = units(text)
    found: dict[str, bool] = {}
    for start in range(min(STARTS_MOST, len(parts))):
        if start and len("".join(parts[start:])) < INSIDE_CHARS_LEAST:
            break
        for word in _forms(tuple(parts[start:])):
            found.setdefault(word[:WORD_CHARS_MOST], start > 0)
    return frozenset(found.items())


def _forms(parts: tuple[str, ...]) -> set[str]:
    forms = {"".join(parts)}
    for spoken in _spoken(parts[:WORD_CHARS_MOST]):
        forms |= {"".join(spoken), "".join(syllable[0] for syllable in spoken)}
    return forms


def _spoken(parts: tuple[str, ...]) -> list[tuple[str, ...]]:
    """A few ways to say it: the dictionary's, varied where names of places differ from it."""
    kept, ways = [], 1
    for part in parts:
        options = tuple(dict.fromkeys((_usual(part), *READINGS.get(part, ()))))
        taken = options if ways * len(options) <= READINGS_MOST else options[:1]
        ways *= len(taken)
        kept.append(taken)
    return list(product(*kept))


@cache
def _usual(unit: str) -> str:
    """How a unit is said: a Latin word as it is written."""
    if unit.isascii():
        return unit
    # It takes a tenth of a second to load, which a command that never searches need not spend.
    from pypinyin import Style, lazy_pinyin

    return "".join(lazy_pinyin(unit, style=Style.NORMAL, v_to_u=False)) or unit
