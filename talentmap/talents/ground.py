"""Keep what is shown of talents where the areas lie, when an area is put somewhere else."""

from typing import Final

from points.transactions import run, use_case
from talentmap.talents.publication import wait_in_line

_NEAREST: Final = (
    "(SELECT p.{axis} FROM area_ancestor y JOIN place p ON p.area_id = y.ancestor_id "
    "WHERE y.area_id = {area} ORDER BY y.depth LIMIT 1)"
)


def _moved(table: str, area: str) -> str:
    """The statement that brings the rows whose area lies elsewhere now to where it lies."""
    lat, lon = (_NEAREST.format(axis=axis, area=area) for axis in ("lat", "lon"))
    return (
        f"UPDATE {table} SET lat = {lat}, lon = {lon} WHERE {area} IS NOT NULL "
        f"AND (COALESCE(lat, 99) <> COALESCE({lat}, 99) "
        f"OR COALESCE(lon, 999) <> COALESCE({lon}, 999))"
    )


@use_case
async def follow_places() -> None:
    """Bring profiles, skills and counts to the places of their areas; skills follow by trigger."""
    if not await run("SELECT person_id FROM talent_profile LIMIT 1"):
        return
    await wait_in_line()
    await run(_moved("talent_profile", "talent_profile.published_area_id"))
    await run(_moved("talent_count", "talent_count.area_id"))
