"""Roles by area and term: proposed by one person, approved by another."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from points.community import rules
from points.community.areas import day_in
from points.community.errors import (
    AccountClosed,
    LastSteward,
    NoSuchGrant,
    NoSuchPerson,
    NotInRole,
    NotWaiting,
    RoleForYourself,
    RoleHeld,
    RoleUnknown,
    SecondPersonNeeded,
    StewardsExist,
    TermWrong,
    TooYoungForRole,
    TwoStewardsNeeded,
)
from points.community.roles import (
    ROLES,
    SECONDS,
    STAFF,
    STEWARD,
    Grant,
    Role,
    grant_state,
    may_second,
    needs_second,
    proposers,
    terms_overlap,
)
from points.transactions import is_postgres, run, use_case

# What makes a grant count on a day; the two {} are that day.
_IN_FORCE = (
    "g.approved_at IS NOT NULL AND g.revoked_at IS NULL "
    "AND g.starts_on <= {} AND (g.ends_on IS NULL OR g.ends_on >= {})"
)


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who holds a role and can act."""

    person_id: int
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class GrantLine:
    """A grant as a list shows it."""

    grant: Grant
    person_name: str
    area_name: str
    proposed_by: int | None
    proposed_by_name: str | None
    approved_by_name: str | None


# --- giving and taking back


@use_case
async def found_stewards(
    *, area_id: int, person_ids: tuple[int, int], now: datetime, today: date
) -> None:
    """Give an area that never had one its first two stewards; only the operator does this."""
    if len(set(person_ids)) != 2:
        raise TwoStewardsNeeded
    await _lock_area(area_id)
    if await _stewards_near(area_id, today):
        raise StewardsExist(area_id=area_id)
    for person_id in person_ids:
        await _fit_person(person_id, "steward", today)
        await run(
            "INSERT INTO role_grant (person_id, role, area_id, starts_on, founding, "
            "proposed_at, approved_at) VALUES ({}, 'steward', {}, {}, TRUE, {}, {})",
            person_id,
            area_id,
            today,
            now,
            now,
        )


@use_case
async def propose_role(
    *,
    actor_id: int,
    person_id: int,
    role: str,
    area_id: int,
    starts_on: date,
    ends_on: date | None,
    now: datetime,
) -> int:
    """Propose a role for somebody else; a volunteer's needs no second person and counts at once."""
    known = _known(role)
    today = await day_in(area_id, now)
    await require(person_id=actor_id, roles=proposers(known), area_id=area_id, today=today)
    if actor_id == person_id:
        raise RoleForYourself
    if starts_on < today or (ends_on is not None and ends_on < starts_on):
        raise TermWrong(field="ends_on")
    await _fit_person(person_id, known, starts_on)
    await _refuse_second_grant(person_id, known, area_id, (starts_on, ends_on))
    rows = await run(
        "INSERT INTO role_grant (person_id, role, area_id, starts_on, ends_on, proposed_by, "
        "proposed_at, approved_at) VALUES ({}, {}, {}, {}, {}, {}, {}, {}) RETURNING id",
        person_id,
        known,
        area_id,
        starts_on,
        ends_on,
        actor_id,
        now,
        None if needs_second(known) else now,
    )
    return int(rows[0]["id"])


@use_case
async def approve_role(*, actor_id: int, grant_id: int, now: datetime, today: date) -> None:
    """Approve a proposed role as the second person."""
    row = await _locked_grant(grant_id)
    await require(person_id=actor_id, roles=SECONDS, area_id=row["area_id"], today=today)
    if not may_second(
        actor_id=actor_id, proposed_by=row["proposed_by"], person_id=row["person_id"]
    ):
        raise SecondPersonNeeded
    if _grant(row, today).state != "proposed":
        raise NotWaiting
    await _fit_person(row["person_id"], row["role"], row["starts_on"])
    await run(
        "UPDATE role_grant SET approved_by = {}, approved_at = {} WHERE id = {}",
        actor_id,
        now,
        grant_id,
    )


