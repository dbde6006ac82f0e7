"""Where the pieces of an item are.  Every change is a move that stays.

``received = in store + reserved + handed out + lost``, always.  The row of an item's stock is
locked by the update itself: two who want the last piece wait for each other, and one is told.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from points.community.errors import ReasonMissing
from points.community.rules import REASON_LENGTH_MAX, clean_text, row_number
from points.rewards.authority import DRAFTERS, place_of, require_role
from points.rewards.errors import ItemMissing, ItemRetired, QuantityInvalid, StockTooSmall
from points.rewards.rules import QUANTITY_MAX
from points.transactions import run, use_case, whole

# For each kind of move, the columns it takes from and adds to.
CHANGES: Final = {
    "receive": ("", "received, in_store"),
    "reserve": ("in_store", "reserved"),
    "unreserve": ("reserved", "in_store"),
    "hand_out": ("reserved", "handed_out"),
    "give_out": ("in_store", "handed_out"),
    "take_back": ("handed_out", "in_store"),
    "lose": ("in_store", "lost"),
}


@dataclass(frozen=True, slots=True)
class StockView:
    """How many pieces of an item are where."""

    received: int
    in_store: int
    reserved: int
    handed_out: int
    lost: int


@dataclass(frozen=True, slots=True)
class StockMoveLine:
    """One move as the list of an item shows it."""

    id: int
    kind: str
    quantity: int
    redemption_id: int | None
    reason: str
    actor_name: str | None
    moved_at: datetime


@use_case
async def receive_stock(
    *, actor_id: int, item_id: int, quantity: int, reason: str, now: datetime
) -> None:
    """Note pieces that came in, and from where."""
    state = await _for_keeper(actor_id=actor_id, item_id=item_id, now=now)
    if state == "retired":
        raise ItemRetired
    why = _reason(reason)
    await move(
        item_id=item_id, kind="receive", quantity=quantity, reason=why, actor_id=actor_id, now=now
    )


@use_case
async def lose_stock(
    *, actor_id: int, item_id: int, quantity: int, reason: str, now: datetime
) -> None:
    """Note pieces in store that are broken, spoilt or missing, and why."""
    await _for_keeper(actor_id=actor_id, item_id=item_id, now=now)
    why = _reason(reason)
    done = await move(
        item_id=item_id, kind="lose", quantity=quantity, reason=why, actor_id=actor_id, now=now
    )
    if not done:
        raise StockTooSmall(in_store=(await stock_of(item_id)).in_store)


@use_case
async def give_out(
    *, item_id: int, quantity: int, reason: str, actor_id: int, now: datetime
) -> None:
    """Hand out pieces that nobody asked for singly, as materials of an activity.

    The caller says who may; inside its transaction.
    """
    done = await move(
        item_id=item_id,
        kind="give_out",
        quantity=quantity,
        reason=_reason(reason),
        actor_id=actor_id,
        now=now,
    )
    if not done:
        raise StockTooSmall(in_store=(await stock_of(item_id)).in_store)


async def move(
    *,
    item_id: int,
    kind: str,
    actor_id: int | None,
    now: datetime,
    quantity: int = 1,
    redemption_id: int | None = None,
    reason: str = "",
) -> bool:
    """Move pieces, inside the caller's transaction; False where there are not so many."""
    if not 1 <= quantity <= QUANTITY_MAX:
        raise QuantityInvalid(field="quantity", most=QUANTITY_MAX)
    source, target = CHANGES[kind]
    changes = [f"{column} = {column} + {{}}" for column in target.split(", ")]
    changes += [f"{source} = {source} - {{}}"] if source else []
    enough = f" AND {source} >= {{}}" if source else ""
    rows = await run(
        f"UPDATE stock SET {', '.join(changes)} WHERE item_id = {{}}{enough} RETURNING item_id",
        *[quantity] * len(changes),
        row_number(item_id),
        *([quantity] if source else []),
    )
    if not rows:
        return False
    await run(
        "INSERT INTO stock_move (item_id, kind, quantity, redemption_id, reason, actor_id, "
        "moved_at) VALUES ({}, {}, {}, {}, {}, {}, {})",
        item_id,
        "hand_out" if kind == "give_out" else kind,
        quantity,
        redemption_id,
        reason[:REASON_LENGTH_MAX],
        actor_id,
        now.astimezone(UTC),
    )
    return True


async def stock_of(item_id: int) -> StockView:
    """How many pieces of an item are where."""
    rows = await run(
        "SELECT received, in_store, reserved, handed_out, lost FROM stock WHERE item_id = {}",
        row_number(item_id),
    )
    if not rows:
        raise ItemMissing
    return StockView(**rows[0])


@use_case
@whole
async def stock_moves(
    *, actor_id: int, item_id: int, now: datetime, before_id: int | None = None, limit: int = 50
) -> tuple[StockMoveLine, ...]:
    """What happened to the pieces of an item, newest first, for those who keep the store."""
    await _for_keeper(actor_id=actor_id, item_id=item_id, now=now)
    before = "" if before_id is None else f"AND m.id < {row_number(before_id)} "
    rows = await run(
        "SELECT m.id, m.kind, m.quantity, m.redemption_id, m.reason, p.name AS actor_name, "
        "m.moved_at FROM stock_move m LEFT JOIN person p ON p.id = m.actor_id "
        f"WHERE m.item_id = {{}} {before}ORDER BY m.id DESC LIMIT {{}}",
        row_number(item_id),
        max(1, min(limit, 200)),
    )
    return tuple(StockMoveLine(**row) for row in rows)


async def _for_keeper(*, actor_id: int, item_id: int, now: datetime) -> str:
    """The state of an item whose store the actor keeps."""
    rows = await run("SELECT book_id, state FROM reward_item WHERE id = {}", row_number(item_id))
    if not rows:
        raise ItemMissing
    place = await place_of(book_id=rows[0]["book_id"], now=now)
    await require_role(place, actor_id=actor_id, roles=DRAFTERS)
    return str(rows[0]["state"])


def _reason(text: str) -> str:
    reason = clean_text(text)
    if not 0 < len(reason) <= REASON_LENGTH_MAX:
        raise ReasonMissing(field="reason", limit=REASON_LENGTH_MAX)
    return reason
