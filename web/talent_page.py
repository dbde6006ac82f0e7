"""One talent as others see her: writing to her, and what the office says of her skills."""

from functools import partial
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from msgspec import Meta

from talentmap.talents import recognition, relay
from talentmap.talents.couriers import reached_by_hand
from talentmap.talents.errors import NoSuchTalent
from talentmap.talents.listing import audiences_of
from talentmap.talents.search import talent
from web import clock
from web.auth import NotSignedIn, WebRequest, actor, require_roles, signed_in
from web.forms import BLANK, Filled, Form, submit
from web.i18n import N_
from web.pages import Done, page, words
from web.talent_words import LEVELS, place_name, shown, skill_name

recogniser = require_roles(*recognition.RECOGNISERS)


class WriteForm(Form, frozen=True, kw_only=True):
    """What is passed on."""

    text: Annotated[str, Meta(max_length=relay.TEXT_LENGTH_MAX)]


class SkillForm(Form, frozen=True, kw_only=True):
    """Which skill."""

    skill_code: Annotated[str, Meta(max_length=32)]


@get("/talents/{person_id:int}")
async def talent_page(request: WebRequest, person_id: FromPath[int]) -> Response[Any]:
    """What she can do, when she has time, and how to reach her."""
    return await _talent_again(request, person_id, BLANK)


@post("/talents/{person_id:int}/write", guards=[signed_in])
async def write(request: WebRequest, person_id: FromPath[int]) -> Response[Any]:
    """Pass a message on."""

    async def act(form: WriteForm) -> Done:
        sent = await relay.send(
            sender_id=actor(request), talent_id=person_id, text=form.text, now=clock.now()
        )
        return Done(f"/talents/messages/{sent}", N_("Passed on. The answer comes to your notices."))

    return await submit(request, WriteForm, act, partial(_talent_again, request, person_id))


@get("/talents/messages/{message_id:int}", guards=[signed_in])
async def message_page(request: WebRequest, message_id: FromPath[int]) -> Response[Any]:
    """What two neighbours wrote to each other."""
    return await _message_again(request, message_id, BLANK)


@post("/talents/messages/{message_id:int}/answer", guards=[signed_in])
async def answer(request: WebRequest, message_id: FromPath[int]) -> Response[Any]:
    """Write back."""

    async def act(form: WriteForm) -> Done:
        sent = await relay.answer(
            sender_id=actor(request), message_id=message_id, text=form.text, now=clock.now()
        )
        return Done(f"/talents/messages/{sent}", N_("Passed on. The answer comes to your notices."))

    return await submit(request, WriteForm, act, partial(_message_again, request, message_id))


@post("/talents/messages/{message_id:int}/report", guards=[signed_in])
async def report(request: WebRequest, message_id: FromPath[int]) -> Response[Any]:
    """Have the office look at it."""

    async def act(_: Form) -> Done:
        await relay.report(reader_id=actor(request), message_id=message_id, now=clock.now())
        said = N_("Reported. The office looks at it, and this neighbour cannot write to you again.")
        return Done(f"/talents/messages/{message_id}", said)

    return await submit(request, Form, act)


@get("/talents/{person_id:int}/recognise", guards=[recogniser])
async def recognise_page(request: WebRequest, person_id: FromPath[int]) -> Response[Any]:
    """Which of her skills the office recognises."""
    now = clock.now()
    found = await recognition.candidate(actor_id=actor(request), person_id=person_id, now=now)
    return page(
        request, "talents/recognise.html", found=found, place=place_name(found.area_path),
        levels=LEVELS, names={s.code: _name(request, s.code) for s in found.skills},
    )  # fmt: skip


@post("/talents/{person_id:int}/recognise", guards=[recogniser])
async def recognise(request: WebRequest, person_id: FromPath[int]) -> Response[Any]:
    """Say that she can do it."""

    async def act(form: SkillForm) -> Done:
        await recognition.recognise(
            actor_id=actor(request), person_id=person_id, skill_code=form.skill_code,
            now=clock.now(),
        )  # fmt: skip
        return Done(f"/talents/{person_id}/recognise", N_("Recognised. The neighbour is told."))

    return await submit(request, SkillForm, act)


@post("/talents/{person_id:int}/unrecognise", guards=[recogniser])
async def unrecognise(request: WebRequest, person_id: FromPath[int]) -> Response[Any]:
    """Say so no longer."""

    async def act(form: SkillForm) -> Done:
        await recognition.take_back(
            actor_id=actor(request), person_id=person_id, skill_code=form.skill_code,
            now=clock.now(),
        )  # fmt: skip
        return Done(f"/talents/{person_id}/recognise", N_("Taken back."))

    return await submit(request, SkillForm, act)


ROUTES: list[ControllerRouterHandler] = [
    talent_page, write, message_page, answer, report, recognise_page, recognise, unrecognise,
]  # fmt: skip


def _name(request: WebRequest, code: str) -> str:
    return skill_name(code, request.user.language)


async def _talent_again(request: WebRequest, person_id: int, filled: Filled) -> Response[Any]:
    me = request.user.me
    audiences = await audiences_of(me.person_id if me else None)
    try:
        card = await talent(person_id=person_id, audiences=audiences)
    except NoSuchTalent:
        # A stranger with a link from a neighbour is asked who she is, whether or not it leads on.
        raise NotSignedIn if me is None else NoSuchTalent from None
    return page(
        request, "talents/detail.html", status=filled.status, form=filled,
        talent=shown(request, card), is_me=me is not None and me.person_id == person_id,
        may_recognise=me is not None and not me.roles.isdisjoint(recognition.RECOGNISERS),
        text_max=relay.TEXT_LENGTH_MAX, first_a_day=relay.FIRST_A_DAY,
        by_hand=me is not None and await reached_by_hand(person_id),
    )  # fmt: skip


async def _message_again(request: WebRequest, message_id: int, filled: Filled) -> Response[Any]:
    read = await relay.conversation(
        reader_id=actor(request), message_id=message_id, now=clock.now()
    )
    latest = read[0]
    other = latest.to_name if latest.is_mine else latest.from_name
    return page(
        request, "talents/messages.html", status=filled.status, form=filled, messages=read,
        title=words(request).gettext(N_("With {name}"), name=other),
        answering=next((one for one in read if one.may_answer), None),
        text_max=relay.TEXT_LENGTH_MAX,
    )  # fmt: skip
