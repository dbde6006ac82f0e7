"""What the API is, as OpenAPI 3.1: made from the handlers, so that it cannot differ from them."""

import inspect
import json
import re
from collections.abc import Iterator
from dataclasses import is_dataclass
from typing import Any, get_args, get_origin, get_type_hints

from litestar import Litestar
from litestar._openapi.plugin import OpenAPIPlugin
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.spec import Components, Reference, SecurityScheme, Tag
from litestar.routes import HTTPRoute

from web.api.problems import ApiProblem
from web.forms import ID_MAX
from web.security import CSRF_HEADER

VERSION = "1"
ABOUT = """\
The same use cases as the pages, for programs. Ids, points and minutes are integers; moments are
ISO 8601 with their offset. A change carries `Idempotency-Key`: the same key with the same body gets
the first answer again. Lists take `limit` and `after` and give `next`. Every refusal is
`application/problem+json` (RFC 9457) in the language of the token's owner, or of `Accept-Language`.

Scopes of a token: `read` looks, `write` changes, `staff` uses the duties of its owner's roles."""
SCHEMES: dict[str, SecurityScheme | Reference] = {
    "bearer": SecurityScheme(
        type="http", scheme="bearer", description="A token of `/me/tokens` or `linli token`."
    ),
    "session": SecurityScheme(
        type="apiKey", name="linli", security_scheme_in="cookie",
        description="The session of the site (`__Host-linli` over https).",
    ),
    "csrf": SecurityScheme(
        type="apiKey", name=CSRF_HEADER, security_scheme_in="header",
        description="With a session, whatever changes something carries the token of the page.",
    ),
}  # fmt: skip


_REFERENCE = re.compile(r"#/components/schemas/([\w.]+)")
_LIST = re.compile(r"(Page|Some)_(?:\w+\.)*(\w+)_")


def describe(app: Litestar, tags: list[str]) -> None:
    """Let ``app.openapi_schema`` describe the API.

    Litestar's own way would also serve the description, on pages that ask other hosts for scripts
    or speak English only; so its plugin is given the configuration and not the routes.
    """
    config = OpenAPIConfig(
        title="Linli 邻里",
        version=VERSION,
        description=ABOUT,
        components=Components(security_schemes=SCHEMES),
        tags=[Tag(name=tag) for tag in tags],
        use_handler_docstrings=True,
    )
    app.plugins.get(OpenAPIPlugin)._openapi_config = config


def described(app: Litestar) -> dict[str, Any]:
    """The description, made once: with names that people can read, and with strict bodies."""
    kept: dict[str, Any] | None = app.state.get("described")
    if kept is None:
        made = json.dumps(app.openapi_schema.to_schema(), ensure_ascii=False)
        kept = _tidied(json.loads(_LIST.sub(r"\2\1", made)))
        for name in sent_in_bodies(kept):
            kept["components"]["schemas"][name]["additionalProperties"] = False
        for name, text in _documents(app):
            kept["components"]["schemas"].get(name, {})["description"] = text
        app.state.described = kept
    return kept


def _tidied(part: Any) -> Any:
    """Without what Litestar gets wrong: a choice of one, the dots of ``tuple[X, ...]``, floats."""
    if isinstance(part, list):
        return [_tidied(one) for one in part]
    if not isinstance(part, dict):
        return part
    tidy = {name: _tidied(value) for name, value in part.items()}
    for bound in ("minimum", "maximum"):
        if isinstance(tidy.get(bound), float):
            tidy[bound] = min(int(tidy[bound]), ID_MAX)
    if isinstance(tidy.get("oneOf"), list):
        choices = [one for one in tidy.pop("oneOf") if one]
        tidy = {**choices[0], **tidy} if len(choices) == 1 else {**tidy, "oneOf": choices}
    return tidy


def _documents(app: Litestar) -> Iterator[tuple[str, str]]:
    """What the classes of bodies and answers say of themselves."""
    seen = set[Any]()
    waiting: list[Any] = [ApiProblem]
    waiting += [
        field.annotation
        for route in app.routes
        if isinstance(route, HTTPRoute) and route.path.startswith("/api/")
        for handler in route.route_handlers
        for field in (handler.parsed_return_field, handler.parsed_data_field)
        if field is not None
    ]
    while waiting:
        annotated = waiting.pop()
        waiting.extend(get_args(annotated))
        kind = get_origin(annotated) or annotated
        if kind in seen or not (is_dataclass(kind) or hasattr(kind, "__struct_fields__")):
            continue
        seen.add(kind)
        waiting.extend(get_type_hints(kind).values())
        yield kind.__name__, inspect.cleandoc(kind.__doc__ or "")


def operations(told: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and what is said of it."""
    for path, at in told["paths"].items():
        for method, operation in at.items():
            yield path, method, operation


def sent_in_bodies(told: dict[str, Any]) -> set[str]:
    """The components that bodies are made of; none of them takes a field that it does not know."""
    bodies = [operation.get("requestBody", {}) for _, _, operation in operations(told)]
    found, waiting = set[str](), set(_REFERENCE.findall(json.dumps(bodies)))
    while waiting:
        found.add(name := waiting.pop())
        inside = json.dumps(told["components"]["schemas"][name])
        waiting |= set(_REFERENCE.findall(inside)) - found
    return found
