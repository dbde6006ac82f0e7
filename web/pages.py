"""How a handler answers: a page, or the way to one with a word about what was done.

After a form has been acted on, the browser is sent on (303) with a short-lived sealed cookie that
carries the message for the next page.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from litestar import MediaType, Response
from litestar.datastructures import Cookie

from web import labels
from web.auth import Visitor, WebRequest, cookies_of, private_cookie, stranger, visitor_cookie
from web.i18n import Translator, translator
from web.security import csrf_token, sealed, unsealed
from web.templating import render

FLASH = "linli-flash"
FLASH_SECONDS = 60
ONCE = "linli-once"
ONCE_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Done:
    """What a form led to: where to go on, and what to say there (an English message id).

    ``secret`` is shown on that one page for ten minutes; like the cookies it is kept nowhere.
    """

    to: str
    said: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    level: str = "done"
    secret: Mapping[str, Any] = field(default_factory=dict)
    cookies: tuple[Cookie, ...] = ()

    def kept(self) -> dict[str, Any]:
        """What is stored as the answer to a request; never the secret."""
        return {"to": self.to, "said": self.said, "facts": dict(self.facts), "level": self.level}


def visitor(request: WebRequest) -> Visitor:
    """The visitor, also where the request never reached the routes."""
    known = request.scope.get("user")
    return known if isinstance(known, Visitor) else stranger(request)


def words(request: WebRequest) -> Translator:
    """The translator of the visitor's language and time zone."""
    asking = visitor(request)
    return translator(asking.language, asking.time_zone)


def page(
    request: WebRequest, template: str, *, status: int = 200, **context: object
) -> Response[str]:
    """The page for this visitor, with the message that was waiting for it."""
    asking = visitor(request)
    flash = _flash(request)
    html = render(
        template,
        language=asking.language,
        elder_mode=asking.elder_mode,
        time_zone=asking.time_zone,
        site_name=asking.site_name,
        text_size=asking.text_size,
        me=asking.me,
        path=request.scope["path"],
        csrf_token=csrf_token(_secret(request), asking.session),
        new_request_id=lambda: secrets.token_urlsafe(18),
        flash=flash,
        labels=labels,
        **context,
    )
    cookies = [visitor_cookie(request, asking.session)] if asking.is_new else []
    if flash:
        cookies.append(private_cookie(request, FLASH, "", 0))
    return Response(html, media_type=MediaType.HTML, status_code=status, cookies=cookies)


def go_on(request: WebRequest, done: Done) -> Response[None]:
    """Send the browser on, with what was done to be said on the next page."""
    carried = list(done.cookies)
    if done.said:
        value = sealed(_secret(request), "flash", [[done.level, done.said, dict(done.facts)]])
        carried.append(private_cookie(request, FLASH, value, FLASH_SECONDS))
    if done.secret:
        value = sealed(_secret(request), f"once {done.to}", dict(done.secret))
        carried.append(private_cookie(request, ONCE, value, ONCE_SECONDS, path=done.to))
    return Response(None, status_code=303, headers={"location": done.to}, cookies=carried)


def shown_once(request: WebRequest) -> dict[str, Any] | None:
    """The secret made for this page in the last minutes; None when it is gone."""
    sealed_value = cookies_of(request).get(ONCE)
    found = unsealed(_secret(request), f"once {request.scope['path']}", sealed_value)
    return found if isinstance(found, dict) else None


def local_path(wish: str | None, otherwise: str = "/") -> str:
    """A path of this site to go on to; anything that could lead elsewhere is not followed."""
    text = wish or ""
    if not text.startswith("/") or text.startswith("//") or len(text) > 500:
        return otherwise
    odd = any(character in '\\"<>' or not character.isprintable() for character in text)
    return otherwise if odd or not text.isascii() else text


def _flash(request: WebRequest) -> list[tuple[str, str]]:
    waiting = unsealed(_secret(request), "flash", cookies_of(request).get(FLASH)) or []
    say = words(request).gettext
    return [(level, say(said, **facts)) for level, said, facts in waiting]


def _secret(request: WebRequest) -> bytes:
    secret = request.app.state.secret
    assert isinstance(secret, bytes)
    return secret
