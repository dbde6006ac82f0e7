"""From the body of a form to one use case and back.

A POST handler is ``decode → once(use case) → 303``: it names a Struct, an ``act`` that turns the
Struct into a Done, and the page that shows the form again with what was wrong.  Whoever sends the
same form twice is answered twice and acts once.
"""

import datetime as dt
import json
import re
import unicodedata
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar, cast
from urllib.parse import parse_qsl

import msgspec
from litestar import Response
from msgspec.inspect import (
    BoolType,
    DateTimeType,
    DateType,
    EnumType,
    IntType,
    ListType,
    LiteralType,
    Metadata,
    SetType,
    StrType,
    TimeType,
    Type,
    UnionType,
    VarTupleType,
    type_info,
)

from points.errors import Conflict, DomainError, Invalid, Missing
from points.requests import once
from web import clock
from web.auth import DutiesNotLent, ScopeMissing, WebRequest
from web.errors import BadAddress, BadForm, StaleForm, status_of, wants_json
from web.i18n import N_
from web.pages import Done, go_on, words
from web.security import (
    CSRF_FIELD,
    CSRF_HEADER,
    UNSAFE_METHODS,
    csrf_matches,
    keyed_hash,
)
from web.uploads import posted_with_files, takes_files

ID_MAX = 2**63 - 1
FIELDS_MAX = 2000
Id = Annotated[int, msgspec.Meta(ge=1, le=ID_MAX)]
Values = Mapping[str, list[str]]
Problem = tuple[str, dict[str, object]]
F = TypeVar("F", bound=msgspec.Struct)

MISSING = N_("Please fill this in.")
NO_NUMBER = N_("Please give a whole number.")
TOO_SMALL = N_("Please give a number of at least {least}.")
TOO_LARGE = N_("Please give a number of at most {most}.")
TOO_LONG = N_("That is too long: at most {most} characters, please.")
TOO_SHORT = N_("That is too short: at least {least} characters, please.")
NO_DATE = N_("Please give a date such as 2026-11-22.")
NO_TIME = N_("Please give a time such as 14:00.")
NOT_OFFERED = N_("Please choose one of those offered.")
STRANGE = N_("This holds characters that cannot be kept. Please type it again.")
NOT_RIGHT = N_("This is not right yet. Please check it.")

