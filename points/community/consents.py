"""What people agreed to, purpose by purpose, in which wording, and until when."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from points.community import areas, rules
from points.community.changes import person_changed
from points.community.errors import ConsentNotGiven, GuardianDecides, PurposeUnknown
from points.community.grants import require
from points.community.guardians import is_guardian
from points.community.people import locked_person
from points.community.reads import log_proxy
from points.community.roles import ENROLLERS
from points.transactions import run, use_case


@dataclass(frozen=True, slots=True)
class Purpose:
    """Something that is only done with consent.

    Below ``alone_from_years`` only a guardian can agree.  ``text_version`` changes with the
    wording; a consent to an older wording still holds for what it said, and is asked for anew.
    """

    code: str
    text_version: str
    alone_from_years: int = rules.CHILD_BELOW_YEARS


PURPOSES: Final = {
    purpose.code: purpose
    for purpose in (
        # Keeping service hours and points under this name at all.
        Purpose("service_record", "2026-11"),
        # A masked name on the monthly public list.
        Purpose("public_list", "2026-11"),
        # Being shown in a ranking of persons.
        Purpose("ranking", "2026-11"),
        # Photographs in which the person can be recognised.
        Purpose("photos", "2026-11"),
        # A talent profile; how far it is seen is a setting of the profile.
        Purpose("talent_map", "2026-11"),
        # Serving as a minor.
        Purpose("minor_service", "2026-11", rules.ADULT_FROM_YEARS),
    )
}


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """One consent, alive or withdrawn."""

    purpose: str
    text_version: str
    given_by_name: str
    given_at: datetime
    withdrawn_at: datetime | None


@use_case
async def give_consent(
    *, actor_id: int, person_id: int, purpose: str, now: datetime, reason: str | None = None
) -> None:
    """Agree to a purpose: oneself, a guardian, or staff with a signed paper as the reason.

    Agreeing again changes nothing, unless the wording has changed since.
    """
    known = _known(purpose)
    row = await locked_person(person_id)
    await _check_actor(
        actor_id=actor_id, row=row, purpose=known, action="consent", reason=reason, now=now
    )
    alive = await _alive(person_id, purpose)
    if alive is not None and alive["text_version"] == known.text_version:
        return
    if alive is not None:
        await _end(alive["id"], actor_id, now)
    await run(
        "INSERT INTO consent (person_id, purpose, text_version, given_by, given_at) "
        "VALUES ({}, {}, {}, {}, {})",
        person_id,
        purpose,
        known.text_version,
        actor_id,
        now,
    )
    await person_changed(person_id=person_id, now=now)


@use_case
async def withdraw_consent(
    *, actor_id: int, person_id: int, purpose: str, now: datetime, reason: str | None = None
) -> None:
    """Take a consent back; whoever may give it may."""
    known = _known(purpose)
    row = await locked_person(person_id)
    await _check_actor(
        actor_id=actor_id, row=row, purpose=known, action="withdraw", reason=reason, now=now
    )
    alive = await _alive(person_id, purpose)
    if alive is None:
        raise ConsentNotGiven
    await _end(alive["id"], actor_id, now)
    await person_changed(person_id=person_id, now=now)


def _known(purpose: str) -> Purpose:
    if purpose not in PURPOSES:
        raise PurposeUnknown(field="purpose")
    return PURPOSES[purpose]


async def _check_actor(
    *,
    actor_id: int,
    row: dict[str, Any],
    purpose: Purpose,
    action: str,
    reason: str | None,
    now: datetime,
) -> None:
    today = await areas.day_in(row["area_id"], now)
    if await is_guardian(person_id=actor_id, child_id=row["id"], today=today):
        return
    if not _alone(row["birth_date"], purpose, today):
        raise GuardianDecides(years=purpose.alone_from_years)
    if actor_id != row["id"]:
        await require(person_id=actor_id, roles=ENROLLERS, area_id=row["area_id"], today=today)
        await log_proxy(
            actor_id=actor_id, person_id=row["id"], action=action, reason=reason or "", now=now
        )


def _alone(birth_date: date | None, purpose: Purpose, today: date) -> bool:
    return birth_date is None or rules.age_on(birth_date, today) >= purpose.alone_from_years


async def _alive(person_id: int, purpose: str) -> dict[str, Any] | None:
    rows = await run(
        "SELECT * FROM consent WHERE person_id = {} AND purpose = {} AND withdrawn_at IS NULL",
        rules.row_number(person_id),
        purpose,
    )
    return rows[0] if rows else None


async def _end(consent_id: int, actor_id: int, now: datetime) -> None:
    await run(
        "UPDATE consent SET withdrawn_by = {}, withdrawn_at = {} WHERE id = {}",
        actor_id,
        now,
        consent_id,
    )


async def has_consented(*, person_id: int, purpose: str) -> bool:
    """Whether a consent to this purpose is alive."""
    return await _alive(person_id, purpose) is not None


async def consents_of(person_id: int) -> tuple[ConsentLine, ...]:
    """Every consent ever given, newest first."""
    rows = await run(
        "SELECT c.purpose, c.text_version, g.name AS given_by_name, c.given_at, c.withdrawn_at "
        "FROM consent c JOIN person g ON g.id = c.given_by "
        "WHERE c.person_id = {} ORDER BY c.id DESC",
        rules.row_number(person_id),
    )
    return tuple(ConsentLine(**row) for row in rows)
