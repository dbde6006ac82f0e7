"""What a browser test of rewards needs besides the cast: a committee, a full shelf, ten who ask."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from tests.browser.stage import Stage
from tests.web.conftest import Site
from tests.web.shop import Shop
from web.app import create_app
from web.database import opened
from web.settings import Settings

T = TypeVar("T")
GOODS = (
    ("洗衣液 2 kg", 60, "goods", "bottle", "茂盛超市"),
    ("手工小馄饨一份", 30, "goods", "bowl-chopsticks", ""),
    ("理发一次", 40, "service", "scissors", "春风理发店"),
    ("社区课程一节：手机摄影与照片整理入门", 50, "service", "book", ""),
    ("电子感谢状", 0, "thanks", "certificate", ""),
    ("食用油 5 L", 300, "goods", "shopping-bag", "茂盛超市"),
    ("磨刀一把", 20, "service", "scissors", ""),
    ("绿萝一盆", 35, "goods", "seedling", "植物漂流站"),
)


@dataclass(frozen=True, slots=True)
class Store:
    """The database behind the server, for what was there before somebody comes in."""

    url: str
    stage: Stage

    def filled(self) -> None:
        """A committee of three, eight items, and points for three neighbours."""
        self._done(self._fill)

    def ten_asked(self) -> None:
        """Ten requests that wait for the committee."""

        async def ask(shop: Shop) -> None:
            cast = self.stage.cast
            for item_id in range(1, 6):
                for person_id in (cast.jin_xiuzhen, cast.zhao_zhiqiang):
                    await shop.asked(person_id, item_id)

        self._done(ask)

    def approved(self, redemption_id: int) -> None:
        """Another member agrees as well."""
        self._done(lambda shop: shop.agreed(redemption_id, shop.members[1]))

    async def _fill(self, shop: Shop) -> None:
        cast = self.stage.cast
        for person_id in shop.members[1:]:
            await shop.grant(person_id, "committee_member")
        for name, price, kind, icon, sponsor in GOODS:
            await shop.item(price, name=name, kind=kind, icon=icon, sponsor=sponsor, stock=9)
        people = (cast.jin_xiuzhen, cast.zhao_zhiqiang, cast.zhang_wei)
        await shop.rich(*people, points=240)

    def _done(self, act: Callable[[Shop], Awaitable[T]]) -> T:
        """Run it in a thread: on this one the loop of Playwright may be running."""

        async def work() -> T:
            async with opened(self.url):
                app = create_app(Settings(data=Path(), database_url=self.url))
                return await act(Shop(Site(app, self.stage.cast), datetime.now(UTC)))

        with ThreadPoolExecutor(1) as pool:
            return pool.submit(asyncio.run, work()).result()
