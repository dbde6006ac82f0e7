"""What a view of the map shows: groups by area or by cell, activities, and how much of all it is.

Whatever lies in the view is in the answer, in some group: nothing is cut off.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Literal

from talentmap.pins import gatherings, grounds, people
from talentmap.pins.filters import Filter, Layer
from talentmap.pins.gatherings import ActivityPin
from talentmap.pins.kept import kept
from talentmap.pins.labels import Label, labels_of, top_skills
from talentmap.pins.outlines import newest_place
from talentmap.pins.people import Cell, Look, Spot
from talentmap.pins.rules import (
    ANSWER_BYTES,
    AREAS_MOST,
    BYTES_MOST,
    LISTED_ACTIVITIES_MOST,
    Grid,
    activity_bytes,
    grid_of,
    group_bytes,
    tier_of,
)
from talentmap.pins.version import map_version
from talentmap.places.datum import Rectangle

DECIMALS: Final = 5
CELL_LEVEL: Final = "cell"


@dataclass(frozen=True, slots=True)
class Group:
    """People, activities or places that are drawn as one."""

    kind: Layer
    id: str
    area: int | None
    name: str | None
    level: str
    lat: float
    lon: float
    people: int
    activities: int
    top: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MapView:
    """The answer: ``shown`` of ``total`` matching people, activities and places are in it."""

    version: int
    shown: int
    total: int
    groups: tuple[Group, ...]
    activities: tuple[ActivityPin, ...]
    datum: Literal["wgs84"] = "wgs84"


# Groups, and how many people, activities and places are in them.
Drawn = tuple[tuple[Group, ...], int]


@dataclass(slots=True)
class Node:
    """What comes together at one point, or in one cell."""

    lat: float
    lon: float
    areas: set[int] = field(default_factory=set)
    numbers: dict[Layer, int] = field(default_factory=lambda: defaultdict(int))
    cell: str = ""


async def map_view(
    *, box: Rectangle, zoom: int, wish: Filter, audiences: tuple[int, ...], now: datetime
) -> MapView:
    """What whoever belongs to these audiences sees in a view."""
    look = Look(box, tier_of(zoom), wish, audiences)
    version = await map_version()
    listed = await _listed(look, now)
    spots = await _spots(look, version, listed, now)
    drawn = await _by_area(look, version, spots, _room(listed))
    if drawn is None:
        grid = grid_of(box, zoom)
        drawn = await _by_cell(look, grid, spots, now, _room(listed))
    groups, shown = drawn
    return MapView(
        version=version,
        shown=shown + len(listed or ()),
        total=await _total(look, version, now),
        groups=groups,
        activities=tuple(listed or ()),
    )


async def _total(look: Look, version: int, now: datetime) -> int:
    """How many there are anywhere; what needs a walk through an index is asked once a version."""
    wish, total = look.wish, 0
    if "talents" in wish.layers:
        asked = ("people", version, look.audiences, wish.clauses, wish.levels)
        total += await kept(asked, lambda: people.everybody(look))
    if "activities" in wish.layers:
        total += await gatherings.every_gathering(wish, now=now)
    if "places" in wish.layers:
        key = ("places", await newest_place(), look.tier, wish.text)
        total += await kept(key, lambda: grounds.every_place(wish, look.tier))
    return total


async def _listed(look: Look, now: datetime) -> list[ActivityPin] | None:
    """The activities of the view one by one; None where they are too many for that."""
    if "activities" not in look.wish.layers:
        return []
    most = LISTED_ACTIVITIES_MOST
    found = await gatherings.pins(look, now=now, most=most + 1)
    if len(found) > most:
        return None
    return [_rounded(one) for one in found]


def _rounded(pin: ActivityPin) -> ActivityPin:
    return replace(pin, lat=round(pin.lat, DECIMALS), lon=round(pin.lon, DECIMALS))


def _room(listed: Sequence[ActivityPin] | None) -> int:
    """How many bytes are left for the groups."""
    said = sum(activity_bytes(one.title, one.area_name) for one in listed or ())
    return BYTES_MOST - ANSWER_BYTES - said


@dataclass(frozen=True, slots=True)
class Spots:
    """What one layer has in a view; with more than ``most`` of them not all are here."""

    layer: Layer
    most: int
    found: Sequence[Spot]


async def _spots(
    look: Look, version: int, listed: Sequence[ActivityPin] | None, now: datetime
) -> tuple[Spots, ...]:
    """The layers that are shown as groups."""
    most, layers = AREAS_MOST, list[Spots]()
    if "talents" in look.wish.layers:
        for_each = most * len(look.audiences)
        found = await people.spots(look, version=version, most=for_each + 1)
        layers.append(Spots("talents", for_each, found))
    if listed is None:
        counted = await gatherings.gathering_spots(look, now=now, most=most + 1)
        layers.append(Spots("activities", most, counted))
    if "places" in look.wish.layers:
        layers.append(Spots("places", most, await grounds.place_spots(look, most=most + 1)))
    return tuple(layers)


# --- by area


async def _by_area(look: Look, version: int, layers: Sequence[Spots], room: int) -> Drawn | None:
    """The groups of a view that few enough areas share; None where it takes a grid."""
    if any(len(one.found) > one.most for one in layers):
        return None
    nodes = _nodes(layers)
    if len(nodes) > AREAS_MOST:
        return None
    labels = await labels_of([node.areas for node in nodes])
    room -= sum(group_bytes(label.name, ()) for label in labels)
    if room < 0:
        return None
    groups = _area_groups(nodes, labels)
    tops = await top_skills(look, [group.area for group in groups if group.people], version)
    topped = [replace(group, top=tops.get(group.area or 0, ())) for group in groups]
    cost = sum(group_bytes("", group.top) - group_bytes("", ()) for group in topped)
    return tuple(topped if cost <= room else groups), _shown(nodes)


def _nodes(layers: Sequence[Spots]) -> list[Node]:
    """What the areas of a view have, together where it stands at one point."""
    nodes: dict[tuple[float, float], Node] = {}
    for one in layers:
        for spot in one.found:
            point = (spot.lat, spot.lon)
            node = nodes.setdefault(point, Node(*point))
            node.areas.add(spot.area_id)
            node.numbers[one.layer] += spot.number
    return list(nodes.values())


def _area_groups(nodes: Sequence[Node], labels: Sequence[Label]) -> list[Group]:
    """Each under a number of its own: two points may go by the name of one area around both."""
    named: set[int] = set()
    groups = []
    for node, label in zip(nodes, labels, strict=True):
        again = label.area_id in named
        named.add(label.area_id)
        number = f"p{node.lat:.5f}:{node.lon:.5f}" if again else f"a{label.area_id}"
        groups.append(_group(node, number, label))
    return groups


def _group(node: Node, number: str, label: Label | None) -> Group:
    kinds: tuple[Layer, ...] = ("talents", "activities", "places")
    return Group(
        kind=next(kind for kind in kinds if node.numbers.get(kind)),
        id=number,
        area=label.area_id if label else None,
        name=label.name if label else None,
        level=label.level if label else CELL_LEVEL,
        lat=round(node.lat, DECIMALS),
        lon=round(node.lon, DECIMALS),
        people=node.numbers.get("talents", 0),
        activities=node.numbers.get("activities", 0),
    )


# --- by cell


async def _by_cell(
    look: Look, grid: Grid, layers: Sequence[Spots], now: datetime, room: int
) -> Drawn:
    """The groups of a crowded view.  A cell that holds one area alone is called by its name."""
    nodes: dict[str, Node] = {}
    for one in layers:
        for cell in await _cells(look, grid, one, now):
            name = grid.name(cell.column, cell.row)
            node = nodes.setdefault(name, Node(cell.lat, cell.lon, cell=name))
            node.areas |= {cell.area_id or 0}
            node.numbers[one.layer] += cell.number
    return await _cell_groups(list(nodes.values()), room), _shown(nodes.values())


async def _cells(look: Look, grid: Grid, spots: Spots, now: datetime) -> list[Cell]:
    if spots.layer == "talents":
        return await people.cells(look, grid, spots.found)
    if spots.layer == "activities":
        return await gatherings.gathering_cells(look, grid, now=now)
    return await grounds.place_cells(look, grid)


async def _cell_groups(nodes: Sequence[Node], room: int) -> tuple[Group, ...]:
    alone = [node.areas for node in nodes if _is_alone(node)]
    by_area = {label.area_id: label for label in await labels_of(alone)}
    groups = [_cell_group(node, by_area) for node in nodes]
    if _bytes(groups) > room:
        groups = [_cell_group(node, {}) for node in nodes]
    return tuple(groups)


def _cell_group(node: Node, labels: Mapping[int, Label]) -> Group:
    label = labels.get(next(iter(node.areas))) if _is_alone(node) else None
    return _group(node, f"a{label.area_id}" if label else node.cell, label)


def _shown(nodes: Iterable[Node]) -> int:
    return sum(sum(node.numbers.values()) for node in nodes)


def _is_alone(node: Node) -> bool:
    return len(node.areas) == 1 and 0 not in node.areas


def _bytes(groups: Iterable[Group]) -> int:
    return sum(group_bytes(group.name or "", group.top) for group in groups)
