"""The office recognises that somebody can do what she says."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from points.community import areas
from points.community.grants import require
from points.community.reads import log_reads
from points.community.roles import Role
from points.community.rules import row_number
from points.notices.post import notify
from points.transactions import run, use_case, whole
from talentmap.talents.errors import NoSuchTalent, OwnRecognition, SkillNotThere
from talentmap.talents.listing import surroundings
from talentmap.talents.rules import PUBLIC
from talentmap.talents.taxonomy import SKILL_BY_CODE

RECOGNISERS: Final[tuple[Role, ...]] = ("organizer", "steward")


@dataclass(frozen=True, slots=True)
class SkillToRecognise:
    """A skill with who recognised it, if anybody did."""

    code: str
    level: str
    recognised_by_name: str | None
    recognised_at: datetime | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A listed neighbour as the office sees her when it recognises a skill."""

    person_id: int
    name: str
    nickname: str
    area_path: tuple[str, ...]
    skills: tuple[SkillToRecognise, ...]


@use_case
@whole
async def candidate(*, actor_id: int, person_id: int, now: datetime) -> Candidate:
    """Who lives here and can do what; the look is noted for her to read."""
    row = await _listed(actor_id=actor_id, person_id=person_id, now=now)
    await log_reads(actor_id=actor_id, person_ids=[person_id], what="talent", now=now)
    skills = await run(
        "SELECT s.skill_code, s.level, s.recognised_at, p.name FROM talent_skill s "
        "LEFT JOIN person p ON p.id = s.recognised_by "
        "WHERE s.person_id = {} ORDER BY s.since, s.skill_code",
        person_id,
    )
    return Candidate(
        person_id=person_id,
        name=row["name"],
        nickname=row["nickname"],
        area_path=(await areas.area(row["area_id"])).path,
        skills=tuple(
            SkillToRecognise(one["skill_code"], one["level"], one["name"], one["recognised_at"])
            for one in skills
        ),
    )


@use_case
async def recognise(*, actor_id: int, person_id: int, skill_code: str, now: datetime) -> None:
    """Say for the office that she can do it, at the level she gave; she is told."""
    await _listed(actor_id=actor_id, person_id=person_id, now=now)
    done = await run(
        "UPDATE talent_skill SET recognised_by = {}, recognised_at = {} WHERE person_id = {} "
        "AND skill_code = {} AND recognised_by IS NULL RETURNING skill_code",
        *(actor_id, now.astimezone(UTC), person_id, skill_code),
    )
    if not done:
        await _check_there(person_id, skill_code)
        return
    await log_reads(actor_id=actor_id, person_ids=[person_id], what="talent", now=now)
    await notify(
        person_ids=[person_id],
        kind="talent_recognised",
        facts={"skill": SKILL_BY_CODE[skill_code].zh},
        path="/me/talent",
        now=now,
    )


@use_case
async def take_back(*, actor_id: int, person_id: int, skill_code: str, now: datetime) -> None:
    """Recognise it no longer."""
    await _listed(actor_id=actor_id, person_id=person_id, now=now)
    await _check_there(person_id, skill_code)
    await run(
        "UPDATE talent_skill SET recognised_by = NULL, recognised_at = NULL "
        "WHERE person_id = {} AND skill_code = {}",
        *(person_id, skill_code),
    )
    await log_reads(actor_id=actor_id, person_ids=[person_id], what="talent", now=now)


async def _check_there(person_id: int, skill_code: str) -> None:
    if not await run(
        "SELECT person_id FROM talent_skill WHERE person_id = {} AND skill_code = {}",
        *(person_id, skill_code),
    ):
        raise SkillNotThere(field="skill_code")


async def _listed(*, actor_id: int, person_id: int, now: datetime) -> dict[str, Any]:
    """The row of somebody whom the office may see: listed for the neighbourhood, or for all."""
    rows = await run(
        "SELECT t.nickname, t.group_id, p.name, p.area_id FROM talent_profile t "
        "JOIN person p ON p.id = t.person_id WHERE t.person_id = {}",
        row_number(person_id),
    )
    if not rows:
        raise NoSuchTalent
    row = rows[0]
    around = await surroundings(row["area_id"])
    if row["group_id"] is None or row["group_id"] not in (PUBLIC, around.neighbourhood):
        raise NoSuchTalent
    today = await areas.day_in(row["area_id"], now)
    await require(person_id=actor_id, roles=RECOGNISERS, area_id=row["area_id"], today=today)
    if actor_id == person_id:
        raise OwnRecognition
    return row
