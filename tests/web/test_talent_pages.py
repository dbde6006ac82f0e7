"""The pages of talents: from the first word of a profile to an activity together."""

import re
from datetime import timedelta

import pytest

from points.notices.reading import notices_of
from points.service.rules import Terms
from points.transactions import run
from talentmap.activities.views import activity
from talentmap.talents.rules import LISTED_LEAST
from tests.points.service.scene import adopt
from tests.talentmap.talents.scene import NOW, ground, listed, lists
from tests.web.conftest import Site, said
from web import clock

pytestmark = pytest.mark.anyio
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
async def place(site: Site) -> Site:
    """张伟 plays the piano for his neighbourhood, with four others in his building."""
    await ground(site.cast)
    await listed(site.cast.stairwell_11, LISTED_LEAST - 1, "neighbourhood", chess="teach")
    await lists(
        site.cast.zhang_wei, "neighbourhood", nickname=f"阿伟{SCRIPT}", now=NOW, piano="teach"
    )
    return site


async def test_a_profile_is_written_shown_and_hidden(place: Site) -> None:
    she = await place.signed_in(place.cast.lu_xiuying)
    assert "谁能看到我" not in said(await she.get("/me/talent"))
    await she.follow(await she.post("/me/talent", nickname="卢阿姨", times="weekday_morning"))
    mine = said(await she.get("/me/talent"))
    assert "只有您自己看得到" in mine
    picker = await she.get("/me/talent/skills?q=tjq")
    assert "太极拳" in said(picker)
    await she.follow(await she.post("/me/talent/skills", code="tai_chi", level="teach", q="tjq"))
    refused = await she.post("/me/talent/visibility", visibility="neighbourhood")
    assert refused.status_code == 403
    shown = await she.post("/me/talent/visibility", visibility="neighbourhood", agrees="yes")
    assert "1号楼" in said(await she.follow(shown))
    neighbour = await place.signed_in(place.cast.he_min)
    found = said(await neighbour.get("/talents?q=taiji"))
    assert "卢阿姨" in found
    assert "卢秀英" not in found
    assert "共 1 位，显示 1 位" in found
    await she.follow(await she.post("/me/talent/hide"))
    assert "卢阿姨" not in said(await neighbour.get("/talents"))


async def test_four_are_told_kindly_that_they_wait(site: Site) -> None:
    await listed(site.cast.stairwell_11, 3, "neighbourhood")
    await lists(site.cast.zhang_wei, "neighbourhood")
    he = await site.signed_in(site.cast.zhang_wei)
    assert "满 5 位邻居上了地图，您就会显示" in said(await he.get("/me/talent"))
    assert "还没有达人" in said(await he.get("/talents"))


async def test_what_was_wrong_is_said_beside_what_was_typed(place: Site) -> None:
    she = await place.signed_in(place.cast.he_min)
    again = await she.post("/me/talent", nickname="何姐 13800000007", about="会做菜")
    assert again.status_code == 422
    assert "联系方式" in said(again)
    assert "会做菜" in again.text
    await she.post("/me/talent", nickname="何姐")
    for fields in ({"code": "magic", "level": "teach"}, {"code": "tea", "level": "master"}):
        assert (await she.post("/me/talent/skills", **fields)).status_code == 422


async def test_a_child_is_offered_nothing_but_herself(place: Site) -> None:
    child = await place.signed_in(place.cast.he_xiaoyu)
    await child.post("/me/talent", nickname="小雨")
    offered = re.findall(r'name="visibility" value="(\w+)"', (await child.get("/me/talent")).text)
    assert offered == ["self"]
    refused = await child.post("/me/talent/visibility", visibility="neighbourhood", agrees="yes")
    assert refused.status_code == 403


async def test_a_name_full_of_script_does_nothing(place: Site) -> None:
    neighbour = await place.signed_in(place.cast.he_min)
    for path in ("/talents", f"/talents/{place.cast.zhang_wei}", "/talents/near"):
        page = await neighbour.get(path)
        assert SCRIPT not in page.text
        assert "&lt;script&gt;" in page.text
        assert "13800000006" not in page.text
        assert "张伟" not in page.text


async def test_filters_stay_in_the_address_and_strange_ones_find_nobody(place: Site) -> None:
    neighbour = await place.signed_in(place.cast.he_min)
    page = await neighbour.get(
        "/talents?q=&skill=piano&skill=chess&match=any&category=&level=teach&area="
    )
    assert "共 5 位，显示 5 位" in said(page)
    assert "/map?skill=piano&amp;skill=chess&amp;level=teach" in page.text
    assert re.search(r'value="piano" checked', page.text)
    for query in ("skill=nonsense", "category=nonsense", "day=never", "q=%00", "level=god"):
        answer = await neighbour.get(f"/talents?{query}")
        assert answer.status_code in (200, 422)
        assert "阿伟" not in answer.text
    many = "&".join(f"skill=s{number}" for number in range(500))
    assert (await neighbour.get(f"/talents?{many}")).status_code == 200
    assert (await neighbour.get("/talents?area=999999")).status_code == 404


