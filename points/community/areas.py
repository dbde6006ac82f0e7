"""The tree of areas: 街道 > 居委 > 小区 > 楼栋 > 楼道, of any depth."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from points.community import rules
from points.community.errors import (
    AreaCodeTaken,
    AreaExists,
    AreaNameWrong,
    LevelMisplaced,
    LevelUnknown,
    NoSuchArea,
    TimeZoneMissing,
    TimeZoneUnknown,
)
from points.transactions import run, use_case


@dataclass(frozen=True, slots=True)
class AreaView:
    """An area with what it inherits; ``path`` holds the names from the root to here."""

    id: int
    parent_id: int | None
    level: str
    name: str
    time_zone: str
    path: tuple[str, ...]


@use_case
async def create_area(
    *,
    parent_id: int | None,
    level: str,
    name: str,
    time_zone: str | None,
    now: datetime,
    code: str | None = None,
) -> int:
    """Add an area to the tree; the topmost one needs a time zone, which all below inherit."""
    name = rules.clean_text(name)
    await _check_area(parent_id=parent_id, level=level, name=name, time_zone=time_zone)
    existing = await find_child(parent_id, level, name)
    if existing is not None:
        raise AreaExists(name=name, area_id=existing)
    if code is not None and await run("SELECT id FROM area WHERE code = {}", code):
        raise AreaCodeTaken(code=code)
    rows = await run(
        "INSERT INTO area (parent_id, level, name, code, time_zone, created_at) "
        "VALUES ({}, {}, {}, {}, {}, {}) ON CONFLICT DO NOTHING RETURNING id",
        parent_id,
        level,
        name,
        code,
        time_zone,
        now,
    )
    if not rows:
        raise AreaExists(name=name)
    area_id = int(rows[0]["id"])
    await run("INSERT INTO area_ancestor VALUES ({}, {}, 0)", area_id, area_id)
    if parent_id is not None:
        # The number is written into the statement: a bare parameter in a SELECT has no type.
        await run(
            "INSERT INTO area_ancestor (area_id, ancestor_id, depth) "
            f"SELECT {area_id}, ancestor_id, depth + 1 FROM area_ancestor WHERE area_id = {{}}",
            parent_id,
        )
    return area_id


async def _check_area(
    *, parent_id: int | None, level: str, name: str, time_zone: str | None
) -> None:
    if not 0 < len(name) <= rules.AREA_NAME_LENGTH_MAX:
        raise AreaNameWrong(field="name", limit=rules.AREA_NAME_LENGTH_MAX)
    if level not in rules.LEVELS:
        raise LevelUnknown(field="level", level=level)
    if time_zone is not None and not rules.known_time_zone(time_zone):
        raise TimeZoneUnknown(field="time_zone", time_zone=time_zone)
    if parent_id is None:
        if time_zone is None:
            raise TimeZoneMissing(field="time_zone")
        return
    parent = await _row(parent_id)
    if not rules.may_contain(parent["level"], level):
        raise LevelMisplaced(field="level", level=level, parent_level=parent["level"])


async def _row(area_id: int) -> dict[str, Any]:
    rows = await run("SELECT * FROM area WHERE id = {}", rules.row_number(area_id))
    if not rows:
        raise NoSuchArea(area_id=area_id)
    return rows[0]


async def find_child(parent_id: int | None, level: str, name: str) -> int | None:
    """The area of that level and name directly in ``parent_id`` (None: a topmost area)."""
    name = rules.clean_text(name)
    if parent_id is None:
        rows = await run(
            "SELECT id FROM area WHERE parent_id IS NULL AND level = {} AND name = {}", level, name
        )
    else:
        rows = await run(
            "SELECT id FROM area WHERE parent_id = {} AND level = {} AND name = {}",
            parent_id,
            level,
            name,
        )
    return int(rows[0]["id"]) if rows else None


async def area(area_id: int) -> AreaView:
    """One area with its path and time zone."""
    views = await areas([area_id])
    if area_id not in views:
        raise NoSuchArea(area_id=area_id)
    return views[area_id]


async def areas(area_ids: Collection[int]) -> Mapping[int, AreaView]:
    """Several areas by number, in one question; numbers of none are left out."""
    wanted = sorted({rules.row_number(number) for number in area_ids} - {0})
    if not wanted:
        return {}
    rows = await run(
        "SELECT c.area_id, a.id, a.parent_id, a.level, a.name, a.time_zone "
        "FROM area_ancestor c JOIN area a ON a.id = c.ancestor_id "
        f"WHERE c.area_id IN ({', '.join(['{}'] * len(wanted))}) "
        "ORDER BY c.area_id, c.depth DESC",
        *wanted,
    )
    lines: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        lines.setdefault(int(row["area_id"]), []).append(row)
    return {area_id: _view(line) for area_id, line in lines.items()}


def _view(line: list[dict[str, Any]]) -> AreaView:
    """The last of ``line``, which runs from the root down to the area."""
    here = line[-1]
    zones = [row["time_zone"] for row in line if row["time_zone"] is not None]
    return AreaView(
        id=here["id"],
        parent_id=here["parent_id"],
        level=here["level"],
        name=here["name"],
        time_zone=zones[-1],
        path=tuple(row["name"] for row in line),
    )


async def children(area_id: int) -> list[AreaView]:
    """The areas directly in this one, oldest first."""
    number = rules.row_number(area_id)
    rows = await run("SELECT id FROM area WHERE parent_id = {} ORDER BY id", number)
    views = await areas([row["id"] for row in rows])
    return [views[row["id"]] for row in rows]


async def roots() -> list[AreaView]:
    """The topmost areas, oldest first."""
    rows = await run("SELECT id FROM area WHERE parent_id IS NULL ORDER BY id")
    views = await areas([row["id"] for row in rows])
    return [views[row["id"]] for row in rows]


async def area_at_level_above(area_id: int, levels: Collection[str]) -> AreaView | None:
    """The nearest area of one of these levels, from this one upwards (itself included)."""
    rows = await run(
        "SELECT a.id FROM area_ancestor c JOIN area a ON a.id = c.ancestor_id "
        f"WHERE c.area_id = {{}} AND a.level IN ({', '.join(['{}'] * len(levels))}) "
        "ORDER BY c.depth LIMIT 1",
        area_id,
        *levels,
    )
    return await area(rows[0]["id"]) if rows else None


async def time_zone_of(area_id: int) -> str:
    """The time zone of an area: its own or the nearest above."""
    rows = await run(
        "SELECT a.time_zone FROM area_ancestor c JOIN area a ON a.id = c.ancestor_id "
        "WHERE c.area_id = {} AND a.time_zone IS NOT NULL ORDER BY c.depth LIMIT 1",
        rules.row_number(area_id),
    )
    if not rows:
        raise NoSuchArea(area_id=area_id)
    return str(rows[0]["time_zone"])


async def day_in(area_id: int, now: datetime) -> date:
    """The calendar day of a moment where the area lies."""
    return rules.day_of(now, await time_zone_of(area_id))


async def is_within(area_id: int, ancestor_id: int) -> bool:
    """Whether an area is, or lies in, another."""
    rows = await run(
        "SELECT depth FROM area_ancestor WHERE area_id = {} AND ancestor_id = {}",
        rules.row_number(area_id),
        rules.row_number(ancestor_id),
    )
    return bool(rows)


async def those_within(area_ids: Collection[int], ancestor_id: int) -> frozenset[int]:
    """Which of the areas are, or lie in, another."""
    wanted = sorted({rules.row_number(number) for number in area_ids} - {0})
    if not wanted:
        return frozenset()
    rows = await run(
        "SELECT area_id FROM area_ancestor WHERE ancestor_id = {} "
        f"AND area_id IN ({', '.join(['{}'] * len(wanted))})",
        rules.row_number(ancestor_id),
        *wanted,
    )
    return frozenset(int(row["area_id"]) for row in rows)
