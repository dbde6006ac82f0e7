"""Passwords, kept as argon2id hashes.

A hash takes about a tenth of a second of one core and 19 MiB, so it runs in one of two threads,
never on the event loop and never inside a transaction, where it would hold up all writers.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from points.community import profiles
from points.community.access import rules, throttle
from points.community.access.errors import WrongPassword
from points.transactions import engine, run, use_case

_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_THREADS: Final = ThreadPoolExecutor(max_workers=2, thread_name_prefix="password")
# The hash of a password that nobody knows: an unknown number takes as long as a wrong password.
NOBODY: Final = (
    "$argon2id$v=19$m=19456,t=2,p=1$"
    "4qljHv7UixvyC68UbSVdgg$BdpLov7U4BbVBUMkQsfCl2r+0+7xk5SHlhjbH4fVuQU"
)


async def hash_password(password: str) -> str:
    """The argon2id hash of a password."""
    plain = rules.normalise_password(password)
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _HASHER.hash, plain)


async def verify_password(password_hash: str, password: str) -> bool:
    """Whether the password belongs to the hash."""
    plain = rules.normalise_password(password[: 4 * rules.PASSWORD_LENGTH_MAX])
    return await asyncio.get_running_loop().run_in_executor(
        _THREADS, _matches, password_hash, plain
    )


def _matches(password_hash: str, plain: str) -> bool:
    try:
        return _HASHER.verify(password_hash, plain)
    except (Argon2Error, InvalidHashError):
        return False


def outside_transactions() -> None:
    """Hold that nothing is open: a count of wrong tries must survive the refusal it leads to."""
    assert not engine().transaction_exists(), "this checks a password, so it opens its own"


async def has_password(person_id: int) -> bool:
    """Whether the person ever chose a password."""
    return await stored_hash(person_id) is not None


async def stored_hash(person_id: int) -> str | None:
    """The hash kept for a person."""
    rows = await run("SELECT password_hash FROM credential WHERE person_id = {}", person_id)
    return str(rows[0]["password_hash"]) if rows else None


async def own_facts(person_id: int) -> tuple[str, ...]:
    """What the person's password must not be: her name and numbers."""
    details = await profiles.my_details(person_id)
    person = details.person
    facts = (person.name, person.volunteer_no, person.card_no, details.phone)
    return tuple(fact for fact in facts if fact)


@use_case
async def store_password(*, person_id: int, password_hash: str, now: datetime) -> None:
    """Keep the hash in place of any earlier one."""
    await run(
        "INSERT INTO credential (person_id, password_hash, set_at) VALUES ({}, {}, {}) "
        "ON CONFLICT (person_id) DO UPDATE "
        "SET password_hash = EXCLUDED.password_hash, set_at = EXCLUDED.set_at",
        person_id,
        password_hash,
        now,
    )


async def change_password(
    *, person_id: int, current: str, new: str, token: str, now: datetime
) -> None:
    """Choose another password, knowing the present one; all other devices are signed out."""
    outside_transactions()
    key = throttle.account_key(person_id)
    await throttle.count_try(limits={key: rules.ACCOUNT_TRIES}, now=now)
    known = await stored_hash(person_id)
    if not await verify_password(known or NOBODY, current) or known is None:
        raise WrongPassword(field="current")
    await throttle.clear(key=key)
    rules.check_password(new, own=await own_facts(person_id))
    password_hash = await hash_password(new)
    await _replace(
        person_id=person_id, known=known, password_hash=password_hash, token=token, now=now
    )


@use_case
async def _replace(
    *, person_id: int, known: str, password_hash: str, token: str, now: datetime
) -> None:
    replaced = await run(
        "UPDATE credential SET password_hash = {}, set_at = {} "
        "WHERE person_id = {} AND password_hash = {} RETURNING person_id",
        password_hash,
        now,
        person_id,
        known,
    )
    if not replaced:
        # A reset came in between.
        raise WrongPassword(field="current")
    await run(
        "UPDATE session SET revoked_at = {} "
        "WHERE person_id = {} AND revoked_at IS NULL AND digest <> {}",
        now,
        person_id,
        rules.digest(token),
    )
