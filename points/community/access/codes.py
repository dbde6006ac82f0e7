"""One-time codes: the invitation of a newcomer, and a reset that takes two people.

Whoever holds a code chooses the password.  So an invitation for somebody who holds a role, or is
proposed for one, needs a second person just as a reset does: otherwise one steward alone could
invite a colleague who never came in, and then act as two.
"""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from points.community import areas
from points.community import rules as community_rules
from points.community.access import rules, throttle
from points.community.access.errors import (
    ChildHasNoAccount,
    CodeExpired,
    CodeForYourself,
    CodeNotApproved,
    CodeUsed,
    CodeWrong,
    HasPassword,
    NoPasswordYet,
    NoSuchCode,
)
from points.community.access.passwords import (
    has_password,
    hash_password,
    outside_transactions,
    own_facts,
    store_password,
)
from points.community.errors import NotWaiting, SecondPersonNeeded
from points.community.grants import covers, require
from points.community.people import locked_person
from points.community.roles import ENROLLERS, SECONDS, STAFF, may_second
from points.transactions import is_postgres, run, use_case

_STAFF_NAMES = ", ".join(f"'{role}'" for role in STAFF)
# A grant that gives reach now or may soon; the {} is today.
_STANDING = (
    f"g.role IN ({_STAFF_NAMES}) AND g.revoked_at IS NULL "
    "AND (g.ends_on IS NULL OR g.ends_on >= {})"
)


@dataclass(frozen=True, slots=True)
class CodeHolder:
    """For whom a code is."""

    person_id: int
    name: str
    purpose: str


@dataclass(frozen=True, slots=True)
class WaitingCode:
    """A code that a second person has to approve."""

    code_id: int
    person_id: int
    person_name: str
    purpose: str
    issued_by_name: str
    issued_at: datetime


# --- issuing


@use_case
async def issue_invitation(*, actor_id: int | None, person_id: int, now: datetime) -> str:
    """A code with which a newcomer chooses a password; any earlier one stops working."""
    row = await locked_person(person_id)
    today = await areas.day_in(row["area_id"], now)
    if actor_id is not None:
        await require(person_id=actor_id, roles=ENROLLERS, area_id=row["area_id"], today=today)
    if actor_id == person_id:
        raise CodeForYourself
    if await has_password(person_id):
        raise HasPassword(person_id=person_id)
    if community_rules.is_child(row["birth_date"], today):
        raise ChildHasNoAccount(years=community_rules.CHILD_BELOW_YEARS)
    return await _issue(person_id, "invitation", actor_id, now, rules.INVITATION_TERM)


@use_case
async def issue_reset(*, actor_id: int, person_id: int, now: datetime) -> str:
    """A code for a forgotten password; it works once a second person has approved it."""
    row = await locked_person(person_id)
    today = await areas.day_in(row["area_id"], now)
    for area_id in await _reach(row, today):
        await require(person_id=actor_id, roles=SECONDS, area_id=area_id, today=today)
    if actor_id == person_id:
        raise CodeForYourself
    if not await has_password(person_id):
        raise NoPasswordYet(person_id=person_id)
    return await _issue(person_id, "reset", actor_id, now, rules.RESET_TERM)


async def _issue(
    person_id: int, purpose: str, actor_id: int | None, now: datetime, term: timedelta
) -> str:
    await run(
        "UPDATE one_time_code SET revoked_at = {} "
        "WHERE person_id = {} AND used_at IS NULL AND revoked_at IS NULL",
        now,
        person_id,
    )
    code = "".join(secrets.choice(rules.CODE_ALPHABET) for _ in range(rules.CODE_LENGTH))
    await run(
        "INSERT INTO one_time_code (person_id, purpose, digest, issued_by, issued_at, expires_at) "
        "VALUES ({}, {}, {}, {}, {}, {})",
        person_id,
        purpose,
        rules.digest(code),
        actor_id,
        now,
        now + term,
    )
    return rules.printed_code(code)


