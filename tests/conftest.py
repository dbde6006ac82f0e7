"""Databases for tests: a fresh migrated one for each test, on both engines.

SQLite is a copy of a migrated file; PostgreSQL is a clone of a migrated database on one server
that the whole run shares.  Where no server can run, its tests are skipped and the end of the run
says so; with LINLI_TEST_ALL=1 that is a failure.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from hypothesis import settings

from tests.postgres import ADDRESS_VARIABLE
from web.database import (
    DatabaseEngine,
    PooledSQLiteEngine,
    SafePostgresEngine,
    running,
)
from web.migrations import migrate

RUN_VARIABLE = "LINLI_TEST_RUN"
ALL_VARIABLE = "LINLI_TEST_ALL"
DATA_VARIABLE = "LINLI_SHARED_DATA"
TEMPLATE = "linli_template"
ENGINES = ("sqlite", "postgres")
MEMORY_BYTES_LEAST = 4 * 1024**3
# What the fast tier tries on PostgreSQL too: the engines themselves, and the books.
CORE = (
    "tests/points/ledger",
    "tests/points/test_",
    "tests/web/test_database",
    "tests/web/test_migrations",
    "tests/web/test_backup",
)

# A busy machine is no bug: nothing here is judged by how long it took.
settings.register_profile("linli", deadline=None)
settings.load_profile("linli")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Two tiers that the fast one leaves out."""
    parser.addoption("--all", action="store_true", help="run tests marked slow as well")
    parser.addoption("--long", action="store_true", help="run tests marked long as well")


