"""One cell to one value, or the reason why not.  Pure."""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from math import isfinite
from typing import TypeVar

from points.community import rules
from points.imports.errors import (
    BadDate,
    BadDuration,
    BadNumber,
    BadTime,
    CardUnreadable,
    DurationOutOfRange,
    DurationWithoutUnit,
    ExampleRow,
    NameUnreadable,
    PhoneUnreadable,
    TextTooLong,
    ValueMissing,
)
from points.imports.rows import Cell, shown

V = TypeVar("V")

# Excel counts days from here; the day itself absorbs its leap year of 1900 that never was.
EXCEL_EPOCH = dt.date(1899, 12, 30)
EXCEL_SERIALS = range(367, 73_051)
DAY_MINUTES = 24 * 60
EXAMPLE_MARK = "示例,导入前请删除本行"

_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_TIME = re.compile(
    r"(?P<before>凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜里|am|pm)?\s*"
    r"(?P<hour>\d{1,2})\s*(?:[:点时]\s*(?P<minute>\d{1,2}|半|一刻|三刻)?)?\s*分?"
    r"(?::(?P<second>\d{2}))?\s*(?P<after>am|pm)?"
)
_MINUTE_WORDS = {"半": 30, "一刻": 15, "三刻": 45}
_AFTERNOON = {"下午", "傍晚", "晚上", "夜里", "pm"}
_MORNING = {"凌晨", "清晨", "早上", "早晨", "上午", "am"}
_HOURS = r"(?:个?小时|个?钟头?|hours?|hrs?|h)"
_MINUTES = r"(?:分钟?|minutes?|mins?|m)"
_DURATION = re.compile(
    rf"(?:(?P<hours>\d+(?:\.\d+)?)\s*{_HOURS})?\s*(?:(?P<minutes>\d+)\s*{_MINUTES})?"
)
_CLOCK_DURATION = re.compile(r"(\d{1,2}):([0-5]\d)(?::00)?")


def plain(cell: Cell) -> str:
    """Text as written by hand: full-width forms and all kinds of spaces made one."""
    if cell is None or isinstance(cell, tuple):
        return ""
    text = unicodedata.normalize("NFKC", str(cell))
    return " ".join(text.replace("\u200b", "").replace("\ufeff", "").split())


