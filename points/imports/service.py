"""Take over service from lists: as logged, waiting for somebody else to confirm it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from points.community import areas
from points.community.grants import require
from points.imports.areas import batches
from points.imports.columns import Columns
from points.imports.errors import PersonUnclear, RowPersonUnknown, ServiceTwice
from points.imports.people_reading import building_key, stairwell_key
from points.imports.reading import RowRefused
from points.imports.rows import ImportReport, Progress, RowProblem, Sheet
from points.imports.service_reading import ServiceReading, ServiceRow, read_service
from points.ledger.books import book_of_area
from points.service.authority import ROLL_CALL_ROLES
from points.service.errors import (
    ImportDiffers,
    NoBookHere,
    OccasionCancelled,
    PersonElsewhere,
)
from points.service.intake_rules import Claim, Served, day_objection, minutes_objection
from points.service.intake_rules import span_objection as span_objection_of
from points.service.occasions import book_of_person, create_occasion
from points.service.records import import_record
from points.transactions import is_postgres, run, use_case

PROGRESS_ROWS = 20


@dataclass(slots=True)
class _Occasion:
    """One that exists (``id``) or is to be made from its rows."""

    key: str
    starts_at: datetime
    ends_at: datetime
    row: ServiceRow
    id: int | None = None
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class _Step:
    row: ServiceRow
    person_id: int
    occasion: _Occasion
    started_at: datetime
    is_known: bool


@dataclass(slots=True)
class _Plan:
    """What a file of service does, checked before anything is written."""

    area_id: int
    book_id: int
    zone: ZoneInfo
    now: datetime
    people: Mapping[tuple[str, str], Sequence[Mapping[str, Any]]]
    """Under (kind of number or name, its value)."""
    occasions: dict[str, _Occasion]
    records: Mapping[tuple[int, int], Mapping[str, Any]]
    served: dict[int, list[Served]]
    books: Mapping[int, int | None]
    steps: list[_Step] = field(default_factory=list)
    refused: list[RowProblem] = field(default_factory=list)
    lines: dict[tuple[str, int], int] = field(default_factory=dict)


async def import_service(
    *,
    sheet: Sheet,
    columns: Columns,
    area_id: int,
    actor_id: int,
    now: datetime,
    default_category: str | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Take over the service of an area's residents, all acceptable rows or none.

    Nothing is confirmed by it, and the same list again brings nothing twice.
    """
    columns.require_usable()
    today = await areas.day_in(area_id, now)
    reading = read_service(
        sheet=sheet, columns=columns, today=today, default_category=default_category
    )
    return await _keep_service(
        reading=reading,
        area_id=area_id,
        actor_id=actor_id,
        now=now,
        dry_run=dry_run,
        progress=progress,
    )


@use_case
async def _keep_service(
    *,
    reading: ServiceReading,
    area_id: int,
    actor_id: int,
    now: datetime,
    dry_run: bool,
    progress: Progress | None,
) -> ImportReport:
    today = await areas.day_in(area_id, now)
    await require(person_id=actor_id, roles=ROLL_CALL_ROLES, area_id=area_id, today=today)
    plan = await _loaded(reading, area_id=area_id, now=now)
    for row in reading.rows:
        _plan_row(plan, row)
    new = [step for step in plan.steps if not step.is_known]
    if not dry_run:
        await _write(plan, new, actor_id=actor_id, progress=progress)
    refused = sorted([*reading.refused, *plan.refused], key=lambda problem: problem.line)
    return ImportReport(
        created=len(new), unchanged=len(plan.steps) - len(new), refused=tuple(refused)
    )


