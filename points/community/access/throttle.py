"""A brake on guessing, shared by all workers.

A try is counted before it is looked at and given back if it was right.  So a thousand tries sent
at once get no further than five sent one after the other, and the count stands whatever happens.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from points.community.access import rules
from points.community.access.errors import TooManyAttempts
from points.transactions import is_postgres, run, use_case

KEPT = timedelta(days=1)
ADDRESS_LENGTH_MAX = 64


def account_key(person_id: int) -> str:
    """The count of one account, by whichever number it is tried."""
    return f"person:{person_id}"


def login_key(login: str) -> str:
    """The count of a number that belongs to nobody."""
    return f"login:{rules.digest(login.encode(errors='replace').decode())}"


def address_key(kind: str, address: str) -> str:
    """The count of one address for one kind of try."""
    return f"{kind}:{rules.digest(address.encode(errors='replace').decode())}"


@use_case
async def count_try(*, limits: Mapping[str, int], now: datetime) -> None:
    """Count one try under each key, or refuse it where a wait is on; commits by itself."""
    for key in sorted(limits):
        await run(
            "INSERT INTO throttle (key, failures, window_started_at) VALUES ({}, 0, {}) "
            "ON CONFLICT DO NOTHING",
            key,
            now,
        )
        tries = await _tries(key)
        wait = rules.blocked(tries, now)
        if wait is not None:
            raise TooManyAttempts(minutes=rules.minutes_up(wait))
        after = rules.after_try(tries, free=limits[key], now=now)
        await run(
            "UPDATE throttle SET failures = {}, window_started_at = {}, blocked_until = {} "
            "WHERE key = {}",
            after.count,
            after.window_started_at,
            after.blocked_until,
            key,
        )


async def _tries(key: str) -> rules.Tries:
    lock = " FOR UPDATE" if is_postgres() else ""
    [row] = await run(f"SELECT * FROM throttle WHERE key = {{}}{lock}", key)
    return rules.Tries(row["failures"], row["window_started_at"], row["blocked_until"])


@use_case
async def give_back(*, key: str) -> None:
    """Take one try back, because it was right; the wrong ones of others stay counted."""
    await run(
        "UPDATE throttle SET failures = failures - 1, blocked_until = NULL "
        "WHERE key = {} AND failures > 0",
        key,
    )


@use_case
async def clear(*, key: str) -> None:
    """Forget the wrong tries of an account whose owner came in."""
    await run("DELETE FROM throttle WHERE key = {}", key)


@use_case
async def forget_old(*, now: datetime) -> None:
    """Drop counts of yesterday."""
    await run("DELETE FROM throttle WHERE window_started_at < {}", now - KEPT)
