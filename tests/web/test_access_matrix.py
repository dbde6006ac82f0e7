"""Every route with every role lets in whom the matrix says, and nobody else."""

from collections.abc import Mapping

import httpx
import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from tests.web.access_entry import ALL, ROLES, Entry, filled
from tests.web.access_matrix import MATRIX, furnish
from tests.web.conftest import PASSWORD, Browser, Site, known_hash

pytestmark = pytest.mark.anyio
MADE_BY_LITESTAR = {"OPTIONS"}


def routes_of(app: Litestar) -> set[str]:
    return {
        f"{method} {route.path}"
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        for method in handler.http_methods
        if method not in MADE_BY_LITESTAR
    }


def outcome(response: httpx.Response, entry: Entry, role: str) -> str:
    """in: it was answered or judged; door: led to the sign-in; no: refused; broken: a bug."""
    if response.status_code in {403, 404}:
        return "no"
    if response.status_code == 401:
        return "door"
    if response.status_code == 303 and response.headers["location"].startswith("/sign-in"):
        return "in" if entry.ends_session and role != "anonymous" else "door"
    return "in" if response.status_code < 500 else "broken"


async def sent(
    browser: Browser, route: str, entry: Entry, numbers: Mapping[str, object]
) -> httpx.Response:
    method, path = route.split(" ", 1)
    path = path.replace(":int}", "}").replace(":path}", "}").replace(":str}", "}").format(**numbers)
    if path.startswith("/api/"):
        return await browser.call(method, path + entry.query, filled(entry.form, numbers))
    if method == "POST":
        form = {name: str(value).format(**numbers) for name, value in entry.form.items()}
        return await browser.post(path, **form)
    return await browser.client.request(method, path, headers=browser.headers)


async def test_the_matrix_knows_every_route_and_no_other(sqlite_site: Site):
    assert routes_of(sqlite_site.app) == set(MATRIX)


@pytest.mark.parametrize("role", sorted(ALL))
async def test_each_role_gets_in_exactly_where_it_may(site: Site, role: str):
    numbers = await furnish(
        site.cast,
        password=PASSWORD,
        password_hash=await known_hash(),
        data=site.app.state.settings.data,
    )

    async def browser() -> Browser:
        if role == "anonymous":
            return site.browser()
        return await site.signed_in(getattr(site.cast, ROLES[role]))

    wrong, asking = [], await browser()
    for route, entry in MATRIX.items():
        found = outcome(await sent(asking, route, entry, numbers), entry, role)
        expected = "in" if role in entry.may else "door" if role == "anonymous" else "no"
        if found != expected:
            wrong.append(f"{route}: {found}, not {expected}")
        if entry.ends_session:
            asking = await browser()
    assert not wrong
