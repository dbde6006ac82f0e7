"""Talents for programs: found as far as one may see them, a profile of one's own, messages."""

from typing import Any

import pytest

from points.community.reads import reads_of
from points.service.rules import Terms
from points.transactions import run
from talentmap.talents.relay import FIRST_A_DAY
from talentmap.talents.rules import LISTED_LEAST
from talentmap.talents.taxonomy import SKILL_BY_CODE
from talentmap.talents.times import DAYS, TIMES
from tests.points.service.scene import adopt
from tests.talentmap.talents.scene import NOW, ground, listed, lists
from tests.web.conftest import Browser, Site
from tests.web.test_api import program
from web.api.talents import Free

pytestmark = pytest.mark.anyio


@pytest.fixture
async def place(sqlite_site: Site) -> Site:
    """Eight play chess for everybody; 张伟 and four more play the piano for the neighbourhood."""
    cast = sqlite_site.cast
    await ground(cast)
    await listed(cast.stairwell_12, LISTED_LEAST + 3, chess="teach")
    await listed(cast.stairwell_11, LISTED_LEAST - 1, "neighbourhood", piano="interest")
    await lists(
        cast.zhang_wei, "neighbourhood", nickname="阿伟", times=("weekend_morning",), now=NOW,
        piano="certified", tea="teach",
    )  # fmt: skip
    return sqlite_site


async def asked(browser: Browser, path: str) -> Any:
    answer = await browser.call("GET", path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def numbers(browser: Browser, query: str) -> list[int]:
    """Who is found, page by page, each page saying how many there are in all."""
    found, after, totals = list[int](), "", set[int]()
    while True:
        told = await asked(browser, f"/api/talents?limit=3&{query}{after}")
        found += [one["person_id"] for one in told["items"]]
        totals.add(told["total"])
        if told["next"] is None:
            assert totals == {len(found)}
            return found
        after = f"&after={told['next']}"


async def test_pages_hold_each_talent_once_and_only_what_she_shows(place: Site):
    stranger = place.browser()
    seen = await numbers(stranger, "")
    assert seen == sorted(set(seen))
    assert len(seen) == LISTED_LEAST + 3
    neighbour = await place.signed_in(place.cast.he_min)
    assert len(await numbers(neighbour, "")) == 2 * LISTED_LEAST + 3
    [card] = (await asked(neighbour, "/api/talents?q=阿伟"))["items"]
    assert card == {
        "person_id": place.cast.zhang_wei,
        "nickname": "阿伟",
        "about": "",
        "times": ["weekend_morning"],
        "skills": [
            {"code": "piano", "level": "certified", "recognised": False},
            {"code": "tea", "level": "teach", "recognised": False},
        ],
        "area_id": place.cast.building_1,
        "area_path": card["area_path"],
    }
    assert card["area_path"][-1] == "1号楼"


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("skill=piano", 5),
        ("skill=piano&skill=chess", 13),
        ("skill=piano&skill=tea&match=all", 1),
        ("skill=piano&level=teach", 1),
        ("category=music", 5),
        ("category=music&level=certified", 1),
        ("q=gangqin", 5),
        ("day=weekend", 1),
        ("day=weekday_morning", 0),
        ("area={other}", 0),
        ("area={estate}&skill=chess", 8),
    ],
)
async def test_the_filters_are_those_of_the_pages(place: Site, query: str, count: int):
    neighbour = await place.signed_in(place.cast.he_min)
    filled = query.format(other=place.cast.building_2, estate=place.cast.estate)
    assert len(await numbers(neighbour, filled)) == count


@pytest.mark.parametrize(
    ("query", "field", "status"),
    [
        ("skill=flying", "skill", 422),
        ("category=flying", "category", 422),
        ("level=best", "level", 422),
        ("match=some", "match", 422),
        ("day=today", "day", 422),
        (f"q={'x' * 41}", "q", 422),
        ("area=987654", "", 404),
    ],
)
async def test_a_wrong_filter_is_named(place: Site, query: str, field: str, status: int):
    for path in ("/api/talents", "/api/talents/near"):
        answer = await place.browser().call("GET", f"{path}?{query}")
        assert answer.status_code == status, answer.text
        if field:
            assert set(answer.json()["errors"]) == {field}


