"""The community pool: giving to it, what it did in numbers, and what two people decide."""

from functools import partial
from typing import Annotated, Any, Literal

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from msgspec import Meta

from points.community.people import find_by_phone_or_card
from points.pools import decisions, gifts, views
from points.pools.errors import NoBookOfPool
from points.pools.rules import TITLE_POINTS
from points.rewards.authority import ADOPTERS
from points.service.occasions import book_of_person
from web import clock
from web.auth import WebRequest, actor, require_roles, signed_in
from web.forms import BLANK, Filled, Form, Id, submit
from web.i18n import N_
from web.pages import Done, page
from web.points_pages import standing_of
from web.pools import Points
from web.rewards import NeighbourUnknown
from web.staff_book import staff_book

KINDS = {
    "relief": N_("Help from the community pool"),
    "honour": N_("Honour for a stairwell"),
    "honour_spend": N_("Spend honour points of a stairwell"),
}
STATES = {
    "proposed": ("waiting", N_("waits for a second person")),
    "approved": ("done", N_("granted")),
    "refused": ("stop", N_("not granted")),
}
decider = require_roles(*ADOPTERS)


class DonationForm(Form, frozen=True, kw_only=True):
    """How many points, and for whom one wishes them to be."""

    donate: Points
    wish: Annotated[str, Meta(max_length=120)] = ""


class GrantForm(Form, frozen=True, kw_only=True):
    """What is proposed: help for somebody, or a stairwell's honour."""

    kind: Literal["relief", "honour", "honour_spend"]
    points: Annotated[int, Meta(ge=1, le=100_000)]
    reason: Annotated[str, Meta(max_length=200)]
    neighbour_no: Annotated[str, Meta(max_length=60)] = ""
    area_id: Id | None = None
    donation_id: Id | None = None


class VerdictForm(Form, frozen=True, kw_only=True):
    """Yes or no, and why not."""

    choice: Literal["approve", "refuse"]
    refusal: Annotated[str, Meta(max_length=200)] = ""


@get("/commons", guards=[signed_in])
async def commons_page(request: WebRequest) -> Response[Any]:
    """The community pool in numbers, my gifts, and the honour of my stairwell."""
    return await _commons(request, BLANK)


@post("/donations", guards=[signed_in])
async def donate(request: WebRequest) -> Response[Any]:
    """Give points."""

    async def act(form: DonationForm) -> Done:
        await gifts.give(
            actor_id=actor(request), points=form.donate, wish=form.wish, now=clock.now()
        )
        said = N_("Thank you. {points} points are in the community pool.")
        return Done("/commons", said, {"points": form.donate})

    return await submit(request, DonationForm, act, partial(_commons, request))


@post("/donations/{donation_id:int}/undo", guards=[signed_in])
async def undo(request: WebRequest, donation_id: FromPath[int]) -> Response[Any]:
    """Take one's own gift back, right after."""

    async def act(_: Form) -> Done:
        await gifts.undo(actor_id=actor(request), donation_id=donation_id, now=clock.now())
        return Done("/commons", N_("Taken back. The points are yours again."))

    return await submit(request, Form, act, partial(_commons, request))


@get("/commons/decisions", guards=[decider])
async def decisions_page(request: WebRequest) -> Response[Any]:
    """What waits for a second person, what was decided, and proposing something."""
    return await _decisions(request, BLANK)


@post("/commons/decisions", guards=[decider])
async def propose(request: WebRequest) -> Response[Any]:
    """Propose a grant."""

    async def act(form: GrantForm) -> Done:
        await decisions.propose(
            actor_id=actor(request), book_id=await staff_book(request), kind=form.kind,
            points=form.points, reason=form.reason, now=clock.now(), **await _whom(form),
        )  # fmt: skip
        return Done("/commons/decisions", N_("Proposed. A second person decides."))

    return await submit(request, GrantForm, act, partial(_decisions, request))


@post("/commons/decisions/{decision_id:int}/decide", guards=[decider])
async def decide(request: WebRequest, decision_id: FromPath[int]) -> Response[Any]:
    """Agree as the second person, or refuse with a reason."""

    async def act(form: VerdictForm) -> Done:
        agrees = form.choice == "approve"
        await decisions.decide(
            actor_id=actor(request), decision_id=decision_id, approve=agrees,
            refusal=form.refusal, now=clock.now(),
        )  # fmt: skip
        return Done("/commons/decisions", N_("Granted.") if agrees else N_("Not granted."))

    return await submit(request, VerdictForm, act, partial(_decisions, request))


ROUTES: list[ControllerRouterHandler] = [
    commons_page, donate, undo, decisions_page, propose, decide,
]  # fmt: skip


async def _whom(form: GrantForm) -> dict[str, int | None]:
    """A neighbour and perhaps a gift for her, or a stairwell."""
    if form.kind != "relief":
        return {"area_id": form.area_id}
    found = await find_by_phone_or_card(form.neighbour_no)
    if found is None:
        raise NeighbourUnknown(field="neighbour_no")
    return {"person_id": found, "donation_id": form.donation_id}


async def _commons(request: WebRequest, filled: Filled) -> Response[Any]:
    me = request.user.me
    assert me is not None
    book_id = await book_of_person(me.person_id)
    if book_id is None:
        raise NoBookOfPool
    return page(
        request, "pools/commons.html", status=filled.status, form=filled, now=clock.now(),
        commons=await views.commons_view(book_id=book_id, now=clock.now()),
        gifts=await gifts.my_donations(person_id=me.person_id),
        honour=await views.honour_view(area_id=me.area_id),
        balances=await standing_of(me.person_id), decides=not me.roles.isdisjoint(ADOPTERS),
    )  # fmt: skip


async def _decisions(request: WebRequest, filled: Filled) -> Response[Any]:
    book_id, now, mine = await staff_book(request), clock.now(), actor(request)
    lines = await views.decisions(actor_id=mine, book_id=book_id, now=now)
    return page(
        request, "pools/decisions.html", status=filled.status, form=filled, mine=mine,
        open_grants=[line for line in lines if line.state == "proposed"],
        decided=[line for line in lines if line.state != "proposed"],
        wishes=await views.wishes(actor_id=mine, book_id=book_id, now=now),
        stairwells=await views.stairwells_of(book_id=book_id, now=now),
        commons=await views.commons_view(book_id=book_id, now=now),
        kinds=KINDS, states=STATES, title_points=TITLE_POINTS,
    )  # fmt: skip
