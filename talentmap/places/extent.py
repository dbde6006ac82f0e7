"""Which part of the earth an area covers: where a map of it looks first."""

from points.community.rules import row_number
from points.transactions import run
from talentmap.places.datum import Rectangle


async def extent_of(area_id: int | None = None) -> Rectangle | None:
    """The box around the places of an area and of those within it; without one, of all places.

    Where nothing within the area has a place, the nearest area around it speaks for it.
    """
    if area_id is None:
        return _box(await run(f"{_SIDES} FROM place p"))
    inside = await run(
        f"{_SIDES} FROM area_ancestor x JOIN place p ON p.area_id = x.area_id "
        "WHERE x.ancestor_id = {}",
        row_number(area_id),
    )
    return _box(inside) or _box(await _around(area_id))


_SIDES = (
    "SELECT MIN(COALESCE(p.south, p.lat)) AS south, MIN(COALESCE(p.west, p.lon)) AS west, "
    "MAX(COALESCE(p.north, p.lat)) AS north, MAX(COALESCE(p.east, p.lon)) AS east"
)


async def _around(area_id: int) -> list[dict[str, float | None]]:
    rows: list[dict[str, float | None]] = await run(
        "SELECT COALESCE(p.south, p.lat) AS south, COALESCE(p.west, p.lon) AS west, "
        "COALESCE(p.north, p.lat) AS north, COALESCE(p.east, p.lon) AS east "
        "FROM area_ancestor x JOIN place p ON p.area_id = x.ancestor_id "
        "WHERE x.area_id = {} ORDER BY x.depth LIMIT 1",
        row_number(area_id),
    )
    return rows


def _box(rows: list[dict[str, float | None]]) -> Rectangle | None:
    sides = [rows[0][name] for name in ("south", "west", "north", "east")] if rows else [None]
    if None in sides:
        return None
    return Rectangle(*(float(side) for side in sides if side is not None))
