"""What one area's sheet on the map says: who is shown in it, and what one can join there."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from points.community.areas import AreaView, areas
from points.transactions import run
from talentmap.pins.errors import PlaceUnmapped
from talentmap.pins.filters import Filter
from talentmap.pins.gatherings import OPEN
from talentmap.pins.people import matching_people

TALENTS_MOST: Final = 20
ACTIVITIES_MOST: Final = 20
Audience = Literal["public", "neighbourhood", "stairwell"]


@dataclass(frozen=True, slots=True)
class SkillLine:
    """A skill of somebody."""

    code: str
    level: str
    recognised: bool


@dataclass(frozen=True, slots=True)
class TalentLine:
    """Somebody who shows herself to whoever asks."""

    person_id: int
    nickname: str
    skills: tuple[SkillLine, ...]
    href: str


@dataclass(frozen=True, slots=True)
class ActivityLine:
    """Something to join, with what a sign-up needs."""

    id: int
    title: str
    place: str
    starts_at: datetime
    ends_at: datetime
    deadline_at: datetime
    seats_taken: int
    minimum: int
    capacity: int
    state: str
    may_sign_up: bool
    signed_up: bool
    href: str
    sign_up_href: str


@dataclass(frozen=True, slots=True)
class PeopleCount:
    """How many show themselves to an audience of the viewer."""

    audience: Audience
    people: int


@dataclass(frozen=True, slots=True)
class AreaSheet:
    """``shown`` of ``people`` are in ``talents``; ``activities_total`` counts all of them."""

    area: int
    name: str
    level: str
    path: tuple[str, ...]
    lat: float | None
    lon: float | None
    people: int
    people_by: tuple[PeopleCount, ...]
    matching: int
    shown: int
    talents: tuple[TalentLine, ...]
    activities_total: int
    activities: tuple[ActivityLine, ...]


@dataclass(frozen=True, slots=True)
class AreaPeople:
    """The first of the ``matching`` people of an area."""

    talents: tuple[TalentLine, ...]
    matching: int


async def area_people(area_id: int, *, wish: Filter, audiences: tuple[int, ...]) -> AreaPeople:
    """The people of the sheet alone."""
    counted = await _counted(area_id, _listed(audiences))
    return await _people(area_id, wish, audiences, counted)


async def area_sheet(
    area_id: int,
    *,
    wish: Filter,
    audiences: tuple[int, ...],
    viewer_id: int | None,
    now: datetime,
) -> AreaSheet:
    """The sheet of one area as this viewer may see it."""
    found = await areas([area_id, *audiences])
    if area_id not in found:
        raise PlaceUnmapped()
    here = found[area_id]
    counted = await _counted(area_id, _listed(audiences))
    listed = await _people(area_id, wish, audiences, counted)
    activities, number = await _activities(area_id, viewer_id, now)
    lat, lon = await _point(area_id)
    return AreaSheet(
        area=area_id, name=here.name, level=here.level, path=here.path, lat=lat, lon=lon,
        people=sum(counted.values()),
        people_by=tuple(PeopleCount(_audience(one, found), n) for one, n in counted.items()),
        shown=len(listed.talents), talents=listed.talents, matching=listed.matching,
        activities_total=number, activities=activities,
    )  # fmt: skip


def _listed(audiences: tuple[int, ...]) -> str:
    return ", ".join(str(int(audience)) for audience in audiences)


async def _people(
    area_id: int, wish: Filter, audiences: tuple[int, ...], counted: Mapping[int, int]
) -> AreaPeople:
    listed = _listed(audiences)
    talents = [] if wish.nobody else await _talents(area_id, wish, listed)
    matching = await _matching(area_id, wish, listed, sum(counted.values()))
    return AreaPeople(tuple(talents), matching)


async def _counted(area_id: int, listed: str) -> dict[int, int]:
    """How many show themselves in the area, by audience."""
    rows = await run(
        "SELECT audience_id, people_within FROM talent_count WHERE area_id = {} "
        f"AND skill_code = '' AND audience_id IN ({listed}) ORDER BY audience_id",
        area_id,
    )
    return {row["audience_id"]: int(row["people_within"]) for row in rows}


def _audience(audience_id: int, found: Mapping[int, AreaView]) -> Audience:
    if audience_id == 0:
        return "public"
    return "stairwell" if found[audience_id].level == "stairwell" else "neighbourhood"


async def _point(area_id: int) -> tuple[float | None, float | None]:
    rows = await run(
        "SELECT p.lat, p.lon FROM area_ancestor c JOIN place p ON p.area_id = c.ancestor_id "
        "WHERE c.area_id = {} ORDER BY c.depth LIMIT 1",
        area_id,
    )
    return (rows[0]["lat"], rows[0]["lon"]) if rows else (None, None)


# --- people


async def _matching(area_id: int, wish: Filter, listed: str, people: int) -> int:
    """How many of the area satisfy the wish."""
    if not wish.clauses:
        return people
    if wish.nobody:
        return 0
    skill = wish.one_skill
    if skill is not None:
        [row] = await run(
            "SELECT COALESCE(SUM(people_within), 0) AS people FROM talent_count "
            f"WHERE area_id = {{}} AND skill_code = {{}} AND audience_id IN ({listed})",
            *(area_id, skill),
        )
        return int(row["people"])
    matching, values = matching_people(wish, listed)
    [row] = await run(
        f"SELECT COUNT(DISTINCT s.person_id) AS people FROM {matching} AND EXISTS (SELECT 1 FROM "
        "area_ancestor x WHERE x.area_id = s.published_area_id AND x.ancestor_id = {})",
        *(*values, area_id),
    )
    return int(row["people"])


async def _talents(area_id: int, wish: Filter, listed: str) -> list[TalentLine]:
    """The first ones, those shown at the area itself before those further below.

    Their order is that of published places: any other could tell who lives beside whom.
    """
    here, of_her, values = "p.published_area_id = x.area_id", "", list[object]()
    if wish.clauses:
        matching, values = matching_people(wish, listed)
        of_her = f" AND EXISTS (SELECT 1 FROM {matching} AND s.person_id = p.person_id)"
    shown = f"p.audience_id IN ({listed}){of_her}"
    # Every area taken has somebody, so as many areas as people are wanted will do.
    places = (
        "SELECT x.area_id, x.depth FROM area_ancestor x WHERE x.ancestor_id = {} AND EXISTS "
        f"(SELECT 1 FROM talent_profile p WHERE {here} AND {shown}) "
        f"ORDER BY x.depth, x.area_id LIMIT {TALENTS_MOST}"
    )
    rows = await run(
        f"SELECT p.person_id, p.nickname FROM ({places}) x JOIN talent_profile p ON {here} "
        f"WHERE {shown} ORDER BY x.depth, x.area_id, p.person_id LIMIT {TALENTS_MOST}",
        *(area_id, *values, *values),
    )
    skills = await _skills([row["person_id"] for row in rows])
    return [
        TalentLine(
            person_id=row["person_id"],
            nickname=row["nickname"],
            skills=tuple(skills[row["person_id"]]),
            href=f"/talents/{row['person_id']}",
        )
        for row in rows
    ]


async def _skills(person_ids: Sequence[int]) -> dict[int, list[SkillLine]]:
    found: dict[int, list[SkillLine]] = defaultdict(list)
    if not person_ids:
        return found
    numbers = ", ".join(str(int(number)) for number in person_ids)
    rows = await run(
        "SELECT person_id, skill_code, level, recognised_at FROM talent_skill "
        f"WHERE person_id IN ({numbers}) ORDER BY person_id, skill_code"
    )
    for row in rows:
        line = SkillLine(row["skill_code"], row["level"], row["recognised_at"] is not None)
        found[row["person_id"]].append(line)
    return found


# --- activities


async def _activities(
    area_id: int, viewer_id: int | None, now: datetime
) -> tuple[tuple[ActivityLine, ...], int]:
    moment = now.astimezone(UTC)
    rows = await run(
        "SELECT a.id, a.title, a.place, a.starts_at, a.ends_at, a.deadline_at, a.seats_taken, "
        "a.minimum, a.capacity, a.state, COUNT(*) OVER () AS number, EXISTS (SELECT 1 FROM signup s"
        " WHERE s.activity_id = a.id AND s.person_id = {} AND s.state IN ('in', 'waiting')) "
        "AS signed_up FROM area_ancestor x JOIN activity a ON a.area_id = x.area_id "
        f"WHERE x.ancestor_id = {{}} AND {OPEN} ORDER BY a.starts_at, a.id LIMIT {ACTIVITIES_MOST}",
        *(viewer_id or 0, area_id, moment, moment),
    )
    lines = tuple(_activity(row, now) for row in rows)
    return lines, int(rows[0]["number"]) if rows else 0


def _activity(row: dict[str, Any], now: datetime) -> ActivityLine:
    facts = {name: value for name, value in row.items() if name not in ("number", "signed_up")}
    return ActivityLine(
        **facts,
        may_sign_up=now < row["deadline_at"],
        signed_up=bool(row["signed_up"]),
        href=f"/activities/{row['id']}",
        sign_up_href=f"/activities/{row['id']}/sign-up",
    )
