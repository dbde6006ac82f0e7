"""Points towards materials: asking for them, pledging, taking back, and spending them together."""

from functools import partial
from typing import Any

from litestar import Response, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from talentmap.activities.pledges import ask_for_pledges, pay_pledges, pledge, take_back
from web import clock
from web.activities import LAPSED
from web.activity_page import activity_again
from web.auth import WebRequest, actor, signed_in
from web.forms import Form, Id, submit
from web.i18n import N_
from web.pages import Done


class AskForm(Form, frozen=True, kw_only=True):
    """How many of which item the activity needs."""

    item_id: Id
    quantity: int = 1


class PledgeForm(Form, frozen=True, kw_only=True):
    """Points of one's own."""

    points: int


@post("/activities/{activity_id:int}/pledges/ask", guards=[signed_in])
async def ask(request: WebRequest, activity_id: FromPath[int]) -> Response[Any]:
    """Ask neighbours for the points of the materials."""

    async def act(form: AskForm) -> Done:
        await ask_for_pledges(
            actor_id=actor(request), activity_id=activity_id, item_id=form.item_id,
            quantity=form.quantity, now=clock.now(),
        )  # fmt: skip
        return Done(f"/activities/{activity_id}", N_("Neighbours can now pledge points."))

    return await submit(request, AskForm, act, partial(activity_again, request, activity_id))


@post("/activities/{activity_id:int}/pledges", guards=[signed_in])
async def give(request: WebRequest, activity_id: FromPath[int]) -> Response[Any]:
    """Hold points of one's own for it."""

    async def act(form: PledgeForm) -> Done:
        kept = await pledge(
            actor_id=actor(request), activity_id=activity_id, points=form.points, now=clock.now()
        )
        said = LAPSED if kept is None else N_("Pledged. They come back if it does not take place.")
        return Done(f"/activities/{activity_id}", said, level="info" if kept is None else "done")

    return await submit(request, PledgeForm, act, partial(activity_again, request, activity_id))


@post("/activities/{activity_id:int}/pledges/take-back", guards=[signed_in])
async def undo(request: WebRequest, activity_id: FromPath[int]) -> Response[Any]:
    """Take one's own pledge back."""

    async def act(_: Form) -> Done:
        await take_back(actor_id=actor(request), activity_id=activity_id, now=clock.now())
        return Done(f"/activities/{activity_id}", N_("Your points are yours again."))

    return await submit(request, Form, act, partial(activity_again, request, activity_id))


@post("/activities/{activity_id:int}/pledges/pay", guards=[signed_in])
async def pay(request: WebRequest, activity_id: FromPath[int]) -> Response[Any]:
    """Spend what was pledged on the materials."""

    async def act(_: Form) -> Done:
        points = await pay_pledges(
            actor_id=actor(request), activity_id=activity_id, now=clock.now()
        )
        said = N_("{points} points were spent on the materials.")
        return Done(f"/activities/{activity_id}", said, {"points": points})

    return await submit(request, Form, act, partial(activity_again, request, activity_id))


ROUTES: list[ControllerRouterHandler] = [ask, give, undo, pay]
