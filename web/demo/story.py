"""Three months of service, told in order: planned, served, logged, confirmed, and what went wrong.

Every step is a use case at its own moment, by the person who would do it.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from points.service.confirm import confirm, refuse, void_record
from points.service.occasions import create_occasion
from points.service.records import RollCallRow, log_service, roll_call, withdraw_record
from web.demo.calendar import Event, occurrences
from web.demo.people import TIME_ZONE
from web.demo.settle import SEED, Neighbour, Progress, Settled

CONFIRMED_AFTER_DAYS = 6
LATE_SHARE = 0.04
WITHDRAWN_SHARE = 0.012


@dataclass(slots=True)
class Story:
    """One committee's three months."""

    place: Settled
    dice: random.Random
    now: datetime

    async def tell(self, tell: Progress) -> None:
        """Play every event up to now, and plan those of the coming week."""
        regulars = self._regulars()
        told = 0
        found = occurrences(today=self.now.date(), zone=ZoneInfo(TIME_ZONE))
        for number, (event, start) in enumerate(found):
            organizer = self.place.organizers[number % 2]
            leader = self.place.leaders[number % len(self.place.leaders)]
            occasion_id = await self._plan(event, start, organizer, leader)
            ends = start + timedelta(minutes=event.minutes)
            if ends + timedelta(hours=3) > self.now:
                continue
            came = self._came(event, regulars)
            records = await self._log(event, occasion_id, start, leader, came, number)
            await self._decide(records, ends, number)
            told += len(records)
        tell(f"{self.place.committee.name} {told}")

    def _regulars(self) -> list[Neighbour]:
        """The three dozen who keep coming; staff of the office do not log their work time."""
        staff = {n.household for n in (*self.place.stewards, *self.place.organizers)}
        others = [n for n in self.place.neighbours if n.household not in staff]
        adults = [n for n in others if n.is_adult(self.now.date())]
        chosen = self.dice.sample(adults, min(36, len(adults)))
        return list(dict.fromkeys([elder_of(self.place), *chosen]))

    def _came(self, event: Event, regulars: list[Neighbour]) -> list[Neighbour]:
        """Some of the regulars; the elder of the story comes to every second event by day."""
        came = self.dice.sample(regulars[1:], event.people)
        if event.starts.hour < 18 and self.dice.random() < 0.5:
            came[0] = regulars[0]
        return came

    async def _plan(
        self, event: Event, start: datetime, organizer: Neighbour, leader: Neighbour
    ) -> int:
        return await create_occasion(
            actor_id=organizer.id,
            area_id=self.place.area_id,
            title=event.title,
            category=event.category,
            activity_class=event.activity_class,
            place=event.place,
            starts_at=start,
            ends_at=start + timedelta(minutes=event.minutes),
            leader_id=leader.id,
            now=min(start - timedelta(days=4), self.now),
        )

    async def _log(
        self,
        event: Event,
        occasion_id: int,
        start: datetime,
        leader: Neighbour,
        came: list[Neighbour],
        number: int,
    ) -> list[int]:
        """Every second event by roll-call, the others each for herself; some too late."""
        ends = start + timedelta(minutes=event.minutes)
        if number % 2 == 0:
            logged = [await self._log_own(event, occasion_id, start, who) for who in came]
            return [record_id for record_id in logged if record_id is not None]
        rows = [RollCallRow(n.id, event.minutes) for n in came if n.id != leader.id]
        called = await roll_call(
            actor_id=self.place.organizers[number % 2].id,
            occasion_id=occasion_id,
            rows=rows,
            reason="签到表",
            now=ends + timedelta(minutes=30),
        )
        return list(called)

    async def _log_own(
        self, event: Event, occasion_id: int, start: datetime, who: Neighbour
    ) -> int | None:
        """Her own record, if it stands: some log days later, some take it back at once."""
        days_late = 5 if self.dice.random() < LATE_SHARE else 0
        moment = start + timedelta(minutes=event.minutes + 20, days=days_late)
        if moment > self.now:
            return None
        record_id = await log_service(
            actor_id=who.id,
            occasion_id=occasion_id,
            person_id=who.id,
            started_at=start,
            minutes=event.minutes - self.dice.choice((0, 0, 0, 15, 30)),
            note="",
            now=moment,
        )
        if self.dice.random() >= WITHDRAWN_SHARE:
            return record_id
        await withdraw_record(actor_id=who.id, record_id=record_id, now=moment)
        return None

    async def _decide(self, records: list[int], ends: datetime, number: int) -> None:
        """A steward confirms within days; now and then one is refused, or voided later."""
        first, second = self.place.stewards
        moment = ends + timedelta(days=CONFIRMED_AFTER_DAYS)
        if not records or moment > self.now:
            return
        if number % 23 == 11:
            await refuse(
                actor_id=first.id,
                record_id=records.pop(),
                reason="当天没有看到本人到场，请与楼组长核对。",
                now=moment,
            )
        await confirm(actor_id=(first, second)[number % 2].id, record_ids=records, now=moment)
        if number % 29 == 7:
            await void_record(
                actor_id=second.id,
                record_id=records[-1],
                reason="核对签到表：时长记在了另一位邻居名下。",
                now=moment + timedelta(hours=4),
            )


def story_of(place: Settled, *, number: int, now: datetime) -> Story:
    """The story of one committee, the same each time for the same day."""
    return Story(place=place, dice=random.Random(SEED + number), now=now)


def elder_of(place: Settled) -> Neighbour:
    """A volunteer of 70 or more without any role, if possible in the first leader's stairwell."""
    in_roles = {n.id for n in (*place.stewards, *place.organizers, *place.members, *place.leaders)}
    elders = [
        n for n in place.neighbours if n.id not in in_roles and n.resident.birth_date.year <= 1956
    ]
    near = [n for n in elders if n.stairwell_id == place.leaders[0].stairwell_id]
    return (near or elders)[0]
