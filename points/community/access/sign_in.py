"""Sessions of browsers.  Only the digest of a token is kept; each sign-in makes a new one."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from points.community import rules as community_rules
from points.community.access import rules, throttle
from points.community.access.errors import NoSuchSession, WrongSignIn
from points.community.access.passwords import (
    NOBODY,
    outside_transactions,
    stored_hash,
    verify_password,
)
from points.community.profiles import find_by_phone_or_card
from points.transactions import is_postgres, run, use_case

LOGIN_LENGTH_MAX = 64
DEVICE_LENGTH_MAX = 120
TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class SessionToken:
    """A fresh session; the token goes into a cookie and nowhere else."""

    token: str
    person_id: int


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A device that is signed in."""

    id: int
    device: str
    created_at: datetime
    seen_at: datetime
    current: bool


async def sign_in(
    *, login: str, password: str, address: str, device: str, now: datetime
) -> SessionToken:
    """Open a session for a phone, card or volunteer number and its password.

    Raises WrongSignIn, the same and as slowly for an unknown number, or TooManyAttempts.  It
    opens its own transactions, so that a wrong try stays counted.
    """
    outside_transactions()
    login = login[:LOGIN_LENGTH_MAX]
    person_id = await find_by_phone_or_card(login)
    account = throttle.login_key(login) if person_id is None else throttle.account_key(person_id)
    place = throttle.address_key("address", address)
    await throttle.count_try(
        limits={account: rules.ACCOUNT_TRIES, place: rules.ADDRESS_TRIES}, now=now
    )
    known = None if person_id is None else await stored_hash(person_id)
    right = await verify_password(known or NOBODY, password)
    if not right or known is None or person_id is None:
        raise WrongSignIn(field="password")
    token = secrets.token_urlsafe(TOKEN_BYTES)
    await _open(token=token, person_id=person_id, known=known, device=device, now=now)
    await throttle.clear(key=account)
    await throttle.give_back(key=place)
    return SessionToken(token=token, person_id=person_id)


@use_case
async def _open(*, token: str, person_id: int, known: str, device: str, now: datetime) -> None:
    # A reset that commits first has replaced the hash; one that comes later revokes this session.
    lock = " FOR SHARE" if is_postgres() else ""
    rows = await run(
        f"SELECT password_hash FROM credential WHERE person_id = {{}}{lock}", person_id
    )
    if not rows or rows[0]["password_hash"] != known:
        raise WrongSignIn(field="password")
    await run(
        "INSERT INTO session (digest, person_id, created_at, seen_at, expires_at, device) "
        "VALUES ({}, {}, {}, {}, {}, {})",
        rules.digest(token),
        person_id,
        now,
        now,
        now + rules.SESSION_TERM,
        community_rules.clean_text(device)[:DEVICE_LENGTH_MAX],
    )


async def session(token: str, now: datetime) -> int | None:
    """Whose session this is; None for one that is unknown, ended, idle too long or too old."""
    rows = await run(
        "SELECT s.id, s.person_id, s.seen_at FROM session s JOIN person p ON p.id = s.person_id "
        "WHERE s.digest = {} AND s.revoked_at IS NULL AND p.closed_at IS NULL "
        "AND s.expires_at > {} AND s.seen_at > {}",
        _digest(token),
        now,
        now - rules.SESSION_IDLE,
    )
    if not rows:
        return None
    if now - rows[0]["seen_at"] >= rules.SEEN_EVERY:
        await _touch(session_id=rows[0]["id"], now=now)
    return int(rows[0]["person_id"])


def _digest(token: str) -> str:
    """Digest of whatever a cookie may hold."""
    return rules.digest(token.encode(errors="replace").decode())


@use_case
async def _touch(*, session_id: int, now: datetime) -> None:
    await run(
        "UPDATE session SET seen_at = {} WHERE id = {} AND seen_at <= {}",
        now,
        session_id,
        now - rules.SEEN_EVERY,
    )


async def sessions_of(person_id: int, now: datetime, token: str = "") -> tuple[SessionLine, ...]:
    """The devices that are signed in, the last used first; ``token`` marks the present one."""
    rows = await run(
        "SELECT id, device, created_at, seen_at, digest FROM session "
        "WHERE person_id = {} AND revoked_at IS NULL AND expires_at > {} AND seen_at > {} "
        "ORDER BY seen_at DESC, id DESC",
        person_id,
        now,
        now - rules.SESSION_IDLE,
    )
    here = _digest(token)
    return tuple(
        SessionLine(
            id=row["id"],
            device=row["device"],
            created_at=row["created_at"],
            seen_at=row["seen_at"],
            current=row["digest"] == here,
        )
        for row in rows
    )


async def sign_out(token: str, now: datetime) -> None:
    """End this session; an unknown one is ended already."""
    await _end(digest=_digest(token), now=now)


@use_case
async def _end(*, digest: str, now: datetime) -> None:
    await run(
        "UPDATE session SET revoked_at = {} WHERE digest = {} AND revoked_at IS NULL", now, digest
    )


@use_case
async def end_session(*, person_id: int, session_id: int, now: datetime) -> None:
    """Sign one of one's own devices out."""
    ended = await run(
        "UPDATE session SET revoked_at = {} "
        "WHERE id = {} AND person_id = {} AND revoked_at IS NULL RETURNING id",
        now,
        community_rules.row_number(session_id),
        person_id,
    )
    if not ended:
        raise NoSuchSession


@use_case
async def sign_out_everywhere(*, person_id: int, now: datetime) -> None:
    """End all sessions of a person."""
    await run(
        "UPDATE session SET revoked_at = {} WHERE person_id = {} AND revoked_at IS NULL",
        now,
        person_id,
    )
