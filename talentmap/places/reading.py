"""Rows of a file as places to be, in WGS-84.  Pure."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from points.errors import DomainError
from points.imports import values
from points.imports.columns import Columns
from points.imports.errors import ValueMissing
from points.imports.rows import Cell, Progress, Rings, Row, RowProblem, Sheet, shown
from talentmap.places.datum import Datum, Point, to_wgs84
from talentmap.places.errors import CoordinatesMissing, FlatInName, OutlineBroken
from talentmap.places.rules import centre, checked_point

PROGRESS_ROWS = 500
_FLAT = re.compile(r"\d+\s*[室户]$|\d+-\d+-\d+$")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row that can become a place."""

    line: int
    column: str
    name: str
    district: str
    town: str
    point: Point
    rings: Rings | None

    def source_key(self, root_id: int, level: str) -> str:
        """What makes the row the same place at the next import."""
        text = "\n".join([str(root_id), level, self.district, self.town, self.name])
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Reading:
    """What the rows gave."""

    candidates: tuple[Candidate, ...]
    problems: tuple[RowProblem, ...]


def read_places(
    *, sheet: Sheet, columns: Columns, datum: Datum, progress: Progress | None = None
) -> Reading:
    """Every row as a candidate, or as a problem with its line, column and reason."""
    candidates, problems = [], list(sheet.problems)
    for done, row in enumerate(sheet.rows, 1):
        found = _read(row, columns, datum)
        if isinstance(found, RowProblem):
            problems.append(found)
        else:
            candidates.append(found)
        if progress and (done % PROGRESS_ROWS == 0 or done == len(sheet.rows)):
            progress(done, len(sheet.rows))
    return Reading(tuple(candidates), tuple(problems))


def _read(row: Row, columns: Columns, datum: Datum) -> Candidate | RowProblem:
    cells = columns.cells(row)
    steps: dict[str, Callable[[Cell], object]] = {
        "name": _place_name,
        "rings": lambda cell: _rings(cell, datum),
        "lat": lambda cell: values.optional(values.number, cell),
        "lon": lambda cell: values.optional(values.number, cell),
    }
    found: dict[str, Any] = {}
    for field, step in steps.items():
        try:
            found[field] = step(cells[field])
        except DomainError as error:
            return RowProblem(row.line, columns.header_of(field), shown(cells[field]), error)
    try:
        point = _point(found["lat"], found["lon"], found["rings"], datum)
    except DomainError as error:
        said = f"{shown(cells['lat'])} {shown(cells['lon'])}".strip()
        return RowProblem(row.line, columns.header_of("lat"), said, error)
    district, town = (values.plain(cells[field])[:120] for field in ("district", "town"))
    column = columns.header_of("name")
    return Candidate(row.line, column, found["name"], district, town, point, found["rings"])


def _place_name(cell: Cell) -> str:
    if not values.plain(cell):
        raise ValueMissing
    name = values.label(cell)
    if _FLAT.search(name):
        raise FlatInName(name=name)
    return name


def _rings(cell: Cell, datum: Datum) -> Rings | None:
    if not isinstance(cell, tuple) or not cell:
        return None
    if any(len(set(ring)) < 3 for ring in cell):
        raise OutlineBroken
    return tuple(
        tuple(to_wgs84(*checked_point(*corner), datum) for corner in ring) for ring in cell
    )


def _point(lat: float | None, lon: float | None, rings: Rings | None, datum: Datum) -> Point:
    """The point given, else the middle of the outline."""
    if lat is not None and lon is not None:
        return to_wgs84(*checked_point(lat, lon), datum)
    if rings is None:
        raise CoordinatesMissing
    return centre(rings)
