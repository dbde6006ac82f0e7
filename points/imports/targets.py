"""Which area an import goes into: the one named, or the only one there is."""

from datetime import datetime

from points.community.areas import create_area, find_child
from points.imports.errors import TargetMissing, TargetUnclear
from points.transactions import run

NAMED_MAX = 8


async def target_area(named: str | None, *, with_book: bool) -> int:
    """The area of that number or name; unnamed, the only topmost one or one with a book."""
    if named:
        rows = await run("SELECT id, name FROM area WHERE name = {} ORDER BY id", named.strip())
        if not rows and named.strip().isdecimal() and len(named.strip()) <= 18:
            rows = await run("SELECT id, name FROM area WHERE id = {}", int(named))
    elif with_book:
        rows = await run("SELECT a.id, a.name FROM book b JOIN area a ON a.id = b.area_id")
    else:
        rows = await run("SELECT id, name FROM area WHERE parent_id IS NULL ORDER BY id")
    if not rows:
        raise TargetMissing(named=named or "–")
    if len(rows) > 1:
        found = ", ".join(f"{row['name']} ({row['id']})" for row in rows[:NAMED_MAX])
        raise TargetUnclear(found=found)
    return int(rows[0]["id"])


async def city_called(name: str, *, time_zone: str, now: datetime) -> int:
    """The topmost city of that name, made if there is none."""
    known = await find_child(None, "city", name)
    if known is not None:
        return known
    return await create_area(parent_id=None, level="city", name=name, time_zone=time_zone, now=now)
