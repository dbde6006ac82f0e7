"""Taking over lists in the browser, with the worker that really does it."""

import csv
import io
import os
import stat
import time
import zipfile
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import httpx
import pytest
import xlsxwriter  # type: ignore[import-untyped]

from points.imports.templates import template_csv, template_xlsx
from points.transactions import run
from tests.durability.server_process import serving, visitor
from tests.web.conftest import HOME, Browser, Site, opened_site, said
from web import clock
from web.import_folder import forget_old, receive, root
from web.imports import FILE_BYTES

pytestmark = pytest.mark.anyio
FIXTURES = Path(__file__).parents[1] / "fixtures"
PEOPLE = (
    "姓名,手机,小区,楼栋,单元,室号\n"
    "王桂芳,13900000001,爱博五村,1号楼,1单元,302\n"
    "李梅,123,爱博五村,1号楼,1单元,303\n"
)
ESTATES = "小区,纬度,经度\n春申花苑,31.15,121.35\n虹桥新村,31.16,121.36\n"


async def send(browser: Browser, content: bytes | str, **fields: object) -> httpx.Response:
    """Send a file in as the form does."""
    form = {"request_id": os.urandom(8).hex(), "_csrf_token": await browser.token()}
    form |= {name: str(value) for name, value in fields.items()}
    name = form.pop("name", "名册.csv")
    data = content.encode() if isinstance(content, str) else content
    files = {"file": (name, data, "text/csv")}
    return await browser.client.post(
        f"{HOME}/imports", data=form, files=files, headers=browser.headers
    )


async def looked(browser: Browser, path: str) -> str:
    """The page once the worker has ended."""
    with anyio.fail_after(30):
        while True:
            answer = await browser.get(path)
            assert answer.status_code == 200, said(answer)
            if 'id="work"' not in answer.text:
                return said(answer)


async def sent(browser: Browser, content: bytes | str, **fields: object) -> str:
    """Where a file that was taken in stands."""
    answer = await send(browser, content, **fields)
    assert answer.status_code == 303, said(answer)
    return str(answer.headers["location"])


async def act(browser: Browser, path: str, **fields: object) -> str:
    answer = await browser.post(path, **fields)
    assert answer.status_code == 303, said(answer)
    return await looked(browser, str(answer.headers["location"]))


async def people_called(name: str) -> int:
    [row] = await run("SELECT COUNT(*) AS n FROM person WHERE name = {}", name)
    return int(row["n"])


async def test_a_list_is_seen_first_then_kept_once_and_again_changes_nothing(site: Site) -> None:
    steward = await site.signed_in(site.cast.chen_jing)
    where = {"kind": "people", "area_id": site.cast.committee}
    path = await sent(steward, PEOPLE, **where)
    page = await looked(steward, path)
    assert "手机 手机 (phone)" in page
    assert "不是电话号码" in page
    assert await people_called("王桂芳") == 0
    kept = await act(steward, f"{path}/keep")
    assert "都已保存" in kept
    assert await people_called("王桂芳") == 1
    returned = await steward.get(f"{path}/rows")
    rows = list(csv.reader(io.StringIO(returned.content.decode("utf-8-sig"))))
    assert rows[1][:4] == ["3", "手机", "123", "未导入"]
    assert "都已保存" in await act(steward, f"{path}/keep")
    again = await looked(steward, await sent(steward, PEOPLE, **where))
    assert "文件里没有新内容" in again
    assert await people_called("王桂芳") == 1


