"""Files that stewards sent in and have not decided about: a folder for each, on this machine.

``imports/NUMBER/`` in the data folder holds the file and what was found in it, readable by the
install alone.  The number is long and random to everybody else, the owner stands inside, and
nobody but she is answered.  A worker process does the work (``web.import_worker``); as long as it
lives it touches ``work.json``, so every server process of the machine knows how far it is, and a
worker that died is noticed.
"""

import asyncio
import contextlib
import json
import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self

from points.errors import Conflict, DomainError, Missing, error_by_code
from points.imports.columns import Kind
from points.imports.rows import ImportReport, RowProblem

KEPT_HOURS: Final = 24
WAITING_MAX: Final = 12
DISK_LEAST_BYTES: Final = 200_000_000
# A living worker touches its file every second.
DEAD_SECONDS: Final = 15.0
LOOK_AGAIN_SECONDS: Final = 0.05
GROUPS: Final = ("refused", "held_back", "notes")


class UploadGone(Missing):
    """Kept, discarded, too old, or somebody else's."""

    message = "This file is not here any more. What you have sent in stands on the imports page."


class TooManyUploads(Conflict):
    """More than one person can be deciding about."""

    message = "{most} of your files wait already. Keep or discard one of them first."


class DiskFull(Conflict):
    """No room for another file."""

    message = "The office computer has no room left for this file. Tell whoever looks after it."


@dataclass(frozen=True, slots=True)
class Upload:
    """What was sent in, by whom, and where it is meant to go."""

    id: int
    owner_id: int
    area_id: int
    kind: Kind
    name: str
    encoding: str
    level: str
    category: str
    new_estates: bool
    size: int
    created_at: datetime
    folder: Path

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The upload that lives in a folder."""
        facts = _read(folder / "upload.json")
        if facts is None:
            raise UploadGone
        facts["created_at"] = datetime.fromisoformat(facts["created_at"])
        return cls(**facts, folder=folder)

    @property
    def content(self) -> Path:
        """The file itself; gone once it is kept."""
        return self.folder / "content"

    @property
    def gone_at(self) -> datetime:
        """When it is removed if nobody decides."""
        return self.created_at + timedelta(hours=KEPT_HOURS)

    def told(self, what: str) -> dict[str, Any] | None:
        """What the worker wrote down: look, choice, try, kept; None before it has."""
        return _read(self.folder / f"{what}.json")

    def tell(self, what: str, facts: Mapping[str, Any]) -> None:
        """Write something down, whole or not at all."""
        _write(self.folder / f"{what}.json", facts)

    def forget(self, *what: str) -> None:
        """Remove what was written down and does not hold any more."""
        for name in what:
            (self.folder / f"{name}.json").unlink(missing_ok=True)

    def work(self) -> dict[str, Any] | None:
        """How far the worker is; None where nobody works on it."""
        return _work(self.folder)

    def claim(self, facts: Mapping[str, Any]) -> bool:
        """Become the one who works on it; of several who try, one succeeds."""
        if self.work() is not None:
            return False
        path, mark = self.folder / "work.json", f"{os.getpid()}-{time.monotonic_ns()}"
        with contextlib.suppress(FileNotFoundError):
            # What a dead worker left behind.
            path.rename(path.with_name(f"dead-{mark}"))
        self.tell(f"claim-{mark}", facts)
        claim = self.folder / f"claim-{mark}.json"
        try:
            os.link(claim, path)
        except FileExistsError:
            return False
        finally:
            claim.unlink()
        return True

    def remove(self) -> None:
        """Take it off the disk."""
        shutil.rmtree(self.folder, ignore_errors=True)


def root(data: Path) -> Path:
    """Where all of them are."""
    return data / "imports"


def receive(data: Path, content: bytes, facts: Mapping[str, Any]) -> Upload:
    """Put a file down; the same form sent twice is the same upload."""
    folder = root(data) / str(facts["id"])
    if folder.exists():
        return Upload.read(folder)
    if len(uploads(data, facts["owner_id"])) >= WAITING_MAX:
        raise TooManyUploads(most=WAITING_MAX)
    root(data).mkdir(mode=0o700, parents=True, exist_ok=True)
    if shutil.disk_usage(root(data)).free < DISK_LEAST_BYTES + len(content):
        raise DiskFull
    unfinished = root(data) / f"{facts['id']}.new-{os.getpid()}-{time.monotonic_ns()}"
    unfinished.mkdir(mode=0o700)
    with open(unfinished / "content", "xb", opener=_private) as file:
        file.write(content)
    _write(unfinished / "upload.json", facts)
    try:
        unfinished.rename(folder)
    except OSError:
        # The same form, a moment earlier.
        shutil.rmtree(unfinished, ignore_errors=True)
    return Upload.read(folder)


def uploads(data: Path, owner_id: int) -> list[Upload]:
    """Somebody's own, the newest first."""
    found = []
    for folder in _folders(data):
        try:
            found.append(Upload.read(folder))
        except UploadGone:
            continue
    mine = [one for one in found if one.owner_id == owner_id]
    return sorted(mine, key=lambda one: one.created_at, reverse=True)


