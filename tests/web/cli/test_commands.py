"""The commands that found, check, copy and open a neighbourhood, as an operator types them."""

import asyncio
import json
import os
import re
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from points.community.access.codes import redeem_code
from points.community.access.tokens import token_holder
from points.transactions import run
from web.cli import COMMANDS, main
from web.clock import now
from web.database import opened

INIT = [
    "init",
    "--subdistrict=新虹街道",
    "--committee=爱博五村居委会",
    "--committee=沙茂居委会",
    "--steward-1=陈静,13800000001",
    "--steward-2=李国强，13800000002",
    "--adopted-on=2026-01-10",
    "--adopted-by=居民代表会议",
    "--votes=31/2/4",
]


@pytest.fixture
def linli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Run ``linli`` with a data folder of its own, in Chinese."""
    monkeypatch.delenv("LINLI_DATABASE_URL", raising=False)
    monkeypatch.setenv("LINLI_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("LINLI_LANGUAGE", "zh")

    def command(*words: str, typed: str = "") -> Result:
        return CliRunner().invoke(main, words, input=typed, catch_exceptions=False)

    return command


def in_database(tmp_path: Path, act):
    async def there():
        async with opened(f"sqlite:///{tmp_path / 'data' / 'linli.sqlite'}"):
            return await act()

    return asyncio.run(there())


def test_every_command_has_help_in_both_languages(linli):
    for name in COMMANDS:
        said = linli(name, "--help").output
        assert re.search("[a-z]{4}", said)
        assert re.search("[一-鿿]", said), name


def test_init_founds_everything_and_prints_two_invitations(linli, tmp_path):
    done = linli(*INIT)
    assert done.exit_code == 0, done.output
    sheet = tmp_path / "data" / "invitations.html"
    assert stat.S_IMODE(os.stat(sheet).st_mode) == 0o600
    codes = re.findall(r"一次性验证码 (\S+)", done.output)
    assert len(codes) == 2
    assert all(code in sheet.read_text() for code in codes)

    async def come_in():
        return await redeem_code(code=codes[0], password="三棵树下一只小花猫", now=now())

    person_id = in_database(tmp_path, come_in)
    assert person_id == 1


def test_a_second_init_is_refused_and_changes_nothing(linli, tmp_path):
    linli(*INIT)
    again = linli(*INIT)
    assert again.exit_code == 1
    assert again.stderr

    async def people():
        return (await run("SELECT COUNT(*) AS n FROM person"))[0]["n"]

    assert in_database(tmp_path, people) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        "--steward-1=陈静",
        "--votes=31",
        "--votes=2/31/0",
        "--adopted-on=tomorrow",
        "--time-zone=Mars/Olympus",
        "--steward-2=李国强,13800000001",
    ],
)
def test_init_refuses_wrong_words_and_leaves_nothing_behind(linli, tmp_path, wrong):
    done = linli(*INIT, wrong)
    assert done.exit_code != 0
    assert done.stderr
    if done.exit_code == 1:

        async def areas():
            return await run("SELECT id FROM area")

        assert in_database(tmp_path, areas) == []


def test_verify_backup_and_restore_go_round(linli, tmp_path):
    linli(*INIT)
    assert linli("books", "verify").exit_code == 0
    copy = str(tmp_path / "copy.sqlite")
    assert linli("backup", copy).exit_code == 0
    assert linli("backup", copy).exit_code == 1
    assert linli("restore", copy).exit_code == 1
    assert linli("restore", copy, "--replace").exit_code == 0
    assert json.loads(linli("books", "verify", "--json").output)["problems"] == []


def test_migrate_says_what_ran_and_then_nothing(linli):
    first = linli("migrate")
    assert first.exit_code == 0
    assert "points" in first.output
    assert "0 migrations" in linli("migrate").output


def test_a_token_needs_the_password_and_is_shown_once(linli, tmp_path):
    done = linli(*INIT)
    code = re.findall(r"一次性验证码 (\S+)", done.output)[0]

    async def come_in():
        return await redeem_code(code=code, password="三棵树下一只小花猫", now=now())

    in_database(tmp_path, come_in)
    wrong = linli("token", "--login=13800000001", "--password=一只猫三棵树下")
    assert wrong.exit_code == 1
    scopes = ("read", "write", "staff")
    made = linli(
        "token",
        "--login=13800000001",
        "--password=三棵树下一只小花猫",
        f"--scope={' '.join(scopes)}",
    )
    assert made.exit_code == 0

    async def holder():
        return await token_holder(token=made.stdout.strip(), now=now())

    assert in_database(tmp_path, holder).scopes == scopes


def test_an_address_that_is_no_database_is_said_plainly(linli, monkeypatch):
    monkeypatch.setenv("LINLI_DATABASE_URL", "mysql://somewhere/else")
    done = linli("books", "verify")
    assert done.exit_code == 1
    assert "mysql" in done.stderr


@pytest.mark.slow
def test_the_demo_is_built_once_and_its_books_are_in_order(linli, tmp_path, monkeypatch):
    folder = str(tmp_path / "data")
    built = linli("demo", "--no-serve", "--data", folder)
    assert built.exit_code == 0
    assert len(re.findall("密码", built.stdout)) >= 5
    assert linli("books", "verify").exit_code == 0
    assert "已存在" in linli("demo", "--no-serve", "--data", folder).stdout
