"""达人地图: the map, the list beside it that does all that the map does, and the map's script."""

from typing import Annotated, Any, Literal

from litestar import Response, get
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct

from talentmap.places.datum import Rectangle
from talentmap.talents.listing import audiences_of
from web.auth import WebRequest
from web.forms import wanted
from web.map_choices import chips, choices
from web.map_first import first_of
from web.map_html import shell
from web.map_list import MapList, listed
from web.map_query import USUAL_LAYERS, MapQuery, checked
from web.pages import page

SCRIPT = "text/javascript; charset=utf-8"


class ScriptQuery(Struct, frozen=True):
    """The script speaks one language; ``v`` names its content."""

    v: Annotated[str, Meta(max_length=40)] = ""
    language: Literal["zh", "en"] = "zh"


@get("/map")
async def map_page(request: WebRequest) -> Response[Any]:
    """The map and the list of who can do what near here."""
    query, language = wanted(request, MapQuery), request.user.language
    found = await _found(request, query)
    drawn = shell(language, request.app.state.ground)
    return page(
        request, "map/page.html", query=query, found=found, shell=drawn,
        bounds=_bounds(found.box), first=first_of(found.view, found.zoom),
        datum=request.app.state.ground.datum,
        choices=choices(language), chips=chips(query, language), usual_layers=USUAL_LAYERS,
        script=f"/map/main.js?v={drawn.etag[1:-1]}&language={language}",
    )  # fmt: skip


@get("/map/main.js")
async def map_script(request: WebRequest) -> Response[Any]:
    """What Folium wrote: the same for everybody who reads this language."""
    drawn = shell(wanted(request, ScriptQuery).language, request.app.state.ground)
    known = request.headers.get("if-none-match") == drawn.etag
    return Response(
        None if known else drawn.script, status_code=304 if known else 200, media_type=SCRIPT,
        headers={"etag": drawn.etag},
    )  # fmt: skip


ROUTES: list[ControllerRouterHandler] = [map_page, map_script]


async def _found(request: WebRequest, query: MapQuery) -> MapList:
    me = request.user.me
    audiences = await audiences_of(me.person_id if me else None)
    return await listed(request, query, checked(query, request.user.time_zone), audiences)


def _bounds(box: Rectangle | None) -> str:
    """Where the map looks first: at the area in the list, or at everything there is."""
    sides = (box.south, box.west, box.north, box.east) if box else ()
    return ",".join(f"{side:.6f}" for side in sides)
