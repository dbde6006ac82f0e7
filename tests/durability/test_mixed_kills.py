"""kill -9 while everything is written at once: of our server, and of PostgreSQL itself.

Awards in sets, holds, releases, hand-overs, household pools and donations.  A handful of kills:
``pytest --long tests/durability/test_mixed_kills.py -k kill00``.
"""

import random
import uuid
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.conftest import _ask, database_named, not_here
from tests.durability.killed_postgres import KilledPostgres, killed_postgres
from tests.durability.mixed import Load, set_the_scene
from tests.durability.server_process import ServerProcess, serving
from tests.postgres import NoServer
from web.database import SafePostgresEngine, opened, running
from web.migrations import migrate

pytestmark = [pytest.mark.anyio, pytest.mark.durable, pytest.mark.long]
KILLS = {"sqlite": 200, "postgres": 50}


def rounds(engine: str) -> pytest.MarkDecorator:
    """As many as the bar asks for, each with a number to choose it by."""
    numbers = range(KILLS[engine])
    return pytest.mark.parametrize("number", numbers, ids=[f"kill{one:03}" for one in numbers])


def when_to_kill(load: Load, number: int) -> int:
    """After so many acknowledgements, with others still under way."""
    return random.Random(number).randint(1, len(load.writes) - 5)


def nothing_more() -> None:
    """Let the server live."""


@rounds("sqlite")
async def test_nothing_acknowledged_is_lost_or_done_twice_when_we_are_killed(sqlite_url, number):
    async with opened(sqlite_url):
        load = await set_the_scene()
    after = when_to_kill(load, number)
    async with serving(sqlite_url) as server:
        await load.send(server, server.kill, after=after)
    assert len(load.acknowledged) >= after
    async with opened(sqlite_url):
        await load.check()
    async with serving(sqlite_url) as server:
        await all_is_done_once(load, server, sqlite_url)


@rounds("postgres")
async def test_nothing_acknowledged_is_lost_or_done_twice_when_postgresql_is_killed(
    own_postgres, own_url, number
):
    async with opened(own_url):
        load = await set_the_scene()
    after = when_to_kill(load, number)
    async with serving(own_url) as server:
        await load.send(server, own_postgres.kill, after=after)
        assert len(load.acknowledged) >= after
        own_postgres.start_again()
        async with opened(own_url):
            await load.check()
        # The same process of ours finds its way back to the database.
        await all_is_done_once(load, server, own_url)


async def all_is_done_once(load: Load, server: ServerProcess, url: str) -> None:
    """Whoever got no answer sends the same form again, and so does whoever got one."""
    again = Load(load.sessions, load.writes)
    await again.send(server, nothing_more, after=-1)
    assert len(again.acknowledged) == len(load.writes)
    async with opened(url):
        await again.check()


@pytest.fixture(scope="module")
def own_postgres() -> Iterator[KilledPostgres]:
    """One server for all kills of a run: it has been killed before, again and again."""
    try:
        with killed_postgres() as server:
            yield server
    except NoServer as reason:
        not_here("PostgreSQL", str(reason))


@pytest.fixture
async def own_url(own_postgres: KilledPostgres, anyio_backend: str) -> AsyncIterator[str]:
    """A fresh migrated database on that server, whose making is on disk."""
    name = f"linli_{uuid.uuid4().hex}"
    await _ask(own_postgres.url, f'CREATE DATABASE "{name}"')
    url = database_named(own_postgres.url, name)
    async with running(SafePostgresEngine(url)) as engine:
        await migrate(engine)
    yield url
    await _ask(own_postgres.url, f'DROP DATABASE "{name}" WITH (FORCE)')
