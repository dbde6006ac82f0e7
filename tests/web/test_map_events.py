"""Open maps hear of changes; streams end with the server and with whoever leaves."""

import asyncio

import pytest

from points.transactions import run
from tests.web.conftest import Site
from web.map_events import Watch, said

pytestmark = pytest.mark.anyio


class Versions:
    """A version that the test moves; it says how often it was asked for."""

    def __init__(self) -> None:
        self.now = 1
        self.asked = 0

    async def __call__(self) -> int:
        self.asked += 1
        return self.now


async def held(watch: Watch) -> None:
    """Until the stream has got so far that it waits."""
    for _ in range(10):
        if watch.followers:
            return
        await asyncio.sleep(0)
    pytest.fail("the stream is not held")


@pytest.fixture
def versions() -> Versions:
    return Versions()


@pytest.fixture
def watch(versions: Versions, anyio_backend: str) -> Watch:
    return Watch(versions, every=0.001, ping=60)


async def test_all_streams_share_one_question_and_hear_of_every_change(
    watch: Watch, versions: Versions
):
    watch.open()
    streams = [watch.follow() for _ in range(20)]
    assert [await anext(stream) for stream in streams] == [1] * 20
    waiting = [asyncio.ensure_future(anext(stream)) for stream in streams]
    versions.now = 2
    assert await asyncio.gather(*waiting) == [2] * 20
    # Twenty first looks, and then one question for all of them each time.
    assert versions.asked < 40
    assert watch.followers == 20
    for stream in streams:
        await stream.aclose()
    assert watch.followers == 0
    watch.close()


async def test_a_stream_ends_when_the_server_stops(watch: Watch):
    watch.open()
    stream = watch.follow()
    assert await anext(stream) == 1
    waiting = asyncio.ensure_future(anext(stream, "ended"))
    await held(watch)
    watch.close()
    assert await waiting == "ended"
    assert watch.followers == 0


async def test_whoever_leaves_is_forgotten_and_nobody_is_asked_any_more(
    watch: Watch, versions: Versions
):
    watch.open()
    stream = watch.follow()
    await anext(stream)
    waiting = asyncio.ensure_future(anext(stream))
    await held(watch)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert watch.followers == 0
    asked = versions.asked
    for _ in range(100):
        await asyncio.sleep(0)
    assert versions.asked == asked


async def test_a_quiet_line_is_kept_by_comments(versions: Versions):
    watch = Watch(versions, every=60, ping=0.001)
    watch.open()
    lines = said(watch.follow())
    assert [await anext(lines) for _ in range(4)] == [
        b"retry: 3000\n\n", b"event: changed\nid: 1\ndata: 1\n\n", b": here\n\n", b": here\n\n",
    ]  # fmt: skip
    watch.close()
    assert [line async for line in lines if line != b": here\n\n"] == []


async def test_a_database_that_is_away_ends_no_stream(versions: Versions):
    answers = iter([1])

    async def ask() -> int:
        versions.asked += 1
        if versions.asked == 2:
            raise OSError("away")
        return next(answers, 7)

    watch = Watch(ask, every=0.001, ping=60)
    watch.open()
    stream = watch.follow()
    assert [await anext(stream), await anext(stream)] == [1, 7]
    watch.close()


async def test_without_a_server_the_version_is_told_once(site: Site):
    [row] = await run("SELECT version FROM talent_map_version")
    answer = await site.browser().get("/map/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert f"event: changed\nid: {row['version']}\n" in answer.text
