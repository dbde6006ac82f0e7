"""What a browser test of activities needs besides the cast: ten neighbours, and passing time."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from points.community.access.passwords import hash_password, store_password
from points.community.people import enrol
from points.transactions import run
from tests.browser.stage import Stage
from web.database import opened

T = TypeVar("T")
NAMES = (
    "欧阳明月", "赵敏", "孙丽", "李强", "周玉兰", "吴建平", "郑小红", "王秀英", "冯志远",
    "阿依古丽",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Backstage:
    """The database behind the server, for what no page does: to let time pass."""

    url: str
    stage: Stage

    def ten_neighbours(self) -> list[str]:
        """Ten people of stairwell 21 with the password of the stage; how they sign in."""
        return self._done(self._enrolled)

    def let_it_be_over(self, title: str) -> None:
        """Move an activity into the past: it ended an hour ago."""

        async def move() -> None:
            now = datetime.now(UTC)
            await run(
                "UPDATE activity SET starts_at = {}, ends_at = {}, deadline_at = {} "
                "WHERE title = {}",
                *(now - timedelta(hours=3), now - timedelta(hours=1), now - timedelta(days=1)),
                title,
            )

        self._done(move)

    async def _enrolled(self) -> list[str]:
        now, logins = datetime.now(UTC), []
        password_hash = await hash_password(self.stage.password)
        for number, name in enumerate(NAMES):
            phone = f"139000000{number:02}"
            person_id = await enrol(
                name=name, area_id=self.stage.cast.stairwell_21, phone=phone, now=now,
                actor_id=None,
            )  # fmt: skip
            await store_password(person_id=person_id, password_hash=password_hash, now=now)
            logins.append(phone)
        return logins

    def _done(self, act: Callable[[], Awaitable[T]]) -> T:
        """Run it in a thread: on this one the loop of Playwright may be running."""

        async def work() -> T:
            async with opened(self.url):
                return await act()

        with ThreadPoolExecutor(1) as pool:
            return pool.submit(asyncio.run, work()).result()
