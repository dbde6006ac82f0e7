"""Decide where the people of an audience are shown, again, after one of them came or went.

Only the part of the tree is read that the change can reach: it grows upwards until nobody of it is
shown above it, before or after.  All changes stand in one line behind the row of the map's version:
two people who left at once would else each see the other still there.  That costs little, for a
profile changes now and then, and the counts at the top of the tree would make them wait anyway.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final

from points.transactions import is_postgres, run, use_case
from talentmap.talents.rules import Home, Tree, decided, merged

_HOMES: Final = """
SELECT p.home_area_id, p.published_area_id, p.refines_at, COUNT(*) AS people
FROM area_ancestor x JOIN talent_profile p ON p.home_area_id = x.area_id
WHERE x.ancestor_id = {} AND p.group_id = {}
GROUP BY p.home_area_id, p.published_area_id, p.refines_at
"""
_PARENTS: Final = """
SELECT DISTINCT a.id, a.parent_id FROM area_ancestor h
JOIN area_ancestor x ON x.area_id = h.area_id
JOIN area_ancestor t ON t.area_id = x.ancestor_id AND t.ancestor_id = h.ancestor_id AND t.depth > 0
JOIN area a ON a.id = x.ancestor_id
WHERE h.ancestor_id = {} AND h.area_id IN
    (SELECT p.home_area_id FROM talent_profile p WHERE p.group_id = {})
"""


@dataclass(frozen=True, slots=True)
class Part:
    """The people of one audience below an area."""

    tree: Tree
    homes: tuple[Home, ...]
    is_root: bool

    def reaches_out(self) -> bool:
        """Whether somebody of it is shown above it."""
        known = {None, self.tree.top, *self.tree.parents}
        return any(home.published not in known for home in self.homes)

    def was_closed(self, *, at: int, change: int, now: datetime) -> bool:
        """Whether all of it belonged below its top before ``change`` people came to ``at``."""
        before = {home.area_id: home for home in self.homes}
        here = before.get(at, Home(at, 0))
        before[at] = replace(here, people=here.people - change)
        return not decided(tuple(before.values()), self.tree, is_root=False, now=now).left


@use_case
async def wait_in_line() -> None:
    """Nobody else decides until this transaction ends.

    It comes before any lock of a profile: whoever decides writes the profiles of others too.  The
    number itself is raised by the database, with every change of what may be shown.
    """
    if is_postgres():
        await run("SELECT version FROM talent_map_version FOR UPDATE")


@use_case
async def publish(*, group_id: int, home_area_id: int, change: int, now: datetime) -> None:
    """Decide anew after ``change`` people came to (or left) the audience at this home."""
    now = now.astimezone(UTC)
    await wait_in_line()
    line = await _line(home_area_id)
    top_of_all = group_id if group_id in line else line[-1] if group_id == 0 else home_area_id
    for top in line[: line.index(top_of_all) + 1]:
        part = await _part(group_id=group_id, top=top, at=home_area_id, is_root=top == top_of_all)
        if not part.is_root and part.reaches_out():
            continue
        decision = decided(part.homes, part.tree, is_root=part.is_root, now=now)
        closed = not decision.left and part.was_closed(at=home_area_id, change=change, now=now)
        if part.is_root or closed:
            changed = {*decision.homes} - {*part.homes}
            changed |= {home for home in decision.homes if home.area_id == home_area_id}
            await _show(group_id, sorted(changed, key=lambda home: home.area_id))
            return


async def _line(area_id: int) -> list[int]:
    rows = await run(
        "SELECT ancestor_id FROM area_ancestor WHERE area_id = {} ORDER BY depth", area_id
    )
    return [int(row["ancestor_id"]) for row in rows]


async def _part(*, group_id: int, top: int, at: int, is_root: bool) -> Part:
    rows = await run(_HOMES, top, group_id)
    homes = merged(
        [
            Home(row["home_area_id"], row["people"], row["published_area_id"], row["refines_at"])
            for row in rows
        ]
    )
    parents = {row["id"]: row["parent_id"] for row in await run(_PARENTS, top, group_id)}
    line = await _line(at)
    parents |= dict(pairwise(line[: line.index(top) + 1]))
    return Part(Tree(top, parents), homes, is_root)


async def _show(group_id: int, homes: Sequence[Home]) -> None:
    """Write what has changed, home by home; who came new is still without a place."""
    points = await points_of({home.published for home in homes if home.published is not None})
    for home in homes:
        lat, lon = points.get(home.published or 0, (None, None))
        audience = None if home.published is None else group_id
        await run(
            "UPDATE talent_profile SET audience_id = {}, published_area_id = {}, lat = {}, "
            "lon = {}, refines_at = {} WHERE group_id = {} AND home_area_id = {} AND ("
            "COALESCE(published_area_id, 0) <> {} OR COALESCE(lat, 99) <> {} "
            "OR COALESCE(lon, 999) <> {} OR (refines_at IS NULL) <> {})",
            *(audience, home.published, lat, lon, home.refines_at, group_id, home.area_id),
            *(home.published or 0, 99.0 if lat is None else lat, 999.0 if lon is None else lon),
            home.refines_at is None,
        )


async def points_of(area_ids: Collection[int]) -> Mapping[int, tuple[float, float]]:
    """Where areas lie: their own place or the nearest above; areas without any are left out."""
    if not area_ids:
        return {}
    marks = ", ".join(["{}"] * len(area_ids))
    rows = await run(
        "SELECT x.area_id, p.lat, p.lon FROM area_ancestor x "
        f"JOIN place p ON p.area_id = x.ancestor_id WHERE x.area_id IN ({marks}) "
        "ORDER BY x.area_id, x.depth DESC",
        *sorted(area_ids),
    )
    # The last line of an area is its nearest.
    return {row["area_id"]: (row["lat"], row["lon"]) for row in rows}


async def refine_due(now: datetime) -> int:
    """Show more closely whom time has hidden long enough; returns how many homes were looked at."""
    due = await run(
        "SELECT DISTINCT group_id, home_area_id FROM talent_profile WHERE refines_at <= {}",
        now.astimezone(UTC),
    )
    for row in due:
        await publish(group_id=row["group_id"], home_area_id=row["home_area_id"], change=0, now=now)
    return len(due)
