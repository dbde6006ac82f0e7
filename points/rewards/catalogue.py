"""What can be asked for: drafted by one person, adopted by another, retired when it is over.

What was adopted is never edited: another price is another item.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from points.community.rules import clean_text, row_number
from points.notices.post import notify
from points.rewards.authority import (
    ADOPTERS,
    DRAFTERS,
    Place,
    holders_in,
    place_of,
    require_role,
)
from points.rewards.errors import (
    ItemDraftedByYou,
    ItemInvalid,
    ItemKindUnknown,
    ItemMissing,
    ItemNotDraft,
    ItemRetired,
    ItemTextTooLong,
    MonthlyLimitInvalid,
    PhotoInvalid,
    PriceInvalid,
)
from points.rewards.rules import AUDIENCES, KINDS, PRICE_MAX
from points.rewards.shelf import ItemView, drafts, item, shelf
from points.rewards.stock import lose_stock, receive_stock, stock_moves, stock_of
from points.service.policy import policy_at
from points.transactions import is_postgres, run, use_case

__all__ = [
    "ItemDraft",
    "ItemView",
    "Photo",
    "adopt_item",
    "change_draft",
    "draft_item",
    "drafts",
    "item",
    "lose_stock",
    "photo_of",
    "receive_stock",
    "retire_item",
    "set_photo",
    "shelf",
    "stock_moves",
    "stock_of",
]

TEXT_MOST: Final = {"name": 80, "description": 500, "sponsor": 80, "icon": 32}
MONTHLY_LIMIT_MAX: Final = 100
PHOTO_BYTES_MAX: Final = 512 * 1024
# The first bytes say what a file is, whatever its sender calls it.
PHOTO_BEGINS: Final = {
    "image/jpeg": (0, b"\xff\xd8\xff"),
    "image/png": (0, b"\x89PNG\r\n\x1a\n"),
    "image/webp": (8, b"WEBP"),
}


@dataclass(frozen=True, slots=True)
class ItemDraft:
    """What a drafter says of an item; ``monthly_limit`` None is what the policy says."""

    name: str
    kind: str
    price: int
    description: str = ""
    sponsor: str = ""
    icon: str = "gift"
    audience: str = "all"
    monthly_limit: int | None = None


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture as it is sent to browsers."""

    media_type: str
    content: bytes
    digest: str


@use_case
async def draft_item(*, actor_id: int, book_id: int, draft: ItemDraft, now: datetime) -> int:
    """Draft an item; the others who may adopt it are told."""
    place = await place_of(book_id=book_id, now=now)
    await require_role(place, actor_id=actor_id, roles=DRAFTERS)
    facts = await _facts(draft, place)
    facts |= {"book_id": book_id, "drafted_by": actor_id, "drafted_at": now.astimezone(UTC)}
    [row] = await run(
        f"INSERT INTO reward_item ({', '.join(facts)}) "
        f"VALUES ({', '.join(['{}'] * len(facts))}) RETURNING id",
        *facts.values(),
    )
    item_id = int(row["id"])
    await run("INSERT INTO stock (item_id) VALUES ({})", item_id)
    adopters = {holder.person_id for holder in await holders_in(place, roles=ADOPTERS)}
    await notify(
        person_ids=adopters - {actor_id},
        kind="item_to_adopt",
        facts={"item": facts["name"]},
        path=f"/catalogue/{item_id}",
        now=now,
        dedup=f"item:{item_id}:drafted",
    )
    return item_id


@use_case
async def change_draft(*, actor_id: int, item_id: int, draft: ItemDraft, now: datetime) -> None:
    """Correct one's own draft.

    Nobody else's: whoever wrote a part of an item could then adopt it herself.
    """
    row, place = await _locked_item(item_id, now)
    await require_role(place, actor_id=actor_id, roles=DRAFTERS)
    if row["state"] != "draft" or row["drafted_by"] != actor_id:
        raise ItemNotDraft
    facts = await _facts(draft, place)
    await run(
        f"UPDATE reward_item SET {', '.join(f'{column} = {{}}' for column in facts)} "
        "WHERE id = {}",
        *facts.values(),
        row["id"],
    )


