"""Neighbours who list themselves, for the tests of talents."""

from datetime import UTC, datetime, timedelta

from points.community.people import enrol
from talentmap.places.putting import put_place
from talentmap.talents.profiles import save_profile, set_skills, set_visibility
from tests.cast import Cast

NOW = datetime(2026, 11, 27, 2, 0, tzinfo=UTC)
WEEK = timedelta(days=7)


async def ground(who: Cast) -> None:
    """Give the estate and its first building a place; the second has none of its own."""
    for area, lat, lon in (
        (who.subdistrict, 31.19, 121.31),
        (who.estate, 31.198, 121.305),
        (who.building_1, 31.1985, 121.3045),
    ):
        await put_place(actor_id=None, area_id=area, lat=lat, lon=lon, datum="wgs84", now=NOW)


async def settle(area_id: int, count: int, *, prefix: str = "邻居") -> list[int]:
    """Enrol some people."""
    return [
        await enrol(name=f"{prefix}{number}", area_id=area_id, now=NOW, actor_id=None)
        for number in range(count)
    ]


async def lists(
    person_id: int,
    visibility: str = "public",
    *,
    now: datetime = NOW,
    nickname: str = "",
    times: tuple[str, ...] = (),
    **levels: str,
) -> int:
    """Write a profile, name skills, and say who may see it."""
    await save_profile(
        person_id=person_id,
        nickname=nickname or f"talent{person_id}",
        about="",
        times=times,
        now=now,
    )
    await set_skills(person_id=person_id, levels=levels or {"tai_chi": "teach"}, now=now)
    await set_visibility(person_id=person_id, visibility=visibility, agrees=True, now=now)
    return person_id


async def listed(area_id: int, count: int, visibility: str = "public", **levels: str) -> list[int]:
    """Some new people at an area, each with a profile."""
    return [await lists(one, visibility, **levels) for one in await settle(area_id, count)]
