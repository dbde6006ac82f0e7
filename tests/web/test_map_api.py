"""The map for programs and for our own page: the contract, its limits, and bad input."""

import gzip
import json
from datetime import timedelta
from typing import Any

import pytest

from points.community.areas import create_area
from points.transactions import run
from talentmap.pins.words import fill_words
from talentmap.places.putting import put_place
from talentmap.talents.rules import LISTED_LEAST
from tests.talentmap.talents.scene import NOW, ground, listed
from tests.web.conftest import Site
from web import clock

pytestmark = pytest.mark.anyio
VIEW = "/api/map?bbox=31.1,121.2,31.3,121.4&z=17"


async def asked(site: Site, path: str, **headers: str) -> Any:
    answer = await site.browser(accept="application/json", **headers).get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def an_activity(site: Site, title: str = "手机摄影") -> int:
    who, starts = site.cast, clock.now() + timedelta(days=2)
    [row] = await run(
        "INSERT INTO activity (book_id, area_id, title, category, activity_class, lat, lon, "
        "starts_at, ends_at, deadline_at, minimum, capacity, proposer_id, created_at, state) "
        "VALUES ({}, {}, {}, 'teaching', 'interest', 31.198, 121.305, {}, {}, {}, 10, 20, {}, {}, "
        "'gathering') RETURNING id",
        *(who.book, who.estate, title, starts, starts + timedelta(hours=1), starts),
        *(who.zhang_wei, starts),
    )
    return int(row["id"])


async def test_a_view_has_groups_and_activities_as_agreed(site: Site):
    await ground(site.cast)
    await listed(site.cast.building_1, LISTED_LEAST)
    number = await an_activity(site)
    said = await asked(site, VIEW)
    assert set(said) == {"version", "datum", "shown", "total", "groups", "activities"}
    assert said["groups"] == [
        {
            "kind": "talents", "id": f"a{site.cast.building_1}", "area": site.cast.building_1,
            "name": "1号楼", "level": "building", "lat": 31.1985, "lon": 121.3045, "people": 5,
            "activities": 0, "top": ["tai_chi"],
        }
    ]  # fmt: skip
    [pin] = said["activities"]
    assert set(pin) == {
        *("id", "title", "lat", "lon", "starts_at", "seats_taken", "minimum", "capacity"),
        *("state", "area_name"),
    }
    assert (pin["id"], pin["seats_taken"], pin["state"]) == (number, 0, "gathering")
    assert (said["datum"], said["shown"], said["total"]) == ("wgs84", 6, 6)
    assert (await asked(site, "/api/map/version"))["version"] == said["version"]
    only = await asked(site, f"{VIEW}&layer=activities&skill=sachet&skill=erhu&match=all")
    assert (only["groups"], len(only["activities"])) == ([], 1)


@pytest.mark.parametrize(
    ("query", "field", "named"),
    [
        ("bbox=31.3,121.2,31.1,121.4&z=17", "bbox", "31.3"),
        ("bbox=31.1,179,31.3,-179&z=17", "bbox", "180"),
        ("bbox=nan,1,2,3&z=17", "bbox", ""),
        ("bbox=31.1,121.2&z=17", "bbox", ""),
        ("bbox=31.1,121.2,31.3,999&z=17", "bbox", ""),
        ("z=17", "bbox", ""),
        ("bbox=31.1,121.2,31.3,121.4", "z", ""),
        ("bbox=31.1,121.2,31.3,121.4&z=99", "z", "20"),
        ("bbox=31.1,121.2,31.3,121.4&z=near", "z", ""),
        ("bbox=31.1,121.2,31.3,121.4&z=17&skill=telepathy", "skill", "telepathy"),
        ("bbox=31.1,121.2,31.3,121.4&z=17" + "&skill=tai_chi" * 500, "skill", "500"),
        ("bbox=31.1,121.2,31.3,121.4&z=17&layer=homes", "layer", ""),
        ("bbox=31.1,121.2,31.3,121.4&z=17&match=some", "match", ""),
        ("bbox=31.1,121.2,31.3,121.4&z=17&level=divine", "level", ""),
        ("bbox=31.1,121.2,31.3,121.4&z=17&category=%3Cscript%3E", "category", "<script>"),
        ("bbox=31.1,121.2,31.3,121.4&z=17&day=tomorrow", "day", ""),
        ("bbox=31.1,121.2,31.3,121.4&z=17&q=" + "a" * 61, "q", "60"),
    ],
)
async def test_bad_input_is_refused_and_named(
    sqlite_site: Site, query: str, field: str, named: str
):
    answer = await sqlite_site.browser(accept="application/json").get(f"/api/map?{query}")
    said = answer.json()
    assert answer.status_code == 422, said
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert any(one.split(".")[0].split("[")[0] == field for one in said["errors"]), said
    assert named in json.dumps(said["errors"], ensure_ascii=False)


