"""The catalogue from behind the counter: drafts, adopting, photos, and where the pieces are."""

from functools import partial
from typing import Annotated, Any, Literal

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from msgspec import Meta

from points.errors import Forbidden
from points.rewards import catalogue
from points.rewards.authority import ADOPTERS, DRAFTERS
from points.rewards.catalogue import ItemDraft, ItemView
from points.rewards.stock import StockMoveLine
from web import clock
from web.auth import WebRequest, actor, require_roles
from web.forms import BLANK, Filled, Form, submit
from web.i18n import N_
from web.pages import Done, page, words
from web.reward_words import AUDIENCES, ICONS, KINDS, MOVES
from web.rewards import item_words
from web.staff_book import staff_book
from web.uploads import PHOTO_BYTES, shown_photo

MOVES_SHOWN = 50
drafter = require_roles(*DRAFTERS)
adopter = require_roles(*ADOPTERS)
keeper = require_roles(*DRAFTERS, *ADOPTERS)


class ItemForm(Form, frozen=True, kw_only=True):
    """An item as its drafter describes it."""

    name: Annotated[str, Meta(max_length=80)]
    kind: Literal["goods", "service", "thanks"]
    price: Annotated[int, Meta(ge=0, le=100_000)]
    description: Annotated[str, Meta(max_length=500)] = ""
    sponsor: Annotated[str, Meta(max_length=80)] = ""
    icon: Annotated[str, Meta(max_length=32)] = "gift"
    audience: Literal["all", "adults", "elders"] = "all"
    monthly_limit: Annotated[int, Meta(ge=1, le=100)] | None = None

    def draft(self) -> ItemDraft:
        """What the domain is told."""
        return ItemDraft(
            name=self.name,
            kind=self.kind,
            price=self.price,
            description=self.description,
            sponsor=self.sponsor,
            icon=self.icon if self.icon in ICONS else "gift",
            audience=self.audience,
            monthly_limit=self.monthly_limit,
        )


class PhotoForm(Form, frozen=True, kw_only=True):
    """A photo; the field holds its digest."""

    photo: str = ""


class StockForm(Form, frozen=True, kw_only=True):
    """Pieces that came in, or that are lost."""

    change: Literal["receive", "lose"]
    quantity: Annotated[int, Meta(ge=1, le=100_000)]
    reason: Annotated[str, Meta(max_length=200)]


@get("/catalogue", guards=[keeper])
async def catalogue_page(request: WebRequest) -> Response[Any]:
    """Everything on offer with its stock, and what waits to be adopted."""
    mine, now, book_id = actor(request), clock.now(), await staff_book(request)
    return page(
        request, "catalogue/list.html", **item_words(request), **_may(request),
        items=await catalogue.shelf(book_id=book_id, person_id=mine, now=now),
        drafts=await catalogue.drafts(actor_id=mine, book_id=book_id, now=now),
    )  # fmt: skip


@get("/catalogue/new", guards=[drafter])
async def new_item_page(request: WebRequest) -> Response[Any]:
    """Draft an item."""
    return await _form_again(request, None, BLANK)


@post("/catalogue", guards=[drafter])
async def draft_item(request: WebRequest) -> Response[Any]:
    """Keep the draft; those who may adopt it are told."""

    async def act(form: ItemForm) -> Done:
        item_id = await catalogue.draft_item(
            actor_id=actor(request), book_id=await staff_book(request), draft=form.draft(),
            now=clock.now(),
        )  # fmt: skip
        return Done(f"/catalogue/{item_id}", N_("Drafted. A second person adopts it."))

    return await submit(request, ItemForm, act, partial(_form_again, request, None))


@get("/catalogue/{item_id:int}", guards=[keeper])
async def catalogue_item_page(request: WebRequest, item_id: FromPath[int]) -> Response[Any]:
    """One item from behind the counter."""
    return await _item_again(request, item_id, BLANK)


@get("/catalogue/{item_id:int}/edit", guards=[drafter])
async def edit_item_page(request: WebRequest, item_id: FromPath[int]) -> Response[Any]:
    """Correct a draft."""
    return await _form_again(request, item_id, BLANK)


@post("/catalogue/{item_id:int}/edit", guards=[drafter])
async def change_draft(request: WebRequest, item_id: FromPath[int]) -> Response[Any]:
    """Keep the corrected draft."""

    async def act(form: ItemForm) -> Done:
        await catalogue.change_draft(
            actor_id=actor(request), item_id=item_id, draft=form.draft(), now=clock.now()
        )
        return Done(f"/catalogue/{item_id}", N_("Saved."))

    return await submit(request, ItemForm, act, partial(_form_again, request, item_id))


