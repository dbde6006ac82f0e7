"""Who may ask what the map shows: anybody; what she sees is decided by her audiences."""

from collections.abc import Mapping

from tests.web.access_entry import ALL, Entry

VIEW = "?bbox=31.1,121.2,31.3,121.4&z=14"
PINS: Mapping[str, Entry] = {
    "GET /api/map": Entry(ALL, query=VIEW),
    "GET /api/map/areas/{area_id:int}": Entry(ALL),
    "GET /api/map/version": Entry(ALL),
    "GET /api/map/outlines": Entry(ALL, query=VIEW),
    "GET /api/search": Entry(ALL, query="?q=%E6%96%B0%E8%99%B9"),
    "GET /map/events": Entry(ALL),
}
