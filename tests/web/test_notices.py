"""The bell, and the page under it."""

import re
from datetime import UTC, datetime

import pytest

from points.ledger.expiry import expire_due
from points.ledger.statement import statement
from points.notices.post import notify
from points.transactions import run
from tests.points.ledger.scene import SOON, History, Scene
from tests.web.conftest import Browser, Site, said
from web import clock

pytestmark = pytest.mark.anyio


async def tell(person_id: int, title: str = "插花", path: str = "/me") -> None:
    await notify(
        person_ids=[person_id],
        kind="activity_lapsed",
        facts={"title": title, "seats": 4, "minimum": 10},
        path=path,
        now=clock.now(),
    )


async def bell(browser: Browser) -> str:
    """What the bell says to somebody who cannot see it."""
    found = re.search(r'class="bell"[^>]*aria-label="([^"]*)"', (await browser.get("/me")).text)
    return found[1] if found else ""


async def newest(person_id: int) -> int:
    [row] = await run("SELECT MAX(id) AS id FROM notice WHERE person_id = {}", person_id)
    return int(row["id"])


async def test_the_bell_counts_and_the_page_tells_in_both_languages(site: Site) -> None:
    browser = await site.signed_in(site.cast.wang_fang)
    assert await bell(browser) == "通知"
    assert "还没有通知" in said(await browser.get("/notices"))
    await tell(site.cast.wang_fang)
    assert await bell(browser) == "通知，1 条新的"
    assert "“插花”没能成行：10 人成行，只有 4 人报名。" in said(await browser.get("/notices"))
    await run("UPDATE person SET language = 'en' WHERE id = {}", site.cast.wang_fang)
    english = said(await browser.get("/notices"))
    assert "插花 does not take place: 4 of 10 neighbours signed up." in english


async def test_opening_one_reads_it_and_goes_where_it_leads(site: Site) -> None:
    browser = await site.signed_in(site.cast.wang_fang)
    await tell(site.cast.wang_fang, path="/points")
    answer = await browser.post(f"/notices/{await newest(site.cast.wang_fang)}/open")
    assert (answer.status_code, answer.headers["location"]) == (303, "/points")
    assert await bell(browser) == "通知"
    assert "以前的" in said(await browser.get("/notices"))


async def test_all_on_the_page_can_be_read_at_once(site: Site) -> None:
    browser = await site.signed_in(site.cast.wang_fang)
    for title in ("插花", "唱歌"):
        await tell(site.cast.wang_fang, title)
    shown = (await browser.get("/notices")).text
    up_to = re.search(r'name="up_to" value="(\d+)"', shown)
    assert up_to
    await tell(site.cast.wang_fang, "后来的")
    await browser.follow(await browser.post("/notices/read", up_to=up_to[1]))
    assert await bell(browser) == "通知，1 条新的"


async def test_nobody_opens_anothers(site: Site) -> None:
    await tell(site.cast.wang_fang)
    browser = await site.signed_in(site.cast.he_min)
    number = await newest(site.cast.wang_fang)
    assert (await browser.post(f"/notices/{number}/open")).status_code == 404
    assert "插花" not in said(await browser.get("/notices"))


async def test_a_title_from_a_person_is_only_text(site: Site) -> None:
    await tell(site.cast.wang_fang, "<script>alert(1)</script> {seats}")
    browser = await site.signed_in(site.cast.wang_fang)
    shown = (await browser.get("/notices")).text
    assert "<script>alert(1)" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {seats}" in shown


async def test_many_notices_come_page_by_page(site: Site) -> None:
    person_id = site.cast.wang_fang
    for number in range(35):
        await tell(person_id, f"第{number}次")
    await run("UPDATE notice SET read_at = {}", clock.now())
    browser = await site.signed_in(person_id)
    first = await browser.get("/notices")
    assert "第34次" in said(first)
    assert "第4次" not in said(first)
    older = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert older
    assert "第4次" in said(await browser.get(older[1]))


async def test_a_kind_this_version_does_not_know_still_leads_somewhere(site: Site) -> None:
    await tell(site.cast.wang_fang)
    await run("UPDATE notice SET kind = 'long_gone'")
    browser = await site.signed_in(site.cast.wang_fang)
    assert "您有一条新消息" in said(await browser.get("/notices"))


async def test_why_points_expired_shows_each_only_her_own_part(site: Site) -> None:
    scene = Scene(area_id=site.cast.committee, book_id=site.cast.book)
    scene.creator_id, scene.confirmer_id = site.cast.chen_jing, site.cast.li_guoqiang
    [policy] = await run(
        "INSERT INTO policy_version (book_id, number, effective_from, terms, adopted_on, "
        "adopted_by_body, votes_for, votes_against, votes_abstained, recorded_at) "
        "VALUES ({}, 1, {}, '', {}, '会', 9, 1, 0, {}) RETURNING id",
        site.cast.book,
        SOON.replace(day=1),
        SOON,
        clock.now(),
    )
    scene.policy_id = policy["id"]
    for person_id, points in ((site.cast.wang_fang, 5), (site.cast.he_min, 7)):
        await History(scene, person_id).award(points, expires_on=SOON)
    assert await expire_due(datetime(2027, 1, 1, 4, tzinfo=UTC)) == 2
    [line, *_] = await statement(
        book_id=site.cast.book, person_id=site.cast.wang_fang, unit="points"
    )
    hers = said(await (await site.signed_in(site.cast.wang_fang)).get(f"/points/{line.posting_id}"))
    assert "过期了，转入公益池" in hers
    assert "−5" in hers
    assert "−7" not in hers
    others = await (await site.signed_in(site.cast.chen_jing)).get(f"/points/{line.posting_id}")
    assert others.status_code == 404
