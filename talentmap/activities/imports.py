"""Take over a list of activities: what has been becomes an archive, what is to come gathers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from points.community import areas, grants
from points.errors import DomainError
from points.imports.areas import batches
from points.imports.columns import Columns
from points.imports.errors import CategoryNotFound
from points.imports.reading import RowRefused
from points.imports.rows import ImportReport, Progress, RowProblem, Sheet
from points.ledger.books import book_of_area
from points.service.categories import category_of
from points.transactions import is_postgres, run, use_case
from talentmap.activities.errors import ActivityTwice, AheadNeedsBook, AheadNeedsTimes
from talentmap.activities.proposals import insert_plan
from talentmap.activities.reading import ActivityReading, ActivityRow, read_activities
from talentmap.activities.rules import (
    MINIMUM_USUAL,
    OTHER_CATEGORY,
    Plan,
    check_plan,
    usual_deadline,
)
from talentmap.places.datum import Datum

CAPACITY_USUAL: Final = 30
# A list that names an hour and no end means about this long.
LENGTH_USUAL: Final = timedelta(hours=2)
ARCHIVED: Final = (
    *("title", "summary", "category", "activity_class", "place", "lat", "lon"),
    *("starts_at", "ends_at", "minimum", "capacity"),
)


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where the list goes, and by whom."""

    area_id: int
    book_id: int | None
    actor_id: int | None
    zone: ZoneInfo
    now: datetime
    known: Mapping[str, dict[str, Any]]


@dataclass(slots=True)
class _Work:
    """What the rows mean beside what is known."""

    archived: list[tuple[str, tuple[object, ...]]] = field(default_factory=list)
    changed: list[tuple[int, tuple[object, ...]]] = field(default_factory=list)
    ahead: list[tuple[str, ActivityRow, Plan]] = field(default_factory=list)
    unchanged: int = 0
    refused: list[RowProblem] = field(default_factory=list)
    notes: list[RowProblem] = field(default_factory=list)


