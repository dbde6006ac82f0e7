"""What we owe: in public view for everybody who lives here, and on paper for the board."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from msgspec import Meta

from points.outlook.pledges import close_promise, open_promises, promise
from points.outlook.rules import MONTHS_AHEAD, month_start
from points.outlook.view import BookOutlook, outlook_of
from points.rewards.authority import DRAFTERS
from web import clock
from web.auth import WebRequest, actor, require_roles, signed_in
from web.forms import BLANK, Filled, Form, submit
from web.i18n import N_, Translator
from web.pages import Done, page, words
from web.plots import Plot, Series, bars
from web.staff_book import staff_book

drafter = require_roles(*DRAFTERS)


class PromiseForm(Form, frozen=True, kw_only=True):
    """What a sponsor promised."""

    sponsor: Annotated[str, Meta(max_length=80)]
    points: Annotated[int, Meta(ge=1, le=10_000_000)]
    due_on: date
    note: Annotated[str, Meta(max_length=200)] = ""


class CloseForm(Form, frozen=True, kw_only=True):
    """Nothing but the request id."""


@get("/outlook", guards=[signed_in])
async def outlook_page(request: WebRequest) -> Response[Any]:
    """What the book owes."""
    return await _page(request, BLANK)


@post("/outlook/promises", guards=[drafter])
async def add_promise(request: WebRequest) -> Response[Any]:
    """Write down what a sponsor promised."""

    async def act(form: PromiseForm) -> Done:
        await promise(
            actor_id=actor(request), book_id=await staff_book(request), sponsor=form.sponsor,
            points=form.points, due_on=form.due_on, note=form.note, now=clock.now(),
        )  # fmt: skip
        return Done("/outlook", N_("Written down."))

    return await submit(request, PromiseForm, act, partial(_page, request))


@post("/outlook/promises/{pledge_id:int}/close", guards=[drafter])
async def end_promise(request: WebRequest, pledge_id: FromPath[int]) -> Response[Any]:
    """The promise was kept, or will not be."""

    async def act(form: CloseForm) -> Done:
        await close_promise(actor_id=actor(request), pledge_id=pledge_id, now=clock.now())
        return Done("/outlook", N_("Off the list. What came in belongs into the stock."))

    return await submit(request, CloseForm, act)


ROUTES: list[ControllerRouterHandler] = [outlook_page, add_promise, end_promise]


async def _page(request: WebRequest, form: Filled) -> Response[Any]:
    assert request.user.me is not None
    book_id = await staff_book(request)
    view = await outlook_of(book_id=book_id, now=clock.now())
    return page(
        request, "outlook/outlook.html", status=form.status, form=form, view=view,
        plots=_plots(view, words(request)), promises=await open_promises(book_id),
        may_write=not request.user.me.roles.isdisjoint(DRAFTERS),
    )  # fmt: skip


def _plots(view: BookOutlook, say: Translator) -> Mapping[str, Plot]:
    _ = say.gettext
    months = [month_start(view.today, number) for number in range(MONTHS_AHEAD + 1)]
    past, ahead = view.past, view.outlook.ahead
    return {
        "ending": bars(
            [*(_month(month) for month in months), _("later")],
            [Series(_("Points that end"), "solid", _ending(view, months))],
        ),
        "past": bars(
            [_month(one.first_day) for one in past],
            [
                Series(_("Earned"), "solid", [max(0, one.flows.issued) for one in past]),
                Series(_("Redeemed"), "pale", [max(0, one.flows.redeemed) for one in past]),
                Series(_("Expired"), "hollow", [one.flows.expired for one in past]),
            ],
        ),
        "ahead": bars(
            [_month(one.first_day) for one in ahead],
            [Series(_("Points alive"), "pale", [one.alive for one in ahead])],
        ),
    }


def _month(first_day: date) -> str:
    return f"{first_day:%y-%m}"


def _ending(view: BookOutlook, months: list[date]) -> list[int]:
    """Points by the month in which they end, and at last those that end later or never."""
    ends = [*months[1:], month_start(months[-1], 1)]
    sums = [0] * (len(months) + 1)
    for vintage, points in view.alive:
        at = next((n for n, end in enumerate(ends) if vintage <= end - timedelta(days=1)), -1)
        sums[at] += points
    return sums
