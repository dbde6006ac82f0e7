"""A steward takes over the list of estates that Baidu's map gave, and is asked about its datum."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from points.transactions import run
from talentmap.places.datum import from_wgs84
from tests.browser.conftest import DESK, Visit
from tests.browser.stage import Stage, set_stage
from web.database import opened

pytestmark = [pytest.mark.browser, pytest.mark.slow]
# 新虹街道 as a square; most estates of the list lie in its eastern half.
SQUARE = [[[31.18, 121.30], [31.18, 121.34], [31.22, 121.34], [31.22, 121.30], [31.18, 121.30]]]


@pytest.fixture
def stage(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """The stage, on ground that is drawn; the server keeps its files beside the database."""
    monkeypatch.setenv("LINLI_DATA", str(tmp_path))

    async def grounded() -> Stage:
        made = await set_stage(sqlite_url)
        async with opened(sqlite_url):
            await run(
                "INSERT INTO place (area_id, lat, lon, rings, south, west, north, east, "
                "source_datum, source_key, imported_at) "
                "VALUES ({}, 31.2, 121.32, {}, 31.18, 121.3, 31.22, 121.34, 'wgs84', 'key', {})",
                made.cast.subdistrict, json.dumps(SQUARE), datetime.now(UTC),
            )  # fmt: skip
        return made

    return asyncio.run(grounded())


def estates() -> bytes:
    """Forty estates as Baidu gives them, one of them in another city, one without a place."""
    rows = ["小区,纬度,经度"]
    for n in range(40):
        lat, lon = from_wgs84(31.185 + 0.001 * (n % 8), 121.318 + 0.004 * (n // 8), "bd09")
        rows.append(f"新虹花苑{n + 1}期,{lat:.6f},{lon:.6f}")
    rows += ["远方小区,39.915,116.404", "没有坐标的小区,,"]
    return "\r\n".join(rows).encode("gb18030")


def said(visit: Visit) -> str:
    return visit.page.locator("main").inner_text()


def press(visit: Visit, name: str) -> None:
    with visit.page.expect_navigation():
        visit.page.get_by_role("button", name=name, exact=True).click()


def test_a_steward_takes_over_a_list_of_estates(stage, visiting):
    with visiting(screen=DESK) as steward:
        steward.sign_in(stage.login(stage.cast.chen_jing), stage.password)
        steward.go("/imports")
        steward.picture("import-1-kinds")
        steward.page.get_by_role("link", name="地图上的地点").click()
        steward.page.locator("input[type=file]").set_input_files(
            {"name": "百度小区表.csv", "mimeType": "text/csv", "buffer": estates()}
        )
        steward.picture("import-2-file")
        press(steward, "上传并查看")
        steward.page.get_by_text("坐标是哪一种坐标系").wait_for()
        steward.picture("import-3-datum")
        assert "落到新虹街道以外" in said(steward)
        steward.page.get_by_role("radio", name="WGS-84").check()
        press(steward, "看看会导入什么")
        steward.page.get_by_role("heading", name="会导入什么").wait_for()
        assert "会不会是 BD-09？" in said(steward)
        steward.picture("import-4-doubt")
        steward.page.get_by_role("radio", name="BD-09").check()
        press(steward, "看看会导入什么")
        steward.page.get_by_role("heading", name="会导入什么").wait_for()
        assert "会不会是" not in said(steward)
        steward.picture("import-5-tried")
        press(steward, "保存")
        steward.page.get_by_text("能导入的都已保存").wait_for()
        steward.picture("import-6-kept")
        with steward.page.expect_download() as told:
            steward.page.get_by_role("link", name="全部下载").click()
        assert "请填写纬度和经度" in told.value.path().read_text("utf-8-sig")
    with visiting() as steward:
        steward.sign_in(stage.login(stage.cast.chen_jing), stage.password)
        for number, path in enumerate(("/imports", "/imports/new?kind=people", "/people")):
            steward.go(path)
            steward.picture(f"import-phone-{number}")
