"""How groups are called, and what their people can do most."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from points.transactions import run
from talentmap.pins.kept import kept_each
from talentmap.pins.people import Look

TOP_MOST: Final = 3
Key = tuple[int, tuple[int, ...], int]


@dataclass(frozen=True, slots=True)
class Label:
    """The area that a group is called by."""

    area_id: int
    name: str
    level: str


async def labels_of(groups: Sequence[Collection[int]]) -> list[Label]:
    """The area of each group; several areas at one point go by the nearest one around them all."""
    shared = await _around([group for group in groups if len(group) > 1])
    chosen = [shared[frozenset(group)] if len(group) > 1 else next(iter(group)) for group in groups]
    if not chosen:
        return []
    numbers = ", ".join(str(int(number)) for number in sorted(set(chosen)))
    rows = await run(f"SELECT id, name, level FROM area WHERE id IN ({numbers})")
    labels = {row["id"]: Label(int(row["id"]), row["name"], row["level"]) for row in rows}
    return [labels[number] for number in chosen]


async def _around(groups: Sequence[Collection[int]]) -> dict[frozenset[int], int]:
    """The nearest common area around each group; its first area where the trees differ."""
    if not groups:
        return {}
    numbers = ", ".join(str(int(one)) for one in sorted({one for group in groups for one in group}))
    rows = await run(
        "SELECT area_id, ancestor_id, depth FROM area_ancestor "
        f"WHERE area_id IN ({numbers}) ORDER BY area_id, depth"
    )
    above: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        above[row["area_id"]].append(row["ancestor_id"])
    found = {}
    for group in groups:
        first, *others = sorted(group)
        common = set(above[first]).intersection(*(above[other] for other in others))
        found[frozenset(group)] = next((one for one in above[first] if one in common), first)
    return found


async def top_skills(
    look: Look, area_ids: Collection[int | None], version: int
) -> Mapping[int, tuple[str, ...]]:
    """What most people of each area can do; of one skill that is looked for, just that."""
    wanted = sorted({number for number in area_ids if number})
    if not wanted:
        return {}
    skill = look.wish.one_skill
    if skill:
        return dict.fromkeys(wanted, (skill,))
    if skill is None:
        return {}
    keys = {(version, look.audiences, area_id): area_id for area_id in wanted}

    async def counted(missing: list[Key]) -> dict[Key, tuple[str, ...]]:
        tops = await _counted([keys[key] for key in missing], look.audience_list)
        return {key: tops.get(keys[key], ()) for key in missing}

    return {keys[key]: top for key, top in (await kept_each(keys, counted)).items()}


async def _counted(area_ids: Sequence[int], audiences: str) -> Mapping[int, tuple[str, ...]]:
    """The few skills that most people of each area have; the database keeps the rest to itself."""
    numbers = ", ".join(str(number) for number in area_ids)
    rows = await run(
        "SELECT area_id, skill_code FROM (SELECT area_id, skill_code, ROW_NUMBER() OVER ("
        "PARTITION BY area_id ORDER BY SUM(people_within) DESC, skill_code) AS place "
        f"FROM talent_count WHERE area_id IN ({numbers}) AND skill_code > '' "
        f"AND audience_id IN ({audiences}) GROUP BY area_id, skill_code) ranked "
        f"WHERE place <= {TOP_MOST} ORDER BY area_id, place"
    )
    tops: dict[int, tuple[str, ...]] = {}
    for row in rows:
        tops[row["area_id"]] = (*tops.get(row["area_id"], ()), row["skill_code"])
    return tops
