"""The committee: what waits for my vote, voting, stand-ins, and the minutes as data."""

from datetime import date, datetime
from typing import Annotated

from litestar.params import FromPath, FromQuery, JSONBody
from litestar.params import QueryParameter as Asked
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct

from points.community.rules import masked_name
from points.rewards.authority import ADOPTERS
from points.rewards.committee import appoint_stand_in, minutes, vote
from points.rewards.minutes import Decision, Minutes
from points.rewards.queue import QUEUE_MAX, QueueLine, queue
from points.rewards.rules import Choice, Tally
from points.rewards.stock import StockView
from web import clock
from web.api.answers import Page, Refusal, answered, done, paged, shaped, told
from web.api.problems import reckoned
from web.api.rewards import Vote, votes_of
from web.api.routing import After, get, post
from web.auth import WebRequest, actor, require_roles, signed_in, steward
from web.forms import Id
from web.staff_book import staff_book

reader = require_roles(*ADOPTERS)
Few = Annotated[int, Asked(ge=1, le=QUEUE_MAX - 1, description="At most so many.")]
FirstDay = Annotated[date | None, Asked(name="from", description="First day, in the month.")]
LastDay = Annotated[date | None, Asked(name="to", description="Last day; without one, today.")]


class Waiting(Struct, frozen=True):
    """A request before the committee, with its name masked; ``obstacle`` keeps me from voting."""

    id: int
    item_id: int
    item_name: str
    price: int
    kind: str
    sponsor: str
    stock: StockView
    masked_name: str
    area_path: tuple[str, ...]
    age: int | None
    proxy_reason: str
    requested_at: datetime
    decide_by: datetime
    overdue: bool
    points_left: int
    minutes_served: int
    month_points: int
    month_of_item: int
    count: Tally
    votes: tuple[Vote, ...]
    waiting_for: tuple[str, ...]
    obstacle: Refusal | None


class Ballot(Struct, frozen=True, forbid_unknown_fields=True):
    """What a member says to a request; a refusal needs a reason."""

    choice: Choice
    reason: Annotated[str, Meta(max_length=300)] = ""


class StandIn(Struct, frozen=True, forbid_unknown_fields=True):
    """Who votes where members may not."""

    person_id: Id


class Outcome(Struct, frozen=True):
    """What the request is after the vote."""

    state: str


class Decided(Struct, frozen=True):
    """A decision with every vote and reason."""

    redemption_id: int
    item_name: str
    price: int
    quorum: int
    masked_name: str
    area_path: tuple[str, ...]
    requested_by_name: str | None
    requested_at: datetime
    decided_at: datetime
    approved: bool
    votes: tuple[Vote, ...]


class MinutesTaken(Struct, frozen=True):
    """What the committee decided between two days, and who its members are."""

    book_id: int
    area_path: tuple[str, ...]
    time_zone: str
    first_day: date
    last_day: date
    members: tuple[str, ...]
    points_approved: int
    decisions: tuple[Decided, ...]


@get("/committee", scopes=("read", "staff"))
async def list_requests_to_decide(
    request: WebRequest, all_open: FromQuery[bool] = False, after: After = None, limit: Few = 20
) -> Page[Waiting]:
    """What waits for my vote, oldest first; with ``all_open`` also what I voted on."""
    lines = await queue(
        actor_id=actor(request), now=clock.now(), after_id=after or 0, limit=limit + 1,
        all_open=all_open,
    )  # fmt: skip
    return paged([_waiting(request, one) for one in lines], limit, lambda one: one.id)


@post("/committee/{redemption_id:int}/vote", may=signed_in, scopes=("write", "staff"))
async def vote_on_request(
    request: WebRequest, redemption_id: FromPath[int], data: JSONBody[Ballot]
) -> Outcome:
    """Approve, refuse, or stand back."""

    async def act() -> Outcome:
        state = await vote(
            actor_id=actor(request), redemption_id=redemption_id, choice=data.choice,
            reason=data.reason, now=clock.now(),
        )  # fmt: skip
        return Outcome(state)

    return await answered(request, Outcome, act)


@post(
    "/redemptions/{redemption_id:int}/stand-in", may=steward, scopes=("write", "staff"), status=204
)
async def appoint_a_stand_in(
    request: WebRequest, redemption_id: FromPath[int], data: JSONBody[StandIn]
) -> None:
    """Let a resident vote where too few members may."""

    async def act() -> None:
        await appoint_stand_in(
            actor_id=actor(request), redemption_id=redemption_id, person_id=data.person_id,
            now=clock.now(),
        )  # fmt: skip

    await done(request, act)


@get("/committee/minutes", may=reader, scopes=("read", "staff"))
async def get_minutes(
    request: WebRequest, first_day: FirstDay = None, last_day: LastDay = None
) -> MinutesTaken:
    """What was decided, with every vote and reason; without days, this month."""
    last = reckoned("to", last_day or clock.today(request.user.time_zone))
    first = reckoned("from", first_day or last.replace(day=1))
    found = await minutes(
        actor_id=actor(request), book_id=await staff_book(request), first_day=first,
        last_day=last, now=clock.now(),
    )  # fmt: skip
    return _record(found)


ROUTES: list[ControllerRouterHandler] = [
    list_requests_to_decide, vote_on_request, appoint_a_stand_in, get_minutes,
]  # fmt: skip


def _waiting(request: WebRequest, line: QueueLine) -> Waiting:
    return shaped(
        Waiting, line, masked_name=masked_name(line.person_name), votes=votes_of(line.votes),
        obstacle=told(request, line.obstacle),
    )  # fmt: skip


def _record(found: Minutes) -> MinutesTaken:
    return shaped(
        MinutesTaken, found, members=tuple(one.name for one in found.members),
        decisions=tuple(_decided(one) for one in found.decisions),
    )  # fmt: skip


def _decided(found: Decision) -> Decided:
    return shaped(Decided, found, votes=votes_of(found.votes))
