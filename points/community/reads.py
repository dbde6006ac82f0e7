"""Who looked at whose data, and who acted for whom.  Both logs are append-only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from points.community import rules
from points.community.errors import ReasonMissing
from points.transactions import run, use_case

BATCH = 200


@dataclass(frozen=True, slots=True)
class ReadLine:
    """Somebody looked."""

    id: int
    actor_id: int
    actor_name: str
    what: str
    read_at: datetime


@dataclass(frozen=True, slots=True)
class ProxyLine:
    """Somebody acted for the person."""

    id: int
    actor_id: int
    actor_name: str
    action: str
    reason: str
    acted_at: datetime


@use_case
async def log_reads(*, actor_id: int, person_ids: Sequence[int], what: str, now: datetime) -> None:
    """Note that the actor looked at these people's data; looking at oneself is nobody's affair."""
    others = [person_id for person_id in person_ids if person_id != actor_id]
    for start in range(0, len(others), BATCH):
        batch = others[start : start + BATCH]
        values = [fact for person_id in batch for fact in (actor_id, person_id, what, now)]
        await run(
            "INSERT INTO personal_read (actor_id, person_id, what, read_at) VALUES "
            + ", ".join(["({}, {}, {}, {})"] * len(batch)),
            *values,
        )


async def reads_of(
    person_id: int, before_id: int | None = None, limit: int = 50
) -> tuple[ReadLine, ...]:
    """Who looked at this person's data, newest first."""
    rows = await run(
        "SELECT r.id, r.actor_id, a.name AS actor_name, r.what, r.read_at "
        "FROM personal_read r JOIN person a ON a.id = r.actor_id "
        "WHERE r.person_id = {} AND r.id < {} ORDER BY r.id DESC LIMIT {}",
        rules.row_number(person_id),
        min(before_id or rules.ID_MAX, rules.ID_MAX),
        limit,
    )
    return tuple(ReadLine(**row) for row in rows)


@use_case
async def log_proxy(
    *, actor_id: int, person_id: int, action: str, reason: str, now: datetime
) -> None:
    """Note that the actor did something in this person's name, and why."""
    reason = rules.clean_text(reason)
    if not 0 < len(reason) <= rules.REASON_LENGTH_MAX:
        raise ReasonMissing(field="reason", limit=rules.REASON_LENGTH_MAX)
    await run(
        "INSERT INTO proxy_action (actor_id, person_id, action, reason, acted_at) "
        "VALUES ({}, {}, {}, {}, {})",
        actor_id,
        person_id,
        action,
        reason,
        now,
    )


async def proxies_of(
    person_id: int, before_id: int | None = None, limit: int = 50
) -> tuple[ProxyLine, ...]:
    """What others did in this person's name, newest first."""
    rows = await run(
        "SELECT x.id, x.actor_id, a.name AS actor_name, x.action, x.reason, x.acted_at "
        "FROM proxy_action x JOIN person a ON a.id = x.actor_id "
        "WHERE x.person_id = {} AND x.id < {} ORDER BY x.id DESC LIMIT {}",
        rules.row_number(person_id),
        min(before_id or rules.ID_MAX, rules.ID_MAX),
        limit,
    )
    return tuple(ProxyLine(**row) for row in rows)
