"""What comes in: keys, addresses and JSON bodies, read strictly before a handler sees any of it."""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import msgspec
from litestar.exceptions import SerializationException

from web.api.problems import NO_MOMENT, UNKNOWN, YEARS, BadBody, KeyMissing, NotJson, said_of
from web.auth import WebRequest
from web.errors import StaleForm
from web.forms import (
    MISSING,
    NOT_RIGHT,
    STRANGE,
    FieldErrors,
    Problem,
    check_path,
    is_strange,
)
from web.security import CSRF_HEADER, UNSAFE_METHODS, csrf_matches

KEY_HEADER = "idempotency-key"
KEY_LENGTHS = (8, 64)
_SIGNS = re.compile(r"[!-~]+")


async def check_call(request: WebRequest) -> None:
    """Before every handler of the API."""
    check_path(request)
    strange = [name for name, text in request.query_params.multi_items() if is_strange(text)]
    if strange:
        raise FieldErrors(dict.fromkeys(strange, (STRANGE, {})))
    if request.method in UNSAFE_METHODS:
        _check_sender(request)
        await _check_body(request)
        key_of(request)


def key_of(request: WebRequest) -> str:
    """The key under which a change counts once."""
    key = request.headers.get(KEY_HEADER, "")
    least, most = KEY_LENGTHS
    if not least <= len(key) <= most or not _SIGNS.fullmatch(key):
        raise KeyMissing(field="Idempotency-Key", least=least, most=most)
    return key


def _check_sender(request: WebRequest) -> None:
    """Browsers send cookies along with what other sites made them send; a header they do not."""
    if request.user.bearer:
        return
    token = request.headers.get(CSRF_HEADER, "")
    if not csrf_matches(request.app.state.secret, request.user.session, token):
        raise StaleForm


async def _check_body(request: WebRequest) -> None:
    await request.body()
    field = request.route_handler.parsed_data_field
    if field is None:
        return
    if request.content_type[0] != "application/json":
        raise NotJson
    try:
        content = await request.json()
    except (SerializationException, RecursionError, ValueError):
        raise BadBody from None
    check(field.annotation, content)


def check(wanted: type[msgspec.Struct], content: object) -> None:
    """Everything that is wrong with a body, at once."""
    if not isinstance(content, dict):
        raise BadBody
    fields = {one.encode_name: one for one in msgspec.structs.fields(wanted)}
    problems: dict[str, Problem] = {
        name[:60]: (UNKNOWN, {}) for name in content if name not in fields
    }
    for name, field in fields.items():
        if name not in content and field.required:
            problems[name] = (MISSING, {})
        elif name in content:
            problems |= _wrong_in(name, field.type, content[name])
    if problems:
        raise FieldErrors(problems)


def _wrong_in(name: str, kind: Any, value: object) -> dict[str, Problem]:
    try:
        held = msgspec.convert(value, kind, strict=True)
    except msgspec.ValidationError as error:
        place, said = said_of(str(error))
        separator = "" if not place or place.startswith("[") else "."
        return {f"{name}{separator}{place}": said}
    odd = next(_odd_values(held), None)
    return {name: odd} if odd else {}


def _odd_values(held: object) -> Iterator[Problem]:
    """What the types let through: signs that no text needs, moments that no calendar reckons."""
    if isinstance(held, str) and is_strange(held):
        yield STRANGE, {}
    elif isinstance(held, dt.date) and not YEARS[0] <= held.year <= YEARS[1]:
        yield NOT_RIGHT, {}
    elif isinstance(held, dt.datetime) and held.tzinfo is None:
        yield NO_MOMENT, {}
    elif isinstance(held, tuple | list):
        for one in held:
            yield from _odd_values(one)
    elif isinstance(held, msgspec.Struct):
        for value in msgspec.structs.astuple(held):
            yield from _odd_values(value)