async def test_near_starts_from_where_one_lives_or_from_an_area(place: Site):
    cast = place.cast
    neighbour = await place.signed_in(cast.he_min)
    here = await asked(neighbour, "/api/talents/near?skill=piano&skill=tea&match=all")
    assert (here["area_id"], here["has_place"]) == (cast.building_1, True)
    [one] = here["items"]
    assert (one["talent"]["person_id"], one["metres"]) == (cast.zhang_wei, 0)
    from_above = await asked(neighbour, f"/api/talents/near?area={cast.subdistrict}&limit=4")
    assert [one["metres"] for one in from_above["items"]] == [1_100] * 4
    stranger = await asked(place.browser(), "/api/talents/near?limit=50")
    assert len(stranger["items"]) == LISTED_LEAST + 3, "audiences count here too"


async def test_one_talent_is_seen_by_whom_she_chose(place: Site):
    cast = place.cast
    path = f"/api/talents/{cast.zhang_wei}"
    assert (await place.browser().call("GET", path)).status_code == 401
    elsewhere = await place.signed_in(cast.wu_di)
    assert (await elsewhere.call("GET", path)).json()["title"] == "NoSuchTalent"
    assert (await asked(await place.signed_in(cast.he_min), path))["nickname"] == "阿伟"


async def test_the_skills_are_told_in_both_languages(sqlite_site: Site):
    told = await asked(sqlite_site.browser(), "/api/skills")
    codes = [skill["code"] for category in told for skill in category["skills"]]
    assert codes == list(SKILL_BY_CODE)
    [tea] = [one for category in told for one in category["skills"] if one["code"] == "tea"]
    assert (tea["zh"], tea["en"]) == ("茶艺", "Tea")
    assert all(category["zh"] and category["en"] for category in told)


def test_the_times_asked_for_are_all_there_are():
    assert set(Free.__args__) == {*TIMES, *DAYS}


async def test_a_profile_is_written_shown_and_hidden(place: Site):
    cast = place.cast
    her = await program(place, cast.lu_xiuying, "read", "write")
    new = await asked(her, "/api/me/talent")
    assert new["profile"] is None
    assert new["may_choose"] == ["self", "stairwell", "neighbourhood", "public"]
    early = await her.call("POST", "/api/me/talent/skills", {"code": "tea", "level": "teach"})
    assert (early.status_code, early.json()["title"]) == (409, "ProfileMissing")
    for path, body, status in (
        ("", {"nickname": "卢阿姨", "times": ["weekday_morning"]}, 204),
        ("", {"nickname": "卢阿姨 13800000001"}, 422),
        ("", {"nickname": "卢阿姨", "times": ["midnight"]}, 422),
        ("/skills", {"code": "tea", "level": "teach"}, 204),
        ("/skills", {"code": "flying", "level": "teach"}, 422),
        ("/skills", {"code": "piano", "level": "interest"}, 204),
        ("/skills", {"code": "piano", "level": "none"}, 204),
        ("/visibility", {"visibility": "neighbourhood"}, 403),
        ("/visibility", {"visibility": "neighbourhood", "agrees": True}, 204),
    ):
        answer = await her.call("POST", f"/api/me/talent{path}", body)
        assert answer.status_code == status, (path, body, answer.text)
    mine = await asked(her, "/api/me/talent")
    assert mine["agreed"] is True
    assert mine["profile"]["skills"] == [{"code": "tea", "level": "teach", "recognised": False}]
    assert mine["profile"]["shown_in"][-1] == "1号楼"
    neighbour = await place.signed_in(cast.he_min)
    assert await numbers(neighbour, "q=卢阿姨") == [cast.lu_xiuying]
    assert (await her.call("POST", "/api/me/talent/hide")).status_code == 204
    assert await numbers(neighbour, "q=卢阿姨") == []


