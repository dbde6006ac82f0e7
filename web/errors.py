"""Every "no" in the visitor's language: one family, one status; a page, or a problem as JSON.

What the domain refuses on purpose is said in its own words.  What nobody foresaw is logged with a
number that the page shows, and says nothing else.
"""

import json
import logging
import secrets
from collections.abc import Mapping
from urllib.parse import quote

from litestar import Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from points.errors import Conflict, DomainError, Forbidden, Invalid, Missing
from web.auth import NotSignedIn, WebRequest
from web.i18n import N_
from web.pages import page, words

log = logging.getLogger("linli")

FAMILIES: dict[type[DomainError], int] = {Invalid: 422, Forbidden: 403, Missing: 404, Conflict: 409}
TOO_OFTEN = frozenset({"TooManyAttempts"})
TEMPLATES = {
    400: "errors/400.html",
    403: "errors/403.html",
    404: "errors/404.html",
    405: "errors/404.html",
    409: "errors/409.html",
    413: "errors/413.html",
    429: "errors/429.html",
}
PROBLEMS = {
    400: N_("The request could not be read."),
    401: N_("Sign in first, or send a valid token."),
    404: N_("There is no such page or record."),
    405: N_("This address does not take that kind of request."),
    413: N_("That is too large."),
    415: N_("Send JSON, with the header Content-Type: application/json."),
    500: N_("Something broke on our side. What was not confirmed was not saved."),
}


class BadForm(Invalid):
    """The body of a form could not be read at all."""

    message = "The form could not be read. Open the page anew and fill it in again."


class BadAddress(Invalid):
    """What follows the question mark in the address is not what the page takes."""

    message = "The address is not right. Start from the page that lists what you look for."


class StaleForm(Forbidden):
    """The form was not made for this session."""

    message = (
        "This form was opened before you signed in or out, or in another browser. "
        "Nothing was done. Go back, reload the page and send it again."
    )


def status_of(error: DomainError) -> int:
    """The HTTP status of a refusal."""
    if error.code in TOO_OFTEN:
        return 429
    return next((code for family, code in FAMILIES.items() if isinstance(error, family)), 400)


def wants_json(request: WebRequest) -> bool:
    """Whether a program asks, and not a person."""
    accepted = request.headers.get("accept", "")
    asked = "json" in accepted and "text/html" not in accepted
    return asked or request.scope["path"].startswith("/api/")


def refused(request: WebRequest, error: DomainError) -> Response[str]:
    """The domain said no."""
    said, field = words(request).refusal(error), error.facts.get("field")
    if isinstance(field, str) and wants_json(request):
        return problem(request, status_of(error), said, error.code, errors={field: said})
    return _say(request, status_of(error), said, error.code)


def not_signed_in(request: WebRequest, _: NotSignedIn) -> Response[str]:
    """The sign-in page, which comes back here; programs are told plainly."""
    if wants_json(request) or request.user.bearer:
        response = problem(request, 401, words(request).gettext(PROBLEMS[401]), "NotSignedIn")
        response.set_header("www-authenticate", "Bearer")
        return response
    asked = request.scope["path"] if request.method == "GET" else ""
    target = f"/sign-in?next={quote(asked)}" if asked not in {"", "/"} else "/sign-in"
    return Response("", status_code=303, headers={"location": target})


def http_error(request: WebRequest, error: HTTPException) -> Response[str]:
    """What the framework itself refuses: an unknown address, a body that is too large."""
    if error.status_code >= 500:
        return broken(request, error)
    status = error.status_code
    response = _say(request, status, None, type(error).__name__)
    for name, value in (error.headers or {}).items():
        response.set_header(name, value)
    return response


def broken(request: WebRequest, error: Exception) -> Response[str]:
    """Nobody foresaw this: logged with a number, and the page shows the number only."""
    reference = secrets.token_hex(4)
    log.error("%s %s %s", reference, request.method, request.scope["path"], exc_info=error)
    if wants_json(request):
        return problem(request, 500, words(request).gettext(PROBLEMS[500]), "Broken", reference)
    return page(request, "errors/500.html", status=500, reference=reference)


def _say(request: WebRequest, status: int, message: str | None, code: str) -> Response[str]:
    if wants_json(request):
        said = message or words(request).gettext(PROBLEMS.get(status, PROBLEMS[400]))
        return problem(request, status, said, code)
    template = TEMPLATES.get(status, TEMPLATES[400])
    return page(request, template, status=status, message=message)


def problem(
    request: WebRequest,
    status: int,
    detail: str,
    code: str,
    reference: str = "",
    errors: Mapping[str, str] | None = None,
) -> Response[str]:
    """RFC 9457: the one shape in which programs are told "no"; ``errors`` by field."""
    said: dict[str, object] = {
        "type": "about:blank",
        "title": code,
        "status": status,
        "detail": detail,
    }
    said |= {"instance": reference} if reference else {}
    said |= {"errors": errors} if errors else {}
    text = json.dumps(said, ensure_ascii=False)
    headers = {"content-language": words(request).language}
    return Response(
        text, status_code=status, media_type="application/problem+json", headers=headers
    )


HANDLERS: ExceptionHandlersMap = {
    DomainError: refused,
    NotSignedIn: not_signed_in,
    HTTPException: http_error,
    Exception: broken,
}
