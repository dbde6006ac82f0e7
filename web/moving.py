"""Moving house and leaving: where somebody lives now, and closing an account."""

from functools import partial
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from points.community import areas, directory, people, profiles
from points.errors import Invalid
from web import clock
from web.area_choice import area_choice
from web.auth import WebRequest, actor, session_cookie, signed_in, steward
from web.forms import BLANK, Filled, Form, Id, submit, wanted
from web.i18n import N_
from web.pages import Done, page
from web.people import Door, enroller


class WhereQuery(Struct, frozen=True):
    """Around which area the new home is looked for."""

    area: Id | None = None


class MoveForm(Form, frozen=True, kw_only=True):
    """A new home."""

    area_id: Id
    household_door: Door | None = None


class CloseForm(Form, frozen=True, kw_only=True):
    """What cannot be undone is ticked first."""

    understood: bool = False


class NotTicked(Invalid):
    """Closing is for ever, so it takes a tick."""

    message = "Tick the box first: this cannot be undone."


@get("/people/{person_id:int}/move", guards=[enroller])
async def move_page(request: WebRequest, person_id: FromPath[int]) -> Response[Any]:
    """Where does she live now?"""
    return await _move_again(request, person_id, BLANK)


@post("/people/{person_id:int}/move", guards=[enroller])
async def move(request: WebRequest, person_id: FromPath[int]) -> Response[Any]:
    """Write the move down; points and hours stay hers."""

    async def act(form: MoveForm) -> Done:
        await people.update_person(
            actor_id=actor(request), person_id=person_id, area_id=form.area_id,
            household_door=form.household_door, now=clock.now(),
        )  # fmt: skip
        return Done(f"/people/{person_id}", N_("The move is written down."))

    return await submit(request, MoveForm, act, partial(_move_again, request, person_id))


@get("/people/{person_id:int}/close", guards=[steward])
async def close_page(request: WebRequest, person_id: FromPath[int]) -> Response[Any]:
    """What closing means, before it is done."""
    return await _close_again(request, person_id, BLANK)


@post("/people/{person_id:int}/close", guards=[steward])
async def close(request: WebRequest, person_id: FromPath[int]) -> Response[Any]:
    """Close the account of somebody who left."""

    async def act(form: CloseForm) -> Done:
        await _closed(request, person_id, form)
        return Done("/people", N_("The account is closed. What was done stays in the books."))

    return await submit(request, CloseForm, act, partial(_close_again, request, person_id))


@get("/me/close", guards=[signed_in])
async def close_mine_page(request: WebRequest) -> Response[Any]:
    """What closing means for me, before I do it."""
    return await _close_again(request, None, BLANK)


@post("/me/close", guards=[signed_in])
async def close_mine(request: WebRequest) -> Response[Any]:
    """Close my own account and leave."""

    async def act(form: CloseForm) -> Done:
        await _closed(request, actor(request), form)
        said = N_("Your account is closed. Thank you for everything.")
        return Done("/sign-in", said, cookies=(session_cookie(request, ""),))

    again = partial(_close_again, request, None)
    return await submit(request, CloseForm, act, again, replayed=False)


ROUTES: list[ControllerRouterHandler] = [
    move_page, move, close_page, close, close_mine_page, close_mine,
]  # fmt: skip


async def _closed(request: WebRequest, person_id: int, form: CloseForm) -> None:
    if not form.understood:
        raise NotTicked(field="understood")
    await people.close_account(actor_id=actor(request), person_id=person_id, now=clock.now())


async def _move_again(request: WebRequest, person_id: int, filled: Filled) -> Response[Any]:
    me, now = request.user.me, clock.now()
    person = await directory.open_person(actor_id=actor(request), person_id=person_id, now=now)
    around = await areas.area(wanted(request, WhereQuery).area or person.area_id)
    tops = me.staff_areas if me else ()
    return page(
        request, "people/move.html", status=filled.status, form=filled, person=person,
        around=around, places=await area_choice(around, tops),
    )  # fmt: skip


async def _close_again(request: WebRequest, person_id: int | None, filled: Filled) -> Response[Any]:
    if person_id is None:
        person, back = await profiles.person(actor(request)), "/me/data"
    else:
        now, back = clock.now(), f"/people/{person_id}"
        person = await directory.open_person(actor_id=actor(request), person_id=person_id, now=now)
    return page(
        request, "people/close.html", status=filled.status, form=filled, person=person, back=back,
        own=person_id is None,
    )  # fmt: skip
