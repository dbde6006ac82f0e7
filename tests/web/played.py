"""What happened in the neighbourhood before a page is opened: a policy, activities, service."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest

from points.service.confirm import Confirmed, confirm_record
from points.service.occasions import create_occasion
from points.service.policy import adopt_policy
from points.service.records import log_service
from points.service.rules import Terms
from points.transactions import run
from tests.cast import ZONE, Cast
from tests.web.conftest import Browser, Site
from web import clock


@dataclass(frozen=True, slots=True)
class Play:
    """The running site with a patrol that was over an hour ago."""

    site: Site
    now: datetime
    occasion: int

    @property
    def cast(self) -> Cast:
        """Who lives here."""
        return self.site.cast

    @property
    def started_at(self) -> datetime:
        """When the patrol began; it lasted two hours."""
        return self.now - timedelta(hours=3)

    async def browser(self, person_id: int, language: str = "zh") -> Browser:
        """A browser of somebody who reads this language."""
        browser = await self.site.signed_in(person_id)
        if language == "en":
            done = await browser.post("/preferences", language="en", next="/")
            assert done.status_code == 303
        return browser

    async def occasion_of(self, creator: int, **facts: object) -> int:
        """Another activity: by default one that was over an hour ago."""
        given = {
            "area_id": self.cast.committee,
            "title": "楼道巡查",
            "category": "stairwell_patrol",
            "place": "1号楼门口",
            "starts_at": self.started_at,
            "ends_at": self.now - timedelta(hours=1),
            "leader_id": self.cast.wang_fang,
        } | facts
        return await create_occasion(actor_id=creator, now=self.now, **given)  # type: ignore[arg-type]

    async def logged(
        self, person_id: int, *, minutes: int = 120, note: str = "", occasion_id: int | None = None
    ) -> int:
        """Service that somebody logged herself."""
        return await log_service(
            actor_id=person_id, occasion_id=occasion_id or self.occasion, minutes=minutes,
            started_at=self.started_at, note=note, now=self.now,
        )  # fmt: skip

    async def logged_at(
        self, person_id: int, occasion_id: int, started_at: datetime, minutes: int
    ) -> int:
        """Service at another time than the patrol's."""
        return await log_service(
            actor_id=person_id, occasion_id=occasion_id, minutes=minutes, started_at=started_at,
            note="", now=self.now,
        )  # fmt: skip

    async def moved(self, person_id: int, area_id: int) -> None:
        """Somebody moves house, as a steward of the whole subdistrict writes it down."""
        await run("UPDATE person SET area_id = {} WHERE id = {}", area_id, person_id)

    def local(self, moment: datetime) -> datetime:
        """A moment by the clocks of the place."""
        return moment.astimezone(ZoneInfo(ZONE))

    async def confirmed(self, record_id: int) -> Confirmed:
        """The same, confirmed by the organizer."""
        return await confirm_record(actor_id=self.cast.wang_fang, record_id=record_id, now=self.now)


@pytest.fixture
async def play(site: Site) -> Play:
    """A neighbourhood with a policy and a patrol, which the steward planned."""
    now = clock.now()
    await adopt_policy(
        actor_id=None, book_id=site.cast.book, effective_from=date(2026, 1, 1), terms=Terms(),
        adopted_on=date(2025, 12, 20), adopted_by_body="居民会议", votes_for=23, votes_against=2,
        votes_abstained=1, now=now,
    )  # fmt: skip
    start = Play(site, now, 0)
    return Play(site, now, await start.occasion_of(site.cast.li_guoqiang))


def escaped(response: httpx.Response) -> bool:
    """Whether nothing on the page that somebody typed became part of the page itself."""
    return "${alert(1)}</script>" not in response.text