async def _reach(person: dict[str, Any], today: date) -> list[int]:
    """The areas that a helper with this person's password must cover: those of her roles.

    Otherwise the stewards of where she lives could come in as a steward of somewhere else.
    """
    rows = await run(
        f"SELECT g.area_id FROM role_grant g WHERE g.person_id = {{}} AND {_STANDING}",
        person["id"],
        today,
    )
    return sorted({int(row["area_id"]) for row in rows}) or [int(person["area_id"])]


async def _holds_role(person_id: int, today: date) -> bool:
    rows = await run(
        f"SELECT g.id FROM role_grant g WHERE g.person_id = {{}} AND {_STANDING} LIMIT 1",
        person_id,
        today,
    )
    return bool(rows)


# --- the second person


@use_case
async def approve_reset(*, actor_id: int, code_id: int, now: datetime) -> None:
    """Approve a code as a second person: staff, but neither the issuer nor the holder."""
    code = await _waiting_code(code_id, now)
    await _require_reach(actor_id, code["person_id"], now)
    if not may_second(
        actor_id=actor_id, proposed_by=code["issued_by"], person_id=code["person_id"]
    ):
        raise SecondPersonNeeded
    await run(
        "UPDATE one_time_code SET approved_by = {}, approved_at = {} WHERE id = {}",
        actor_id,
        now,
        code_id,
    )


@use_case
async def refuse_reset(*, actor_id: int, code_id: int, now: datetime) -> None:
    """Stop a code that should not have been issued."""
    code = await _waiting_code(code_id, now)
    if actor_id != code["issued_by"]:
        await _require_reach(actor_id, code["person_id"], now)
    await run("UPDATE one_time_code SET revoked_at = {} WHERE id = {}", now, code_id)


async def _waiting_code(code_id: int, now: datetime) -> dict[str, Any]:
    number = community_rules.row_number(code_id)
    rows = await run("SELECT person_id, issued_by FROM one_time_code WHERE id = {}", number)
    if not rows or rows[0]["issued_by"] is None:
        raise NoSuchCode
    # The person first, as whoever issues or redeems does.
    await locked_person(rows[0]["person_id"])
    lock = " FOR UPDATE" if is_postgres() else ""
    [code] = await run(f"SELECT * FROM one_time_code WHERE id = {{}}{lock}", number)
    ended = code["used_at"] or code["revoked_at"] or code["approved_at"]
    if ended is not None or code["expires_at"] <= now:
        raise NotWaiting
    return code


async def _require_reach(actor_id: int, person_id: int, now: datetime) -> None:
    person = await locked_person(person_id)
    today = await areas.day_in(person["area_id"], now)
    for area_id in await _reach(person, today):
        await require(person_id=actor_id, roles=STAFF, area_id=area_id, today=today)


async def codes_waiting(
    *, actor_id: int, today: date, now: datetime, limit: int = 50
) -> tuple[WaitingCode, ...]:
    """The codes this actor may approve as a second person, oldest first."""
    if not await _holds_role(actor_id, today):
        return ()
    rows = await run(
        "SELECT k.id, k.person_id, k.purpose, k.issued_at, p.name, p.area_id, "
        "b.name AS issued_by_name FROM one_time_code k JOIN person p ON p.id = k.person_id "
        "JOIN person b ON b.id = k.issued_by "
        "WHERE k.approved_at IS NULL AND k.used_at IS NULL AND k.revoked_at IS NULL "
        "AND k.expires_at > {} AND k.issued_by <> {} AND k.person_id <> {} "
        "AND (k.purpose = 'reset' OR EXISTS ("
        f"SELECT 1 FROM role_grant g WHERE g.person_id = p.id AND {_STANDING})) ORDER BY k.id",
        now,
        actor_id,
        actor_id,
        today,
    )
    found: list[WaitingCode] = []
    for row in rows:
        if len(found) < limit and await _may_approve(actor_id, row, today):
            found.append(
                WaitingCode(
                    code_id=row["id"],
                    person_id=row["person_id"],
                    person_name=row["name"],
                    purpose=row["purpose"],
                    issued_by_name=row["issued_by_name"],
                    issued_at=row["issued_at"],
                )
            )
    return tuple(found)


