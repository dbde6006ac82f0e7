"""A browser for tests: the application on the test's own loop, and people who sign in."""

import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar

from points.community.access.passwords import hash_password, store_password
from points.community.access.sign_in import sign_in
from tests.cast import Cast, cast
from web import clock
from web.app import create_app
from web.security import csrf_token
from web.settings import Settings

PASSWORD = "三棵树下一只猫"
HOME = "http://test.local"


@dataclass(frozen=True, slots=True)
class Site:
    """The running application and who lives in it."""

    app: Litestar
    cast: Cast

    def browser(self, *, home: str = HOME, **headers: str) -> "Browser":
        """A browser with empty pockets."""
        transport = httpx.ASGITransport(app=self.app)  # type: ignore[arg-type]
        return Browser(self.app, httpx.AsyncClient(transport=transport, base_url=home), headers)

    async def signed_in(self, person_id: int) -> "Browser":
        """A browser in which somebody is signed in."""
        await store_password(person_id=person_id, password_hash=await known_hash(), now=clock.now())
        session = await sign_in(
            login=f"V{person_id:08d}", password=PASSWORD, address="", device="", now=clock.now()
        )
        browser = self.browser()
        browser.client.cookies.set("linli", session.token)
        return browser


_hashes: list[str] = []


async def known_hash() -> str:
    """The hash of PASSWORD, made once: a hash is slow on purpose."""
    if not _hashes:
        _hashes.append(await hash_password(PASSWORD))
    return _hashes[0]


class Browser:
    """Sends forms as a page of ours would."""

    def __init__(self, app: Litestar, client: httpx.AsyncClient, headers: dict[str, str]) -> None:
        self.app = app
        self.client = client
        self.headers = {"accept": "text/html", **headers}

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """Open a page."""
        return await self.client.get(path, headers={**self.headers, **headers})

    async def post(self, path: str, **fields: Any) -> httpx.Response:
        """Send a form, with what every form of ours carries unless it is given."""
        form = {"request_id": secrets.token_urlsafe(12), "_csrf_token": await self.token()}
        return await self.client.post(path, data={**form, **fields}, headers=self.headers)

    async def call(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> httpx.Response:
        """Ask the API as a page of ours would: with the session, and the token in a header."""
        sent = {**self.headers, "accept": "application/json", **headers}
        if method == "POST":
            sent.setdefault("idempotency-key", secrets.token_urlsafe(12))
            if "authorization" not in sent:
                sent.setdefault("x-csrftoken", await self.token())
        return await self.client.request(method, path, json=body, headers=sent)

    async def follow(self, response: httpx.Response) -> httpx.Response:
        """Go where a form led."""
        assert response.status_code == 303, (response.status_code, said(response))
        return await self.get(response.headers["location"])

    async def token(self) -> str:
        """A token for the forms of this browser."""
        cookies = {cookie.name: cookie.value for cookie in self.client.cookies.jar}
        session = cookies.get("linli") or cookies.get("linli-visitor")
        if session is None:
            await self.get("/sign-in")
            return await self.token()
        return csrf_token(self.app.state.secret, session)


def said(response: httpx.Response) -> str:
    """What a page says in its main part, without the tags."""
    main = response.text.partition("<main")[2].partition("</main>")[0] or response.text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main)).strip()


_apps: list[Litestar] = []


@asynccontextmanager
async def opened_site(database_url: str, data: Path) -> AsyncIterator[Site]:
    """The application on a database; it is wired once for all tests and opened anew for each."""
    settings = Settings(data=data, database_url=database_url)
    if not _apps:
        _apps.append(create_app(settings))
    app = _apps[0]
    app.state.settings = settings
    async with app.lifespan():
        yield Site(app, await cast())


@pytest.fixture
async def site(database_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    """The application on a fresh neighbourhood, once on each engine."""
    async with opened_site(database_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def sqlite_site(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    """The same on SQLite only, for what does not touch the database."""
    async with opened_site(sqlite_url, tmp_path) as opened:
        yield opened


SignIn = Callable[[int], Awaitable[Browser]]


@pytest.fixture
def signed_in(site: Site) -> SignIn:
    """``await signed_in(person_id)``: a browser in which she is signed in."""
    return site.signed_in