def pytest_configure(config: pytest.Config) -> None:
    """The folder that all workers of this run share."""
    config.addinivalue_line("markers", "durable: the database must survive a power cut")
    if not hasattr(config, "workerinput"):
        os.environ[RUN_VARIABLE] = tempfile.mkdtemp(prefix="linli-test-")
        (run_folder() / "pid").write_text(str(os.getpid()))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Tell the server's guardians to stop, and remove what the run made."""
    if hasattr(config, "workerinput"):
        return
    for guardian in run_folder().glob("*.guardian"):
        try:
            os.kill(int(guardian.read_text()), 15)
        except ProcessLookupError:
            continue
    shutil.rmtree(run_folder(), ignore_errors=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the tiers out that nobody asked for."""
    asked = {name for name in ("all", "long") if config.getoption(f"--{name}")}
    dropped = [item for item in items if _tier(item) not in (None, *asked)]
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = [item for item in items if item not in set(dropped)]


def _tier(item: pytest.Item) -> str | None:
    """Which option brings an item in: most of what runs on a second engine is for the gate."""
    if item.get_closest_marker("long"):
        return "long"
    on_postgres = "postgres" in getattr(getattr(item, "callspec", None), "id", "")
    core = item.nodeid.startswith(CORE)
    return "all" if item.get_closest_marker("slow") or (on_postgres and not core) else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in plain words what could not run and why."""
    config = terminalreporter.config
    if not (config.getoption("--all") or hasattr(config, "workerinput")):
        terminalreporter.section("left out of the fast tier")
        terminalreporter.write_line(
            "PostgreSQL but for engines and books, most of the browser, kills, whole cities: "
            "pytest --all; soak: pytest --long"
        )
    if not (run_folder() / "missing").is_dir():
        return
    terminalreporter.section("could not run")
    for file in sorted((run_folder() / "missing").iterdir()):
        terminalreporter.write_line(file.read_text())


def run_folder() -> Path:
    """The folder that all workers of this run share."""
    return Path(os.environ[RUN_VARIABLE])


def not_here(what: str, why: str, *, needed: bool = True) -> None:
    """Skip this test because ``what`` is not to be had, and remember it for the summary.

    Where everything is asked for that is a failure, unless nobody ``needed`` to bring it.
    """
    folder = run_folder() / "missing"
    folder.mkdir(exist_ok=True)
    (folder / what.replace("/", "_")).write_text(f"{what}: {why}")
    if needed and os.environ.get(ALL_VARIABLE) == "1":
        pytest.fail(f"{what} is needed ({ALL_VARIABLE}=1), but {why}", pytrace=False)
    pytest.skip(f"{what}: {why}")


@contextmanager
def alone(name: str) -> Iterator[None]:
    """One worker of this run at a time."""
    with (run_folder() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Everything here runs on asyncio."""
    return "asyncio"


@pytest.fixture
def shared_data() -> Path:
    """The folder of real open data that the project does not ship."""
    default = Path(__file__).parents[2] / "shared" / "data"
    given = os.environ.get(DATA_VARIABLE)
    folder = Path(given or default)
    if not folder.is_dir():
        # The real data are no part of the repository: a clone without them is whole.
        not_here("shared data", f"{DATA_VARIABLE} names no folder with them", needed=bool(given))
    return folder


# PostgreSQL


def server_url(*, durable: bool) -> str:
    """The address of the server of this run; the first to ask starts it."""
    given = os.environ.get(ADDRESS_VARIABLE)
    if given:
        return given
    name = "durable" if durable else "fast"
    told = run_folder() / f"{name}.url"
    with alone(name):
        if not told.exists():
            told.write_text(_started(name))
    url = told.read_text()
    if not url.startswith("postgresql:"):
        not_here("PostgreSQL", url)
    return url


def _started(name: str) -> str:
    """Start a guardian; returns the server's address, or why there is none."""
    folder = Path(tempfile.mkdtemp(prefix="linli-pg-", dir=_memory() if name == "fast" else None))
    run_pid = (run_folder() / "pid").read_text()
    guardian = subprocess.Popen(
        [sys.executable, "-m", "tests.postgres", str(folder), run_pid, name],
        cwd=Path(__file__).parents[1],
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    (run_folder() / f"{name}.guardian").write_text(str(guardian.pid))
    until = time.monotonic() + 60
    while time.monotonic() < until and guardian.poll() is None:
        for answer in (folder / "url", folder / "reason"):
            if answer.exists():
                return answer.read_text()
        time.sleep(0.02)
    return "the server's guardian ended without an answer"


def _memory() -> Path | None:
    """A file system in memory with room to spare: cloning a database is mostly writing files."""
    memory = Path("/dev/shm")
    if not (memory.is_dir() and os.access(memory, os.W_OK)):
        return None
    return memory if shutil.disk_usage(memory).free > MEMORY_BYTES_LEAST else None


def database_named(url: str, name: str) -> str:
    """The address of another database on the same server."""
    parts = urlsplit(url)
    # Without a host, urlunsplit would drop the slashes that asyncpg wants to see.
    return urlunsplit(parts._replace(path=f"/{name}"))


async def _ask(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def _template(url: str) -> str:
    """A migrated database to clone, made once for each run and server."""
    run_name = run_folder().name.rpartition("-")[2].lower()
    name = f"{TEMPLATE}_{run_name}"
    made = run_folder() / f"{uuid.uuid5(uuid.NAMESPACE_URL, url)}.made"
    with alone("template"):
        if not made.exists():
            await _ask(url, f'CREATE DATABASE "{name}"')
            async with running(SafePostgresEngine(database_named(url, name))) as engine:
                await migrate(engine)
            made.touch()
    return name


@asynccontextmanager
async def _database(url: str, template: str) -> AsyncIterator[str]:
    name = f"linli_{uuid.uuid4().hex}"
    # Copying files is fifteen times as quick as writing the copy through the log (PostgreSQL 15).
    await _ask(url, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    yield database_named(url, name)
    await _ask(url, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
async def postgres_url(anyio_backend: str, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """The address of a fresh migrated PostgreSQL database."""
    url = server_url(durable=_is_durable(request))
    async with _database(url, await _template(url)) as fresh:
        yield fresh


@pytest.fixture
async def empty_postgres_url(
    anyio_backend: str, request: pytest.FixtureRequest
) -> AsyncIterator[str]:
    """The address of a PostgreSQL database with nothing in it."""
    async with _database(server_url(durable=_is_durable(request)), "template0") as fresh:
        yield fresh


# SQLite


async def _migrated_file() -> Path:
    """A migrated file to copy, made once for each run."""
    file = run_folder() / "template.sqlite"
    with alone("file"):
        if not file.exists():
            unfinished = run_folder() / "unfinished.sqlite"
            async with running(PooledSQLiteEngine(str(unfinished), synchronous="OFF")) as engine:
                await migrate(engine)
            unfinished.rename(file)
    return file


@pytest.fixture
async def sqlite_url(anyio_backend: str, tmp_path: Path) -> str:
    """The address of a fresh migrated SQLite file."""
    file = tmp_path / "linli.sqlite"
    shutil.copyfile(await _migrated_file(), file)
    return f"sqlite:///{file}"


@pytest.fixture
def empty_sqlite_url(tmp_path: Path) -> str:
    """The address of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'empty.sqlite'}"


# Either


def _is_durable(request: pytest.FixtureRequest) -> bool:
    return request.node.get_closest_marker("durable") is not None


def _sqlite(url: str, request: pytest.FixtureRequest) -> PooledSQLiteEngine:
    synchronous = "FULL" if _is_durable(request) else "OFF"
    return PooledSQLiteEngine(url.removeprefix("sqlite:///"), synchronous=synchronous)


@pytest.fixture
async def sqlite_engine(
    sqlite_url: str, request: pytest.FixtureRequest
) -> AsyncIterator[PooledSQLiteEngine]:
    """A running engine on a fresh migrated SQLite file, bound for every query."""
    async with running(_sqlite(sqlite_url, request)) as engine:
        assert isinstance(engine, PooledSQLiteEngine)
        yield engine


@pytest.fixture
async def postgres_engine(postgres_url: str) -> AsyncIterator[SafePostgresEngine]:
    """A running engine on a fresh migrated PostgreSQL database, bound for every query."""
    async with running(SafePostgresEngine(postgres_url)) as engine:
        assert isinstance(engine, SafePostgresEngine)
        yield engine


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, anyio_backend: str) -> DatabaseEngine:
    """A running engine on a fresh migrated database: the test runs once on each."""
    found: DatabaseEngine = request.getfixturevalue(f"{request.param}_engine")
    return found


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest, anyio_backend: str) -> str:
    """The address of a fresh migrated database, for programs: the test runs once on each."""
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found


@pytest.fixture(params=ENGINES)
def empty_url(request: pytest.FixtureRequest, anyio_backend: str) -> str:
    """The address of a database with nothing in it: the test runs once on each engine."""
    found: str = request.getfixturevalue(f"empty_{request.param}_url")
    return found


@pytest.fixture
def other_url(request: pytest.FixtureRequest, database_url: str) -> str:
    """The address of an empty database of the same engine as ``database_url``."""
    name = "sqlite" if database_url.startswith("sqlite") else "postgres"
    found: str = request.getfixturevalue(f"empty_{name}_url")
    return found
