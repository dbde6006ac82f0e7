"""Who can do what, as far as a viewer may see it: filtered, counted, in pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from points.community.areas import areas
from points.community.rules import ID_MAX, like_pattern, row_number
from points.transactions import run
from talentmap.talents.errors import NoSuchTalent
from talentmap.talents.profiles import SKILLS_MAX
from talentmap.talents.rules import LEVELS
from talentmap.talents.search_rules import matching_skills
from talentmap.talents.taxonomy import SKILL_BY_CODE, skills_in
from talentmap.talents.times import times_wanted

PAGE_MAX: Final = 100
NOBODY: Final = "1 = 0"


@dataclass(frozen=True, slots=True)
class CardSkill:
    """A skill as others see it."""

    code: str
    level: str
    recognised: bool


@dataclass(frozen=True, slots=True)
class TalentCard:
    """A talent as others see her: no name, no home, only what she shows and where."""

    person_id: int
    nickname: str
    about: str
    times: tuple[str, ...]
    skills: tuple[CardSkill, ...]
    area_id: int
    area_path: tuple[str, ...]
    audience_id: int
    lat: float | None
    lon: float | None


@dataclass(frozen=True, slots=True)
class Wish:
    """What is looked for; an empty field asks for nothing.

    ``match`` says whether one of the skills is enough or all are needed; ``level`` is the least.
    ``area_id`` means within it; with ``here_only`` those shown exactly there.
    """

    query: str = ""
    skills: tuple[str, ...] = ()
    match: str = "any"
    category: str = ""
    level: str = ""
    days: tuple[str, ...] = ()
    area_id: int | None = None
    here_only: bool = False


@dataclass(frozen=True, slots=True)
class TalentPage:
    """Some talents, how many there are in all, and where the next page goes on."""

    cards: tuple[TalentCard, ...]
    total: int
    next_after_id: int | None


async def talents(
    *, audiences: Sequence[int], wish: Wish, after_id: int = 0, limit: int = 20
) -> TalentPage:
    """Those whom these audiences may see and who fit, by number."""
    condition, values = condition_of(wish)
    where = f"t.audience_id IN ({_numbers(audiences)}) AND {condition}"
    [counted] = await run(f"SELECT COUNT(*) AS total FROM talent_profile t WHERE {where}", *values)
    size = max(1, min(limit, PAGE_MAX))
    rows = await run(
        f"SELECT t.* FROM talent_profile t WHERE {where} AND t.person_id > {{}} "
        f"ORDER BY t.person_id LIMIT {size + 1}",
        *(*values, min(max(after_id, 0), ID_MAX)),
    )
    shown = await cards(rows[:size])
    after = shown[-1].person_id if len(rows) > size else None
    return TalentPage(shown, int(counted["total"]), after)


async def talent(*, person_id: int, audiences: Sequence[int]) -> TalentCard:
    """One talent, if these audiences may see her."""
    rows = await run(
        "SELECT * FROM talent_profile "
        f"WHERE person_id = {{}} AND audience_id IN ({_numbers(audiences)})",
        row_number(person_id),
    )
    if not rows:
        raise NoSuchTalent
    return (await cards(rows))[0]


async def cards(rows: Sequence[dict[str, Any]]) -> tuple[TalentCard, ...]:
    """Rows of profiles, in their order, as others see them."""
    if not rows:
        return ()
    where = await areas({row["published_area_id"] for row in rows})
    skills = await _skills_of([row["person_id"] for row in rows])
    return tuple(
        TalentCard(
            person_id=row["person_id"],
            nickname=row["nickname"],
            about=row["about"],
            times=tuple(filter(None, row["times"].split(","))),
            skills=skills.get(row["person_id"], ()),
            area_id=row["published_area_id"],
            area_path=where[row["published_area_id"]].path,
            audience_id=row["audience_id"],
            lat=row["lat"],
            lon=row["lon"],
        )
        for row in rows
    )


async def _skills_of(person_ids: Sequence[int]) -> dict[int, tuple[CardSkill, ...]]:
    rows = await run(
        "SELECT person_id, skill_code, level, recognised_at FROM talent_skill "
        f"WHERE person_id IN ({_numbers(person_ids)}) ORDER BY person_id, since, skill_code"
    )
    found: dict[int, tuple[CardSkill, ...]] = {}
    for row in rows:
        skill = CardSkill(row["skill_code"], row["level"], row["recognised_at"] is not None)
        found[row["person_id"]] = (*found.get(row["person_id"], ()), skill)
    return found


def condition_of(wish: Wish) -> tuple[str, list[object]]:
    """The condition on ``talent_profile t`` that a wish means, and its values."""
    parts = [part for part in (_skilled(wish), _asked(wish), _free(wish), _within(wish)) if part]
    if not parts:
        return "1 = 1", []
    return " AND ".join(sql for sql, _ in parts), [value for _, given in parts for value in given]


Part = tuple[str, list[object]]


def _has(codes: Sequence[str], level: str) -> Part:
    """Whether the profile names one of these skills, at that level at least."""
    if not codes or (level and level not in LEVELS):
        return NOBODY, []
    levels = LEVELS[LEVELS.index(level) :] if level else ()
    least = f" AND s.level IN ({_marks(levels)})" if levels else ""
    return (
        "EXISTS (SELECT 1 FROM talent_skill s WHERE s.person_id = t.person_id "
        f"AND s.skill_code IN ({_marks(codes)}){least})",
        [*codes, *levels],
    )


def _skilled(wish: Wish) -> Part | None:
    """The skills chosen, in the level asked for."""
    asked = list(dict.fromkeys(wish.skills))
    if asked and wish.match == "all":
        if len(asked) > SKILLS_MAX:
            return NOBODY, []
        each = [_has([code], wish.level) for code in asked]
        return " AND ".join(sql for sql, _ in each), [one for _, given in each for one in given]
    if asked:
        return _has([code for code in asked if code in SKILL_BY_CODE], wish.level)
    if wish.category:
        return None
    return _has(tuple(SKILL_BY_CODE), wish.level) if wish.level else None


def _asked(wish: Wish) -> Part | None:
    """The category, and what was typed: part of a nickname, or any name of a skill."""
    parts = []
    if wish.category:
        parts.append(_has(skills_in(wish.category), "" if wish.skills else wish.level))
    if wish.query.strip():
        named, codes = _has(matching_skills(wish.query), "")
        pattern = like_pattern(wish.query.strip())
        parts.append((f"(LOWER(t.nickname) LIKE {{}} ESCAPE '!' OR {named})", [pattern, *codes]))
    if not parts:
        return None
    return " AND ".join(sql for sql, _ in parts), [one for _, given in parts for one in given]


def _free(wish: Wish) -> Part | None:
    """Free at one of the times asked for."""
    if not wish.days:
        return None
    wanted = times_wanted(wish.days)
    if not wanted:
        return NOBODY, []
    likes = " OR ".join(["t.times LIKE {}"] * len(wanted))
    return f"({likes})", [f"%{time}%" for time in wanted]


def _within(wish: Wish) -> Part | None:
    if wish.area_id is None:
        return None
    area_id = row_number(wish.area_id)
    if wish.here_only:
        return "t.published_area_id = {}", [area_id]
    return (
        "t.published_area_id IN (SELECT x.area_id FROM area_ancestor x WHERE x.ancestor_id = {})",
        [area_id],
    )


def _marks(values: Sequence[object]) -> str:
    return ", ".join(["{}"] * len(values))


def _numbers(numbers: Sequence[int]) -> str:
    """Numbers of our own written into a statement; none of them matches nothing."""
    return ", ".join(str(int(number)) for number in numbers) or "-1"
