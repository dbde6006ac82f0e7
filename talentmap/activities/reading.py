"""Rows of a list of activities.  Pure.

Lists say when and where in many ways: a date alone, a date with its hour, the month as a word;
coordinates in columns of their own or somewhere inside the text of the place.
"""

import datetime as dt
import hashlib
import json
import re
from dataclasses import dataclass
from typing import Final

from points.errors import DomainError
from points.imports import values
from points.imports.category_words import category_code
from points.imports.columns import Columns
from points.imports.errors import BadDate, BadNumber
from points.imports.reading import RowReader, RowRefused
from points.imports.rows import Cell, Progress, RowProblem, Sheet, shown
from talentmap.activities.errors import EndsBeforeStart, NoPosition
from talentmap.activities.rules import (
    OTHER_CATEGORY,
    PLACE_CHARS_MAX,
    SUMMARY_CHARS_MAX,
    TITLE_CHARS_MAX,
)
from talentmap.places.datum import Datum, Point, to_wgs84
from talentmap.places.errors import UnknownDatum
from talentmap.places.rules import checked_point

PROGRESS_ROWS: Final = 200
SEATS_MAX: Final = 100_000
MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
# What the categories of other cities' lists come closest to.
ENGLISH_CATEGORIES: Final = {
    "education": "teaching",
    "health": "health_check",
    "environment": "greening",
    "emergency preparedness": "fire_drill",
    "helping neighbors in need": "errands",
}

