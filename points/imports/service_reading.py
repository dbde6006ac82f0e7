"""Rows of a list of service.  Pure."""

import datetime as dt
import hashlib
from dataclasses import dataclass

from points.imports import values
from points.imports.category_words import category_code
from points.imports.columns import Columns
from points.imports.errors import (
    CategoryNotFound,
    EndBeforeStart,
    RowInFuture,
    TimesDisagree,
    ValueMissing,
)
from points.imports.reading import RowReader, RowRefused
from points.imports.rows import RowProblem, Sheet
from points.service.intake_rules import NOTE_CHARS_MAX
from points.service.occasions import PLACE_CHARS_MAX, TITLE_CHARS_MAX

# A list without an activity column is a list of one thing, whatever it was.
UNTITLED = "志愿服务"
# Without a start somebody has to stand in; eight in the morning is when lists begin.
ASSUMED_START = dt.time(8, 0)
DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """Service as the list says it, in the wall clock of the area."""

    line: int
    phone: str | None
    card: str | None
    name: str | None
    building: str | None
    date: dt.date
    start: dt.time | None
    minutes: int
    title: str
    category: str
    place: str
    note: str
    reader: RowReader

    def occasion_key(self, area_id: int, *, alone: bool = False) -> str:
        """What makes rows one occasion, at every import; ``alone`` for one that fits no other."""
        parts = [str(area_id), self.date.isoformat(), self.title, self.place, self.category]
        parts.append(self.start.isoformat() if self.start else "")
        if alone:
            parts.append(str(self.minutes))
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def begins(self) -> dt.datetime:
        """The start on the wall clock, such that an assumed one still ends within the day."""
        if self.start:
            return dt.datetime.combine(self.date, self.start)
        midnight = dt.datetime.combine(self.date, dt.time())
        assumed = dt.datetime.combine(self.date, ASSUMED_START)
        return max(midnight, min(assumed, midnight + DAY - dt.timedelta(minutes=self.minutes)))


@dataclass(frozen=True, slots=True)
class ServiceReading:
    """What the rows gave."""

    rows: tuple[ServiceRow, ...]
    refused: tuple[RowProblem, ...]


def read_service(
    *, sheet: Sheet, columns: Columns, today: dt.date, default_category: str | None = None
) -> ServiceReading:
    """Every row, or the reason against it."""
    rows, refused = [], list(sheet.problems)
    for row in sheet.rows:
        try:
            rows.append(_read(RowReader(row, columns), today, default_category))
        except RowRefused as refusal:
            refused.append(refusal.problem)
    return ServiceReading(tuple(rows), tuple(refused))


def _read(reader: RowReader, today: dt.date, default_category: str | None) -> ServiceRow:
    phone = reader.optional("phone", values.phone)
    card = reader.optional("card", values.card_or_volunteer_no)
    name = reader.optional("name", values.name)
    if not (phone or card or name):
        raise reader.refused("name", ValueMissing())
    start = reader.optional("start", values.time)
    date = _date(reader, today)
    title = reader.optional("activity", lambda cell: values.label(cell, TITLE_CHARS_MAX))
    place = reader.optional("place", lambda cell: values.label(cell, PLACE_CHARS_MAX))
    note = reader.optional("note", lambda cell: values.label(cell, NOTE_CHARS_MAX))
    return ServiceRow(
        line=reader.line,
        phone=phone,
        card=card,
        name=name,
        building=reader.optional("building", values.label),
        date=date,
        start=start,
        minutes=_minutes(reader, date, start),
        title=title or UNTITLED,
        category=_category(reader, title or "", default_category),
        place=place or "",
        note=note or "",
        reader=reader,
    )


def _date(reader: RowReader, today: dt.date) -> dt.date:
    """The date column, or the date within the start."""
    date = reader.optional("date", values.date)
    field = "date" if date else "start"
    date = date or reader.needed("start", values.date)
    if date > today:
        raise reader.refused(field, RowInFuture(date=date.isoformat()))
    return date


def _minutes(reader: RowReader, date: dt.date, start: dt.time | None) -> int:
    """The length said, which may leave out a break but not exceed start to end."""
    said = (
        reader.optional("minutes", values.minutes)
        or reader.optional("hours", values.hours)
        or reader.optional("duration", values.duration)
    )
    end = reader.optional("end", values.time)
    if start is None or end is None:
        if said is None:
            raise reader.refused("duration", ValueMissing())
        return said
    between = dt.datetime.combine(date, end) - dt.datetime.combine(date, start)
    minutes = int(between.total_seconds() // 60)
    times = {"start": f"{start:%H:%M}", "end": f"{end:%H:%M}"}
    if minutes <= 0:
        raise reader.refused("end", EndBeforeStart(**times))
    if said is not None and said > minutes:
        raise reader.refused("end", TimesDisagree(minutes=said, **times))
    return said or minutes


def _category(reader: RowReader, title: str, default_category: str | None) -> str:
    said = reader.optional("category", values.plain)
    code = category_code(said, title) or (None if said else default_category)
    if code is None:
        field = "category" if said else "activity"
        raise reader.refused(field, CategoryNotFound(value=said or title or "–"))
    return code
