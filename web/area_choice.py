"""Choosing an area step by step: where one is, everything around it, and what lies just below."""

from points.community import areas
from points.community.areas import AreaView

# Above the committee an area is other people's business as well; one looks downwards from here.
TOPMOST_LEVELS = ("committee", "neighbourhood", "subdistrict")


async def area_choice(chosen: AreaView, top_ids: tuple[int, ...] = ()) -> list[tuple[int, str]]:
    """(id, name) of the areas around ``chosen`` up to its committee, itself, and those below.

    With ``top_ids`` the way up ends at the first of them, and all of them are offered.
    """
    around = await lineage(chosen)
    tops = {area.id for area in around} & set(top_ids)
    if not tops:
        tops = {area.id for area in around if area.level in TOPMOST_LEVELS} or {around[0].id}
    start = max(index for index, area in enumerate(around) if area.id in tops)
    if top_ids:
        start = min(index for index, area in enumerate(around) if area.id in tops)
    others = [area for area in (await areas.areas(top_ids)).values() if area.id not in tops]
    found = [*others, *around[start:], *await areas.children(chosen.id)]
    return [(area.id, " · ".join(area.path[-2:])) for area in found]


async def first_area(area_id: int) -> int:
    """The neighbourhood somebody looks at first: the topmost of those offered where she lives."""
    return (await area_choice(await areas.area(area_id)))[0][0]


async def lineage(area: AreaView) -> list[AreaView]:
    """From the root down to the area itself."""
    line = [area]
    while line[0].parent_id is not None:
        line.insert(0, await areas.area(line[0].parent_id))
    return line
