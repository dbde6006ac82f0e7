"""kill -9 while everything is written at once: of our server, and of PostgreSQL itself.

Awards in sets, holds, releases, hand-overs, household pools and donations; in one evening eight
times, each time among the first answers of those who have none yet (at last, of all who ask
again).  A handful of kills:
``pytest --long tests/durability/test_mixed_kills.py -k evening00``.
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
# 200 kills of ours on SQLite, 56 of PostgreSQL.
EVENINGS = {"sqlite": 25, "postgres": 7}
KILLS = 8
ANSWERS_MOST = 9


def evenings(engine: str) -> pytest.MarkDecorator:
    """As many as the bar asks for, each with a number to choose it by."""
    numbers = range(EVENINGS[engine])
    names = [f"evening{one:02}" for one in numbers]
    return pytest.mark.parametrize("number", numbers, ids=names)


def answers_before_each_kill(number: int) -> list[int]:
    """After how many acknowledgements, with others still under way."""
    dice = random.Random(number)
    return [dice.randint(1, ANSWERS_MOST) for _ in range(KILLS)]


def nothing_more() -> None:
    """Let the server live."""


@evenings("sqlite")
async def test_nothing_acknowledged_is_lost_or_done_twice_when_we_are_killed(sqlite_url, number):
    async with opened(sqlite_url):
        load = await set_the_scene()
    for after in answers_before_each_kill(number):
        async with serving(sqlite_url) as server:
            await load.send_rest(server, server.kill, after=after)
        async with opened(sqlite_url):
            await load.check()
    async with serving(sqlite_url) as server:
        await all_is_done_once(load, server, sqlite_url)


@evenings("postgres")
async def test_nothing_acknowledged_is_lost_or_done_twice_when_postgresql_is_killed(
    own_postgres, own_url, number
):
    async with opened(own_url):
        load = await set_the_scene()
    # The same process of ours finds its way back to the database, every time.
    async with serving(own_url) as server:
        for after in answers_before_each_kill(number):
            await load.send_rest(server, own_postgres.kill, after=after)
            own_postgres.start_again()
            async with opened(own_url):
                await load.check()
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
