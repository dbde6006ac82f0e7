"""Points that neighbours pledge for the materials of an activity."""

from typing import Annotated

from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct

from talentmap.activities.pledges import (
    PledgeView,
    ask_for_pledges,
    pay_pledges,
    pledge,
    pledges,
    take_back,
)
from talentmap.activities.views import activity
from web import clock
from web.api.answers import answered, done
from web.api.routing import anyone, get, own_or_duty, post
from web.auth import WebRequest, actor
from web.forms import Id


class Wanted(Struct, frozen=True, forbid_unknown_fields=True):
    """How many of which item the activity needs."""

    item_id: Id
    quantity: Annotated[int, Meta(ge=1, le=1000)] = 1


class Pledge(Struct, frozen=True, forbid_unknown_fields=True):
    """Points of one's own."""

    points: Annotated[int, Meta(ge=1, le=1_000_000)]


class Pledged(Struct, frozen=True):
    """How many points are held; null when the activity had lapsed."""

    held: int | None


class Paid(Struct, frozen=True):
    """How many points were spent."""

    points: int


class Pledges(Struct, frozen=True):
    """What is asked for and what is pledged; null where nothing is asked."""

    pledges: PledgeView | None


@get("/activities/{activity_id:int}/pledges", may=anyone)
async def get_pledges(request: WebRequest, activity_id: FromPath[int]) -> Pledges:
    """What an activity asks points for, and how much is there."""
    viewer_id = request.user.me.person_id if request.user.me else None
    await activity(activity_id, now=clock.now(), viewer_id=viewer_id)
    return Pledges(await pledges(activity_id=activity_id, viewer_id=viewer_id))


@post("/activities/{activity_id:int}/pledges/ask", status=204)
async def ask_for_points(
    request: WebRequest, activity_id: FromPath[int], data: JSONBody[Wanted]
) -> None:
    """Ask neighbours for the points of the materials."""
    own_or_duty(request)

    async def act() -> None:
        await ask_for_pledges(
            actor_id=actor(request), activity_id=activity_id, item_id=data.item_id,
            quantity=data.quantity, now=clock.now(),
        )  # fmt: skip

    await done(request, act)


@post("/activities/{activity_id:int}/pledges")
async def pledge_points(
    request: WebRequest, activity_id: FromPath[int], data: JSONBody[Pledge]
) -> Pledged:
    """Hold points of my own for it."""

    async def act() -> Pledged:
        mine, now = actor(request), clock.now()
        return Pledged(
            await pledge(actor_id=mine, activity_id=activity_id, points=data.points, now=now)
        )

    return await answered(request, Pledged, act)


@post("/activities/{activity_id:int}/pledges/take-back", status=204)
async def take_pledge_back(request: WebRequest, activity_id: FromPath[int]) -> None:
    """Take my pledge back."""

    async def act() -> None:
        await take_back(actor_id=actor(request), activity_id=activity_id, now=clock.now())

    await done(request, act)


@post("/activities/{activity_id:int}/pledges/pay")
async def spend_pledges(request: WebRequest, activity_id: FromPath[int]) -> Paid:
    """Spend what was pledged on the materials."""
    own_or_duty(request)

    async def act() -> Paid:
        mine, now = actor(request), clock.now()
        return Paid(await pay_pledges(actor_id=mine, activity_id=activity_id, now=now))

    return await answered(request, Paid, act)


ROUTES: list[ControllerRouterHandler] = [
    get_pledges, ask_for_points, pledge_points, take_pledge_back, spend_pledges,
]  # fmt: skip
