"""Objections and appeals: raising one, following it, and deciding on it."""

from functools import partial
from typing import Annotated, Any, Literal

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from msgspec import Meta

from points.disputes import deciding, raising, views
from points.disputes.rules import RAISE_WITHIN, Choice
from points.rewards.authority import ADOPTERS
from web import clock
from web.auth import WebRequest, actor, require_roles, signed_in
from web.forms import BLANK, Filled, Form, Id, submit
from web.i18n import N_
from web.pages import Done, page
from web.staff_book import staff_book

Why = Annotated[str, Meta(max_length=300)]
STATES = {
    "open": ("waiting", N_("waits for an answer")),
    "answered": ("waiting", N_("answered; a review can be asked for")),
    "review": ("waiting", N_("three others review it")),
    "upheld": ("done", N_("upheld")),
    "rejected": ("stop", N_("rejected")),
    "withdrawn": ("quiet", N_("taken back")),
}
STEPS = {
    "raised": N_("Raised"),
    "answer": N_("First answer"),
    "window": N_("Until then a review can be asked for; otherwise the answer stands"),
    "review": N_("Second review by three others"),
    "end": N_("Decided"),
}
CHOICES = {
    "uphold": N_("The objection is right"),
    "reject": N_("The record is right"),
    "upheld": N_("upheld"),
    "rejected": N_("rejected"),
    "withdrawn": N_("taken back"),
}
APPEAL_CHOICES = CHOICES | {
    "uphold": N_("The appeal is right"),
    "reject": N_("The decision was right"),
}
decider = require_roles(*ADOPTERS)


class RaiseForm(Form, frozen=True, kw_only=True):
    """What is wrong."""

    record_id: Id
    reason: Why


class WhyForm(Form, frozen=True, kw_only=True):
    """Why others should look at it."""

    reason: Why


class DecisionForm(Form, frozen=True, kw_only=True):
    """Right or not, and why."""

    choice: Literal["uphold", "reject"]
    reason: Why


@get("/disputes", guards=[signed_in])
async def disputes_page(request: WebRequest) -> Response[Any]:
    """What I raised, and what was raised over my service."""
    found = await views.my_disputes(person_id=actor(request), now=clock.now())
    return page(request, "disputes/list.html", disputes=found, states=STATES)


@get("/disputes/open", guards=[decider])
async def queue_page(request: WebRequest) -> Response[Any]:
    """What waits for the committee, what is due first."""
    book_id = await staff_book(request)
    found = await views.queue(actor_id=actor(request), book_id=book_id, now=clock.now())
    return page(request, "disputes/open.html", disputes=found, states=STATES)


@get("/disputes/new/{record_id:int}", guards=[signed_in])
async def new_page(request: WebRequest, record_id: FromPath[int]) -> Response[Any]:
    """Say what is wrong with a record."""
    return await _new(request, record_id, BLANK)


@post("/disputes", guards=[signed_in])
async def raise_one(request: WebRequest) -> Response[Any]:
    """Object or appeal."""

    async def act(form: RaiseForm) -> Done:
        dispute_id = await raising.raise_dispute(
            actor_id=actor(request), record_id=form.record_id, reason=form.reason, now=clock.now()
        )
        return Done(f"/disputes/{dispute_id}", N_("Sent. Below you see who answers by when."))

    return await submit(request, RaiseForm, act, partial(_new_again, request))


@get("/disputes/{dispute_id:int}", guards=[signed_in])
async def dispute_page(request: WebRequest, dispute_id: FromPath[int]) -> Response[Any]:
    """One objection with its steps."""
    return await _again(request, dispute_id, BLANK)


@post("/disputes/{dispute_id:int}/answer", guards=[decider])
async def answer(request: WebRequest, dispute_id: FromPath[int]) -> Response[Any]:
    """Answer first."""
    return await _decided(request, dispute_id, deciding.answer, N_("Answered."))


@post("/disputes/{dispute_id:int}/vote", guards=[decider])
async def vote(request: WebRequest, dispute_id: FromPath[int]) -> Response[Any]:
    """Vote as one of three."""
    return await _decided(request, dispute_id, deciding.review, N_("Your vote is written down."))


@post("/disputes/{dispute_id:int}/review", guards=[signed_in])
async def ask_review(request: WebRequest, dispute_id: FromPath[int]) -> Response[Any]:
    """Ask three others."""

    async def act(form: WhyForm) -> Done:
        await deciding.ask_review(
            actor_id=actor(request), dispute_id=dispute_id, reason=form.reason, now=clock.now()
        )
        return Done(f"/disputes/{dispute_id}", N_("Three others will look at it."))

    return await submit(request, WhyForm, act, partial(_again, request, dispute_id))


@post("/disputes/{dispute_id:int}/withdraw", guards=[signed_in])
async def withdraw(request: WebRequest, dispute_id: FromPath[int]) -> Response[Any]:
    """Take it back."""

    async def act(_: Form) -> Done:
        await raising.withdraw_dispute(
            actor_id=actor(request), dispute_id=dispute_id, now=clock.now()
        )
        return Done(f"/disputes/{dispute_id}", N_("Taken back; the points are free again."))

    return await submit(request, Form, act, partial(_again, request, dispute_id))


ROUTES: list[ControllerRouterHandler] = [
    disputes_page, queue_page, new_page, raise_one, dispute_page, answer, vote, ask_review,
    withdraw,
]  # fmt: skip


async def _decided(request: WebRequest, dispute_id: int, decide: Any, said: str) -> Response[Any]:
    async def act(form: DecisionForm) -> Done:
        choice: Choice = form.choice
        await decide(
            actor_id=actor(request), dispute_id=dispute_id, choice=choice, reason=form.reason,
            now=clock.now(),
        )  # fmt: skip
        return Done(f"/disputes/{dispute_id}", said)

    return await submit(request, DecisionForm, act, partial(_again, request, dispute_id))


async def _new(request: WebRequest, record_id: int, filled: Filled) -> Response[Any]:
    found = await views.subject(actor_id=actor(request), record_id=record_id, now=clock.now())
    return page(
        request, "disputes/new.html", status=filled.status, form=filled, subject=found,
        open_id=await views.open_over(record_id), days=RAISE_WITHIN.days,
    )  # fmt: skip


async def _new_again(request: WebRequest, filled: Filled) -> Response[Any]:
    return await _new(request, filled.number("record_id") or 0, filled)


async def _again(request: WebRequest, dispute_id: int, filled: Filled) -> Response[Any]:
    found = await views.dispute_view(
        actor_id=actor(request), dispute_id=dispute_id, now=clock.now()
    )
    return page(
        request, "disputes/detail.html", status=filled.status, form=filled, dispute=found,
        states=STATES, step_words=STEPS, mine=actor(request),
        choices=CHOICES if found.kind == "objection" else APPEAL_CHOICES,
    )  # fmt: skip
