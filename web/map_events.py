"""Open maps hear that something changed: one question a second, shared by all of this process.

A stream stays open for as long as a server holds it.  Without one, or while it stops, the present
version is told and the stream ends; a browser then comes back by itself after a while.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from litestar import Litestar, get
from litestar.response import Stream
from litestar.types import ControllerRouterHandler

from talentmap.pins.version import map_version
from web.auth import WebRequest

LOG = logging.getLogger("linli.map")
ASK_SECONDS = 1.0
PING_SECONDS = 15.0
COME_BACK_MS = 3000
STREAM = "text/event-stream; charset=utf-8"


class Watch:
    """Who follows the version of the map, and the one task that asks for it."""

    def __init__(
        self,
        ask: Callable[[], Awaitable[int]] = map_version,
        *,
        every: float = ASK_SECONDS,
        ping: float = PING_SECONDS,
    ) -> None:
        self._ask, self._every, self._ping = ask, every, ping
        self._followers = 0
        self._version: int | None = None
        self._news = asyncio.Event()
        self._asking: asyncio.Task[None] | None = None
        self._open = False

    def open(self) -> None:
        """Hold streams from now on."""
        self._open = True

    def close(self) -> None:
        """End every stream."""
        self._open = False
        self._tell()
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None

    @property
    def followers(self) -> int:
        """How many streams are held."""
        return self._followers

    async def follow(self) -> AsyncGenerator[int | None, None]:
        """The version now and whenever it is another one; None where it was quiet for long."""
        known = await self._ask()
        self._learn(known)
        yield known
        if not self._open:
            return
        self._followers += 1
        try:
            while self._open:
                self._asking = self._asking or asyncio.create_task(self._keep_asking())
                news = self._news
                if self._version is not None and self._version != known:
                    known = self._version
                    yield known
                elif not await _heard(news, self._ping):
                    yield None
        finally:
            self._followers -= 1
            if not self._followers and self._asking is not None:
                self._asking.cancel()
                self._asking = None

    async def _keep_asking(self) -> None:
        while True:
            try:
                version = await self._ask()
            except Exception:
                # A database that is away comes back, or the pages say so; streams only wait.
                LOG.exception("The version of the map could not be read.")
            else:
                self._learn(version)
            await asyncio.sleep(self._every)

    def _learn(self, version: int) -> None:
        if version != self._version:
            self._version = version
            self._tell()

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()


async def _heard(news: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(news.wait(), seconds)
    except TimeoutError:
        return False
    return True


@asynccontextmanager
async def map_watched(app: Litestar) -> AsyncIterator[None]:
    """A watch for as long as the application is open."""
    app.state.map_watch = Watch()
    try:
        yield
    finally:
        app.state.map_watch.close()


@get("/map/events")
async def map_events(request: WebRequest) -> Stream:
    """Server-sent events: ``changed`` with the number of the version."""
    watch: Watch = request.app.state.map_watch
    headers = {"x-accel-buffering": "no"}
    return Stream(said(watch.follow()), media_type=STREAM, headers=headers)


async def said(versions: AsyncGenerator[int | None, None]) -> AsyncIterator[bytes]:
    """Versions as the browser reads them; a comment keeps the line from being cut."""
    yield f"retry: {COME_BACK_MS}\n\n".encode()
    try:
        async for version in versions:
            yield b": here\n\n" if version is None else _event(version)
    finally:
        await versions.aclose()


def _event(version: int) -> bytes:
    return f"event: changed\nid: {version}\ndata: {version}\n\n".encode()


ROUTES: list[ControllerRouterHandler] = [map_events]