async def test_the_file_is_nobody_elses_and_gone_once_it_is_kept(sqlite_site: Site) -> None:
    cast = sqlite_site.cast
    steward, other = [
        await sqlite_site.signed_in(one) for one in (cast.chen_jing, cast.li_guoqiang)
    ]
    path = await sent(steward, PEOPLE, kind="people", area_id=cast.committee)
    folder = root(sqlite_site.app.state.settings.data) / path.rpartition("/")[2]
    modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in (folder, *folder.iterdir())}
    assert modes.pop(folder.name) == 0o700
    assert set(modes.values()) == {0o600}
    for ending in ("", "/rows", "/map"):
        assert (await other.get(path + ending)).status_code == 404
    for ending in ("/keep", "/discard", "/try"):
        assert (await other.post(path + ending)).status_code == 404
    assert "名册.csv" not in said(await other.get("/imports"))
    assert "名册.csv" in said(await steward.get("/imports"))
    await act(steward, f"{path}/keep")
    assert not (folder / "content").exists()


async def test_a_discarded_file_is_gone_and_a_kept_one_is_not_undone(sqlite_site: Site) -> None:
    steward = await sqlite_site.signed_in(sqlite_site.cast.chen_jing)
    where = {"kind": "people", "area_id": sqlite_site.cast.committee}
    path = await sent(steward, PEOPLE, **where)
    twice = {"request_id": "discard-1"}
    for _ in range(2):
        page = await steward.follow(await steward.post(f"{path}/discard", **twice))
        assert "名册.csv" not in said(page)
    assert (await steward.get(path)).status_code == 404
    kept = await sent(steward, PEOPLE, **where)
    await act(steward, f"{kept}/keep")
    page = await steward.follow(await steward.post(f"{kept}/discard"))
    assert "导入的内容都还在" in page.text
    assert await people_called("王桂芳") == 1


async def test_the_same_form_twice_is_one_upload(sqlite_site: Site) -> None:
    steward = await sqlite_site.signed_in(sqlite_site.cast.chen_jing)
    fields = {"kind": "people", "area_id": sqlite_site.cast.committee, "request_id": "same-form-1"}
    paths = {await sent(steward, PEOPLE, **fields) for _ in range(2)}
    assert len(paths) == 1


def zipped(**parts: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name.replace("__", "/"), part)
    return content.getvalue()


BAD: tuple[tuple[bytes | str, Mapping[str, object], str], ...] = (
    (b"\x89PNG\r\n\x1a\n", {}, "PNG"),
    ("电话\n1\n", {}, "缺少这些列"),
    (b"", {}, "请先选择文件"),
    ("姓名,手机\n" + "\x00" * 400, {}, "binary"),
    ("a,b\n1,2\n", {}, "没有一行写着列名"),
    (PEOPLE.encode("gb18030"), {"encoding": "utf-8"}, "0x"),
    (PEOPLE, {"encoding": "klingon"}, "klingon"),
    (zipped(word__document=b"x"), {"name": "信.docx"}, "Word"),
    (zipped(xl__workbook=b"x"), {"name": "坏.xlsx"}, "坏.xlsx"),
    (zipped(xl__workbook=b"\0" * 30_000_000)[:-40], {"name": "半.xlsx"}, "半.xlsx"),
)


@pytest.mark.parametrize("some", [BAD[:2], pytest.param(BAD[2:], marks=pytest.mark.slow)])
async def test_a_file_that_cannot_be_read_is_refused_at_the_form(
    sqlite_site: Site, some: tuple[tuple[bytes | str, Mapping[str, object], str], ...]
) -> None:
    steward = await sqlite_site.signed_in(sqlite_site.cast.chen_jing)
    where = {"kind": "people", "area_id": sqlite_site.cast.committee}
    for content, fields, words in some:
        answer = await send(steward, content, **where, **fields)
        assert answer.status_code in {404, 422}
        assert words in said(answer)
        assert 'aria-invalid="true"' in answer.text
        folder = root(sqlite_site.app.state.settings.data)
        assert not folder.is_dir() or list(folder.iterdir()) == []


