"""What I asked for: every step with who acts by when, taking it back, and the code to collect it.

The same page serves those who look after a request: a steward appoints a stand-in there, and what
was handed over is taken back there.
"""

from functools import partial
from typing import Annotated, Any, Literal

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct

from points.community.people import find_by_phone_or_card
from points.rewards.authority import DRAFTERS
from points.rewards.committee import appoint_stand_in
from points.rewards.pickup import my_code, return_item
from points.rewards.redemptions import RedemptionView, cancel, my_redemptions, redemption
from web import clock
from web.auth import WebRequest, actor, require_roles, signed_in
from web.forms import BLANK, Filled, Form, Id, submit, wanted
from web.i18n import N_
from web.invitations import qr_image
from web.pages import Done, page
from web.reward_words import CHOICES, STATES, STEP_KINDS
from web.rewards import NeighbourUnknown, item_words

PER_PAGE = 20
PER_PAGE_ELDER = 8


class Before(Struct, frozen=True):
    """From where on."""

    before: Id | None = None


class StandInForm(Form, frozen=True, kw_only=True):
    """Who votes where members may not."""

    person_no: Annotated[str, Meta(max_length=60)]


class ReturnForm(Form, frozen=True, kw_only=True):
    """Why something comes back, and whether somebody else can still have it."""

    condition: Literal["good", "broken"]
    reason: Annotated[str, Meta(max_length=200)]


@get("/redemptions", guards=[signed_in])
async def redemptions_page(request: WebRequest) -> Response[Any]:
    """What I asked for, newest first."""
    before = wanted(request, Before).before
    limit = PER_PAGE_ELDER if request.user.elder_mode else PER_PAGE
    found = await my_redemptions(
        person_id=actor(request), now=clock.now(), before_id=before, limit=limit + 1
    )
    older = f"/redemptions?before={found[limit - 1].id}" if len(found) > limit else ""
    return page(
        request, "redemptions/list.html", redemptions=found[:limit], older_href=older,
        newer_href="/redemptions" if before else "", **_words(request),
    )  # fmt: skip


@get("/redemptions/{redemption_id:int}", guards=[signed_in])
async def redemption_page(request: WebRequest, redemption_id: FromPath[int]) -> Response[Any]:
    """One request with its steps."""
    return await _again(request, redemption_id, BLANK)


@post("/redemptions/{redemption_id:int}/cancel", guards=[signed_in])
async def take_back(request: WebRequest, redemption_id: FromPath[int]) -> Response[Any]:
    """Take it back; the points are free again."""

    async def act(_: Form) -> Done:
        await cancel(actor_id=actor(request), redemption_id=redemption_id, now=clock.now())
        return Done(f"/redemptions/{redemption_id}", N_("Taken back. The points are yours again."))

    return await submit(request, Form, act, partial(_again, request, redemption_id))


@post("/redemptions/{redemption_id:int}/stand-in", guards=[require_roles("steward")])
async def stand_in(request: WebRequest, redemption_id: FromPath[int]) -> Response[Any]:
    """Let a resident vote where too few members may."""

    async def act(form: StandInForm) -> Done:
        await appoint_stand_in(
            actor_id=actor(request), redemption_id=redemption_id, now=clock.now(),
            person_id=await _person(form.person_no),
        )  # fmt: skip
        return Done(f"/redemptions/{redemption_id}", N_("Appointed. The stand-in was told."))

    return await submit(request, StandInForm, act, partial(_again, request, redemption_id))


@post("/redemptions/{redemption_id:int}/return", guards=[require_roles(*DRAFTERS)])
async def bring_back(request: WebRequest, redemption_id: FromPath[int]) -> Response[Any]:
    """Take back what was handed over; the points return."""

    async def act(form: ReturnForm) -> Done:
        await return_item(
            actor_id=actor(request), redemption_id=redemption_id, reason=form.reason,
            good=form.condition == "good", now=clock.now(),
        )  # fmt: skip
        return Done(f"/redemptions/{redemption_id}", N_("Taken back. The points were returned."))

    return await submit(request, ReturnForm, act, partial(_again, request, redemption_id))


ROUTES: list[ControllerRouterHandler] = [
    redemptions_page, redemption_page, take_back, stand_in, bring_back,
]  # fmt: skip


def _words(request: WebRequest) -> dict[str, Any]:
    return item_words(request) | {"state_words": STATES, "step_kinds": STEP_KINDS}


async def _again(request: WebRequest, redemption_id: int, filled: Filled) -> Response[Any]:
    now, mine = clock.now(), actor(request)
    found = await redemption(actor_id=mine, redemption_id=redemption_id, now=now)
    own = mine in (found.person_id, found.requested_by)
    assert request.user.me is not None
    return page(
        request, "redemptions/detail.html", status=filled.status, form=filled, redemption=found,
        own=own, roles=request.user.me.roles, choice_words=CHOICES,
        helpless=_needs_stand_in(found), **await _code(request, found), **_words(request),
    )  # fmt: skip


def _needs_stand_in(found: RedemptionView) -> bool:
    """Whether the members alone did not decide, or cannot."""
    return any(step.state == "now" and step.note for step in found.steps)


async def _code(request: WebRequest, found: RedemptionView) -> dict[str, str]:
    mine = actor(request)
    if found.state != "approved" or mine not in (found.person_id, found.requested_by):
        return {"code": "", "qr": ""}
    code = await my_code(actor_id=mine, redemption_id=found.id, now=clock.now())
    site = f"{request.url.scheme}://{request.url.netloc}"
    return {"code": code, "qr": qr_image(f"{site}/pickup?code={code}")}


async def _person(number: str) -> int:
    found = await find_by_phone_or_card(number)
    if found is None:
        raise NeighbourUnknown(field="person_no")
    return found