@post("/catalogue/{item_id:int}/adopt", guards=[adopter])
async def adopt_item(request: WebRequest, item_id: FromPath[int]) -> Response[Any]:
    """Put a draft into the catalogue, as the second person."""

    async def act(_: Form) -> Done:
        await catalogue.adopt_item(actor_id=actor(request), item_id=item_id, now=clock.now())
        return Done(f"/catalogue/{item_id}", N_("Adopted. Everybody sees it now."))

    return await submit(request, Form, act, partial(_item_again, request, item_id))


@post("/catalogue/{item_id:int}/retire", guards=[keeper])
async def retire_item(request: WebRequest, item_id: FromPath[int]) -> Response[Any]:
    """Offer it no more."""

    async def act(_: Form) -> Done:
        await catalogue.retire_item(actor_id=actor(request), item_id=item_id, now=clock.now())
        said = N_("No longer offered. Requests that wait keep their price and their place.")
        return Done("/catalogue", said)

    return await submit(request, Form, act, partial(_item_again, request, item_id))


@post(
    "/catalogue/{item_id:int}/photo", guards=[drafter], files=True,
    request_max_body_size=PHOTO_BYTES,
)  # fmt: skip
async def set_photo(request: WebRequest, item_id: FromPath[int]) -> Response[Any]:
    """Show what it looks like."""

    async def act(_: PhotoForm) -> Done:
        await catalogue.set_photo(
            actor_id=actor(request), item_id=item_id, media_type="image/jpeg",
            content=await shown_photo(request, "photo"), now=clock.now(),
        )  # fmt: skip
        return Done(f"/catalogue/{item_id}", N_("The photo is there."))

    return await submit(request, PhotoForm, act, partial(_item_again, request, item_id))


@post("/catalogue/{item_id:int}/stock", guards=[drafter])
async def change_stock(request: WebRequest, item_id: FromPath[int]) -> Response[Any]:
    """Write down what came in or got lost."""

    async def act(form: StockForm) -> Done:
        move = catalogue.receive_stock if form.change == "receive" else catalogue.lose_stock
        await move(
            actor_id=actor(request), item_id=item_id, quantity=form.quantity, reason=form.reason,
            now=clock.now(),
        )  # fmt: skip
        return Done(f"/catalogue/{item_id}", N_("Written down."))

    return await submit(request, StockForm, act, partial(_item_again, request, item_id))


ROUTES: list[ControllerRouterHandler] = [
    catalogue_page, new_item_page, draft_item, catalogue_item_page, edit_item_page, change_draft,
    adopt_item, retire_item, set_photo, change_stock,
]  # fmt: skip


def _may(request: WebRequest) -> dict[str, bool]:
    """What the page offers; the domain decides again when it is asked for."""
    assert request.user.me is not None
    roles = request.user.me.roles
    return {"may_draft": bool(roles & set(DRAFTERS)), "may_adopt": bool(roles & set(ADOPTERS))}


async def _item_again(request: WebRequest, item_id: int, filled: Filled) -> Response[Any]:
    found = await catalogue.item(actor_id=actor(request), item_id=item_id, now=clock.now())
    return page(
        request, "catalogue/detail.html", status=filled.status, form=filled, item=found,
        moves=await _moves(request, item_id), move_words=MOVES, mine=actor(request),
        **item_words(request), **_may(request),
    )  # fmt: skip


async def _moves(request: WebRequest, item_id: int) -> tuple[StockMoveLine, ...] | None:
    """What happened to the pieces; None for those who do not keep the store."""
    try:
        return await catalogue.stock_moves(
            actor_id=actor(request), item_id=item_id, now=clock.now(), limit=MOVES_SHOWN
        )
    except Forbidden:
        return None


async def _form_again(request: WebRequest, item_id: int | None, filled: Filled) -> Response[Any]:
    found: ItemView | None = None
    if item_id is not None:
        found = await catalogue.item(actor_id=actor(request), item_id=item_id, now=clock.now())
    say = words(request).gettext
    return page(
        request, "catalogue/form.html", status=filled.status, form=filled, item=found,
        choices={
            name: [(code, say(word)) for code, word in codes.items()]
            for name, codes in (("kind", KINDS), ("audience", AUDIENCES), ("icon", ICONS))
        },
    )  # fmt: skip
