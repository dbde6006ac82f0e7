"""Where a row's person lives: the estate named, and its building and stairwell, known or new."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from points.community.areas import AreaView
from points.community.rules import may_contain
from points.imports.areas import NewArea, add_areas
from points.imports.errors import AreaUnclear
from points.imports.people_reading import (
    PersonRow,
    building_key,
    building_name,
    stairwell_key,
    stairwell_name,
)
from points.transactions import run

# From the estate down: (level, key of the name).
Home = tuple[int, tuple[tuple[str, str], ...]]


@dataclass(slots=True)
class Homes:
    """The areas below the root, and those that the file adds."""

    root: AreaView
    estates: Mapping[str, int]
    known: dict[Home, int]
    parents: Mapping[int, int | None]
    may_add_estates: bool = False
    names: dict[Home, str] = field(default_factory=dict)
    new_estates: dict[str, int] = field(default_factory=dict)
    """Names of estates to be made, under numbers below zero that no area has."""

    def home_of(self, row: PersonRow) -> Home:
        """Estate, then building and stairwell as far as the row says; refuses unclear estates."""
        steps = []
        estate_id = self._estate(row)
        for level, said, key, called in (
            ("building", row.building, building_key, building_name),
            ("stairwell", row.stairwell, stairwell_key, stairwell_name),
        ):
            if said:
                steps.append((level, key(said)))
                self.names.setdefault((estate_id, tuple(steps)), called(said))
        return estate_id, tuple(steps)

    def area_id(self, home: Home) -> int | None:
        """The area, if it exists already."""
        estate_id, steps = home
        return self.known.get(home) if steps or estate_id < 0 else estate_id

    def is_inside(self, area_id: int, other_id: int) -> bool:
        """Whether an area is, or lies in, another one below the root."""
        here: int | None = area_id
        while here is not None and here != other_id:
            here = self.parents.get(here)
        return here == other_id

    def _estate(self, row: PersonRow) -> int:
        if row.estate:
            key = row.estate.replace(" ", "")
            if key == self.root.name.replace(" ", ""):
                return self.root.id
            if key in self.estates:
                return self.estates[key]
            if not self.may_add_estates:
                raise row.reader.refused("estate", AreaUnclear(value=row.estate))
            return self.new_estates.setdefault(row.estate, -1 - len(self.new_estates))
        if may_contain("neighbourhood", self.root.level) or not (row.building or row.stairwell):
            return self.root.id
        if len(self.estates) == 1:
            return next(iter(self.estates.values()))
        raise row.reader.refused("estate", AreaUnclear(value=""))


async def load_homes(root: AreaView, *, may_add_estates: bool) -> Homes:
    """Everything below the root."""
    rows = await run(
        "SELECT a.id, a.parent_id, a.level, a.name FROM area_ancestor c "
        "JOIN area a ON a.id = c.area_id WHERE c.ancestor_id = {} ORDER BY c.depth, a.id",
        root.id,
    )
    homes = Homes(
        root=root,
        estates={row["name"].replace(" ", ""): row["id"] for row in rows if _is_estate(row)},
        known={},
        parents={row["id"]: row["parent_id"] for row in rows if row["id"] != root.id},
        may_add_estates=may_add_estates and may_contain(root.level, "estate"),
    )
    place: dict[int, Home] = {}
    for row in rows:
        above = place.get(row["parent_id"])
        if above is None or row["level"] not in ("building", "stairwell"):
            place[row["id"]] = (row["id"], ())
            continue
        key = building_key if row["level"] == "building" else stairwell_key
        place[row["id"]] = (above[0], (*above[1], (row["level"], key(row["name"]))))
        homes.known.setdefault(place[row["id"]], row["id"])
    return homes


def _is_estate(row: Mapping[str, object]) -> bool:
    return row["level"] == "estate"


async def build_homes(*, homes: Homes, wanted: Iterable[Home], now: datetime) -> None:
    """Make the estates, then the buildings, then the stairwells, that do not exist yet."""
    wanted = list(wanted)
    used = {estate_id for estate_id, _ in wanted}
    estates: dict[NewArea, Home] = {
        NewArea(homes.root.id, "estate", name): (number, ())
        for name, number in homes.new_estates.items()
        if number in used
    }
    for area, area_id in (await add_areas(areas=list(estates), now=now)).items():
        homes.known[estates[area]] = area_id
    missing = {
        (estate_id, steps[:depth])
        for estate_id, steps in wanted
        for depth in range(1, len(steps) + 1)
        if (estate_id, steps[:depth]) not in homes.known
    }
    for depth in (1, 2):
        level = sorted(home for home in missing if len(home[1]) == depth)
        areas: dict[NewArea, Home] = {}
        for home in level:
            parent_id = homes.area_id((home[0], home[1][:-1]))
            assert parent_id is not None, "parents are made first"
            areas[NewArea(parent_id, home[1][-1][0], homes.names[home])] = home
        for area, area_id in (await add_areas(areas=list(areas), now=now)).items():
            homes.known[areas[area]] = area_id
