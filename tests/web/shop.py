"""A neighbourhood with a committee of three, a catalogue and points to spend, before a page opens.

The committee is 周建国, 何敏, and 钱慧, of one household with 赵志强.  王芳 keeps the store.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from points.community.grants import approve_role, propose_role
from points.ledger.statement import balances
from points.rewards.catalogue import ItemDraft, adopt_item, draft_item, receive_stock
from points.rewards.committee import vote
from points.rewards.pickup import my_code
from points.rewards.redemptions import request
from points.service.confirm import confirm_record
from points.service.occasions import create_occasion
from points.service.records import log_service
from points.service.rules import Terms
from points.transactions import run
from tests.cast import Cast
from tests.points.service.scene import adopt
from tests.web.conftest import Browser, Site
from web import clock

# Ten points a minute: one service fills an account.  No cap is in the way.
TERMS = {
    "points_per_hour": 100,
    "day_cap_points": 10_000,
    "month_cap_points": 100_000,
    "year_cap_points": 1_000_000,
}


@dataclass(slots=True)
class Shop:
    """The running site, what is on its shelf, and what everybody does all the time."""

    site: Site
    now: datetime

    @property
    def cast(self) -> Cast:
        """Who lives here."""
        return self.site.cast

    @property
    def members(self) -> tuple[int, int, int]:
        """The committee."""
        return self.cast.zhou_jianguo, self.cast.he_min, self.cast.qian_hui

    async def browser(self, person_id: int, language: str = "zh") -> Browser:
        """A browser of somebody who reads this language."""
        browser = await self.site.signed_in(person_id)
        if language == "en":
            await browser.post("/preferences", language="en", next="/")
        return browser

    async def rich(self, *people: int, points: int = 400) -> None:
        """Points for service that 陈静 confirmed, or 李国强 where it was her own."""
        start = self.now - timedelta(days=2)
        minutes = points * 60 // 100
        occasion_id = await create_occasion(
            actor_id=self.cast.wang_fang, area_id=self.cast.committee, title="清洁家园",
            category="cleaning", place="小区花园", starts_at=start,
            ends_at=start + timedelta(minutes=minutes), leader_id=self.cast.li_guoqiang,
            now=self.now,
        )  # fmt: skip
        for person_id in people:
            record_id = await log_service(
                actor_id=person_id, occasion_id=occasion_id, started_at=start, minutes=minutes,
                note="", now=self.now,
            )  # fmt: skip
            stewards = (self.cast.chen_jing, self.cast.li_guoqiang)
            other = next(one for one in stewards if one != person_id)
            await confirm_record(actor_id=other, record_id=record_id, now=self.now)

    async def draft(self, price: int = 60, *, name: str = "洗衣液", **facts: object) -> int:
        """An item that 王芳 drafted."""
        given = {"kind": "goods"} | facts
        made = ItemDraft(name=name, price=price, **given)  # type: ignore[arg-type]
        return await draft_item(
            actor_id=self.cast.wang_fang, book_id=self.cast.book, draft=made, now=self.now
        )

    async def item(self, price: int = 60, *, stock: int = 5, **facts: object) -> int:
        """An item that 李国强 adopted, with pieces in store."""
        item_id = await self.draft(price, **facts)  # type: ignore[arg-type]
        await adopt_item(actor_id=self.cast.li_guoqiang, item_id=item_id, now=self.now)
        if stock:
            await receive_stock(
                actor_id=self.cast.wang_fang, item_id=item_id, quantity=stock,
                reason="联盟单位捐赠", now=self.now,
            )  # fmt: skip
        return item_id

    async def asked(self, person_id: int, item_id: int, *, hours_ago: float = 0) -> int:
        """A request of somebody for herself."""
        when = self.now - timedelta(hours=hours_ago)
        return await request(actor_id=person_id, person_id=person_id, item_id=item_id, now=when)

    async def approved(self, person_id: int, item_id: int, *, hours_ago: float = 0) -> int:
        """A request that two members approved."""
        redemption_id = await self.asked(person_id, item_id, hours_ago=hours_ago)
        await self.agreed(redemption_id, *self.members[:2])
        return redemption_id

    async def agreed(self, redemption_id: int, *members: int) -> None:
        """Members approve a request."""
        for member in members:
            await vote(actor_id=member, redemption_id=redemption_id, choice="approve", now=self.now)

    async def code(self, person_id: int, redemption_id: int) -> str:
        """The code that its owner sees."""
        return await my_code(actor_id=person_id, redemption_id=redemption_id, now=self.now)

    async def points(self, person_id: int) -> int:
        """What a person can spend."""
        return (await balances(book_id=self.cast.book, person_id=person_id)).points

    async def state(self, redemption_id: int) -> str:
        """How far a request is."""
        [row] = await run("SELECT state FROM redemption WHERE id = {}", redemption_id)
        return str(row["state"])

    async def grant(self, person_id: int, role: str) -> int:
        """A role that 陈静 proposed and 李国强 approved."""
        today = clock.today("Asia/Shanghai")
        grant_id = await propose_role(
            actor_id=self.cast.chen_jing, person_id=person_id, role=role,
            area_id=self.cast.committee, starts_on=today, ends_on=None, now=self.now,
        )  # fmt: skip
        await approve_role(
            actor_id=self.cast.li_guoqiang, grant_id=grant_id, now=self.now, today=today
        )
        return grant_id


async def opened_shop(site: Site, **terms: int) -> Shop:
    """The neighbourhood with a policy and a committee of three."""
    now = clock.now()
    found = Shop(site, now)
    await adopt(site.cast.book, Terms(**(TERMS | terms)), now=now)
    for person_id in found.members[1:]:
        await found.grant(person_id, "committee_member")
    return found


@pytest.fixture
async def shop(site: Site) -> Shop:
    """The neighbourhood, on each engine."""
    return await opened_shop(site)