@use_case
async def adopt_item(*, actor_id: int, item_id: int, now: datetime) -> None:
    """Put a draft into the catalogue, as a second person."""
    row, place = await _locked_item(item_id, now)
    await require_role(place, actor_id=actor_id, roles=ADOPTERS)
    if actor_id == row["drafted_by"]:
        raise ItemDraftedByYou
    if row["state"] != "draft":
        raise ItemNotDraft
    await run(
        "UPDATE reward_item SET state = 'adopted', adopted_by = {}, adopted_at = {} WHERE id = {}",
        actor_id,
        now.astimezone(UTC),
        row["id"],
    )


@use_case
async def retire_item(*, actor_id: int, item_id: int, now: datetime) -> None:
    """Offer an item no more, or drop a draft; requests that wait keep their price and place."""
    row, place = await _locked_item(item_id, now)
    await require_role(place, actor_id=actor_id, roles=(*DRAFTERS, "committee_member"))
    if row["state"] == "retired":
        raise ItemRetired
    await run(
        "UPDATE reward_item SET state = 'retired', retired_at = {} WHERE id = {}",
        now.astimezone(UTC),
        row["id"],
    )


@use_case
async def set_photo(
    *, actor_id: int, item_id: int, media_type: str, content: bytes, now: datetime
) -> None:
    """Show what an item looks like; whatever a camera wrote into the file is the web's to drop."""
    row, place = await _locked_item(item_id, now)
    await require_role(place, actor_id=actor_id, roles=DRAFTERS)
    if row["state"] == "retired":
        raise ItemRetired
    offset, begins = PHOTO_BEGINS.get(media_type, (0, b"\x00"))
    known = media_type in PHOTO_BEGINS and content[offset:].startswith(begins)
    if not known or len(content) > PHOTO_BYTES_MAX:
        raise PhotoInvalid(field="photo", most_kb=PHOTO_BYTES_MAX // 1024)
    await run(
        "INSERT INTO item_photo (item_id, media_type, content, digest) VALUES ({}, {}, {}, {}) "
        "ON CONFLICT (item_id) DO UPDATE SET media_type = excluded.media_type, "
        "content = excluded.content, digest = excluded.digest",
        row["id"],
        media_type,
        content,
        hashlib.sha256(content).hexdigest(),
    )


async def photo_of(item_id: int) -> Photo | None:
    """The picture of an item, if it has one."""
    rows = await run(
        "SELECT media_type, content, digest FROM item_photo WHERE item_id = {}",
        row_number(item_id),
    )
    return Photo(**rows[0] | {"content": bytes(rows[0]["content"])}) if rows else None


async def _locked_item(item_id: int, now: datetime) -> tuple[dict[str, Any], Place]:
    lock = " FOR NO KEY UPDATE" if is_postgres() else ""
    rows = await run(
        f"SELECT id, book_id, state, drafted_by FROM reward_item WHERE id = {{}}{lock}",
        row_number(item_id),
    )
    if not rows:
        raise ItemMissing
    return rows[0], await place_of(book_id=rows[0]["book_id"], now=now)


async def _facts(draft: ItemDraft, place: Place) -> dict[str, object]:
    """The columns of a draft; refuses what no item may be."""
    texts = {field: clean_text(getattr(draft, field)) for field in TEXT_MOST}
    for field, text in texts.items():
        if len(text) > TEXT_MOST[field]:
            raise ItemTextTooLong(field=field, most=TEXT_MOST[field])
    if not texts["name"]:
        raise ItemInvalid(field="name", most=TEXT_MOST["name"])
    if draft.kind not in KINDS:
        raise ItemKindUnknown(field="kind")
    if draft.audience not in AUDIENCES:
        raise ItemKindUnknown(field="audience")
    if not 0 <= draft.price <= PRICE_MAX:
        raise PriceInvalid(field="price", most=PRICE_MAX)
    limit = draft.monthly_limit
    if limit is None:
        limit = (await policy_at(place.book_id, place.today)).terms.item_month_limit
    if not 1 <= limit <= MONTHLY_LIMIT_MAX:
        raise MonthlyLimitInvalid(field="monthly_limit", most=MONTHLY_LIMIT_MAX)
    return {
        **texts,
        "kind": draft.kind,
        "audience": draft.audience,
        "price": draft.price,
        "monthly_limit": limit,
    }
