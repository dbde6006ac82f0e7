"""The description of the API, for programs and for people.

The usual readers of OpenAPI ask other hosts for fonts and write styles into the page, which ours
forbids; so the page is our own: small, in the look of the site, and it prints.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from litestar import Response, get
from litestar.types import ControllerRouterHandler

from web.api.description import described, operations
from web.api.problems import ApiProblem
from web.auth import WebRequest
from web.pages import page

MEDIA_TYPE = "application/vnd.oai.openapi+json;version=3.1"
REFERENCE = "#/components/schemas/"


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value is, in words; ``name`` is the object it is, or is a list of."""

    text: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A field of an object, or something that an address or a header carries."""

    name: str
    kind: Kind
    required: bool
    note: str


@dataclass(frozen=True, slots=True)
class Call:
    """One thing that can be asked."""

    id: str
    method: str
    path: str
    text: str
    scopes: Sequence[str]
    open_to_all: bool
    asked: Sequence[Part]
    body: Kind | None
    answer: Kind | None
    status: str


@get("/schema/openapi.json", media_type=MEDIA_TYPE)
async def openapi_description(request: WebRequest) -> Response[bytes]:
    """Everything the API takes and answers, as OpenAPI 3.1."""
    return Response(msgspec.json.encode(described(request.app)), media_type=MEDIA_TYPE)


@get("/schema")
async def reference_page(request: WebRequest) -> Response[Any]:
    """The same, for people."""
    told = described(request.app)
    components = told["components"]["schemas"]
    return page(
        request, "reference/reference.html", subjects=_subjects(told),
        objects={name: _fields(one) for name, one in sorted(components.items())},
        notes={name: one.get("description", "") for name, one in components.items()},
        problem=ApiProblem.__name__, statuses=_statuses(told),
    )  # fmt: skip


ROUTES: list[ControllerRouterHandler] = [openapi_description, reference_page]


def _subjects(told: dict[str, Any]) -> dict[str, list[Call]]:
    found: dict[str, list[Call]] = {tag["name"]: [] for tag in told["tags"]}
    for path, method, operation in operations(told):
        found[operation["tags"][0]].append(_call(path, method, operation))
    return found


def _call(path: str, method: str, operation: dict[str, Any]) -> Call:
    status = next(code for code in operation["responses"] if code.startswith("2"))
    body = operation.get("requestBody", {}).get("content", {})
    answer = operation["responses"][status].get("content", {})
    ways = operation["security"]
    return Call(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        text=operation.get("description", ""),
        scopes=next(way["bearer"] for way in ways if "bearer" in way),
        open_to_all={} in ways,
        asked=[_asked(one) for one in operation.get("parameters", ())],
        body=kind_of(next(iter(body.values()))["schema"]) if body else None,
        answer=kind_of(next(iter(answer.values()))["schema"]) if answer else None,
        status=status,
    )


def _asked(one: dict[str, Any]) -> Part:
    return Part(one["name"], kind_of(one["schema"]), one["required"], one.get("description", ""))


def _fields(component: dict[str, Any]) -> list[Part]:
    required = component.get("required", ())
    return [
        Part(name, kind_of(one), name in required, one.get("description", ""))
        for name, one in component.get("properties", {}).items()
    ]


def _statuses(told: dict[str, Any]) -> dict[str, str]:
    """What each refusal means; it means the same everywhere."""
    return {
        status: answer["description"]
        for _, _, operation in operations(told)
        for status, answer in sorted(operation["responses"].items())
        if status >= "400"
    }


def kind_of(schema: dict[str, Any]) -> Kind:
    """What a value is, in words."""
    if "$ref" in schema:
        name = str(schema["$ref"]).removeprefix(REFERENCE)
        return Kind(name, name)
    if "oneOf" in schema or "anyOf" in schema:
        kinds = [kind_of(one) for one in schema.get("oneOf") or schema["anyOf"]]
        named = next((one.name for one in kinds if one.name), "")
        return Kind(" | ".join(one.text for one in kinds), named)
    if schema.get("type") == "array":
        inner = kind_of(schema.get("items", {}))
        return Kind(f"[{inner.text}]", inner.name)
    if "enum" in schema or "const" in schema:
        choices = schema.get("enum") or [schema["const"]]
        return Kind(" | ".join("null" if one is None else f"“{one}”" for one in choices))
    return Kind(f"{_base(schema)}{_limits(schema)}")


def _base(schema: dict[str, Any]) -> str:
    base = schema.get("type", "any")
    return str(schema.get("format") or (base if isinstance(base, str) else " | ".join(base)))


def _limits(schema: dict[str, Any]) -> str:
    least = schema.get("minimum", schema.get("minLength"))
    most = schema.get("maximum", schema.get("maxLength"))
    if most == 2**63 - 1:
        most = None
    if least is None and most is None:
        return ""
    return f" {'' if least is None else int(least)}…{'' if most is None else int(most)}"
