"""E-mail for those who want it: the address, and the outbox of letters.  Sending is web's work."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from points.community.access.throttle import count_try
from points.community.secrets import install_secret
from points.notices.errors import NoEmail, WrongEmailCode
from points.notices.kinds import facts_from_text
from points.notices.rules import email_address, email_code, retry_after, same_code
from points.transactions import run, use_case

KEY_NAME: Final = "email"
LETTERS_MAX: Final = 100
# Letters with a code that one person can have sent, and codes she can try, in a quarter of an hour.
CODES_FREE: Final = 3
TRIES_FREE: Final = 10


@dataclass(frozen=True, slots=True)
class Email:
    """The address of a person; letters go there once it is confirmed."""

    address: str
    confirmed: bool


@dataclass(frozen=True, slots=True)
class DueEmail:
    """A notice that is to go out as a letter."""

    notice_id: int
    area_id: int
    address: str
    language: str
    kind: str
    facts: Mapping[str, Any]
    path: str


async def email_of(person_id: int) -> Email | None:
    """Where a person's letters go, if anywhere."""
    rows = await run(
        "SELECT address, confirmed_at FROM email_address WHERE person_id = {}", person_id
    )
    return Email(str(rows[0]["address"]), rows[0]["confirmed_at"] is not None) if rows else None


async def set_email(*, person_id: int, address: str, now: datetime) -> tuple[str, str]:
    """Keep an address, not confirmed yet; answers with it and the code to send there."""
    kept = email_address(address)
    # Counted first and on its own, so that nobody floods a stranger's mailbox with codes.
    await count_try(limits={f"email:{person_id}": CODES_FREE}, now=now)
    await _keep(person_id=person_id, address=kept)
    secret = await install_secret(name=KEY_NAME, now=now)
    return kept, email_code(secret=secret, person_id=person_id, address=kept)


async def confirm_email(*, person_id: int, code: str, now: datetime) -> None:
    """Show that the mailbox is one's own; from now on notices go there too."""
    await count_try(limits={f"email-code:{person_id}": TRIES_FREE}, now=now)
    await _confirm(person_id=person_id, code=code, now=now)


@use_case
async def remove_email(*, person_id: int) -> None:
    """Forget the address; letters that wait are not sent."""
    await run("DELETE FROM email_address WHERE person_id = {}", person_id)
    await _drop_letters(person_id)


@use_case
async def _keep(*, person_id: int, address: str) -> None:
    await run(
        "INSERT INTO email_address (person_id, address) VALUES ({}, {}) "
        "ON CONFLICT (person_id) DO UPDATE SET address = excluded.address, confirmed_at = NULL "
        "WHERE email_address.address <> excluded.address",
        person_id,
        address,
    )
    email = await email_of(person_id)
    if email is None or not email.confirmed:
        await _drop_letters(person_id)


@use_case
async def _confirm(*, person_id: int, code: str, now: datetime) -> None:
    email = await email_of(person_id)
    if email is None:
        raise NoEmail(field="code")
    secret = await install_secret(name=KEY_NAME, now=now)
    if not same_code(code, email_code(secret=secret, person_id=person_id, address=email.address)):
        raise WrongEmailCode(field="code")
    await run(
        "UPDATE email_address SET confirmed_at = {} WHERE person_id = {} AND address = {}",
        now.astimezone(UTC),
        person_id,
        email.address,
    )


async def _drop_letters(person_id: int) -> None:
    await run(
        "UPDATE notice SET email_state = 'none' WHERE person_id = {} AND email_state = 'due'",
        person_id,
    )


# --- the outbox


async def due_emails(*, now: datetime, limit: int = LETTERS_MAX) -> tuple[DueEmail, ...]:
    """Letters to send now, oldest first."""
    rows = await run(
        "SELECT n.id, n.kind, n.facts, n.path, p.area_id, p.language, e.address FROM notice n "
        "JOIN person p ON p.id = n.person_id JOIN email_address e ON e.person_id = p.id "
        "WHERE n.email_state = 'due' AND e.confirmed_at IS NOT NULL AND p.closed_at IS NULL "
        "AND (n.email_at IS NULL OR n.email_at <= {}) ORDER BY n.id LIMIT {}",
        now.astimezone(UTC),
        limit,
    )
    return tuple(
        DueEmail(
            notice_id=int(row["id"]),
            area_id=int(row["area_id"]),
            address=str(row["address"]),
            language=str(row["language"]),
            kind=str(row["kind"]),
            facts=facts_from_text(str(row["facts"])),
            path=str(row["path"]),
        )
        for row in rows
    )


@use_case
async def mark_sent(*, notice_id: int, now: datetime) -> None:
    """The mail server took the letter."""
    await run(
        "UPDATE notice SET email_state = 'sent', email_tries = email_tries + 1, email_at = {} "
        "WHERE id = {}",
        now.astimezone(UTC),
        notice_id,
    )


@use_case
async def mark_failed(*, notice_id: int, now: datetime) -> None:
    """It did not; try again later, and at last leave it."""
    [row] = await run("SELECT email_tries FROM notice WHERE id = {}", notice_id)
    tries = int(row["email_tries"]) + 1
    wait = retry_after(tries)
    await run(
        "UPDATE notice SET email_state = {}, email_tries = {}, email_at = {} WHERE id = {}",
        "due" if wait else "failed",
        tries,
        now.astimezone(UTC) + wait if wait else now.astimezone(UTC),
        notice_id,
    )
