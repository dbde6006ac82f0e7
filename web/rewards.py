"""What points are for: the shelf with what I can have now first, one item, and asking for it."""

from functools import partial
from typing import Annotated, Any, Literal

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct

from points.community.guardians import children_of
from points.community.people import find_by_phone_or_card
from points.errors import Invalid, Missing
from points.pools.views import pool_can_pay
from points.rewards.catalogue import ItemView, item, photo_of, shelf
from points.rewards.redemptions import request as ask_for
from points.service.errors import PolicyMissing
from points.service.occasions import book_of_person
from web import clock
from web.auth import WebRequest, actor, signed_in
from web.forms import BLANK, Filled, Form, Id, submit, wanted
from web.i18n import N_
from web.pages import Done, page, words
from web.points_pages import standing_of
from web.reward_words import AUDIENCES, KINDS
from web.templating import icon_names


class NeighbourUnknown(Invalid):
    """Nobody has that number."""

    message = "Nobody here has that phone, card or volunteer number."


class ShelfQuery(Struct, frozen=True):
    """Which kind of items."""

    kind: Literal["", "goods", "service", "thanks"] = ""


class RequestForm(Form, frozen=True, kw_only=True):
    """For whom something is asked; without a person it is oneself."""

    person_id: Id | None = None
    neighbour_no: Annotated[str, Meta(max_length=60)] = ""
    payer: Literal["own", "pool"] = "own"
    reason: Annotated[str, Meta(max_length=200)] = ""


@get("/rewards", guards=[signed_in])
async def rewards_page(request: WebRequest) -> Response[Any]:
    """What there is: what I can have now first."""
    query, items = wanted(request, ShelfQuery), await shelf_of(request)
    shown = [one for one in items if query.kind in ("", one.kind)]
    return page(
        request, "rewards/list.html", kind=query.kind, any_item=bool(items),
        kinds=[(code, word) for code, word in KINDS.items() if any(code == i.kind for i in items)],
        mine=[one for one in shown if one.obstacle is None], **await _standing(request),
        others=[one for one in shown if one.obstacle is not None],
    )  # fmt: skip


@get("/rewards/{item_id:int}", guards=[signed_in])
async def reward_page(request: WebRequest, item_id: FromPath[int]) -> Response[Any]:
    """One item, and the button to ask for it."""
    return await _item_again(request, item_id, BLANK)


@get("/rewards/{item_id:int}/photo", guards=[signed_in])
async def reward_photo(request: WebRequest, item_id: FromPath[int]) -> Response[bytes]:
    """What it looks like, for whoever may see the item."""
    await item(actor_id=actor(request), item_id=item_id, now=clock.now())
    photo = await photo_of(item_id)
    if photo is None:
        raise Missing
    return Response(photo.content, media_type=photo.media_type)


@post("/rewards/{item_id:int}/request", guards=[signed_in])
async def request_item(request: WebRequest, item_id: FromPath[int]) -> Response[Any]:
    """Ask for one: a piece is set aside and the points are held."""

    async def act(form: RequestForm) -> Done:
        redemption_id = await ask_for(
            actor_id=actor(request), person_id=await _for_whom(request, form), item_id=item_id,
            reason=form.reason, from_pool=form.payer == "pool", now=clock.now(),
        )  # fmt: skip
        return Done(f"/redemptions/{redemption_id}", N_("Asked. Below you see what happens next."))

    return await submit(request, RequestForm, act, partial(_item_again, request, item_id))


ROUTES: list[ControllerRouterHandler] = [rewards_page, reward_page, reward_photo, request_item]


def item_words(request: WebRequest) -> dict[str, Any]:
    """How templates say the codes of an item and what keeps somebody from it."""
    return {
        "kind_words": KINDS,
        "audience_words": AUDIENCES,
        "refusal": words(request).refusal,
        "known_icons": icon_names(),
    }


async def _standing(request: WebRequest) -> dict[str, Any]:
    return item_words(request) | {"balances": await standing_of(actor(request))}


async def shelf_of(request: WebRequest) -> tuple[ItemView, ...]:
    """What is offered where she lives; nothing where no committee keeps points."""
    book_id = await book_of_person(actor(request))
    if book_id is None:
        return ()
    try:
        return await shelf(book_id=book_id, person_id=actor(request), now=clock.now())
    except PolicyMissing:
        # Where no meeting has adopted how points are earned there is nothing to spend them on.
        return ()


async def _item_again(request: WebRequest, item_id: int, filled: Filled) -> Response[Any]:
    found = await item(actor_id=actor(request), item_id=item_id, now=clock.now())
    today = clock.today(request.user.time_zone)
    assert request.user.me is not None
    return page(
        request, "rewards/detail.html", status=filled.status, form=filled, item=found,
        children=await children_of(actor(request), today), **await _standing(request),
        pool_pays=await _pool_pays(request, found),
        leads_stairwell="stairwell_leader" in request.user.me.roles,
    )  # fmt: skip


async def _pool_pays(request: WebRequest, found: ItemView) -> int:
    """What the pool of the household has, if that is enough for the item."""
    if found.state != "adopted" or not found.price or not found.in_store:
        return 0
    has = await pool_can_pay(person_id=actor(request), now=clock.now())
    return has if has >= found.price else 0


async def _for_whom(request: WebRequest, form: RequestForm) -> int:
    if not form.neighbour_no:
        return form.person_id or actor(request)
    found = await find_by_phone_or_card(form.neighbour_no)
    if found is None:
        raise NeighbourUnknown(field="neighbour_no")
    return found
