"""Who answers for a child: recorded by staff, and ended when it is over."""

from functools import partial
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from points.community import directory, guardians, profiles
from points.errors import Invalid
from web import clock
from web.auth import WebRequest, actor
from web.forms import BLANK, Filled, Form, submit
from web.i18n import N_
from web.pages import Done, page
from web.people import Card, enroller


class GuardianForm(Form, frozen=True, kw_only=True):
    """Who answers for a child, by phone or card."""

    guardian_id: Card


class NobodyKnown(Invalid):
    """No open account has this number."""

    message = "Nobody here has this phone number or card number."


@get("/people/{person_id:int}/guardians/new", guards=[enroller])
async def guardian_page(request: WebRequest, person_id: FromPath[int]) -> Response[Any]:
    """Say who answers for a child."""
    return await _guardian_again(request, person_id, BLANK)


@post("/people/{person_id:int}/guardians", guards=[enroller])
async def add_guardian(request: WebRequest, person_id: FromPath[int]) -> Response[Any]:
    """Record the guardian."""

    async def act(form: GuardianForm) -> Done:
        await guardians.add_guardian(
            actor_id=actor(request), child_id=person_id, now=clock.now(),
            guardian_id=await _known(form.guardian_id, field="guardian_id"),
        )  # fmt: skip
        return Done(f"/people/{person_id}", N_("The guardian is recorded."))

    return await submit(request, GuardianForm, act, partial(_guardian_again, request, person_id))


@post("/people/{person_id:int}/guardians/{guardian_id:int}/end", guards=[enroller])
async def end_guardian(
    request: WebRequest, person_id: FromPath[int], guardian_id: FromPath[int]
) -> Response[Any]:
    """Record that somebody no longer answers for the child."""

    async def act(_: Form) -> Done:
        await guardians.end_guardian(
            actor_id=actor(request), child_id=person_id, guardian_id=guardian_id, now=clock.now()
        )
        said = N_("Ended. Recording the same person again today takes it back.")
        return Done(f"/people/{person_id}", said)

    return await submit(request, Form, act)


ROUTES: list[ControllerRouterHandler] = [guardian_page, add_guardian, end_guardian]


async def _known(number: str, *, field: str) -> int:
    person_id = await profiles.find_by_phone_or_card(number)
    if person_id is None:
        raise NobodyKnown(field=field)
    return person_id


async def _guardian_again(request: WebRequest, person_id: int, filled: Filled) -> Response[Any]:
    person = await directory.open_person(
        actor_id=actor(request), person_id=person_id, now=clock.now()
    )
    return page(request, "people/guardian.html", status=filled.status, form=filled, person=person)
