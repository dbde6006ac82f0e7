"""What every answer carries, and whose forms are taken."""

import pytest

from tests.web.conftest import Site, said
from web.security import (
    CONTENT_SECURITY_POLICY,
    csrf_matches,
    csrf_token,
    sealed,
    unsealed,
)

pytestmark = pytest.mark.anyio
SECRET, OTHER_SECRET = b"a" * 32, b"b" * 32


@pytest.mark.parametrize(
    ("path", "status"),
    [("/sign-in", 200), ("/no-such-page", 404), ("/me", 303), ("/static/linli.css", 200)],
)
async def test_every_answer_carries_the_security_headers(sqlite_site: Site, path: str, status: int):
    answer = await sqlite_site.browser().get(path)
    assert answer.status_code == status
    assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert "strict-transport-security" not in answer.headers


async def test_pages_are_not_kept_by_anybody_and_named_files_for_ever(sqlite_site: Site):
    browser = sqlite_site.browser()
    assert (await browser.get("/sign-in")).headers["cache-control"] == "no-store"
    named = await browser.get("/static/linli.css?v=0123456789ab")
    assert "immutable" in named.headers["cache-control"]
    plain = await browser.get("/static/linli.css")
    assert plain.headers["cache-control"] == "no-cache"
    gone = await browser.get("/static/none.css?v=0123456789ab")
    assert "immutable" not in gone.headers["cache-control"]


async def test_over_https_cookies_belong_to_this_host_alone(sqlite_site: Site):
    browser = sqlite_site.browser(home="https://test.local")
    answer = await browser.get("/sign-in")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-linli-visitor=")
    for word in ("Secure", "HttpOnly", "SameSite=lax", "Path=/"):
        assert word in cookie
    assert "max-age" in answer.headers["strict-transport-security"]


async def test_a_form_without_our_token_changes_nothing(site: Site):
    browser = await site.signed_in(site.cast.zhang_wei)
    for token in ("", "nonsense", "ä", csrf_token(OTHER_SECRET, "x"), "A" * 5000):
        answer = await browser.post("/me/sessions/end-all", _csrf_token=token)
        assert answer.status_code == 403
        assert answer.headers["content-type"].startswith("text/html")
    assert (await browser.get("/me")).status_code == 200


async def test_a_token_of_another_session_is_worth_nothing(site: Site):
    victim = await site.signed_in(site.cast.zhang_wei)
    attacker = await site.signed_in(site.cast.wu_di)
    answer = await victim.post("/me/sessions/end-all", _csrf_token=await attacker.token())
    assert answer.status_code == 403


async def test_a_refused_form_never_sticks(sqlite_site: Site):
    browser = sqlite_site.browser()
    browser.client.cookies.set("linli-visitor", "left over from an older install")
    browser.client.cookies.set("linli-flash", "nonsense")
    assert (await browser.post("/sign-out", _csrf_token="stale")).status_code == 403
    page = await browser.get("/sign-in")
    token = page.text.partition('name="_csrf_token" value="')[2].partition('"')[0]
    assert (await browser.post("/sign-out", _csrf_token=token)).status_code == 303


async def test_the_token_may_come_in_a_header(sqlite_site: Site):
    browser = sqlite_site.browser()
    headers = {"x-csrftoken": await browser.token()}
    answer = await browser.client.post("/sign-out", headers=headers)
    assert answer.status_code == 303


async def test_too_large_a_body_is_refused_in_words(sqlite_site: Site):
    browser = sqlite_site.browser()
    answer = await browser.post("/sign-in", login="x" * 1_100_000, password="x")
    assert answer.status_code == 413
    assert said(answer)
    many = await browser.post("/sign-in", **{f"f{n}": "x" for n in range(3000)})
    assert many.status_code == 422


async def test_programs_are_told_as_a_problem(sqlite_site: Site):
    browser = sqlite_site.browser(accept="application/json")
    unknown = await browser.get("/no-such-page")
    assert unknown.headers["content-type"].startswith("application/problem+json")
    assert unknown.json()["status"] == 404
    closed = await browser.get("/me")
    assert closed.status_code == 401
    assert closed.json()["title"] == "NotSignedIn"


async def test_a_bad_bearer_token_is_told_so_and_needs_no_form_token(sqlite_site: Site):
    browser = sqlite_site.browser(authorization="Bearer nonsense")
    answer = await browser.client.get("/me", headers={"authorization": "Bearer nonsense"})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "path",
    [
        "/people/abc",
        "/people/-1",
        "/people/0",
        "/people/99999999999999999999999999",
        "/people/9223372036854775807",
        "/people/1.5",
        "/people/%00",
        "/people/%ff",
        "/%ff%fe",
        "/me/unknown",
        "/..%2f..%2fetc/passwd",
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/none.css",
    ],
)
async def test_an_address_of_nothing_is_a_page_that_says_so(sqlite_site: Site, path: str):
    browser = await sqlite_site.signed_in(sqlite_site.cast.chen_jing)
    answer = await browser.get(path)
    assert answer.status_code == 404
    assert "陈静" not in answer.text


@pytest.mark.parametrize(
    "query",
    [
        "area=abc",
        "area=99999999999999999999",
        "after=-1",
        "q=%00",
        "q=%ff",
        "area=0",
        "q=" + "x" * 300,
    ],
)
async def test_a_wrong_query_is_said_and_never_breaks(sqlite_site: Site, query: str):
    browser = await sqlite_site.signed_in(sqlite_site.cast.chen_jing)
    assert (await browser.get(f"/people?{query}")).status_code == 422


async def test_the_wrong_method_is_refused(sqlite_site: Site):
    browser = sqlite_site.browser()
    answer = await browser.client.put("/sign-in", headers={"accept": "text/html"})
    assert answer.status_code == 405
    assert "POST" in answer.headers["allow"]


def test_tokens_are_salted_and_bound():
    one, two = csrf_token(SECRET, "session"), csrf_token(SECRET, "session")
    assert one != two
    assert csrf_matches(SECRET, "session", one)
    assert not csrf_matches(SECRET, "other", one)
    assert not csrf_matches(OTHER_SECRET, "session", one)


@pytest.mark.parametrize("damage", ["", "x", "ä", "AAAA", "=" * 7])
def test_what_we_did_not_seal_is_nothing(damage: str):
    assert unsealed(SECRET, "flash", sealed(SECRET, "flash", {"a": 1})) == {"a": 1}
    assert unsealed(SECRET, "once", sealed(SECRET, "flash", {"a": 1})) is None
    assert unsealed(SECRET, "flash", damage) is None
