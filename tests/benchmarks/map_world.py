"""A city of 100,000 talents on real compounds (or on a made-up grid), written in sets.

The triggers that keep the counts one person at a time are put aside while the city is written, and
the counts are made by one query, as ``verify_talents`` expects them.
"""

import csv
import random
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from points.transactions import is_postgres, run, use_case
from talentmap.talents.taxonomy import SKILLS
from talentmap.talents.verify import _SHOWN as SHOWN

COMPOUNDS: Final = 18_452
TALENTS: Final = 100_000
LIVED_IN: Final = 8_080
ACTIVITIES: Final = 600
HOUSE_LEAST: Final = 5
MOMENT: Final = "'2026-03-10 01:00:00+00:00'"
BATCH: Final = 2_000
WRITTEN: Final = ("area", "place", "talent_profile", "talent_skill", "talent_count", "activity")
DATA: Final = Path(__file__).parents[3] / "shared" / "data" / "shanghai_compounds.csv"


@dataclass(frozen=True, slots=True)
class Compound:
    """A 小区 with its point."""

    name: str
    town: str
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class City:
    """Where its compounds are, for views that people look at."""

    points: tuple[tuple[float, float], ...]


def compounds(number: int = COMPOUNDS) -> list[Compound]:
    """Those of Shanghai where the data is to be had, else as many on a grid of the same size."""
    if DATA.is_file():
        with DATA.open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))[:number]
        return [
            Compound(
                row["name"], row["district"] + row["town"], float(row["lat_wgs84"]),
                float(row["lon_wgs84"]),
            )
            for row in rows
        ]  # fmt: skip
    side = int(number**0.5) + 1
    return [
        Compound(
            f"新村{at}", f"街道{at // side // 10}-{at % side // 10}",
            31.0 + 0.5 * (at // side) / side, 121.2 + 0.6 * (at % side) / side,
        )
        for at in range(number)
    ]  # fmt: skip


async def build(*, talents: int = TALENTS, number: int = COMPOUNDS) -> City:
    """Write the city into the bound, migrated, empty database."""
    found = compounds(number)
    chance = random.Random(20261127)
    async with _without_triggers():
        estates = await _areas(found)
        lived_in = chance.sample(range(len(found)), min(LIVED_IN, len(found), talents // 6 or 1))
        await _people(found, estates, lived_in, talents, chance)
        await _activities(found, estates, chance)
    await run("ANALYZE")
    return City(tuple((one.lat, one.lon) for one in found))


@asynccontextmanager
async def _without_triggers() -> AsyncIterator[None]:
    if is_postgres():
        for name in WRITTEN:
            await run(f"ALTER TABLE {name} DISABLE TRIGGER USER")
        yield
        for name in WRITTEN:
            await run(f"ALTER TABLE {name} ENABLE TRIGGER USER")
        return
    names = ", ".join(f"'{name}'" for name in WRITTEN)
    kept = await run(
        f"SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ({names})"
    )
    for row in kept:
        await run(f"DROP TRIGGER {row['name']}")
    yield
    for row in kept:
        await run(row["sql"])


async def _insert(head: str, rows: Iterable[str]) -> None:
    """``rows`` are values in brackets; braces would be taken for parameters."""
    waiting = [row.replace("{", "(").replace("}", ")") for row in rows]

    @use_case
    async def put() -> None:
        for start in range(0, len(waiting), BATCH):
            await run(f"INSERT INTO {head} VALUES {', '.join(waiting[start : start + BATCH])}")

    await put()


def quoted(text: str) -> str:
    """A text in a statement."""
    return "'" + text.replace("'", "''") + "'"


async def _areas(found: Sequence[Compound]) -> list[int]:
    """City, towns, estates; an estate in no town hangs at the city.  Returns the estates."""
    towns = {town: 2 + at for at, town in enumerate(dict.fromkeys(one.town for one in found))}
    first = 2 + len(towns)
    estates = list(range(first, first + len(found)))
    areas = [f"(1, NULL, 'city', '上海市', 'Asia/Shanghai', {MOMENT})"]
    areas += [
        f"({number}, 1, 'subdistrict', {quoted(town or '无')}, NULL, {MOMENT})"
        for town, number in towns.items()
    ]
    areas += [
        f"({number}, {towns[one.town]}, 'estate', {quoted(one.name[:100])}, NULL, {MOMENT})"
        for number, one in zip(estates, found, strict=True)
    ]
    await _insert("area (id, parent_id, level, name, time_zone, created_at)", areas)
    await _closed(1)
    points = dict(zip(estates, found, strict=True))
    middles = await _middles(points, towns)
    await _places([(1, 31.23, 121.47), *middles])
    await _places([(number, one.lat, one.lon) for number, one in points.items()])
    return estates


async def _middles(
    points: dict[int, Compound], towns: dict[str, int]
) -> list[tuple[int, float, float]]:
    inside: dict[str, list[Compound]] = {}
    for one in points.values():
        inside.setdefault(one.town, []).append(one)
    return [
        (
            towns[town],
            sum(one.lat for one in ones) / len(ones),
            sum(one.lon for one in ones) / len(ones),
        )
        for town, ones in inside.items()
    ]


async def _closed(first: int) -> None:
    """The closure of all areas from a number on; parents come before children."""
    await run(f"INSERT INTO area_ancestor SELECT id, id, 0 FROM area WHERE id >= {first}")
    for depth in (1, 2, 3):
        await run(
            "INSERT INTO area_ancestor (area_id, ancestor_id, depth) "
            f"SELECT a.id, x.ancestor_id, {depth} FROM area a JOIN area_ancestor x "
            f"ON x.area_id = a.parent_id WHERE x.depth = {depth - 1} AND a.id >= {first}"
        )


async def _places(points: Iterable[tuple[int, float, float]]) -> None:
    await _insert(
        "place (area_id, lat, lon, source_datum, source_key, imported_at)",
        (f"({n}, {lat!r}, {lon!r}, 'wgs84', 'bench:{n}', {MOMENT})" for n, lat, lon in points),
    )


# --- people


async def _people(
    found: Sequence[Compound],
    estates: Sequence[int],
    lived_in: Sequence[int],
    talents: int,
    chance: random.Random,
) -> None:
    """Two houses in every estate that is lived in, and everybody in some house."""
    first = estates[-1] + 1
    houses = [(first + at, found[index], estates[index]) for at, index in enumerate(lived_in * 2)]
    await _insert(
        "area (id, parent_id, level, name, created_at)",
        (
            f"({number}, {estate}, 'building', '{1 + (number - first) // len(lived_in)}号楼', "
            f"{MOMENT})"
            for number, _, estate in houses
        ),
    )
    await _closed(first)
    points = {
        number: (one.lat + chance.uniform(-4e-4, 4e-4), one.lon + chance.uniform(-4e-4, 4e-4))
        for number, one, _ in houses
    }
    await _places((number, lat, lon) for number, (lat, lon) in points.items())
    homes = [number for number in points for _ in range(HOUSE_LEAST)][:talents]
    homes += chance.choices(list(points), k=talents - len(homes))
    await _persons(homes)
    await _profiles(homes, points)
    await _skills(homes, points, chance)
    await _counts()


async def _persons(homes: Sequence[int]) -> None:
    await _insert(
        "person (id, name, volunteer_no, area_id, joined_at)",
        (f"({at}, '居民{at}', 'B{at}', {home}, {MOMENT})" for at, home in enumerate(homes, 1)),
    )
    await _insert(
        "consent (person_id, purpose, text_version, given_by, given_at)",
        (f"({at}, 'talent_map', '1', {at}, {MOMENT})" for at in range(1, len(homes) + 1)),
    )


async def _profiles(homes: Sequence[int], points: dict[int, tuple[float, float]]) -> None:
    await _insert(
        "talent_profile (person_id, nickname, visibility, home_area_id, group_id, audience_id, "
        "published_area_id, lat, lon, created_at, updated_at)",
        (
            f"({at}, '邻居{at}', 'public', {home}, 0, 0, {home}, {points[home][0]!r}, "
            f"{points[home][1]!r}, {MOMENT}, {MOMENT})"
            for at, home in enumerate(homes, 1)
        ),
    )


async def _skills(
    homes: Sequence[int], points: dict[int, tuple[float, float]], chance: random.Random
) -> None:
    """One to three for each, some skills far more often than others."""
    codes = [skill.code for skill in SKILLS]
    weights = [1 / rank for rank in range(1, len(codes) + 1)]
    rows = []
    for at, home in enumerate(homes, 1):
        lat, lon = points[home]
        chosen = dict.fromkeys(chance.choices(codes, weights, k=chance.choice((1, 2, 3))))
        rows += [
            f"({at}, '{code}', 'teach', {MOMENT}, 0, {home}, {lat!r}, {lon!r})" for code in chosen
        ]
    await _insert(
        "talent_skill (person_id, skill_code, level, since, audience_id, published_area_id, "
        "lat, lon)",
        rows,
    )


async def _counts() -> None:
    await run(
        "INSERT INTO talent_count (audience_id, area_id, skill_code, people_within, people_here, "
        "lat, lon, level) SELECT n.audience_id, n.area_id, n.skill_code, n.people_within, "
        f"n.people_here, p.lat, p.lon, a.level FROM ({SHOWN}) n "
        "JOIN area a ON a.id = n.area_id LEFT JOIN place p ON p.area_id = n.area_id"
    )


async def _activities(
    found: Sequence[Compound], estates: Sequence[int], chance: random.Random
) -> None:
    """Some that gather, far in the future."""
    await run(f"INSERT INTO book (area_id, opened_at) VALUES (1, {MOMENT})")
    chosen = chance.choices(range(len(found)), k=ACTIVITIES)
    await _insert(
        "activity (book_id, area_id, title, category, activity_class, lat, lon, starts_at, "
        "ends_at, deadline_at, minimum, capacity, proposer_id, created_at, state)",
        (
            f"((SELECT MIN(id) FROM book), {estates[at]}, '手机摄影{number}', 'teaching', "
            f"'interest', {found[at].lat!r}, {found[at].lon!r}, '2126-03-10 01:00:00+00:00', "
            f"'2126-03-10 03:00:00+00:00', '2126-03-09 01:00:00+00:00', 10, 20, 1, {MOMENT}, "
            "'gathering')"
            for number, at in enumerate(chosen)
        ),
    )