async def test_neighbours_write_to_each_other_once_for_each_key(place: Site):
    cast = place.cast
    she, he = await place.signed_in(cast.he_min), await place.signed_in(cast.zhang_wei)
    path, body = f"/api/talents/{cast.zhang_wei}/write", {"text": "能教我弹琴吗？"}
    key = {"idempotency-key": "one-question"}
    answers = [await she.call("POST", path, body, **key) for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    first = answers[0].json()["id"]
    back = await he.call("POST", f"/api/talents/messages/{first}/answer", {"text": "好的"})
    assert back.status_code == 201
    read = await asked(she, f"/api/talents/messages/{first}")
    assert [(one["from_name"], one["is_mine"]) for one in read] == [("阿伟", False), ("何敏", True)]
    page = await asked(she, "/api/talents/messages?limit=1")
    assert [one["id"] for one in page["items"]] == [back.json()["id"]]
    rest = await asked(she, f"/api/talents/messages?limit=1&after={page['next']}")
    assert ([one["id"] for one in rest["items"]], rest["next"]) == ([first], None)
    assert len(await run("SELECT id FROM talent_message")) == 2
    own = await he.call("POST", path, body)
    assert own.json()["title"] == "MessageToSelf"
    for _ in range(FIRST_A_DAY):
        last = await she.call("POST", path, body)
    assert (last.status_code, last.json()["title"]) == (409, "TooManyMessages")


async def test_a_reported_message_is_read_by_a_steward_with_her_duties_alone(place: Site):
    cast = place.cast
    she, he = await place.signed_in(cast.he_min), await place.signed_in(cast.zhang_wei)
    path, body = f"/api/talents/{cast.zhang_wei}/write", {"text": "？"}
    sent = (await she.call("POST", path, body)).json()["id"]
    read = f"/api/talents/messages/{sent}"
    steward = await program(place, cast.chen_jing, "read", "staff")
    assert (await steward.call("GET", read)).status_code == 404
    assert (await she.call("POST", f"{read}/report")).status_code == 404
    assert (await he.call("POST", f"{read}/report")).status_code == 204
    assert (await she.call("POST", path, body)).status_code == 404, "she is heard no more"
    [line] = await asked(steward, read)
    assert line["reported"] is True
    assert [one.what for one in await reads_of(cast.zhang_wei)] == ["talent_message"]
    off_duty = await program(place, cast.chen_jing, "read")
    assert (await off_duty.call("GET", read)).json()["title"] == "DutiesNotLent"


async def test_the_office_recognises_and_takes_back(place: Site):
    cast = place.cast
    him = f"/api/talents/{cast.zhang_wei}"
    steward = await program(place, cast.chen_jing, "read", "write", "staff")
    found = await asked(steward, f"{him}/recognition")
    assert (found["name"], found["nickname"]) == ("张伟", "阿伟")
    assert [one.what for one in await reads_of(cast.zhang_wei)] == ["talent"]
    for act, recognised in (("recognise", True), ("unrecognise", False)):
        answer = await steward.call("POST", f"{him}/{act}", {"skill_code": "piano"})
        assert answer.status_code == 204
        card = await asked(steward, him)
        assert card["skills"][0] == {
            "code": "piano", "level": "certified", "recognised": recognised,
        }  # fmt: skip
    wrong = await steward.call("POST", f"{him}/recognise", {"skill_code": "chess"})
    assert (wrong.status_code, wrong.json()["title"]) == (404, "SkillNotThere")


async def test_what_the_book_owes_is_told_to_who_lives_here(sqlite_site: Site):
    for book_id in (sqlite_site.cast.book, sqlite_site.cast.other_book):
        await adopt(book_id, Terms())
    resident = await sqlite_site.signed_in(sqlite_site.cast.he_min)
    told = await asked(resident, "/api/outlook")
    assert told["book_id"] == sqlite_site.cast.book
    assert (told["alive"], told["covered_percent"], told["reckoned_at"]) == (0, 100, None)
    assert (len(told["past"]), len(told["ahead"])) == (12, 12)
    elsewhere = await sqlite_site.signed_in(sqlite_site.cast.xu_jing)
    other = await asked(elsewhere, "/api/outlook")
    assert other["book_id"] == sqlite_site.cast.other_book
