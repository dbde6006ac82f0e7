"""Proposing an activity, the same again, and calling it off."""

from datetime import timedelta

import httpx
import pytest

from points.transactions import run
from talentmap.activities.views import activity
from tests.web.conftest import said
from tests.web.crowded import ZONE, Crowd, crowd
from tests.web.played import escaped, play

pytestmark = pytest.mark.anyio
__all__ = ["crowd", "play"]

NAUGHTY = "${alert(1)}</script>"


def planned(crowd: Crowd, **changes: object) -> dict[str, object]:
    """A form that is right."""
    day = (crowd.now + timedelta(days=5)).astimezone(ZONE).date()
    return {
        "title": "香囊制作",
        "summary": "一起缝香囊",
        "category": "culture_event",
        "activity_class": "interest",
        "area_id": crowd.cast.committee,
        "place": "活动室",
        "day": day.isoformat(),
        "starts_at": "14:00",
        "ends_at": "16:00",
        "minimum": 10,
        "capacity": 20,
    } | changes


async def number_of(answer: httpx.Response) -> int:
    assert answer.status_code == 303, said(answer)
    return int(answer.headers["location"].rpartition("/")[2])


async def test_any_neighbour_proposes_and_it_gathers(crowd: Crowd) -> None:
    browser = await crowd.play.browser(crowd.cast.he_min)
    assert (await browser.get("/activities/new")).status_code == 200
    answer = await browser.post("/activities", **planned(crowd, title=NAUGHTY))
    page = await browser.follow(answer)
    assert escaped(page)
    assert "发起好了" in said(page)
    assert "0 / 10 人" in said(page)
    assert f"/activities/{await number_of(answer)}" in page.text


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"minimum": 30}, "capacity", "名额至少要有成行的 30 人"),
        ({"minimum": 1}, "minimum", "成行人数最少"),
        ({"capacity": "很多"}, "capacity", "整数"),
        ({"day": "2020-01-01"}, "starts_at", "开始时间要在以后"),
        ({"deadline_at": "2020-01-01"}, "deadline_at", "报名截止时间要在以后"),
        ({"deadline_at": "2199-01-01"}, "deadline_at", "也不能晚于活动开始"),
        ({"day": "9999-12-31"}, "day", "本世纪"),
        ({"title": ""}, "title", "请填"),
        ({"title": "好" * 500}, "title", "太长"),
        ({"category": "nonsense"}, "category", ""),
        ({"activity_class": "war"}, "activity_class", ""),
        ({"risky": "yes"}, "risk", "请写明有什么风险"),
        ({"risky": "yes", "risk": "登高"}, "insured", "保险"),
        ({"leader_no": "AB9999"}, "leader_no", "没有人用这个"),
    ],
)
async def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(
    crowd: Crowd, changes: dict[str, object], field: str, words: str
) -> None:
    browser = await crowd.play.browser(crowd.cast.he_min)
    answer = await browser.post("/activities", **planned(crowd, **changes))
    assert answer.status_code == 422
    assert f'id="field-{field}-error"' in answer.text
    assert words in said(answer)
    assert "一起缝香囊" in answer.text
    assert await run("SELECT id FROM activity") == []


async def test_nobody_proposes_for_another_neighbourhood_and_no_child_proposes(
    crowd: Crowd,
) -> None:
    stranger = await crowd.play.browser(crowd.cast.xu_jing)
    assert (await stranger.post("/activities", **planned(crowd))).status_code == 403
    child = await crowd.program_of(crowd.cast.he_xiaoyu)
    form = planned(crowd) | {"request_id": "child-proposes"}
    answer = await child.client.post("/activities", data=form, headers=child.headers)
    assert answer.status_code == 403


async def test_a_leader_is_named_by_card_but_numbers_cannot_be_counted_through(
    crowd: Crowd,
) -> None:
    resident = await crowd.play.browser(crowd.cast.he_min)
    named = await resident.post("/activities", **planned(crowd, leader_no="AB5001"))
    assert "金秀珍" in said(await resident.follow(named))
    number = f"V{crowd.cast.lu_xiuying:08d}"
    assert (
        await resident.post("/activities", **planned(crowd, leader_no=number))
    ).status_code == 422
    organizer = await crowd.play.browser(crowd.cast.wang_fang)
    named = await organizer.post("/activities", **planned(crowd, leader_no=number))
    assert "卢秀英" in said(await organizer.follow(named))


async def test_the_same_again_fills_the_form(crowd: Crowd) -> None:
    activity_id = await crowd.proposed(talent_id=crowd.cast.lu_xiuying)
    browser = await crowd.play.browser(crowd.cast.he_min)
    form = await browser.get(f"/activities/new?again={activity_id}")
    assert "手机摄影" in form.text
    assert "还是由卢秀英带" in said(form)
    again = planned(crowd, copied_from_id=activity_id, same_leader="yes")
    copied = await number_of(await browser.post("/activities", **again))
    view = await activity(copied, now=crowd.now)
    assert (view.copied_from_id, view.talent_id) == (activity_id, crowd.cast.lu_xiuying)


# --- calling off


async def test_whoever_proposed_calls_it_off_with_a_reason(crowd: Crowd) -> None:
    activity_id = await crowd.confirmed()
    here = f"/activities/{activity_id}"
    stranger = await crowd.play.browser(crowd.cast.zhang_wei)
    assert "取消活动" not in said(await stranger.get(here))
    assert (await stranger.post(f"{here}/cancel", reason="不想办")).status_code == 403
    organizer = await crowd.play.browser(crowd.cast.wang_fang)
    assert (await organizer.post(f"{here}/cancel", reason="")).status_code == 422
    page = said(await organizer.follow(await organizer.post(f"{here}/cancel", reason="下大雨")))
    assert "活动取消了：下大雨" in page
    assert (await organizer.post(f"{here}/cancel", reason="又下雨")).status_code == 409
    assert "手机摄影" in said(await organizer.get("/activities?when=past"))
    told = await run("SELECT person_id FROM notice WHERE kind = 'activity_cancelled'")
    people = {row["person_id"] for row in told}
    assert people == {crowd.cast.jin_xiuzhen, crowd.cast.zhang_wei}
