"""Personal tokens for programs: named, limited in what and how long, revocable."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from points.community import people
from points.community import rules as community_rules
from points.community.access import rules
from points.community.access.errors import (
    NoSuchToken,
    TokenLabelWrong,
    TokenScopeUnknown,
    TokenTermWrong,
    TooManyTokens,
)
from points.transactions import run, use_case

# What stands before a token, so that a search for leaked ones finds it.
PREFIX = "linli_"
TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class TokenHolder:
    """Who a token stands for, and what it may do."""

    person_id: int
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TokenLine:
    """A token as its owner sees it."""

    id: int
    label: str
    scopes: tuple[str, ...]
    created_at: datetime
    used_at: datetime | None
    expires_at: datetime


@use_case
async def create_token(
    *, person_id: int, label: str, scopes: Collection[str], days: int, now: datetime
) -> str:
    """Make a token; this is the only time it is shown."""
    label = community_rules.clean_text(label)
    if not 0 < len(label) <= rules.TOKEN_LABEL_LENGTH_MAX:
        raise TokenLabelWrong(field="label", limit=rules.TOKEN_LABEL_LENGTH_MAX)
    if not scopes or not set(scopes) <= set(rules.TOKEN_SCOPES):
        raise TokenScopeUnknown(field="scopes")
    if not 1 <= days <= rules.TOKEN_DAYS_MAX:
        raise TokenTermWrong(field="days", days_max=rules.TOKEN_DAYS_MAX)
    await people.locked_person(person_id)
    if len(await tokens_of(person_id, now)) >= rules.TOKENS_MAX:
        raise TooManyTokens(limit=rules.TOKENS_MAX)
    token = PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    await run(
        "INSERT INTO api_token (digest, person_id, label, scopes, created_at, expires_at) "
        "VALUES ({}, {}, {}, {}, {}, {})",
        rules.digest(token),
        person_id,
        label,
        " ".join(scope for scope in rules.TOKEN_SCOPES if scope in scopes),
        now,
        now + timedelta(days=days),
    )
    return token


async def token_holder(token: str, now: datetime) -> TokenHolder | None:
    """Whose token this is and what it may do; None for one that is not good any more."""
    rows = await run(
        "SELECT t.id, t.person_id, t.scopes, t.used_at FROM api_token t "
        "JOIN person p ON p.id = t.person_id "
        "WHERE t.digest = {} AND t.revoked_at IS NULL AND p.closed_at IS NULL "
        "AND t.expires_at > {}",
        rules.digest(token.encode(errors="replace").decode()),
        now,
    )
    if not rows:
        return None
    [row] = rows
    if row["used_at"] is None or now - row["used_at"] >= rules.SEEN_EVERY:
        await _touch(token_id=row["id"], now=now)
    return TokenHolder(person_id=row["person_id"], scopes=tuple(row["scopes"].split()))


async def token_person(token: str, now: datetime) -> int | None:
    """Whose token this is; None for one that is not good any more."""
    holder = await token_holder(token, now)
    return None if holder is None else holder.person_id


@use_case
async def _touch(*, token_id: int, now: datetime) -> None:
    await run(
        "UPDATE api_token SET used_at = {} WHERE id = {} AND (used_at IS NULL OR used_at <= {})",
        now,
        token_id,
        now - rules.SEEN_EVERY,
    )


async def tokens_of(person_id: int, now: datetime) -> tuple[TokenLine, ...]:
    """The tokens of a person that still work, newest first."""
    rows = await run(
        "SELECT id, label, scopes, created_at, used_at, expires_at FROM api_token "
        "WHERE person_id = {} AND revoked_at IS NULL AND expires_at > {} ORDER BY id DESC",
        person_id,
        now,
    )
    return tuple(TokenLine(**row | {"scopes": tuple(row["scopes"].split())}) for row in rows)


@use_case
async def revoke_token(*, person_id: int, token_id: int, now: datetime) -> None:
    """End one of one's own tokens."""
    ended = await run(
        "UPDATE api_token SET revoked_at = {} "
        "WHERE id = {} AND person_id = {} AND revoked_at IS NULL RETURNING id",
        now,
        community_rules.row_number(token_id),
        person_id,
    )
    if not ended:
        raise NoSuchToken
