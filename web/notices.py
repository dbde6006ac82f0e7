"""What I was told: under the bell, and as letters for those who want them."""

from collections.abc import Sequence
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct

from points.notices import email
from points.notices.reading import NoticeLine, mark_read, notices_of, open_notice, unread_of
from web import clock, mail
from web.auth import WebRequest, actor, signed_in
from web.forms import BLANK, Filled, Form, Id, submit, wanted
from web.i18n import N_
from web.notice_words import sentence
from web.pages import Done, local_path, page, words

LINES_PER_PAGE = 30
LINES_PER_PAGE_ELDER = 10


class Before(Struct, frozen=True):
    """From where on."""

    before: Id | None = None


class ReadForm(Form, frozen=True, kw_only=True):
    """Everything up to the newest notice that was on the page."""

    up_to: Id


class AddressForm(Form, frozen=True, kw_only=True):
    """Where letters go."""

    address: Annotated[str, Meta(max_length=200)]


class CodeForm(Form, frozen=True, kw_only=True):
    """What stood in the letter."""

    code: Annotated[str, Meta(max_length=40)]


@get("/notices", guards=[signed_in])
async def notices_page(request: WebRequest) -> Response[Any]:
    """What is new, then what was."""
    before = wanted(request, Before).before
    limit = LINES_PER_PAGE_ELDER if request.user.elder_mode else LINES_PER_PAGE
    fresh = () if before else await unread_of(person_id=actor(request))
    lines = await notices_of(person_id=actor(request), before_id=before, limit=limit + 1)
    older = f"/notices?before={lines[limit - 1].id}" if len(lines) > limit else ""
    return page(
        request, "notices/list.html", fresh=_said(request, fresh), older=older,
        seen=_said(request, [line for line in lines[:limit] if line.read or before]),
        first=before is None,
    )  # fmt: skip


@post("/notices/{notice_id:int}/open", guards=[signed_in])
async def open_one(request: WebRequest, notice_id: FromPath[int]) -> Response[Any]:
    """Read it and go where it leads."""

    async def act(_: Form) -> Done:
        path = await open_notice(person_id=actor(request), notice_id=notice_id, now=clock.now())
        return Done(local_path(path, "/notices"))

    return await submit(request, Form, act)


@post("/notices/read", guards=[signed_in])
async def read_all(request: WebRequest) -> Response[Any]:
    """Mark all that was on the page as read."""

    async def act(form: ReadForm) -> Done:
        await mark_read(person_id=actor(request), up_to_id=form.up_to, now=clock.now())
        return Done("/notices")

    return await submit(request, ReadForm, act)


@get("/me/email", guards=[signed_in])
async def email_page(request: WebRequest) -> Response[Any]:
    """Where my letters go."""
    return await _email_again(request, BLANK)


@post("/me/email", guards=[signed_in])
async def set_address(request: WebRequest) -> Response[Any]:
    """Keep an address and send a code there."""

    async def act(form: AddressForm) -> Done:
        await _send_code(request, form.address)
        return Done("/me/email", N_("A letter with a code is on its way. Type the code here."))

    return await submit(
        request, AddressForm, act, lambda filled: _email_again(request, filled), replayed=False
    )


@post("/me/email/confirm", guards=[signed_in])
async def confirm_address(request: WebRequest) -> Response[Any]:
    """Show that the mailbox is mine."""

    async def act(form: CodeForm) -> Done:
        await email.confirm_email(person_id=actor(request), code=form.code, now=clock.now())
        return Done("/me/email", N_("Thank you. From now on notices come by letter too."))

    return await submit(
        request, CodeForm, act, lambda filled: _email_again(request, filled), replayed=False
    )


@post("/me/email/remove", guards=[signed_in])
async def remove_address(request: WebRequest) -> Response[Any]:
    """No more letters."""

    async def act(_: Form) -> Done:
        await email.remove_email(person_id=actor(request))
        return Done("/me/email", N_("Your address is forgotten. Notices stand here."))

    return await submit(request, Form, act)


ROUTES: list[ControllerRouterHandler] = [
    notices_page, open_one, read_all, email_page, set_address, confirm_address, remove_address,
]  # fmt: skip


def _said(request: WebRequest, lines: Sequence[NoticeLine]) -> list[tuple[NoticeLine, str]]:
    say = words(request)
    return [(line, sentence(say, line.kind, line.facts)) for line in lines]


async def _send_code(request: WebRequest, address: str) -> None:
    settings, asking = request.app.state.settings, request.user
    mail.MailServer.of(settings)
    kept, code = await email.set_email(person_id=actor(request), address=address, now=clock.now())
    await mail.send_code(
        settings, address=kept, code=code, language=asking.language, time_zone=asking.time_zone
    )


async def _email_again(request: WebRequest, filled: Filled) -> Response[Any]:
    mine = await email.email_of(actor(request))
    sends = bool(request.app.state.settings.smtp_url)
    return page(
        request, "notices/email.html", status=filled.status, form=filled, mine=mine, sends=sends
    )
