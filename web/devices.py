"""Where I am signed in, my password, and my tokens for programs."""

from functools import partial
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from msgspec import Meta

from points.community.access import sign_in, tokens
from points.community.access.passwords import change_password
from web import clock
from web.auth import WebRequest, actor, session_cookie, signed_in
from web.forms import BLANK, Filled, Form, submit
from web.i18n import N_
from web.pages import Done, page, shown_once

TOKEN_DAYS = 365


class TokenForm(Form, frozen=True, kw_only=True):
    """A token for a program."""

    label: Annotated[str, Meta(max_length=60)]
    may_write: bool = False
    with_duties: bool = False
    days: Annotated[int, Meta(ge=1, le=TOKEN_DAYS)] = 90


class PasswordForm(Form, frozen=True, kw_only=True):
    """Another password, knowing the present one."""

    current: Annotated[str, Meta(max_length=200)]
    password: Annotated[str, Meta(max_length=200)]


@get("/me/sessions", guards=[signed_in])
async def sessions_page(request: WebRequest) -> Response[Any]:
    """Where I am signed in."""
    sessions = await sign_in.sessions_of(
        person_id=actor(request), token=request.user.session, now=clock.now()
    )
    return page(request, "account/sessions.html", sessions=sessions)


@post("/me/sessions/{session_id:int}/end", guards=[signed_in])
async def end_session(request: WebRequest, session_id: FromPath[int]) -> Response[Any]:
    """Sign one device out."""

    async def act(_: Form) -> Done:
        await sign_in.end_session(person_id=actor(request), session_id=session_id, now=clock.now())
        return Done("/me/sessions", N_("That device is signed out."))

    return await submit(request, Form, act)


@post("/me/sessions/end-all", guards=[signed_in])
async def end_all_sessions(request: WebRequest) -> Response[Any]:
    """Sign everything out, this device too."""

    async def act(_: Form) -> Done:
        await sign_in.sign_out_everywhere(person_id=actor(request), now=clock.now())
        said = N_("All devices are signed out.")
        return Done("/sign-in", said, cookies=(session_cookie(request, ""),))

    return await submit(request, Form, act, replayed=False)


@get("/me/tokens", guards=[signed_in])
async def tokens_page(request: WebRequest) -> Response[Any]:
    """My tokens for programs; a new one is shown once."""
    return await _tokens_again(request, BLANK)


@post("/me/tokens", guards=[signed_in])
async def make_token(request: WebRequest) -> Response[Any]:
    """Make a token."""

    async def act(form: TokenForm) -> Done:
        token = await tokens.create_token(
            person_id=actor(request), label=form.label, days=form.days, now=clock.now(),
            scopes=_scopes(form),
        )  # fmt: skip
        return Done("/me/tokens", secret={"token": token, "label": form.label})

    return await submit(request, TokenForm, act, lambda filled: _tokens_again(request, filled))


@post("/me/tokens/{token_id:int}/revoke", guards=[signed_in])
async def revoke_token(request: WebRequest, token_id: FromPath[int]) -> Response[Any]:
    """Make a token worthless."""

    async def act(_: Form) -> Done:
        await tokens.revoke_token(person_id=actor(request), token_id=token_id, now=clock.now())
        return Done("/me/tokens", N_("The token no longer opens anything."))

    return await submit(request, Form, act)


@get("/me/password", guards=[signed_in])
async def password_page(request: WebRequest) -> Response[Any]:
    """Choose another password."""
    return await _password_again(request, BLANK)


@post("/me/password", guards=[signed_in])
async def new_password(request: WebRequest) -> Response[Any]:
    """Set it; all other devices are signed out."""

    async def act(form: PasswordForm) -> Done:
        await change_password(
            person_id=actor(request), current=form.current, new=form.password,
            token=request.user.session, now=clock.now(),
        )  # fmt: skip
        return Done("/me/sessions", N_("Your new password is set. Other devices are signed out."))

    again = partial(_password_again, request)
    return await submit(request, PasswordForm, act, again, replayed=False)


ROUTES: list[ControllerRouterHandler] = [
    sessions_page, end_session, end_all_sessions, password_page, new_password, tokens_page,
    make_token, revoke_token,
]  # fmt: skip


def _scopes(form: TokenForm) -> tuple[str, ...]:
    more = {"write": form.may_write, "staff": form.with_duties}
    return ("read", *(scope for scope, wished in more.items() if wished))


async def _password_again(request: WebRequest, filled: Filled) -> Response[Any]:
    return page(request, "account/password.html", status=filled.status, form=filled)


async def _tokens_again(request: WebRequest, filled: Filled) -> Response[Any]:
    mine = await tokens.tokens_of(person_id=actor(request), now=clock.now())
    fresh = shown_once(request)
    return page(
        request, "account/tokens.html", status=filled.status, form=filled, tokens=mine, fresh=fresh
    )
