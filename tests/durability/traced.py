"""What a process asks the system for, as strace sees it, in the order in which it happens."""

import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import not_here

SYNCS = ("fdatasync", "fsync")
WRITES = ("write", "writev", "pwrite64", "sendto", "sendmsg")
READS = ("read", "recvfrom", "recvmsg")
# As long as a page of the database with everything in it escaped.
TEXT_MOST = 20_000
CALL = re.compile(r"^(?P<thread>\d+) +(?P<name>\w+)\((?P<rest>.*)$")
RESUMED = re.compile(r"^(?P<thread>\d+) +<\.\.\. (?P<name>\w+) resumed>(?P<rest>.*)$")


@dataclass(slots=True)
class Call:
    """One call: between which lines of the trace it ran, on what file, with what bytes."""

    name: str
    began: int
    ended: int
    text: str

    @property
    def file(self) -> str:
        """The path or the socket that the call is about."""
        found = re.match(r"\d+<(.*?)>[,)]", self.text)
        return found[1] if found else ""


@contextmanager
def traced(pid: int, trace: Path) -> Iterator[None]:
    """Write down the calls of a process and its threads, from here to the end of the block."""
    program = shutil.which("strace")
    if program is None:
        not_here("strace", "it is not installed")
    calls = ",".join((*SYNCS, *WRITES, *READS))
    words = [program, "-f", "-yy", "-s", str(TEXT_MOST), "-e", f"trace={calls}", "-o", trace]
    with subprocess.Popen([*words, "-p", str(pid)], stderr=subprocess.PIPE, text=True) as strace:
        assert strace.stderr is not None
        said = strace.stderr.readline()
        if "attached" not in said:
            not_here("strace", said)
        try:
            yield
        finally:
            strace.send_signal(signal.SIGINT)
            strace.wait()


def calls_of(trace: Path) -> list[Call]:
    """All calls in the order in which they began; one that two lines tell of is one call."""
    found: list[Call] = []
    open_calls: dict[str, Call] = {}
    for line, text in enumerate(trace.read_text(errors="replace").splitlines()):
        if began := CALL.match(text):
            call = Call(began["name"], line, line, began["rest"])
            found.append(call)
            if text.endswith("<unfinished ...>"):
                open_calls[began["thread"]] = call
        elif resumed := RESUMED.match(text):
            call = open_calls.pop(resumed["thread"], None)
            if call is not None:
                call.ended = line
                call.text = call.text.removesuffix(" <unfinished ...>") + resumed["rest"]
    assert found, "strace saw nothing"
    return found
