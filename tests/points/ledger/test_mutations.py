"""Every bug that is planted into the ledger is caught by known histories, in seconds."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from queue import SimpleQueue

import pytest

from tests.points.ledger.mutations import MUTATIONS, Mutation
from web.database import PooledSQLiteEngine, running
from web.migrations import migrate

ROOT = Path(__file__).parents[3]
PACKAGES = ("points", "talentmap", "web", "tests")
AT_ONCE = 2
SECONDS_MAX = 120
# Compiled files are trusted by the time of their source: each planted source has one of its own.
_moments: Iterator[int] = count(1_000_000_000)


class Copy:
    """A copy of the source in which one bug at a time is planted."""

    def __init__(self, folder: Path, template: Path) -> None:
        self.folder = folder
        self.template = template
        for package in PACKAGES:
            shutil.copytree(
                ROOT / package,
                folder / package,
                ignore=shutil.ignore_patterns("__pycache__", "vendor", "fixtures"),
            )

    def outcome(self, planted: Mutation | None) -> str:
        """What the check says: how the bug was caught, or nothing."""
        if planted is None:
            return self._checked()
        file = self.folder / planted.file
        sound = file.read_text()
        self._write(file, sound.replace(planted.text, planted.planted))
        try:
            return self._checked()
        finally:
            self._write(file, sound)

    def _checked(self) -> str:
        database = self.folder / "books.sqlite"
        for old in self.folder.glob("books.sqlite*"):
            old.unlink()
        shutil.copyfile(self.template, database)
        done = subprocess.run(
            [sys.executable, "-m", "tests.points.ledger.mutant_check", str(database)],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(self.folder)},
            capture_output=True,
            text=True,
            timeout=SECONDS_MAX,
        )
        return done.stdout + done.stderr if done.returncode else ""

    @staticmethod
    def _write(file: Path, source: str) -> None:
        file.write_text(source)
        moment = next(_moments)
        os.utime(file, (moment, moment))


@pytest.fixture
async def template(anyio_backend: str, tmp_path: Path) -> Path:
    """A migrated database to copy."""
    file = tmp_path / "template.sqlite"
    async with running(PooledSQLiteEngine(str(file), synchronous="OFF")) as engine:
        await migrate(engine)
    return file


@pytest.mark.parametrize("planted", MUTATIONS, ids=lambda planted: planted.name)
def test_a_bug_is_planted_where_its_text_stands(planted: Mutation) -> None:
    assert (ROOT / planted.file).read_text().count(planted.text) == 1
    assert planted.planted != planted.text


@pytest.mark.slow
@pytest.mark.anyio
async def test_every_planted_bug_is_caught(template: Path, tmp_path: Path) -> None:
    copies: SimpleQueue[Copy] = SimpleQueue()
    for number in range(AT_ONCE):
        copies.put(Copy(tmp_path / f"copy{number}", template))

    def tried(planted: Mutation | None) -> tuple[str, str]:
        copy = copies.get()
        try:
            return planted.name if planted else "", copy.outcome(planted)
        finally:
            copies.put(copy)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        outcomes = dict(threads.map(tried, [None, *MUTATIONS]))
    assert outcomes.pop("") == "", "the sound ledger does not pass its own check"
    assert len(outcomes) >= 17
    assert [name for name, caught in outcomes.items() if not caught] == []
