"""One objection under lock, who may decide on it, and how it comes to an end."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from points.community.guardians import guardians_of, is_guardian
from points.community.rules import row_number
from points.disputes.errors import DisputeMissing
from points.disputes.rules import Choice, Kind, State, working_days_after
from points.ledger.disputes import freeze, frozen_in, thaw
from points.notices.post import notify
from points.rewards.authority import ADOPTERS, STEWARD, Place, holders_in
from points.rewards.rules import end_of_day
from points.service.confirm import void_decided
from points.transactions import is_postgres, run

COLUMNS: Final = (
    "id, book_id, person_id, service_record_id, posting_id, kind, raised_by, reason, raised_at, "
    "answer_by, state, answer, answered_by, answered_at, answer_reason, review_until, "
    "review_asked_by, review_reason, review_by, escalated_at, closed_at"
)
LAST: Final = {"uphold": "upheld", "reject": "rejected"}


@dataclass(frozen=True, slots=True)
class Dispute:
    """An objection or appeal as it is stored."""

    id: int
    book_id: int
    person_id: int
    service_record_id: int
    posting_id: int | None
    kind: Kind
    raised_by: int
    reason: str
    raised_at: datetime
    answer_by: datetime
    state: State
    answer: Choice | None
    answered_by: int | None
    answered_at: datetime | None
    answer_reason: str
    review_until: datetime | None
    review_asked_by: int | None
    review_reason: str
    review_by: datetime | None
    escalated_at: datetime | None
    closed_at: datetime | None

    @property
    def path(self) -> str:
        """The page on which one follows it."""
        return f"/disputes/{self.id}"

    def reference(self, step: str) -> str:
        """The key under which the books and notices know a step."""
        return f"dispute:{self.id}:{step}"


async def dispute(dispute_id: int, *, lock: bool = False) -> Dispute:
    """An objection; with ``lock`` nobody else changes it until the transaction ends."""
    locking = " FOR UPDATE" if lock and is_postgres() else ""
    rows = await run(
        f"SELECT {COLUMNS} FROM dispute WHERE id = {{}}{locking}", row_number(dispute_id)
    )
    if not rows:
        raise DisputeMissing
    return Dispute(**rows[0])


async def is_party(found: Dispute, person_id: int) -> bool:
    """Whether somebody had a hand in it, or lives with or answers for whom it is about."""
    if person_id in (found.person_id, found.raised_by, found.answered_by):
        return True
    hands = await run(
        "SELECT id FROM service_record WHERE id = {} AND {} IN "
        "(decided_by, COALESCE(voided_by, 0), logged_by)",
        found.service_record_id,
        person_id,
    )
    near = await run(
        "SELECT a.id FROM person a JOIN person b ON b.household_id = a.household_id "
        "WHERE a.id = {} AND b.id IN ({}, {}) UNION ALL SELECT g.guardian_id FROM guardian g "
        "WHERE g.guardian_id = {} AND g.child_id IN ({}, {}) AND g.until IS NULL",
        *(person_id, found.person_id, found.raised_by),
        *(person_id, found.person_id, found.raised_by),
    )
    return bool(hands or near)


async def concerned(found: Dispute, place: Place) -> frozenset[int]:
    """Whom it concerns: who raised it, whose service it is, who answers for a child."""
    guardians = await guardians_of(found.person_id, place.today)
    family = {guardian.person_id for guardian in guardians}
    return frozenset({found.person_id, found.raised_by, *family})


async def concerns(found: Dispute, person_id: int, place: Place) -> bool:
    """Whether it concerns her."""
    return person_id in (found.person_id, found.raised_by) or await is_guardian(
        person_id=person_id, child_id=found.person_id, today=place.today
    )


async def able_to_decide(found: Dispute, place: Place) -> tuple[tuple[int, str], ...]:
    """Who of committee and stewards may decide, by number and name."""
    people = await holders_in(place, roles=ADOPTERS)
    return tuple(
        [(one.person_id, one.name) for one in people if not await is_party(found, one.person_id)]
    )


def due(now: datetime, place: Place, working_days: int) -> datetime:
    """The last minute of the working day so many later, where the book is kept."""
    days = (working_days_after(place.today, working_days) - place.today).days
    return end_of_day(now, days=days, time_zone=place.time_zone).astimezone(UTC)


async def title_of(found: Dispute) -> str:
    """What the service was."""
    [row] = await run(
        "SELECT o.title FROM service_record r JOIN occasion o ON o.id = r.occasion_id "
        "WHERE r.id = {}",
        found.service_record_id,
    )
    return str(row["title"])


async def freeze_for(found: Dispute, *, step: str, actor_id: int, now: datetime) -> int:
    """Freeze what an objection is about; how many points that are."""
    if found.kind != "objection" or found.posting_id is None:
        return 0
    receipt = await freeze(
        dispute_id=found.id,
        posting_id=found.posting_id,
        reference=found.reference(step),
        reason=await title_of(found),
        actor_id=actor_id,
        now=now,
    )
    return sum(line.amount for line in receipt.lines) if receipt else 0


async def thaw_all(found: Dispute, *, step: str, actor_id: int | None, now: datetime) -> None:
    """Give back whatever is still frozen."""
    if await frozen_in(book_id=found.book_id, dispute_id=found.id):
        await thaw(
            book_id=found.book_id,
            dispute_id=found.id,
            person_id=found.person_id,
            reference=found.reference(step),
            reason=await title_of(found),
            actor_id=actor_id,
            now=now,
        )


async def finish(
    found: Dispute, place: Place, *, decided: Choice, by: int, reason: str, now: datetime
) -> None:
    """The decision stands: a wrong record is voided, out of what is frozen first."""
    if decided == "uphold" and found.kind == "objection":
        await void_decided(record_id=found.service_record_id, reason=reason, actor_id=by, now=now)
    await thaw_all(found, step="end", actor_id=by, now=now)
    await run(
        "UPDATE dispute SET state = {}, closed_at = {} WHERE id = {}",
        *(LAST[decided], now.astimezone(UTC), found.id),
    )
    facts = {"title": await title_of(found), "reason": reason}
    kind = "dispute_upheld" if decided == "uphold" else "dispute_rejected"
    await tell(found, await concerned(found, place), kind=kind, facts=facts, now=now)
    if decided == "uphold" and found.kind == "appeal":
        stewards = [one.person_id for one in await holders_in(place, roles=STEWARD)]
        await tell(found, stewards, kind="appeal_to_put_right", facts=facts, now=now)


async def tell(
    found: Dispute,
    person_ids: Collection[int],
    *,
    kind: str,
    facts: Mapping[str, object],
    now: datetime,
    step: str = "",
) -> None:
    """Tell people of a step, once."""
    await notify(
        person_ids=person_ids,
        kind=kind,
        facts=facts,
        path=found.path,
        now=now,
        dedup=found.reference(kind + step),
    )