async def _loaded(reading: ServiceReading, *, area_id: int, now: datetime) -> _Plan:
    """Everything the rows may refer to, in a handful of questions."""
    book_id = await book_of_area(area_id)
    if book_id is None:
        raise NoBookHere
    if is_postgres():
        await run("SELECT id FROM area WHERE id = {} FOR UPDATE", area_id)
    people = await run(
        "SELECT p.id, p.name, p.phone, p.card_no, p.volunteer_no, p.area_id FROM person p "
        "JOIN area_ancestor c ON c.area_id = p.area_id "
        "WHERE c.ancestor_id = {} AND p.closed_at IS NULL",
        area_id,
    )
    homes = {person["area_id"] for person in people}
    views = await areas.areas(homes)
    occasions = await _known_occasions(reading.rows, area_id)
    days = [row.date for row in reading.rows]
    return _Plan(
        area_id=area_id,
        book_id=book_id,
        zone=ZoneInfo(await areas.time_zone_of(area_id)),
        now=now,
        people=_by_what_lists_say(people, views),
        occasions=occasions,
        records=await _known_records([one.id for one in occasions.values() if one.id]),
        served=await _served(area_id, days),
        books={home: await book_of_area(home) for home in homes},
    )


def _by_what_lists_say(
    people: Sequence[Mapping[str, Any]], views: Mapping[int, areas.AreaView]
) -> dict[tuple[str, str], list[Mapping[str, Any]]]:
    index: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for person in people:
        found = {**person, "path": views[person["area_id"]].path}
        for said, column in (
            ("phone", "phone"),
            ("card", "card_no"),
            ("card", "volunteer_no"),
            ("name", "name"),
        ):
            if person[column]:
                index.setdefault((said, person[column]), []).append(found)
    return index


async def _known_occasions(rows: Sequence[ServiceRow], area_id: int) -> dict[str, _Occasion]:
    by_key = {
        row.occasion_key(area_id, alone=alone): row for row in rows for alone in (False, True)
    }
    found: dict[str, _Occasion] = {}
    for batch in batches(list(by_key)):
        marks = ", ".join(["{}"] * len(batch))
        for row in await run(
            "SELECT id, import_key, starts_at, ends_at, cancelled_at FROM occasion "
            f"WHERE import_key IN ({marks})",
            *batch,
        ):
            key = row["import_key"]
            cancelled = row["cancelled_at"] is not None
            found[key] = _Occasion(
                key, row["starts_at"], row["ends_at"], by_key[key], row["id"], cancelled
            )
    return found


async def _known_records(
    occasion_ids: Sequence[int],
) -> dict[tuple[int, int], Mapping[str, Any]]:
    """The latest record of each person on each occasion, whatever became of it."""
    records: dict[tuple[int, int], Mapping[str, Any]] = {}
    for batch in batches(occasion_ids):
        marks = ", ".join(["{}"] * len(batch))
        for row in await run(
            "SELECT id, occasion_id, person_id, minutes FROM service_record "
            f"WHERE occasion_id IN ({marks}) ORDER BY id",
            *batch,
        ):
            records[row["occasion_id"], row["person_id"]] = row
    return records


async def _served(area_id: int, days: Sequence[date]) -> dict[int, list[Served]]:
    """What the residents have on those days already."""
    served: dict[int, list[Served]] = {}
    if not days:
        return served
    for row in await run(
        "SELECT r.id, r.person_id, r.started_at, r.minutes, r.service_date, r.backfilled "
        "FROM service_record r JOIN person p ON p.id = r.person_id "
        "JOIN area_ancestor c ON c.area_id = p.area_id WHERE c.ancestor_id = {} "
        "AND r.service_date >= {} AND r.service_date <= {} AND r.state IN ('logged', 'confirmed')",
        area_id,
        min(days) - timedelta(days=1),
        max(days) + timedelta(days=1),
    ):
        served.setdefault(row["person_id"], []).append(
            Served(
                record_id=row["id"],
                started_at=row["started_at"],
                minutes=row["minutes"],
                service_date=row["service_date"],
                backfilled=bool(row["backfilled"]),
            )
        )
    return served


def _plan_row(plan: _Plan, row: ServiceRow) -> None:
    try:
        person = _person(plan, row)
        plan.steps.append(_step(plan, row, person))
    except RowRefused as refusal:
        plan.refused.append(refusal.problem)


