"""What goes over the wire is packed where that makes it smaller, and streams are left alone."""

import re

import pytest

from tests.web.conftest import Site
from web.static_files import JOINED, STATIC

pytestmark = pytest.mark.anyio
HOME_BYTES_MAX = 60_000


async def packed(site: Site, path: str, accept: str = "gzip") -> tuple[str | None, int]:
    """How an answer is packed, and how many bytes go over the wire."""
    browser = site.browser()
    headers = {"accept": "text/html", "accept-encoding": accept}
    async with browser.client.stream("GET", path, headers=headers) as answer:
        raw = [part async for part in answer.aiter_raw()]
    return answer.headers.get("content-encoding"), sum(len(part) for part in raw)


async def test_pages_and_their_files_are_packed(sqlite_site: Site):
    for path in ("/", "/static/site.css", "/static/vendor/htmx/htmx.min.js", "/map/main.js"):
        how, size = await packed(sqlite_site, path)
        plain, whole = await packed(sqlite_site, path, accept="identity")
        assert (how, plain) == ("gzip", None), path
        assert size < whole, path


async def test_the_home_page_with_all_its_files_stays_within_its_weight(sqlite_site: Site):
    page = await sqlite_site.browser().get("/")
    named = re.findall(r'(?:href|src)="(/static/[^"#]+)', page.text)
    paths = {"/", *named}
    sizes = [(await packed(sqlite_site, path))[1] for path in sorted(paths)]
    assert len(sizes) >= 4
    assert sum(sizes) < HOME_BYTES_MAX


async def test_what_is_packed_already_is_left_alone(sqlite_site: Site):
    browser = await sqlite_site.signed_in(sqlite_site.cast.chen_jing)
    answer = await browser.get("/tables/people.xlsx", **{"accept-encoding": "gzip"})
    assert answer.status_code == 200
    assert "content-encoding" not in answer.headers


async def test_a_file_is_told_from_another_by_its_content(sqlite_site: Site):
    browser = sqlite_site.browser()
    whole = await browser.get("/static/site.css")
    parts = [(STATIC / part).read_bytes() for part in JOINED["site.css"]]
    assert whole.content == b"\n".join(parts)
    etag = whole.headers["etag"]
    known = await browser.get("/static/site.css", **{"if-none-match": etag})
    assert (known.status_code, known.content) == (304, b"")
    assert (await browser.get("/static/linli.css", **{"if-none-match": etag})).status_code == 200
    plain = {"accept-encoding": "identity"}
    told = await browser.client.head("/static/site.css", headers=plain)
    assert (told.status_code, told.content) == (200, b"")
    assert told.headers["content-length"] == str(len(whole.content))
    for name, kind in (("site.css", "text/css"), ("map-page.js", "text/javascript")):
        answer = await browser.get(f"/static/{name}")
        assert answer.headers["content-type"].startswith(kind)


async def test_only_what_a_page_can_show_is_given_away(sqlite_site: Site):
    for name in ("vendor/VENDORED.md", "vendor/pico/LICENSE.md", "", "vendor"):
        assert (await sqlite_site.browser().get(f"/static/{name}")).status_code == 404
