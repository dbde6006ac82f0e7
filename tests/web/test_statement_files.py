"""The statement as a table, and the passbook on paper."""

import csv
import io
import shutil

import pytest
from anyio import run_process
from python_calamine import CalamineWorkbook

from points.community.reads import reads_of
from tests.conftest import not_here
from tests.web.conftest import said
from tests.web.played import Play, play

pytestmark = pytest.mark.anyio
__all__ = ["play"]
# Characters of names that fonts often lack: extensions A, B and E.
RARE = "㛃𬱖𬍛"


async def text_of(content: bytes, folder) -> str:
    program = shutil.which("pdftotext")
    if program is None:
        not_here("reading PDF files", "there is no pdftotext on this machine")
    file = folder / "paper.pdf"
    file.write_bytes(content)
    done = await run_process([program, "-raw", str(file), "-"])
    return "".join(done.stdout.decode().split())


async def test_both_tables_say_what_the_page_says(play: Play) -> None:
    await play.confirmed(await play.logged(play.cast.zhang_wei))
    browser = await play.browser(play.cast.zhang_wei)
    answer = await browser.get("/points/statement.csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0][2:5] == ["事由", "增减", "余额"]
    assert rows[1][2:5] == ["楼道巡查", "20", "20"]
    assert 'filename="statement.csv"' in answer.headers["content-disposition"]
    answer = await browser.get("/points/statement.xlsx?unit=minutes")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0)
    assert sheet.to_python()[1][2:5] == ["楼道巡查", 120.0, 120.0]


async def test_what_the_page_leaves_out_the_table_leaves_out(play: Play) -> None:
    await play.confirmed(await play.logged(play.cast.zhang_wei))
    browser = await play.browser(play.cast.zhang_wei)
    for query in ("way=out", "since=2100-01-01", "until=2001-01-01"):
        answer = await browser.get(f"/points/statement.csv?{query}")
        assert len(answer.content.decode().splitlines()) == 1, query
        page = said(await browser.get(f"/points?{query}"))
        assert "这几天没有记录" in page
    assert "楼道巡查" in said(await browser.get("/points?way=in&since=2020-01-01"))


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_the_passbook_holds_the_year(play: Play, tmp_path, language: str) -> None:
    await play.confirmed(await play.logged(play.cast.zhang_wei))
    browser = await play.browser(play.cast.zhang_wei, language)
    answer = await browser.get("/points/passbook.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    text = await text_of(answer.content, tmp_path)
    for fact in ("张伟", f"V{play.cast.zhang_wei:08d}", "楼道巡查", "+20"):
        assert fact in text, fact
    assert {"zh": "积分存折", "en": "Pointspassbook"}[language] in text
    assert len(answer.content) < 300_000


async def test_a_year_without_service_says_so(play: Play, tmp_path) -> None:
    browser = await play.browser(play.cast.zhang_wei)
    answer = await browser.get("/points/passbook.pdf?year=2001")
    assert "这一年没有记录" in await text_of(answer.content, tmp_path)


async def test_rare_characters_of_names_are_printed(play: Play, tmp_path) -> None:
    leader = await play.browser(play.cast.lu_xiuying)
    done = await leader.post(f"/people/{play.cast.jin_xiuzhen}/edit", name=f"金{RARE}")
    assert done.status_code == 303, said(done)
    answer = await leader.get(f"/people/{play.cast.jin_xiuzhen}/passbook.pdf")
    assert f"金{RARE}" in await text_of(answer.content, tmp_path)


async def test_staff_who_print_one_are_on_record(play: Play) -> None:
    leader = await play.browser(play.cast.lu_xiuying)
    assert (await leader.get(f"/people/{play.cast.jin_xiuzhen}/passbook.pdf")).status_code == 200
    looks = await reads_of(play.cast.jin_xiuzhen, None, 5)
    assert [(look.what, look.actor_name) for look in looks][:1] == [("passbook", "卢秀英")]
    mine = await play.browser(play.cast.jin_xiuzhen)
    assert "打印了你的积分存折" in said(await mine.get("/me/reads"))


async def test_nobody_else_gets_a_passbook(play: Play) -> None:
    neighbour = await play.browser(play.cast.he_min)
    path = f"/people/{play.cast.zhang_wei}/passbook.pdf"
    assert (await neighbour.get(path)).status_code == 404
    child = f"/people/{play.cast.he_xiaoyu}/passbook.pdf"
    assert (await neighbour.get(child)).status_code == 200
