"""Periodic work inside the server, or once by ``linli jobs run``.

Every process tries every job; the lease row gives each slot to one of them.  A job runs in a task
of its own, its failure is logged and stops no other.
"""

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from litestar import Litestar

from points import requests
from points.community.access import throttle
from points.disputes import deadlines as disputes
from points.jobs import claim, release, slot_of
from points.ledger.expiry import expire_due
from points.ledger.expiry_notices import notify_expiring
from points.ledger.pool_notices import notify_pools_expiring
from points.ledger.sealing.seals import seal_due
from points.outlook.reckoning import reckon
from points.rewards.deadlines import escalate_due, remind_collect, return_uncollected
from talentmap.activities.deadlines import close_due, remind_due
from talentmap.pins.words import fill_words
from talentmap.talents.publication import refine_due
from web import clock
from web.import_folder import forget_old as forget_old_uploads
from web.mail import send_due
from web.settings import Settings

LOG = logging.getLogger("linli.jobs")
# How often a process looks for something due, and how long one may take before another takes over.
TICK_SECONDS = 15
LEASE_SECONDS = 900
# What a job has in hand when the server stops; it is cancelled after that and loses nothing done.
STOP_SECONDS = 2.0
MINUTE, HOUR = 60, 3600


@dataclass(frozen=True, slots=True)
class Job:
    """Work that is due once in each period; ``act`` answers how many things it did."""

    name: str
    period_seconds: int
    act: Callable[[datetime], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job went: nothing is said of one whose slot another process has."""

    name: str
    acted: int = 0
    failed: bool = False


async def _reckon(now: datetime) -> int:
    return await reckon(now=now)


async def _forget(now: datetime) -> int:
    """Answers and counts that are kept no longer."""
    await requests.forget_old(now=now)
    await throttle.forget_old(now=now)
    return 0


async def _name(now: datetime) -> int:
    """Words for new names; nobody needs to hear how many."""
    await fill_words(now)
    return 0


JOBS: Sequence[Job] = (
    Job("activities_close", MINUTE, close_due),
    Job("activities_remind", 10 * MINUTE, remind_due),
    Job("redemptions_escalate", 10 * MINUTE, escalate_due),
    Job("redemptions_return", 10 * MINUTE, return_uncollected),
    Job("redemptions_remind", HOUR, remind_collect),
    Job("disputes_settle", 10 * MINUTE, disputes.settle_due),
    Job("disputes_escalate", 10 * MINUTE, disputes.escalate_due),
    Job("points_expire", HOUR, expire_due),
    Job("points_expiring", HOUR, notify_expiring),
    Job("pools_expiring", HOUR, notify_pools_expiring),
    Job("books_seal", 6 * HOUR, seal_due),
    Job("books_reckon", HOUR, _reckon),
    Job("talents_refine", HOUR, refine_due),
    Job("map_words", MINUTE, _name),
    Job("forget", HOUR, _forget),
)


def jobs_of(settings: Settings) -> tuple[Job, ...]:
    """What is to be done here; letters last, so that they tell what the others did."""
    tidy = Job("imports_forget", HOUR, partial(forget_old_uploads, settings.data))
    mail = [Job("mail", MINUTE, partial(send_due, settings))] if settings.smtp_url else []
    return (*JOBS, tidy, *mail)


async def run_jobs(jobs: Sequence[Job], *, owner: str) -> list[Outcome]:
    """Do once what is due and nobody else has, one after the other."""
    outcomes = []
    for job in jobs:
        # A task of its own: it inherits no transaction that somebody left open.
        outcome = await asyncio.create_task(_attempt(job, owner))
        outcomes += [outcome] if outcome else []
    return outcomes


async def _attempt(job: Job, owner: str) -> Outcome | None:
    now = clock.now()
    slot = slot_of(now=now, period_seconds=job.period_seconds)
    try:
        if not await claim(
            name=job.name, slot=slot, owner=owner, now=now, lease_seconds=LEASE_SECONDS
        ):
            return None
        acted = await job.act(now)
        await release(name=job.name, slot=slot, owner=owner, now=clock.now())
    except Exception:
        # The lease is left to run out: whatever broke gets a rest before it is tried again.
        LOG.exception("The job %s failed.", job.name)
        return Outcome(job.name, failed=True)
    if acted:
        LOG.info("The job %s did %s.", job.name, acted)
    return Outcome(job.name, acted)


def new_owner() -> str:
    """A name for this process that no other has."""
    return f"{socket.gethostname()[:30]}:{os.getpid()}:{secrets.token_hex(4)}"


@asynccontextmanager
async def jobs_running(app: Litestar) -> AsyncIterator[None]:
    """Run the jobs for as long as the application is open."""
    settings: Settings = app.state.settings
    if not settings.jobs:
        yield
        return
    stop = asyncio.Event()
    loop = asyncio.create_task(_loop(jobs_of(settings), stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait({loop}, timeout=STOP_SECONDS)
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)


async def _loop(jobs: Sequence[Job], stop: asyncio.Event) -> None:
    owner = new_owner()
    while not stop.is_set():
        for job in jobs:
            if not stop.is_set():
                await run_jobs([job], owner=owner)
        try:
            await asyncio.wait_for(stop.wait(), TICK_SECONDS)
        except TimeoutError:
            continue
