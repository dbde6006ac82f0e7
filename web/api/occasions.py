"""What comes up and what has been: the occasions of service, and their roll-call."""

from datetime import datetime
from typing import Annotated, Literal

from litestar.params import FromPath, FromQuery, JSONBody
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct

from points.service.occasions import (
    cancel_occasion,
    create_occasion,
    occasion,
    occasions,
    occasions_to_log,
)
from points.service.record_views import records_on
from points.service.records import ROWS_MAX, RollCallRow, roll_call
from points.service.rules import MINUTES_PER_DAY
from web import clock
from web.api.answers import Created, Page, Some, answered, done, first, paged, shaped
from web.api.problems import wrong_rows
from web.api.records import Moment, Record, record_of
from web.api.routing import LIMIT, After, AreaId, Limit, get, own_or_duty, post
from web.auth import WebRequest, actor, staff
from web.forms import Id
from web.occasions import planner


class Occasion(Struct, frozen=True):
    """What, where, when, and who leads; its category is a code."""

    id: int
    book_id: int
    area_id: int
    area_path: tuple[str, ...]
    time_zone: str
    title: str
    category: str
    activity_class: str
    place: str
    starts_at: datetime
    ends_at: datetime
    leader_name: str
    cancelled: bool


class Plan(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A new occasion; without a leader it is whoever plans it."""

    title: Annotated[str, Meta(min_length=1, max_length=120)]
    category: Annotated[str, Meta(max_length=32)]
    area_id: Id
    starts_at: Moment
    ends_at: Moment
    place: Annotated[str, Meta(max_length=200)] = ""
    leader_id: Id | None = None


class Came(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Somebody who came, and for how long."""

    person_id: Id
    minutes: Annotated[int, Meta(ge=1, le=MINUTES_PER_DAY)]
    started_at: Moment | None = None


class RollCall(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All who came, and why somebody writes it down for them."""

    rows: Annotated[tuple[Came, ...], Meta(min_length=1, max_length=ROWS_MAX)]
    reason: Annotated[str, Meta(min_length=1, max_length=200)]


class Written(Struct, frozen=True):
    """The records that were written, in the order of the rows."""

    record_ids: tuple[int, ...]


@get("/occasions")
async def list_occasions(
    request: WebRequest, area: AreaId = None,
    when: FromQuery[Literal["upcoming", "past"]] = "upcoming", after: After = None,
    limit: Limit = LIMIT,
) -> Page[Occasion]:  # fmt: skip
    """What comes up, or what has been, in an area; without one, where I live."""
    assert request.user.me is not None
    found = await occasions(
        area_id=area or request.user.me.area_id, when=when, now=clock.now(), after_id=after,
        limit=limit + 1,
    )  # fmt: skip
    return paged([shaped(Occasion, one) for one in found], limit, lambda one: one.id)


@get("/occasions/to-log")
async def list_occasions_to_log(request: WebRequest, limit: Limit = LIMIT) -> Some[Occasion]:
    """What I may have served on lately and have not logged, newest first."""
    found = await occasions_to_log(person_id=actor(request), now=clock.now(), limit=limit + 1)
    return first([shaped(Occasion, one) for one in found], limit)


@get("/occasions/{occasion_id:int}")
async def get_occasion(request: WebRequest, occasion_id: FromPath[int]) -> Occasion:
    """One occasion."""
    return shaped(Occasion, await occasion(occasion_id))


@post("/occasions", may=planner, scopes=("write", "staff"), status=201)
async def plan_occasion(request: WebRequest, data: JSONBody[Plan]) -> Created:
    """Put an occasion on the calendar."""

    async def act() -> Created:
        occasion_id = await create_occasion(
            actor_id=actor(request), area_id=data.area_id, title=data.title,
            category=data.category, place=data.place, starts_at=data.starts_at,
            ends_at=data.ends_at, leader_id=data.leader_id or actor(request), now=clock.now(),
        )  # fmt: skip
        return Created(occasion_id)

    return await answered(request, Created, act)


@post("/occasions/{occasion_id:int}/cancel", status=204)
async def cancel_planned_occasion(request: WebRequest, occasion_id: FromPath[int]) -> None:
    """It does not take place."""
    own_or_duty(request)

    async def act() -> None:
        await cancel_occasion(actor_id=actor(request), occasion_id=occasion_id, now=clock.now())

    await done(request, act)


@get("/occasions/{occasion_id:int}/records")
async def list_records_on(request: WebRequest, occasion_id: FromPath[int]) -> list[Record]:
    """Who is written down, as far as I may see it; whoever is named can read that I looked."""
    own_or_duty(request)
    now = clock.now()
    found = await records_on(actor_id=actor(request), occasion_id=occasion_id, now=now)
    return [record_of(one) for one in found]


@post("/occasions/{occasion_id:int}/roll-call", may=staff, scopes=("write", "staff"), status=201)
async def call_roll(
    request: WebRequest, occasion_id: FromPath[int], data: JSONBody[RollCall]
) -> Written:
    """Write down all who came, or nobody while a row is wrong."""

    async def act() -> Written:
        rows = [RollCallRow(one.person_id, one.minutes, one.started_at) for one in data.rows]
        with wrong_rows([row.person_id for row in rows]):
            return Written(await _called(request, occasion_id, rows, data.reason))

    return await answered(request, Written, act)


ROUTES: list[ControllerRouterHandler] = [
    list_occasions, list_occasions_to_log, get_occasion, plan_occasion, cancel_planned_occasion,
    list_records_on, call_roll,
]  # fmt: skip


async def _called(
    request: WebRequest, occasion_id: int, rows: list[RollCallRow], reason: str
) -> tuple[int, ...]:
    return await roll_call(
        actor_id=actor(request), occasion_id=occasion_id, rows=rows, reason=reason, now=clock.now()
    )