@pytest.mark.slow
async def test_a_workbook_that_unpacks_to_too_much_ends_its_worker_and_nothing_else(
    sqlite_site: Site,
) -> None:
    rows = b"".join(
        b'<row r="%d">' % line + b'<c t="inlineStr"><is><t>x</t></is></c>' * 400 + b"</row>"
        for line in range(1, 30)
    )
    sheet = b'<worksheet xmlns="%s"><sheetData>%s</sheetData></worksheet>'
    book = workbook(
        sheet % (b"http://schemas.openxmlformats.org/spreadsheetml/2006/main", rows * 900)
    )
    steward = await sqlite_site.signed_in(sqlite_site.cast.chen_jing)
    where = {"kind": "people", "area_id": sqlite_site.cast.committee, "name": "大.xlsx"}
    answer = await send(steward, book, **where)
    page = (
        said(answer)
        if answer.status_code == 422
        else await looked(steward, answer.headers["location"])
    )
    assert "大.xlsx" in page
    assert (await steward.get("/imports")).status_code == 200


def workbook(sheet: bytes) -> bytes:
    """The least that is a workbook, around one sheet."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        book.add_worksheet("名册")
    bomb = io.BytesIO()
    with zipfile.ZipFile(content) as old, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, sheet if "sheet1" in name else old.read(name))
    return bomb.getvalue()


async def test_only_into_an_area_of_ones_own(sqlite_site: Site) -> None:
    cast = sqlite_site.cast
    steward = await sqlite_site.signed_in(cast.chen_jing)
    for area_id in (cast.other_committee, cast.subdistrict):
        answer = await send(steward, PEOPLE, kind="people", area_id=area_id)
        assert answer.status_code == 403
    assert (await send(steward, PEOPLE, kind="people", area_id=999)).status_code in {404, 422}
    level = await send(steward, ESTATES, kind="places", area_id=cast.committee, level="committee")
    assert level.status_code == 422


async def test_a_file_that_is_too_large_is_refused_before_it_is_read(sqlite_site: Site) -> None:
    steward = await sqlite_site.signed_in(sqlite_site.cast.chen_jing)
    answer = await send(
        steward, b"x" * (FILE_BYTES + 1), kind="people", area_id=sqlite_site.cast.committee
    )
    assert answer.status_code == 413
    assert "太大" in said(answer)


@pytest.mark.slow
@pytest.mark.parametrize("chunked", [False, True])
async def test_a_hundred_megabytes_fill_neither_memory_nor_disk(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunked: bool
) -> None:
    monkeypatch.setenv("LINLI_DATA", str(tmp_path))
    async with opened_site(sqlite_url, tmp_path) as site:
        token = (await site.signed_in(site.cast.chen_jing)).client.cookies["linli"]
        area_id = site.cast.committee
    piece, pieces = b"x" * 1_000_000, 100

    async def body() -> AsyncIterator[bytes]:
        yield b'--b\r\ncontent-disposition: form-data; name="file"; filename="x.csv"\r\n\r\n'
        for _ in range(pieces):
            yield piece
        yield b"\r\n--b--\r\n"

    async with serving(sqlite_url) as server, visitor(server, token) as steward:
        before = memory_of(server.process.pid)
        headers = {"content-type": "multipart/form-data; boundary=b", "accept": "text/html"}
        if not chunked:
            headers["content-length"] = str(70 + pieces * len(piece) + 9)
        answer = await steward.client.post("/imports", content=body(), headers=headers)
        assert answer.status_code == 413
        assert "太大" in said(answer)
        assert memory_of(server.process.pid) - before < 60_000
        assert (await steward.client.get(f"/imports/new?kind=people&area={area_id}")).is_success
    assert not (tmp_path / "imports").exists()


def memory_of(pid: int) -> int:
    """Kilobytes that a process holds."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


