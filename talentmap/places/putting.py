"""Put one area on the map by hand."""

from datetime import datetime

from points.community import areas, grants
from points.transactions import run, use_case
from talentmap.places.datum import DATUMS, Datum, to_wgs84
from talentmap.places.errors import UnknownDatum
from talentmap.places.rules import checked_point
from talentmap.talents.ground import follow_places


@use_case
async def put_place(
    *, actor_id: int | None, area_id: int, lat: float, lon: float, datum: Datum, now: datetime
) -> None:
    """Say where an area lies; a steward of it may, or the operator.  An outline it has stays."""
    if datum not in DATUMS:
        raise UnknownDatum
    here = (await areas.area(area_id)).id
    if actor_id is not None:
        today = await areas.day_in(here, now)
        await grants.require(person_id=actor_id, roles=("steward",), area_id=here, today=today)
    point = to_wgs84(*checked_point(lat, lon), datum)
    await run(
        "INSERT INTO place (area_id, lat, lon, source_datum, source_key, imported_at) "
        "VALUES ({}, {}, {}, {}, {}, {}) ON CONFLICT (area_id) DO UPDATE SET lat = excluded.lat, "
        "lon = excluded.lon, source_datum = excluded.source_datum, "
        "imported_at = excluded.imported_at",
        here,
        *point,
        datum,
        f"area:{here}",
        now,
    )
    await follow_places()