def _person(plan: _Plan, row: ServiceRow) -> Mapping[str, Any]:
    """By phone, else by card, else by a name that only one person has, here or in the building."""
    field, value = next(
        (field, value)
        for field, value in (("phone", row.phone), ("card", row.card), ("name", row.name))
        if value
    )
    found = plan.people.get((field, value), ())
    if len(found) > 1 and row.building:
        keys = {building_key(row.building), stairwell_key(row.building)}
        found = [
            person
            for person in found
            if any({building_key(name), stairwell_key(name)} & keys for name in person["path"])
        ]
    if not found or (row.name and found[0]["name"] != row.name):
        raise row.reader.refused(field, RowPersonUnknown(value=row.name or value))
    if len(found) > 1:
        raise row.reader.refused(field, PersonUnclear(value=value, count=len(found)))
    if plan.books[found[0]["area_id"]] != plan.book_id:
        raise row.reader.refused(field, PersonElsewhere())
    return found[0]


def _step(plan: _Plan, row: ServiceRow, person: Mapping[str, Any]) -> _Step:
    person_id = int(person["id"])
    started_at = row.begins().replace(tzinfo=plan.zone).astimezone(UTC)
    occasion = _occasion(plan, row, started_at)
    if row.start is None:
        # The whole list begins when its occasion does.
        started_at = occasion.starts_at
    first_line = plan.lines.setdefault((occasion.key, person_id), row.line)
    if first_line != row.line:
        raise row.reader.refused("date", ServiceTwice(first_line=first_line))
    known = plan.records.get((occasion.id, person_id)) if occasion.id else None
    if known and known["minutes"] != row.minutes:
        error = ImportDiffers(record_id=known["id"], minutes=known["minutes"])
        raise row.reader.refused("minutes", error)
    if known is None:
        _check(plan, row, person_id, occasion, started_at)
    return _Step(row, person_id, occasion, started_at, is_known=known is not None)


def _occasion(plan: _Plan, row: ServiceRow, started_at: datetime) -> _Occasion:
    """The occasion of the row's key; one of its own where that one was over before the row is."""
    ends_at = started_at + timedelta(minutes=row.minutes)
    key = row.occasion_key(plan.area_id)
    known = plan.occasions.get(key)
    if known and known.id is not None and ends_at > known.ends_at:
        key = row.occasion_key(plan.area_id, alone=True)
        known = plan.occasions.get(key)
    if known is None:
        known = plan.occasions[key] = _Occasion(key, started_at, ends_at, row)
    elif known.id is None:
        known.starts_at = min(known.starts_at, started_at)
        known.ends_at = max(known.ends_at, ends_at)
    return known


def _check(
    plan: _Plan, row: ServiceRow, person_id: int, occasion: _Occasion, started_at: datetime
) -> None:
    """What logging it would refuse, asked beforehand so that one row does not stop the others."""
    if occasion.cancelled:
        raise row.reader.refused("date", OccasionCancelled())
    claim = Claim(
        started_at=started_at,
        minutes=row.minutes,
        service_date=started_at.astimezone(plan.zone).date(),
        source="import",
        note=row.note,
    )
    others = plan.served.setdefault(person_id, [])
    objection = (
        minutes_objection(row.minutes, row.note)
        or span_objection_of(
            claim, starts_at=occasion.starts_at, ends_at=occasion.ends_at, now=plan.now
        )
        or day_objection(claim, others)
    )
    if objection:
        raise row.reader.refused("date", objection)
    others.append(Served(0, started_at, row.minutes, claim.service_date, backfilled=False))


async def _write(
    plan: _Plan, new: Sequence[_Step], *, actor_id: int, progress: Progress | None
) -> None:
    actor_is_here = await book_of_person(actor_id) == plan.book_id
    for done, step in enumerate(new, 1):
        occasion = step.occasion
        if occasion.id is None:
            occasion.id = await create_occasion(
                actor_id=actor_id,
                area_id=plan.area_id,
                title=occasion.row.title,
                category=occasion.row.category,
                place=occasion.row.place,
                starts_at=occasion.starts_at,
                ends_at=occasion.ends_at,
                leader_id=actor_id if actor_is_here else step.person_id,
                now=plan.now,
                import_key=occasion.key,
            )
        await import_record(
            actor_id=actor_id,
            occasion_id=occasion.id,
            person_id=step.person_id,
            started_at=step.started_at if step.row.start else None,
            minutes=step.row.minutes,
            note=step.row.note,
            now=plan.now,
        )
        if progress and (done % PROGRESS_ROWS == 0 or done == len(new)):
            progress(done, len(new))
