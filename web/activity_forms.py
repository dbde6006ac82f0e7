"""Proposing an activity: anybody of age, for her own neighbourhood; and the same again."""

from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct

from points.community import areas
from points.community.profiles import find_by_phone_or_card, person
from points.community.rules import normalise_volunteer_no
from points.notices.post import notify
from talentmap.activities.proposals import copy_of, propose
from talentmap.activities.rules import (
    BRING_CHARS_MAX,
    MINIMUM_USUAL,
    PLACE_CHARS_MAX,
    RISK_CHARS_MAX,
    SUMMARY_CHARS_MAX,
    TITLE_CHARS_MAX,
    usual_deadline,
)
from talentmap.talents.listing import audiences_of
from talentmap.talents.search import TalentCard, talent
from web import clock
from web.activity_words import CLASS_NOTES, CLASSES, category_choices
from web.area_choice import area_choice
from web.auth import Me, WebRequest, actor, signed_in
from web.forms import BLANK, Filled, Form, Id, submit, wanted
from web.i18n import N_
from web.occasions import CHOOSE, LeaderUnknown
from web.pages import Done, page, words
from web.service import moment

CAPACITY_USUAL = 20
COPIED = (
    "title", "summary", "category", "activity_class", "place", "minimum", "capacity", "risk",
    "risky", "insured", "to_bring",
)  # fmt: skip
# What the form shows before anybody wrote into it.
BLANK_PLAN: dict[str, object] = {
    **dict.fromkeys((*COPIED, "day", "starts_at", "ends_at", "deadline_at", "copied_from_id"), ""),
    "minimum": MINIMUM_USUAL,
    "capacity": CAPACITY_USUAL,
    "leader": "",
}


class NewQuery(Struct, frozen=True):
    """Which activity is to take place again, or which talent is to lead one."""

    again: Id | None = None
    talent: Id | None = None


class ActivityForm(Form, frozen=True, kw_only=True):
    """A plan, by the wall clock of its place.  Without a deadline it is the usual one."""

    title: Annotated[str, Meta(max_length=TITLE_CHARS_MAX)]
    summary: Annotated[str, Meta(max_length=SUMMARY_CHARS_MAX)] = ""
    category: Annotated[str, Meta(max_length=32)]
    activity_class: Literal["interest", "governance"]
    area_id: Id
    place: Annotated[str, Meta(max_length=PLACE_CHARS_MAX)]
    day: date
    starts_at: time
    ends_at: time
    deadline_at: date | None = None
    minimum: int
    capacity: int
    risk: Annotated[str, Meta(max_length=RISK_CHARS_MAX)] = ""
    risky: bool = False
    insured: bool = False
    to_bring: Annotated[str, Meta(max_length=BRING_CHARS_MAX)] = ""
    leader_no: Annotated[str, Meta(max_length=60)] = ""
    same_leader: bool = False
    copied_from_id: Id | None = None
    led_by_id: Id | None = None


@get("/activities/new", guards=[signed_in])
async def new_activity_page(request: WebRequest) -> Response[Any]:
    """Propose something, or the same again."""
    query = wanted(request, NewQuery)
    return await _new_again(request, query.again, BLANK, query.talent)


@post("/activities", guards=[signed_in])
async def propose_activity(request: WebRequest) -> Response[Any]:
    """It gathers from now on."""

    async def act(form: ActivityForm) -> Done:
        activity_id = await proposed(request, form)
        said = N_("Proposed. Tell your neighbours: below is a link to share.")
        return Done(f"/activities/{activity_id}", said)

    return await submit(request, ActivityForm, act, partial(_new_again, request, None))


ROUTES: list[ControllerRouterHandler] = [new_activity_page, propose_activity]


async def proposed(request: WebRequest, form: ActivityForm) -> int:
    """Store the plan; a talent who is to lead it is told."""
    leader = await _asked(request, form.led_by_id)
    activity_id = await _proposed(request, form, leader)
    if leader is not None:
        facts = {"name": _me(request).name, "title": form.title}
        await notify(
            person_ids=[leader.person_id], kind="activity_with_you", facts=facts,
            path=f"/activities/{activity_id}", now=clock.now(),
        )  # fmt: skip
    return activity_id


