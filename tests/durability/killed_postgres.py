"""A durable PostgreSQL server of one's own, to be killed and started again on the same data."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.postgres import start, start_again

GONE_WITHIN_SECONDS = 30


@dataclass(slots=True)
class KilledPostgres:
    """The server, from one death to the next."""

    folder: Path
    process: subprocess.Popen[bytes]
    url: str

    def kill(self) -> None:
        """As a power cut would: the postmaster and everything it started, none gets to say bye."""
        family = [self.process.pid, *_children(self.process.pid)]
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        until = time.monotonic() + GONE_WITHIN_SECONDS
        while any(_runs(pid) for pid in family):
            assert time.monotonic() < until, "a process of the server does not die"

    def start_again(self) -> None:
        """Recover from the log, and serve."""
        self.process, self.url = start_again(self.folder, durable=True)


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found]


def _runs(pid: int) -> bool:
    """Whether a process is there and is more than a line in the list of the dead."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


@contextmanager
def killed_postgres() -> Iterator[KilledPostgres]:
    """The server in a folder of its own, until the end of the block."""
    folder = Path(tempfile.mkdtemp(prefix="linli-pg-killed-"))
    try:
        process, url = start(folder, durable=True)
        server = KilledPostgres(folder, process, url)
        try:
            yield server
        finally:
            if server.process.poll() is None:
                server.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
