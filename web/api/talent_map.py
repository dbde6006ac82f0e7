"""The map: what a view shows, one area's sheet, search as you type, the ground without tiles."""

import hashlib
from datetime import date
from typing import Annotated, Literal

from litestar import Response
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath
from litestar.params import QueryParameter as Query
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from talentmap.pins import search as searching
from talentmap.pins.filters import Filter, checked_filter
from talentmap.pins.outlines import Shape, newest_place, outlines
from talentmap.pins.rules import ZOOM_LEAST, ZOOM_MOST, checked_zoom, parsed_bounds
from talentmap.pins.sheet import AreaSheet, area_sheet
from talentmap.pins.version import map_version
from talentmap.pins.view import MapView, map_view
from talentmap.places.datum import Rectangle
from talentmap.talents.listing import audiences_of
from web import clock
from web.api.routing import anyone, get
from web.auth import WebRequest

GEOJSON = "application/geo+json"
DECIMALS = 5
# Another way to draw is another answer under the same address.
DRAWN_AS = "1"

Layer = Literal["talents", "activities", "places"]
Bounds = Annotated[
    str,
    Query(max_length=100, description="south,west,north,east in WGS-84 degrees"),
]
Zoom = Annotated[
    int,
    Query(ge=ZOOM_LEAST, le=ZOOM_MOST,
        description="Below 12 groups are subdistricts, below 16 estates, then buildings.",
    ),
]  # fmt: skip
Layers = Annotated[
    list[Layer] | None,
    Query(description="What to show; talents and activities if not said."),
]
Skills = Annotated[list[str] | None, Query(description="Codes of skills, at most 20.")]
Match = Annotated[Literal["any", "all"], Query(description="Any of the skills, or all of them.")]
Category = Annotated[
    str, Query(max_length=40, description="A category of skills, or of activities.")
]
Level = Annotated[
    Literal["", "interest", "teach", "certified"],
    Query(description="At least so good at it: interest, can teach, certified."),
]
Text = Annotated[str, Query(max_length=60, description="Chinese, pinyin, initials or English.")]
Day = Annotated[date | None, Query(description="Activities that start on this day.")]


class Version(Struct, frozen=True):
    """The number that rises with every change of what the map shows."""

    version: int


class Suggestions(Struct, frozen=True):
    """What is called so, best first."""

    suggestions: tuple[searching.Found, ...]


class Geometry(Struct, frozen=True):
    """Rings of [longitude, latitude]; a ring within a ring is a hole, by the even-odd rule."""

    coordinates: tuple[tuple[tuple[tuple[float, float], ...], ...], ...]
    type: Literal["MultiPolygon"] = "MultiPolygon"


class About(Struct, frozen=True):
    """Whose outline it is; ``drawn`` around the points of its places where none is known."""

    name: str
    level: str
    drawn: Literal["outline", "points"]


class Feature(Struct, frozen=True):
    """One area on the ground."""

    id: int
    properties: About
    geometry: Geometry
    type: Literal["Feature"] = "Feature"


class Ground(Struct, frozen=True):
    """GeoJSON of the ground, large areas first."""

    features: tuple[Feature, ...]
    type: Literal["FeatureCollection"] = "FeatureCollection"


async def wish_of(
    request: WebRequest,
    layer: Layers = None,
    skill: Skills = None,
    match: Match = "any",
    category: Category = "",
    level: Level = "",
    q: Text = "",
    day: Day = None,
) -> Filter:
    """What somebody looks for, checked."""
    return checked_filter(
        layers=layer or (), skills=skill or (), match=match, category=category, level=level,
        text=q, day=day.isoformat() if day else "", time_zone=request.user.time_zone,
    )  # fmt: skip


async def box_of(bbox: Bounds) -> Rectangle:
    """Where somebody looks, checked."""
    return parsed_bounds(bbox)


def person_of(request: WebRequest) -> int | None:
    """Whoever is signed in."""
    return request.user.me.person_id if request.user.me else None


Wish = NamedDependency[Filter]
Box = NamedDependency[Rectangle]
WISH = {"wish": Provide(wish_of)}
BOX = {"box": Provide(box_of)}


@get("/map", may=anyone, dependencies={**WISH, **BOX})
async def get_map(request: WebRequest, box: Box, wish: Wish, z: Zoom) -> MapView:
    """What the map shows of a view: groups, activities, and how much of all it is."""
    return await map_view(
        box=box, zoom=checked_zoom(z), wish=wish, now=clock.now(),
        audiences=await audiences_of(person_of(request)),
    )  # fmt: skip


@get("/map/areas/{area_id:int}", may=anyone, dependencies=WISH)
async def get_map_area(request: WebRequest, area_id: FromPath[int], wish: Wish) -> AreaSheet:
    """One area: who is shown there, and what one can join."""
    viewer_id = person_of(request)
    return await area_sheet(
        area_id, wish=wish, audiences=await audiences_of(viewer_id), viewer_id=viewer_id,
        now=clock.now(),
    )  # fmt: skip


@get("/map/version", may=anyone)
async def get_map_version() -> Version:
    """Whether anything on the map has changed."""
    return Version(await map_version())


@get("/map/outlines", may=anyone, dependencies=BOX, media_type=GEOJSON)
async def get_map_outlines(request: WebRequest, box: Box, z: Zoom) -> Response[Ground | None]:
    """The ground where there are no tiles: outlines, or shapes around the points of places."""
    etag = _etag(await newest_place(), box, z)
    if request.headers.get("if-none-match") == etag:
        return Response(None, status_code=304, headers={"etag": etag})
    shapes = await outlines(box=box, zoom=checked_zoom(z))
    ground = Ground(tuple(_feature(shape) for shape in shapes))
    return Response(ground, media_type=GEOJSON, headers={"etag": etag})


@get("/search", may=anyone)
async def search(q: Text = "") -> Suggestions:
    """Skills, activities and areas by name, pinyin, initials or English, as you type."""
    return Suggestions(await searching.search(q, now=clock.now()))


ROUTES: list[ControllerRouterHandler] = [
    get_map, get_map_area, get_map_version, get_map_outlines, search,
]  # fmt: skip


def _etag(*facts: object) -> str:
    text = "\n".join([DRAWN_AS, *(repr(fact) for fact in facts)])
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:24]}"'


def _feature(shape: Shape) -> Feature:
    polygons = tuple(
        (tuple((round(lon, DECIMALS), round(lat, DECIMALS)) for lat, lon in ring),)
        for ring in shape.rings
    )
    about = About(shape.name, shape.level, shape.drawn)
    return Feature(shape.area_id, about, Geometry(polygons))
