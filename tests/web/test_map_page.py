"""The page of the map and the list beside it: what is asked of whom, and what stands there."""

import json
import re
from datetime import timedelta
from typing import Any

import httpx
import pytest

from talentmap.activities.proposals import propose
from talentmap.places.putting import put_place
from tests.web.conftest import Browser, Site, said
from web import clock
from web.map_ground import KNOWN
from web.security import CONTENT_SECURITY_POLICY, FOR_EVER

pytestmark = pytest.mark.anyio

NASTY = "${alert(1)}</script><img src=x onerror=alert(2)>"


@pytest.fixture
def stranger(sqlite_site: Site) -> Browser:
    return sqlite_site.browser()


async def lay_out(site: Site, *, whole: bool = False) -> None:
    cast, now = site.cast, clock.now()
    points = {cast.building_1: 31.19, cast.building_2: 31.20, cast.other_committee: 31.25}
    if whole:
        points[cast.committee] = 31.195
    for area_id, lat in points.items():
        await put_place(
            actor_id=None, area_id=area_id, lat=lat, lon=121.3, datum="wgs84", now=now
        )  # fmt: skip


async def gather(site: Site, title: str, days: int = 3, category: str = "teaching") -> int:
    cast, now = site.cast, clock.now()
    starts_at = now + timedelta(days=days)
    return await propose(
        actor_id=cast.zhang_wei, area_id=cast.committee, title=title, summary="",
        category=category, activity_class="interest", place="花园", starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2), deadline_at=starts_at, minimum=10, capacity=20,
        risk="", risky=False, insured=False, to_bring="", talent_id=None, now=now,
    )  # fmt: skip


async def test_an_empty_map_says_so_kindly_and_loads_no_map(stranger: Browser) -> None:
    page = await stranger.get("/map")
    assert page.status_code == 200
    assert "地图还是一张白纸" in said(page)
    assert "leaflet" not in page.text
    assert "map-page.js" not in page.text


async def test_each_looks_first_at_her_own_neighbourhood(sqlite_site: Site) -> None:
    await lay_out(sqlite_site)

    async def bounds(browser: Browser) -> list[float]:
        page = await browser.get("/map")
        [found] = re.findall(r'data-bounds="([^"]*)"', page.text)
        return [float(side) for side in found.split(",")]

    cast = sqlite_site.cast
    everything = await bounds(sqlite_site.browser())
    assert (everything[0], everything[2]) == (31.19, 31.25)
    mine = await bounds(await sqlite_site.signed_in(cast.he_min))
    assert (mine[0], mine[2]) == (31.19, 31.20)
    theirs = await bounds(await sqlite_site.signed_in(cast.wu_di))
    assert theirs[0] == theirs[2] == 31.25


def first_of(page: httpx.Response) -> tuple[Any, str] | None:
    """What the map would ask for first, as its script reads it, and at which zooms."""
    found = re.search(r"data-first='([^']*)' data-first-zooms=\"([^\"]*)\"", page.text)
    return (json.loads(found[1]), found[2]) if found else None


async def test_the_page_brings_what_the_map_would_ask_for_first(sqlite_site: Site) -> None:
    await lay_out(sqlite_site, whole=True)
    await gather(sqlite_site, NASTY)
    for browser in (sqlite_site.browser(), await sqlite_site.signed_in(sqlite_site.cast.he_min)):
        page = await browser.get(f"/map?area={sqlite_site.cast.committee}")
        found = first_of(page)
        assert found
        first, zooms = found
        assert [one["title"] for one in first["activities"]] == [NASTY]
        least, most = zooms.split("-")
        for bbox, zoom in (("31.0,121.0,31.3,121.5", least), ("-90,-180,90,180", most)):
            answer = await browser.get(f"/api/map?bbox={bbox}&z={zoom}")
            assert answer.json() == first


async def test_an_answer_that_a_wider_view_would_widen_is_not_brought(sqlite_site: Site) -> None:
    await lay_out(sqlite_site, whole=True)
    await gather(sqlite_site, "拍照小课堂")
    cast = sqlite_site.cast
    browser = sqlite_site.browser()
    assert first_of(await browser.get("/map"))
    assert first_of(await browser.get(f"/map?area={cast.other_committee}")) is None
    assert first_of(await browser.get(f"/map?area={cast.other_committee}&layer=talents"))


