"""Activities that gather a crowd: what there is, one of them, and coming along."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct, field

from points.community import areas
from talentmap.activities.proposals import cancel
from talentmap.activities.signups import SignupResult, sign_up, withdraw
from talentmap.activities.views import ActivityView, Wish, gathering, mine, past, proposed_by
from web import clock
from web.activity_page import activity_again
from web.activity_words import CLASSES, cards, category_choices
from web.area_choice import area_choice, first_area
from web.auth import WebRequest, actor, signed_in
from web.forms import BLANK, Form, Id, submit, wanted
from web.i18n import N_
from web.pages import Done, page, words

PER_PAGE = 20
PER_PAGE_ELDER = 8
MINE_MAX = 50
ANY = N_("All kinds")
YEARS = (date(1900, 1, 1), date(2200, 1, 1))


class ActivitiesQuery(Struct, frozen=True):
    """Which activities, and from where on."""

    when: Literal["gathering", "confirmed", "past"] = "gathering"
    area: Id | None = None
    category: Annotated[str, Meta(max_length=32)] = ""
    activity_class: Literal["", "interest", "governance"] = field(default="", name="class")
    day: date | None = None
    after: Id | None = None


class SignUpForm(Form, frozen=True, kw_only=True):
    """Who comes, and how many with her; without a person it is oneself."""

    person_id: Id | None = None
    party_size: int = 1


class WithdrawForm(Form, frozen=True, kw_only=True):
    """Whose seats are given back."""

    person_id: Id | None = None


class CancelForm(Form, frozen=True, kw_only=True):
    """Why it does not take place."""

    reason: Annotated[str, Meta(max_length=300)]


@get("/activities")
async def activities_page(request: WebRequest) -> Response[Any]:
    """What gathers, what takes place, or what was."""
    query = wanted(request, ActivitiesQuery)
    area = await areas.area(query.area or await first_area_of(request))
    return await _list(request, query, area)


@get("/activities/mine", guards=[signed_in])
async def my_activities_page(request: WebRequest) -> Response[Any]:
    """What I take part in, and what I proposed."""
    person_id, now = actor(request), clock.now()
    taking = await mine(person_id=person_id, now=now, limit=MINE_MAX)
    proposed = await proposed_by(person_id=person_id, now=now, limit=MINE_MAX)
    alive = [one for one in taking if one.state != "withdrawn"]
    return page(
        request, "activities/mine.html", proposed=cards(request, proposed), hrefs=_tabs(None),
        taking=list(zip(alive, cards(request, [one.activity for one in alive]), strict=True)),
    )  # fmt: skip


@get("/activities/{activity_id:int}")
async def activity_page(request: WebRequest, activity_id: FromPath[int]) -> Response[Any]:
    """One activity."""
    return await activity_again(request, activity_id, BLANK)


@post("/activities/{activity_id:int}/sign-up", guards=[signed_in])
async def come_along(request: WebRequest, activity_id: FromPath[int]) -> Response[Any]:
    """Sign up oneself or one's child."""

    async def act(form: SignUpForm) -> Done:
        result = await sign_up(
            actor_id=actor(request), activity_id=activity_id, now=clock.now(),
            person_id=form.person_id or actor(request), party_size=form.party_size,
        )  # fmt: skip
        return done_with(result, f"/activities/{activity_id}")

    return await submit(request, SignUpForm, act, partial(activity_again, request, activity_id))


@post("/activities/{activity_id:int}/withdraw", guards=[signed_in])
async def stay_away(request: WebRequest, activity_id: FromPath[int]) -> Response[Any]:
    """Give one's seats, or one's child's, back."""

    async def act(form: WithdrawForm) -> Done:
        await withdraw(
            actor_id=actor(request), activity_id=activity_id, now=clock.now(),
            person_id=form.person_id or actor(request),
        )  # fmt: skip
        return Done(f"/activities/{activity_id}", N_("Withdrawn. Whoever waits moves up."))

    return await submit(request, WithdrawForm, act, partial(activity_again, request, activity_id))