@use_case
async def revoke_role(*, actor_id: int, grant_id: int, now: datetime) -> None:
    """End a role or turn a proposal down, as a steward; or lay down one's own."""
    row = await _locked_grant(grant_id)
    today = await day_in(row["area_id"], now)
    if actor_id != row["person_id"]:
        await require(person_id=actor_id, roles=STEWARD, area_id=row["area_id"], today=today)
    state = _grant(row, today).state
    if state in ("revoked", "ended"):
        raise NotWaiting
    if row["role"] == "steward" and state == "active":
        await refuse_last_steward(person_id=row["person_id"], area_id=row["area_id"], today=today)
    await run(
        "UPDATE role_grant SET revoked_by = {}, revoked_at = {} WHERE id = {}",
        actor_id,
        now,
        grant_id,
    )


def _known(role: str) -> Role:
    for known in ROLES:
        if known == role:
            return known
    raise RoleUnknown(field="role", role=role)


async def _lock_area(area_id: int) -> None:
    """Let the decisions about one area's stewards queue up."""
    if is_postgres():
        await run("SELECT id FROM area WHERE id = {} FOR UPDATE", area_id)


async def _fit_person(person_id: int, role: Role, starts_on: date) -> None:
    """Refuse a person who is unknown, closed, or a minor where the role has duties.

    Others who decide on her wait for the commit.
    """
    lock = " FOR NO KEY UPDATE" if is_postgres() else ""
    number = rules.row_number(person_id)
    rows = await run(f"SELECT closed_at, birth_date FROM person WHERE id = {{}}{lock}", number)
    if not rows:
        raise NoSuchPerson(person_id=person_id)
    if rows[0]["closed_at"] is not None:
        raise AccountClosed(person_id=person_id)
    if role in STAFF and rules.is_minor(rows[0]["birth_date"], starts_on):
        raise TooYoungForRole(field="starts_on", years=rules.ADULT_FROM_YEARS)


async def _stewards_near(area_id: int, today: date) -> bool:
    """Whether the area, one above it or one below has a steward now or soon."""
    rows = await run(
        "SELECT g.id FROM role_grant g WHERE g.role = 'steward' AND g.approved_at IS NOT NULL "
        "AND g.revoked_at IS NULL AND (g.ends_on IS NULL OR g.ends_on >= {}) AND ("
        "g.area_id IN (SELECT ancestor_id FROM area_ancestor WHERE area_id = {}) OR "
        "g.area_id IN (SELECT area_id FROM area_ancestor WHERE ancestor_id = {})) LIMIT 1",
        today,
        area_id,
        area_id,
    )
    return bool(rows)


async def _refuse_second_grant(
    person_id: int, role: Role, area_id: int, term: tuple[date, date | None]
) -> None:
    rows = await run(
        "SELECT starts_on, ends_on FROM role_grant "
        "WHERE person_id = {} AND role = {} AND area_id = {} AND revoked_at IS NULL",
        person_id,
        role,
        area_id,
    )
    if any(terms_overlap(term, (row["starts_on"], row["ends_on"])) for row in rows):
        raise RoleHeld


async def refuse_last_steward(*, person_id: int, area_id: int, today: date) -> None:
    """Refuse to let somebody go without whom nobody could ever give a role in the area."""
    await _lock_area(area_id)
    others = await holders(area_id=area_id, roles=STEWARD, today=today, limit=2)
    if not {holder.person_id for holder in others} - {person_id}:
        raise LastSteward


async def _locked_grant(grant_id: int) -> dict[str, Any]:
    lock = " FOR UPDATE" if is_postgres() else ""
    number = rules.row_number(grant_id)
    rows = await run(f"SELECT * FROM role_grant WHERE id = {{}}{lock}", number)
    if not rows:
        raise NoSuchGrant(grant_id=grant_id)
    return rows[0]


def _grant(row: dict[str, Any], today: date) -> Grant:
    return Grant(
        id=row["id"],
        person_id=row["person_id"],
        role=row["role"],
        area_id=row["area_id"],
        starts_on=row["starts_on"],
        ends_on=row["ends_on"],
        state=grant_state(
            starts_on=row["starts_on"],
            ends_on=row["ends_on"],
            approved=row["approved_at"] is not None,
            revoked=row["revoked_at"] is not None,
            today=today,
        ),
    )


# --- asking


