"""A guardian writes down what her child did, and sees how it stands."""

import pytest

from points.service.record_views import my_records
from tests.web.conftest import said
from tests.web.played import Play, play

pytestmark = pytest.mark.anyio
__all__ = ["play"]


def form(play: Play, person_id: int) -> dict[str, object]:
    begun = play.local(play.started_at)
    return {
        "occasion_id": play.occasion,
        "person_id": person_id,
        "day": begun.date().isoformat(),
        "started_at": begun.strftime("%H:%M"),
        "hours": 1,
        "minutes": 0,
    }


async def test_a_guardian_agrees_and_logs_for_her_child(play: Play):
    child, mother = play.cast.he_xiaoyu, await play.browser(play.cast.he_min)
    assert "何小雨" in said(await mother.get("/service"))
    assert "替何小雨登记服务" in said(await mother.get(f"/service?person={child}"))
    chosen = await mother.get(f"/service/new?person={child}")
    assert f"occasion={play.occasion}&amp;person={child}" in chosen.text
    path = f"/service/new?occasion={play.occasion}&person={child}"
    assert "何小雨做了什么？" in said(await mother.get(path))
    early = await mother.post("/service", **form(play, child))
    assert early.status_code == 403
    assert "监护人" in said(early)
    agreed = await mother.post("/me/consents/give", person_id=child, purpose="minor_service")
    assert agreed.status_code == 303
    done = await mother.post("/service", **form(play, child))
    assert done.headers["location"] == f"/service?person={child}"
    assert "楼道巡查" in said(await mother.follow(done))
    assert "楼道巡查" not in said(await mother.get("/service"))
    [record] = await my_records(person_id=child, now=play.now)
    assert (record.person_id, record.logged_by) == (child, play.cast.he_min)
    assert (await mother.post(f"/service/{record.id}/withdraw")).status_code == 303


async def test_who_answers_for_nobody_sees_only_her_own(play: Play):
    child, stranger = play.cast.he_xiaoyu, await play.browser(play.cast.zhang_wei)
    assert "替" not in said(await stranger.get("/service"))
    for path in ("/service", "/service/new"):
        assert (await stranger.get(f"{path}?person={child}")).status_code == 403
    assert (await stranger.post("/service", **form(play, child))).status_code == 403
    assert await my_records(person_id=child, now=play.now) == []