async def test_the_datum_is_asked_for_and_what_was_not_shown_is_not_kept(sqlite_site: Site) -> None:
    cast = sqlite_site.cast
    steward = await sqlite_site.signed_in(cast.chen_jing)
    path = await sent(steward, ESTATES, kind="places", area_id=cast.committee)
    assert "坐标是哪一种坐标系" in await looked(steward, path)
    assert (await steward.post(f"{path}/try")).status_code == 422
    assert (await steward.post(f"{path}/keep")).status_code == 409
    for datum in ("wgs84", "gcj02", "bd09"):
        picture = await steward.get(f"{path}/map?datum={datum}")
        assert picture.headers["content-type"] == "image/svg+xml"
        assert "<path" in picture.text
    tried = await act(steward, f"{path}/try", datum="gcj02")
    assert "会导入什么" in tried
    # Another window still shows the numbers of another datum.
    stale = await steward.post(f"{path}/keep", datum="wgs84")
    assert stale.status_code == 409
    assert "另一个窗口" in said(stale)
    await act(steward, f"{path}/keep", datum="gcj02")
    rows = await run("SELECT source_datum FROM place")
    assert [row["source_datum"] for row in rows] == ["gcj02", "gcj02"]


async def test_two_stewards_keep_two_files_at_once(site: Site) -> None:
    cast = site.cast
    files = {
        cast.chen_jing: PEOPLE,
        cast.li_guoqiang: PEOPLE.replace("王桂芳,13900000001", "沈建国,13900000002"),
    }
    paths = {}
    for person, content in files.items():
        browser = await site.signed_in(person)
        paths[await sent(browser, content, kind="people", area_id=cast.committee)] = browser
    async with anyio.create_task_group() as group:
        for path, browser in paths.items():
            group.start_soon(browser.post, f"{path}/keep")
    for path, browser in paths.items():
        assert "都已保存" in await looked(browser, path)
    assert (await people_called("王桂芳"), await people_called("沈建国")) == (1, 1)


async def test_work_that_died_is_said_and_can_be_done_again(sqlite_site: Site) -> None:
    steward = await sqlite_site.signed_in(sqlite_site.cast.chen_jing)
    path = await sent(steward, PEOPLE, kind="people", area_id=sqlite_site.cast.committee)
    folder = root(sqlite_site.app.state.settings.data) / path.rpartition("/")[2]
    (folder / "look.json").unlink()
    assert "什么都没有保存" in await looked(steward, path)
    assert "会导入什么" in await act(steward, f"{path}/try")
    # As long as a worker lives its page says so, without scripts as well; a dead one is noticed.
    (folder / "work.json").write_text('{"step": "keep", "done": 3, "total": 9}')
    waiting = await steward.get(path)
    assert "3 / 9" in said(waiting)
    assert f'href="{path}"' in waiting.text
    assert (await steward.post(f"{path}/discard")).status_code == 409
    os.utime(folder / "work.json", (time.time() - 60, time.time() - 60))
    assert "会导入什么" in await looked(steward, path)


async def test_a_template_sent_in_unchanged_adds_nobody(sqlite_site: Site) -> None:
    steward = await sqlite_site.signed_in(sqlite_site.cast.chen_jing)
    for kind in ("people", "service"):
        path = await sent(
            steward, template_csv(kind), kind=kind, area_id=sqlite_site.cast.committee
        )
        assert "示例" in await looked(steward, path)
    book = template_xlsx("people")
    path = await sent(
        steward, book, kind="people", area_id=sqlite_site.cast.committee, name="t.xlsx"
    )
    assert "取的是工作表“居民名册”，没有用：填写说明" in await looked(steward, path)


async def test_after_a_day_nobodys_file_is_left(sqlite_url: str, tmp_path: Path) -> None:
    async with opened_site(sqlite_url, tmp_path) as site:
        facts = {
            "id": 5, "owner_id": site.cast.chen_jing, "area_id": site.cast.committee,
            "kind": "people", "name": "x.csv", "encoding": "", "level": "estate", "category": "",
            "new_estates": False, "size": 1, "created_at": clock.now(),
        }  # fmt: skip
        receive(tmp_path, b"x", facts)
        assert await forget_old(tmp_path, datetime.now(UTC)) == 0
        assert await forget_old(tmp_path, datetime.now(UTC) + timedelta(hours=25)) == 1
        assert list(root(tmp_path).iterdir()) == []
