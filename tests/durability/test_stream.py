"""Open maps on a real server: told of a new activity within seconds, and let go when it stops."""

import signal
from datetime import UTC, datetime, timedelta
from time import monotonic

import anyio
import httpx
import pytest

from points.transactions import run
from tests.cast import cast
from tests.durability.server_process import serving
from web.database import PooledSQLiteEngine, running

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
SHOWN_WITHIN_SECONDS = 5
# Without an end of its own the stream would hold the server for uvicorn's three seconds.
STOPS_WITHIN_SECONDS = 2.5


async def test_an_open_map_hears_of_a_new_activity_and_lets_the_server_go(sqlite_url: str):
    async with running(PooledSQLiteEngine(sqlite_url.removeprefix("sqlite:///"))):
        who = await cast()
        async with (
            serving(sqlite_url) as server,
            httpx.AsyncClient(timeout=30) as client,
            client.stream("GET", f"{server.address}/map/events") as stream,
        ):
            lines = stream.aiter_lines()
            assert (first := await told(lines)) > 0
            started = monotonic()
            await an_activity(who.book, who.estate, who.zhang_wei)
            assert await told(lines) > first
            assert monotonic() - started < SHOWN_WITHIN_SECONDS
            server.process.send_signal(signal.SIGTERM)
            started = monotonic()
            assert [line async for line in lines if line.startswith("data")] == []
            await anyio.to_thread.run_sync(server.process.wait)
            assert monotonic() - started < STOPS_WITHIN_SECONDS
            assert server.process.returncode in (0, -signal.SIGTERM)


async def told(lines: object) -> int:
    """The next version that the stream tells."""
    async for line in lines:  # type: ignore[attr-defined]
        if line.startswith("data: "):
            return int(line.removeprefix("data: "))
    pytest.fail("the stream ended")


async def an_activity(book_id: int, area_id: int, proposer_id: int) -> None:
    starts = datetime.now(UTC) + timedelta(days=2)
    await run(
        "INSERT INTO activity (book_id, area_id, title, category, activity_class, starts_at, "
        "ends_at, deadline_at, minimum, capacity, proposer_id, created_at, state) VALUES "
        "({}, {}, '手机摄影', 'teaching', 'interest', {}, {}, {}, 10, 20, {}, {}, 'gathering')",
        *(book_id, area_id, starts, starts + timedelta(hours=1), starts, proposer_id, starts),
    )
