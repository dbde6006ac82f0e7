"""Activities: finding one, planning one, who is written down, and the roll-call."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from points.community.reads import proxies_of, reads_of
from tests.web.conftest import said
from tests.web.played import Play, escaped, play

pytestmark = pytest.mark.anyio
__all__ = ["play"]

NAUGHTY = "${alert(1)}</script>"
ZONE = ZoneInfo("Asia/Shanghai")


def planned(play: Play, **changes: object) -> dict[str, object]:
    """A form that is right."""
    tomorrow = (play.now + timedelta(days=1)).astimezone(ZONE).date()
    return {
        "title": "清洁家园",
        "category": "cleaning",
        "area_id": play.cast.committee,
        "place": "小区花园",
        "day": tomorrow.isoformat(),
        "starts_at": "09:00",
        "ends_at": "11:00",
        "leader_id": play.cast.wang_fang,
    } | changes


# --- the list


async def test_the_list_shows_what_comes_and_what_has_been(play: Play) -> None:
    organizer = await play.browser(play.cast.wang_fang)
    assert "最近还没有安排活动" in said(await organizer.get("/occasions"))
    assert (await organizer.post("/occasions", **planned(play))).status_code == 303
    volunteer = await play.browser(play.cast.zhang_wei)
    upcoming, past = await volunteer.get("/occasions"), await volunteer.get("/occasions?when=past")
    assert "清洁家园" in said(upcoming)
    assert "楼道巡查" not in said(upcoming)
    assert "楼道巡查" in said(past)
    assert "安排活动" not in said(upcoming)


async def test_the_area_is_a_filter_in_the_address(play: Play) -> None:
    await play.occasion_of(play.cast.li_guoqiang, title="二号楼的事", area_id=play.cast.building_2)
    volunteer = await play.browser(play.cast.zhang_wei)
    here = said(await volunteer.get(f"/occasions?when=past&area={play.cast.building_1}"))
    there = said(await volunteer.get(f"/occasions?when=past&area={play.cast.building_2}"))
    assert "二号楼的事" not in here
    assert "二号楼的事" in there


@pytest.mark.parametrize(
    "path",
    [
        "/occasions?area=999999",
        "/occasions?when=never",
        "/occasions?after=999999",
        "/occasions/9999",
    ],
)
async def test_an_address_that_leads_nowhere_says_so(play: Play, path: str) -> None:
    answer = await (await play.browser(play.cast.zhang_wei)).get(path)
    assert answer.status_code in (404, 422)


async def test_the_list_is_paged(play: Play) -> None:
    for number in range(21):
        await play.occasion_of(
            play.cast.li_guoqiang, title=f"活动{number:02}号",
            starts_at=play.started_at - timedelta(hours=number + 1),
        )  # fmt: skip
    volunteer = await play.browser(play.cast.zhang_wei)
    first = await volunteer.get("/occasions?when=past")
    assert "活动20号" not in said(first)
    further = first.text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert "活动20号" in said(await volunteer.get(further))


# --- a new one


async def test_planning_leads_to_the_activity(play: Play) -> None:
    browser = await play.browser(play.cast.wang_fang)
    form = await browser.get("/occasions/new")
    assert "楼道巡查" in form.text
    done = await browser.post("/occasions", **planned(play, title=NAUGHTY))
    page = await browser.follow(done)
    assert "活动已经排好" in said(page)
    assert "${alert(1)}&lt;/script&gt;" in page.text
    assert escaped(page)
    assert "09:00–11:00" in said(page)


async def test_until_before_the_start_means_the_next_morning(play: Play) -> None:
    browser = await play.browser(play.cast.wang_fang)
    night = planned(play, category="night_duty", starts_at="22:00", ends_at="06:00")
    page = said(await browser.follow(await browser.post("/occasions", **night)))
    assert "22:00–" in page
    assert "06:00" in page


async def test_somebody_without_a_role_can_lead_and_is_named_by_her_card(play: Play) -> None:
    browser = await play.browser(play.cast.wang_fang)
    done = await browser.post("/occasions", **planned(play, leader_no="AB5001"))
    assert "金秀珍" in said(await browser.follow(done))
    wrong = await browser.post("/occasions", **planned(play, leader_no="AB9999"))
    assert "没有人用这个" in said(wrong)


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ({"title": "好" * 10_000}, "好" * 10_000),
        ({"title": ""}, "小区花园"),
        ({"category": "nothing"}, "清洁家园"),
        ({"day": "2099-01-01"}, "清洁家园"),
        ({"day": "2001-01-01"}, "清洁家园"),
        ({"day": "9999-12-31", "ends_at": "01:00"}, "清洁家园"),
        ({"day": "0001-01-01"}, "清洁家园"),
        ({"day": "soon"}, "soon"),
        ({"place": "远" * 500}, "远" * 500),
        ({"starts_at": "25:00"}, "25:00"),
    ],
)
async def test_what_cannot_be_planned_is_said_and_the_input_kept(
    play: Play, changes: dict[str, object], kept: str
) -> None:
    browser = await play.browser(play.cast.wang_fang)
    answer = await browser.post("/occasions", **planned(play, **changes))
    assert answer.status_code in (409, 422), said(answer)
    assert kept in answer.text


async def test_planning_needs_a_role_in_that_very_area(play: Play) -> None:
    volunteer = await play.browser(play.cast.zhang_wei)
    assert (await volunteer.get("/occasions/new")).status_code == 403
    assert (await volunteer.post("/occasions", **planned(play))).status_code == 403
    elsewhere = await play.browser(play.cast.xu_jing)
    assert (await elsewhere.post("/occasions", **planned(play))).status_code == 403


async def test_a_form_sent_twice_plans_once(play: Play) -> None:
    browser = await play.browser(play.cast.wang_fang)
    form = planned(play, request_id="the-same-request")
    first, second = [await browser.post("/occasions", **form) for _ in range(2)]
    assert first.headers["location"] == second.headers["location"]


# --- one of them


async def test_names_are_masked_for_neighbours_and_plain_for_staff(play: Play) -> None:
    await play.logged(play.cast.zhang_wei)
    path = f"/occasions/{play.occasion}"
    neighbour = said(await (await play.browser(play.cast.he_min)).get(path))
    assert "张*" in neighbour
    assert "张伟" not in neighbour
    assert "张伟" in said(await (await play.browser(play.cast.wang_fang)).get(path))
    elsewhere = said(await (await play.browser(play.cast.wu_di)).get(path))
    assert "张*" not in elsewhere
    assert "登记我的服务" not in elsewhere


async def test_it_is_cancelled_only_while_nobody_is_written_down(play: Play) -> None:
    browser = await play.browser(play.cast.li_guoqiang)
    path = f"/occasions/{play.occasion}"
    await play.logged(play.cast.zhang_wei)
    assert "取消这项活动" not in said(await browser.get(path))
    assert (await browser.post(f"{path}/cancel")).status_code == 409
    other = await play.occasion_of(play.cast.wang_fang)
    volunteer = await play.browser(play.cast.zhang_wei)
    assert (await volunteer.post(f"/occasions/{other}/cancel")).status_code == 403
    page = said(await browser.follow(await browser.post(f"/occasions/{other}/cancel")))
    assert "活动已取消" in page
    assert "登记我的服务" not in page


# --- the roll-call


def ticked(play: Play, *people: int, **changes: object) -> dict[str, object]:
    """A roll on which these people came for two hours."""
    everybody = [play.cast.zhang_wei, play.cast.jin_xiuzhen]
    return {
        "person": everybody,
        "minutes": ["120"] * len(everybody),
        "came": list(people),
        "reason": "签到表上有签名",
    } | changes


async def test_the_roll_lists_the_stairwell_of_its_leader_and_writes_down_who_came(
    play: Play,
) -> None:
    browser = await play.browser(play.cast.lu_xiuying)
    path = f"/occasions/{play.occasion}/roll-call"
    roll = said(await browser.get(path))
    assert "张伟" in roll
    assert "何敏" not in roll
    done = await browser.post(path, **ticked(play, play.cast.jin_xiuzhen))
    page = said(await browser.follow(done))
    assert "登记了 1 位" in page
    assert "金*珍" in page or "金秀珍" in page
    assert "已登记" in said(await browser.get(path))
    [proxy] = await proxies_of(play.cast.jin_xiuzhen)
    assert proxy.reason == "签到表上有签名"
    assert [read.what for read in await reads_of(play.cast.zhang_wei)] == ["list", "list"]


async def test_a_name_is_found_among_all(play: Play) -> None:
    browser = await play.browser(play.cast.wang_fang)
    path = f"/occasions/{play.occasion}/roll-call"
    found = said(await browser.get(f"{path}?area={play.cast.committee}&q=何"))
    assert "何敏" in found
    assert "张伟" not in found
    assert "没有找到人" in said(await browser.get(f"{path}?q=没有这个人"))


@pytest.mark.parametrize(
    "changes",
    [
        {"minutes": ["1500", "120"]},
        {"minutes": ["", "120"]},
        {"minutes": ["两小时", "120"]},
        {"minutes": ["120"]},
        {"minutes": ["600", "120"]},
        {"came": []},
        {"reason": ""},
        {"reason": "因" * 10_000},
    ],
)
async def test_a_wrong_line_keeps_everything_on_the_page(
    play: Play, changes: dict[str, object]
) -> None:
    browser = await play.browser(play.cast.lu_xiuying)
    path = f"/occasions/{play.occasion}/roll-call"
    answer = await browser.post(path, **ticked(play, play.cast.zhang_wei, **changes))
    assert answer.status_code in (409, 422), said(answer)
    if changes.get("came") != []:
        assert f'name="came" value="{play.cast.zhang_wei}"' in answer.text
        assert 'aria-label="张伟" checked' in answer.text
    for typed in changes.get("minutes", ()):  # type: ignore[attr-defined]
        assert f'value="{typed}"' in answer.text
    assert "还没有人登记" in said(await browser.get(f"/occasions/{play.occasion}"))


async def test_a_stairwell_leader_enters_nobody_of_another_stairwell(play: Play) -> None:
    browser = await play.browser(play.cast.lu_xiuying)
    path = f"/occasions/{play.occasion}/roll-call"
    form = ticked(play, play.cast.he_min, person=[play.cast.he_min], minutes=["120"])
    assert (await browser.post(path, **form)).status_code == 422
    assert (await browser.get(f"{path}?area={play.cast.stairwell_12}")).status_code == 403


async def test_the_roll_is_closed_to_others(play: Play) -> None:
    path = f"/occasions/{play.occasion}/roll-call"
    volunteer = await play.browser(play.cast.zhang_wei)
    assert (await volunteer.get(path)).status_code == 403
    assert (await volunteer.post(path, **ticked(play, play.cast.zhang_wei))).status_code == 403
    elsewhere = await play.browser(play.cast.xu_jing)
    assert (await elsewhere.post(path, **ticked(play, play.cast.zhang_wei))).status_code == 403


async def test_the_sheet_has_empty_lines_and_names_only_for_staff(play: Play) -> None:
    path = f"/occasions/{play.occasion}/roll-call/sheet"
    volunteer = await play.browser(play.cast.zhang_wei)
    sheet = await volunteer.get(path)
    assert "带队人签名" in said(sheet)
    assert "金秀珍" not in said(sheet)
    area = f"{path}?area={play.cast.stairwell_11}"
    assert (await volunteer.get(area)).status_code == 403
    assert "金秀珍" in said(await (await play.browser(play.cast.lu_xiuying)).get(area))


async def test_the_pages_speak_english_too(play: Play) -> None:
    browser = await play.browser(play.cast.wang_fang, "en")
    assert "What has been" in said(await browser.get("/occasions"))
    assert "Take the roll-call" in said(await browser.get(f"/occasions/{play.occasion}"))
    assert "Tick who came" in said(await browser.get(f"/occasions/{play.occasion}/roll-call"))
    assert "Plan an activity" in said(await browser.get("/occasions/new"))


async def test_strangers_are_asked_to_sign_in(play: Play) -> None:
    stranger = play.site.browser()
    for path in ("/occasions", "/occasions/new", f"/occasions/{play.occasion}"):
        assert (await stranger.get(path)).headers["location"].startswith("/sign-in")