@post("/activities/{activity_id:int}/cancel", guards=[signed_in])
async def call_off(request: WebRequest, activity_id: FromPath[int]) -> Response[Any]:
    """It does not take place; everybody concerned is told why."""

    async def act(form: CancelForm) -> Done:
        state = await cancel(
            actor_id=actor(request), activity_id=activity_id, reason=form.reason, now=clock.now()
        )
        said = LAPSED if state == "lapsed" else N_("Called off. Everybody concerned was told why.")
        return Done(f"/activities/{activity_id}", said, level="info")

    return await submit(request, CancelForm, act, partial(activity_again, request, activity_id))


ROUTES: list[ControllerRouterHandler] = [
    activities_page, my_activities_page, activity_page, come_along, stay_away, call_off,
]  # fmt: skip

LAPSED = N_("It did not find enough neighbours in time, so it does not take place.")


def done_with(result: SignupResult, to: str) -> Done:
    """What a sign-up led to, in words."""
    if result.state == "lapsed":
        return Done(to, LAPSED, level="info")
    if result.state == "in":
        return Done(to, N_("Signed up. The seat is kept."))
    said = N_("Every seat is taken. The place in the line is {position}; who moves up is told.")
    return Done(to, said, {"position": result.position}, level="waiting")


# --- the list


async def first_area_of(request: WebRequest) -> int:
    """The neighbourhood of whoever asks; everything for a stranger."""
    if request.user.me is None:
        return (await areas.roots())[0].id
    return await first_area(request.user.me.area_id)


async def _list(request: WebRequest, query: ActivitiesQuery, area: areas.AreaView) -> Response[Any]:
    limit = PER_PAGE_ELDER if request.user.elder_mode else PER_PAGE
    found = await _found(request, query, area, limit + 1)
    older = _href(query, after=found[limit - 1].id) if len(found) > limit else ""
    return page(
        request, "activities/list.html", query=query, area=area, hrefs=_tabs(query),
        cards=cards(request, found[:limit]), areas=await _areas(request, area),
        categories=category_choices(request, ANY), classes=_classes(request),
        newer_href=_href(query, after=None) if query.after else "", older_href=older,
        filtered=bool(query.category or query.activity_class or query.day),
    )  # fmt: skip


async def _found(
    request: WebRequest, query: ActivitiesQuery, area: areas.AreaView, limit: int
) -> Sequence[ActivityView]:
    me, now = request.user.me, clock.now()
    look = past if query.when == "past" else gathering
    return await look(
        area.id, now=now, viewer_id=me.person_id if me else None, after_id=query.after,
        limit=limit, wish=_wish(query, area.time_zone),
    )  # fmt: skip


def _wish(query: ActivitiesQuery, time_zone: str) -> Wish:
    start = end = None
    if query.day and YEARS[0] <= query.day <= YEARS[1]:
        zone = ZoneInfo(time_zone)
        start = datetime.combine(query.day, time(), zone).astimezone(UTC)
        end = datetime.combine(query.day + timedelta(days=1), time(), zone).astimezone(UTC)
    return Wish(
        state=None if query.when == "past" else query.when,
        category=query.category or None,
        activity_class=query.activity_class or None,
        starts_from=start,
        starts_before=end,
    )


async def _areas(request: WebRequest, area: areas.AreaView) -> list[tuple[int, str]]:
    """From the subdistrict, whose people activities are for, down to what lies below."""
    reach = await areas.area_at_level_above(area.id, ("subdistrict",))
    return await area_choice(area, (reach.id,) if reach else ())


def _classes(request: WebRequest) -> list[tuple[str, str]]:
    say = words(request).gettext
    return [("", say("All")), *((code, say(word)) for code, word in CLASSES.items())]


def _tabs(query: ActivitiesQuery | None) -> list[tuple[str, str, str]]:
    """(value, href, message id) of the ways to look; filters stay."""
    kept = query or ActivitiesQuery()
    looks = (
        ("gathering", N_("Gathering")), ("confirmed", N_("Takes place")), ("past", N_("Past")),
    )  # fmt: skip
    return [(when, _href(kept, when=when, after=None), word) for when, word in looks]


def _href(query: ActivitiesQuery, **changes: object) -> str:
    asked: dict[str, object] = {
        "when": query.when, "area": query.area, "category": query.category,
        "class": query.activity_class, "day": query.day, "after": query.after,
    } | changes  # fmt: skip
    return f"/activities?{urlencode({name: value for name, value in asked.items() if value})}"
