"""The whole API as each role, by a machine that reads the description and sends what it allows.

No answer is a broken server, none has a status or a shape that the description does not promise.
Every role has a neighbourhood of its own, which it may wreck.  The numbers in paths and bodies are
mostly those of things that are there, so that what is behind the door is tried and not the door
alone; the seed is fixed.
"""

import asyncio
import copy
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from schemathesis.engine import events, from_schema
from schemathesis.python.asgi import shutdown_lifespans

from points.community.access.tokens import create_token
from tests.cast import cast
from tests.web.access_entry import ROLES, filled
from tests.web.access_matrix import MATRIX, furnish
from tests.web.conftest import PASSWORD, known_hash
from web import clock
from web.api.description import described, operations, sent_in_bodies
from web.app import create_app
from web.database import opened
from web.settings import Settings

SCOPES = ("read", "write", "staff")
# Each role, a token that only looks, and somebody without any.
CALLERS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(ROLES, SCOPES), "anonymous": (), "reader": ("read",),
}  # fmt: skip
# Whoever reaches the most also tries the edges of every field, thousands of them.
THOROUGH = {"steward"}
EXAMPLES_EACH = 2
# Long lists cost seconds each, and say no more than short ones.
ROWS = 3
# Past it nothing can be tried any more.
LEFT_ALONE = {"/api/people/{person_id}/close"}
NOTHING = (0, -1, 2**63 - 1, 2**70)
NARROWED = (
    "in path - violates `enum`",
    "_id` - violates `enum`",
    "body - violates `enum`",
    "violates `maxItems`",
)
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "ignored_auth",
)


def settings_of(caller: str) -> dict[str, Any]:
    """One fixed run: what is written down, what lies at the edges, and a little chance."""
    return {
        "seed": 20261127 + sorted(CALLERS).index(caller),
        "continue-on-failure": True,
        "warnings": False,
        "generation": {
            "max-examples": EXAMPLES_EACH, "no-shrink": True, "deterministic": True,
            "database": "none", "mode": "all",
        },
        "phases": {
            "examples": {"enabled": True, "fill-missing": False},
            "coverage": {"enabled": caller in THOROUGH, "unexpected-methods": []},
            "fuzzing": {"enabled": True},
            "stateful": {"enabled": False},
        },
        "checks": {"enabled": False, **{name: {"enabled": True} for name in CHECKS}},
    }  # fmt: skip


async def peopled(url: str, caller: str) -> tuple[str, Mapping[str, object]]:
    """A neighbourhood, the caller's token, and the numbers of what is in it."""
    async with opened(url):
        them = await cast()
        numbers = await furnish(them, password=PASSWORD, password_hash=await known_hash())
        scopes = CALLERS[caller]
        if not scopes:
            return "", numbers
        person_id = getattr(them, ROLES.get(caller, "chen_jing"))
        token = await create_token(
            person_id=person_id, label="x", scopes=scopes, days=1, now=clock.now()
        )
        return token, numbers


def with_numbers(original: dict[str, Any], numbers: Mapping[str, object]) -> dict[str, Any]:
    """The description with numbers of things that are there, and with the matrix's bodies."""
    told = copy.deepcopy(original)
    told["paths"] = {path: at for path, at in told["paths"].items() if path not in LEFT_ALONE}
    for path, method, operation in operations(told):
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "path":
                parameter["schema"]["enum"] = [numbers[parameter["name"]], *NOTHING]
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if body:
            body["examples"] = {"matrix": {"value": _example(path, method, numbers)}}
    for name in sent_in_bodies(told):
        for field, kind in told["components"]["schemas"][name].get("properties", {}).items():
            if field in numbers and kind.get("type") == "integer":
                kind["enum"] = [numbers[field], 1, 2**63 - 1]
            if "maxItems" in kind:
                kind["maxItems"] = ROWS
    return told


def _example(path: str, method: str, numbers: Mapping[str, object]) -> object:
    [entry] = [
        entry
        for route, entry in MATRIX.items()
        if route.replace(":int}", "}") == f"{method.upper()} {path}"
    ]
    return filled(entry.form, numbers)


@pytest.mark.slow
@pytest.mark.parametrize("caller", sorted(CALLERS))
def test_the_description_is_true(caller: str, sqlite_url: str, tmp_path: Path):
    token, numbers = asyncio.run(peopled(sqlite_url, caller))
    app = create_app(Settings(data=tmp_path, database_url=sqlite_url, jobs=False))
    project = settings_of(caller)
    if token:
        project["headers"] = {"Authorization": f"Bearer {token}"}
    told = with_numbers(described(app), numbers)
    schema = schemathesis.openapi.from_dict(told, config=schemathesis.Config.from_dict(project))
    schema.app = app
    try:
        wrong, answers = tried(schema)
    finally:
        shutdown_lifespans()
    assert not wrong, "\n".join(sorted(wrong))
    assert answers.get(200, 0) + answers.get(204, 0) > (5 if caller == "anonymous" else 30)


def tried(schema: Any) -> tuple[set[str], dict[int, int]]:
    """What was wrong, and how many answers there were of each status."""
    wrong, answers = set[str](), dict[int, int]()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for event in from_schema(schema).execute():
            if isinstance(event, events.NonFatalError):
                wrong.add(f"{event.label}: {event.value!r}")
            elif isinstance(event, events.FatalError):
                raise event.exception
            elif isinstance(event, events.ScenarioFinished):
                wrong |= set(_failures(event.recorder))
                for one in event.recorder.interactions.values():
                    status = one.response.status_code if one.response else 0
                    answers[status] = answers.get(status, 0) + 1
    return wrong, answers


def _failures(recorder: Any) -> Iterator[str]:
    for case_id, checks in recorder.checks.items():
        for check in checks:
            if check.failure_info is not None:
                asked = recorder.interactions[case_id].request
                said = str(check.failure_info.failure)[:600]
                # The numbers are narrowed by this test, not by the description.
                if any(where in said for where in NARROWED):
                    continue
                yield f"{asked.method} {asked.uri} {asked.body!r:.300}\n    {said}"
