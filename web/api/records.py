"""Service: what I did, what waits for somebody's word, and giving it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal

from litestar.params import FromPath, JSONBody
from litestar.params import QueryParameter as Asked
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct

from points.community import guardians
from points.service.authority import DECIDING_ROLES
from points.service.confirm import RECORDS_MAX, ConfirmReport, confirm, refuse, void_record
from points.service.errors import NotYoursToLog
from points.service.record_views import RecordView, my_records, record_detail, waiting
from points.service.records import log_service, withdraw_record
from points.service.rules import MINUTES_PER_DAY, Obstacle
from web import clock
from web.api.answers import Created, Page, Refusal, answered, claimed, done, paged, shaped, told
from web.api.routing import LIMIT, After, Limit, get, own_or_duty, post
from web.auth import WebRequest, actor, require_roles, steward
from web.forms import ID_MAX, Id

Moment = Annotated[datetime, Meta(tz=True)]
State = Literal["logged", "confirmed", "refused", "withdrawn", "voided"]
WhichState = Annotated[State | None, Asked(name="state", description="Only these.")]
PersonId = Annotated[int | None, Asked(ge=1, le=ID_MAX, description="A child I answer for.")]
decider = require_roles(*DECIDING_ROLES)


class Decider(Struct, frozen=True):
    """Somebody who can decide."""

    name: str
    role: str


class Record(Struct, frozen=True):
    """A record of service.  ``worth_points`` is before any cap; ``person_id`` is 0 where masked.

    While it waits, ``who_must_act`` names who can decide, ``obstacle`` what keeps the caller.
    """

    id: int
    occasion_id: int
    title: str
    category: str
    area_id: int
    time_zone: str
    person_id: int
    name: str
    started_at: datetime
    service_date: date
    minutes: int
    note: str
    source: str
    backfilled: bool
    needs_steward: bool
    logged_by_name: str
    logged_at: datetime
    state: str
    decided_by_name: str | None
    decided_at: datetime | None
    decision_reason: str
    void_reason: str
    posting_id: int | None
    worth_points: int
    obstacle: Obstacle | None
    who_must_act: tuple[Decider, ...]
    may_void: bool


class Served(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What somebody did; without a person it is the caller."""

    occasion_id: Id
    started_at: Moment
    minutes: Annotated[int, Meta(ge=1, le=MINUTES_PER_DAY)]
    note: Annotated[str, Meta(max_length=500)] = ""
    person_id: Id | None = None


class Records(Struct, frozen=True, forbid_unknown_fields=True):
    """Which records are true."""

    record_ids: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=RECORDS_MAX)]


class Reason(Struct, frozen=True, forbid_unknown_fields=True):
    """Why; whom it concerns reads it."""

    reason: Annotated[str, Meta(min_length=1, max_length=300)]


class Confirmed(Struct, frozen=True):
    """A record that is confirmed, now or before, and what it earned."""

    record_id: int
    person_name: str
    minutes: int
    points: int
    posting_id: int


class NotConfirmed(Struct, frozen=True):
    """A record that is not confirmed, and why."""

    record_id: int
    refusal: Refusal | None


class Report(Struct, frozen=True):
    """What became of each record, in the order asked."""

    confirmed: tuple[Confirmed, ...]
    refused: tuple[NotConfirmed, ...]


def record_of(view: RecordView) -> Record:
    """A record as the API tells it."""
    who = tuple(shaped(Decider, one) for one in view.who_must_act)
    return shaped(Record, view, who_must_act=who)


@get("/service")
async def list_my_records(
    request: WebRequest, which: WhichState = None, person: PersonId = None,
    after: After = None, limit: Limit = LIMIT,
) -> Page[Record]:  # fmt: skip
    """My records, or those of a child I answer for, newest first."""
    whose = await _whose(request, person)
    found = await my_records(
        person_id=whose, now=clock.now(), state=which, before_id=after, limit=limit + 1
    )
    return paged([record_of(one) for one in found], limit, lambda one: one.id)


