"""The digest as it is used: from the code on the notice board to one's own proof in two taps."""

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
from tests.browser.stage import Stage
from tests.conftest import not_here
from web.database import opened

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LOOKS = pytest.mark.parametrize(
    ("screen", "language"),
    [(PHONE, "zh-CN"), (DESK, "en-GB")],
    ids=["phone-zh", "desk-en"],
)
MINE = {"zh-CN": "核对我的记录", "en-GB": "Check my own entries"}
FILE = {"zh-CN": "保存我的证明文件", "en-GB": "Keep my proof as a file"}
HOLDS = {"zh-CN": "都与封存时一致", "en-GB": "stand as they were sealed"}


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


def scanned(visit: Visit, folder: Path) -> str:
    """What a phone reads from the code on the sheet."""
    program = shutil.which("zbarimg")
    if program is None:
        not_here("zbarimg", "it is not installed on this machine")
    picture = folder / "code.png"
    visit.page.locator("img.qr").screenshot(path=str(picture))
    return subprocess.run(
        [program, "--quiet", "--raw", str(picture)], capture_output=True, text=True, check=True
    ).stdout.strip()


@LOOKS
def test_from_the_notice_board_to_ones_own_proof(
    visiting, stage: Stage, sqlite_url: str, tmp_path: Path, screen, language: str
):
    asyncio.run(served_and_sealed(stage, sqlite_url))
    with visiting(language=language, screen=DESK) as board:
        board.go("/digest")
        board.page.locator("a.tile").first.click()
        board.picture(f"digest-{language}")
        printed = board.page.locator(".imprint").inner_text()
        link = scanned(board, tmp_path)
    with visiting(language=language, screen=screen) as hers:
        hers.sign_in(stage.login(stage.cast.zhang_wei), stage.password)
        hers.page.goto(link)
        hers.picture(f"digest-open-{language}")
        # The first tap.
        hers.page.get_by_role("link", name=MINE[language]).click()
        hers.page.get_by_text(HOLDS[language]).wait_for()
        assert hers.page.locator(".imprint").inner_text() == printed
        hers.picture(f"digest-mine-{language}")
        # The second one takes the proof along.
        with hers.page.expect_download() as download:
            hers.page.get_by_role("link", name=FILE[language]).click()
        file = tmp_path / "proof.json"
        download.value.save_as(file)
    assert len(json.loads(file.read_text(encoding="utf-8"))["entries"]) == 2
    program = shutil.copy(linli_verify.__file__, tmp_path / "alone.py")
    done = subprocess.run([sys.executable, "-I", "-S", program, file], capture_output=True)
    assert done.returncode == 0, done.stdout