async def test_an_empty_sea_is_an_answer(sqlite_site: Site):
    for bbox in ("-0.1,-0.1,0.1,0.1", "22.1,113.8,22.6,114.4", "-90,-180,90,180"):
        said = await asked(sqlite_site, f"/api/map?bbox={bbox}&z=3")
        assert (said["groups"], said["activities"], said["shown"]) == ([], [], 0)


async def test_an_answer_stays_under_its_size_whatever_names_there_are(sqlite_site: Site):
    """400 estates with names as long as names can be, people and skills in each."""
    who, now = sqlite_site.cast, clock.now().isoformat()
    rows = ", ".join(
        f"({1000 + at}, {who.committee}, 'estate', '{f'长{at}':村<110}', '{now}')"
        for at in range(400)
    )
    await run(f"INSERT INTO area (id, parent_id, level, name, created_at) VALUES {rows}")
    counts = ", ".join(
        f"(0, {1000 + at}, '{skill}', 5, 5, {31.1 + at / 3000!r}, {121.2 + at / 3000!r}, 'estate')"
        for at in range(400)
        for skill in ("", "calligraphy")
    )
    await run(
        "INSERT INTO talent_count (audience_id, area_id, skill_code, people_within, people_here, "
        f"lat, lon, level) VALUES {counts}"
    )
    for number in range(60):
        await an_activity(sqlite_site, f"{number}{'满' * 100}")
    for zoom in range(10, 18):
        answer = await sqlite_site.browser().get(f"/api/map?bbox=31.0,121.1,31.4,121.5&z={zoom}")
        said = answer.json()
        assert len(answer.content) <= 60 * 1024, zoom
        assert len(said["groups"]) <= 500
        if 12 <= zoom < 16:
            assert said["shown"] == 2060


async def test_a_sheet_says_who_is_there_and_what_one_can_join(site: Site):
    who = site.cast
    await ground(who)
    people = await listed(who.building_1, 25, tai_chi="teach", sachet="interest")
    await listed(who.building_1, LISTED_LEAST, "neighbourhood")
    number = await an_activity(site)
    said = await asked(site, f"/api/map/areas/{who.estate}")
    assert (said["people"], said["matching"], said["shown"], len(said["talents"])) == (
        *(25, 25, 20, 20),
    )
    assert said["path"] == ["新虹街道", "爱博五村居委", "爱博五村"]
    assert said["people_by"] == [{"audience": "public", "people": 25}]
    assert {one["person_id"] for one in said["talents"]} <= set(people)
    assert said["talents"][0]["skills"][0] == {
        "code": "sachet", "level": "interest", "recognised": False
    }  # fmt: skip
    [activity] = said["activities"]
    assert activity["sign_up_href"] == f"/activities/{number}/sign-up"
    assert (activity["may_sign_up"], activity["signed_up"]) == (True, False)
    assert (said["activities_total"], said["level"]) == (1, "estate")
    neighbour = await site.signed_in(who.zhao_zhiqiang)
    mine = (await neighbour.get(f"/api/map/areas/{who.estate}")).json()
    assert (mine["people"], len(mine["people_by"])) == (30, 2)
    narrow = await asked(site, f"/api/map/areas/{who.estate}?skill=erhu")
    assert (narrow["people"], narrow["matching"], narrow["talents"]) == (25, 0, [])
    for wish in ("skill=sachet", "skill=sachet&skill=erhu", "skill=tai_chi&level=teach"):
        assert (await asked(site, f"/api/map/areas/{who.estate}?{wish}"))["matching"] == 25
    unknown = await site.browser(accept="application/json").get(f"/api/map/areas/{2**62}")
    assert unknown.status_code == 404
    assert "phone" not in json.dumps(said)


