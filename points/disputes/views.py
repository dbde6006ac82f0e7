"""An objection as people follow it: every step, with who acts by when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from points.community.profiles import person
from points.community.reads import log_reads
from points.community.rules import row_number
from points.disputes.cases import (
    COLUMNS,
    Dispute,
    able_to_decide,
    concerns,
    dispute,
    is_party,
)
from points.disputes.errors import DisputeMissing
from points.disputes.raising import kind_for
from points.disputes.rules import REVIEWERS, Kind
from points.ledger.disputes import frozen_in
from points.rewards.authority import ADOPTERS, Place, has_role, place_of, require_role
from points.service.decidable import locked_record
from points.transactions import run, use_case, whole

StepKind = Literal["raised", "answer", "window", "review", "end"]
SHOWN: Final = 50
WHO_MAX: Final = 5


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step: when it was done or by when it is due; who did it, or who can."""

    kind: StepKind
    state: Literal["done", "now", "next"]
    at: datetime | None = None
    due: datetime | None = None
    who: tuple[str, ...] = ()
    note: str = ""
    choice: str = ""


@dataclass(frozen=True, slots=True)
class DisputeView:
    """An objection with its steps, and what the viewer can do about it."""

    id: int
    kind: Kind
    state: str
    title: str
    person_name: str
    started_at: datetime
    minutes: int
    record_id: int
    posting_id: int | None
    reason: str
    frozen: int
    overdue: bool
    steps: tuple[StepLine, ...]
    may_answer: bool
    may_review: bool
    may_ask: bool
    may_withdraw: bool
    ask_until: datetime | None


@dataclass(frozen=True, slots=True)
class Subject:
    """What somebody is about to object to."""

    record_id: int
    kind: Kind
    title: str
    person_name: str
    minutes: int


@use_case
@whole
async def subject(*, actor_id: int, record_id: int, now: datetime) -> Subject:
    """The record that an objection would be about; staff's look at it is noted."""
    record = await locked_record(record_id)
    place = await place_of(book_id=record.book_id, now=now)
    kind = await kind_for(record, actor_id=actor_id, today=place.today)
    await log_reads(actor_id=actor_id, person_ids=[record.person_id], what="dispute", now=now)
    return Subject(record.id, kind, record.title, record.person_name, record.minutes)


@use_case
@whole
async def dispute_view(*, actor_id: int, dispute_id: int, now: datetime) -> DisputeView:
    """One objection, for those it concerns and those who decide, whose look is noted."""
    found = await dispute(dispute_id)
    place = await place_of(book_id=found.book_id, now=now)
    if not await concerns(found, actor_id, place):
        if not await has_role(place, actor_id=actor_id, roles=ADOPTERS):
            raise DisputeMissing
        await log_reads(actor_id=actor_id, person_ids=[found.person_id], what="dispute", now=now)
    return await _view(found, place, actor_id, now)


async def my_disputes(*, person_id: int, now: datetime) -> Sequence[DisputeView]:
    """What a person raised, and what was raised over her service, newest first."""
    rows = await run(
        f"SELECT {COLUMNS} FROM dispute WHERE person_id = {{}} OR raised_by = {{}} "
        "ORDER BY id DESC LIMIT {}",
        *(row_number(person_id), row_number(person_id), SHOWN),
    )
    return [await _in_list(Dispute(**row), person_id, now) for row in rows]


@use_case
@whole
async def queue(*, actor_id: int, book_id: int, now: datetime) -> Sequence[DisputeView]:
    """All that is open in a book, what is due first; the look is noted."""
    place = await place_of(book_id=book_id, now=now)
    await require_role(place, actor_id=actor_id, roles=ADOPTERS)
    rows = await run(
        f"SELECT {COLUMNS} FROM dispute WHERE book_id = {{}} AND closed_at IS NULL "
        "ORDER BY COALESCE(review_by, review_until, answer_by), id LIMIT {}",
        *(book_id, SHOWN),
    )
    people = sorted({int(row["person_id"]) for row in rows})
    await log_reads(actor_id=actor_id, person_ids=people, what="dispute", now=now)
    return [await _view(Dispute(**row), place, actor_id, now) for row in rows]