async def test_no_script_and_no_style_stands_in_the_page(sqlite_site: Site) -> None:
    await lay_out(sqlite_site)
    page = await sqlite_site.browser().get("/map")
    assert 'id="map_main"' in page.text
    assert re.findall(r"<script(?![^>]*\ssrc=\"/)|<style|\sstyle=|\son[a-z]+=|//", page.text) == []
    assert page.headers["content-security-policy"] == CONTENT_SECURITY_POLICY


async def test_a_host_of_tiles_may_show_pictures_on_the_map_and_nothing_else(
    sqlite_site: Site,
) -> None:
    sqlite_site.app.state.ground = KNOWN["osm"]
    browser = sqlite_site.browser()
    policy = (await browser.get("/map")).headers["content-security-policy"]
    assert "img-src 'self' data: https://tile.openstreetmap.org;" in policy
    assert policy.count("openstreetmap") == 1
    assert (await browser.get("/")).headers["content-security-policy"] == CONTENT_SECURITY_POLICY


async def test_the_script_is_the_same_for_everybody_and_kept(sqlite_site: Site) -> None:
    await lay_out(sqlite_site)
    page = (await sqlite_site.browser().get("/map")).text
    [address] = re.findall(r'src="(/map/main\.js[^"]*)"', page)
    address = address.replace("&amp;", "&")
    first = await sqlite_site.browser().get(address)
    again = await (await sqlite_site.signed_in(sqlite_site.cast.he_min)).get(address)
    assert first.text == again.text
    assert "L.map(" in first.text
    assert first.headers["content-type"].startswith("text/javascript")
    assert first.headers["cache-control"] == FOR_EVER
    assert "set-cookie" not in first.headers
    known = await sqlite_site.browser().get(address, **{"if-none-match": first.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
    english = await sqlite_site.browser().get("/map/main.js?language=en")
    assert english.headers["etag"] != first.headers["etag"]
    assert "Further away" in english.text


async def test_the_list_answers_the_filter_in_the_address(sqlite_site: Site) -> None:
    await lay_out(sqlite_site)
    day = (clock.now() + timedelta(days=3)).date()
    await gather(sqlite_site, "拍照小课堂")
    await gather(sqlite_site, "收拾花园", days=5, category="cleaning")
    browser = await sqlite_site.signed_in(sqlite_site.cast.he_min)
    everything = said(await browser.get("/map"))
    assert "拍照小课堂" in everything
    assert "收拾花园" in everything
    for query in ("q=拍照", "category=teaching", f"day={day.isoformat()}"):
        page = said(await browser.get(f"/map?{query}"))
        assert ("拍照小课堂" in page, "收拾花园" in page) == (True, False), query
    for query in ("layer=talents", "category=craft", "q=xyz"):
        assert "拍照小课堂" not in said(await browser.get(f"/map?{query}")), query


async def test_what_is_looked_for_stands_there_and_can_be_taken_away(sqlite_site: Site) -> None:
    await lay_out(sqlite_site)
    page = await sqlite_site.browser().get(
        "/map?skill=haircut&skill=sewing&match=all&q=%E6%91%84&day="
    )
    assert 'value="haircut" checked' in page.text
    assert 'value="all" checked' in page.text
    assert 'href="/map?skill=sewing&amp;q=%E6%91%84"' in page.text
    assert 'href="/map?skill=haircut&amp;skill=sewing&amp;match=all"' in page.text


async def test_a_wrong_filter_and_an_unknown_place_are_refused_in_words(stranger: Browser) -> None:
    for query in ("skill=flying", "match=some", "layer=homes", "day=soon", "level=king"):
        assert (await stranger.get(f"/map?{query}")).status_code == 422, query
    assert (await stranger.get("/map?area=999999")).status_code == 404
    assert (await stranger.get(f"/map?{'skill=haircut&' * 500}")).status_code == 422


async def test_a_title_that_would_be_a_script_is_a_title(sqlite_site: Site) -> None:
    await lay_out(sqlite_site)
    await gather(sqlite_site, NASTY)
    page = await sqlite_site.browser().get("/map")
    assert "${alert(1)}" in page.text
    assert "<img src=x" not in page.text
