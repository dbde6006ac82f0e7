"""Copies of the whole database, taken while people work, and put back.

A backup holds everything that was acknowledged before it began, and nothing by halves.  It is
written beside its place and moved there when it is complete and on disk.
"""

import asyncio
import os
import re
import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

import asyncpg

from points.errors import Conflict, Invalid, Missing
from web.database import open_engine, sqlite_path
from web.database_sqlite import PooledSQLiteEngine

TABLES_OF_OURS = "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()"


class FileTaken(Conflict):
    """The backup would replace another one."""

    message = "{file} exists already. Give another name."


class DatabaseTaken(Conflict):
    """The restore would replace a database."""

    message = "There is already a database at {place}. Say --replace to lose what is in it."


class DatabaseInUse(Conflict):
    """The restore would pull the file from under somebody."""

    message = "{place} is in use. Stop the server first."


class DatabaseMissing(Missing):
    """There is nothing to copy."""

    message = "There is no database at {place}."


class BackupDamaged(Invalid):
    """The file is no backup of ours, or not whole."""

    message = "{file} is not a whole backup: {reason}"


class ProgramMissing(Missing):
    """PostgreSQL's own programs are needed."""

    message = (
        "{program} is not on the PATH. Install the PostgreSQL client, version {major} or later."
    )


class ProgramTooOld(Conflict):
    """An older program does not understand a newer server."""

    message = "{program} on the PATH is version {found}, but the server is version {major}."


class ProgramFailed(Conflict):
    """PostgreSQL's program says why."""

    message = "{program} failed: {reason}"


async def backup(url: str, file: Path) -> None:
    """Write the whole database at ``url`` to ``file``."""
    if await asyncio.to_thread(file.exists):
        raise FileTaken(file=str(file))
    unfinished = _beside(file)
    try:
        if _is_sqlite(url):
            await asyncio.to_thread(_copy_out, sqlite_path(url), unfinished)
        else:
            await _dump(url, unfinished)
        _put(unfinished, file)
    finally:
        unfinished.unlink(missing_ok=True)


async def restore(url: str, file: Path, *, replace: bool = False) -> None:
    """Make the database at ``url`` what it was when ``file`` was written."""
    if not await asyncio.to_thread(file.is_file):
        raise DatabaseMissing(place=str(file))
    if _is_sqlite(url):
        await asyncio.to_thread(_copy_in, file, sqlite_path(url), replace)
    else:
        await _load(url, file, replace=replace)


def _is_sqlite(url: str) -> bool:
    return isinstance(open_engine(url), PooledSQLiteEngine)


def _beside(file: Path) -> Path:
    return file.with_name(f"{file.name}.{os.getpid()}.unfinished")


