"""Put a file of places on the map: outlines of areas first, then what lies inside them."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from points.community import areas, grants
from points.community.rules import may_contain
from points.imports.areas import NewArea, add_areas, batches, move_area
from points.imports.columns import Columns
from points.imports.rows import ImportReport, Progress, RowProblem, Sheet
from points.transactions import is_postgres, run, use_case
from talentmap.places.datum import DATUMS, Datum, Rectangle
from talentmap.places.errors import FarAway, LevelNotHere, PlaceTwice, UnknownDatum
from talentmap.places.reading import Candidate, Reading, read_places
from talentmap.places.rules import (
    Outline,
    bounds,
    containing,
    distance_metres,
    home,
    outline,
)
from talentmap.talents.ground import follow_places

# Rounding in somebody's export is no news.
SAME_METRES = 1.0


@dataclass(frozen=True, slots=True)
class KnownPlace:
    """An area below the root, with its point if it has one."""

    area_id: int
    identity: NewArea
    lat: float | None
    lon: float | None
    rings: str | None
    source_key: str | None


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done for one row."""

    candidate: Candidate
    identity: NewArea
    source_key: str
    known: KnownPlace | None


async def import_places(
    *,
    sheet: Sheet,
    columns: Columns,
    datum: Datum,
    level: str,
    parent_area_id: int,
    actor_id: int | None,
    now: datetime,
    dry_run: bool = False,
    accept_far: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Create and update areas of one level with their places, all rows or none.

    Rows far from all others are held back unless ``accept_far``.  The same file again changes
    nothing.  ``actor_id`` None is the operator at the machine.
    """
    if datum not in DATUMS:
        raise UnknownDatum
    columns.require_usable()
    reading = read_places(sheet=sheet, columns=columns, datum=datum, progress=progress)
    return await _keep_places(
        reading=reading,
        datum=datum,
        level=level,
        root_id=parent_area_id,
        actor_id=actor_id,
        now=now,
        dry_run=dry_run,
        accept_far=accept_far,
        progress=progress,
    )


@use_case
async def _keep_places(
    *,
    reading: Reading,
    datum: Datum,
    level: str,
    root_id: int,
    actor_id: int | None,
    now: datetime,
    dry_run: bool,
    accept_far: bool,
    progress: Progress | None,
) -> ImportReport:
    root = await _locked_root(root_id=root_id, level=level, actor_id=actor_id, now=now)
    outlines = await outlines_below(root_id=root_id, level=level)
    near, held_back = _sorted_out(reading.candidates, outlines, accept_far=accept_far)
    districts = await _districts(near, root=root, level=level, now=now, dry_run=dry_run)
    parents = [
        districts.get(one.district) or containing(*one.point, outlines) or root_id for one in near
    ]
    known = await _known(root_id)
    steps, twice = _steps(near, parents, known, root_id=root_id, level=level)
    new = [step for step in steps if step.known is None]
    changed = [step for step in steps if step.known and _differs(step, step.known)]
    moves = await _moves(steps, {one.identity for one in known}, root_id=root_id)
    if not dry_run:
        await _write(new=new, changed=changed, moves=moves, datum=datum, now=now, progress=progress)
        await follow_places()
    updated = len({*(step.source_key for step in changed), *(step.source_key for step in moves)})
    refused = sorted([*reading.problems, *twice], key=lambda problem: problem.line)
    return ImportReport(
        created=len(new),
        updated=updated,
        unchanged=len(steps) - len(new) - updated,
        held_back=tuple(held_back),
        refused=tuple(refused),
    )


async def _locked_root(
    *, root_id: int, level: str, actor_id: int | None, now: datetime
) -> areas.AreaView:
    """The area imported into, locked so that two imports into it run one after the other."""
    root = await areas.area(root_id)
    if not may_contain(root.level, level):
        raise LevelNotHere(level=level, parent_level=root.level)
    if actor_id is not None:
        today = await areas.day_in(root_id, now)
        await grants.require(person_id=actor_id, roles=("steward",), area_id=root_id, today=today)
    if is_postgres():
        await run("SELECT id FROM area WHERE id = {} FOR UPDATE", root_id)
    return root


async def outlines_below(*, root_id: int, level: str) -> list[Outline]:
    """Outlines below the root that may hold areas of this level, the deepest first.

    Simplified outlines overlap a little along their edges; there the one drawn last counts.
    """
    rows = await run(
        "SELECT p.area_id, p.rings, a.level FROM area_ancestor c "
        "JOIN place p ON p.area_id = c.area_id JOIN area a ON a.id = c.area_id "
        "WHERE c.ancestor_id = {} AND p.rings IS NOT NULL ORDER BY c.depth DESC, p.id DESC",
        root_id,
    )
    return [
        outline(row["area_id"], tuple(tuple(map(tuple, ring)) for ring in json.loads(row["rings"])))
        for row in rows
        if may_contain(row["level"], level)
    ]


def _sorted_out(
    candidates: Sequence[Candidate], outlines: Sequence[Outline], *, accept_far: bool
) -> tuple[list[Candidate], list[RowProblem]]:
    """Those near home, and those held back for a decision."""
    box = None if accept_far else home([one.point for one in candidates], outlines)
    near: list[Candidate] = []
    far: list[RowProblem] = []
    for one in candidates:
        if box is None or box.contains(*one.point):
            near.append(one)
        else:
            far.append(_far(one, box))
    return near, far


def _far(one: Candidate, box: Rectangle) -> RowProblem:
    lat, lon = one.point
    edge = (min(max(lat, box.south), box.north), min(max(lon, box.west), box.east))
    kilometres = round(distance_metres(one.point, edge) / 1000, 1)
    return RowProblem(one.line, one.column, one.name, FarAway(kilometres=kilometres))


async def _districts(
    candidates: Sequence[Candidate],
    *,
    root: areas.AreaView,
    level: str,
    now: datetime,
    dry_run: bool,
) -> dict[str, int]:
    """Between a city and its subdistricts stand districts, made from their column if missing."""
    if root.level != "city" or level != "subdistrict":
        return {}
    rows = await run(
        "SELECT id, name FROM area WHERE parent_id = {} AND level = 'district'", root.id
    )
    known = {row["name"]: int(row["id"]) for row in rows}
    named = dict.fromkeys(one.district for one in candidates if one.district)
    missing = [name for name in named if name not in known]
    if dry_run:
        # Numbers that no area has stand in for districts that would be made.
        return known | {name: -at for at, name in enumerate(missing, 1)}
    wanted = [NewArea(root.id, "district", name) for name in missing]
    made = await add_areas(areas=wanted, now=now)
    return known | {one.name: area_id for one, area_id in made.items()}


async def _known(root_id: int) -> list[KnownPlace]:
    rows = await run(
        "SELECT a.id, a.parent_id, a.level, a.name, p.lat, p.lon, p.rings, p.source_key "
        "FROM area_ancestor c JOIN area a ON a.id = c.area_id "
        "LEFT JOIN place p ON p.area_id = a.id WHERE c.ancestor_id = {} AND c.depth > 0",
        root_id,
    )
    return [
        KnownPlace(
            area_id=row["id"],
            identity=NewArea(row["parent_id"], row["level"], row["name"]),
            lat=row["lat"],
            lon=row["lon"],
            rings=row["rings"],
            source_key=row["source_key"],
        )
        for row in rows
    ]


def _steps(
    candidates: Sequence[Candidate],
    parents: Sequence[int],
    known: Sequence[KnownPlace],
    *,
    root_id: int,
    level: str,
) -> tuple[list[Step], list[RowProblem]]:
    """What each row means beside what is known; a second row for the same place is refused."""
    by_key = {one.source_key: one for one in known if one.source_key}
    by_identity = {one.identity: one for one in known}
    first_lines: dict[object, int] = {}
    steps, twice = [], []
    for candidate, parent_id in zip(candidates, parents, strict=True):
        key = candidate.source_key(root_id, level)
        identity = NewArea(parent_id, level, candidate.name)
        match = by_key.get(key) or by_identity.get(identity)
        same: list[object] = [key, identity, *([match.area_id] if match else [])]
        first_line = next((first_lines[one] for one in same if one in first_lines), None)
        if first_line is not None:
            error = PlaceTwice(first_line=first_line)
            twice.append(RowProblem(candidate.line, candidate.column, candidate.name, error))
            continue
        first_lines.update(dict.fromkeys(same, candidate.line))
        steps.append(Step(candidate, identity, key, match))
    return steps, twice


def _differs(step: Step, known: KnownPlace) -> bool:
    if known.lat is None or known.lon is None:
        return True
    if distance_metres(step.candidate.point, (known.lat, known.lon)) > SAME_METRES:
        return True
    return step.candidate.rings is not None and _stored_rings(step.candidate) != known.rings


async def _moves(steps: Sequence[Step], taken: Collection[NewArea], *, root_id: int) -> list[Step]:
    """Places that hung at the root until outlines came, and have nobody in them yet.

    Where somebody lives a move could change whose book keeps the points; that is no import's work.
    """
    wanted = [
        step
        for step in steps
        if step.known
        and step.known.identity.parent_id == root_id != step.identity.parent_id
        and step.identity not in taken
    ]
    if not wanted:
        return []
    rows = await run(
        "SELECT DISTINCT c.ancestor_id FROM person p JOIN area_ancestor c ON c.area_id = p.area_id"
    )
    lived_in = {row["ancestor_id"] for row in rows}
    return [step for step in wanted if step.known and step.known.area_id not in lived_in]


async def _write(
    *,
    new: Sequence[Step],
    changed: Sequence[Step],
    moves: Sequence[Step],
    datum: Datum,
    now: datetime,
    progress: Progress | None,
) -> None:
    made = await add_areas(areas=[step.identity for step in new], now=now)
    placed = [(made[step.identity], step) for step in new]
    placed += [(step.known.area_id, step) for step in changed if step.known]
    done = 0
    for batch in batches(placed):
        await _put(batch, datum=datum, now=now)
        done += len(batch)
        if progress:
            progress(done, len(placed))
    for step in moves:
        if step.known:
            await move_area(area_id=step.known.area_id, parent_id=step.identity.parent_id)


async def _put(batch: Sequence[tuple[int, Step]], *, datum: Datum, now: datetime) -> None:
    marks = ", ".join(["({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {})"] * len(batch))
    await run(
        "INSERT INTO place (area_id, lat, lon, rings, south, west, north, east, source_datum, "
        f"source_key, imported_at) VALUES {marks} ON CONFLICT (area_id) DO UPDATE SET "
        "lat = excluded.lat, lon = excluded.lon, rings = COALESCE(excluded.rings, place.rings), "
        "south = COALESCE(excluded.south, place.south), "
        "west = COALESCE(excluded.west, place.west), "
        "north = COALESCE(excluded.north, place.north), "
        "east = COALESCE(excluded.east, place.east), "
        "source_datum = excluded.source_datum, imported_at = excluded.imported_at",
        *(
            value
            for area_id, step in batch
            for value in (*_stored(area_id, step), datum, step.source_key, now)
        ),
    )


def _stored(area_id: int, step: Step) -> tuple[object, ...]:
    lat, lon = step.candidate.point
    rings = step.candidate.rings
    if rings is None:
        return area_id, lat, lon, None, None, None, None, None
    box = bounds(corner for ring in rings for corner in ring)
    text = _stored_rings(step.candidate)
    return area_id, lat, lon, text, box.south, box.west, box.north, box.east


def _stored_rings(candidate: Candidate) -> str:
    return json.dumps(candidate.rings, separators=(",", ":"))
