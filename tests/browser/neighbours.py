"""What a browser test of the map needs besides the cast: ground, talents, an activity for ten."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from points.community.people import enrol
from talentmap.activities.proposals import propose
from talentmap.activities.signups import sign_up
from talentmap.places.putting import put_place
from talentmap.talents.profiles import save_profile, set_skills, set_visibility
from tests.browser.crowd import NAMES
from tests.browser.stage import Stage

# What would run, if a page took words for more than words.
NASTY = "${alert(1)}</script><img src=x onerror=alert(2)>"
NASTY_NAME = "<img src=x onerror=alert(2)>${alert(1)}"
TITLE = "手机摄影小课堂"


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Activities: one that lacks a single neighbour, one whose title would like to be a script."""

    nearly: int
    nasty: int


async def come_together(stage: Stage) -> Neighbours:
    """Ground under the estate, ten talents in it, nine of them signed up for an activity."""
    cast, now = stage.cast, datetime.now(UTC)
    points = {
        cast.subdistrict: (31.1905, 121.3170), cast.committee: (31.1978, 121.3052),
        cast.estate: (31.1979, 121.3053), cast.building_1: (31.1985, 121.3045),
        cast.building_2: (31.1972, 121.3061),
    }  # fmt: skip
    for area_id, (lat, lon) in points.items():
        await put_place(
            actor_id=None, area_id=area_id, lat=lat, lon=lon, datum="wgs84", now=now
        )  # fmt: skip
    people = [await _talent(stage, number, now) for number in range(len(NAMES))]
    nearly = await gather(stage, TITLE, "teaching", now)
    for person_id in people[:9]:
        await sign_up(
            actor_id=person_id, activity_id=nearly, person_id=person_id, party_size=1, now=now
        )
    return Neighbours(nearly, await gather(stage, NASTY, "cleaning", now))


async def _talent(stage: Stage, number: int, now: datetime) -> int:
    """Every one cuts hair; the first has a name that would like to be a script."""
    cast = stage.cast
    home = (cast.stairwell_11, cast.stairwell_21)[number % 2]
    person_id = await enrol(name=NAMES[number], area_id=home, now=now, actor_id=None)
    nickname = NASTY_NAME if number == 0 else f"会剪头发的{NAMES[number]}"
    await save_profile(person_id=person_id, nickname=nickname, about="", times=(), now=now)
    await set_skills(person_id=person_id, levels={"haircut": "teach"}, now=now)
    await set_visibility(person_id=person_id, visibility="public", agrees=True, now=now)
    return person_id


async def gather(stage: Stage, title: str, category: str, now: datetime) -> int:
    """Somebody proposes it for next week."""
    starts_at = now + timedelta(days=6)
    return await propose(
        actor_id=stage.cast.wang_fang, area_id=stage.cast.committee, title=title, summary="",
        category=category, activity_class="interest", place="小区花园", starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2), deadline_at=starts_at, minimum=10, capacity=20,
        risk="", risky=False, insured=False, to_bring="", talent_id=None, now=now,
    )  # fmt: skip