_DATE = re.compile(r"\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?|\d{8}(?!\d)")
_MONTH_FIRST = re.compile(r"([a-z]{3,9})\.? +(\d{1,2})(?:st|nd|rd|th)?,? +(\d{4})")
_DAY_FIRST = re.compile(r"(\d{1,2})(?:st|nd|rd|th)? +([a-z]{3,9})\.?,? +(\d{4})")
_WEEKDAY = re.compile(r"\(?(?:周|星期|礼拜)[一二三四五六日天]\)?")
_NUMBER = r"[^\w.+-]{0,8}(-?\d{1,3}(?:\.\d+)?)"
_LAT, _LON = r"(?:lat(?:itude)?|纬度)", r"(?:lng|lon(?:g(?:itude)?)?|经度)"
_LAT_LON = re.compile(rf"{_LAT}{_NUMBER}[^\w.+-]{{0,8}}{_LON}{_NUMBER}", re.IGNORECASE)
_LON_LAT = re.compile(rf"{_LON}{_NUMBER}[^\w.+-]{{0,8}}{_LAT}{_NUMBER}", re.IGNORECASE)
_PAIR = re.compile(r"(-?\d{1,3}\.\d{3,})\s*[,;]\s*(-?\d{1,3}\.\d{3,})")
_ADDRESS = re.compile(r"address['\"]?\s*:\s*'(\{.*?\})'")


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """An activity as the list says it, in the wall clock of the area; the point is WGS-84."""

    line: int
    key: str | None
    title: str
    summary: str
    category: str
    place: str
    start: dt.date
    start_time: dt.time | None
    end: dt.date
    end_time: dt.time | None
    deadline: tuple[dt.date, dt.time | None] | None
    minimum: int | None
    capacity: int | None
    point: Point | None
    note: RowProblem | None
    reader: RowReader

    def import_key(self, area_id: int) -> str:
        """What makes the row the same activity at the next import."""
        own = ["id", self.key] if self.key else [self.title, self.start.isoformat(), self.place]
        return hashlib.sha256("\n".join([str(area_id), *own]).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ActivityReading:
    """What the rows gave."""

    rows: tuple[ActivityRow, ...]
    refused: tuple[RowProblem, ...]


def read_activities(
    *, sheet: Sheet, columns: Columns, datum: Datum | None, progress: Progress | None = None
) -> ActivityReading:
    """Every row, or the reason against it; refuses coordinates of a datum nobody named."""
    rows, refused = [], list(sheet.problems)
    for done, row in enumerate(sheet.rows, 1):
        try:
            rows.append(_read(RowReader(row, columns), datum))
        except RowRefused as refusal:
            refused.append(refusal.problem)
        if progress and (done % PROGRESS_ROWS == 0 or done == len(sheet.rows)):
            progress(done, len(sheet.rows))
    return ActivityReading(tuple(rows), tuple(refused))


def _read(reader: RowReader, datum: Datum | None) -> ActivityRow:
    title = reader.needed("title", lambda cell: values.label(cell, TITLE_CHARS_MAX))
    start, start_time = reader.needed("start", moment)
    end, end_time = _end(reader, start, start_time)
    place = reader.optional("place", values.plain) or ""
    summary = reader.optional("summary", lambda cell: values.label(cell, SUMMARY_CHARS_MAX))
    point, note = _position(reader, [place, summary or ""], datum)
    return ActivityRow(
        line=reader.line,
        key=reader.optional("key", values.label),
        title=title,
        summary=_with_organiser(summary or "", reader.optional("organiser", values.label)),
        category=_category(reader, title),
        place=place_words(place)[:PLACE_CHARS_MAX],
        start=start,
        start_time=start_time,
        end=end,
        end_time=end_time,
        deadline=reader.optional("deadline", moment),
        minimum=reader.optional("minimum", _count),
        capacity=reader.optional("capacity", _count),
        point=point,
        note=note,
        reader=reader,
    )


def moment(cell: Cell) -> tuple[dt.date, dt.time | None]:
    """A date, and the time of day if the cell has one."""
    if isinstance(cell, dt.datetime):
        clock = cell.time().replace(second=0, microsecond=0)
        return cell.date(), clock if clock != dt.time() else None
    text = _WEEKDAY.sub(" ", values.plain(cell)).strip()
    found = _DATE.match(text)
    if found:
        return values.date(found[0]), _clock(text[found.end() :])
    lowered = text.lower()
    for pattern, month_at in ((_MONTH_FIRST, 1), (_DAY_FIRST, 2)):
        match = pattern.match(lowered)
        if match:
            day = _named_month(cell, match[month_at], match[3 - month_at], match[3])
            return day, _clock(lowered[match.end() :])
    return values.date(cell), None


def _clock(text: str) -> dt.time | None:
    """The hour behind a date; of "9:00-11:00" the first."""
    rest = re.split(r"[-~–—至到]", text.strip(" ,t"), maxsplit=1)[0].strip(" tT")
    return values.time(rest) if rest else None


def _named_month(cell: Cell, month: str, day: str, year: str) -> dt.date:
    found = [at for at, name in enumerate(MONTHS, 1) if name.startswith(month)]
    try:
        return dt.date(int(year), found[0], int(day))
    except (IndexError, ValueError):
        raise BadDate(value=shown(cell)) from None


def _end(
    reader: RowReader, start: dt.date, start_time: dt.time | None
) -> tuple[dt.date, dt.time | None]:
    """The end said, which may be an hour of the first day."""

    def read(cell: Cell) -> tuple[dt.date, dt.time | None]:
        try:
            return moment(cell)
        except BadDate:
            return start, values.time(cell)

    end, end_time = reader.optional("end", read) or (start, None)
    if (end, end_time or dt.time.max) <= (start, start_time or dt.time()):
        raise reader.refused("end", EndsBeforeStart())
    return end, end_time


def _count(cell: Cell) -> int:
    text = re.sub(r"\s*(人|名|位|people|persons?)$", "", values.plain(cell).lower())
    number = values.number(text)
    if not number.is_integer() or not 0 <= number <= SEATS_MAX:
        raise BadNumber(value=shown(cell))
    return int(number)


def _category(reader: RowReader, title: str) -> str:
    """The code of what the list says, else of the title; what neither says is something else."""
    said = reader.optional("category", values.plain)
    known = ENGLISH_CATEGORIES.get((said or "").lower())
    return known or category_code(said, title) or OTHER_CATEGORY


def _with_organiser(summary: str, organiser: str | None) -> str:
    return f"{summary}\n{organiser}".strip()[:SUMMARY_CHARS_MAX] if organiser else summary


# --- where


def _position(
    reader: RowReader, texts: list[str], datum: Datum | None
) -> tuple[Point | None, RowProblem | None]:
    """The point of the columns, else the first one inside a text; else a note that there is none.

    A point that cannot be right is left out and said so; the activity itself is taken.
    """
    lat = reader.optional("lat", values.number)
    lon = reader.optional("lon", values.number)
    said = (lat, lon) if lat is not None and lon is not None else None
    found = said or next((point for text in texts if (point := point_in(text))), None)
    if found is None:
        return None, reader.problem("place", NoPosition())
    if datum is None:
        raise UnknownDatum
    try:
        return to_wgs84(*checked_point(*found), datum), None
    except DomainError as error:
        return None, reader.problem("lat" if said else "place", error)


def point_in(text: str) -> Point | None:
    """Latitude and longitude that stand inside a text, named or as a pair of long fractions."""
    match = _LAT_LON.search(text) or _PAIR.search(text)
    if match:
        return float(match[1]), float(match[2])
    match = _LON_LAT.search(text)
    return (float(match[2]), float(match[1])) if match else None


def place_words(text: str) -> str:
    """The words of a place without its coordinates; of a record, its address in one line."""
    match = _ADDRESS.search(text)
    if match:
        return ", ".join(word for word in _address(match[1]) if word)
    if text.lstrip().startswith("{"):
        return ""
    if not point_in(text):
        return text
    for pattern in (_LAT_LON, _LON_LAT, _PAIR):
        text = pattern.sub("", text)
    return re.sub(r"[(（\[]\s*[)）\]]", "", text).strip(" ,，;；:：")


def _address(text: str) -> list[str]:
    try:
        found = json.loads(text)
    except ValueError:
        return []
    return [str(word).strip() for word in found.values()] if isinstance(found, dict) else []