async def _may_approve(actor_id: int, row: dict[str, Any], today: date) -> bool:
    person = {"id": row["person_id"], "area_id": row["area_id"]}
    for area_id in await _reach(person, today):
        if not await covers(person_id=actor_id, roles=STAFF, area_id=area_id, today=today):
            return False
    return True


# --- redeeming


async def look_at_code(*, code: str, address: str, now: datetime) -> CodeHolder:
    """For whom a code is, so that the page can greet her; wrong codes are counted."""
    row = await _usable(code=code, address=address, now=now)
    return CodeHolder(person_id=row["person_id"], name=row["name"], purpose=row["purpose"])


async def redeem_code(*, code: str, password: str, now: datetime, address: str = "") -> int:
    """Choose a password with a code; returns whose it is now.

    A code works once, however many ask at the same time.  A reset ends all sessions and tokens.
    It opens its own transactions, so that a wrong try stays counted.
    """
    row = await _usable(code=code, address=address, now=now)
    rules.check_password(password, own=await own_facts(row["person_id"]))
    password_hash = await hash_password(password)
    await _redeem(row=row, password_hash=password_hash, now=now)
    return int(row["person_id"])


async def _usable(*, code: str, address: str, now: datetime) -> dict[str, Any]:
    outside_transactions()
    key = throttle.address_key("code", address)
    await throttle.count_try(limits={key: rules.CODE_TRIES}, now=now)
    normal = rules.normalise_code(code)
    rows = normal and await run(
        "SELECT k.*, p.name, p.area_id FROM one_time_code k JOIN person p ON p.id = k.person_id "
        "WHERE k.digest = {}",
        rules.digest(normal),
    )
    if not rows:
        raise CodeWrong(field="code")
    await throttle.give_back(key=key)
    [row] = rows
    await _check_state(row, now)
    return row


async def _check_state(row: dict[str, Any], now: datetime) -> None:
    if row["used_at"] is not None or row["revoked_at"] is not None:
        raise CodeUsed(field="code")
    if row["expires_at"] <= now:
        raise CodeExpired(field="code")
    if row["approved_at"] is None and await _needs_approval(row, now):
        raise CodeNotApproved(field="code")


async def _needs_approval(row: dict[str, Any], now: datetime) -> bool:
    if row["purpose"] == "reset":
        return True
    if row["issued_by"] is None:
        # The operator's own, at the founding.
        return False
    return await _holds_role(row["person_id"], await areas.day_in(row["area_id"], now))


@use_case
async def _redeem(*, row: dict[str, Any], password_hash: str, now: datetime) -> None:
    person_id = row["person_id"]
    # Roles are given under the same lock, so none can be slipped in between check and password.
    await locked_person(person_id)
    if row["approved_at"] is None and await _needs_approval(row, now):
        raise CodeNotApproved(field="code")
    taken = await run(
        "UPDATE one_time_code SET used_at = {} "
        "WHERE id = {} AND used_at IS NULL AND revoked_at IS NULL RETURNING id",
        now,
        row["id"],
    )
    if not taken:
        raise CodeUsed(field="code")
    if row["purpose"] == "invitation" and await has_password(person_id):
        raise HasPassword(person_id=person_id)
    await store_password(person_id=person_id, password_hash=password_hash, now=now)
    for table in ("session", "api_token"):
        await run(
            f"UPDATE {table} SET revoked_at = {{}} WHERE person_id = {{}} AND revoked_at IS NULL",
            now,
            person_id,
        )
    await throttle.clear(key=throttle.account_key(person_id))
