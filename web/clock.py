"""The only place that asks what time it is.  The domain is always told."""

import datetime as dt
from zoneinfo import ZoneInfo


def now() -> dt.datetime:
    """This moment, aware, in UTC."""
    return dt.datetime.now(dt.UTC)


def today(time_zone: str) -> dt.date:
    """The day it is in a time zone."""
    return now().astimezone(ZoneInfo(time_zone)).date()
