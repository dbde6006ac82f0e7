"""Search as you type: skills, activities and areas by characters, pinyin, initials or English."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from points.community.areas import areas
from points.transactions import run
from talentmap.pins.errors import FilterTextTooLong
from talentmap.pins.word_rules import WORD_CHARS_MOST, plain
from talentmap.pins.words import catch_up
from talentmap.talents.search_rules import matching_skills
from talentmap.talents.taxonomy import SKILL_BY_CODE

QUERY_CHARS_MOST: Final = 60
FOUND_MOST: Final = 20
SKILLS_MOST: Final = 8
LOOKED_AT: Final = 40
CAUGHT_UP: Final = 50
# After it stands no other character.
LAST: Final = "\U0010ffff"
Kind = Literal["skill", "activity", "area"]
ZOOMS: Final = {"city": 10, "district": 11, "subdistrict": 13, "estate": 16}
ZOOM_USUAL: Final = 15


@dataclass(frozen=True, slots=True)
class Found:
    """Something by that name, and what it leads to: a filter of the map, or a page."""

    kind: Kind
    id: str
    name: str
    detail: str
    href: str
    skill: str | None = None
    lat: float | None = None
    lon: float | None = None
    zoom: int | None = None


@dataclass(frozen=True, slots=True)
class Word:
    """A name as a word of it was found."""

    number: int
    word: str
    inside: int


async def search(text: str, *, now: datetime, limit: int = FOUND_MOST) -> tuple[Found, ...]:
    """What is called so, best first: the whole name, then names that begin so, then the others."""
    if len(text) > QUERY_CHARS_MOST:
        raise FilterTextTooLong(field="q", most=QUERY_CHARS_MOST)
    asked = plain(text)
    if not asked:
        return ()
    await catch_up(most=CAUGHT_UP)
    skills = _skills(text)
    activities = await _activities(asked[:WORD_CHARS_MOST], now)
    places = await _areas(asked[:WORD_CHARS_MOST])
    # A skill is what the map is for; then what one can join; then where things are.
    ranked = sorted(
        [*((-1, one) for one in skills), *activities, *places], key=lambda pair: pair[0]
    )
    return tuple(one for _, one in ranked[:limit])


def _skills(text: str) -> list[Found]:
    skills = [SKILL_BY_CODE[code] for code in matching_skills(text)[:SKILLS_MOST]]
    return [
        Found("skill", skill.code, skill.zh, skill.en, f"/map?skill={skill.code}", skill.code)
        for skill in skills
    ]


async def _activities(asked: str, now: datetime) -> list[tuple[int, Found]]:
    words = await words_from("activity", asked)
    if not words:
        return []
    rows = await run(
        "SELECT a.id, a.title, a.lat, a.lon, a.starts_at, r.name FROM activity a "
        f"JOIN area r ON r.id = a.area_id WHERE a.id IN ({_numbers(words)}) AND a.ends_at > {{}} "
        "AND (a.state = 'confirmed' OR (a.state = 'gathering' AND a.deadline_at > {})) "
        "ORDER BY a.starts_at, a.id",
        *(now.astimezone(UTC), now.astimezone(UTC)),
    )
    ranks = _ranks(words, asked)
    return [(ranks[row["id"]], _activity(row)) for row in rows]


def _activity(row: dict[str, Any]) -> Found:
    return Found(
        kind="activity",
        id=str(row["id"]),
        name=row["title"],
        detail=row["name"],
        href=f"/activities/{row['id']}",
        lat=row["lat"],
        lon=row["lon"],
        zoom=ZOOM_USUAL + 1 if row["lat"] is not None else None,
    )


async def _areas(asked: str) -> list[tuple[int, Found]]:
    words = await words_from("area", asked)
    if not words:
        return []
    numbers = [word.number for word in words]
    views = await areas(numbers)
    points = {
        row["area_id"]: (row["lat"], row["lon"])
        for row in await run(
            f"SELECT area_id, lat, lon FROM place WHERE area_id IN ({_numbers(words)})"
        )
    }
    ranks = _ranks(words, asked)
    found = []
    for number, view in views.items():
        lat, lon = points.get(number, (None, None))
        zoom = ZOOMS.get(view.level, ZOOM_USUAL) if lat is not None else None
        path = " ".join(view.path[:-1])
        one = Found(
            "area", str(number), view.name, path, f"/map?area={number}", None, lat, lon, zoom
        )
        found.append((ranks[number], len(view.name), number, one))
    return [(rank, one) for rank, _, _, one in sorted(found, key=lambda each: each[:3])]


def _ranks(words: Sequence[Word], asked: str) -> dict[int, int]:
    """0: the name itself; 1: it begins so; 2: it goes on so; the best word of each name."""
    ranks: dict[int, int] = {}
    for word in words:
        rank = 0 if word.word == asked and not word.inside else 1 + word.inside
        ranks[word.number] = min(rank, ranks.get(word.number, rank))
    return ranks


async def words_from(kind: str, asked: str, *, most: int = LOOKED_AT) -> list[Word]:
    """Words that begin with ``asked``: two short walks along the index, shortest words first."""
    walks = " UNION ALL ".join(
        f"SELECT * FROM (SELECT {kind}_id AS number, word, inside FROM {kind}_word "
        f"WHERE inside = {inside} AND word >= {{}} AND word < {{}} "
        f"ORDER BY word, {kind}_id LIMIT {int(most)}) walk_{inside}"
        for inside in (0, 1)
    )
    rows = await run(walks, asked, asked + LAST, asked, asked + LAST)
    return [Word(int(row["number"]), row["word"], int(row["inside"])) for row in rows]


def _numbers(words: Sequence[Word]) -> str:
    return ", ".join(str(word.number) for word in words)
