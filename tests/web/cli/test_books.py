"""``linli books``: seal, verify, and the program that checks without us."""

import asyncio
import resource
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from points.ledger import linli_verify
from points.ledger.exports.errors import FileNotWritten
from points.transactions import run
from tests.points.ledger.scene import unguarded
from tests.points.ledger.sealing.story import Told, tell_story
from tests.points.service.scene import scene, shanghai
from web.cli import main
from web.cli.export import write_whole
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


FORMATS = ("json", "csv", "beancount", "hledger")


@pytest.mark.parametrize("form", FORMATS)
def test_an_export_is_written_whole_and_for_its_owner_only(told: Told, tmp_path: Path, form: str):
    linli("books", "seal")
    file = tmp_path / "books.out"
    done = linli("books", "export", "--format", form, str(file))
    assert done.exit_code == 0, done.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "王芳" not in file.read_text(encoding="utf-8")
    assert sorted(path.name for path in tmp_path.glob("books*")) == ["books.out"]
    again = linli("books", "export", "--format", form, str(file))
    assert again.exit_code == 0


def test_the_json_export_is_what_the_verifier_proves(told: Told, tmp_path: Path):
    file = tmp_path / "books.jsonl"
    unsealed = linli("books", "export", "--format", "json", str(file))
    assert "are in no seal of these days" in unsealed.stderr
    linli("books", "seal")
    sealed = linli("books", "export", "--format", "json", "--from", "2026-01-01", str(file))
    assert "are in no seal" not in sealed.stderr
    assert linli_verify.main([str(file)]) == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--book", "99"], "There is no book 99."),
        (["--names"], "Names are written only for a steward"),
        (["--names", "--as", "13999999999"], ""),
        (["--format", "json", "--names"], "no name was sealed"),
        (["--from", "yesterday"], "yesterday"),
    ],
)
def test_what_cannot_be_exported_leaves_no_file(
    told: Told, tmp_path: Path, words: list[str], said: str
):
    file = tmp_path / "books.out"
    done = linli("books", "export", "--format", "csv", *words, str(file))
    assert done.exit_code != 0
    assert said in done.stderr
    assert list(tmp_path.glob("books*")) == []


def test_a_file_that_cannot_be_written_is_said(told: Told, tmp_path: Path):
    for file in (tmp_path / "nowhere" / "books.csv", Path("/proc/books.csv")):
        done = linli("books", "export", "--format", "csv", str(file))
        assert done.exit_code == 1
        assert f"{file} could not be written: No such file" in done.stderr


def test_a_full_disk_leaves_the_old_file(tmp_path: Path):
    """The system lets this process write 2,000 bytes to a file and no more."""
    file = tmp_path / "books.csv"
    file.write_text("old")

    async def chunks() -> AsyncIterator[str]:
        for number in range(9):
            yield str(number) * 1_000

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, before[1]))
    try:
        with pytest.raises(FileNotWritten, match="File too large"):
            asyncio.run(write_whole(file, chunks()))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert file.read_text() == "old"
    assert sorted(path.name for path in tmp_path.glob("books*")) == ["books.csv"]


def test_names_are_written_for_a_steward_and_everybody_can_see_it(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("LINLI_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("LINLI_LANGUAGE", "en")

    async def play() -> None:
        async with opened(sqlite_url):
            here = await scene()
            await here.confirmed(here.who.zhang_wei, shanghai(3, 9), 60)

    asyncio.run(play())
    file = tmp_path / "books.csv"
    words = ["books", "export", "--format", "csv", "--names", str(file), "--book", "1"]
    refused = linli(*words, "--as", "13800000004")
    assert (refused.exit_code, file.exists()) == (1, False)
    assert linli(*words, "--as", "13800000001").exit_code == 0
    assert "张伟" in file.read_text(encoding="utf-8")

    async def looked() -> list[str]:
        async with opened(sqlite_url):
            return [row["what"] for row in await run("SELECT what FROM personal_read")]

    assert set(asyncio.run(looked())) == {"books"}
