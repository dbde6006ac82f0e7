"""Activities: what comes up and what has been, one of them with who is written down, a new one."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct

from points.community import areas, grants
from points.community.people import find_by_phone_or_card
from points.community.roles import STAFF
from points.errors import Invalid
from points.service.authority import PLANNING_ROLES, roles_over
from points.service.callers import may_call
from points.service.categories import CATEGORIES, category_of
from points.service.occasions import (
    OccasionView,
    book_of_person,
    cancel_occasion,
    create_occasion,
    occasion,
    occasions,
)
from points.service.record_views import RecordView, records_on
from web import clock
from web.area_choice import area_choice
from web.auth import Me, WebRequest, actor, require_roles, signed_in
from web.forms import BLANK, Filled, Form, Id, submit, wanted
from web.i18n import N_
from web.pages import Done, page, words
from web.service import moment

OCCASIONS_PER_PAGE = 20
LEADERS_MAX = 50
CHOOSE = N_("Please choose")
planner = require_roles(*PLANNING_ROLES)


class LeaderUnknown(Invalid):
    """Nobody has that number."""

    message = "Nobody here has that phone, card or volunteer number."


class OccasionsQuery(Struct, frozen=True):
    """Which activities, and from where on."""

    area: Id | None = None
    when: Literal["upcoming", "past"] = "upcoming"
    after: Id | None = None


class WhereQuery(Struct, frozen=True):
    """For which area an activity is to be planned."""

    area: Id | None = None


class OccasionForm(Form, frozen=True, kw_only=True):
    """A new activity, by the wall clock of its area."""

    title: Annotated[str, Meta(max_length=120)]
    category: Annotated[str, Meta(max_length=32)]
    area_id: Id
    day: date
    starts_at: time
    ends_at: time
    place: Annotated[str, Meta(max_length=200)] = ""
    leader_id: Id | None = None
    leader_no: Annotated[str, Meta(max_length=60)] = ""


@get("/occasions", guards=[signed_in])
async def occasions_page(request: WebRequest) -> Response[Any]:
    """What comes up, or what has been, in an area."""
    query = wanted(request, OccasionsQuery)
    area = await areas.area(query.area or _near(_me(request)))
    found = await occasions(
        area_id=area.id, when=query.when, now=clock.now(), after_id=query.after,
        limit=OCCASIONS_PER_PAGE + 1,
    )  # fmt: skip
    return await _list(request, query, area, found)


@get("/occasions/new", guards=[planner])
async def new_occasion_page(request: WebRequest) -> Response[Any]:
    """Plan an activity."""
    return await _new_again(request, wanted(request, WhereQuery).area, BLANK)


@post("/occasions", guards=[planner])
async def plan_occasion(request: WebRequest) -> Response[Any]:
    """Put it on the calendar."""

    async def act(form: OccasionForm) -> Done:
        occasion_id = await _planned(request, form)
        return Done(f"/occasions/{occasion_id}", N_("It stands on the calendar."))

    return await submit(request, OccasionForm, act, partial(_new_again, request, None))


@get("/occasions/{occasion_id:int}", guards=[signed_in])
async def occasion_page(request: WebRequest, occasion_id: FromPath[int]) -> Response[Any]:
    """One activity."""
    held = await occasion(occasion_id)
    here = await book_of_person(actor(request)) == held.book_id
    roles = await _roles_over(request, held)
    records = await _records(request, held) if here or roles else []
    return page(
        request, "occasions/detail.html", occasion=held, here=here or bool(roles), records=records,
        category=_category(request, held), **await _may(request, held, records, roles, here),
    )  # fmt: skip


@post("/occasions/{occasion_id:int}/cancel", guards=[signed_in])
async def cancel(request: WebRequest, occasion_id: FromPath[int]) -> Response[Any]:
    """It does not take place."""

    async def act(_: Form) -> Done:
        await cancel_occasion(actor_id=actor(request), occasion_id=occasion_id, now=clock.now())
        return Done(f"/occasions/{occasion_id}", N_("The activity is cancelled."))

    return await submit(request, Form, act)


ROUTES: list[ControllerRouterHandler] = [
    occasions_page, new_occasion_page, plan_occasion, occasion_page, cancel,
]  # fmt: skip


def _me(request: WebRequest) -> Me:
    assert request.user.me is not None
    return request.user.me


# --- the list


def _near(me: Me) -> int:
    """Where somebody looks first: the area of her duty, or else where she lives."""
    return me.staff_areas[0] if me.is_staff else me.area_id


async def _list(
    request: WebRequest,
    query: OccasionsQuery,
    area: areas.AreaView,
    found: Sequence[OccasionView],
) -> Response[Any]:
    older = ""
    if len(found) > OCCASIONS_PER_PAGE:
        older = _href(area.id, query.when, found[OCCASIONS_PER_PAGE - 1].id)
    return page(
        request, "occasions/list.html", area=area, when=query.when,
        occasions=found[:OCCASIONS_PER_PAGE], areas=await area_choice(area),
        hrefs={when: _href(area.id, when) for when in ("upcoming", "past")},
        newer_href=_href(area.id, query.when) if query.after else "", older_href=older,
        may_plan=await grants.covers(
            person_id=actor(request), roles=PLANNING_ROLES, area_id=area.id,
            today=clock.today(area.time_zone),
        ),
    )  # fmt: skip


def _href(area_id: int, when: str, after: int | None = None) -> str:
    asked = {"area": area_id, "when": when} | ({"after": after} if after else {})
    return f"/occasions?{urlencode(asked)}"


# --- one activity


def _category(request: WebRequest, held: OccasionView) -> str:
    known = category_of(held.category)
    return words(request).gettext(known.label) if known else held.category


async def _roles_over(request: WebRequest, held: OccasionView) -> frozenset[str]:
    today = clock.today(held.time_zone)
    return await roles_over(person_id=actor(request), area_id=held.area_id, today=today)


async def _records(request: WebRequest, held: OccasionView) -> list[RecordView]:
    return await records_on(actor_id=actor(request), occasion_id=held.id, now=clock.now())


async def _may(
    request: WebRequest,
    held: OccasionView,
    records: Sequence[RecordView],
    roles: frozenset[str],
    here: bool,
) -> dict[str, Any]:
    """What the page offers this person; the domain decides again when it is asked for."""
    mine, begun = actor(request), held.starts_at <= clock.now()
    alive = any(record.state in ("logged", "confirmed") for record in records)
    logged = any(
        record.person_id == mine and record.state in ("logged", "confirmed") for record in records
    )
    takes_roll = begun and _me(request).is_staff and not held.cancelled
    return {
        "staff": bool(roles & set(PLANNING_ROLES)),
        "may_log": begun and here and not held.cancelled and not logged,
        "may_roll_call": takes_roll and await may_call(
            actor_id=mine, occasion_id=held.id, now=clock.now()
        ),
        "may_print": bool(roles) or mine == held.leader_id,
        "may_cancel": not held.cancelled and not alive
        and (mine in (held.leader_id, held.created_by) or "steward" in roles),
    }  # fmt: skip


# --- a new one


async def _planned(request: WebRequest, form: OccasionForm) -> int:
    zone = await areas.time_zone_of(form.area_id)
    starts_at = moment(form.day, form.starts_at, zone)
    # Until a time before the start means the next morning.
    over_night = form.ends_at <= form.starts_at
    last_day = form.day + timedelta(days=1) if over_night and form.day < date.max else form.day
    return await create_occasion(
        actor_id=actor(request), area_id=form.area_id, title=form.title, category=form.category,
        place=form.place, starts_at=starts_at, ends_at=moment(last_day, form.ends_at, zone),
        leader_id=await _leader(request, form), now=clock.now(),
    )  # fmt: skip


async def _leader(request: WebRequest, form: OccasionForm) -> int:
    if not form.leader_no:
        return form.leader_id or actor(request)
    found = await find_by_phone_or_card(form.leader_no)
    if found is None:
        raise LeaderUnknown(field="leader_no")
    return found


async def _new_again(request: WebRequest, area_id: int | None, filled: Filled) -> Response[Any]:
    me = _me(request)
    area_id = filled.number("area_id") or area_id
    known = await areas.areas([area_id] if area_id else [])
    area = known.get(area_id or 0) or await areas.area(me.staff_areas[0])
    now: datetime = words(request).local(clock.now())
    return page(
        request, "occasions/new.html", status=filled.status, form=filled, area=area,
        areas=await area_choice(area, me.staff_areas), categories=_categories(request),
        leaders=await _leaders(me, area), today=now.date(),
    )  # fmt: skip


def _categories(request: WebRequest) -> list[tuple[str, str]]:
    say = words(request).gettext
    return [("", say(CHOOSE)), *((one.code, say(one.label)) for one in CATEGORIES)]


async def _leaders(me: Me, area: areas.AreaView) -> list[tuple[int, str]]:
    """Oneself first, then everybody with a duty here."""
    found = await grants.holders(
        area_id=area.id, roles=STAFF, today=clock.today(area.time_zone), limit=LEADERS_MAX
    )
    names = {me.person_id: me.name} | {one.person_id: one.name for one in found}
    return list(names.items())
