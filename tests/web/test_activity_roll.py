"""What whoever runs an activity does: signing up in somebody's name, and calling the roll."""

import re

import pytest

from points.community.reads import proxies_of
from points.service.record_views import my_records
from points.transactions import run
from tests.web.conftest import said
from tests.web.crowded import Crowd, crowd
from tests.web.played import play

pytestmark = pytest.mark.anyio
__all__ = ["crowd", "play"]


async def state_of(activity_id: int) -> str:
    [row] = await run("SELECT state FROM activity WHERE id = {}", activity_id)
    return str(row["state"])


# --- in somebody's name


async def test_a_stairwell_leader_signs_up_one_of_hers_with_a_reason(crowd: Crowd) -> None:
    activity_id = await crowd.proposed()
    here = f"/activities/{activity_id}"
    leader = await crowd.play.browser(crowd.cast.lu_xiuying)
    page = said(await leader.get(f"{here}/neighbours"))
    assert "金秀珍" in page
    assert "赵志强" not in page
    form = {"person_id": crowd.cast.jin_xiuzhen, "reason": "没有手机，托我报名"}
    without = await leader.post(f"{here}/neighbours", **form | {"reason": ""})
    assert without.status_code == 422
    assert (await leader.post(f"{here}/neighbours", **form)).status_code == 303
    [note] = await proxies_of(crowd.cast.jin_xiuzhen)
    assert (note.action, note.reason) == ("sign_up", "没有手机，托我报名")
    assert (await leader.post(f"{here}/neighbours/withdraw", **form)).status_code == 303
    others = form | {"person_id": crowd.cast.zhao_zhiqiang}
    assert (await leader.post(f"{here}/neighbours", **others)).status_code == 403


async def test_a_child_signed_up_by_the_leader_has_her_guardian(crowd: Crowd) -> None:
    activity_id = await crowd.proposed()
    steward = await crowd.play.browser(crowd.cast.chen_jing)
    form = {"person_id": crowd.cast.he_xiaoyu, "reason": "妈妈打电话来"}
    page = await steward.follow(await steward.post(f"/activities/{activity_id}/neighbours", **form))
    assert "监护人：何敏" in said(page)


async def test_neighbours_are_not_for_neighbours(crowd: Crowd) -> None:
    activity_id = await crowd.proposed()
    browser = await crowd.play.browser(crowd.cast.zhang_wei)
    assert (await browser.get(f"/activities/{activity_id}/neighbours")).status_code == 403


# --- the roll


async def test_the_roll_makes_service_of_what_was_served(crowd: Crowd) -> None:
    activity_id = await crowd.confirmed()
    here = f"/activities/{activity_id}"
    organizer = await crowd.play.browser(crowd.cast.wang_fang)
    assert "还没开始" in said(await organizer.get(f"{here}/roll-call"))
    await crowd.over(activity_id)
    assert "活动点名" in said(await organizer.get(here))
    assert "金秀珍" in said(await organizer.get(f"{here}/roll-call"))
    assert "金秀珍" in said(await organizer.get(f"{here}/roll-call/sheet"))
    answer = await organizer.post(
        f"{here}/roll-call",
        person=[crowd.cast.jin_xiuzhen, crowd.cast.zhang_wei],
        attendance=["served", "joined"],
        minutes=["90", "120"],
        other_no="13800000007",
        other_minutes="60",
        reason="我在现场",
    )
    assert "有 2 位出了力" in said(await organizer.follow(answer))
    assert await state_of(activity_id) == "done"
    for person_id, minutes in ((crowd.cast.jin_xiuzhen, 90), (crowd.cast.he_min, 60)):
        [record] = await my_records(person_id=person_id, now=crowd.now)
        assert (record.minutes, record.state) == (minutes, "logged")
    assert await my_records(person_id=crowd.cast.zhang_wei, now=crowd.now) == []


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"minutes": ["90", ""]}, 422),
        ({"minutes": ["0", "1"]}, 422),
        ({"minutes": ["九十", "1"]}, 422),
        ({"minutes": ["90", "9999999"], "attendance": ["served", "served"]}, 422),
        ({"attendance": ["served", "hero"]}, 422),
        ({"attendance": ["served"]}, 422),
        ({"other_no": "AB9999"}, 422),
        ({"other_no": "AB5002", "other_minutes": "-5"}, 422),
    ],
)
async def test_a_line_that_is_wrong_keeps_the_whole_roll_back(
    crowd: Crowd, changes: dict[str, object], status: int
) -> None:
    activity_id = await crowd.confirmed()
    await crowd.over(activity_id)
    organizer = await crowd.play.browser(crowd.cast.wang_fang)
    form: dict[str, object] = {
        "person": [crowd.cast.jin_xiuzhen, crowd.cast.zhang_wei],
        "attendance": ["served", "joined"],
        "minutes": ["90", "120"],
    }
    answer = await organizer.post(f"/activities/{activity_id}/roll-call", **form | changes)
    assert answer.status_code == status
    assert await state_of(activity_id) == "confirmed"
    assert await run("SELECT id FROM service_record WHERE minutes = 90") == []


async def test_a_plain_neighbour_who_proposed_notes_who_came_but_no_hours(crowd: Crowd) -> None:
    activity_id = await crowd.proposed(crowd.cast.he_min, minimum=2)
    await crowd.join(activity_id, crowd.cast.jin_xiuzhen)
    await crowd.join(activity_id, crowd.cast.zhang_wei)
    await crowd.over(activity_id)
    here = f"/activities/{activity_id}/roll-call"
    proposer = await crowd.play.browser(crowd.cast.he_min)
    page = await proposer.get(here)
    assert "served" not in re.findall(r'<option value="(\w+)"', page.text)
    people = [crowd.cast.jin_xiuzhen, crowd.cast.zhang_wei]
    hours = {"person": people, "attendance": ["served", "joined"], "minutes": ["60", "60"]}
    assert (await proposer.post(here, **hours)).status_code == 403
    noted = await proposer.post(here, person=people, attendance=["joined", "absent"])
    assert noted.status_code == 303
    assert await state_of(activity_id) == "done"


async def test_the_roll_is_not_for_everybody(crowd: Crowd) -> None:
    activity_id = await crowd.confirmed()
    await crowd.over(activity_id)
    for person_id in (crowd.cast.zhang_wei, crowd.cast.xu_jing):
        browser = await crowd.play.browser(person_id)
        for path in ("roll-call", "roll-call/sheet"):
            answer = await browser.get(f"/activities/{activity_id}/{path}")
            assert answer.status_code == 403
            assert "金秀珍" not in answer.text
