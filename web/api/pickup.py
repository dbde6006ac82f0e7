"""At the counter and at the door: what a code stands for, handing over, what waits."""

from datetime import datetime
from typing import Annotated

from litestar.params import JSONBody
from litestar.params import QueryParameter as Asked
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct

from points.rewards.deliveries import Delivery, delivery_list
from points.rewards.pickup import find_pickup, hand_over
from web import clock
from web.api.answers import answered, shaped
from web.api.routing import get, post
from web.auth import WebRequest, actor
from web.pickup import code_of, hander
from web.staff_book import staff_book

TypedCode = Annotated[str, Asked(max_length=200, description="The code, or what its QR holds.")]


class Pickup(Struct, frozen=True):
    """What a code stands for."""

    redemption_id: int
    item_name: str
    price: int
    person_name: str
    area_path: tuple[str, ...]
    collect_by: datetime | None
    collected_by: str


class Handover(Struct, frozen=True, forbid_unknown_fields=True):
    """The code, and who came in the person's place."""

    code: Annotated[str, Meta(max_length=200)]
    collected_by: Annotated[str, Meta(max_length=80)] = ""


@get("/pickup", may=hander, scopes=("read", "staff"))
async def get_pickup(request: WebRequest, code: TypedCode) -> Pickup:
    """What a code stands for, before anything is handed over; the look is noted."""
    found = await find_pickup(actor_id=actor(request), code=code_of(code), now=clock.now())
    return shaped(Pickup, found)


@post("/pickup/hand-over", may=hander, scopes=("write", "staff"))
async def hand_over_reward(request: WebRequest, data: JSONBody[Handover]) -> Pickup:
    """Hand it over, once."""

    async def act() -> Pickup:
        given = await hand_over(
            actor_id=actor(request), code=code_of(data.code), collected_by=data.collected_by,
            now=clock.now(),
        )  # fmt: skip
        return shaped(Pickup, given)

    return await answered(request, Pickup, act)


@get("/pickup/deliveries", may=hander, scopes=("read", "staff"))
async def list_deliveries(request: WebRequest) -> tuple[Delivery, ...]:
    """What waits to be collected, stairwell by stairwell; the look is noted."""
    book_id = await staff_book(request)
    return await delivery_list(actor_id=actor(request), book_id=book_id, now=clock.now())


ROUTES: list[ControllerRouterHandler] = [get_pickup, hand_over_reward, list_deliveries]