async def active_grants(person_id: int, today: date) -> tuple[Grant, ...]:
    """The roles that count today."""
    rows = await run(
        f"SELECT g.* FROM role_grant g WHERE g.person_id = {{}} AND {_IN_FORCE} ORDER BY g.id",
        rules.row_number(person_id),
        today,
        today,
    )
    return tuple(_grant(row, today) for row in rows)


async def covers(*, person_id: int, roles: Collection[str], area_id: int, today: date) -> bool:
    """Whether the person holds one of the roles for the area or for one above it."""
    if not roles:
        return False
    rows = await run(
        "SELECT g.id FROM role_grant g JOIN area_ancestor c ON c.ancestor_id = g.area_id "
        f"WHERE g.person_id = {{}} AND c.area_id = {{}} AND g.role IN ({_marks(roles)}) "
        f"AND {_IN_FORCE} LIMIT 1",
        rules.row_number(person_id),
        rules.row_number(area_id),
        *roles,
        today,
        today,
    )
    return bool(rows)


async def require(*, person_id: int, roles: Collection[str], area_id: int, today: date) -> None:
    """Refuse whoever holds none of the roles for the area."""
    if not await covers(person_id=person_id, roles=roles, area_id=area_id, today=today):
        raise NotInRole(roles=tuple(roles), area_id=area_id)


async def holders(
    *, area_id: int, roles: Collection[str], today: date, limit: int = 20
) -> tuple[Holder, ...]:
    """Who can act for the area in one of the roles; the nearest first, each person once."""
    rows = await run(
        "SELECT g.person_id, p.name, g.role FROM role_grant g "
        "JOIN area_ancestor c ON c.ancestor_id = g.area_id JOIN person p ON p.id = g.person_id "
        f"WHERE c.area_id = {{}} AND g.role IN ({_marks(roles)}) AND {_IN_FORCE} "
        "ORDER BY c.depth, g.id",
        area_id,
        *roles,
        today,
        today,
    )
    nearest: dict[int, Holder] = {}
    for row in rows:
        nearest.setdefault(row["person_id"], Holder(**row))
    return tuple(nearest.values())[:limit]


def _marks(values: Collection[object]) -> str:
    return ", ".join(["{}"] * len(values))


# --- lists

_LINES = (
    "SELECT g.*, p.name AS person_name, a.name AS area_name, "
    "b.name AS proposed_by_name, s.name AS approved_by_name "
    "FROM role_grant g JOIN person p ON p.id = g.person_id JOIN area a ON a.id = g.area_id "
    "LEFT JOIN person b ON b.id = g.proposed_by LEFT JOIN person s ON s.id = g.approved_by "
)


async def grants_of(person_id: int, today: date) -> tuple[GrantLine, ...]:
    """All roles somebody ever held or was proposed for, newest first."""
    number = rules.row_number(person_id)
    rows = await run(f"{_LINES} WHERE g.person_id = {{}} ORDER BY g.id DESC", number)
    return _lines(rows, today)


async def proposals_for(*, actor_id: int, today: date, limit: int = 50) -> tuple[GrantLine, ...]:
    """The proposals this actor may approve as a second person, oldest first."""
    rows = await run(
        f"{_LINES} WHERE g.approved_at IS NULL AND g.revoked_at IS NULL "
        "AND (g.ends_on IS NULL OR g.ends_on >= {}) "
        "AND g.proposed_by <> {} AND g.person_id <> {} AND EXISTS ("
        "SELECT 1 FROM role_grant mine JOIN area_ancestor c ON c.ancestor_id = mine.area_id "
        "WHERE c.area_id = g.area_id AND mine.person_id = {} "
        f"AND mine.role IN ({_marks(SECONDS)}) AND {_IN_FORCE.replace('g.', 'mine.')}) "
        "ORDER BY g.id LIMIT {}",
        today,
        actor_id,
        actor_id,
        actor_id,
        *SECONDS,
        today,
        today,
        limit,
    )
    return _lines(rows, today)


def _lines(rows: Sequence[dict[str, Any]], today: date) -> tuple[GrantLine, ...]:
    return tuple(
        GrantLine(
            grant=_grant(row, today),
            person_name=row["person_name"],
            area_name=row["area_name"],
            proposed_by=row["proposed_by"],
            proposed_by_name=row["proposed_by_name"],
            approved_by_name=row["approved_by_name"],
        )
        for row in rows
    )