_COLLECTIONS = (ListType, SetType, VarTupleType)
_YES = frozenset({"yes", "on", "true", "1"})
_CLOCK_TIME = re.compile(r"\d{1,2}:\d{2}$")


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """What every form carries: the id under which it counts once."""

    request_id: Annotated[str, msgspec.Meta(min_length=8, max_length=64)]


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it was filled in, with what was wrong: for showing it again."""

    values: Values = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    trouble: str = ""
    status: int = 200

    def value(self, name: str, otherwise: object = "") -> object:
        """What stood in a field; ``otherwise`` when the form is shown for the first time."""
        return (self.values.get(name) or [""])[0] if self.values else otherwise

    def number(self, name: str) -> int | None:
        """The id that stood in a field, if it can be one."""
        text = str(self.value(name))
        return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None

    def chosen(self, name: str) -> list[str]:
        """All values of a field that can be chosen many times."""
        return list(self.values.get(name, ()))

    def error(self, name: str) -> str:
        """What is wrong with a field."""
        return self.errors.get(name, "")

    @property
    def summary(self) -> list[tuple[str, str]]:
        """For ui.error_summary: what is wrong with the whole, then with each field."""
        whole = [("", self.trouble)] if self.trouble else []
        return whole + list(self.errors.items())


BLANK = Filled()
Again = Callable[[Filled], Awaitable[Response[Any]]]


class FieldErrors(Exception):  # Several things are wrong, each with its field.
    """What is wrong with which field, as messages with their facts."""

    def __init__(self, problems: dict[str, Problem]) -> None:
        super().__init__(problems)
        self.problems = problems


async def submit(
    request: WebRequest,
    form_type: type[F],
    act: Callable[[F], Awaitable[Done]],
    again: Again | None = None,
    *,
    replayed: bool = True,
) -> Response[Any]:
    """Decode the form, act once, go on; or show it again with what is wrong.

    ``replayed=False`` is for the few forms whose answer must not be kept: those with a password.
    """
    values = await posted(request)
    try:
        form = decode(form_type, values)
        done = await (_once(request, values, form, act) if replayed else act(form))
    except FieldErrors as wrong:
        return await _again(request, again, _with_fields(request, values, wrong))
    except (Invalid, Conflict, Missing) as refusal:
        if isinstance(refusal, Missing) and "field" not in refusal.facts:
            raise
        if again is None or wants_json(request):
            raise
        return await again(_with_refusal(request, values, refusal))
    return go_on(request, done)


async def _again(request: WebRequest, again: Again | None, filled: Filled) -> Response[Any]:
    if again is None or wants_json(request):
        raise WrongFields(fields="; ".join(text for _, text in filled.summary))
    return await again(filled)


class WrongFields(Invalid):
    """Several fields are wrong and there is no form to show them in."""

    message = "{fields}"


def _with_fields(request: WebRequest, values: Values, wrong: FieldErrors) -> Filled:
    say = words(request).gettext
    errors = {name: say(text, **facts) for name, (text, facts) in wrong.problems.items()}
    # Nobody sees the request id: without it the form is simply not one of ours.
    trouble = say(BadForm.message) if errors.pop("request_id", "") else ""
    return Filled(values, errors, trouble, status=422)


def _with_refusal(request: WebRequest, values: Values, refusal: DomainError) -> Filled:
    said, status = words(request).refusal(refusal), status_of(refusal)
    named = refusal.facts.get("field")
    if isinstance(named, str):
        return Filled(values, {named: said}, status=status)
    return Filled(values, trouble=said, status=status)


async def _once(
    request: WebRequest, values: Values, form: F, act: Callable[[F], Awaitable[Done]]
) -> Done:
    fresh: list[Done] = []

    async def answer() -> str:
        fresh[:] = [await act(form)]
        return json.dumps(fresh[0].kept(), ensure_ascii=False, default=str)

    kept = await once(
        actor_key=actor_key(request),
        request_id=cast(Form, form).request_id,
        request_hash=_body_hash(request, values),
        now=clock.now(),
        act=answer,
    )
    return fresh[0] if fresh else Done(**json.loads(kept))


def actor_key(request: WebRequest) -> str:
    """Whose requests a request id is one of."""
    if request.user.me is not None:
        return f"person:{request.user.me.person_id}"
    return f"visitor:{keyed_hash(request.app.state.secret, request.user.session)[:24]}"


def _body_hash(request: WebRequest, values: Values) -> str:
    """What was sent where; the token against forgery is another each time."""
    body = {name: value for name, value in sorted(values.items()) if name != CSRF_FIELD}
    text = json.dumps([request.scope["path"], body], ensure_ascii=False)
    return keyed_hash(request.app.state.secret, text)


# --- reading


async def posted(request: WebRequest) -> Values:
    """The fields of a form, each with all its values; files only where the handler takes some."""
    kind = request.content_type[0]
    if takes_files(request):
        return await posted_with_files(request)
    if kind not in {"", "application/x-www-form-urlencoded"}:
        raise BadForm
    return _parsed(await request.body(), BadForm)


def wanted(request: WebRequest, query_type: type[F]) -> F:
    """What the address asks for after the question mark."""
    values = _parsed(bytes(request.scope["query_string"]), BadAddress)
    try:
        return decode(query_type, values)
    except FieldErrors:
        raise BadAddress from None


def _parsed(body: bytes, wrong: type[DomainError]) -> dict[str, list[str]]:
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=FIELDS_MAX
        )
    except ValueError:
        raise wrong from None
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value.replace("\r\n", "\n").strip())
    return values


async def check_request(request: WebRequest) -> None:
    """Before every page: ids that can exist, tokens made for it, and forms that are our own."""
    check_path(request)
    _check_scopes(request)
    if request.method in UNSAFE_METHODS and not request.user.bearer:
        token = request.headers.get(CSRF_HEADER) or (await _csrf_field(request))
        if not csrf_matches(request.app.state.secret, request.user.session, token):
            raise StaleForm


def check_path(request: WebRequest) -> None:
    """Refuse what can be the number or name of nothing."""
    for value in request.path_params.values():
        too_large = isinstance(value, int) and not -ID_MAX <= value <= ID_MAX
        if too_large or (isinstance(value, str) and is_strange(value)):
            raise Missing


def _check_scopes(request: WebRequest) -> None:
    """Pages show and do whatever their reader may, so a token needs all that she holds."""
    scope = "write" if request.method in UNSAFE_METHODS else "read"
    if scope not in request.user.scopes:
        raise ScopeMissing(scope=scope)
    if request.user.me and request.user.me.is_staff and "staff" not in request.user.scopes:
        raise DutiesNotLent


async def _csrf_field(request: WebRequest) -> str:
    return ((await posted(request)).get(CSRF_FIELD) or [""])[0]


# --- decoding


def decode(struct: type[F], values: Values) -> F:
    """The Struct of a form; raises FieldErrors with everything that is wrong at once."""
    found: dict[str, Any] = {}
    problems: dict[str, Problem] = {}
    for one in msgspec.structs.fields(struct):
        given = [text for text in values.get(one.encode_name, ()) if text != ""]
        if not given:
            if one.required:
                problems[one.encode_name] = (MISSING, {})
            continue
        try:
            found[one.name] = _converted(one.type, given)
        except _WrongError as wrong:
            problems[one.encode_name] = wrong.problem
    if problems:
        raise FieldErrors(problems)
    return struct(**found)


class _WrongError(Exception):
    def __init__(self, message: str, **facts: object) -> None:
        super().__init__(message)
        self.problem: Problem = (message, facts)


def _converted(wanted_type: Any, given: list[str]) -> Any:
    kind, _ = _plain(type_info(wanted_type))
    if isinstance(kind, _COLLECTIONS):
        item, limits = _plain(kind.item_type)
        raw: Any = [_readied(item, limits, text) for text in given]
    else:
        item, limits = kind, _limits(kind)
        raw = _readied(item, limits, given[0])
    try:
        return msgspec.convert(raw, wanted_type, strict=False)
    except msgspec.ValidationError:
        raise _WrongError(_complaint(item)) from None


def _plain(kind: Type) -> tuple[Type, Any]:
    """The type without its metadata and without "or None", and the type that has its limits."""
    while isinstance(kind, Metadata | UnionType):
        if isinstance(kind, Metadata):
            kind = kind.type
        else:
            kind = next(one for one in kind.types if type(one).__name__ != "NoneType")
    return kind, _limits(kind)


def _limits(kind: Type) -> Any:
    return kind if isinstance(kind, IntType | StrType) else None


def _readied(kind: Type, limits: Any, text: str) -> Any:
    """The text as msgspec wants it, after the checks whose answer names a limit."""
    if isinstance(kind, StrType):
        _check_length(limits, text)
        return text
    # An input method for Chinese easily leaves full-width digits in a number or date.
    text = unicodedata.normalize("NFKC", text).strip()
    if isinstance(kind, BoolType):
        return text.lower() in _YES
    if isinstance(kind, IntType):
        return _whole_number(limits, text)
    if isinstance(kind, DateType):
        return _date(text)
    if isinstance(kind, TimeType) and _CLOCK_TIME.match(text):
        return f"{text:0>5}:00"
    if isinstance(kind, DateTimeType) and len(text) == len("2026-11-22T14:00"):
        return f"{text}:00"
    return text


def _check_length(limits: StrType, text: str) -> None:
    if is_strange(text):
        raise _WrongError(STRANGE)
    if limits.max_length is not None and len(text) > limits.max_length:
        raise _WrongError(TOO_LONG, most=limits.max_length)
    if limits.min_length is not None and len(text) < limits.min_length:
        raise _WrongError(TOO_SHORT, least=limits.min_length)


def _whole_number(limits: IntType, text: str) -> int:
    if not re.fullmatch(r"[+-]?\d{1,30}", text):
        raise _WrongError(NO_NUMBER)
    number = int(text)
    if limits.ge is not None and number < limits.ge:
        raise _WrongError(TOO_SMALL, least=limits.ge)
    most = limits.le if limits.le is not None else ID_MAX
    if number > most:
        raise _WrongError(TOO_LARGE, most=most)
    return max(number, -ID_MAX)


def _date(text: str) -> dt.date:
    match = re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", text)
    try:
        year, month, day = (int(part) for part in match.groups()) if match else (0, 0, 0)
        return dt.date(year, month, day)
    except ValueError:
        raise _WrongError(NO_DATE) from None


def _complaint(kind: Type) -> str:
    if isinstance(kind, LiteralType | EnumType):
        return NOT_OFFERED
    if isinstance(kind, TimeType | DateTimeType):
        return NO_TIME
    return NO_NUMBER if isinstance(kind, IntType) else NOT_RIGHT


def is_strange(text: str) -> bool:
    """Whether a text holds control characters, which no field of ours needs."""
    return any(unicodedata.category(one) == "Cc" and one not in "\n\t" for one in text)
