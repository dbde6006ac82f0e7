"""What lies under the talent map: nothing but outlines, or the tiles of a host that was chosen.

Out of the box the map asks nobody but us.  Whoever wants streets names a source of tiles, the datum
they are drawn in, the key they ask for and the line of credit (审图号) they must show.
"""

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, urlsplit

from markupsafe import escape

from points.errors import Invalid
from web.settings import Settings

GroundDatum = Literal["wgs84", "gcj02"]
NONE = "none"
_PART = re.compile(r"\{(\w+)\}")
_FILLED_BY_LEAFLET = frozenset({"x", "y", "z", "s", "r"})


class MapTilesWrong(Invalid):
    """The setting does not say where tiles come from."""

    message = (
        "LINLI_MAP_TILES is “{tiles}”. Write none, osm, tianditu, amap, or an address with "
        "{{z}}, {{x}} and {{y}} in it, on this site or beginning with http."
    )


class MapDatumWrong(Invalid):
    """Leaflet draws Web Mercator; Baidu's own grid it cannot."""

    message = "LINLI_MAP_DATUM is “{datum}”. It can be wgs84 or gcj02."


class MapKeyMissing(Invalid):
    """The host gives no tiles to those without a key."""

    message = "These map tiles need a key: set LINLI_MAP_KEY."


@dataclass(frozen=True, slots=True)
class Ground:
    """Layers of tiles from below to above, all in one datum; no layer at all is the default."""

    layers: tuple[str, ...] = ()
    datum: GroundDatum = "wgs84"
    credit: str = ""
    subdomains: str = "abc"
    zoom_max: int = 18

    @property
    def hosts(self) -> tuple[str, ...]:
        """Where pictures may be loaded from, for the policy of the page; none for our own."""
        names = [f"{p.scheme}://{p.netloc}" for p in map(urlsplit, self.layers) if p.netloc]
        spread = [
            name.replace("{s}", letter)
            for name in names
            for letter in (self.subdomains if "{s}" in name else "-")
        ]
        return tuple(dict.fromkeys(spread))


_TIANDITU = (
    "https://t{s}.tianditu.gov.cn/%s_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=%s"
    "&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk={key}"
)
KNOWN: dict[str, Ground] = {
    NONE: Ground(),
    "osm": Ground(
        ("https://tile.openstreetmap.org/{z}/{x}/{y}.png",),
        credit="© OpenStreetMap contributors",
        zoom_max=19,
    ),
    "tianditu": Ground(
        (_TIANDITU % ("vec", "vec"), _TIANDITU % ("cva", "cva")),
        credit="天地图 © 国家地理信息公共服务平台",
        subdomains="01234567",
    ),
    "amap": Ground(
        (
            "https://webrd0{s}.is.autonavi.com/appmaptile?lang=zh_cn&size=1&scale=1&style=8"
            "&x={x}&y={y}&z={z}",
        ),
        datum="gcj02",
        credit="© 高德地图",
        subdomains="1234",
    ),
}


def ground_of(settings: Settings) -> Ground:
    """The ground that the settings choose; what they say must make sense."""
    tiles = settings.map_tiles or NONE
    known = KNOWN.get(tiles.lower()) or Ground((_address(tiles),))
    return Ground(
        layers=tuple(_with_key(layer, settings.map_key) for layer in known.layers),
        datum=_datum(settings.map_datum, known.datum),
        # Leaflet shows a credit as HTML; ours is a line of text.
        credit=str(escape(settings.map_credit or known.credit)),
        subdomains=known.subdomains,
        zoom_max=known.zoom_max,
    )


def _address(tiles: str) -> str:
    parts = set(_PART.findall(tiles))
    try:
        here = urlsplit(tiles)
    except ValueError:
        raise MapTilesWrong(tiles=tiles) from None
    abroad = here.scheme in {"http", "https"} and re.fullmatch(r"[\w.{}:\[\]-]+", here.netloc)
    at_home = not here.scheme and tiles.startswith("/") and not here.netloc
    whole = {"z", "x", "y"} <= parts <= _FILLED_BY_LEAFLET | {"key"}
    if not whole or not (abroad or at_home):
        raise MapTilesWrong(tiles=tiles)
    return tiles


def _with_key(layer: str, key: str) -> str:
    if "{key}" not in layer:
        return layer
    if not key:
        raise MapKeyMissing
    return layer.replace("{key}", quote(key, safe=""))


def _datum(wished: str, usual: GroundDatum) -> GroundDatum:
    wished = wished.lower()
    if wished == "wgs84":
        return "wgs84"
    if wished == "gcj02":
        return "gcj02"
    if wished:
        raise MapDatumWrong(datum=wished)
    return usual
