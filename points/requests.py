"""Whoever repeats a request gets the first answer.

A form carries a request id.  ``once`` opens the outer transaction, claims the id, runs the use
case inside it and keeps the answer with it, so that the effect and its answer are stored or lost
together.  A refusal is kept as well, after the effect was rolled back; it binds nothing but its own
body, because nothing was done under it: a corrected form may be sent under the same id.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from typing import Any, Final

from points.errors import DomainError, RequestReused, error_by_code
from points.transactions import is_postgres, run, use_case

KEPT_DAYS = 30
CANONICAL: Final = json.JSONEncoder(sort_keys=True, ensure_ascii=False, default=str)


def body_hash(body: object) -> str:
    """Hash of a JSON-like body, independent of the order of keys."""
    return hashlib.sha256(CANONICAL.encode(body).encode()).hexdigest()


async def once(
    *,
    actor_key: str,
    request_id: str,
    request_hash: str,
    now: datetime,
    act: Callable[[], Awaitable[str]],
) -> str:
    """Run ``act`` at most once under (actor, request id); return its answer, first or kept.

    Raises the DomainError of ``act``, first or kept, and RequestReused for another body.
    """
    try:
        return await _claimed(
            actor_key=actor_key, request_id=request_id, request_hash=request_hash, now=now, act=act
        )
    except RequestReused:
        raise
    except DomainError as refusal:
        await _keep_refusal(
            actor_key=actor_key,
            request_id=request_id,
            request_hash=request_hash,
            now=now,
            refusal=refusal,
        )
        raise


@use_case
async def _claimed(
    *,
    actor_key: str,
    request_id: str,
    request_hash: str,
    now: datetime,
    act: Callable[[], Awaitable[str]],
) -> str:
    # The insert is the lock: a second sender of the same id waits here for the first to commit.
    fresh = await run(
        "INSERT INTO request (actor_key, request_id, body_hash, answered_at) "
        "VALUES ({}, {}, {}, {}) ON CONFLICT DO NOTHING RETURNING request_id",
        actor_key,
        request_id,
        request_hash,
        now,
    )
    if not fresh:
        kept = await _kept(actor_key=actor_key, request_id=request_id, request_hash=request_hash)
        if kept is not None:
            return kept
    answer = await act()
    await run(
        "UPDATE request SET answer = {}, body_hash = {}, refusal = NULL "
        "WHERE actor_key = {} AND request_id = {}",
        answer,
        request_hash,
        actor_key,
        request_id,
    )
    return answer


async def _kept(*, actor_key: str, request_id: str, request_hash: str) -> str | None:
    """The kept answer; None where another body was refused, so that this one may try."""
    # An insert that meets a committed row locks nothing, so of two who may try one waits here.
    lock = " FOR UPDATE" if is_postgres() else ""
    [row] = await run(
        "SELECT body_hash, answer, refusal FROM request "
        f"WHERE actor_key = {{}} AND request_id = {{}}{lock}",
        actor_key,
        request_id,
    )
    same_body = row["body_hash"] == request_hash
    if row["refusal"] is not None:
        if not same_body:
            return None
        kept = json.loads(row["refusal"], object_hook=_typed)
        raise error_by_code(kept["code"])(**kept["facts"])
    if not same_body:
        raise RequestReused
    return str(row["answer"])


@use_case
async def _keep_refusal(
    *, actor_key: str, request_id: str, request_hash: str, now: datetime, refusal: DomainError
) -> None:
    text = json.dumps({"code": refusal.code, "facts": refusal.facts}, default=_plain)
    await run(
        "INSERT INTO request (actor_key, request_id, body_hash, refusal, answered_at) "
        "VALUES ({}, {}, {}, {}, {}) ON CONFLICT DO NOTHING",
        actor_key,
        request_id,
        request_hash,
        text,
        now,
    )


def _plain(fact: object) -> object:
    """A fact as JSON.  Days and moments stay what they are, so that they are said alike again."""
    if isinstance(fact, datetime):
        return {"moment": fact.isoformat()}
    return {"day": fact.isoformat()} if isinstance(fact, date) else str(fact)


def _typed(kept: dict[str, Any]) -> object:
    match kept:
        case {"moment": str(text), **others} if not others:
            return datetime.fromisoformat(text)
        case {"day": str(text), **others} if not others:
            return date.fromisoformat(text)
    return kept


@use_case
async def forget_old(*, now: datetime) -> None:
    """Drop answers older than 30 days."""
    await run("DELETE FROM request WHERE answered_at < {}", now - timedelta(days=KEPT_DAYS))
