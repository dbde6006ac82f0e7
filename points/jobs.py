"""Periodic work: one row for each job says who does it, until when, and which slot was the last.

A slot is the number of a period since 1970, so every process counts the same ones.  Claiming is a
single statement: of all who try, one gets the slot.  Whoever dies while holding a lease blocks its
job until the lease ends and no longer; the work itself is idempotent and in small transactions.
"""

from datetime import UTC, datetime, timedelta

from points.transactions import run, use_case

# A lease that ends later than this was given under a clock that was wrong; it binds nobody.
LEASE_MAX = timedelta(days=1)


def slot_of(*, now: datetime, period_seconds: int) -> int:
    """The slot of a job with that period to which this moment belongs."""
    return int(now.timestamp()) // period_seconds


@use_case
async def claim(*, name: str, slot: int, owner: str, now: datetime, lease_seconds: int) -> bool:
    """Whether this slot of the job is now the owner's, and nobody else's, to do."""
    moment = now.astimezone(UTC)
    claimed = await run(
        "INSERT INTO job_lease (name, owner, until, last_slot) VALUES ({}, {}, {}, {}) "
        "ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until, "
        "last_slot = excluded.last_slot "
        "WHERE job_lease.until <= {} AND job_lease.last_slot < excluded.last_slot "
        "OR job_lease.until > {} RETURNING name",
        name,
        owner,
        moment + timedelta(seconds=lease_seconds),
        slot,
        moment,
        moment + LEASE_MAX,
    )
    return bool(claimed)


@use_case
async def release(*, name: str, slot: int, owner: str, now: datetime) -> None:
    """End the lease of a slot that is done, so that the next one need not wait for it."""
    await run(
        "UPDATE job_lease SET until = {} WHERE name = {} AND owner = {} AND last_slot = {}",
        now.astimezone(UTC),
        name,
        owner,
        slot,
    )
