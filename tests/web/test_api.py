"""The door for programs: keys, scopes, languages, and one shape for every "no"."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from points.community.access.tokens import create_token, revoke_token, tokens_of
from points.community.profiles import person
from points.transactions import run
from tests.web.access_entry import Entry, filled
from tests.web.access_matrix import MATRIX, furnish
from tests.web.conftest import PASSWORD, Browser, Site, known_hash
from web import clock
from web.api.description import described, sent_in_bodies

pytestmark = pytest.mark.anyio
PROBLEM = {"type", "title", "status", "detail"}
ROUTES = {route: entry for route, entry in MATRIX.items() if " /api/" in route}
CHANGES = {route: entry for route, entry in ROUTES.items() if route.startswith("POST")}
Numbers = dict[str, object]


async def program(site: Site, person_id: int, *scopes: str) -> Browser:
    token = await create_token(
        person_id=person_id, label="测试", scopes=scopes or ("read",), days=1, now=clock.now()
    )
    return site.browser(authorization=f"Bearer {token}")


async def furnished(site: Site) -> Numbers:
    return dict(await furnish(site.cast, password=PASSWORD, password_hash=await known_hash()))


def called(route: str, entry: Entry, numbers: Numbers) -> tuple[str, str, Any]:
    method, path = route.split(" ", 1)
    path = path.replace(":int}", "}").replace(":str}", "}").format(**numbers) + entry.query
    return method, path, filled(entry.form, numbers)


def is_problem(answer: httpx.Response) -> bool:
    """The one shape of every refusal."""
    said = answer.json()
    return (
        answer.headers["content-type"].startswith("application/problem+json")
        and set(said) >= PROBLEM
        and said["status"] == answer.status_code
        and bool(said["detail"])
        and answer.headers["content-language"] in ("zh", "en")
    )


async def test_every_route_refuses_in_one_shape(sqlite_site: Site):
    """Nobody, a bad token, a wrong key, no body, and a number of nothing."""
    numbers = await furnished(sqlite_site)
    steward = await sqlite_site.signed_in(sqlite_site.cast.chen_jing)
    nothing = dict.fromkeys(numbers, 2**62)
    wrong = []
    for route, entry in ROUTES.items():
        method, path, body = called(route, entry, numbers)
        bad = {"authorization": "Bearer linli_nonsense"}
        answers = [await sqlite_site.browser(**bad).call(method, path, body)]
        assert answers[0].status_code == 401, route
        if "{" in route:
            answers.append(await steward.call(*called(route, entry, nothing)))
            assert answers[-1].status_code in (403, 404, 422), (route, answers[-1].text)
        if method == "POST":
            answers.append(await steward.call(method, path, body, **{"idempotency-key": ""}))
            answers.append(await steward.call(method, path, body, **{"x-csrftoken": "no"}))
        wrong += [(route, one.status_code, one.text) for one in answers if not is_problem(one)]
    assert not wrong


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_stranger_is_told_in_the_language_asked_for(sqlite_site: Site, language: str):
    browser = sqlite_site.browser(**{"accept-language": language})
    answer = await browser.call("GET", "/api/no/such/thing")
    assert (answer.status_code, is_problem(answer)) == (404, True)
    assert answer.headers["content-language"] == language
    wrong = await browser.client.put("/api/me", headers={"accept": "text/html"})
    assert (wrong.status_code, is_problem(wrong)) == (405, True)
    assert "GET" in wrong.headers["allow"]


async def test_the_owner_of_a_token_is_told_in_her_own_language(sqlite_site: Site):
    him = await program(sqlite_site, sqlite_site.cast.zhang_wei, "read", "write")
    await him.call("POST", "/api/me/preferences", {"language": "en"})
    answer = await him.call("GET", "/api/areas/999999", **{"accept-language": "zh"})
    assert answer.headers["content-language"] == "en"


BAD_BODIES = {
    "empty": b"",
    "no json": b"{",
    "a list": b"[]",
    "nested": b"[" * 100_000,
    "nested in a field": b'{"language": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "a lone surrogate": b'{"language": "\\ud800"}',
    "no utf-8": b'{"language": "\xff"}',
    "a huge number": b'{"elder_mode": ' + b"9" * 5_000 + b"}",
    "infinity": b'{"elder_mode": 1e999}',
    "nan": b'{"elder_mode": NaN}',
    "a nul": b'{"language": "\\u0000"}',
    "another type": b'{"elder_mode": "yes"}',
    "an unknown field": b'{"language": "zh", "elder": true}',
    "an unknown name of odd signs": b'{"\\u0000\\u202e": true}',
}


@pytest.mark.parametrize("name", BAD_BODIES)
async def test_a_bad_body_is_refused_in_words(sqlite_site: Site, name: str):
    him = await program(sqlite_site, sqlite_site.cast.zhang_wei, "write")
    headers = {**him.headers, "idempotency-key": "a-key-of-mine"}
    answer = await him.client.post(
        "/api/me/preferences",
        content=BAD_BODIES[name],
        headers=headers | {"content-type": "application/json"},
    )
    assert answer.status_code in (400, 422), answer.text
    assert is_problem(answer)
    assert not (await person(sqlite_site.cast.zhang_wei)).elder_mode


async def test_other_bodies_than_json_and_floods_are_refused(sqlite_site: Site):
    him = await program(sqlite_site, sqlite_site.cast.zhang_wei, "write")
    headers = {**him.headers, "idempotency-key": "a-key-of-mine"}
    form = await him.client.post("/api/me/preferences", data={"language": "en"}, headers=headers)
    assert (form.status_code, is_problem(form)) == (415, True)
    headers["content-type"] = "application/json"
    long = await him.client.post("/api/me/preferences", content=b" " * 1_100_000, headers=headers)
    assert (long.status_code, is_problem(long)) == (413, True)


async def test_every_wrong_field_is_named(sqlite_site: Site):
    him = await program(sqlite_site, sqlite_site.cast.zhang_wei, "read", "write")
    body = {"person_id": "7", "purpose": "x" * 33, "more": 1}
    answer = await him.call("POST", "/api/me/consents/give", body)
    assert answer.status_code == 422
    assert set(answer.json()["errors"]) == {"person_id", "purpose", "more"}
    query = await him.call("GET", "/api/me/reads?limit=0&after=x")
    assert set(query.json()["errors"]) == {"limit", "after"}
    strange = await him.call("GET", "/api/me/reads?after=%00")
    assert set(strange.json()["errors"]) == {"after"}


async def test_a_key_counts_once(site: Site):
    """The same key and body: the first answer and status; another body: refused."""
    him = await program(site, site.cast.zhang_wei, "read", "write")
    body = {"person_id": site.cast.zhang_wei, "purpose": "photos"}
    key = {"idempotency-key": "one-and-only"}
    first = await him.call("POST", "/api/me/consents/give", body, **key)
    again = await him.call("POST", "/api/me/consents/give", dict(reversed(body.items())), **key)
    assert (first.status_code, again.status_code) == (204, 204)
    assert len(await run("SELECT id FROM consent")) == 1
    other = await him.call("POST", "/api/me/consents/give", body | {"purpose": "ranking"}, **key)
    assert (other.status_code, other.json()["title"]) == (409, "RequestReused")
    moved = await him.call("POST", "/api/me/consents/withdraw", body, **key)
    assert moved.status_code == 409, "the address is part of what was sent"
    refused = {"idempotency-key": "refused-once"}
    told = [
        await him.call("POST", "/api/me/consents/give", body | {"purpose": "none"}, **refused)
        for _ in range(2)
    ]
    assert told[0].status_code in (404, 409, 422)
    assert (told[0].status_code, told[0].text) == (told[1].status_code, told[1].text)


@pytest.mark.parametrize("key", ["", "short", "x" * 65, "with a space", "ключ-ключ"])
async def test_a_key_that_is_none_is_named(sqlite_site: Site, key: str):
    him = await program(sqlite_site, sqlite_site.cast.zhang_wei, "write")
    headers = {**him.headers, "idempotency-key": key.encode()}
    answer = await him.client.post("/api/me/preferences", json={}, headers=headers)
    assert (answer.status_code, is_problem(answer)) == (422, True)
    assert set(answer.json()["errors"]) == {"Idempotency-Key"}


async def test_keys_of_two_people_are_two_keys(sqlite_site: Site):
    key = {"idempotency-key": "first-of-january"}
    for person_id in (sqlite_site.cast.zhang_wei, sqlite_site.cast.wu_di):
        caller = await program(sqlite_site, person_id, "write")
        body = {"person_id": person_id, "purpose": "photos"}
        answer = await caller.call("POST", "/api/me/consents/give", body, **key)
        assert answer.status_code == 204
    assert len(await run("SELECT id FROM consent")) == 2


def needed(route: str, app: Litestar) -> frozenset[str]:
    """The scopes that the description promises to be enough for a token."""
    method, path = route.split(" ", 1)
    operation = described(app)["paths"][path.replace(":int}", "}")][method.lower()]
    [bearer] = [one["bearer"] for one in operation["security"] if "bearer" in one]
    return frozenset(bearer)


def weaker(scopes: frozenset[str]) -> Iterator[tuple[str, ...]]:
    for missing in scopes:
        yield tuple({"read", "write", "staff"} - {missing})


async def test_every_route_wants_the_scopes_it_describes(sqlite_site: Site):
    """Whoever may by her role is refused with a token that lacks one of them."""
    numbers = await furnished(sqlite_site)
    steward = sqlite_site.cast.chen_jing
    tokens = {
        scopes: await program(sqlite_site, steward, *scopes)
        for scopes in (("read", "write"), ("read", "staff"), ("staff", "write"))
    }
    wrong = []
    for route, entry in ROUTES.items():
        scopes = needed(route, sqlite_site.app)
        assert scopes & ({"write"} if route in CHANGES else {"read"}), route
        for lacking in weaker(scopes):
            answer = await tokens[tuple(sorted(lacking))].call(*called(route, entry, numbers))
            if answer.status_code != 403:
                wrong.append((route, lacking, answer.status_code))
    assert not wrong


async def test_a_token_without_duties_opens_no_page_of_staff(sqlite_site: Site):
    steward = await program(sqlite_site, sqlite_site.cast.chen_jing, "read", "write")
    assert (await steward.get("/people")).status_code == 403
    assert (await steward.get("/points")).status_code == 403, "pages show all that she may see"
    assert (await steward.call("GET", "/api/me")).status_code == 200
    with_duties = await program(sqlite_site, sqlite_site.cast.chen_jing, "read", "staff")
    assert (await with_duties.get("/people")).status_code == 200
    assert (await with_duties.get("/points")).status_code == 200


async def test_the_page_makes_tokens_with_the_scopes_that_were_ticked(sqlite_site: Site):
    for person_id, ticks, scopes in (
        (sqlite_site.cast.zhang_wei, {}, ("read",)),
        (sqlite_site.cast.zhang_wei, {"may_write": "yes"}, ("read", "write")),
        (sqlite_site.cast.chen_jing, {"with_duties": "yes"}, ("read", "staff")),
        (
            sqlite_site.cast.chen_jing,
            {"may_write": "yes", "with_duties": "yes"},
            ("read", "write", "staff"),
        ),
    ):
        browser = await sqlite_site.signed_in(person_id)
        page = await browser.follow(await browser.post("/me/tokens", label="日历", **ticks))
        assert page.status_code == 200
        assert ('name="with_duties"' in page.text) == (person_id == sqlite_site.cast.chen_jing)
        assert (await tokens_of(person_id, clock.now()))[0].scopes == scopes


async def test_a_revoked_token_is_worth_nothing_at_once(sqlite_site: Site):
    him = await program(sqlite_site, sqlite_site.cast.zhang_wei)
    assert (await him.call("GET", "/api/areas")).status_code == 200
    [line] = await tokens_of(sqlite_site.cast.zhang_wei, clock.now())
    await revoke_token(person_id=sqlite_site.cast.zhang_wei, token_id=line.id, now=clock.now())
    answer = await him.call("GET", "/api/areas")
    assert answer.status_code == 401, "also where strangers may look"
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_the_session_of_the_site_opens_it_too(sqlite_site: Site):
    browser = await sqlite_site.signed_in(sqlite_site.cast.zhang_wei)
    mine = await browser.call("GET", "/api/me")
    assert mine.json()["phone"] == "13800000006"
    forged = await browser.client.post(
        "/api/me/preferences", json={"language": "en"}, headers={"idempotency-key": "from-outside"}
    )
    assert forged.status_code == 403
    assert (await person(sqlite_site.cast.zhang_wei)).language == "zh"


async def test_lists_come_in_pages_to_the_end(sqlite_site: Site):
    browser = sqlite_site.browser()
    seen, after = list[int](), ""
    path = f"/api/areas/{sqlite_site.cast.building_1}/children"
    while True:
        page = (await browser.call("GET", f"{path}?limit=1{after}")).json()
        seen += [one["id"] for one in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert seen == [sqlite_site.cast.stairwell_11, sqlite_site.cast.stairwell_12]


async def test_the_description_is_complete(sqlite_site: Site):
    """Every route of the API, no page, and every status that a door can give."""
    told = described(sqlite_site.app)
    told_of = {f"{method.upper()} {path}" for path, at in told["paths"].items() for method in at}
    assert told_of == {route.replace(":int}", "}") for route in ROUTES}
    for path, at in told["paths"].items():
        for method, operation in at.items():
            assert operation["description"], path
            refusals = {code for code in operation["responses"] if code >= "400"}
            assert {"401", "403", "404", "422"} <= refusals
            assert (method == "post") == ("415" in refusals), path
            for code in refusals:
                assert set(operation["responses"][code]["content"]) == {"application/problem+json"}
            if method == "post":
                assert operation["parameters"][-1]["name"] == "Idempotency-Key"
    undocumented = [
        name
        for name, component in told["components"]["schemas"].items()
        if not component.get("description") and not name.endswith(("Page", "Some"))
    ]
    assert undocumented == []
    for name in sent_in_bodies(told):
        assert told["components"]["schemas"][name]["additionalProperties"] is False


async def test_the_description_says_what_lists_hold_and_how_large_a_number_is(sqlite_site: Site):
    objects = described(sqlite_site.app)["components"]["schemas"]
    rows = objects["RollCall"]["properties"]["rows"]
    assert rows["items"] == {"$ref": "#/components/schemas/Came"}
    assert (rows["minItems"], rows["maxItems"]) == (1, 200)
    person_id = objects["Came"]["properties"]["person_id"]
    assert (person_id["minimum"], person_id["maximum"]) == (1, 2**63 - 1)


async def test_bodies_know_all_their_fields(sqlite_site: Site):
    """A field that is misspelt is refused everywhere, rather than left out in silence."""
    bodies = {
        handler.parsed_data_field.annotation
        for route in sqlite_site.app.routes
        if isinstance(route, HTTPRoute) and route.path.startswith("/api/")
        for handler in route.route_handlers
        if handler.parsed_data_field is not None
    }
    assert bodies
    assert [one for one in bodies if not one.__struct_config__.forbid_unknown_fields] == []


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_people_can_read_the_description(sqlite_site: Site, language: str):
    browser = sqlite_site.browser(**{"accept-language": language})
    page = await browser.get("/schema")
    assert page.status_code == 200
    for path in described(sqlite_site.app)["paths"]:
        assert path in page.text
    linked = set(re.findall(r'href="#([^"]+)"', page.text))
    assert linked - set(re.findall(r'id="([^"]+)"', page.text)) == set()
    openapi = await browser.get("/schema/openapi.json")
    assert openapi.json()["openapi"].startswith("3.1")
