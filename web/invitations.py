"""One-time codes on paper: an invitation to join, and a new start after a lost password."""

from typing import Any

import segno
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from points.community import areas, directory, grants
from points.community.access import codes
from points.community.roles import ENROLLERS, SECONDS, STAFF, Grant
from web import clock
from web.auth import WebRequest, actor, require_roles, staff
from web.forms import Form, submit
from web.i18n import N_
from web.pages import Done, page, shown_once

inviter = require_roles(*ENROLLERS)
resetter = require_roles(*SECONDS)


@post("/people/{person_id:int}/invitation", guards=[inviter])
async def invite(request: WebRequest, person_id: FromPath[int]) -> Response[Any]:
    """Make an invitation; its code is shown on the next page only."""

    async def act(_: Form) -> Done:
        code = await codes.issue_invitation(
            actor_id=actor(request), person_id=person_id, now=clock.now()
        )
        return Done(f"/people/{person_id}/invitation", secret={"code": code})

    return await submit(request, Form, act)


@get("/people/{person_id:int}/invitation", guards=[inviter])
async def invitation_page(request: WebRequest, person_id: FromPath[int]) -> Response[Any]:
    """The invitation to print and hand over."""
    return await _sheet(request, person_id, reset=False)


@post("/people/{person_id:int}/reset", guards=[resetter])
async def ask_reset(request: WebRequest, person_id: FromPath[int]) -> Response[Any]:
    """Ask for a new start; the code works once a second person has approved it."""

    async def act(_: Form) -> Done:
        code = await codes.issue_reset(
            actor_id=actor(request), person_id=person_id, now=clock.now()
        )
        return Done(f"/people/{person_id}/reset", secret={"code": code})

    return await submit(request, Form, act)


@get("/people/{person_id:int}/reset", guards=[resetter])
async def reset_sheet_page(request: WebRequest, person_id: FromPath[int]) -> Response[Any]:
    """The code for a new password to print and hand over."""
    return await _sheet(request, person_id, reset=True)


@post("/codes/{code_id:int}/approve", guards=[staff])
async def approve_code(request: WebRequest, code_id: FromPath[int]) -> Response[Any]:
    """Approve as the second person."""

    async def act(_: Form) -> Done:
        await codes.approve_reset(actor_id=actor(request), code_id=code_id, now=clock.now())
        return Done("/approvals", N_("Approved. The code on the paper works now."))

    return await submit(request, Form, act)


@post("/codes/{code_id:int}/refuse", guards=[staff])
async def refuse_code(request: WebRequest, code_id: FromPath[int]) -> Response[Any]:
    """Stop a code that should not have been made."""

    async def act(_: Form) -> Done:
        await codes.refuse_reset(actor_id=actor(request), code_id=code_id, now=clock.now())
        return Done("/approvals", N_("Turned down. The code on the paper is worthless."))

    return await submit(request, Form, act)


ROUTES: list[ControllerRouterHandler] = [
    invite, invitation_page, ask_reset, reset_sheet_page, approve_code, refuse_code,
]  # fmt: skip


async def _sheet(request: WebRequest, person_id: int, *, reset: bool) -> Response[Any]:
    person = await directory.open_person(
        actor_id=actor(request), person_id=person_id, now=clock.now()
    )
    today = await areas.day_in(person.area_id, clock.now())
    held = await grants.grants_of(person_id, today)
    made = shown_once(request)
    code = str(made["code"]) if made else ""
    site = f"{request.url.scheme}://{request.url.netloc}"
    address = f"{site}/{'reset' if reset else 'join'}"
    return page(
        request,
        "people/paper.html",
        person=person,
        reset=reset,
        by_two=reset or any(_standing(one.grant) for one in held),
        code=code,
        address=address,
        qr=qr_image(f"{address}?code={code}") if code else "",
    )


def _standing(grant: Grant) -> bool:
    """Whether the grant gives reach now or may soon: then even an invitation takes two people."""
    return grant.role in STAFF and grant.state in {"proposed", "upcoming", "active"}


def qr_image(text: str) -> str:
    """A QR code as the data URI of an SVG, which the page may show as an image."""
    return str(segno.make(text, error="m").svg_data_uri(scale=4, border=2))
