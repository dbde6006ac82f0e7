"""What the API says when it does not do something: one shape, RFC 9457, in the caller's language.

The shape itself is made by ``web.errors``, which pages use for programs too; here is its type for
the description of the API, and what is wrong with each field of a body or address.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date

from litestar import Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.types import ExceptionHandlersMap
from msgspec import Struct

from points.errors import Invalid
from points.service.errors import RollCallRefused
from web.auth import WebRequest
from web.errors import problem
from web.forms import (
    MISSING,
    NO_DATE,
    NO_NUMBER,
    NOT_OFFERED,
    NOT_RIGHT,
    TOO_LARGE,
    TOO_LONG,
    TOO_SHORT,
    TOO_SMALL,
    FieldErrors,
    Problem,
)
from web.i18n import N_
from web.pages import words

# Nobody's birthday or plan lies outside; arithmetic with time zones fails at the ends of time.
YEARS = (1900, 2200)
MEDIA_TYPE = "application/problem+json"
NO_MOMENT = N_("Please give a moment with its offset, such as 2026-11-22T14:00:00+08:00.")
UNKNOWN = N_("There is no such field.")
WRONG_PARTS = N_("Some fields are not right; “errors” names them.")

_LIMIT = re.compile(r"Expected `(\w+)` (of length )?([<>])=? (-?\d+)")
_PLACE = re.compile(r" - at `\$\.?(.*)`$")
_FIELD = re.compile(r"(missing required|unknown) field `(\w+)`")


class ApiProblem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was not done, and why: RFC 9457.  ``title`` is a stable name for programs."""

    type: str
    title: str
    status: int
    detail: str
    instance: str | None = None
    errors: Mapping[str, str] | None = None


class BadBody(HTTPException):
    """The body is not one JSON object in UTF-8."""

    status_code = 400


class NotJson(HTTPException):
    """The body says of itself that it is something else."""

    status_code = 415


class KeyMissing(Invalid):
    """Something is to be changed, but nothing says which sending of it this is."""

    message = (
        "Send a header Idempotency-Key of {least} to {most} letters, digits and signs. "
        "Whoever repeats a request with the same key gets the first answer."
    )


def said_of(text: str) -> tuple[str, Problem]:
    """The place within a value, and the message, of what msgspec says is wrong with it."""
    found = _PLACE.search(text)
    place = found[1] if found else ""
    named = _FIELD.search(text)
    if named:
        place = f"{place}.{named[2]}" if place else named[2]
        return place, (MISSING if named[1] == "missing required" else UNKNOWN, {})
    limit = _LIMIT.search(text)
    return place, _beyond(limit) if limit else (_kind(text), {})


def _beyond(limit: re.Match[str]) -> Problem:
    kind, length, sign, bound = limit.groups()
    if length:
        return (TOO_LONG, {"most": bound}) if sign == "<" else (TOO_SHORT, {"least": bound})
    if kind == "int":
        return (TOO_LARGE, {"most": bound}) if sign == "<" else (TOO_SMALL, {"least": bound})
    return NOT_RIGHT, {}


def _kind(text: str) -> str:
    for part, message in (
        ("enum value", NOT_OFFERED), ("Expected `int", NO_NUMBER), ("datetime", NO_MOMENT),
        ("date", NO_DATE), ("timezone", NO_MOMENT), ("issing required", MISSING),
    ):  # fmt: skip
        if part in text:
            return message
    return NOT_RIGHT


def wrong_fields(request: WebRequest, wrong: FieldErrors) -> Response[str]:
    """Every field of a body that is wrong, at once."""
    say = words(request).gettext
    errors = {name: say(text, **facts) for name, (text, facts) in wrong.problems.items()}
    return problem(request, 422, say(WRONG_PARTS), "WrongFields", errors=errors)


def wrong_parameters(request: WebRequest, wrong: ValidationException) -> Response[str]:
    """The same for what stands after the question mark and in headers."""
    found: dict[str, Problem] = {}
    for one in wrong.extra if isinstance(wrong.extra, list) else ():
        found[str(one.get("key", "?"))] = said_of(str(one.get("message", "")))[1]
    if not found:
        found = {_missing(wrong.detail): (MISSING, {})}
    return wrong_fields(request, FieldErrors(found))


def _missing(detail: str) -> str:
    named = re.search(r"parameter '([^']+)'", detail)
    return named[1] if named else "?"


def reckoned(name: str, day: date) -> date:
    """A day of a question, if calendars and clocks can reckon with it."""
    if not YEARS[0] <= day.year <= YEARS[1]:
        raise FieldErrors({name: (NO_DATE, {})})
    return day


@contextmanager
def wrong_rows(person_ids: Sequence[int]) -> Iterator[None]:
    """Say which rows of a roll-call are refused, and why, by their place in the body."""
    try:
        yield
    except RollCallRefused as refusal:
        raise FieldErrors({
            f"rows[{person_ids.index(row.person_id)}]": (row.error.message, dict(row.error.facts))
            for row in refusal.facts["rows"]  # type: ignore[attr-defined]
        }) from None  # fmt: skip


HANDLERS: ExceptionHandlersMap = {
    FieldErrors: wrong_fields,
    ValidationException: wrong_parameters,
}
