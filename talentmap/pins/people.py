"""How many people who match are shown where: by area, or by cell of a grid.

One skill, or none, is answered from the counts that are kept by area; several skills, levels and
words from the skills themselves, by way of (skill, lat, lon).  Both know only published places.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from points.transactions import is_postgres, run
from talentmap.pins.filters import Filter
from talentmap.pins.kept import kept_layer
from talentmap.pins.rules import Grid, Tier, levels_above
from talentmap.places.datum import Rectangle

IN_BOX: Final = "{alias}.lat BETWEEN {{}} AND {{}} AND {alias}.lon BETWEEN {{}} AND {{}}"


@dataclass(frozen=True, slots=True)
class Spot:
    """Something at a point that belongs to an area."""

    area_id: int
    lat: float
    lon: float
    number: int


@dataclass(frozen=True, slots=True)
class Cell:
    """What lies in a cell of a grid; ``area_id`` where all of it belongs to one area."""

    column: int
    row: int
    lat: float
    lon: float
    number: int
    area_id: int | None


@dataclass(frozen=True, slots=True)
class Look:
    """Where somebody looks, how close, for whom, and to whom the people show themselves."""

    box: Rectangle
    tier: Tier
    wish: Filter
    audiences: tuple[int, ...]

    @property
    def edges(self) -> tuple[float, float, float, float]:
        """The edges in the order of IN_BOX."""
        return self.box.south, self.box.north, self.box.west, self.box.east

    @property
    def audience_list(self) -> str:
        """Numbers of ours, for an IN."""
        return ", ".join(str(int(audience)) for audience in self.audiences)


async def spots(look: Look, *, version: int, most: int) -> list[Spot]:
    """People by area; of those counted by area, at most so many rows, one for each audience."""
    if look.wish.nobody:
        return []
    if look.wish.one_skill is not None:
        sql, values = _source(look)
        return [_spot(row) for row in await run(f"{sql} LIMIT {int(most)}", *values)]
    if look.tier == "building":
        sql, values = _gathered(look)
        return [_spot(row) for row in await run(sql, *values)]
    asked = (version, look.tier, look.audiences, look.wish.clauses, look.wish.levels)
    layer = await kept_layer(asked, lambda: _layer(look))
    return [spot for spot in layer if look.box.contains(spot.lat, spot.lon)]


async def _layer(look: Look) -> list[Spot]:
    """All people who match, wherever: the next pan will ask for them again."""
    everywhere = replace(look, box=Rectangle(-90, -180, 90, 180))
    sql, values = _gathered(everywhere)
    return [_spot(row) for row in await run(sql, *values)]


async def cells(look: Look, grid: Grid, found: Sequence[Spot]) -> list[Cell]:
    """People by cell; ``found`` are the spots of the same look."""
    if look.wish.one_skill is None:
        return in_cells(found, grid)
    sql, values = _source(look)
    rows = await run(
        f"SELECT {cell_columns(grid, 's')}, SUM(s.people) AS people, "
        "SUM(s.lat * s.people) / SUM(s.people) AS lat, SUM(s.lon * s.people) / SUM(s.people) "
        f"AS lon, MIN(s.area_id) AS one, MAX(s.area_id) AS other FROM ({sql}) s GROUP BY 1, 2",
        *values,
    )
    return [cell_of(row) for row in rows]


def in_cells(found: Sequence[Spot], grid: Grid) -> list[Cell]:
    """Spots that are at hand already, by cell."""
    inside: dict[tuple[int, int], list[Spot]] = defaultdict(list)
    for spot in found:
        inside[grid.cell(spot.lat, spot.lon)].append(spot)
    return [_cell(place, ones) for place, ones in inside.items()]


def _cell(place: tuple[int, int], ones: Sequence[Spot]) -> Cell:
    number = sum(one.number for one in ones)
    return Cell(
        column=place[0],
        row=place[1],
        lat=sum(one.lat * one.number for one in ones) / number,
        lon=sum(one.lon * one.number for one in ones) / number,
        number=number,
        area_id=ones[0].area_id if len({one.area_id for one in ones}) == 1 else None,
    )


def cell_columns(grid: Grid, alias: str) -> str:
    """The column and row of a point; both axes are moved so that nothing is below zero."""
    whole = "CAST(FLOOR({}) AS INTEGER)" if is_postgres() else "CAST({} AS INTEGER)"
    column = whole.format(f"({alias}.lon + 180.0) / {grid.degrees!r}")
    row = whole.format(f"({alias}.lat + 90.0) / {grid.degrees!r}")
    return f"{column} AS cell_column, {row} AS cell_row"


def cell_of(row: dict[str, Any]) -> Cell:
    """A row of a query by cell."""
    one, other = row["one"], row["other"]
    return Cell(
        column=int(row["cell_column"]),
        row=int(row["cell_row"]),
        lat=float(row["lat"]),
        lon=float(row["lon"]),
        number=int(row["people"]),
        area_id=int(one) if one is not None and one == other else None,
    )


def _spot(row: dict[str, Any]) -> Spot:
    return Spot(int(row["area_id"]), float(row["lat"]), float(row["lon"]), int(row["people"]))


# --- from the counts, or from the skills


def _source(look: Look) -> tuple[str, list[object]]:
    """A query of (area_id, lat, lon, people) with its values."""
    skill = look.wish.one_skill
    return _counted(look, skill) if skill is not None else _gathered(look)


def _counted(look: Look, skill: str) -> tuple[str, list[object]]:
    """Everybody is in exactly one row: at the level of the tier, coarser, or in a stray area."""
    shown = f"c.audience_id IN ({look.audience_list}) AND {IN_BOX.format(alias='c')}"
    columns = "SELECT c.area_id, c.lat, c.lon, c.people_{people} AS people FROM "
    if look.tier == "building":
        sql = (
            f"{columns.format(people='here')} talent_count c "
            f"WHERE c.skill_code = {{}} AND c.people_here > 0 AND {shown}"
        )
        return sql, [skill, *look.edges]
    within, here = columns.format(people="within"), columns.format(people="here")
    above = ", ".join(f"'{level}'" for level in levels_above(look.tier))
    parts = [
        f"{within} talent_count c WHERE c.level = '{look.tier}' AND c.skill_code = {{}} "
        f"AND {shown}",
        f"{here} talent_count c WHERE c.level IN ({above}) AND c.skill_code = {{}} "
        f"AND c.people_here > 0 AND {shown}",
        f"{within} area_stray t JOIN talent_count c ON c.area_id = t.area_id "
        f"WHERE t.tier = '{look.tier}' AND c.skill_code = {{}} AND {shown}",
    ]
    return " UNION ALL ".join(parts), [skill, *look.edges] * len(parts)


def _gathered(look: Look) -> tuple[str, list[object]]:
    """By published area, and for the coarser tiers by the area of that level around it."""
    matching, values = matching_people(look.wish, look.audience_list)
    by_area = (
        "SELECT s.published_area_id AS area_id, s.lat, s.lon, COUNT(DISTINCT s.person_id) "
        f"AS people FROM {matching} AND {IN_BOX.format(alias='s')} "
        "GROUP BY s.published_area_id, s.lat, s.lon"
    )
    if look.tier == "building":
        return by_area, [*values, *look.edges]
    tiered = (
        f"SELECT {lifted('b.area_id', look.tier)} AS area_id, b.lat, b.lon, b.people "
        f"FROM ({by_area}) b"
    )
    # Counted before it is joined: a join alone would look every area up once more.
    summed = (
        "SELECT t.area_id, MIN(t.lat) AS lat, MIN(t.lon) AS lon, CAST(SUM(t.people) AS INTEGER) "
        f"AS people FROM ({tiered}) t GROUP BY t.area_id"
    )
    placed = (
        "SELECT i.area_id, COALESCE(p.lat, i.lat) AS lat, COALESCE(p.lon, i.lon) AS lon, i.people "
        f"FROM ({summed}) i LEFT JOIN place p ON p.area_id = i.area_id"
    )
    return placed, [*values, *look.edges]


def lifted(area: str, tier: Tier) -> str:
    """The area of the tier around an area; itself where its branch of the tree has none."""
    return (
        "COALESCE((SELECT x.ancestor_id FROM area_ancestor x JOIN area r ON r.id = x.ancestor_id "
        f"WHERE x.area_id = {area} AND r.level = '{tier}' LIMIT 1), {area})"
    )


def matching_people(wish: Filter, audiences: str) -> tuple[str, list[object]]:
    """``talent_skill s WHERE …``: rows of the people who satisfy every clause."""
    levels = ", ".join(f"'{level}'" for level in wish.levels)
    values: list[object] = []
    conditions = [f"s.audience_id IN ({audiences})"]
    for number, clause in enumerate(wish.clauses):
        alias = "s" if number == 0 else f"s{number}"
        condition = f"{alias}.skill_code IN ({', '.join(['{}'] * len(clause))})"
        condition += f" AND {alias}.level IN ({levels})" if levels else ""
        values += clause
        if number:
            condition = (
                f"EXISTS (SELECT 1 FROM talent_skill {alias} "
                f"WHERE {alias}.person_id = s.person_id AND {condition})"
            )
        conditions.append(condition)
    return f"talent_skill s WHERE {' AND '.join(conditions)}", values


async def everybody(look: Look) -> int:
    """How many people match wherever they are shown, also off the map."""
    if look.wish.nobody:
        return 0
    skill = look.wish.one_skill
    if skill is not None:
        [row] = await run(
            "SELECT COALESCE(SUM(c.people_within), 0) AS people FROM area a "
            "JOIN talent_count c ON c.area_id = a.id WHERE a.parent_id IS NULL "
            f"AND c.skill_code = {{}} AND c.audience_id IN ({look.audience_list})",
            skill,
        )
        return int(row["people"])
    matching, values = matching_people(look.wish, look.audience_list)
    [row] = await run(f"SELECT COUNT(DISTINCT s.person_id) AS people FROM {matching}", *values)
    return int(row["people"])
