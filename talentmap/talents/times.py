"""When in the week somebody has time.  Pure."""

from collections.abc import Iterable
from typing import Final, Literal, get_args

Time = Literal[
    "weekday_morning",
    "weekday_afternoon",
    "weekday_evening",
    "weekend_morning",
    "weekend_afternoon",
    "weekend_evening",
]
TIMES: Final[tuple[Time, ...]] = get_args(Time)
DAYS: Final = ("weekday", "weekend")


def times_on(day: str) -> tuple[str, ...]:
    """The times of a kind of day; a time itself is one of them."""
    return tuple(time for time in TIMES if day and (time == day or time.startswith(f"{day}_")))


def times_wanted(days: Iterable[str]) -> tuple[str, ...]:
    """The times that fit any of these days or times."""
    wanted = {time for day in days for time in times_on(day)}
    return tuple(time for time in TIMES if time in wanted)
