"""The pool of a household: what is in it, whose it is, and coming in or leaving."""

from functools import partial
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.types import ControllerRouterHandler
from msgspec import Meta

from points.ledger.rules import NEVER
from points.pools import household
from points.pools.views import pool_view
from web import clock
from web.auth import WebRequest, actor, signed_in
from web.forms import BLANK, Filled, Form, submit
from web.i18n import N_
from web.pages import Done, page
from web.points_pages import standing_of

Points = Annotated[int, Meta(ge=1, le=1_000_000)]


class PutForm(Form, frozen=True, kw_only=True):
    """How many points go into the pool."""

    put: Points


class TakeForm(Form, frozen=True, kw_only=True):
    """How many points come back."""

    take: Points


@get("/pool", guards=[signed_in])
async def pool_page(request: WebRequest) -> Response[Any]:
    """The pool of my household."""
    return await _again(request, BLANK)


@post("/pool/join", guards=[signed_in])
async def join(request: WebRequest) -> Response[Any]:
    """Take part."""

    async def act(_: Form) -> Done:
        await household.join(actor_id=actor(request), now=clock.now())
        return Done("/pool", N_("You take part now. Your points stay yours until you put some in."))

    return await submit(request, Form, act, partial(_again, request))


@post("/pool/put", guards=[signed_in])
async def put_in(request: WebRequest) -> Response[Any]:
    """Put points in."""

    async def act(form: PutForm) -> Done:
        await household.put_in(actor_id=actor(request), points=form.put, now=clock.now())
        return Done("/pool", N_("{points} points are in the pool."), {"points": form.put})

    return await submit(request, PutForm, act, partial(_again, request))


@post("/pool/take", guards=[signed_in])
async def take_out(request: WebRequest) -> Response[Any]:
    """Take own points back."""

    async def act(form: TakeForm) -> Done:
        await household.take_out(actor_id=actor(request), points=form.take, now=clock.now())
        return Done("/pool", N_("{points} points are back with you."), {"points": form.take})

    return await submit(request, TakeForm, act, partial(_again, request))


@post("/pool/leave", guards=[signed_in])
async def leave(request: WebRequest) -> Response[Any]:
    """Leave, with all that is one's own."""

    async def act(_: Form) -> Done:
        await household.leave(actor_id=actor(request), now=clock.now())
        return Done("/pool", N_("You left. What was yours and unspent is back with you."))

    return await submit(request, Form, act, partial(_again, request))


ROUTES: list[ControllerRouterHandler] = [pool_page, join, put_in, take_out, leave]


async def _again(request: WebRequest, filled: Filled) -> Response[Any]:
    return page(
        request, "pools/pool.html", status=filled.status, form=filled, never=NEVER,
        pool=await pool_view(person_id=actor(request), now=clock.now()),
        balances=await standing_of(actor(request)),
    )  # fmt: skip
