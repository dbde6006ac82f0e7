"""How a file would lie on the map under each datum, before anybody says which one is right.

Nothing is guessed.  It is measured: how many rows land in another 街镇 than the file itself says,
than the one imported into, or, where neither is known, than the same rows under another datum.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from points.community import areas, grants
from points.errors import DomainError
from points.imports import values
from points.imports.columns import Columns, Kind, recognise
from points.imports.rows import Sheet
from points.transactions import run
from talentmap.places.datum import DATUMS, Datum, Point, Rectangle, to_wgs84
from talentmap.places.imports import outlines_below
from talentmap.places.reading import read_places
from talentmap.places.rules import Outline, checked_point, containing, home, outline

Reference = Literal["file", "here", "none"]
Verdict = Literal["in", "elsewhere", "outside", "far"]
TOWN_LEVEL = "subdistrict"


@dataclass(frozen=True, slots=True)
class Place:
    """A row with a point: which 街镇 the file names, if it does."""

    line: int
    point: Point
    town: str = ""


@dataclass(frozen=True, slots=True)
class DatumLook:
    """The rows under one datum.  Far ones would be held back and are in no share."""

    datum: Datum
    points: tuple[tuple[Point, Verdict], ...] = ()
    judged: int = 0
    """Rows of which it is known where they belong."""
    differing: Mapping[Datum, float] = field(default_factory=dict)
    """The share that lands in another 街镇 than under the other datum."""

    def count(self, verdict: Verdict) -> int:
        """How many points have it."""
        return sum(found == verdict for _, found in self.points)

    @property
    def elsewhere_share(self) -> float:
        """Of the rows that are known to belong somewhere, how many land elsewhere."""
        return self.count("elsewhere") / self.judged if self.judged else 0.0

    @property
    def outside_share(self) -> float:
        """Of the rows that are not far away, how many lie in no known 街镇."""
        near = len(self.points) - self.count("far")
        return self.count("outside") / near if near else 0.0


@dataclass(frozen=True, slots=True)
class DatumPreview:
    """All three side by side; ``reference`` says what "another 街镇" was measured against."""

    reference: Reference
    here: str
    towns: tuple[Outline, ...]
    looks: tuple[DatumLook, ...]


async def preview_datums(
    *, sheet: Sheet, kind: Kind, area_id: int, level: str, actor_id: int, now: datetime
) -> DatumPreview:
    """Measure the file under each datum; a steward of the area asks."""
    today = await areas.day_in(area_id, now)
    await grants.require(person_id=actor_id, roles=("steward",), area_id=area_id, today=today)
    names, towns = await _towns(area_id)
    found = {datum: places_of(sheet, kind, datum) for datum in DATUMS}
    near = await outlines_below(root_id=area_id, level=level) if kind == "places" else []
    here = await areas.area_at_level_above(area_id, [TOWN_LEVEL])
    own = here.id if here and here.id in names else None
    told = {name: area for area, name in names.items()}
    named = any(place.town in told for ones in found.values() for place in ones)
    reference: Reference = "file" if named else "here" if own else "none"
    return DatumPreview(
        reference=reference,
        here=here.name if here and own else "",
        towns=tuple(towns),
        looks=compared(found, towns=towns, near=near, told=told if named else {}, own=own),
    )


def places_of(sheet: Sheet, kind: Kind, datum: Datum) -> list[Place]:
    """The rows of a file that have a point, in WGS-84."""
    columns = recognise(sheet.header, kind, datum)
    if kind == "places":
        if columns.missing or columns.ambiguous:
            return []
        reading = read_places(sheet=sheet, columns=columns, datum=datum)
        return [Place(one.line, one.point, one.town) for one in reading.candidates]
    return list(_points(sheet, columns, datum))


def compared(
    found: Mapping[Datum, Sequence[Place]],
    *,
    towns: Sequence[Outline],
    near: Sequence[Outline],
    told: Mapping[str, int],
    own: int | None,
) -> tuple[DatumLook, ...]:
    """Judge the rows under every datum: by the town the file tells, or by one's own."""
    landed = {
        datum: {place.line: _landing(place, towns, box) for place in places}
        for datum, places in found.items()
        for box in [home([place.point for place in places], near or towns)]
    }
    looks = []
    for datum, places in found.items():
        points, judged = [], 0
        for place in places:
            expected = told.get(place.town) if told else own
            verdict = _verdict(landed[datum][place.line], expected)
            judged += expected is not None and verdict != "far"
            points.append((place.point, verdict))
        differing = {
            other: _difference(landed[datum], landed[other]) for other in found if other != datum
        }
        looks.append(DatumLook(datum, tuple(points), judged, differing if towns else {}))
    return tuple(looks)


FAR = -1


def _landing(place: Place, towns: Sequence[Outline], box: Rectangle | None) -> int | None:
    """The 街镇 that holds the point; FAR for what would be held back."""
    if box is not None and not box.contains(*place.point):
        return FAR
    return containing(*place.point, towns)


def _verdict(landing: int | None, expected: int | None) -> Verdict:
    if landing == FAR:
        return "far"
    if expected is not None:
        return "in" if landing == expected else "elsewhere"
    return "in" if landing is not None else "outside"


def _difference(mine: Mapping[int, int | None], other: Mapping[int, int | None]) -> float:
    both = [line for line in mine if line in other and FAR not in (mine[line], other[line])]
    return sum(mine[line] != other[line] for line in both) / len(both) if both else 0.0


def _points(sheet: Sheet, columns: Columns, datum: Datum) -> list[Place]:
    found = []
    for row in sheet.rows:
        cells = columns.cells(row)
        try:
            lat, lon = (values.optional(values.number, cells[name]) for name in ("lat", "lon"))
            if lat is not None and lon is not None:
                found.append(Place(row.line, to_wgs84(*checked_point(lat, lon), datum)))
        except DomainError:
            # The import itself says what is wrong with such a row.
            continue
    return found


async def _towns(area_id: int) -> tuple[dict[int, str], list[Outline]]:
    """Every 街镇 with an outline in the whole tree: neighbours count, they are where rows stray."""
    rows = await run(
        "SELECT a.id, a.name, p.rings FROM area_ancestor up "
        "JOIN area top ON top.id = up.ancestor_id AND top.parent_id IS NULL "
        "JOIN area_ancestor down ON down.ancestor_id = top.id "
        "JOIN area a ON a.id = down.area_id AND a.level = {} "
        "JOIN place p ON p.area_id = a.id AND p.rings IS NOT NULL "
        "WHERE up.area_id = {} ORDER BY p.id DESC",
        TOWN_LEVEL,
        area_id,
    )
    names = {int(row["id"]): str(row["name"]) for row in rows}
    return names, [
        outline(row["id"], tuple(tuple(map(tuple, ring)) for ring in json.loads(row["rings"])))
        for row in rows
    ]