async def test_a_stranger_sees_nobody_of_the_neighbourhood(place: Site) -> None:
    stranger = place.browser()
    assert "阿伟" not in (await stranger.get("/talents")).text
    for person_id in (place.cast.zhang_wei, place.cast.he_min, 999_999):
        answer = await stranger.get(f"/talents/{person_id}")
        assert answer.headers["location"].startswith("/sign-in")
    elsewhere = await place.signed_in(place.cast.wu_di)
    assert (await elsewhere.get(f"/talents/{place.cast.zhang_wei}")).status_code == 404


async def test_neighbours_write_to_each_other_without_a_number(place: Site) -> None:
    her, him = place.cast.he_min, place.cast.zhang_wei
    she, he = await place.signed_in(her), await place.signed_in(him)
    form = {"request_id": "one-and-the-same-id", "text": "能教我弹琴吗？"}
    first = await she.post(f"/talents/{him}/write", **form)
    again = await she.post(f"/talents/{him}/write", **form)
    assert again.headers["location"] == first.headers["location"]
    assert len(await run("SELECT id FROM talent_message")) == 1
    refused = await she.post(f"/talents/{him}/write", text="电话 13800000007")
    assert refused.status_code == 422
    path = first.headers["location"]
    assert "何敏" in said(await he.get(path))
    answered = await he.post(f"{path}/answer", text="周六上午可以")
    assert "周六上午可以" in said(await he.follow(answered))
    assert "张伟" not in said(await she.get(path))
    await he.follow(await he.post(f"{path}/report"))
    assert (await she.post(f"/talents/{him}/write", text="再问一下")).status_code == 404


async def test_the_office_recognises_and_it_shows(place: Site) -> None:
    him = place.cast.zhang_wei
    steward = await place.signed_in(place.cast.chen_jing)
    assert "张伟" in said(await steward.get(f"/talents/{him}/recognise"))
    await steward.follow(await steward.post(f"/talents/{him}/recognise", skill_code="piano"))
    neighbour = await place.signed_in(place.cast.he_min)
    assert "居委认证" in said(await neighbour.get(f"/talents/{him}"))
    he = await place.signed_in(him)
    assert "为认证看了您的本领" in said(await he.get("/me/reads"))


async def test_an_activity_is_proposed_with_a_talent_under_her_nickname(place: Site) -> None:
    him = place.cast.zhang_wei
    await lists(him, "neighbourhood", nickname="钢琴阿伟", piano="teach")
    await adopt(place.cast.book, Terms())
    proposer = await place.signed_in(place.cast.he_min)
    page = await proposer.get(f"/activities/new?talent={him}")
    assert "由 钢琴阿伟 带领" in said(page)
    plan = {
        "title": "一起弹琴", "category": "teaching", "activity_class": "interest",
        "area_id": place.cast.committee, "place": "活动室",
        "day": clock.today("Asia/Shanghai") + timedelta(days=30),
        "starts_at": "14:00", "ends_at": "16:00", "minimum": 10, "capacity": 20,
        "led_by_id": him,
    }  # fmt: skip
    shown = await proposer.follow(await proposer.post("/activities", **plan))
    assert "钢琴阿伟" in said(shown)
    assert "张伟" not in said(shown)
    [row] = await run("SELECT id FROM activity")
    view = await activity(row["id"], now=clock.now(), viewer_id=him)
    assert (view.talent_id, view.talent_name) == (him, "钢琴阿伟")
    assert "activity_with_you" in [one.kind for one in await notices_of(person_id=him)]
    # Nobody is named a leader whom the proposer may not see.
    elsewhere = await place.signed_in(place.cast.wu_di)
    assert (await elsewhere.get(f"/activities/new?talent={him}")).status_code == 404


async def test_near_needs_a_place_and_says_so(place: Site) -> None:
    neighbour = await place.signed_in(place.cast.he_min)
    near = said(await neighbour.get("/talents/near?skill=piano"))
    assert "就在这里" in near
    assert "附近还没有这样的达人" in said(await neighbour.get("/talents/near?skill=tea"))
    await run("DELETE FROM place")
    assert "这个地方还没标上地图" in said(await neighbour.get("/talents/near"))
