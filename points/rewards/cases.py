"""One request under lock, and the ways it comes to an end.

The order of locks is everywhere: the request, the stock of its item, the accounts.  A new request
cannot be locked by anybody before it is committed, so asking begins at the stock.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from points.community.rules import row_number
from points.ledger.pools import release_to_pool
from points.ledger.postings import release
from points.notices.post import notify
from points.pools.household import payer_of, return_to_leavers
from points.rewards.errors import RedemptionMissing
from points.rewards.rules import Stake, State
from points.rewards.stock import move
from points.transactions import is_postgres, run

COLUMNS: Final = (
    "id, book_id, item_id, person_id, requested_by, item_name, price, quorum, state, "
    "requested_at, decide_by, escalated_at, decided_at, pickup_digest, collect_by, closed_at, "
    "handed_over_by, handed_over_at"
)


@dataclass(frozen=True, slots=True)
class Case:
    """A request as it is stored."""

    id: int
    book_id: int
    item_id: int
    person_id: int
    requested_by: int
    item_name: str
    price: int
    quorum: int
    state: State
    requested_at: datetime
    decide_by: datetime
    escalated_at: datetime | None
    decided_at: datetime | None
    pickup_digest: str | None
    collect_by: datetime | None
    closed_at: datetime | None
    handed_over_by: int | None
    handed_over_at: datetime | None

    @property
    def path(self) -> str:
        """The page on which one follows it."""
        return f"/redemptions/{self.id}"

    @property
    def owners(self) -> frozenset[int]:
        """The person, and whoever asked for her."""
        return frozenset({self.person_id, self.requested_by})

    def reference(self, step: str) -> str:
        """The key under which the ledger knows a step of this request."""
        return f"redemption:{self.id}:{step}"


async def case(redemption_id: int, *, lock: bool = False) -> Case:
    """A request; with ``lock`` nobody else changes it until the transaction ends."""
    locking = " FOR UPDATE" if lock and is_postgres() else ""
    rows = await run(
        f"SELECT {COLUMNS} FROM redemption WHERE id = {{}}{locking}", row_number(redemption_id)
    )
    if not rows:
        raise RedemptionMissing
    return Case(**rows[0])


async def stakes(redemption_id: int) -> dict[int, Stake]:
    """Who has a stake in a request: as noted when it was made, and by the household of now."""
    rows = await run(
        "SELECT 0 AS noted, m.id AS person_id, 'household' AS stake FROM redemption r "
        "JOIN person p ON p.id = r.person_id JOIN person m ON m.household_id = p.household_id "
        "WHERE r.id = {} UNION ALL "
        "SELECT 1, person_id, stake FROM redemption_involved WHERE redemption_id = {} "
        "ORDER BY noted",
        redemption_id,
        redemption_id,
    )
    # What was noted comes last and says more exactly how somebody is involved.
    return {int(row["person_id"]): row["stake"] for row in rows}


async def give_back(
    found: Case,
    *,
    state: State,
    reason: str,
    grace: bool,
    actor_id: int | None,
    now: datetime,
) -> None:
    """End a request before anything was handed over: points and piece go back where they were.

    With ``grace`` points that expired meanwhile can be spent for 30 days more: others kept the
    person waiting.
    """
    moved = await move(
        item_id=found.item_id,
        kind="unreserve",
        redemption_id=found.id,
        actor_id=actor_id,
        now=now,
    )
    assert moved, "an open request has a piece reserved"
    if found.price:
        await _release(found, grace=grace, actor_id=actor_id, now=now)
    await run(
        "UPDATE redemption SET state = {}, close_reason = {}, cancelled_by = {}, closed_at = {}, "
        "decided_at = COALESCE(decided_at, {}) WHERE id = {}",
        state,
        reason,
        actor_id if state == "cancelled" else None,
        now.astimezone(UTC),
        now.astimezone(UTC) if state == "refused" else None,
        found.id,
    )


async def _release(found: Case, *, grace: bool, actor_id: int | None, now: datetime) -> None:
    household_id = await payer_of(book_id=found.book_id, case_id=found.id)
    if household_id is not None:
        await release_to_pool(
            book_id=found.book_id,
            household_id=household_id,
            case_id=found.id,
            grace=grace,
            reference=found.reference("release"),
            reason=found.item_name,
            actor_id=actor_id,
            now=now,
        )
        await return_to_leavers(book_id=found.book_id, household_id=household_id, now=now)
        return
    await release(
        book_id=found.book_id,
        person_id=found.person_id,
        case_kind="redemption",
        case_id=found.id,
        grace=grace,
        reference=found.reference("release"),
        reason=found.item_name,
        actor_id=actor_id,
        now=now,
    )


async def tell(
    found: Case,
    *,
    person_ids: Collection[int],
    kind: str,
    facts: dict[str, object],
    now: datetime,
    path: str | None = None,
) -> None:
    """Tell people of a step of a request, once."""
    await notify(
        person_ids=person_ids,
        kind=kind,
        facts={"item": found.item_name, **facts},
        path=path or found.path,
        now=now,
        dedup=found.reference(kind),
    )