def _put(unfinished: Path, file: Path) -> None:
    """Move a file to its place so that a power cut leaves all of it or nothing."""
    with unfinished.open("rb+") as content:
        os.fsync(content.fileno())
    unfinished.replace(file)
    if os.name != "nt":  # Windows cannot open a folder, and needs not.
        folder = os.open(file.absolute().parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


# SQLite


def _copy_out(database: Path, unfinished: Path) -> None:
    if not database.is_file():
        raise DatabaseMissing(place=str(database))
    with (
        closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=rw", uri=True)) as source,
        closing(sqlite3.connect(unfinished)) as target,
    ):
        # All pages in one step: one read transaction, beside which others go on writing.
        source.backup(target)
        # One plain file, with nothing in a log beside it.
        target.execute("PRAGMA journal_mode = DELETE")
    _verify(unfinished)


def _copy_in(file: Path, database: Path, replace: bool) -> None:
    _verify(file)
    if database.exists():
        if not replace:
            raise DatabaseTaken(place=str(database))
        _take_out_of_use(database)
    database.parent.mkdir(parents=True, exist_ok=True)
    unfinished = _beside(database)
    try:
        shutil.copyfile(file, unfinished)
        _put(unfinished, database)
    finally:
        unfinished.unlink(missing_ok=True)


def _verify(file: Path) -> None:
    try:
        # Immutable: looking at a backup leaves no log or lock file beside it.
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?immutable=1", uri=True)) as raw:
            [found] = raw.execute("PRAGMA integrity_check(1)").fetchone()
            if found == "ok":
                raw.execute("SELECT count(*) FROM migration").fetchone()
    except sqlite3.DatabaseError as error:
        raise BackupDamaged(file=str(file), reason=str(error)) from error
    if found != "ok":
        raise BackupDamaged(file=str(file), reason=found)


def _take_out_of_use(database: Path) -> None:
    """Empty the log into the file that is to be replaced; SQLite does so only for the last user."""
    with closing(sqlite3.connect(database, timeout=0.5)) as raw:
        try:
            [mode] = raw.execute("PRAGMA journal_mode = DELETE").fetchone()
        except sqlite3.OperationalError as error:
            raise DatabaseInUse(place=str(database)) from error
        except sqlite3.DatabaseError:
            return  # It is no database (any more), which may be why it is being replaced.
    if mode != "delete":
        raise DatabaseInUse(place=str(database))


# PostgreSQL


async def _dump(url: str, unfinished: Path) -> None:
    major, _ = await _server(url)
    program = await _program("pg_dump", major)
    await _run(program, url, "--format=custom", "--no-owner", "--no-acl", f"--file={unfinished}")


async def _load(url: str, file: Path, *, replace: bool) -> None:
    major, tables = await _server(url)
    program = await _program("pg_restore", major)
    await _listed(program, file)
    if tables and not replace:
        raise DatabaseTaken(place=_plain(url))
    clean = ["--clean", "--if-exists"] if replace else []
    # One transaction: what cannot be restored whole leaves the database as it was.
    await _run(
        program, url, "--single-transaction", "--no-owner", "--no-acl", *clean, last=str(file)
    )


async def _server(url: str) -> tuple[int, int]:
    """The server's major version, and how many tables the database has."""
    try:
        connection = await asyncpg.connect(url)
    except (OSError, asyncpg.PostgresError) as error:
        raise DatabaseMissing(place=_plain(url)) from error
    try:
        version = await connection.fetchval("SHOW server_version_num")
        return int(version) // 10000, int(await connection.fetchval(TABLES_OF_OURS))
    finally:
        await connection.close()


async def _program(name: str, major: int) -> str:
    path = shutil.which(name)
    if path is None:
        raise ProgramMissing(program=name, major=major)
    code, told, _ = await _output(path, "--version")
    found = re.search(r"\) (\d+)", told)
    if code or found is None or int(found[1]) < major:
        raise ProgramTooOld(program=name, found=found[1] if found else "?", major=major)
    return path


async def _listed(program: str, file: Path) -> None:
    code, _, reason = await _output(program, "--list", str(file))
    if code:
        raise BackupDamaged(file=str(file), reason=reason.strip()[-300:])


async def _run(program: str, url: str, *options: str, last: str | None = None) -> None:
    command = [program, "--no-password", *options, f"--dbname={_plain(url)}"]
    environment = dict(os.environ)
    password = urlsplit(url).password
    if password:
        # Everybody on the machine can read a command line.
        environment["PGPASSWORD"] = unquote(password)
    code, _, reason = await _output(*command, *([last] if last else []), environment=environment)
    if code:
        raise ProgramFailed(program=Path(program).name, reason=reason.strip()[-300:])


def _plain(url: str) -> str:
    parts = urlsplit(url)
    return url.replace(f":{parts.password}@", "@", 1) if parts.password else url


async def _output(*command: str, environment: dict[str, str] | None = None) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        *command,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        told, reason = await process.communicate()
    except BaseException:
        with suppress(ProcessLookupError):
            process.kill()
        raise
    return process.returncode or 0, told.decode(errors="replace"), reason.decode(errors="replace")
