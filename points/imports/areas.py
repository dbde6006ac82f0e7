"""Many areas at once.  The same rows as ``community.areas`` makes one by one, in few statements."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from points.transactions import run

T = TypeVar("T")
ROWS_PER_STATEMENT = 400


@dataclass(frozen=True, slots=True)
class NewArea:
    """An area to be: its parent, level and name are its identity."""

    parent_id: int
    level: str
    name: str


async def add_areas(*, areas: Sequence[NewArea], now: datetime) -> dict[NewArea, int]:
    """Insert areas that do not exist yet, and their place in the tree.  Inside a transaction."""
    made: dict[NewArea, int] = {}
    for batch in batches(areas):
        marks = ", ".join(["({}, {}, {}, {})"] * len(batch))
        rows = await run(
            f"INSERT INTO area (parent_id, level, name, created_at) VALUES {marks} "
            "RETURNING id, parent_id, level, name",
            *(value for one in batch for value in (one.parent_id, one.level, one.name, now)),
        )
        for row in rows:
            made[NewArea(row["parent_id"], row["level"], row["name"])] = row["id"]
    if made:
        await _enter_tree(min(made.values()))
    return made


async def _enter_tree(first_id: int) -> None:
    """Closure rows for every area that has none yet; parents of a batch stand there already."""
    await run(
        "INSERT INTO area_ancestor (area_id, ancestor_id, depth) "
        "SELECT n.id, a.ancestor_id, a.depth + 1 FROM area n "
        "JOIN area_ancestor a ON a.area_id = n.parent_id "
        "WHERE n.id >= {} AND NOT EXISTS "
        "(SELECT 1 FROM area_ancestor s WHERE s.area_id = n.id AND s.depth = 0)",
        first_id,
    )
    await run(
        "INSERT INTO area_ancestor (area_id, ancestor_id, depth) "
        "SELECT n.id, n.id, 0 FROM area n WHERE n.id >= {} AND NOT EXISTS "
        "(SELECT 1 FROM area_ancestor s WHERE s.area_id = n.id AND s.depth = 0)",
        first_id,
    )


async def move_area(*, area_id: int, parent_id: int) -> None:
    """Hang an area with all below it under another parent.  Inside a transaction."""
    await run("UPDATE area SET parent_id = {} WHERE id = {}", parent_id, area_id)
    await run(
        "DELETE FROM area_ancestor WHERE area_id IN "
        "(SELECT area_id FROM area_ancestor WHERE ancestor_id = {}) AND ancestor_id IN "
        "(SELECT ancestor_id FROM area_ancestor WHERE area_id = {} AND depth > 0)",
        area_id,
        area_id,
    )
    await run(
        "INSERT INTO area_ancestor (area_id, ancestor_id, depth) "
        "SELECT s.area_id, n.ancestor_id, s.depth + n.depth + 1 "
        "FROM area_ancestor s, area_ancestor n WHERE s.ancestor_id = {} AND n.area_id = {}",
        area_id,
        parent_id,
    )


def batches(items: Sequence[T], size: int = ROWS_PER_STATEMENT) -> Iterator[Sequence[T]]:
    """The items in slices that fit one statement."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
