"""What a person earned so far, counted and posted while her accounts are locked.

Four rows are read and written for every record, however much was served before: the day's, the
month's, the year's and the whole's.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from points.ledger.accounts import lock_person
from points.ledger.books import day_in_book
from points.ledger.postings import Receipt, award, recount, reverse_award
from points.service.policy import Policies, policies_of
from points.service.rules import (
    WHOLE,
    Case,
    Counters,
    Reason,
    Worth,
    advance,
    cap_reasons,
    expires_on,
    first_day,
)
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


async def post_award(
    record: StoredRecord, *, value: Worth, policies: Policies, actor_id: int, now: datetime
) -> Posted:
    """Count what the record is worth and post its minutes and the points that follow."""
    await lock_person(book_id=record.book_id, person_id=record.person_id)
    before = await _counters(record)
    caps = policies.caps(record.service_date)
    step = advance(before, value.exact, caps)
    await _keep(record, before, step.after)
    policy = policies.at(record.service_date)
    version: Reason = {
        "kind": "policy",
        "number": policy.number,
        "effective_from": policy.effective_from.isoformat(),
    }
    receipt = await award(
        book_id=record.book_id,
        person_id=record.person_id,
        minutes=record.minutes,
        points=step.points,
        expires_on=await _expiry(record, policies, now),
        service_record_id=record.id,
        reference=record.reference("1"),
        reason=record.title,
        details=[version, *value.reasons, *cap_reasons(before, step, caps)],
        actor_id=actor_id,
        happened_at=record.started_at,
        now=now,
    )
    return Posted(posting_id=receipt.posting_id, points=step.points)


async def post_void(record: StoredRecord, *, reason: str, actor_id: int, now: datetime) -> int:
    """Take back the whole award, then settle by the difference what all others are now worth.

    What a cap had cut from other records comes up to it again; the fraction of a point this
    record had completed goes.  The points that are given (> 0) or taken (< 0) on top.
    """
    await lock_person(book_id=record.book_id, person_id=record.person_id)
    before = await _counters(record)
    policies = await policies_of(record.book_id)
    step = advance(before, -record.exact, policies.caps(record.service_date))
    await _keep(record, before, step.after)
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


def _starts(day: date) -> dict[str, date]:
    return {
        "day": day,
        "month": first_day("month", day),
        "year": first_day("year", day),
        "all": WHOLE,
    }


async def _counters(record: StoredRecord) -> Counters:
    """The counters around the record's day; call it under the lock of the person's accounts."""
    starts = _starts(record.service_date)
    any_of = " OR ".join(["(period = {} AND starts_on = {})"] * len(starts))
    rows = await run(
        "SELECT period, exact, awarded FROM earning "
        f"WHERE person_id = {{}} AND book_id = {{}} AND ({any_of})",
        record.person_id,
        record.book_id,
        *(value for pair in starts.items() for value in pair),
    )
    found: dict[str, dict[str, Any]] = {row["period"]: row for row in rows}
    exact = {period: int(found[period]["exact"]) if period in found else 0 for period in starts}
    return Counters(
        day=exact["day"],
        month=exact["month"],
        year=exact["year"],
        whole=exact["all"],
        awarded=int(found["all"]["awarded"]) if "all" in found else 0,
    )


async def _keep(record: StoredRecord, before: Counters, after: Counters) -> None:
    if after == before:
        return
    starts = _starts(record.service_date)
    exact = {"day": after.day, "month": after.month, "year": after.year, "all": after.whole}
    values: list[object] = []
    for period, start in starts.items():
        awarded = after.awarded if period == "all" else 0
        values += [record.person_id, record.book_id, period, start, exact[period], awarded]
    await run(
        "INSERT INTO earning (person_id, book_id, period, starts_on, exact, awarded) VALUES "
        + ", ".join(["({}, {}, {}, {}, {}, {})"] * len(starts))
        + " ON CONFLICT (person_id, book_id, period, starts_on) "
        "DO UPDATE SET exact = excluded.exact, awarded = excluded.awarded",
        *values,
    )
