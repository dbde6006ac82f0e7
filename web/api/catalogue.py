"""The catalogue from behind the counter: drafts, adopting, and where the pieces are."""

from typing import Annotated, Literal

from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct

from points.rewards import catalogue, stock
from points.rewards.authority import ADOPTERS, DRAFTERS
from points.rewards.catalogue import ItemDraft
from points.rewards.rules import PRICE_MAX, QUANTITY_MAX, Audience, Kind
from points.rewards.shelf import ItemView, drafts, item, shelf
from points.rewards.stock import StockMoveLine
from web import clock
from web.api.answers import Created, Page, answered, done, paged, shaped
from web.api.rewards import drafter
from web.api.routing import LIMIT, After, Limit, get, post
from web.auth import WebRequest, actor, require_roles
from web.reward_words import ICONS
from web.staff_book import staff_book

adopter = require_roles(*ADOPTERS)
keeper = require_roles(*DRAFTERS, *ADOPTERS)


class CatalogueItem(Struct, frozen=True):
    """An item with its pieces, and who wrote and adopted it."""

    id: int
    book_id: int
    name: str
    kind: str
    description: str
    price: int
    sponsor: str
    icon: str
    audience: str
    monthly_limit: int
    state: str
    drafted_by_name: str
    adopted_by_name: str | None
    received: int
    in_store: int
    reserved: int
    handed_out: int
    lost: int


class Draft(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An item as its drafter describes it."""

    name: Annotated[str, Meta(min_length=1, max_length=80)]
    kind: Kind
    price: Annotated[int, Meta(ge=0, le=PRICE_MAX)]
    description: Annotated[str, Meta(max_length=500)] = ""
    sponsor: Annotated[str, Meta(max_length=80)] = ""
    icon: Annotated[str, Meta(max_length=32)] = "gift"
    audience: Audience = "all"
    monthly_limit: Annotated[int, Meta(ge=1, le=100)] | None = None

    def draft(self) -> ItemDraft:
        """What the domain is told."""
        return ItemDraft(
            name=self.name, kind=self.kind, price=self.price, description=self.description,
            sponsor=self.sponsor, icon=self.icon if self.icon in ICONS else "gift",
            audience=self.audience, monthly_limit=self.monthly_limit,
        )  # fmt: skip


class StockChange(Struct, frozen=True, forbid_unknown_fields=True):
    """Pieces that came in, or that are lost."""

    change: Literal["receive", "lose"]
    quantity: Annotated[int, Meta(ge=1, le=QUANTITY_MAX)]
    reason: Annotated[str, Meta(min_length=1, max_length=200)]


@get("/catalogue", may=keeper, scopes=("read", "staff"))
async def list_catalogue(request: WebRequest) -> tuple[CatalogueItem, ...]:
    """Everything on offer with its stock, cheapest first."""
    book_id, now = await staff_book(request), clock.now()
    return _told(await shelf(book_id=book_id, person_id=actor(request), now=now))


@get("/catalogue/drafts", may=keeper, scopes=("read", "staff"))
async def list_drafts(request: WebRequest) -> tuple[CatalogueItem, ...]:
    """What waits to be adopted by a second person, oldest first."""
    book_id, now = await staff_book(request), clock.now()
    return _told(await drafts(actor_id=actor(request), book_id=book_id, now=now))


@get("/catalogue/{item_id:int}", may=keeper, scopes=("read", "staff"))
async def get_catalogue_item(request: WebRequest, item_id: FromPath[int]) -> CatalogueItem:
    """One item from behind the counter."""
    found = await item(actor_id=actor(request), item_id=item_id, now=clock.now())
    return shaped(CatalogueItem, found)


@post("/catalogue", may=drafter, scopes=("write", "staff"), status=201)
async def draft_item(request: WebRequest, data: JSONBody[Draft]) -> Created:
    """Draft an item; a second person adopts it."""

    async def act() -> Created:
        item_id = await catalogue.draft_item(
            actor_id=actor(request), book_id=await staff_book(request), draft=data.draft(),
            now=clock.now(),
        )  # fmt: skip
        return Created(item_id)

    return await answered(request, Created, act)


@post("/catalogue/{item_id:int}/edit", may=drafter, scopes=("write", "staff"), status=204)
async def change_draft(request: WebRequest, item_id: FromPath[int], data: JSONBody[Draft]) -> None:
    """Correct a draft."""

    async def act() -> None:
        await catalogue.change_draft(
            actor_id=actor(request), item_id=item_id, draft=data.draft(), now=clock.now()
        )

    await done(request, act)


@post("/catalogue/{item_id:int}/adopt", may=adopter, scopes=("write", "staff"), status=204)
async def adopt_item(request: WebRequest, item_id: FromPath[int]) -> None:
    """Put a draft into the catalogue, as the second person."""

    async def act() -> None:
        await catalogue.adopt_item(actor_id=actor(request), item_id=item_id, now=clock.now())

    await done(request, act)


@post("/catalogue/{item_id:int}/retire", may=keeper, scopes=("write", "staff"), status=204)
async def retire_item(request: WebRequest, item_id: FromPath[int]) -> None:
    """Offer it no more; requests that wait keep their price and their place."""

    async def act() -> None:
        await catalogue.retire_item(actor_id=actor(request), item_id=item_id, now=clock.now())

    await done(request, act)


@post("/catalogue/{item_id:int}/stock", may=drafter, scopes=("write", "staff"), status=204)
async def change_stock(
    request: WebRequest, item_id: FromPath[int], data: JSONBody[StockChange]
) -> None:
    """Write down what came in or got lost."""

    async def act() -> None:
        move = stock.receive_stock if data.change == "receive" else stock.lose_stock
        await move(
            actor_id=actor(request), item_id=item_id, quantity=data.quantity, reason=data.reason,
            now=clock.now(),
        )  # fmt: skip

    await done(request, act)


@get("/catalogue/{item_id:int}/stock", may=keeper, scopes=("read", "staff"))
async def list_stock_moves(
    request: WebRequest, item_id: FromPath[int], after: After = None, limit: Limit = LIMIT
) -> Page[StockMoveLine]:
    """What happened to the pieces, newest first."""
    found = await stock.stock_moves(
        actor_id=actor(request), item_id=item_id, now=clock.now(), before_id=after, limit=limit + 1
    )
    return paged(found, limit, lambda one: one.id)


ROUTES: list[ControllerRouterHandler] = [
    list_catalogue, list_drafts, get_catalogue_item, draft_item, change_draft, adopt_item,
    retire_item, change_stock, list_stock_moves,
]  # fmt: skip


def _told(found: tuple[ItemView, ...]) -> tuple[CatalogueItem, ...]:
    return tuple(shaped(CatalogueItem, one) for one in found)
