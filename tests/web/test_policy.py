"""How points work here, for everybody to read and for stewards to record anew."""

import pytest

from points.imports.columns import count_known, recognise
from points.imports.sheets import read_sheet
from points.service.policy import policies_of
from tests.web.access_pages import POLICY
from tests.web.conftest import said
from tests.web.played import Play, play

pytestmark = pytest.mark.anyio
__all__ = ["play"]


async def test_every_resident_reads_what_an_hour_earns_and_who_decided_it(play: Play) -> None:
    browser = await play.browser(play.cast.zhang_wei)
    page = said(await browser.get("/policy"))
    assert "积分怎么算" in page
    assert "居民会议" in page
    assert "登记新的积分细则" not in page


async def test_a_steward_records_a_new_policy_and_the_old_one_stays_in_force(play: Play) -> None:
    browser = await play.browser(play.cast.chen_jing)
    page = said(await browser.follow(await browser.post("/policy", **POLICY)))
    assert "2099" in page
    assert "30 / 1 / 2" in page


@pytest.mark.parametrize(
    ("expiry", "shown"),
    [
        ({"expiry": "months", "expiry_months": 18}, (1, 18)),
        ({"expiry": "year"}, (0, None)),
        ({"expiry": "never"}, (None, None)),
        ({}, (1, None)),
    ],
)
async def test_a_policy_says_when_points_end(play: Play, expiry, shown) -> None:
    browser = await play.browser(play.cast.chen_jing)
    assert (await browser.post("/policy", **{**POLICY, **expiry})).status_code == 303
    terms = (await policies_of(play.cast.book)).versions[-1].terms
    assert (terms.expires_after_years, terms.expires_after_months) == shown


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("effective_from", "2026-01-15"),
        ("effective_from", "2020-01-01"),
        ("effective_from", "tomorrow"),
        ("points_per_hour", 0),
        ("day_cap_points", 5000),
        ("votes_for", 0),
        ("votes_for", -1),
        ("adopted_by_body", ""),
        ("adopted_by_body", "会" * 10_000),
    ],
)
async def test_a_wrong_policy_is_shown_again_with_the_reason(play: Play, field, value) -> None:
    browser = await play.browser(play.cast.chen_jing)
    answer = await browser.post("/policy", **{**POLICY, field: value})
    assert answer.status_code in (409, 422)
    assert "居民会议" in said(answer)
    assert "2099" not in said(await browser.get("/policy"))


@pytest.mark.parametrize("kind", ["people", "service"])
@pytest.mark.parametrize("form", ["xlsx", "csv"])
async def test_the_tables_to_fill_in_are_understood_by_the_import(play, kind, form) -> None:
    browser = await play.browser(play.cast.chen_jing)
    answer = await browser.get(f"/tables/{kind}.{form}")
    assert answer.status_code == 200
    assert f"linli-{kind}.{form}" in answer.headers["content-disposition"]
    sheet = read_sheet(
        name=f"linli-{kind}.{form}",
        content=answer.content,
        known_headers=lambda header: count_known(header, kind),
    )
    columns = recognise(sheet.header, kind)
    assert not columns.missing
    assert not columns.unknown
