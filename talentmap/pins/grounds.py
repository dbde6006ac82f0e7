"""The layer of places: areas of the level that a zoom speaks of, whoever lives there."""

from points.transactions import run
from talentmap.pins.filters import Filter
from talentmap.pins.people import IN_BOX, Cell, Look, Spot, cell_columns, cell_of
from talentmap.pins.rules import Grid, Tier
from talentmap.pins.search import LAST


async def place_spots(look: Look, *, most: int) -> list[Spot]:
    """The places of the tier in a view, at most so many."""
    named, values = _named(look.wish)
    rows = await run(
        f"SELECT p.area_id, p.lat, p.lon FROM place p JOIN area r ON r.id = p.area_id "
        f"WHERE r.level = '{look.tier}'{named} AND {IN_BOX.format(alias='p')} LIMIT {int(most)}",
        *(*values, *look.edges),
    )
    return [Spot(int(row["area_id"]), float(row["lat"]), float(row["lon"]), 1) for row in rows]


async def place_cells(look: Look, grid: Grid) -> list[Cell]:
    """The places of the tier in a view, by cell."""
    named, values = _named(look.wish)
    rows = await run(
        f"SELECT {cell_columns(grid, 'p')}, COUNT(*) AS people, AVG(p.lat) AS lat, AVG(p.lon) "
        "AS lon, MIN(p.area_id) AS one, MAX(p.area_id) AS other FROM place p "
        f"JOIN area r ON r.id = p.area_id WHERE r.level = '{look.tier}'{named} "
        f"AND {IN_BOX.format(alias='p')} GROUP BY 1, 2",
        *(*values, *look.edges),
    )
    return [cell_of(row) for row in rows]


async def every_place(wish: Filter, tier: Tier) -> int:
    """How many places of the tier there are anywhere."""
    named, values = _named(wish)
    [row] = await run(
        "SELECT COUNT(*) AS number FROM place p JOIN area r ON r.id = p.area_id "
        f"WHERE r.level = '{tier}'{named}",
        *values,
    )
    return int(row["number"])


def _named(wish: Filter) -> tuple[str, list[object]]:
    if not wish.text:
        return "", []
    return (
        " AND p.area_id IN (SELECT w.area_id FROM area_word w WHERE w.inside IN (0, 1) "
        "AND w.word >= {} AND w.word < {})",
        [wish.text, wish.text + LAST],
    )