async def test_names_are_found_in_chinese_pinyin_initials_and_english(site: Site):
    await ground(site.cast)
    number = await an_activity(site, "Phone photography 手机摄影")
    await fill_words(clock.now())

    async def found(text: str) -> list[tuple[str, str]]:
        said = await asked(site, f"/api/search?q={text}")
        assert len(said["suggestions"]) <= 20
        return [(one["kind"], one["name"]) for one in said["suggestions"]]

    estate = ("area", "爱博五村")
    for text in ("爱博五村", "aibowu", "ABWC", "五村", "wucun", "爱 博", "AiBo Wu-Cun"):
        assert estate in await found(text), text
    assert (await found("abwc"))[0] == estate
    assert ("skill", "太极拳") in await found("taiji")
    assert ("skill", "太极拳") in await found("Tai chi")
    for text in ("sjsy", "photography", "手机"):
        assert ("activity", "Phone photography 手机摄影") in await found(text), text
    assert await found("不存在的名字") == []
    assert await found("%20%25_--;") == []
    said = await asked(site, "/api/search?q=爱博五村")
    first = next(one for one in said["suggestions"] if one["name"] == "爱博五村")
    assert first["href"] == f"/map?area={site.cast.estate}"
    assert (first["lat"], first["lon"], first["zoom"]) == (31.198, 121.305, 16)
    await run(
        "UPDATE activity SET state = 'cancelled', closed_at = {} WHERE id = {}",
        *(clock.now(), number),
    )
    assert {kind for kind, _ in await found("sjsy")} == {"skill"}


async def test_a_new_name_is_found_before_any_job_has_run(site: Site):
    await create_area(
        parent_id=site.cast.committee, level="estate", name="茂盛花苑", time_zone=None,
        now=clock.now(),
    )  # fmt: skip
    said = await asked(site, "/api/search?q=mshy")
    assert [one["name"] for one in said["suggestions"]] == ["茂盛花苑"]
    await run("UPDATE area SET name = '宝虹家园' WHERE name = '茂盛花苑'")
    assert (await asked(site, "/api/search?q=bhjy"))["suggestions"]
    assert not (await asked(site, "/api/search?q=mshy"))["suggestions"]


async def test_the_ground_is_drawn_from_outlines_or_points_and_kept_by_the_browser(site: Site):
    who = site.cast
    await ground(who)
    path = "/api/map/outlines?bbox=31.1,121.2,31.3,121.4&z=16"
    answer = await site.browser(accept="application/json").get(path)
    said = answer.json()
    assert [one["properties"]["name"] for one in said["features"]] == [
        *("新虹街道", "爱博五村居委", "爱博五村"),
    ]
    for one in said["features"]:
        [[ring]] = one["geometry"]["coordinates"]
        assert (one["properties"]["drawn"], ring[0]) == ("points", ring[-1])
        assert all(121 < lon < 122 and 31 < lat < 32 for lon, lat in ring)
    await run(
        "UPDATE place SET rings = {}, south = 31.18, west = 121.29, north = 31.22, east = 121.33, "
        "imported_at = {} WHERE area_id = {}",
        "[[[31.18,121.29],[31.18,121.33],[31.22,121.33],[31.22,121.29],[31.18,121.29]]]",
        *(NOW + timedelta(days=1), who.subdistrict),
    )
    etag = answer.headers["etag"]
    fresh = await site.browser(accept="application/json").get(path, **{"if-none-match": etag})
    assert fresh.status_code == 200
    assert fresh.json()["features"][0]["properties"]["drawn"] == "outline"
    again = {"if-none-match": fresh.headers["etag"]}
    same = await site.browser(accept="application/json").get(path, **again)
    assert (same.status_code, same.content) == (304, b"")
    assert fresh.headers["cache-control"] == "private, no-cache"
    assert len(gzip.compress(fresh.content)) <= 150_000
    assert [
        one["properties"]["name"]
        for one in (await asked(site, path.replace("z=16", "z=9")))["features"]
    ] == ["新虹街道"]


async def test_a_script_in_a_name_is_a_name(sqlite_site: Site):
    evil = "${alert(1)}</script><img src=x onerror=alert(1)>"
    who, now = sqlite_site.cast, clock.now()
    area = await create_area(
        parent_id=who.committee, level="estate", name=evil, time_zone=None, now=now
    )
    await put_place(actor_id=None, area_id=area, lat=31.2, lon=121.3, datum="wgs84", now=now)
    await listed(area, LISTED_LEAST)
    [group] = (await asked(sqlite_site, VIEW))["groups"]
    assert group["name"] == evil
