"""Open activities on the map: one by one where they are few, else by area or cell."""

from dataclasses import dataclass
from datetime import UTC, datetime

from points.transactions import run
from talentmap.pins.filters import Filter
from talentmap.pins.people import IN_BOX, Cell, Look, Spot, cell_columns, cell_of, lifted
from talentmap.pins.rules import Grid
from talentmap.pins.search import LAST

# What one can still join, or what takes place; twice the present moment.
OPEN = (
    "a.state IN ('gathering', 'confirmed') AND a.ends_at > {} "
    "AND (a.state = 'confirmed' OR a.deadline_at > {})"
)


@dataclass(frozen=True, slots=True)
class ActivityPin:
    """An activity that one can still join, or that takes place."""

    id: int
    title: str
    lat: float
    lon: float
    starts_at: datetime
    seats_taken: int
    minimum: int
    capacity: int
    state: str
    area_name: str


async def pins(look: Look, *, now: datetime, most: int) -> list[ActivityPin]:
    """The activities of a view, soonest first, at most so many."""
    if look.wish.no_activities:
        return []
    wished, values = _wished(look.wish, now)
    rows = await run(
        "SELECT a.id, a.title, a.lat, a.lon, a.starts_at, a.seats_taken, a.minimum, a.capacity, "
        "a.state, r.name AS area_name FROM activity a JOIN area r ON r.id = a.area_id "
        f"WHERE {wished} AND {IN_BOX.format(alias='a')} "
        f"ORDER BY a.starts_at, a.id LIMIT {int(most)}",
        *(*values, *look.edges),
    )
    return [ActivityPin(**row) for row in rows]


async def gathering_spots(look: Look, *, now: datetime, most: int) -> list[Spot]:
    """Activities of a view counted by the area of the tier around them, or by their own."""
    wished, values = _wished(look.wish, now)
    by_area = (
        f"SELECT {lifted('a.area_id', look.tier)} AS area_id, a.lat, a.lon FROM activity a "
        f"WHERE {wished} AND {IN_BOX.format(alias='a')}"
    )
    # Counted before it is joined: a join alone would look every area up once more.
    counted = (
        "SELECT area_id, AVG(lat) AS lat, AVG(lon) AS lon, COUNT(*) AS number "
        f"FROM ({by_area}) one GROUP BY area_id LIMIT {int(most)}"
    )
    rows = await run(
        "SELECT i.area_id, i.number, COALESCE(p.lat, i.lat) AS lat, COALESCE(p.lon, i.lon) AS lon "
        f"FROM ({counted}) i LEFT JOIN place p ON p.area_id = i.area_id",
        *(*values, *look.edges),
    )
    return [
        Spot(int(row["area_id"]), float(row["lat"]), float(row["lon"]), int(row["number"]))
        for row in rows
    ]


async def gathering_cells(look: Look, grid: Grid, *, now: datetime) -> list[Cell]:
    """Activities of a view counted by cell."""
    if look.wish.no_activities:
        return []
    wished, values = _wished(look.wish, now)
    rows = await run(
        f"SELECT {cell_columns(grid, 'a')}, COUNT(*) AS people, AVG(a.lat) AS lat, "
        "AVG(a.lon) AS lon, MIN(a.area_id) AS one, MAX(a.area_id) AS other FROM activity a "
        f"WHERE {wished} AND {IN_BOX.format(alias='a')} GROUP BY 1, 2",
        *(*values, *look.edges),
    )
    return [cell_of(row) for row in rows]


async def every_gathering(wish: Filter, *, now: datetime) -> int:
    """How many activities match anywhere on the map."""
    if wish.no_activities:
        return 0
    wished, values = _wished(wish, now)
    [row] = await run(
        f"SELECT COUNT(*) AS number FROM activity a WHERE {wished} AND a.lat IS NOT NULL", *values
    )
    return int(row["number"])


def _wished(wish: Filter, now: datetime) -> tuple[str, list[object]]:
    moment = now.astimezone(UTC)
    conditions: list[str] = [OPEN]
    values: list[object] = [moment, moment]
    if wish.activity_category:
        conditions.append("a.category = {}")
        values.append(wish.activity_category)
    if wish.starts_from and wish.starts_before:
        conditions.append("a.starts_at >= {} AND a.starts_at < {}")
        values += [wish.starts_from.astimezone(UTC), wish.starts_before.astimezone(UTC)]
    if wish.text:
        conditions.append(
            "a.id IN (SELECT w.activity_id FROM activity_word w WHERE w.inside IN (0, 1) "
            "AND w.word >= {} AND w.word < {})"
        )
        values += [wish.text, wish.text + LAST]
    return " AND ".join(conditions), values
