"""What the demo neighbourhood does week by week.  Pure."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from points.service.categories import ActivityClass, category_of

WEEKS = 13


@dataclass(frozen=True, slots=True)
class Event:
    """A weekly event: where it falls in the week and how many come."""

    title: str
    category: str
    weekday: int
    starts: time
    minutes: int
    people: int
    every_weeks: int = 1
    place: str = "居委会门口集合"

    @property
    def activity_class(self) -> ActivityClass:
        """Out of interest, or caring for what is shared."""
        category = category_of(self.category)
        assert category is not None, self.category
        return category.activity_class


WEEKLY = (
    Event("平安巡逻", "safety_patrol", 1, time(19, 0), 90, 6),
    Event("楼道堆物清理", "stairwell_clearing", 5, time(9, 0), 120, 8, 2),
    Event("垃圾分类值守", "waste_sorting", 2, time(7, 0), 120, 4, place="小区垃圾厢房"),
    Event("结对陪伴独居老人", "companionship", 3, time(14, 0), 60, 3, place="老人家中"),
    Event("手机摄影课", "teaching", 6, time(14, 0), 120, 2, 2, place="居委会活动室"),
    Event("清洁家园", "cleaning", 5, time(14, 0), 150, 7, 2, place="中心花园"),
    Event("便民理发", "haircut", 4, time(9, 30), 240, 2, 4, place="居委会活动室"),
    Event("台风夜间值守", "extreme_weather", 0, time(20, 0), 240, 4, 9, place="小区门岗"),
)


def first_week(today: date) -> date:
    """The Monday on which the story begins, thirteen weeks before this week."""
    monday = today - timedelta(days=today.weekday())
    return monday - timedelta(weeks=WEEKS)


def occurrences(*, today: date, zone: ZoneInfo) -> list[tuple[Event, datetime]]:
    """Every event from the first week to the coming one with its start, in order of time."""
    monday = first_week(today)
    found = [
        (event, datetime.combine(monday + timedelta(weeks=week, days=event.weekday), event.starts))
        for week in range(WEEKS + 2)
        for event in WEEKLY
        if week % event.every_weeks == 0
    ]
    return sorted(
        ((event, start.replace(tzinfo=zone)) for event, start in found),
        key=lambda found_event: found_event[1],
    )
