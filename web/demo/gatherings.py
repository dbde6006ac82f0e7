"""Activities that gather a crowd in the demo's first neighbourhood, one in every state."""

import random
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from talentmap.activities.deadlines import close_due
from talentmap.activities.proposals import cancel, propose
from talentmap.activities.roll_call import AttendanceRow, roll_call_activity
from talentmap.activities.signups import sign_up
from web.demo.people import TIME_ZONE
from web.demo.settle import SEED, Neighbour, Settled


@dataclass(frozen=True, slots=True)
class Gathering:
    """What somebody proposes: days from now until it starts, and how many sign up."""

    title: str
    summary: str
    category: str
    activity_class: str
    days: int
    hour: int
    people: int
    capacity: int = 20
    place: str = "居委会活动室"
    to_bring: str = ""
    ends: str = ""


GATHERINGS = (
    Gathering("亲子插花", "一起插一瓶过冬的花。", "family_activity", "interest", -40, 14, 14),
    Gathering("手机摄影外拍", "到河边拍秋色。", "teaching", "interest", -30, 9, 12),
    Gathering("夜读会", "读一章《三国》。", "culture_event", "interest", -25, 19, 4),
    Gathering("旧物义卖", "家里用不上的带来。", "charity_bazaar", "interest", -14, 13, 12),
    Gathering(
        "露天电影", "天气预报有雨。", "culture_event", "interest", -4, 18, 11, ends="下雨取消。"
    ),
    Gathering(
        "楼道彩绘",
        "把一楼画起来。",
        "stairwell_clearing",
        "governance",
        3,
        9,
        12,
        to_bring="旧衣服",
    ),
    Gathering("书法小课堂", "写春联，从横竖撇捺学起。", "teaching", "interest", 5, 14, 20, 15),
    Gathering("包馄饨", "包好送给独居的老人家。", "companionship", "governance", 6, 9, 7),
    Gathering("民族舞蹈", "谁都能跳。", "culture_event", "interest", 7, 19, 9, to_bring="软底鞋"),
    Gathering("香囊手作", "端午没做够的，冬天接着做。", "teaching", "interest", 9, 14, 5),
    Gathering("飞线充电大排查", "两人一组，一栋一栋看。", "safety_patrol", "governance", 10, 9, 3),
    Gathering("年夜饭", "一家带一菜。", "culture_event", "interest", 12, 17, 1, 60, to_bring="菜"),
)


@dataclass(slots=True)
class Gatherings:
    """The activities of one committee, told in the order of their days."""

    place: Settled
    now: datetime
    dice: random.Random

    async def tell(self) -> None:
        """Propose, gather, run or lapse, as the days allow."""
        for number, gathering in enumerate(GATHERINGS):
            await self._tell_one(gathering, self.place.leaders[number % len(self.place.leaders)])

    async def _tell_one(self, gathering: Gathering, proposer: Neighbour) -> None:
        starts_at = self._start(gathering)
        proposed = min(starts_at - timedelta(days=8), self.now - timedelta(hours=30))
        deadline = max(starts_at - timedelta(days=1), proposed + timedelta(hours=20))
        activity_id = await propose(
            actor_id=proposer.id,
            area_id=self.place.area_id,
            talent_id=None,
            title=gathering.title,
            summary=gathering.summary,
            category=gathering.category,
            activity_class=gathering.activity_class,
            place=gathering.place,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=2),
            deadline_at=deadline,
            capacity=gathering.capacity,
            risk="室内活动，注意地面湿滑。",
            risky=False,
            insured=True,
            to_bring=gathering.to_bring,
            now=proposed,
        )
        came = await self._gather(activity_id, gathering, proposed)
        if starts_at < self.now:
            await self._end(activity_id, gathering, came, starts_at)

    def _start(self, gathering: Gathering) -> datetime:
        zone = ZoneInfo(TIME_ZONE)
        day = self.now.astimezone(zone).date() + timedelta(days=gathering.days)
        return datetime.combine(day, time(gathering.hour), zone)

    async def _gather(
        self, activity_id: int, gathering: Gathering, proposed: datetime
    ) -> list[Neighbour]:
        adults = [n for n in self.place.neighbours if n.is_adult(self.now.date())]
        came = self.dice.sample(adults, gathering.people)
        for minutes, neighbour in enumerate(came, 1):
            await sign_up(
                actor_id=neighbour.id,
                activity_id=activity_id,
                person_id=neighbour.id,
                party_size=1,
                now=proposed + timedelta(minutes=minutes * 20),
            )
        return came

    async def _end(
        self, activity_id: int, gathering: Gathering, came: list[Neighbour], starts_at: datetime
    ) -> None:
        """Called off, too few, or held: two served, the others came for the fun of it."""
        if gathering.ends:
            await cancel(
                actor_id=self.place.stewards[0].id,
                activity_id=activity_id,
                reason=gathering.ends,
                now=starts_at - timedelta(hours=5),
            )
            return
        if gathering.people < 10:
            await close_due(starts_at)
            return
        rows = [AttendanceRow(n.id, "served", 120) for n in came[:2]]
        rows += [AttendanceRow(n.id, "joined") for n in came[2:-1]]
        rows.append(AttendanceRow(came[-1].id, "absent"))
        await roll_call_activity(
            actor_id=self.place.organizers[0].id,
            activity_id=activity_id,
            rows=rows,
            reason="签到表",
            now=starts_at + timedelta(hours=3),
        )


def gatherings_of(place: Settled, *, now: datetime) -> Gatherings:
    """The same each time for the same day."""
    return Gatherings(place=place, now=now, dice=random.Random(SEED))
