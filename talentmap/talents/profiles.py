"""One's own profile: what it says, which skills it names, and who sees it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from points.community import areas
from points.community.consents import give_consent, has_consented
from points.community.people import locked_person
from points.community.people import person as person_view
from points.community.rules import clean_text
from points.transactions import run, use_case
from talentmap.talents.contact_rules import names_contact
from talentmap.talents.errors import (
    AboutTooLong,
    ConsentNeeded,
    ContactInText,
    NicknameMissing,
    ProfileMissing,
    SkillLevelUnknown,
    SkillUnknown,
    TimesUnknown,
    TooManySkills,
    TooYoungToBeSeen,
    VisibilityUnknown,
)
from talentmap.talents.listing import PURPOSE, profile_row, refresh, surroundings
from talentmap.talents.publication import wait_in_line
from talentmap.talents.rules import LEVELS, VISIBILITIES, Visibility, may_be_seen_by
from talentmap.talents.taxonomy import SKILL_BY_CODE
from talentmap.talents.times import TIMES

NICKNAME_LENGTH_MAX: Final = 40
ABOUT_LENGTH_MAX: Final = 300
SKILLS_MAX: Final = 12


@dataclass(frozen=True, slots=True)
class OwnSkill:
    """A skill of one's own profile."""

    code: str
    level: str
    recognised: bool


@dataclass(frozen=True, slots=True)
class OwnProfile:
    """One's own profile, with where one is shown and why not."""

    person_id: int
    nickname: str
    about: str
    times: tuple[str, ...]
    visibility: Visibility
    skills: tuple[OwnSkill, ...]
    # The audience one asked for exists, one agreed, and is old enough.
    is_listed: bool
    # Enough others are listed too, so that one is shown somewhere.
    shown_in: tuple[str, ...] | None
    refines_at: datetime | None


@use_case
async def save_profile(
    *,
    person_id: int,
    nickname: str,
    about: str,
    times: Collection[str],
    now: datetime,
) -> None:
    """Write what one's profile says; a new one is seen by nobody until its owner says who may."""
    person = await locked_person(person_id)
    texts = (_nickname(nickname), _about(about), _times(times))
    around = await surroundings(person["area_id"])
    moment = now.astimezone(UTC)
    await run(
        "INSERT INTO talent_profile (person_id, nickname, about, times, visibility, "
        "home_area_id, created_at, updated_at) VALUES ({}, {}, {}, {}, 'self', {}, {}, {}) "
        "ON CONFLICT (person_id) DO UPDATE SET nickname = excluded.nickname, "
        "about = excluded.about, times = excluded.times, updated_at = excluded.updated_at",
        *(person_id, *texts, around.home, moment, moment),
    )


def _nickname(text: str) -> str:
    nickname = clean_text(text)
    if not 0 < len(nickname) <= NICKNAME_LENGTH_MAX:
        raise NicknameMissing(field="nickname", limit=NICKNAME_LENGTH_MAX)
    if names_contact(nickname):
        raise ContactInText(field="nickname")
    return nickname


def _about(text: str) -> str:
    about = clean_text(text)
    if len(about) > ABOUT_LENGTH_MAX:
        raise AboutTooLong(field="about", limit=ABOUT_LENGTH_MAX)
    if names_contact(about):
        raise ContactInText(field="about")
    return about


def _times(times: Collection[str]) -> str:
    if not set(times) <= set(TIMES):
        raise TimesUnknown(field="times")
    return ",".join(time for time in TIMES if time in set(times))


@use_case
async def set_skills(*, person_id: int, levels: Mapping[str, str], now: datetime) -> None:
    """Name one's skills with their levels; what is left out goes.

    A recognition was given for a level, so it ends with it.
    """
    await locked_person(person_id)
    if await profile_row(person_id) is None:
        raise ProfileMissing
    _check_skills(levels)
    await wait_in_line()
    before = await _levels(person_id)
    for code in sorted(before.keys() - levels.keys()):
        await run(
            "DELETE FROM talent_skill WHERE person_id = {} AND skill_code = {}", person_id, code
        )
    for code, level in sorted(levels.items()):
        if before.get(code) != level:
            await _put_skill(person_id, code, level, now)


