"""Who may look at the map: everybody; it shows each what she may see."""

from collections.abc import Mapping

from tests.web.access_entry import ALL, Entry

MAP: Mapping[str, Entry] = {
    "GET /map": Entry(ALL),
    "GET /map/main.js": Entry(ALL),
}