async def _asked(request: WebRequest, person_id: int | None) -> TalentCard | None:
    """The talent who is to lead, as far as the proposer may see her."""
    if person_id is None:
        return None
    audiences = await audiences_of(_me(request).person_id)
    return await talent(person_id=person_id, audiences=audiences)


async def _proposed(request: WebRequest, form: ActivityForm, leader: TalentCard | None) -> int:
    zone, now = await areas.time_zone_of(form.area_id), clock.now()
    starts_at = moment(form.day, form.starts_at, zone)
    return await propose(
        actor_id=actor(request), area_id=form.area_id,
        talent_id=leader.person_id if leader else await _talent(request, form),
        talent_nickname=leader.nickname if leader else None,
        title=form.title, summary=form.summary, category=form.category,
        activity_class=form.activity_class, place=form.place, starts_at=starts_at,
        ends_at=_end(form, zone), deadline_at=_deadline(form, starts_at, zone, now),
        minimum=form.minimum, capacity=form.capacity, risk=form.risk, risky=form.risky,
        insured=form.insured, to_bring=form.to_bring, copied_from_id=form.copied_from_id, now=now,
    )  # fmt: skip


def _end(form: ActivityForm, zone: str) -> datetime:
    # Until a time before the start means the next morning.
    over_night = form.ends_at <= form.starts_at and form.day < date.max
    return moment(form.day + timedelta(days=1) if over_night else form.day, form.ends_at, zone)


def _deadline(form: ActivityForm, starts_at: datetime, zone: str, now: datetime) -> datetime:
    """The end of the day that was named, or the start if it begins on that day."""
    if form.deadline_at is None:
        return usual_deadline(starts_at, now=now)
    if form.deadline_at == form.day:
        return starts_at
    return moment(form.deadline_at, time(23, 59), zone)


async def _talent(request: WebRequest, form: ActivityForm) -> int | None:
    """Whoever is named by her number, or led it before.

    Volunteer numbers count up, so from anybody without a duty they would be a list of names.
    """
    if form.leader_no:
        counted = normalise_volunteer_no(form.leader_no) is not None and not _me(request).is_staff
        found = None if counted else await find_by_phone_or_card(form.leader_no)
        if found is None:
            raise LeaderUnknown(field="leader_no")
        return found
    if form.same_leader and form.copied_from_id:
        return (await copy_of(activity_id=form.copied_from_id, now=clock.now())).talent_id
    return None


def _me(request: WebRequest) -> Me:
    assert request.user.me is not None
    return request.user.me


# --- the form


async def _new_again(
    request: WebRequest, again: int | None, filled: Filled, led_by: int | None = None
) -> Response[Any]:
    say = words(request).gettext
    # Where one lives, and not where one's duties lie: anybody proposes for the neighbourhood.
    choice = await area_choice(await areas.area(_me(request).area_id))
    asked = str(filled.value("copied_from_id"))
    if asked.isdecimal() and len(asked) < 20:
        again = int(asked)
    copied = await _copied(again) if again else {}
    leader = await _asked(request, filled.number("led_by_id") or led_by)
    return page(
        request, "activities/new.html", status=filled.status, form=filled, areas=choice,
        led_by=leader, usual=BLANK_PLAN | {"area_id": choice[0][0]} | copied,
        categories=category_choices(request, CHOOSE),
        classes=[(code, say(word), say(CLASS_NOTES[code])) for code, word in CLASSES.items()],
    )  # fmt: skip


async def _copied(again: int) -> dict[str, object]:
    """The plan in the fields of the form; moments become days and times of the place."""
    copy = await copy_of(activity_id=again, now=clock.now())
    plan, zone = copy.plan, ZoneInfo(await areas.time_zone_of(copy.area_id))
    starts_at, ends_at, deadline_at = (
        one.astimezone(zone) for one in (plan.starts_at, plan.ends_at, plan.deadline_at)
    )
    return {
        **{name: getattr(plan, name) for name in COPIED},
        "area_id": copy.area_id,
        "day": starts_at.date(),
        "starts_at": starts_at.time(),
        "ends_at": ends_at.time(),
        "deadline_at": deadline_at.date(),
        "leader": copy.talent_nickname
        or ((await person(copy.talent_id)).name if copy.talent_id else ""),
        "copied_from_id": copy.copied_from_id,
    }
