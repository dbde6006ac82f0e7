"""The neighbourhood of tests/cast.py with a points policy, and short ways to serve in it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from points.ledger.statement import balances
from points.service.confirm import Confirmed, confirm_record
from points.service.occasions import create_occasion
from points.service.policy import adopt_policy
from points.service.records import log_service
from points.service.rules import Terms
from tests.cast import Cast, cast

# A Wednesday in Shanghai, 14:00.
NOW = datetime(2026, 3, 11, 6, 0, tzinfo=UTC)


def shanghai(month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    """A moment of 2026 by the clocks of Shanghai, which know no summer time."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class Scene:
    """Who and where, and what everybody does all the time."""

    who: Cast

    async def occasion(
        self,
        starts_at: datetime,
        *,
        hours: float = 2,
        category: str = "cleaning",
        leader_id: int | None = None,
        created_by: int | None = None,
        area_id: int | None = None,
    ) -> int:
        """An occasion of the committee; 王芳 creates and 李国强 leads it unless said otherwise."""
        ends_at = starts_at + timedelta(hours=hours)
        return await create_occasion(
            actor_id=created_by or self.who.wang_fang,
            area_id=area_id or self.who.committee,
            title="清洁家园",
            category=category,
            place="小区花园",
            starts_at=starts_at,
            ends_at=ends_at,
            leader_id=leader_id or self.who.li_guoqiang,
            now=min(NOW, ends_at),
        )

    async def logged(
        self,
        person_id: int,
        started_at: datetime,
        minutes: int,
        *,
        category: str = "cleaning",
        leader_id: int | None = None,
        now: datetime | None = None,
    ) -> int:
        """Service on an occasion of its own, logged as soon as it was over."""
        occasion_id = await self.occasion(
            started_at, hours=max(minutes / 60, 0.1), category=category, leader_id=leader_id
        )
        return await log_service(
            actor_id=person_id,
            occasion_id=occasion_id,
            started_at=started_at,
            minutes=minutes,
            note="扫了落叶",
            now=now or started_at + timedelta(minutes=minutes),
        )

    async def confirmed(
        self, person_id: int, started_at: datetime, minutes: int, *, category: str = "cleaning"
    ) -> Confirmed:
        """Service that 陈静 confirmed."""
        record_id = await self.logged(person_id, started_at, minutes, category=category)
        return await self.confirm(record_id)

    async def confirm(self, record_id: int, *, now: datetime = NOW) -> Confirmed:
        """陈静 confirms."""
        return await confirm_record(actor_id=self.who.chen_jing, record_id=record_id, now=now)

    async def points(self, person_id: int) -> int:
        """Points the person has, less what she owes."""
        found = await balances(book_id=self.who.book, person_id=person_id)
        return found.points - abs(found.arrears)

    async def minutes(self, person_id: int) -> int:
        """Minutes of service in the books."""
        return (await balances(book_id=self.who.book, person_id=person_id)).minutes


async def scene(terms: Terms | None = None) -> Scene:
    """The cast with a policy in both books from the first of January on."""
    who = await cast()
    for book_id in (who.book, who.other_book):
        await adopt(book_id, terms or Terms())
    return Scene(who=who)


async def adopt(
    book_id: int,
    terms: Terms,
    *,
    actor_id: int | None = None,
    effective_from: date = date(2026, 1, 1),
    now: datetime = NOW,
) -> int:
    """Adopt a policy with 23 votes against 2."""
    return await adopt_policy(
        actor_id=actor_id,
        book_id=book_id,
        effective_from=effective_from,
        terms=terms,
        adopted_on=date(2025, 12, 20),
        adopted_by_body="居民会议",
        votes_for=23,
        votes_against=2,
        votes_abstained=1,
        now=now,
    )
