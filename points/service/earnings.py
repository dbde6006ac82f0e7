"""What a person earned so far, counted and posted while her accounts are locked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from points.ledger.accounts import lock_people, lock_person
from points.ledger.awards import post_set, to_award, told
from points.ledger.books import day_in_book
from points.ledger.gains import Award
from points.ledger.postings import Receipt, recount, reverse_award
from points.service.counters import counters_of
from points.service.policy import Policies, policies_of
from points.service.rules import Case, Reason, Worth, advance, cap_reasons, expires_on
from points.transactions import run


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A service record with what its occasion and its person add to a decision."""

    id: int
    person_id: int
    person_name: str
    household_id: int | None
    book_id: int
    occasion_id: int
    area_id: int
    title: str
    category: str
    leader_id: int
    created_by: int
    started_at: datetime
    service_date: date
    minutes: int
    source: str
    backfilled: bool
    needs_steward: bool
    logged_by: int
    state: str
    exact: int
    policy_version_id: int | None
    guardians: frozenset[int]

    @property
    def case(self) -> Case:
        """Those facts that decide who may decide."""
        return Case(
            person_id=self.person_id,
            household_id=self.household_id,
            logged_by=self.logged_by,
            created_by=self.created_by,
            needs_steward=self.needs_steward,
            guardians=self.guardians,
        )

    def reference(self, what: str) -> str:
        """The name in the books of what this record caused."""
        return f"service:{self.id}:{what}"


@dataclass(frozen=True, slots=True)
class Posted:
    """What was posted for a record."""

    posting_id: int
    points: int


@dataclass(frozen=True, slots=True)
class Judged:
    """A record that is being confirmed, what it is worth before any cap, and by which policies."""

    record: StoredRecord
    value: Worth
    policies: Policies

    @property
    def day(self) -> date:
        """The day of the service, by which everything is counted."""
        return self.record.service_date


async def post_awards(
    judged: Sequence[Judged], *, actor_id: int, now: datetime
) -> tuple[Posted, ...]:
    """Count what records of one book are worth and post the minutes and points that follow.

    The counters of a person pass from one of her records to the next.
    """
    book_id = judged[0].record.book_id
    people = list(dict.fromkeys(one.record.person_id for one in judged))
    await lock_people(book_id=book_id, person_ids=people)
    counted = await counters_of(book_id, [(one.record.person_id, one.day) for one in judged])
    posted_on = await day_in_book(book_id=book_id, now=now)
    awards = []
    for one in judged:
        before = counted.at(one.record.person_id, one.day)
        caps = one.policies.caps(one.day)
        step = advance(before, one.value.exact, caps)
        counted.change(one.record.person_id, one.day, step.after)
        reasons = [*one.value.reasons, *cap_reasons(before, step, caps)]
        awards.append(_award(one, step.points, reasons, posted_on, actor_id, now))
    await counted.keep()
    receipts = [told(outcome) for outcome in await post_set(awards=awards)]
    return tuple(
        Posted(posting_id=receipt.posting_id, points=award.points)
        for receipt, award in zip(receipts, awards, strict=True)
    )


def _award(
    one: Judged,
    points: int,
    reasons: Sequence[Reason],
    posted_on: date,
    actor_id: int,
    now: datetime,
) -> Award:
    record, policy = one.record, one.policies.at(one.day)
    version: Reason = {
        "kind": "policy",
        "number": policy.number,
        "effective_from": policy.effective_from.isoformat(),
    }
    return to_award(
        book_id=record.book_id,
        person_id=record.person_id,
        minutes=record.minutes,
        points=points,
        expires_on=expires_on(served_on=one.day, posted_on=posted_on, terms=policy.terms),
        service_record_id=record.id,
        reference=record.reference("1"),
        reason=record.title,
        details=[version, *reasons],
        actor_id=actor_id,
        happened_at=record.started_at,
        now=now,
    )


async def post_void(record: StoredRecord, *, reason: str, actor_id: int, now: datetime) -> int:
    """Take back the whole award, then settle by the difference what all others are now worth.

    What a cap had cut from other records comes up to it again; the fraction of a point this
    record had completed goes.  The points that are given (> 0) or taken (< 0) on top.
    """
    await lock_person(book_id=record.book_id, person_id=record.person_id)
    day, person_id = record.service_date, record.person_id
    counted = await counters_of(record.book_id, [(person_id, day)])
    policies = await policies_of(record.book_id)
    step = advance(counted.at(person_id, day), -record.exact, policies.caps(day))
    counted.change(person_id, day, step.after)
    await counted.keep()
    receipt = await reverse_award(
        posting_id=await _award_of(record),
        reference=record.reference("void"),
        reason=reason,
        actor_id=actor_id,
        now=now,
    )
    difference = step.points + _points_back(receipt)
    if difference:
        await recount(
            book_id=record.book_id,
            person_id=record.person_id,
            points=difference,
            expires_on=await _expiry(record, policies, now),
            service_record_id=record.id,
            reference=record.reference("recount"),
            reason=reason,
            details=[{"kind": "recount", "points": difference}],
            actor_id=actor_id,
            now=now,
        )
    return difference


async def posted_award(record: StoredRecord) -> Posted:
    """What was posted when the record was confirmed."""
    posting_id = await _award_of(record)
    rows = await run(
        "SELECT t.amount FROM transfer t JOIN route r ON r.id = t.route_id "
        "WHERE t.posting_id = {} AND r.unit = 'points'",
        posting_id,
    )
    return Posted(posting_id=posting_id, points=sum(int(row["amount"]) for row in rows))


async def _award_of(record: StoredRecord) -> int:
    [row] = await run("SELECT id FROM posting WHERE reference = {}", record.reference("1"))
    return int(row["id"])


def _points_back(receipt: Receipt) -> int:
    return sum(line.amount for line in receipt.lines if line.target.kind == "issuer")


async def _expiry(record: StoredRecord, policies: Policies, now: datetime) -> date:
    return expires_on(
        served_on=record.service_date,
        posted_on=await day_in_book(book_id=record.book_id, now=now),
        terms=policies.at(record.service_date).terms,
    )
