"""An activity that gathers, and neighbours by the dozen, before a page is opened."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from points.community.access.rules import TOKEN_SCOPES
from points.community.access.tokens import create_token
from points.community.people import enrol
from points.transactions import run
from talentmap.activities.proposals import propose
from talentmap.activities.signups import SignupResult, sign_up
from tests.cast import Cast
from tests.web.conftest import Browser
from tests.web.played import Play

ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Crowd:
    """The running site, and short ways to gather in it."""

    play: Play

    @property
    def cast(self) -> Cast:
        """Who lives here."""
        return self.play.cast

    @property
    def now(self) -> datetime:
        """The moment at which the play began."""
        return self.play.now

    async def proposed(self, actor_id: int | None = None, **facts: object) -> int:
        """王芳 proposes phone photography for ten, in three days, unless said otherwise."""
        given = {
            "area_id": self.cast.committee,
            "title": "手机摄影",
            "summary": "带上手机，一起拍秋天。",
            "category": "teaching",
            "activity_class": "interest",
            "place": "小区花园",
            "starts_at": self.now + timedelta(days=3),
            "ends_at": self.now + timedelta(days=3, hours=2),
            "deadline_at": self.now + timedelta(days=2),
            "minimum": 10,
            "capacity": 12,
            "risk": "",
            "risky": False,
            "insured": False,
            "to_bring": "手机",
            "talent_id": None,
        } | facts
        by = self.cast.wang_fang if actor_id is None else actor_id
        return await propose(actor_id=by, now=self.now, **given)  # type: ignore[arg-type]

    async def join(self, activity_id: int, person_id: int, people: int = 1) -> SignupResult:
        """Somebody signs up for herself."""
        return await sign_up(
            actor_id=person_id, activity_id=activity_id, person_id=person_id, party_size=people,
            now=self.now,
        )  # fmt: skip

    async def neighbours(self, count: int) -> list[int]:
        """So many new neighbours in stairwell 21."""
        return [
            await enrol(
                name=f"邻居{number:02}", area_id=self.cast.stairwell_21, now=self.now, actor_id=None
            )
            for number in range(count)
        ]

    async def program_of(self, person_id: int) -> Browser:
        """Somebody who asks with a token; that needs no password, and no hash of one."""
        token = await create_token(
            person_id=person_id, label="测试", scopes=TOKEN_SCOPES, days=1, now=self.now
        )
        return self.play.site.browser(authorization=f"Bearer {token}")

    async def over(self, activity_id: int) -> None:
        """Let an activity have taken place: it ended an hour ago."""
        await run(
            "UPDATE activity SET starts_at = {}, ends_at = {}, deadline_at = {} WHERE id = {}",
            *(self.now - timedelta(hours=3), self.now - timedelta(hours=1)),
            *(self.now - timedelta(days=1), activity_id),
        )

    async def confirmed(self, **facts: object) -> int:
        """An activity for two that takes place: 金秀珍 and 张伟 come."""
        activity_id = await self.proposed(**({"minimum": 2} | facts))  # type: ignore[arg-type]
        for person_id in (self.cast.jin_xiuzhen, self.cast.zhang_wei):
            await self.join(activity_id, person_id)
        return activity_id


@pytest.fixture
async def crowd(play: Play) -> Crowd:
    """A neighbourhood with a policy, in which something can gather."""
    return Crowd(play)
