"""The tree of areas: subdistrict, committee, estate, building, stairwell."""

from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from points.community import areas
from web.api.answers import Page, paged
from web.api.routing import LIMIT, After, Limit, anyone, get


@get("/areas", may=anyone)
async def list_root_areas() -> list[areas.AreaView]:
    """The tops of the tree."""
    return await areas.roots()


@get("/areas/{area_id:int}", may=anyone)
async def get_area(area_id: FromPath[int]) -> areas.AreaView:
    """One area, with the names that lead to it."""
    return await areas.area(area_id)


@get("/areas/{area_id:int}/children", may=anyone)
async def list_areas_within(
    area_id: FromPath[int], after: After = None, limit: Limit = LIMIT
) -> Page[areas.AreaView]:
    """What lies directly in an area, by number."""
    await areas.area(area_id)
    inside = sorted(await areas.children(area_id), key=lambda one: one.id)
    return paged([one for one in inside if one.id > (after or 0)], limit, lambda one: one.id)


ROUTES: list[ControllerRouterHandler] = [list_root_areas, get_area, list_areas_within]
