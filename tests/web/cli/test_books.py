"""``linli books``: seal, verify, and the program that checks without us."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from points.ledger import linli_verify
from tests.points.ledger.scene import unguarded
from tests.points.ledger.sealing.story import Told, tell_story
from web.cli import main
from web.database import opened


@pytest.fixture
def told(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Told:
    """A played book that is not sealed yet, where ``linli`` finds it."""
    monkeypatch.setenv("LINLI_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("LINLI_LANGUAGE", "en")

    async def play() -> Told:
        async with opened(sqlite_url):
            return await tell_story(seals=False)

    return asyncio.run(play())


def linli(*words: str) -> Result:
    return CliRunner().invoke(main, words, catch_exceptions=False)


def change(sqlite_url: str, table: str, sql: str) -> None:
    async def act() -> None:
        async with opened(sqlite_url):
            await unguarded(table, sql)

    asyncio.run(act())


def test_seal_and_verify_go_together(told: Told, sqlite_url: str):
    assert linli("books", "seal").output.startswith("1 seals made.")
    assert linli("books", "seal").output.startswith("0 seals made.")
    assert "as seal" not in linli("books", "verify").stderr
    named = told.postings[4]
    change(
        sqlite_url, "posting", f"UPDATE posting SET reason = 'something else' WHERE id = {named}"
    )
    verified = linli("books", "verify")
    assert verified.exit_code == 1
    assert f"posting {named}, line 1: expected as seal 1 of book" in verified.stderr


def test_the_verifier_comes_out_as_it_is(tmp_path: Path):
    text = linli("books", "verifier").output
    assert text == Path(linli_verify.__file__).read_text(encoding="utf-8")
    file = tmp_path / "linli_verify.py"
    file.write_text(text, encoding="utf-8")
    done = subprocess.run([sys.executable, "-I", "-S", file], capture_output=True, text=True)
    assert (done.returncode, "--digest" in done.stdout) == (2, True)