@post("/service", status=201)
async def log_my_service(request: WebRequest, data: JSONBody[Served]) -> Created:
    """Write down what I did, or what a child of mine did; somebody else confirms it."""
    own_or_duty(request, data.person_id or actor(request))

    async def act() -> Created:
        record_id = await log_service(
            actor_id=actor(request), person_id=data.person_id, occasion_id=data.occasion_id,
            started_at=data.started_at, minutes=data.minutes, note=data.note, now=clock.now(),
        )  # fmt: skip
        return Created(record_id)

    return await answered(request, Created, act)


@post("/service/{record_id:int}/withdraw", status=204)
async def withdraw_my_record(request: WebRequest, record_id: FromPath[int]) -> None:
    """Take back a record that still waits."""

    async def act() -> None:
        await withdraw_record(actor_id=actor(request), record_id=record_id, now=clock.now())

    await done(request, act)


@get("/service/{record_id:int}")
async def get_record(request: WebRequest, record_id: FromPath[int]) -> Record:
    """One record: mine, my child's, or of my area; then she can read that I looked."""
    own_or_duty(request)
    found = await record_detail(actor_id=actor(request), record_id=record_id, now=clock.now())
    return record_of(found)


@get("/waiting", may=decider, scopes=("read", "staff"))
async def list_waiting_records(
    request: WebRequest, after: After = None, limit: Limit = LIMIT
) -> Page[Record]:
    """What waits where I have a say, oldest first."""
    found = await waiting(actor_id=actor(request), now=clock.now(), after_id=after, limit=limit + 1)
    return paged([record_of(one) for one in found], limit, lambda one: one.id)


@post("/confirm", may=decider, scopes=("write", "staff"))
async def confirm_records(request: WebRequest, data: JSONBody[Records]) -> Report:
    """Say that records are true, each for itself: one that is refused does not hold up the rest.

    Each record is confirmed once whatever the key: a repetition tells what the first one earned.
    """
    await claimed(request)
    report = await confirm(actor_id=actor(request), record_ids=data.record_ids, now=clock.now())
    return _report(request, report)


@post("/service/{record_id:int}/refuse", may=decider, scopes=("write", "staff"), status=204)
async def refuse_record(
    request: WebRequest, record_id: FromPath[int], data: JSONBody[Reason]
) -> None:
    """Say that a record is not right, and why."""

    async def act() -> None:
        await refuse(
            actor_id=actor(request), record_id=record_id, reason=data.reason, now=clock.now()
        )

    await done(request, act)


@post("/service/{record_id:int}/void", may=steward, scopes=("write", "staff"), status=204)
async def void_confirmed_record(
    request: WebRequest, record_id: FromPath[int], data: JSONBody[Reason]
) -> None:
    """Take a confirmation back, with its hours and points."""

    async def act() -> None:
        await void_record(
            actor_id=actor(request), record_id=record_id, reason=data.reason, now=clock.now()
        )

    await done(request, act)


ROUTES: list[ControllerRouterHandler] = [
    list_my_records, log_my_service, withdraw_my_record, get_record, list_waiting_records,
    confirm_records, refuse_record, void_confirmed_record,
]  # fmt: skip


async def _whose(request: WebRequest, person_id: int | None) -> int:
    mine, today = actor(request), clock.today(request.user.time_zone)
    if person_id is None or person_id == mine:
        return mine
    if not await guardians.is_guardian(person_id=mine, child_id=person_id, today=today):
        raise NotYoursToLog
    return person_id


def _report(request: WebRequest, report: ConfirmReport) -> Report:
    refused: Sequence[NotConfirmed] = [
        NotConfirmed(one.record_id, told(request, one.error)) for one in report.refused
    ]
    return Report(tuple(shaped(Confirmed, one) for one in report.confirmed), tuple(refused))
