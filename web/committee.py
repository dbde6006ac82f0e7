"""The committee at work: one request at a time, all that are open, and the minutes."""

from datetime import date
from functools import partial
from typing import Annotated, Any, Literal

from anyio import to_thread
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct, field

from points.community.rules import masked_name
from points.rewards.authority import ADOPTERS
from points.rewards.committee import Minutes, QueueLine, count_queue, minutes, queue
from points.rewards.committee import vote as give_vote
from points.rewards.redemptions import redemption
from web import clock
from web.auth import WebRequest, actor, require_roles, signed_in
from web.forms import BLANK, Filled, Form, submit, wanted
from web.i18n import N_
from web.minutes_pdf import minutes_pdf
from web.pages import Done, page, words
from web.reward_words import CHOICES, KINDS, STATES
from web.staff_book import staff_book

OPEN_SHOWN = 50
SAID = {
    ("approve", "approved"): N_("{item} is approved: enough members agreed."),
    ("approve", "requested"): N_("You approved {item}. Others still have to vote."),
    ("refuse", "refused"): N_("{item} is refused; the points are free again."),
    ("refuse", "requested"): N_("You refused {item}. Others still have to vote."),
    ("recuse", "requested"): N_("You stand back from {item}. The others decide."),
}
SETTLED = N_("Your vote on {item} is written down, and with it the request is decided.")
record_reader = require_roles(*ADOPTERS)


class QueueQuery(Struct, frozen=True):
    """After which request to go on."""

    after: Annotated[int, Meta(ge=0)] = 0


class SpanQuery(Struct, frozen=True):
    """Which days; without any it is this month."""

    first_day: date | None = field(default=None, name="from")
    last_day: date | None = field(default=None, name="to")


class VoteForm(Form, frozen=True, kw_only=True):
    """What a member says to a request."""

    choice: Literal["approve", "refuse", "recuse"]
    reason: Annotated[str, Meta(max_length=300)] = ""


@get("/committee", guards=[signed_in])
async def committee_page(request: WebRequest) -> Response[Any]:
    """The next request that waits for my vote."""
    after = wanted(request, QueueQuery).after
    found = await queue(actor_id=actor(request), now=clock.now(), after_id=after, limit=1)
    return await _one(request, found[0] if found else None, BLANK, after=after)


@get("/committee/open", guards=[signed_in])
async def open_requests_page(request: WebRequest) -> Response[Any]:
    """All that are open, also those I voted on or stand back from."""
    found = await queue(actor_id=actor(request), now=clock.now(), limit=OPEN_SHOWN, all_open=True)
    return page(
        request, "committee/open.html", lines=found, choice_words=CHOICES, mine=actor(request),
        masked=masked_name, refusal=words(request).refusal, reads_minutes=_reads_minutes(request),
    )  # fmt: skip


@post("/committee/{redemption_id:int}/vote", guards=[signed_in])
async def vote(request: WebRequest, redemption_id: FromPath[int]) -> Response[Any]:
    """Approve, refuse, or stand back."""

    async def act(form: VoteForm) -> Done:
        await give_vote(
            actor_id=actor(request), redemption_id=redemption_id, choice=form.choice,
            reason=form.reason, now=clock.now(),
        )  # fmt: skip
        return await _voted(request, redemption_id, form.choice)

    return await submit(request, VoteForm, act, partial(_vote_again, request, redemption_id))


@get("/committee/minutes", guards=[record_reader])
async def minutes_page(request: WebRequest) -> Response[Any]:
    """What was decided, with every vote and reason."""
    query = wanted(request, SpanQuery)
    found = await _minutes(request, query)
    return page(
        request, "committee/minutes.html", minutes=found, choice_words=CHOICES,
        span=f"from={found.first_day}&to={found.last_day}", state_words=STATES,
    )  # fmt: skip


@get("/committee/minutes.pdf", guards=[record_reader])
async def minutes_file(request: WebRequest) -> Response[bytes]:
    """The same to print, sign and pin up."""
    found = await _minutes(request, wanted(request, SpanQuery))
    made = await to_thread.run_sync(minutes_pdf, found, words(request), clock.now())
    name = f"minutes-{found.first_day}-{found.last_day}.pdf"
    headers = {"content-disposition": f'inline; filename="{name}"'}
    return Response(made, media_type="application/pdf", headers=headers)


ROUTES: list[ControllerRouterHandler] = [
    committee_page, open_requests_page, vote, minutes_page, minutes_file,
]  # fmt: skip


def _reads_minutes(request: WebRequest) -> bool:
    return request.user.me is not None and not request.user.me.roles.isdisjoint(ADOPTERS)


async def _one(
    request: WebRequest, line: QueueLine | None, filled: Filled, *, after: int = 0
) -> Response[Any]:
    to_decide = await count_queue(actor_id=actor(request), now=clock.now())
    return page(
        request, "committee/one.html", status=filled.status, form=filled, line=line,
        to_decide=to_decide, after=after, kind_words=KINDS, refusal=words(request).refusal,
        masked=masked_name, reads_minutes=_reads_minutes(request),
    )  # fmt: skip


async def _vote_again(request: WebRequest, redemption_id: int, filled: Filled) -> Response[Any]:
    """The same request again, or what else waits when it is not open any more."""
    before = max(0, redemption_id - 1)
    found = await queue(
        actor_id=actor(request), now=clock.now(), after_id=before, limit=1, all_open=True
    )
    same = found and found[0].id == redemption_id
    return await _one(request, found[0] if same else None, filled, after=redemption_id)


async def _voted(request: WebRequest, redemption_id: int, choice: str) -> Done:
    """On to the next one, with what became of this one."""
    now = clock.now()
    found = await redemption(actor_id=actor(request), redemption_id=redemption_id, now=now)
    said = SAID.get((choice, found.state), SETTLED)
    return Done(f"/committee?after={redemption_id}", said, {"item": found.item_name})


async def _minutes(request: WebRequest, query: SpanQuery) -> Minutes:
    today = clock.today(request.user.time_zone)
    last_day = query.last_day or today
    return await minutes(
        actor_id=actor(request),
        book_id=await staff_book(request),
        first_day=query.first_day or last_day.replace(day=1),
        last_day=last_day,
        now=clock.now(),
    )
