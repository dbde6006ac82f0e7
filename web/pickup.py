"""At the counter and at the door: a code typed, scanned or photographed, and handing over."""

import re
from functools import partial
from typing import Annotated, Any
from urllib.parse import quote

from litestar import Response, get, post
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct

from points.community.roles import ENROLLERS
from points.errors import DomainError, Invalid
from points.rewards.pickup import Pickup, delivery_list, find_pickup, hand_over
from web import clock
from web.auth import WebRequest, actor, require_roles
from web.errors import status_of
from web.forms import BLANK, Filled, Form, submit, wanted
from web.i18n import N_
from web.pages import Done, page, words
from web.staff_book import staff_book
from web.uploads import PHOTO_BYTES, code_in_photo

_IN_ADDRESS = re.compile(r"[?&]code=([A-Za-z0-9-]+)")
# Organizers and stewards anywhere in their area, leaders in their own stairwell.
hander = require_roles(*ENROLLERS)


class CodeNotSeen(Invalid):
    """The photo shows no code."""

    message = "There is no code to be seen in this photo. Hold the phone closer, or type the code."


class CodeQuery(Struct, frozen=True):
    """The code that was typed or scanned."""

    code: Annotated[str, Meta(max_length=200)] = ""


class PhotoForm(Form, frozen=True, kw_only=True):
    """A photo of a code; the field holds its digest."""

    photo: str = ""


class HandOverForm(Form, frozen=True, kw_only=True):
    """The code, and who came in the person's place."""

    code: Annotated[str, Meta(max_length=200)]
    collected_by: Annotated[str, Meta(max_length=80)] = ""


@get("/pickup", guards=[hander])
async def pickup_page(request: WebRequest) -> Response[Any]:
    """Enter a code; then what it stands for."""
    return await _again(request, code_of(wanted(request, CodeQuery).code), BLANK)


@post("/pickup/photo", guards=[hander], files=True, request_max_body_size=PHOTO_BYTES)
async def read_photo(request: WebRequest) -> Response[Any]:
    """Read the code in a photo."""

    async def act(_: PhotoForm) -> Done:
        code = code_of(await code_in_photo(request, "photo"))
        if not code:
            raise CodeNotSeen(field="photo")
        return Done(f"/pickup?code={quote(code)}")

    return await submit(request, PhotoForm, act, partial(_again, request, ""))


@post("/pickup/hand-over", guards=[hander])
async def give(request: WebRequest) -> Response[Any]:
    """Hand it over, once."""

    async def act(form: HandOverForm) -> Done:
        given = await hand_over(
            actor_id=actor(request), code=code_of(form.code), collected_by=form.collected_by,
            now=clock.now(),
        )  # fmt: skip
        facts = {"item": given.item_name, "name": given.collected_by}
        return Done("/pickup", N_("{item} was handed over to {name}."), facts)

    return await submit(request, HandOverForm, act, partial(_again, request, None))


@get("/pickup/deliveries", guards=[hander])
async def deliveries_page(request: WebRequest) -> Response[Any]:
    """What waits to be collected, stairwell by stairwell."""
    book_id = await staff_book(request)
    found = await delivery_list(actor_id=actor(request), book_id=book_id, now=clock.now())
    today = clock.today(request.user.time_zone)
    return page(request, "pickup/deliveries.html", deliveries=found, today=today)


ROUTES: list[ControllerRouterHandler] = [pickup_page, read_photo, give, deliveries_page]


def code_of(text: str) -> str:
    """The code itself, also out of the address that its QR code holds."""
    found = _IN_ADDRESS.search(text)
    return found[1] if found else text


async def _again(request: WebRequest, code: str | None, filled: Filled) -> Response[Any]:
    if code is None:
        code = code_of(str(filled.value("code")))
    found, looked = await _found(request, code)
    shown = filled if filled.summary else looked
    return page(
        request, "pickup/pickup.html", status=shown.status, form=shown, code=code, pickup=found
    )


async def _found(request: WebRequest, code: str) -> tuple[Pickup | None, Filled]:
    """What a code stands for, or why it cannot be handed over."""
    if not code:
        return None, BLANK
    try:
        return await find_pickup(actor_id=actor(request), code=code, now=clock.now()), BLANK
    except DomainError as error:
        said = words(request).refusal(error)
        return None, Filled({"code": [code]}, {"code": said}, status=status_of(error))
