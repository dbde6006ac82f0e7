"""Coming in and going out."""

import httpx
import pytest

from points.community.access.passwords import store_password
from tests.web.conftest import PASSWORD, Browser, Site, known_hash, said
from web import clock

pytestmark = pytest.mark.anyio


async def entered(browser: Browser, login: str, password: str = PASSWORD) -> httpx.Response:
    return await browser.post("/sign-in", login=login, password=password)


@pytest.fixture
async def known(site: Site) -> Site:
    """Zhang Wei has a password."""
    await store_password(
        person_id=site.cast.zhang_wei, password_hash=await known_hash(), now=clock.now()
    )
    return site


async def test_a_phone_number_and_password_open_a_session(known: Site):
    browser = known.browser()
    answer = await entered(browser, "138 0000 0006")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/"
    page = await browser.get("/me")
    assert page.status_code == 200
    assert "张伟" in said(page)
    assert "13800000006" in said(page)
