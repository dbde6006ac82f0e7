"""My service and that of my children: what was done, how it stands, and writing it down."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from functools import partial
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct

from points.community import guardians
from points.errors import Invalid
from points.service.errors import NotYoursToLog
from points.service.occasions import OccasionView, occasion, occasions_to_log
from points.service.record_views import RecordView, my_records
from points.service.records import log_service, withdraw_record
from web import clock
from web.auth import WebRequest, actor, signed_in
from web.forms import BLANK, Filled, Form, Id, submit, wanted
from web.i18n import N_
from web.pages import Done, page

RECORDS_PER_PAGE = 20
RECORDS_PER_PAGE_ELDER = 8
State = Literal["logged", "confirmed", "refused", "withdrawn", "voided"]


class RecordsQuery(Struct, frozen=True):
    """Which of my records, and from where on."""

    state: State | None = None
    person: Id | None = None
    before: Id | None = None


class NewQuery(Struct, frozen=True):
    """On which activity service is to be logged."""

    occasion: Id | None = None
    person: Id | None = None


class ServiceForm(Form, frozen=True, kw_only=True):
    """Service on an activity, by the wall clock of the place."""

    occasion_id: Id
    person_id: Id | None = None
    day: date
    started_at: time
    hours: Annotated[int, Meta(ge=0, le=24)] = 0
    minutes: Annotated[int, Meta(ge=0, le=1440)] = 0
    note: Annotated[str, Meta(max_length=500)] = ""


@get("/service", guards=[signed_in])
async def my_service_page(request: WebRequest) -> Response[Any]:
    """My records, or those of a child of mine, newest first."""
    query, family = wanted(request, RecordsQuery), await _family(request)
    whose = _one_of(family, query.person)
    return page(
        request, "service/list.html", shown=query.state or "", family=family, person_id=whose,
        newer_href=_newest(query), **await _records(request, query, whose),
    )  # fmt: skip


@get("/service/new", guards=[signed_in])
async def new_service_page(request: WebRequest) -> Response[Any]:
    """Write down what I did, or what my child did."""
    query = wanted(request, NewQuery)
    return await _new_again(request, BLANK, query.occasion, query.person)


@post("/service", guards=[signed_in])
async def log_my_service(request: WebRequest) -> Response[Any]:
    """Keep it; somebody else confirms it."""

    async def act(form: ServiceForm) -> Done:
        await _log(request, form)
        whose = form.person_id or actor(request)
        back = "/service" if whose == actor(request) else f"/service?person={whose}"
        return Done(back, N_("Written down. Below you see who can confirm it."))

    return await submit(request, ServiceForm, act, partial(_new_again, request))


@post("/service/{record_id:int}/withdraw", guards=[signed_in])
async def withdraw(request: WebRequest, record_id: FromPath[int]) -> Response[Any]:
    """Take back a record that still waits."""

    async def act(_: Form) -> Done:
        await withdraw_record(actor_id=actor(request), record_id=record_id, now=clock.now())
        return Done("/service", N_("Withdrawn. You can log it again at any time."))

    return await submit(request, Form, act)


ROUTES: list[ControllerRouterHandler] = [
    my_service_page, new_service_page, log_my_service, withdraw,
]  # fmt: skip


async def _records(request: WebRequest, query: RecordsQuery, whose: int) -> dict[str, Any]:
    limit = _per_page(request)
    records = await my_records(
        person_id=whose, now=clock.now(), state=query.state, before_id=query.before,
        limit=limit + 1,
    )  # fmt: skip
    return {"records": records[:limit], "older_href": _older(query, records, limit)}


async def _log(request: WebRequest, form: ServiceForm) -> None:
    held = await occasion(form.occasion_id)
    await log_service(
        actor_id=actor(request), person_id=form.person_id, occasion_id=held.id,
        note=form.note, now=clock.now(),
        started_at=moment(form.day, form.started_at, held.time_zone),
        minutes=form.hours * 60 + form.minutes,
    )  # fmt: skip


class DayFarOff(Invalid):
    """A slip of the pen, and beyond what a calendar computes with."""

    message = "Please give a day of this century."


def moment(day: date, clock_time: time, time_zone: str) -> datetime:
    """What the wall clock of a place shows on a day, as a moment."""
    if not date(1900, 1, 1) <= day <= date(2200, 1, 1):
        raise DayFarOff(field="day")
    return datetime.combine(day, clock_time, ZoneInfo(time_zone)).astimezone(UTC)


async def _new_again(
    request: WebRequest,
    filled: Filled,
    occasion_id: int | None = None,
    person_id: int | None = None,
) -> Response[Any]:
    """The activities to choose from, or the form of the one that is chosen."""
    family = await _family(request)
    person_id = _one_of(family, person_id or filled.number("person_id"))
    occasion_id = occasion_id or filled.number("occasion_id")
    held = None if occasion_id is None else await occasion(occasion_id)
    return page(
        request, "service/new.html", status=filled.status, form=filled, occasion=held,
        occasions=[] if held else await _choices(request, person_id), today=_today(request),
        suggested=_suggested(held), family=family, person_id=person_id,
    )  # fmt: skip


async def _choices(request: WebRequest, person_id: int) -> list[OccasionView]:
    limit = _per_page(request)
    return await occasions_to_log(person_id=person_id, now=clock.now(), limit=limit)


async def _family(request: WebRequest) -> dict[int, str]:
    """Oneself first, then the children for whom one answers."""
    me = actor(request)
    wards = await guardians.children_of(me, _today(request))
    return {me: ""} | {one.person_id: one.name for one in wards}


def _one_of(family: dict[int, str], person_id: int | None) -> int:
    """The person asked for; oneself if nobody was, and nobody outside the family."""
    if person_id is None:
        return next(iter(family))
    if person_id not in family:
        raise NotYoursToLog
    return person_id


def _today(request: WebRequest) -> date:
    return clock.today(request.user.time_zone)


def _suggested(held: OccasionView | None) -> dict[str, object]:
    """What most people will want to log: the whole activity."""
    if held is None:
        return {}
    start = held.starts_at.astimezone(ZoneInfo(held.time_zone))
    hours, minutes = divmod(int((held.ends_at - held.starts_at).total_seconds()) // 60, 60)
    return {"day": start.date(), "started_at": start.time(), "hours": hours, "minutes": minutes}


def _per_page(request: WebRequest) -> int:
    return RECORDS_PER_PAGE_ELDER if request.user.elder_mode else RECORDS_PER_PAGE


def _newest(query: RecordsQuery) -> str:
    return _here(query) if query.before else ""


def _here(query: RecordsQuery) -> str:
    whose = f"&person={query.person}" if query.person else ""
    return f"/service?state={query.state or ''}{whose}"


def _older(query: RecordsQuery, records: Sequence[RecordView], limit: int) -> str:
    if len(records) <= limit:
        return ""
    return f"{_here(query)}&before={records[limit - 1].id}"
