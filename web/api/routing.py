"""How a handler joins the API: who may call it with which token, and every answer it can give."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import litestar
from litestar import Router
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Operation, Parameter, Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.params import QueryParameter as Asked
from litestar.types import ControllerRouterHandler

from web.api.bodies import KEY_LENGTHS
from web.api.problems import MEDIA_TYPE, ApiProblem
from web.auth import Connection, DutiesNotLent, NotSignedIn, ScopeMissing, WebRequest, signed_in
from web.forms import ID_MAX

Scope = Literal["read", "write", "staff"]
Guard = Callable[[Connection, BaseRouteHandler], None]

After = Annotated[
    int | None, Asked(ge=1, le=ID_MAX, description="Go on after this key, `next` of a page.")
]
# One more is asked of the domain, which gives at most a hundred, to know whether more follow.
LIMIT_MAX = 80
Limit = Annotated[int, Asked(ge=1, le=LIMIT_MAX, description="At most so many.")]
AreaId = Annotated[int | None, Asked(ge=1, le=ID_MAX, description="The number of an area.")]
LIMIT = 50

SAID = {
    400: "The body is not one JSON object in UTF-8.",
    401: "Nobody is signed in, or the token is not good (any more).",
    403: "The caller, or the token, may not do this.",
    404: "There is no such thing, or the caller may not know of it.",
    409: "The world has moved on, or a rule of the house forbids it now; or the key came before "
    "with another body.",
    413: "The body is too large.",
    415: "The body does not say that it is JSON.",
    422: "Something that was sent is wrong; `errors` names the fields.",
    429: "Too many tries; wait.",
}
READING = (401, 403, 404, 409, 422, 429)
CHANGING = tuple(SAID)


@dataclass
class Read(Operation):
    """A question: it has no body that could be unreadable."""

    def __post_init__(self) -> None:
        """Take out what Litestar supposes of whatever takes parameters."""
        if self.responses:
            self.responses.pop("400", None)


@dataclass
class Keyed(Operation):
    """A change: it takes the key under which it counts once."""

    def __post_init__(self) -> None:
        """Add the header to what the handler itself takes."""
        least, most = KEY_LENGTHS
        key = Parameter(
            name="Idempotency-Key",
            param_in="header",
            required=True,
            description="Yours for this change. The same key with the same body gets the first "
            "answer again, with another body it is refused.",
            schema=Schema(type=OpenAPIType.STRING, min_length=least, max_length=most,
                          pattern="^[!-~]+$"),
        )  # fmt: skip
        self.parameters = [*(self.parameters or []), key]


def anyone(connection: Connection, _: BaseRouteHandler) -> None:
    """Let in strangers too, but nobody with a token that is not good."""
    if connection.user.bearer and connection.user.me is None:
        raise NotSignedIn


def scoped(*scopes: Scope) -> Guard:
    """Let in sessions, and tokens with all of these scopes."""

    def guard(connection: Connection, _: BaseRouteHandler) -> None:
        for scope in scopes:
            if scope not in connection.user.scopes:
                raise ScopeMissing(scope=scope)

    return guard


def get(
    path: str, *, may: Guard = signed_in, scopes: Sequence[Scope] = ("read",), **more: Any
) -> Callable[[Any], HTTPRouteHandler]:
    """A handler that changes nothing."""
    more |= {"operation_class": Read}
    return _handler(litestar.get, path, may, scopes, READING, **more)


def post(
    path: str,
    *,
    may: Guard = signed_in,
    scopes: Sequence[Scope] = ("write",),
    status: int = 200,
    **more: Any,
) -> Callable[[Any], HTTPRouteHandler]:
    """A handler that changes something, once for each key."""
    more |= {"status_code": status, "operation_class": Keyed}
    return _handler(litestar.post, path, may, scopes, CHANGING, **more)


def _handler(
    make: Any, path: str, may: Guard, scopes: Sequence[Scope], statuses: Sequence[int], **more: Any
) -> Callable[[Any], HTTPRouteHandler]:
    open_to_all = may is anyone

    def decorate(act: Any) -> HTTPRouteHandler:
        made: HTTPRouteHandler = make(
            path,
            guards=[anyone, may, scoped(*scopes)],
            responses={
                status: ResponseSpec(
                    ApiProblem,
                    description=SAID[status],
                    media_type=MEDIA_TYPE,
                    generate_examples=False,
                )
                for status in statuses
            },
            security=_security(scopes, changes=make is litestar.post, open_to_all=open_to_all),
            summary=(act.__doc__ or "").partition("\n")[0],
            operation_id=act.__name__,
            **more,
        )(act)
        return made

    return decorate


def _security(
    scopes: Sequence[Scope], *, changes: bool, open_to_all: bool
) -> list[dict[str, list[str]]]:
    session: dict[str, list[str]] = {"session": []}
    if changes:
        session["csrf"] = []
    nobody: list[dict[str, list[str]]] = [{}] if open_to_all else []
    return [{"bearer": list(scopes)}, session, *nobody]


def subject(tag: str, handlers: Sequence[ControllerRouterHandler]) -> Router:
    """The handlers of one subject under one heading of the reference."""
    return Router("/", route_handlers=handlers, tags=[tag])


def own_or_duty(request: WebRequest, *person_ids: int | None) -> None:
    """Of somebody with duties, a token without them does what is her own and nothing else.

    Most use cases let staff do more than others; this is for those that residents may do as well.
    """
    me, lent = request.user.me, "staff" in request.user.scopes
    if me is not None and me.is_staff and not lent and me.person_id not in person_ids:
        raise DutiesNotLent
