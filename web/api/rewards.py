"""What points are for: the shelf, asking for something, and following it to the counter."""

from datetime import datetime
from typing import Annotated, Literal

from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct

from points.rewards import redemption_views
from points.rewards.authority import DRAFTERS
from points.rewards.pickup import my_code, return_item
from points.rewards.redemption_views import RedemptionView, my_redemptions
from points.rewards.redemptions import cancel
from points.rewards.redemptions import request as ask_for
from points.rewards.rules import Tally
from points.rewards.shelf import ItemView, item
from points.rewards.voting import VoteLine
from web import clock
from web.api.answers import Created, Page, Refusal, answered, done, paged, shaped, told
from web.api.routing import LIMIT, After, Limit, get, own_or_duty, post
from web.auth import WebRequest, actor, require_roles
from web.forms import Id
from web.rewards import shelf_of

drafter = require_roles(*DRAFTERS)


class Reward(Struct, frozen=True):
    """Something on offer; ``obstacle`` is what keeps the caller from asking for it."""

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
    in_store: int
    photo: str | None
    obstacle: Refusal | None


class Vote(Struct, frozen=True):
    """What a member said."""

    name: str
    choice: str
    reason: str
    voted_at: datetime
    stands_in: bool


class Redemption(Struct, frozen=True):
    """Something that was asked for, step by step; the votes are for those who look after it."""

    id: int
    book_id: int
    item_id: int
    item_name: str
    item_kind: str
    price: int
    person_id: int
    person_name: str
    requested_by_name: str
    state: str
    requested_at: datetime
    decide_by: datetime
    decided_at: datetime | None
    collect_by: datetime | None
    handed_over_at: datetime | None
    closed_at: datetime | None
    collected_by: str
    close_reason: str
    points_held: int
    count: Tally
    votes: tuple[Vote, ...]
    steps: tuple[redemption_views.Step, ...]
    may_cancel: bool
    cancel_until: datetime


class Wish(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """For whom something is asked; a stairwell leader gives a reason for asking for a neighbour."""

    person_id: Id | None = None
    reason: Annotated[str, Meta(max_length=200)] = ""


class Return(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Why something comes back, and whether somebody else can still have it."""

    condition: Literal["good", "broken"]
    reason: Annotated[str, Meta(min_length=1, max_length=200)]


class Code(Struct, frozen=True):
    """What is shown at the counter."""

    code: str


@get("/rewards")
async def list_rewards(request: WebRequest) -> tuple[Reward, ...]:
    """The whole shelf, cheapest first; no shelf holds more than five hundred items."""
    return tuple(reward_of(request, one) for one in await shelf_of(request))


@get("/rewards/{item_id:int}")
async def get_reward(request: WebRequest, item_id: FromPath[int]) -> Reward:
    """One item; a draft is shown to those who write or adopt it."""
    found = await item(actor_id=actor(request), item_id=item_id, now=clock.now())
    if found.state == "draft":
        own_or_duty(request)
    return reward_of(request, found)


@post("/rewards/{item_id:int}/request", status=201)
async def request_reward(
    request: WebRequest, item_id: FromPath[int], data: JSONBody[Wish]
) -> Created:
    """Ask for one: a piece is set aside and the points are held."""
    own_or_duty(request, data.person_id or actor(request))

    async def act() -> Created:
        redemption_id = await ask_for(
            actor_id=actor(request), person_id=data.person_id or actor(request),
            item_id=item_id, reason=data.reason, now=clock.now(),
        )  # fmt: skip
        return Created(redemption_id)

    return await answered(request, Created, act)


@get("/redemptions")
async def list_my_redemptions(
    request: WebRequest, after: After = None, limit: Limit = LIMIT
) -> Page[Redemption]:
    """What I asked for, for myself or a neighbour, newest first."""
    found = await my_redemptions(
        person_id=actor(request), now=clock.now(), before_id=after, limit=limit + 1
    )
    return paged([_redemption(request, one) for one in found], limit, lambda one: one.id)


@get("/redemptions/{redemption_id:int}")
async def get_redemption(request: WebRequest, redemption_id: FromPath[int]) -> Redemption:
    """One request, for those it concerns; staff's look is noted."""
    own_or_duty(request)
    found = await redemption_views.redemption(
        actor_id=actor(request), redemption_id=redemption_id, now=clock.now()
    )
    return _redemption(request, found)


# Whoever knows the code can collect, so a token that only looks does not learn it.
@get("/redemptions/{redemption_id:int}/code", scopes=("read", "write"))
async def get_pickup_code(request: WebRequest, redemption_id: FromPath[int]) -> Code:
    """The code that is shown at the counter, for whoever asked and for whom it is."""
    now = clock.now()
    return Code(await my_code(actor_id=actor(request), redemption_id=redemption_id, now=now))


@post("/redemptions/{redemption_id:int}/cancel", status=204)
async def cancel_redemption(request: WebRequest, redemption_id: FromPath[int]) -> None:
    """Take a request back; the points are free again."""

    async def act() -> None:
        await cancel(actor_id=actor(request), redemption_id=redemption_id, now=clock.now())

    await done(request, act)


@post("/redemptions/{redemption_id:int}/return", may=drafter, scopes=("write", "staff"), status=204)
async def return_reward(
    request: WebRequest, redemption_id: FromPath[int], data: JSONBody[Return]
) -> None:
    """Take back what was handed over; the points return."""

    async def act() -> None:
        await return_item(
            actor_id=actor(request), redemption_id=redemption_id, reason=data.reason,
            good=data.condition == "good", now=clock.now(),
        )  # fmt: skip

    await done(request, act)


ROUTES: list[ControllerRouterHandler] = [
    list_rewards, get_reward, request_reward, list_my_redemptions, get_redemption,
    get_pickup_code, cancel_redemption, return_reward,
]  # fmt: skip


def reward_of(request: WebRequest, view: ItemView) -> Reward:
    """An item as the API tells it."""
    photo = f"/rewards/{view.id}/photo" if view.photo_digest else None
    return shaped(Reward, view, photo=photo, obstacle=told(request, view.obstacle))


def votes_of(votes: tuple[VoteLine, ...]) -> tuple[Vote, ...]:
    """Votes with the names of who gave them."""
    return tuple(shaped(Vote, one) for one in votes)


def _redemption(request: WebRequest, view: RedemptionView) -> Redemption:
    own = actor(request) in (view.person_id, view.requested_by)
    return shaped(Redemption, view, votes=() if own else votes_of(view.votes))
