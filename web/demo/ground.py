"""Where the demo's areas lie, in WGS-84: real ground, with buildings on a plausible grid."""

from datetime import datetime
from typing import Final

from points.community.areas import AreaView, children
from talentmap.places.putting import put_place
from web.demo.people import COMMITTEES, SUBDISTRICT

POINTS: Final = {
    SUBDISTRICT: (31.1905, 121.3170),
    "爱博五村居委会": (31.1978, 121.3052),
    "爱博五村": (31.1978, 121.3052),
    "航华一村第五居委会": (31.1846, 121.3508),
    "航华一村": (31.1846, 121.3508),
    "沙茂居委会": (31.1889, 121.3216),
    "茂盛花苑": (31.1902, 121.3186),
    "春申府邸": (31.1874, 121.3247),
}
# Three buildings to a row, 60 metres apart, rows 45 metres behind each other.
COLUMNS: Final = 3
EAST_STEP: Final = 0.00063
SOUTH_STEP: Final = 0.0004


async def lay_out(*, subdistrict_id: int, now: datetime) -> None:
    """Give every area of the demo a place, down to the building."""
    await _put(subdistrict_id, POINTS[SUBDISTRICT], now)
    for committee in await children(subdistrict_id):
        await _put(committee.id, POINTS[committee.name], now)
        for estate in await children(committee.id):
            await _put(estate.id, POINTS[estate.name], now)
            for number, building in enumerate(await children(estate.id)):
                await _put(building.id, _on_grid(estate, number), now)


def _on_grid(estate: AreaView, number: int) -> tuple[float, float]:
    """The place of a building among those of its estate, around the middle."""
    lat, lon = POINTS[estate.name]
    row, column = divmod(number, COLUMNS)
    middle_row = (_buildings(estate.name) - 1) // COLUMNS / 2
    south = (row - middle_row) * SOUTH_STEP
    return round(lat - south, 6), round(lon + (column - 1) * EAST_STEP, 6)


def _buildings(estate_name: str) -> int:
    estates = (estate for committee in COMMITTEES for estate in committee.estates)
    return next(estate.buildings for estate in estates if estate.name == estate_name)


async def _put(area_id: int, point: tuple[float, float], now: datetime) -> None:
    await put_place(
        actor_id=None, area_id=area_id, lat=point[0], lon=point[1], datum="wgs84", now=now
    )
