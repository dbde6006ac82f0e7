"""Activities that gather a crowd: what there is, proposing one, coming along, the roll-call."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from litestar.params import FromPath, FromQuery, JSONBody
from litestar.params import QueryParameter as Asked
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct

from points.community import areas
from points.service.rules import MINUTES_PER_DAY
from talentmap.activities import rules
from talentmap.activities.participants import signups
from talentmap.activities.proposals import cancel, propose
from talentmap.activities.roll_call import AttendanceRow, roll_call_activity
from talentmap.activities.signups import SignupResult, sign_up, withdraw
from talentmap.activities.views import (
    MyActivity,
    Wish,
    activity,
    gathering,
    mine,
    past,
    proposed_by,
)
from web import clock
from web.activities import first_area_of
from web.api.answers import Created, Page, answered, done, paged, shaped
from web.api.problems import reckoned, wrong_rows
from web.api.records import Moment, Reason
from web.api.routing import LIMIT, After, AreaId, Limit, anyone, get, own_or_duty, post
from web.auth import WebRequest, actor
from web.forms import Id

Day = Annotated[date | None, Asked(description="Starts on this day, by the clock of the place.")]
Category = Annotated[str | None, Asked(max_length=32, description="The code of a category.")]
ActivityClass = Literal["interest", "governance"]


class Activity(Struct, frozen=True):
    """An activity.  ``may_…`` is what the caller may do now; its times are of ``time_zone``."""

    id: int
    book_id: int | None
    area_id: int
    area_path: tuple[str, ...]
    time_zone: str
    title: str
    summary: str
    category: str
    activity_class: str
    place: str
    starts_at: datetime
    ends_at: datetime
    deadline_at: datetime | None
    minimum: int
    capacity: int
    seats_taken: int
    waiting: int
    state: rules.State
    risk: str
    risky: bool
    insured: bool
    to_bring: str
    talent_name: str | None
    proposer_name: str | None
    confirmed_at: datetime | None
    closed_at: datetime | None
    close_reason: str
    occasion_id: int | None
    copied_from_id: int | None
    may_sign_up: bool
    may_withdraw: bool
    is_over: bool


class MyOwn(Struct, frozen=True):
    """An activity I, or a child I answer for, signed up for."""

    activity: Activity
    signup_id: int
    person_id: int
    person_name: str
    party_size: int
    state: str
    position: int | None
    attendance: str | None


class Signup(Struct, frozen=True):
    """A party on the list; names are masked, and numbers left out, but for whom it concerns."""

    signup_id: int
    person_id: int | None
    name: str
    party_size: int
    guardian_name: str | None
    state: str
    position: int | None
    attendance: str | None
    signed_up_at: datetime
    is_mine: bool


class ActivityProposal(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A plan for a crowd."""

    area_id: Id
    title: Annotated[str, Meta(min_length=1, max_length=rules.TITLE_CHARS_MAX)]
    summary: Annotated[str, Meta(max_length=rules.SUMMARY_CHARS_MAX)] = ""
    category: Annotated[str, Meta(max_length=32)]
    activity_class: ActivityClass
    place: Annotated[str, Meta(max_length=rules.PLACE_CHARS_MAX)]
    starts_at: Moment
    ends_at: Moment
    deadline_at: Moment | None = None
    minimum: Annotated[int, Meta(ge=1, le=rules.CAPACITY_MOST)] = rules.MINIMUM_USUAL
    capacity: Annotated[int, Meta(ge=1, le=rules.CAPACITY_MOST)]
    risk: Annotated[str, Meta(max_length=rules.RISK_CHARS_MAX)] = ""
    risky: bool = False
    insured: bool = False
    to_bring: Annotated[str, Meta(max_length=rules.BRING_CHARS_MAX)] = ""
    copied_from_id: Id | None = None


