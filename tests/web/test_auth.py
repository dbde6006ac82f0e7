"""Coming in and going out."""

import httpx
import pytest

from points.community.access.codes import approve_reset, codes_waiting, issue_reset
from points.community.access.passwords import store_password
from points.transactions import run
from tests.web.conftest import PASSWORD, Browser, Site, known_hash, said
from web import clock

pytestmark = pytest.mark.anyio
OTHER = "四只麻雀一起唱歌"


async def entered(browser: Browser, login: str, password: str = PASSWORD, **more: str):
    return await browser.post("/sign-in", login=login, password=password, **more)


@pytest.fixture
async def known(site: Site) -> Site:
    """张伟 and 金秀珍 have passwords."""
    for person_id in (site.cast.zhang_wei, site.cast.jin_xiuzhen):
        await store_password(person_id=person_id, password_hash=await known_hash(), now=clock.now())
    return site


async def test_a_phone_number_and_password_open_a_session(known: Site):
    browser = known.browser()
    answer = await entered(browser, "138 0000 0006")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    page = await browser.get("/me")
    assert page.status_code == 200
    assert "张伟" in said(page)
    assert "13800000006" in said(page)


async def test_a_card_number_opens_a_session_in_the_larger_view_its_owner_chose(known: Site):
    browser = known.browser()
    assert (await entered(browser, "ab5001")).status_code == 303
    assert 'data-mode="elder"' in (await browser.get("/me")).text


async def test_wrong_passwords_and_unknown_numbers_get_the_same_answer(known: Site):
    wrong = await entered(known.browser(), "13800000006", OTHER)
    unknown = await entered(known.browser(), "13912345678", OTHER)
    assert wrong.status_code == unknown.status_code == 422
    assert said(wrong) == said(unknown)
    assert OTHER not in wrong.text
    assert "13800000006" in wrong.text, "what was typed stays, except the password"


async def test_guessing_is_slowed_down_and_said(known: Site):
    browser = known.browser()
    answers = [await entered(browser, "13800000006", f"{OTHER}{turn}") for turn in range(8)]
    assert answers[-1].status_code == 429
    assert (await entered(browser, "13800000006")).status_code == 429, "nor with the right one"


async def test_a_sign_in_makes_a_new_token_whatever_the_browser_carried(known: Site):
    browser = known.browser()
    browser.client.cookies.set("linli", "chosen-by-an-attacker")
    await entered(browser, "13800000006")
    attacker = known.browser()
    attacker.client.cookies.set("linli", "chosen-by-an-attacker")
    assert (await attacker.get("/me")).status_code == 303


async def test_nobody_leaves_a_session_row_by_looking(sqlite_site: Site):
    browser = sqlite_site.browser()
    for path in ("/sign-in", "/join", "/no-such-page"):
        await browser.get(path)
    assert await run("SELECT id FROM session") == []


@pytest.mark.parametrize(
    ("target", "led_to"),
    [
        ("/me/sessions", "/me/sessions"),
        ("//evil.test/", "/"),
        ("https://evil.test/", "/"),
        ("/\\evil.test", "/"),
        ("/a\r\nset-cookie: x=1", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
async def test_after_signing_in_one_goes_on_only_within_the_site(
    sqlite_site: Site, target: str, led_to: str
):
    person_id = sqlite_site.cast.zhang_wei
    await store_password(person_id=person_id, password_hash=await known_hash(), now=clock.now())
    answer = await entered(sqlite_site.browser(), "13800000006", next=target)
    assert answer.headers["location"] == led_to


async def test_a_page_for_people_signed_in_leads_to_the_sign_in_and_back(sqlite_site: Site):
    answer = await sqlite_site.browser().get("/me/sessions")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=/me/sessions"


async def test_signing_out_ends_the_session_on_the_server_too(known: Site):
    browser = await known.signed_in(known.cast.zhang_wei)
    copied = known.browser()
    copied.client.cookies.update(browser.client.cookies)
    assert (await browser.post("/sign-out")).status_code == 303
    assert (await copied.get("/me")).status_code == 303


async def test_signing_out_without_a_session_is_no_error(sqlite_site: Site):
    assert (await sqlite_site.browser().post("/sign-out")).status_code == 303


async def test_a_code_from_paper_lets_somebody_in_once(site: Site):
    steward = await site.signed_in(site.cast.chen_jing)
    page = await steward.follow(await steward.post(f"/people/{site.cast.he_min}/invitation"))
    code = printed_code(page)
    newcomer = site.browser()
    assert code in (await newcomer.get(f"/join?code={code}")).text
    answer = await newcomer.post("/join", code=code, password=OTHER)
    assert "何敏" in said(await newcomer.get("/me"))
    assert answer.status_code == 303
    again = await site.browser().post("/join", code=code, password=PASSWORD)
    assert again.status_code == 409
    assert (await entered(site.browser(), "13800000007", OTHER)).status_code == 303


async def test_a_weak_password_is_refused_and_the_code_stays_good(site: Site):
    steward = await site.signed_in(site.cast.chen_jing)
    page = await steward.follow(await steward.post(f"/people/{site.cast.he_min}/invitation"))
    code = printed_code(page)
    newcomer = site.browser()
    for weak in ("short", "12345678", "13800000007"):
        answer = await newcomer.post("/join", code=code, password=weak)
        assert answer.status_code == 422
        assert code in answer.text
    assert (await newcomer.post("/join", code=code, password=OTHER)).status_code == 303


async def test_a_reset_needs_two_people_and_ends_every_session(known: Site):
    cast, now = known.cast, clock.now()
    lost = await known.signed_in(cast.zhang_wei)
    code = await issue_reset(actor_id=cast.chen_jing, person_id=cast.zhang_wei, now=now)
    early = await known.browser().post("/reset", code=code, password=OTHER)
    assert early.status_code == 409
    today = clock.today("Asia/Shanghai")
    [waiting] = await codes_waiting(actor_id=cast.li_guoqiang, today=today, now=now)
    await approve_reset(actor_id=cast.li_guoqiang, code_id=waiting.code_id, now=now)
    back = known.browser()
    assert (await back.post("/reset", code=code, password=OTHER)).status_code == 303
    assert (await lost.get("/me")).status_code == 303
    assert (await back.get("/me")).status_code == 200


def printed_code(page: httpx.Response) -> str:
    """The code on the sheet of an invitation: the second fact on the card."""
    return page.text.split("<dd>")[2].partition("</dd>")[0]