def number(cell: Cell) -> float:
    """A number, also written as text or with a full-width point."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(cell)
    try:
        return float(plain(cell).replace(",", "").rstrip("°"))
    except ValueError:
        raise BadNumber(value=shown(cell)) from None


def date(cell: Cell) -> dt.date:
    """2026-11-22, 2026/11/22, 2026.11.22, 2026年11月22日, 20261122, an Excel day or date cell."""
    if isinstance(cell, dt.datetime):
        return cell.date()
    if isinstance(cell, dt.date):
        return cell
    text = plain(cell)
    serial = _excel_serial(cell, text)
    if serial is not None:
        return EXCEL_EPOCH + dt.timedelta(days=serial)
    head = re.sub(r"[ T]\d{1,2}:\d{2}(:\d{2})?(\.0+)?$", "", text)
    match = _DATE.fullmatch(head) or _COMPACT_DATE.fullmatch(head)
    if not match:
        raise BadDate(value=shown(cell))
    return _calendar(cell, *map(int, match.groups()))


def _excel_serial(cell: Cell, text: str) -> int | None:
    if isinstance(cell, bool) or (isinstance(cell, float) and not isfinite(cell)):
        return None
    if isinstance(cell, int | float):
        return int(cell) if int(cell) in EXCEL_SERIALS else None
    return int(text) if re.fullmatch(r"\d{5}", text) and int(text) in EXCEL_SERIALS else None


def _calendar(cell: Cell, year: int, month: int, day: int) -> dt.date:
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise BadDate(value=shown(cell)) from None


def time(cell: Cell) -> dt.time:
    """14:00, 下午2点, 下午两点半, 2:00 PM, a time cell or an Excel fraction of a day."""
    if isinstance(cell, dt.datetime):
        return cell.time().replace(second=0, microsecond=0)
    if isinstance(cell, dt.time):
        return cell.replace(second=0, microsecond=0)
    if isinstance(cell, float) and 0 <= cell < 1:
        minutes = round(cell * DAY_MINUTES) % DAY_MINUTES
        return dt.time(minutes // 60, minutes % 60)
    text = re.sub(r"^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}[ t]", "", plain(cell).lower())
    match = _TIME.fullmatch(_chinese_hours(text.replace(".m.", "m")))
    # A bare number is no time: 2 may be two in the morning or two hours.
    if not match or plain(cell).isdigit():
        raise BadTime(value=shown(cell))
    hour, minute = _hour(match), _minute(match["minute"])
    if hour > 23 or minute > 59:
        raise BadTime(value=shown(cell))
    return dt.time(hour, minute)


def _chinese_hours(text: str) -> str:
    digits = {"十二": "12", "十一": "11", "十": "10", "两": "2"}
    digits |= dict(zip("一二三四五六七八九", "123456789", strict=True))
    return re.sub(
        r"(十[一二]?|[一二两三四五六七八九])(?=[点时])", lambda found: digits[found[1]], text
    )


def _hour(match: re.Match[str]) -> int:
    hour = int(match["hour"])
    said = match["before"] or match["after"]
    if said in _AFTERNOON and hour < 12:
        return hour + 12
    if said == "中午" and hour < 3:
        return hour + 12
    if said in _MORNING and hour == 12:
        return 0
    return hour


def _minute(text: str | None) -> int:
    return _MINUTE_WORDS.get(text or "0", 0) or int((text or "0") if (text or "0").isdigit() else 0)


def minutes(cell: Cell) -> int:
    """Whole minutes of a count of minutes."""
    if isinstance(cell, str) and not re.fullmatch(r"[\d.,\s]+", plain(cell)):
        return duration(cell)
    return _within_a_day(number(cell), cell)


def hours(cell: Cell) -> int:
    """Whole minutes of a count of hours, which may have a fraction."""
    if isinstance(cell, dt.time | dt.timedelta | dt.datetime):
        return duration(cell)
    if isinstance(cell, str) and not re.fullmatch(r"[\d.,\s]+", plain(cell)):
        return duration(cell)
    return _within_a_day(number(cell) * 60, cell)


def duration(cell: Cell) -> int:
    """Whole minutes of 2小时, 2.5h, 两个半小时, 90分钟, 1小时30分, 1:30 or a duration cell."""
    if isinstance(cell, dt.timedelta):
        return _within_a_day(cell.total_seconds() / 60, cell)
    if isinstance(cell, dt.time):
        return _within_a_day(cell.hour * 60 + cell.minute, cell)
    text = _spelled_hours(plain(cell).lower())
    clock = _CLOCK_DURATION.fullmatch(text)
    if clock:
        return _within_a_day(int(clock[1]) * 60 + int(clock[2]), cell)
    if re.fullmatch(r"[\d.]+", text):
        raise DurationWithoutUnit(value=shown(cell))
    match = _DURATION.fullmatch(text)
    if not match or not (match["hours"] or match["minutes"]):
        raise BadDuration(value=shown(cell))
    in_hours = float(match["hours"] or 0) * 60
    return _within_a_day(in_hours + int(match["minutes"] or 0), cell)


def _spelled_hours(text: str) -> str:
    text = re.sub(r"^半个?(?=小时|钟头)", "0.5", text)
    for word, digit in zip("一二两三四五六七八", "122345678", strict=True):
        text = re.sub(rf"^{word}(?=个|小时|钟头)", digit, text)
    text = re.sub(r"^(\d+)个半(?=小时|钟头)", r"\1.5", text)
    return re.sub(r"^(\d+)(?:小时|h)半$", r"\1.5小时", text)


def _within_a_day(count: float, cell: Cell) -> int:
    if not isfinite(count) or abs(count - round(count)) > 0.01:
        raise BadDuration(value=shown(cell))
    if not 0 < round(count) <= DAY_MINUTES:
        raise DurationOutOfRange(minutes=round(count))
    return round(count)


def phone(cell: Cell) -> str:
    """A phone number in the one way it is stored; +86, spaces and dashes fall away."""
    number_text = rules.normalise_phone(plain(cell))
    if number_text is None:
        raise PhoneUnreadable(value=shown(cell))
    return number_text


def card(cell: Cell) -> str:
    """A card number in the one way it is stored."""
    card_no = rules.normalise_card(plain(cell))
    if card_no is None:
        raise CardUnreadable(value=shown(cell))
    return card_no


def card_or_volunteer_no(cell: Cell) -> str:
    """What may stand on a card: its own number or the volunteer's."""
    return rules.normalise_volunteer_no(plain(cell)) or card(cell)


def name(cell: Cell, most: int = rules.NAME_LENGTH_MAX) -> str:
    """A name; the spaces that align two-character names in lists fall away."""
    text = plain(cell)
    if re.fullmatch(r"[\u3400-\u9fff] [\u3400-\u9fff]", text):
        text = text.replace(" ", "")
    text = rules.clean_text(text)
    if EXAMPLE_MARK in text:
        raise ExampleRow
    if _is_number(text):
        raise NameUnreadable(value=shown(text))
    return _short(text, most)


def label(cell: Cell, most: int = rules.AREA_NAME_LENGTH_MAX) -> str:
    """A title, a place, a building: any short text."""
    return _short(rules.clean_text(plain(cell)), most)


def _short(text: str, most: int) -> str:
    if not text:
        raise ValueMissing
    if len(text) > most:
        raise TextTooLong(count=len(text), most=most)
    return text


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"[\d.,+\-]+", text))


def optional(read: Callable[[Cell], V], cell: Cell) -> V | None:
    """The value, or None for an empty cell."""
    return read(cell) if cell is not None and (isinstance(cell, tuple) or plain(cell)) else None