async def open_over(record_id: int) -> int | None:
    """The open objection over a record, if there is one."""
    rows = await run(
        "SELECT id FROM dispute WHERE service_record_id = {} AND closed_at IS NULL",
        row_number(record_id),
    )
    return int(rows[0]["id"]) if rows else None


async def _in_list(found: Dispute, person_id: int, now: datetime) -> DisputeView:
    place = await place_of(book_id=found.book_id, now=now)
    return await _view(found, place, person_id, now)


async def _view(found: Dispute, place: Place, actor_id: int, now: datetime) -> DisputeView:
    voted = await run(
        "SELECT member_id FROM dispute_vote WHERE dispute_id = {} AND member_id = {}",
        *(found.id, actor_id),
    )
    decides = await has_role(place, actor_id=actor_id, roles=ADOPTERS) and not await is_party(
        found, actor_id
    )
    hers = await concerns(found, actor_id, place)
    [service] = await run(
        "SELECT o.title, r.started_at, r.minutes FROM service_record r "
        "JOIN occasion o ON o.id = r.occasion_id WHERE r.id = {}",
        found.service_record_id,
    )
    in_time = found.review_until is not None and now <= found.review_until
    return DisputeView(
        id=found.id,
        kind=found.kind,
        state=found.state,
        person_name=(await person(found.person_id)).name,
        **service,
        record_id=found.service_record_id,
        posting_id=found.posting_id,
        reason=found.reason,
        frozen=await frozen_in(book_id=found.book_id, dispute_id=found.id),
        overdue=found.escalated_at is not None and found.closed_at is None,
        steps=await _steps(found, place, hides_raiser=hers and actor_id != found.raised_by),
        may_answer=found.state == "open" and decides,
        may_review=found.state == "review" and decides and not voted,
        may_ask=found.state == "answered" and hers and in_time,
        may_withdraw=found.state == "open" and actor_id == found.raised_by,
        ask_until=found.review_until,
    )


async def _steps(found: Dispute, place: Place, *, hides_raiser: bool) -> tuple[StepLine, ...]:
    raiser = () if hides_raiser else ((await person(found.raised_by)).name,)
    steps = [StepLine("raised", "done", at=found.raised_at, who=raiser, note=found.reason)]
    able = [name for _, name in await able_to_decide(found, place)][:WHO_MAX]
    if found.answered_by is None:
        if found.state == "open":
            steps.append(StepLine("answer", "now", due=found.answer_by, who=tuple(able)))
    else:
        who = ((await person(found.answered_by)).name,)
        steps.append(
            StepLine(
                "answer", "done", at=found.answered_at, who=who, note=found.answer_reason,
                choice=found.answer or "",
            )
        )  # fmt: skip
    if found.state == "answered":
        steps.append(StepLine("window", "now", due=found.review_until))
    if found.review_by is not None:
        steps += await _review(found, able)
    if found.closed_at is not None:
        steps.append(StepLine("end", "done", at=found.closed_at, choice=found.state))
    return tuple(steps)


async def _review(found: Dispute, able: Sequence[str]) -> list[StepLine]:
    """What each of the three said, once all have; until then who can still vote."""
    rows = await run(
        "SELECT p.name, v.choice, v.reason, v.voted_at FROM dispute_vote v "
        "JOIN person p ON p.id = v.member_id WHERE v.dispute_id = {} ORDER BY v.voted_at",
        found.id,
    )
    if found.state == "review":
        said = {row["name"] for row in rows}
        who = tuple(name for name in able if name not in said)
        left = REVIEWERS - len(rows)
        note = found.review_reason
        return [
            StepLine("review", "now", due=found.review_by, who=who, note=note, choice=str(left))
        ]
    return [
        StepLine(
            "review", "done", at=row["voted_at"], who=(row["name"],), note=row["reason"],
            choice=row["choice"],
        )
        for row in rows
    ]  # fmt: skip
