"""A backup beside writers holds all that was acknowledged before it, and nothing by halves."""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from points.transactions import run, use_case
from tests.postgres import programs
from web import backup as backups
from web.backup import backup, restore
from web.database import opened

pytestmark = pytest.mark.anyio

WRITERS = 4


@pytest.fixture(autouse=True)
def clients_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's programs of the same version as the server of the tests."""
    monkeypatch.setenv("PATH", str(programs()), prepend=":")


@pytest.fixture
async def pairs(database_url: str) -> str:
    """A database with a table that is only ever written two rows at a time."""
    async with opened(database_url):
        await run("CREATE TABLE pair (number BIGINT, side BIGINT, PRIMARY KEY (number, side))")
        await write_pair(0)
    return database_url


@use_case
async def write_pair(number: int) -> None:
    await run("INSERT INTO pair (number, side) VALUES ({}, 1)", number)
    await run("INSERT INTO pair (number, side) VALUES ({}, 2)", number)


async def sides() -> dict[int, int]:
    rows = await run("SELECT number, COUNT(*) AS many FROM pair GROUP BY number")
    return {int(row["number"]): int(row["many"]) for row in rows}


@asynccontextmanager
async def writers_at_work(acknowledged: set[int]) -> AsyncIterator[None]:
    """Several tasks that write until the block ends."""
    numbers = iter(range(1, 1_000_000))
    warm = asyncio.Event()

    async def write() -> None:
        for number in numbers:
            await write_pair(number)
            acknowledged.add(number)
            if len(acknowledged) == 50:
                warm.set()

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(write()) for _ in range(WRITERS)]
        await warm.wait()
        yield
        for task in tasks:
            task.cancel()


async def test_a_backup_beside_writers_is_whole(pairs: str, other_url: str, tmp_path: Path) -> None:
    acknowledged: set[int] = set()
    async with opened(pairs), writers_at_work(acknowledged):
        before = set(acknowledged)
        await backup(pairs, tmp_path / "copy")
        after = set(acknowledged)
    await restore(other_url, tmp_path / "copy")
    async with opened(other_url):
        restored = await sides()
        await write_pair(1_000_001)
    assert set(restored.values()) == {2}
    assert before <= restored.keys()
    assert len(after) > len(before), "nobody wrote while the backup ran"
    assert not any("unfinished" in name for name in os.listdir(tmp_path))


async def test_a_restored_database_refuses_what_the_first_refused(
    pairs: str, other_url: str, tmp_path: Path
) -> None:
    await backup(pairs, tmp_path / "copy")
    await restore(other_url, tmp_path / "copy")
    async with opened(other_url):
        with pytest.raises(Exception, match="append-only"):
            await run("DELETE FROM route")


async def test_a_restore_replaces_a_database_only_when_told(pairs: str, tmp_path: Path) -> None:
    await backup(pairs, tmp_path / "copy")
    async with opened(pairs):
        await write_pair(5)
    with pytest.raises(backups.DatabaseTaken):
        await restore(pairs, tmp_path / "copy")
    async with opened(pairs):
        assert set(await sides()) == {0, 5}
    await restore(pairs, tmp_path / "copy", replace=True)
    async with opened(pairs):
        assert set(await sides()) == {0}


async def test_a_backup_never_replaces_a_file(pairs: str, tmp_path: Path) -> None:
    (tmp_path / "copy").write_text("precious")
    with pytest.raises(backups.FileTaken):
        await backup(pairs, tmp_path / "copy")
    assert (tmp_path / "copy").read_text() == "precious"


@pytest.mark.parametrize("damage", ["empty", "text", "half"])
async def test_a_damaged_backup_is_refused_and_changes_nothing(
    pairs: str, tmp_path: Path, damage: str
) -> None:
    copy = tmp_path / "copy"
    await backup(pairs, copy)
    whole = copy.read_bytes()
    copy.write_bytes({"empty": b"", "text": b"x" * 999, "half": whole[: len(whole) // 2]}[damage])
    with pytest.raises((backups.BackupDamaged, backups.ProgramFailed)):
        await restore(pairs, copy, replace=True)
    async with opened(pairs):
        assert set(await sides()) == {0}


async def test_what_does_not_exist_is_missed(database_url: str, tmp_path: Path) -> None:
    with pytest.raises(backups.DatabaseMissing):
        await restore(database_url, tmp_path / "absent")
    gone = database_url.replace("linli", "absent", 1).replace("linli.sqlite", "absent.sqlite")
    with pytest.raises(backups.DatabaseMissing):
        await backup(gone, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


async def test_a_file_in_use_is_not_replaced(sqlite_url: str, tmp_path: Path) -> None:
    async with opened(sqlite_url):
        await backup(sqlite_url, tmp_path / "copy")
        with pytest.raises(backups.DatabaseInUse):
            await restore(sqlite_url, tmp_path / "copy", replace=True)
        assert await run("SELECT name FROM migration")


async def test_a_sqlite_backup_is_one_plain_file(sqlite_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    await backup(sqlite_url, folder / "copy")
    assert [file.name for file in folder.iterdir()] == ["copy"]
    raw = sqlite3.connect(folder / "copy")
    assert raw.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    raw.close()


async def test_without_the_programs_it_says_which_are_needed(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(backups.ProgramMissing, match="pg_dump"):
        await backup(postgres_url, tmp_path / "copy")


async def test_an_older_program_is_refused(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(backups.ProgramTooOld, match="version 9"):
        await backup(postgres_url, tmp_path / "copy")


def test_a_password_is_not_on_the_command_line() -> None:
    assert "secret" not in backups._plain("postgresql://me:secret@host/name")
