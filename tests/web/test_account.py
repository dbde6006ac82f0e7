"""My own pages."""

import json

import pytest

from points.community.access.tokens import tokens_of
from points.community.consents import consents_of
from points.community.profiles import person
from points.transactions import run
from tests.web.conftest import PASSWORD, Site, said
from web import clock

pytestmark = pytest.mark.anyio
PAGES = (
    "/me",
    "/me/preferences",
    "/me/sessions",
    "/me/password",
    "/me/tokens",
    "/me/consents",
    "/me/reads",
    "/me/proxies",
    "/me/data",
)


@pytest.mark.parametrize("accept", ["zh", "en"])
async def test_every_page_of_mine_opens_in_both_languages_and_views(site: Site, accept: str):
    for person_id in (site.cast.zhang_wei, site.cast.jin_xiuzhen, site.cast.chen_jing):
        browser = await site.signed_in(person_id)
        await browser.post("/preferences", language=accept)
        for path in PAGES:
            page = await browser.get(path)
            assert page.status_code == 200, path
            assert f'lang="{"zh-CN" if accept == "zh" else "en"}"' in page.text


async def test_a_preference_stays_with_the_person_and_the_browser(site: Site):
    browser = await site.signed_in(site.cast.zhang_wei)
    answer = await browser.post(
        "/preferences", language="en", elder_mode="yes", text_size="26", next="/me"
    )
    assert answer.headers["location"] == "/me"
    assert (await person(site.cast.zhang_wei)).elder_mode
    await browser.post("/sign-out")
    page = (await browser.get("/sign-in")).text
    assert 'lang="en"' in page
    assert 'data-mode="elder"' in page
    assert 'data-text="26"' in page


async def test_somebody_who_is_not_signed_in_may_choose_too(sqlite_site: Site):
    browser = sqlite_site.browser()
    answer = await browser.post("/preferences", language="en", next="/join")
    assert answer.headers["location"] == "/join"
    assert "Welcome to the neighbourhood" in (await browser.get("/join")).text


async def test_an_unknown_language_is_refused(sqlite_site: Site):
    answer = await sqlite_site.browser().post("/preferences", language="xx")
    assert answer.status_code == 422


async def test_another_device_can_be_signed_out(site: Site):
    here = await site.signed_in(site.cast.zhang_wei)
    there = await site.signed_in(site.cast.zhang_wei)
    rows = await run("SELECT id FROM session ORDER BY id DESC")
    answer = await here.post(f"/me/sessions/{rows[0]['id']}/end")
    assert answer.status_code == 303
    assert (await there.get("/me")).status_code == 303
    assert (await here.get("/me")).status_code == 200


async def test_nobody_ends_the_session_of_another(site: Site):
    mine = await site.signed_in(site.cast.zhang_wei)
    other = await site.signed_in(site.cast.wu_di)
    rows = await run("SELECT id FROM session WHERE person_id = {}", site.cast.zhang_wei)
    assert (await other.post(f"/me/sessions/{rows[0]['id']}/end")).status_code == 404
    assert (await mine.get("/me")).status_code == 200


async def test_all_devices_can_be_signed_out_at_once(site: Site):
    here = await site.signed_in(site.cast.zhang_wei)
    there = await site.signed_in(site.cast.zhang_wei)
    await here.post("/me/sessions/end-all")
    assert (await here.get("/me")).status_code == 303
    assert (await there.get("/me")).status_code == 303


async def test_a_password_is_changed_only_by_who_knows_it(site: Site):
    browser = await site.signed_in(site.cast.zhang_wei)
    new = "五朵云飘过小河边"
    wrong = await browser.post("/me/password", current="something else", password=new)
    assert wrong.status_code == 422
    assert new not in wrong.text
    right = await browser.post("/me/password", current=PASSWORD, password=new)
    assert right.status_code == 303
    assert (await browser.get("/me")).status_code == 200
    kept = await run("SELECT answer, body_hash FROM request")
    assert kept == [], "a form with a password is not kept, not even hashed"


async def test_a_token_is_shown_once_and_reads_until_it_is_revoked(site: Site):
    browser = await site.signed_in(site.cast.zhang_wei)
    answer = await browser.post("/me/tokens", label="日历", days=30)
    page = await browser.follow(answer)
    token = page.text.partition("<code>")[2].partition("</code>")[0]
    assert token.startswith("linli_")
    program = site.browser()
    headers = {"authorization": f"Bearer {token}", "accept": "application/json"}
    assert (await program.client.get("/me/export", headers=headers)).status_code == 200
    changed = await program.client.post("/me/sessions/end-all", headers=headers)
    assert changed.status_code == 403, "it may only read"
    [line] = await tokens_of(site.cast.zhang_wei, clock.now())
    await browser.post(f"/me/tokens/{line.id}/revoke")
    assert (await program.client.get("/me/export", headers=headers)).status_code == 401
    assert token not in str(await run("SELECT answer FROM request"))


async def test_a_token_for_no_days_is_refused_beside_its_field(sqlite_site: Site):
    browser = await sqlite_site.signed_in(sqlite_site.cast.zhang_wei)
    answer = await browser.post("/me/tokens", label="x", days="0")
    assert answer.status_code == 422
    assert 'id="field-days-error"' in answer.text


async def test_a_consent_is_given_and_taken_back(site: Site):
    browser = await site.signed_in(site.cast.zhang_wei)
    form = {"person_id": site.cast.zhang_wei, "purpose": "photos"}
    await browser.post("/me/consents/give", **form)
    [given] = await consents_of(site.cast.zhang_wei)
    assert given.withdrawn_at is None
    await browser.post("/me/consents/withdraw", **form)
    [given] = await consents_of(site.cast.zhang_wei)
    assert given.withdrawn_at is not None
    twice = await browser.post("/me/consents/withdraw", **form)
    assert twice.status_code == 409
    unknown = await browser.post("/me/consents/give", **{**form, "purpose": "\u202e"})
    assert unknown.status_code == 422


async def test_a_guardian_agrees_for_the_child_and_nobody_else_does(site: Site):
    form = {"person_id": site.cast.he_xiaoyu, "purpose": "minor_service"}
    mother = await site.signed_in(site.cast.he_min)
    assert "何小雨" in said(await mother.get("/me/consents"))
    assert (await mother.post("/me/consents/give", **form)).status_code == 303
    neighbour = await site.signed_in(site.cast.zhang_wei)
    assert (await neighbour.post("/me/consents/withdraw", **form)).status_code == 403


async def test_whoever_was_looked_at_can_read_by_whom(site: Site):
    steward = await site.signed_in(site.cast.chen_jing)
    await steward.get(f"/people/{site.cast.zhang_wei}")
    browser = await site.signed_in(site.cast.zhang_wei)
    page = said(await browser.get("/me/reads"))
    assert "陈静" in page


async def test_my_data_is_all_mine_and_only_mine(site: Site):
    steward = await site.signed_in(site.cast.chen_jing)
    await steward.get(f"/people/{site.cast.zhang_wei}")
    browser = await site.signed_in(site.cast.zhang_wei)
    answer = await browser.get("/me/export")
    document = json.loads(answer.text)
    assert answer.headers["content-disposition"].startswith("attachment")
    assert document["person"]["phone"] == "13800000006"
    assert [one["actor_name"] for one in document["who_looked"]] == ["陈静"]
    assert "13800000001" not in answer.text
    assert "password" not in answer.text
    assert "digest" not in answer.text
