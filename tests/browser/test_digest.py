"""The digest as it is used: from the code on the notice board to one's own proof in two taps.

And the passbook, which prints one's year.
"""

import asyncio
import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from points.ledger import linli_verify
from points.ledger.sealing.seals import seal_due
from points.service.confirm import confirm_record
from points.service.records import log_service
from points.transactions import run
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.programs import program, run_program
from tests.browser.stage import Stage
from web.database import opened

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MINE, FILE, HOLDS = "核对我的记录", "保存我的证明文件", "都与封存时一致"
PASSBOOK = "我的积分存折（PDF）"


async def served_and_sealed(stage: Stage, sqlite_url: str) -> None:
    now = datetime.now(UTC)
    async with opened(sqlite_url):
        [patrol] = await run("SELECT starts_at FROM occasion WHERE id = {}", stage.patrol)
        record_id = await log_service(
            actor_id=stage.cast.zhang_wei,
            occasion_id=stage.patrol,
            started_at=patrol["starts_at"],
            minutes=90,
            note="",
            now=now,
        )
        await confirm_record(actor_id=stage.cast.chen_jing, record_id=record_id, now=now)
        await seal_due(now)


@pytest.fixture
def sealed(stage: Stage, sqlite_url: str) -> Stage:
    """张伟 served, it was confirmed and sealed, before any browser is open."""
    asyncio.run(served_and_sealed(stage, sqlite_url))
    return stage


def scanned(visit: Visit, folder: Path) -> str:
    """What a phone reads from the code on the sheet."""
    picture = folder / "code.png"
    visit.page.locator("img.qr").screenshot(path=str(picture))
    return run_program(program("zbarimg"), "--quiet", "--raw", picture).strip()


def passbook_of(visit: Visit, folder: Path) -> str:
    """The text of the PDF that the button on the page of points opens, without spaces."""
    visit.go("/points")
    link = visit.page.get_by_role("link", name=PASSBOOK).get_attribute("href")
    file = folder / "passbook.pdf"
    file.write_bytes(visit.page.context.request.get(f"{visit.address}{link}").body())
    return "".join(run_program(program("pdftotext"), "-raw", file, "-").split())


def test_from_the_notice_board_to_ones_own_proof(sealed: Stage, visiting, tmp_path: Path):
    with visiting(screen=DESK) as board:
        board.go("/digest")
        board.page.locator("a.tile").first.click()
        board.picture("digest-board")
        printed = board.page.locator(".imprint").inner_text()
        link = scanned(board, tmp_path)
    with visiting(screen=PHONE) as hers:
        hers.sign_in(sealed.login(sealed.cast.zhang_wei), sealed.password)
        hers.page.goto(link)
        hers.picture("digest-open")
        # The first tap.
        hers.page.get_by_role("link", name=MINE).click()
        hers.page.get_by_text(HOLDS).wait_for()
        assert hers.page.locator(".imprint").inner_text() == printed
        hers.picture("digest-mine")
        # The second one takes the proof along.
        with hers.page.expect_download() as download:
            hers.page.get_by_role("link", name=FILE).click()
        file = tmp_path / "proof.json"
        download.value.save_as(file)
        passbook = passbook_of(hers, tmp_path)
    for fact in ("张伟", "年积分", "+18", "1小时30分"):
        assert fact in passbook, passbook
    assert len(json.loads(file.read_text(encoding="utf-8"))["entries"]) == 2
    alone = shutil.copy(linli_verify.__file__, tmp_path / "alone.py")
    done = subprocess.run([sys.executable, "-I", "-S", alone, file], capture_output=True)
    assert done.returncode == 0, done.stdout
