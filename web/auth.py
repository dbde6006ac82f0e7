"""Who is asking: the session cookie or bearer token of a request, and the guards of the routes.

Sessions live in the database, so they can be ended from anywhere; a visitor who is not signed in
leaves no row.  The session is read before the route is looked up, so that even the page for an
unknown address greets the person who asked for it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from http.cookies import CookieError, SimpleCookie
from typing import Any

from litestar.connection import ASGIConnection, Request
from litestar.datastructures import Cookie
from litestar.datastructures.state import State
from litestar.enums import ScopeType
from litestar.handlers import BaseRouteHandler
from litestar.types import ASGIApp, Receive, Scope, Send

from points.community import areas, grants, profiles
from points.community.access import sign_in, tokens
from points.community.access.rules import TOKEN_SCOPES
from points.community.roles import ENROLLERS, SECONDS, STAFF
from points.errors import Forbidden
from points.notices.reading import unread_count
from web import clock
from web.i18n import HOME_TIME_ZONE, Language, choose_language
from web.security import new_token

SITE_NAME = "邻里 Linli"
SESSION_DAYS = 90
SITE_LEVELS = ("committee", "neighbourhood", "subdistrict")
YEAR_SECONDS = 365 * 24 * 3600
TEXT_SIZES = ("26", "30")


class NotSignedIn(Exception):  # It is not an error: the answer is the sign-in page.
    """The page is for people who are signed in."""


class NotYourRole(Forbidden):
    """The page is for people with a certain role."""

    message = "This page is for people with a role in the neighbourhood that you do not hold."


class ScopeMissing(Forbidden):
    """A token asks for what it was not made for."""

    message = "This token was not made for that: it lacks the scope “{scope}”."


class DutiesNotLent(Forbidden):
    """A token without the duties of its owner's role meets what only they open."""

    message = "This token may not use the duties of your role. Make one with the scope “staff”."


@dataclass(frozen=True, slots=True)
class Me:
    """The person who is signed in."""

    person_id: int
    name: str
    roles: frozenset[str]
    language: Language
    elder_mode: bool
    area_id: int
    staff_areas: tuple[int, ...] = ()
    unread: int = 0

    @property
    def is_staff(self) -> bool:
        """Whether the person holds a role with duties."""
        return bool(self.staff_areas)

    @property
    def may_enrol(self) -> bool:
        """Whether the person enters new residents and invites them."""
        return not self.roles.isdisjoint(ENROLLERS)

    @property
    def may_second(self) -> bool:
        """Whether the person can be the second of two."""
        return not self.roles.isdisjoint(SECONDS)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever is asking, signed in or not.  ``session`` is what the forms are bound to."""

    me: Me | None
    language: Language
    elder_mode: bool
    session: str
    text_size: str = ""
    time_zone: str = HOME_TIME_ZONE
    site_name: str = SITE_NAME
    is_new: bool = False
    bearer: bool = False
    # A session may all that its person may; a token has the scopes it was made with.
    scopes: frozenset[str] = frozenset(TOKEN_SCOPES)


WebRequest = Request[Visitor, Any, State]
Connection = ASGIConnection[Any, Any, Any, Any]


class VisitorMiddleware:
    """Puts the Visitor into ``request.user`` of every request that is not for a static file."""

    def __init__(self, app: ASGIApp, broken: Callable[[Scope, Exception], ASGIApp]) -> None:
        self.app = app
        self.broken = broken

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, with its visitor."""
        app = self.app
        if scope["type"] == ScopeType.HTTP:
            connection: Connection = ASGIConnection(scope)
            scope["user"] = stranger(connection)
            scope["auth"] = None
            try:
                if not scope["path"].startswith("/static/"):
                    scope["user"] = await visitor_of(connection)
            except Exception as error:
                app = self.broken(scope, error)
        await app(scope, receive, send)


async def visitor_of(connection: Connection) -> Visitor:
    """The visitor by bearer token or session cookie; a stranger where neither is good."""
    scheme, _, bearer = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return await _with_token(connection, bearer.strip())
    token = cookies_of(connection).get(cookie_name(connection), "")
    person_id = await sign_in.session(token=token, now=clock.now()) if token else None
    if person_id is None:
        return stranger(connection)
    return await _resident(connection, person_id, token)


async def _with_token(connection: Connection, token: str) -> Visitor:
    holder = await tokens.token_holder(token=token, now=clock.now())
    if holder is None:
        return stranger(connection, bearer=True)
    asking = await _resident(connection, holder.person_id, token)
    return replace(asking, bearer=True, scopes=frozenset(holder.scopes))