@use_case
async def put_skill(*, person_id: int, code: str, level: str, now: datetime) -> None:
    """Name one more skill, or another level of it."""
    levels = await _levels(person_id)
    await set_skills(person_id=person_id, levels=levels | {code: level}, now=now)


@use_case
async def drop_skill(*, person_id: int, code: str, now: datetime) -> None:
    """Name a skill no longer; one that is not named is no error."""
    levels = await _levels(person_id)
    levels.pop(code, None)
    await set_skills(person_id=person_id, levels=levels, now=now)


async def _levels(person_id: int) -> dict[str, str]:
    await locked_person(person_id)
    rows = await run("SELECT skill_code, level FROM talent_skill WHERE person_id = {}", person_id)
    return {row["skill_code"]: row["level"] for row in rows}


async def _put_skill(person_id: int, code: str, level: str, now: datetime) -> None:
    await run(
        "INSERT INTO talent_skill (person_id, skill_code, level, since) VALUES ({}, {}, {}, {}) "
        "ON CONFLICT (person_id, skill_code) DO UPDATE SET level = excluded.level, "
        "recognised_by = NULL, recognised_at = NULL",
        *(person_id, code, level, now.astimezone(UTC)),
    )


def _check_skills(levels: Mapping[str, str]) -> None:
    if len(levels) > SKILLS_MAX:
        raise TooManySkills(field="skills", limit=SKILLS_MAX)
    if not levels.keys() <= SKILL_BY_CODE.keys():
        raise SkillUnknown(field="skills")
    if not set(levels.values()) <= set(LEVELS):
        raise SkillLevelUnknown(field="skills")


@use_case
async def set_visibility(
    *, person_id: int, visibility: str, now: datetime, agrees: bool = False
) -> None:
    """Say who may see one; beyond oneself that takes consent, which ``agrees`` gives with it."""
    person = await locked_person(person_id)
    if visibility not in VISIBILITIES:
        raise VisibilityUnknown(field="visibility")
    if await profile_row(person_id) is None:
        raise ProfileMissing
    if visibility != "self":
        await _check_may_be_seen(person, visibility, agrees=agrees, now=now)
    await refresh(person_id=person_id, now=now, visibility=visibility)


async def _check_may_be_seen(
    person: dict[str, Any], visibility: Visibility, *, agrees: bool, now: datetime
) -> None:
    today = await areas.day_in(person["area_id"], now)
    if may_be_seen_by(visibility, birth_date=person["birth_date"], today=today) != visibility:
        raise TooYoungToBeSeen(field="visibility")
    if agrees:
        await give_consent(actor_id=person["id"], person_id=person["id"], purpose=PURPOSE, now=now)
    elif not await has_consented(person_id=person["id"], purpose=PURPOSE):
        raise ConsentNeeded(field="visibility")


@use_case
async def hide_now(*, person_id: int, now: datetime) -> None:
    """Be seen by nobody from this moment; what the profile says is kept."""
    await locked_person(person_id)
    await refresh(person_id=person_id, now=now, visibility="self")


async def steps_of(*, person_id: int, now: datetime) -> tuple[Visibility, ...]:
    """Who may be let see this person, at her age and where she lives."""
    found = await person_view(person_id)
    around, today = await surroundings(found.area_id), await areas.day_in(found.area_id, now)
    return tuple(
        code
        for code in VISIBILITIES
        if may_be_seen_by(code, birth_date=found.birth_date, today=today) == code
        and (code == "self" or around.group(code) is not None)
    )


async def own_profile(person_id: int) -> OwnProfile | None:
    """One's own profile, if there is one."""
    rows = await run("SELECT * FROM talent_profile WHERE person_id = {}", person_id)
    if not rows:
        return None
    row = rows[0]
    skills = await run(
        "SELECT skill_code, level, recognised_at FROM talent_skill WHERE person_id = {} "
        "ORDER BY since, skill_code",
        person_id,
    )
    shown = row["published_area_id"]
    return OwnProfile(
        person_id=person_id,
        nickname=row["nickname"],
        about=row["about"],
        times=tuple(filter(None, row["times"].split(","))),
        visibility=row["visibility"],
        skills=tuple(
            OwnSkill(one["skill_code"], one["level"], one["recognised_at"] is not None)
            for one in skills
        ),
        is_listed=row["group_id"] is not None,
        shown_in=None if shown is None else (await areas.area(shown)).path,
        refines_at=row["refines_at"],
    )