def upload(data: Path, owner_id: int, upload_id: int) -> Upload:
    """One of somebody's own; for everybody else it does not exist."""
    found = Upload.read(root(data) / str(upload_id))
    if found.owner_id != owner_id:
        raise UploadGone
    return found


def working(data: Path) -> int:
    """How many are being worked on."""
    return sum(_work(folder) is not None for folder in _folders(data))


async def settled(one: Upload, seconds: float) -> bool:
    """Wait a little for the worker, so that a short list needs no second look."""
    until = time.monotonic() + seconds
    while one.work() is not None:
        if time.monotonic() > until:
            return False
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
    return True


async def forget_old(data: Path, now: datetime) -> int:
    """Remove what nobody decided about for a day, and what never became whole."""
    old = now.timestamp() - KEPT_HOURS * 3600
    gone = 0
    for folder in root(data).iterdir() if root(data).is_dir() else ():
        facts = _read(folder / "upload.json")
        made = datetime.fromisoformat(facts["created_at"]).timestamp() if facts else _age(folder)
        if made < old:
            shutil.rmtree(folder, ignore_errors=True)
            gone += 1
    return gone


def _age(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except OSError:
        return 0.0


# --- reports and refusals, from one process to another


def report_facts(report: ImportReport, shown: int) -> dict[str, Any]:
    """What a page says of a report: the numbers, and the first rows that came back."""
    groups = {name: getattr(report, name) for name in GROUPS}
    return {
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        **{name: len(rows) for name, rows in groups.items()},
        "first": {name: [_problem(row) for row in rows[:shown]] for name, rows in groups.items()},
    }


def report_rows(report: ImportReport) -> dict[str, Any]:
    """Every row that came back."""
    return {name: [_problem(row) for row in getattr(report, name)] for name in GROUPS}


def report_of(rows: Mapping[str, Any]) -> ImportReport:
    """The rows that came back, with their reasons."""
    returned, held_back, notes = (tuple(map(problem_of, rows[name])) for name in GROUPS)
    return ImportReport(refused=returned, held_back=held_back, notes=notes)


def _problem(row: RowProblem) -> dict[str, Any]:
    return {"line": row.line, "column": row.column, "value": row.value, **refusal(row.error)}


def problem_of(facts: Mapping[str, Any]) -> RowProblem:
    """A row that came back."""
    return RowProblem(facts["line"], facts["column"], facts["value"], refused(facts))


def refusal(error: DomainError) -> dict[str, Any]:
    """A refusal to be written down."""
    return {"code": error.code, "facts": dict(error.facts)}


def refused(facts: Mapping[str, Any]) -> DomainError:
    """The refusal that was written down."""
    return error_by_code(facts["code"])(**facts["facts"])


# --- files


def _work(folder: Path) -> dict[str, Any] | None:
    path = folder / "work.json"
    try:
        fresh = time.time() - path.stat().st_mtime < DEAD_SECONDS
    except OSError:
        return None
    return (_read(path) or {}) if fresh else None


def _folders(data: Path) -> list[Path]:
    if not root(data).is_dir():
        return []
    return [one for one in root(data).iterdir() if one.name.isdecimal()]


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _write(path: Path, facts: Mapping[str, Any]) -> None:
    unfinished = path.with_name(f"{path.name}.{os.getpid()}-{time.monotonic_ns()}")
    with open(unfinished, "x", encoding="utf-8", opener=_private) as file:
        json.dump(facts, file, ensure_ascii=False, default=str)
    unfinished.replace(path)