async def _resident(connection: Connection, person_id: int, token: str) -> Visitor:
    person = await profiles.person(person_id)
    zone = await areas.time_zone_of(person.area_id)
    site = await areas.area_at_level_above(person.area_id, SITE_LEVELS)
    held = await grants.active_grants(person_id, clock.today(zone))
    language = choose_language(preference=person.language)
    roles = frozenset(grant.role for grant in held)
    duties = tuple(dict.fromkeys(one.area_id for one in held if one.role in STAFF))
    me = Me(
        person_id, person.name, roles, language, person.elder_mode, person.area_id, duties,
        unread=await unread_count(person_id),
    )  # fmt: skip
    return Visitor(
        me=me,
        language=language,
        elder_mode=person.elder_mode,
        text_size=_text_size(connection),
        time_zone=zone,
        site_name=site.name if site else SITE_NAME,
        session=token,
    )


def stranger(connection: Connection, *, bearer: bool = False) -> Visitor:
    """Somebody who is not signed in: known only by what the browser says of itself."""
    cookies = cookies_of(connection)
    known = cookies.get(_named(connection, "linli-visitor"), "")
    wished = connection.headers.get("accept-language", "")
    return Visitor(
        me=None,
        language=choose_language(cookie=cookies.get("linli-language"), accept_language=wished),
        elder_mode=cookies.get("linli-elder") == "yes",
        text_size=_text_size(connection),
        session=known or new_token(),
        is_new=not known,
        bearer=bearer,
    )


def _text_size(connection: Connection) -> str:
    size = cookies_of(connection).get("linli-text", "")
    return size if size in TEXT_SIZES else ""


def cookies_of(connection: Connection) -> dict[str, str]:
    """The cookies of a request; one that cannot be read does not spoil the others."""
    found: dict[str, str] = {}
    for part in connection.headers.get("cookie", "").split(";"):
        try:
            found.update((name, one.value) for name, one in SimpleCookie(part.strip()).items())
        except CookieError:
            continue
    return found


def actor(request: WebRequest) -> int:
    """The person who acts; only behind a guard that lets nobody else in."""
    if request.user.me is None:
        raise NotSignedIn
    return request.user.me.person_id


# --- guards


def signed_in(connection: Connection, _: BaseRouteHandler) -> None:
    """Let in whoever is signed in."""
    if connection.user.me is None:
        raise NotSignedIn


def require_roles(*roles: str) -> Callable[[Connection, BaseRouteHandler], None]:
    """Let in whoever holds one of the roles anywhere; the domain asks where."""

    def guard(connection: Connection, handler: BaseRouteHandler) -> None:
        signed_in(connection, handler)
        if not connection.user.me.roles & set(roles):
            raise NotYourRole

    return guard


staff = require_roles(*STAFF)
steward = require_roles("steward")


# --- cookies


def _named(connection: Connection, name: str) -> str:
    """Browsers take a cookie called __Host-… only from this host itself, over https."""
    return f"__Host-{name}" if connection.url.scheme == "https" else name


def cookie_name(connection: Connection) -> str:
    """The name of the session cookie."""
    return _named(connection, "linli")


def private_cookie(
    connection: Connection, key: str, value: str, seconds: int | None = None, path: str = "/"
) -> Cookie:
    """A cookie that no script reads and no other site sends with a form."""
    secure = connection.url.scheme == "https"
    return Cookie(
        key=key, value=value, max_age=seconds, path=path, httponly=True, samesite="lax",
        secure=secure,
    )  # fmt: skip


def session_cookie(connection: Connection, token: str) -> Cookie:
    """The cookie of a session; an empty token takes it away."""
    seconds = SESSION_DAYS * 24 * 3600 if token else 0
    return private_cookie(connection, cookie_name(connection), token, seconds)


def visitor_cookie(connection: Connection, token: str) -> Cookie:
    """The cookie that binds the forms of somebody not signed in; it ends with the browser."""
    return private_cookie(connection, _named(connection, "linli-visitor"), token)


def taste_cookies(
    connection: Connection, *, language: str | None = None, elder: bool | None = None,
    text_size: str | None = None,
) -> list[Cookie]:  # fmt: skip
    """How this browser likes to read, also when nobody is signed in."""
    wishes = {
        "linli-language": language,
        "linli-elder": None if elder is None else ("yes" if elder else "no"),
        "linli-text": text_size,
    }
    return [
        private_cookie(connection, key, value, YEAR_SECONDS)
        for key, value in wishes.items()
        if value is not None
    ]
