"""The door: sign in, sign out, come in with a code from paper."""

from typing import Annotated, Any

from litestar import Response, get, post
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct

from points.community import profiles
from points.community.access import codes, sign_in
from web import clock
from web.auth import WebRequest, session_cookie, taste_cookies
from web.forms import BLANK, Again, Filled, Form, submit, wanted
from web.i18n import N_
from web.pages import Done, go_on, local_path, page

Login = Annotated[str, Meta(max_length=80)]
Password = Annotated[str, Meta(max_length=200)]
Code = Annotated[str, Meta(max_length=60)]
SYSTEMS = ("iPhone", "iPad", "Android", "HarmonyOS", "Windows", "Macintosh", "Linux")
BROWSERS = ("MicroMessenger", "Edg", "Firefox", "Chrome", "Safari")


class ComeBack(Struct, frozen=True):
    """Where to go on after signing in."""

    next: Annotated[str, Meta(max_length=500)] = "/"


class SignInForm(Form, frozen=True, kw_only=True):
    """Phone or card number with the password."""

    login: Login
    password: Password
    next: Annotated[str, Meta(max_length=500)] = "/"


class CodeQuery(Struct, frozen=True):
    """A scanned code."""

    code: Code = ""


class CodeForm(Form, frozen=True, kw_only=True):
    """A one-time code from paper and the password chosen with it."""

    code: Code
    password: Password


@get("/sign-in")
async def sign_in_page(request: WebRequest) -> Response[Any]:
    """Ask who it is."""
    target = local_path(wanted(request, ComeBack).next)
    return await _sign_in_again(request, target)(BLANK)


@post("/sign-in")
async def enter(request: WebRequest) -> Response[Any]:
    """Start a session."""

    async def act(form: SignInForm) -> Done:
        return await _entered(request, form.login, form.password, local_path(form.next))

    return await submit(request, SignInForm, act, _sign_in_again(request), replayed=False)


@post("/sign-out")
async def leave(request: WebRequest) -> Response[Any]:
    """End this session; whoever has none is led to the same place."""
    if request.user.me is not None:
        await sign_in.sign_out(token=request.user.session, now=clock.now())
    said = N_("You are signed out. See you soon.")
    return go_on(request, Done("/", said, cookies=(session_cookie(request, ""),)))


@get("/join")
async def join_page(request: WebRequest) -> Response[Any]:
    """Come in for the first time, with the code of an invitation."""
    return await _code_again(request, reset=False)(BLANK)


@post("/join")
async def join(request: WebRequest) -> Response[Any]:
    """Choose a password and come in."""
    return await _redeem(request, N_("Welcome! You are signed in."), reset=False)


@get("/reset")
async def reset_page(request: WebRequest) -> Response[Any]:
    """Choose a new password, with a code from the office."""
    return await _code_again(request, reset=True)(BLANK)


@post("/reset")
async def reset(request: WebRequest) -> Response[Any]:
    """Set the new password and come in; every other session ends."""
    said = N_("Your new password is set. All other devices are signed out.")
    return await _redeem(request, said, reset=True)


ROUTES: list[ControllerRouterHandler] = [
    sign_in_page, enter, leave, join_page, join, reset_page, reset,
]  # fmt: skip


async def _redeem(request: WebRequest, said: str, *, reset: bool) -> Response[Any]:
    async def act(form: CodeForm) -> Done:
        person_id = await codes.redeem_code(
            code=form.code, password=form.password, address=_address(request), now=clock.now()
        )
        login = (await profiles.person(person_id)).volunteer_no
        return await _entered(request, login, form.password, "/", said)

    return await submit(request, CodeForm, act, _code_again(request, reset=reset), replayed=False)


async def _entered(
    request: WebRequest, login: str, password: str, target: str, said: str = ""
) -> Done:
    """A new session with a new token, whatever the browser carried before."""
    session = await sign_in.sign_in(
        login=login,
        password=password,
        address=_address(request),
        device=device_of(request.headers.get("user-agent", "")),
        now=clock.now(),
    )
    person = await profiles.person(session.person_id)
    taste = taste_cookies(request, language=person.language, elder=person.elder_mode)
    return Done(target, said, cookies=(session_cookie(request, session.token), *taste))


def _address(request: WebRequest) -> str:
    return request.client.host if request.client else ""


def device_of(user_agent: str) -> str:
    """What a person recognises a device by: the system and the browser."""
    system = next((name for name in SYSTEMS if name in user_agent), "")
    browser = next((name for name in BROWSERS if name in user_agent), "")
    known = {"Edg": "Edge", "MicroMessenger": "WeChat", "Macintosh": "Mac"}
    return " · ".join(known.get(name, name) for name in (system, browser) if name)


def _sign_in_again(request: WebRequest, target: str = "/") -> Again:
    async def again(filled: Filled) -> Response[Any]:
        target_now = local_path(str(filled.value("next", target)))
        return page(
            request, "account/sign_in.html", status=filled.status, form=filled, target=target_now
        )

    return again


def _code_again(request: WebRequest, *, reset: bool) -> Again:
    async def again(filled: Filled) -> Response[Any]:
        code = "" if filled.values else wanted(request, CodeQuery).code
        return page(
            request,
            "account/code.html",
            status=filled.status,
            form=filled,
            code=filled.value("code", code),
            reset=reset,
        )

    return again