async def import_activities(
    *,
    sheet: Sheet,
    columns: Columns,
    datum: Datum | None,
    area_id: int,
    actor_id: int | None,
    now: datetime,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Bring activities into an area, all rows that can be or none; twice changes nothing.

    What has begun is archived and never lapses.  What is to come gathers in the name of
    ``actor_id``, a steward; None is the operator at the machine, who can only archive.  Rows
    without a position are taken, and stand among the notes.
    """
    columns.require_usable()
    reading = read_activities(sheet=sheet, columns=columns, datum=datum, progress=progress)
    return await _keep(
        reading=reading,
        area_id=area_id,
        actor_id=actor_id,
        now=now,
        dry_run=dry_run,
        progress=progress,
    )


@use_case
async def _keep(
    *,
    reading: ActivityReading,
    area_id: int,
    actor_id: int | None,
    now: datetime,
    dry_run: bool,
    progress: Progress | None,
) -> ImportReport:
    desk = await _desk(area_id=area_id, actor_id=actor_id, now=now)
    work = _sorted_out(desk, reading.rows)
    if not dry_run:
        await _write(desk, work, progress)
    refused = sorted([*reading.refused, *work.refused], key=lambda problem: problem.line)
    return ImportReport(
        created=len(work.archived) + len(work.ahead),
        updated=len(work.changed),
        unchanged=work.unchanged,
        refused=tuple(refused),
        notes=tuple(work.notes),
    )


async def _desk(*, area_id: int, actor_id: int | None, now: datetime) -> _Desk:
    """The area, locked so that two imports into it run one after the other."""
    where = await areas.area(area_id)
    if actor_id is not None:
        today = await areas.day_in(area_id, now)
        await grants.require(person_id=actor_id, roles=("steward",), area_id=area_id, today=today)
    if is_postgres():
        await run("SELECT id FROM area WHERE id = {} FOR NO KEY UPDATE", area_id)
    rows = await run(
        "SELECT * FROM activity WHERE area_id = {} AND import_key IS NOT NULL", area_id
    )
    return _Desk(
        area_id=area_id,
        book_id=await book_of_area(area_id),
        actor_id=actor_id,
        zone=ZoneInfo(where.time_zone),
        now=now,
        known={row["import_key"]: row for row in rows},
    )


def _sorted_out(desk: _Desk, rows: Sequence[ActivityRow]) -> _Work:
    work = _Work()
    lines: dict[str, int] = {}
    for row in rows:
        try:
            _sort(desk, work, row, lines)
        except RowRefused as refusal:
            work.refused.append(refusal.problem)
    return work


def _sort(desk: _Desk, work: _Work, row: ActivityRow, lines: dict[str, int]) -> None:
    key = row.import_key(desk.area_id)
    first_line = lines.setdefault(key, row.line)
    if first_line != row.line:
        raise row.reader.refused("title", ActivityTwice(first_line=first_line))
    starts_at, ends_at = _span(desk, row)
    known = desk.known.get(key)
    if known is None and starts_at > desk.now:
        work.ahead.append((key, row, _plan(desk, row, starts_at, ends_at)))
    elif known is None:
        work.archived.append((key, _archive(row, starts_at, ends_at)))
    elif known["state"] == "archived" and _differs(known, row, starts_at, ends_at):
        work.changed.append((known["id"], _archive(row, starts_at, ends_at)))
    else:
        work.unchanged += 1
    if row.note is not None:
        work.notes.append(row.note)


def _span(desk: _Desk, row: ActivityRow) -> tuple[datetime, datetime]:
    """From its first moment to its last; a day without hours is the whole of it."""
    starts = datetime.combine(row.start, row.start_time or time(), desk.zone).astimezone(UTC)
    if row.end_time is not None:
        return starts, datetime.combine(row.end, row.end_time, desk.zone).astimezone(UTC)
    if row.start_time is not None and row.end == row.start:
        return starts, starts + LENGTH_USUAL
    midnight = datetime.combine(row.end + timedelta(days=1), time(), desk.zone)
    return starts, midnight.astimezone(UTC)


def _archive(row: ActivityRow, starts_at: datetime, ends_at: datetime) -> tuple[object, ...]:
    """The values of ``ARCHIVED``: a list of long ago may ask for one person, or for thousands."""
    capacity = max(1, row.capacity or row.minimum or 1)
    minimum = max(1, min(row.minimum or 1, capacity, 500))
    category = category_of(row.category)
    kind = category.activity_class if category else "interest"
    words = (row.title, row.summary, row.category, kind, row.place)
    return (*words, *(row.point or (None, None)), starts_at, ends_at, minimum, capacity)


def _differs(
    known: Mapping[str, Any], row: ActivityRow, starts_at: datetime, ends_at: datetime
) -> bool:
    return tuple(known[name] for name in ARCHIVED) != _archive(row, starts_at, ends_at)


def _plan(desk: _Desk, row: ActivityRow, starts_at: datetime, ends_at: datetime) -> Plan:
    """A row that is still to come, as somebody would have proposed it; or why it cannot be."""
    if desk.book_id is None or desk.actor_id is None:
        raise row.reader.refused("start", AheadNeedsBook())
    if row.start_time is None:
        raise row.reader.refused("start", AheadNeedsTimes())
    category = category_of(row.category)
    if row.category == OTHER_CATEGORY or category is None:
        raise row.reader.refused("category", CategoryNotFound(value=row.title))
    minimum = row.minimum or MINIMUM_USUAL
    plan = Plan(
        title=row.title,
        summary=row.summary,
        category=row.category,
        activity_class=category.activity_class,
        place=row.place,
        starts_at=starts_at,
        ends_at=ends_at,
        deadline_at=_deadline(desk, row, starts_at),
        minimum=minimum,
        capacity=row.capacity or max(CAPACITY_USUAL, minimum),
        risk="",
        risky=False,
        insured=False,
        to_bring="",
    )
    try:
        check_plan(plan, now=desk.now)
    except DomainError as error:
        asked = str(error.facts.get("field", "title"))
        columns = {"starts_at": "start", "ends_at": "end", "deadline_at": "deadline"}
        raise row.reader.refused(columns.get(asked, asked), error) from None
    return plan


def _deadline(desk: _Desk, row: ActivityRow, starts_at: datetime) -> datetime:
    """The one said, to the end of a day without an hour; else the usual one."""
    if row.deadline is None:
        return usual_deadline(starts_at, now=desk.now)
    day, clock = row.deadline
    if clock is not None:
        return datetime.combine(day, clock, desk.zone).astimezone(UTC)
    midnight = datetime.combine(day + timedelta(days=1), time(), desk.zone).astimezone(UTC)
    return min(midnight, starts_at)


async def _write(desk: _Desk, work: _Work, progress: Progress | None) -> None:
    of, done = len(work.archived) + len(work.changed) + len(work.ahead), 0
    for batch in batches(work.archived):
        await _insert(desk, batch)
        done += len(batch)
        if progress:
            progress(done, of)
    for activity_id, values in work.changed:
        changes = ", ".join(f"{name} = {{}}" for name in ARCHIVED)
        await run(f"UPDATE activity SET {changes} WHERE id = {{}}", *values, activity_id)
    for key, row, plan in work.ahead:
        assert desk.book_id is not None
        assert desk.actor_id is not None
        await insert_plan(
            plan,
            book_id=desk.book_id,
            area_id=desk.area_id,
            proposer_id=desk.actor_id,
            talent_id=None,
            now=desk.now,
            point=row.point,
            import_key=key,
        )
    if progress and done < of:
        progress(of, of)


async def _insert(desk: _Desk, batch: Sequence[tuple[str, tuple[object, ...]]]) -> None:
    shared = (desk.area_id, desk.book_id, desk.now.astimezone(UTC))
    marks = ", ".join(["{}"] * (len(ARCHIVED) + len(shared) + 1))
    row = f"({marks}, 'archived')"
    await run(
        f"INSERT INTO activity ({', '.join(ARCHIVED)}, import_key, area_id, book_id, created_at, "
        f"state) VALUES {', '.join([row] * len(batch))}",
        *(value for key, values in batch for value in (*values, key, *shared)),
    )