class Party(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who comes, and how many with her; a reason is asked of staff who speaks for a neighbour."""

    person_id: Id | None = None
    party_size: Annotated[int, Meta(ge=1, le=rules.PARTY_MOST)] = 1
    guardian_id: Id | None = None
    reason: Annotated[str, Meta(max_length=200)] = ""


class Leaver(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Whose seats are given back."""

    person_id: Id | None = None
    reason: Annotated[str, Meta(max_length=200)] = ""


class Attended(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How somebody took part; service has minutes."""

    person_id: Id
    attendance: rules.Attendance
    minutes: Annotated[int, Meta(ge=1, le=MINUTES_PER_DAY)] | None = None


class Roll(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How everybody took part."""

    rows: Annotated[tuple[Attended, ...], Meta(min_length=1, max_length=rules.CAPACITY_MOST)]
    reason: Annotated[str, Meta(max_length=200)] = ""


class State(Struct, frozen=True):
    """What an activity is now."""

    state: rules.State


@get("/activities", may=anyone)
async def list_activities(
    request: WebRequest, area: AreaId = None,
    when: FromQuery[Literal["gathering", "confirmed", "past"]] = "gathering",
    category: Category = None, activity_class: FromQuery[ActivityClass | None] = None,
    day: Day = None, after: After = None, limit: Limit = LIMIT,
) -> Page[Activity]:  # fmt: skip
    """What gathers, takes place or was, in an area and around it; first where I live."""
    held = await areas.area(area or await first_area_of(request))
    look, me = past if when == "past" else gathering, request.user.me
    state = None if when == "past" else when
    found = await look(
        held.id, now=clock.now(), viewer_id=me.person_id if me else None, after_id=after,
        limit=limit + 1, wish=_wish(state, category, activity_class, day, held.time_zone),
    )  # fmt: skip
    return paged([shaped(Activity, one) for one in found], limit, lambda one: one.id)


@get("/activities/mine")
async def list_my_activities(
    request: WebRequest, after: After = None, limit: Limit = LIMIT
) -> Page[MyOwn]:
    """What I, or a child I answer for, signed up for, newest first."""
    found = await mine(person_id=actor(request), now=clock.now(), before_id=after, limit=limit + 1)
    return paged([_mine(one) for one in found], limit, lambda one: one.signup_id)


@get("/activities/proposed")
async def list_my_proposals(
    request: WebRequest, after: After = None, limit: Limit = LIMIT
) -> Page[Activity]:
    """What I proposed, newest first."""
    found = await proposed_by(
        person_id=actor(request), now=clock.now(), before_id=after, limit=limit + 1
    )
    return paged([shaped(Activity, one) for one in found], limit, lambda one: one.id)


@get("/activities/{activity_id:int}", may=anyone)
async def get_activity(request: WebRequest, activity_id: FromPath[int]) -> Activity:
    """One activity."""
    me = request.user.me
    viewer_id = me.person_id if me else None
    return shaped(Activity, await activity(activity_id, now=clock.now(), viewer_id=viewer_id))


@post("/activities", status=201)
async def propose_activity(request: WebRequest, data: JSONBody[ActivityProposal]) -> Created:
    """Propose an activity; it takes place when enough neighbours sign up in time."""

    async def act() -> Created:
        return Created(await _proposed(request, data))

    return await answered(request, Created, act)


@get("/activities/{activity_id:int}/sign-ups")
async def list_sign_ups(request: WebRequest, activity_id: FromPath[int]) -> tuple[Signup, ...]:
    """Who comes and who waits; names are read by staff and who runs it, and that is noted."""
    own_or_duty(request)
    lines = await signups(actor_id=actor(request), activity_id=activity_id, now=clock.now())
    return tuple(shaped(Signup, one) for one in lines)


@post("/activities/{activity_id:int}/sign-up")
async def sign_up_for_activity(
    request: WebRequest, activity_id: FromPath[int], data: JSONBody[Party]
) -> SignupResult:
    """Come along; at the one that makes the crowd it is confirmed in the same moment."""
    own_or_duty(request, data.person_id or actor(request))

    async def act() -> SignupResult:
        return await sign_up(
            actor_id=actor(request), activity_id=activity_id, party_size=data.party_size,
            person_id=data.person_id or actor(request), guardian_id=data.guardian_id,
            reason=data.reason, now=clock.now(),
        )  # fmt: skip

    return await answered(request, SignupResult, act)


@post("/activities/{activity_id:int}/withdraw", status=204)
async def withdraw_from_activity(
    request: WebRequest, activity_id: FromPath[int], data: JSONBody[Leaver]
) -> None:
    """Give seats back; whoever waits moves up."""
    own_or_duty(request, data.person_id or actor(request))

    async def act() -> None:
        await withdraw(
            actor_id=actor(request), activity_id=activity_id, reason=data.reason,
            person_id=data.person_id or actor(request), now=clock.now(),
        )  # fmt: skip

    await done(request, act)


@post("/activities/{activity_id:int}/cancel")
async def cancel_activity(
    request: WebRequest, activity_id: FromPath[int], data: JSONBody[Reason]
) -> State:
    """It does not take place; everybody concerned is told why."""
    own_or_duty(request)

    async def act() -> State:
        mine, now = actor(request), clock.now()
        return State(
            await cancel(actor_id=mine, activity_id=activity_id, reason=data.reason, now=now)
        )

    return await answered(request, State, act)


@post("/activities/{activity_id:int}/roll-call")
async def note_attendance(
    request: WebRequest, activity_id: FromPath[int], data: JSONBody[Roll]
) -> State:
    """Note how everybody took part; service waits for somebody else to confirm it."""
    own_or_duty(request)

    async def act() -> State:
        with wrong_rows([row.person_id for row in data.rows]):
            return State(await _noted(request, activity_id, data))

    return await answered(request, State, act)


ROUTES: list[ControllerRouterHandler] = [
    list_activities, list_my_activities, list_my_proposals, get_activity, propose_activity,
    list_sign_ups, sign_up_for_activity, withdraw_from_activity, cancel_activity, note_attendance,
]  # fmt: skip


def _mine(view: MyActivity) -> MyOwn:
    return shaped(MyOwn, view, activity=shaped(Activity, view.activity))


def _wish(
    state: rules.State | None, category: str | None, kind: str | None, day: date | None, zone: str
) -> Wish:
    start = end = None
    if day is not None:
        midnight = datetime.combine(reckoned("day", day), time(), ZoneInfo(zone))
        start, end = midnight.astimezone(UTC), (midnight + timedelta(days=1)).astimezone(UTC)
    return Wish(
        state=state, category=category, activity_class=kind, starts_from=start, starts_before=end
    )


async def _proposed(request: WebRequest, data: ActivityProposal) -> int:
    now = clock.now()
    return await propose(
        actor_id=actor(request), area_id=data.area_id, talent_id=None, title=data.title,
        summary=data.summary, category=data.category, activity_class=data.activity_class,
        place=data.place, starts_at=data.starts_at, ends_at=data.ends_at,
        deadline_at=data.deadline_at or rules.usual_deadline(data.starts_at, now=now),
        minimum=data.minimum, capacity=data.capacity, risk=data.risk, risky=data.risky,
        insured=data.insured, to_bring=data.to_bring, copied_from_id=data.copied_from_id, now=now,
    )  # fmt: skip


async def _noted(request: WebRequest, activity_id: int, data: Roll) -> rules.State:
    rows: Sequence[AttendanceRow] = [
        AttendanceRow(one.person_id, one.attendance, one.minutes) for one in data.rows
    ]
    return await roll_call_activity(
        actor_id=actor(request), activity_id=activity_id, rows=rows, reason=data.reason,
        now=clock.now(),
    )  # fmt: skip
