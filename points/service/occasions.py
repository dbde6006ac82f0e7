"""Occasions: what, where, when and under whom people serve."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from points.community.areas import areas, day_in
from points.community.grants import require
from points.community.rules import clean_text, row_number
from points.ledger.books import book_of_area
from points.service.authority import PLANNING_ROLES, roles_over
from points.service.categories import ACTIVITY_CLASSES, category_of
from points.service.errors import (
    CategoryUnknown,
    LeaderElsewhere,
    NoBookHere,
    OccasionCancelled,
    OccasionInUse,
    OccasionMissing,
    OccasionNotYours,
    OccasionSpanInvalid,
    OccasionTooFarAhead,
    OccasionTooOld,
    PlaceTooLong,
    TitleInvalid,
)
from points.service.policy import policy_at
from points.transactions import is_postgres, run, use_case

TITLE_CHARS_MAX = 120
PLACE_CHARS_MAX = 200
SPAN_HOURS_MAX = 24
AHEAD_DAYS_MAX = 366
YEARS = (1900, 2200)


@dataclass(frozen=True, slots=True)
class OccasionView:
    """An occasion as pages show it; times are shown in ``time_zone``."""

    id: int
    book_id: int
    area_id: int
    area_path: tuple[str, ...]
    time_zone: str
    title: str
    category: str
    activity_class: str
    place: str
    starts_at: datetime
    ends_at: datetime
    leader_id: int
    leader_name: str
    created_by: int
    cancelled: bool


@use_case
async def create_occasion(
    *,
    actor_id: int,
    area_id: int,
    title: str,
    category: str,
    place: str,
    starts_at: datetime,
    ends_at: datetime,
    leader_id: int,
    now: datetime,
    activity_class: str | None = None,
    import_key: str | None = None,
) -> int:
    """Plan an occasion, or enter one that has been; the same import key gives the same one."""
    today = await day_in(area_id, now)
    await require(person_id=actor_id, roles=PLANNING_ROLES, area_id=area_id, today=today)
    book_id = await book_of_area(area_id)
    if book_id is None:
        raise NoBookHere()
    if import_key is not None and (known := await _imported(import_key)) is not None:
        return known
    title, place = clean_text(title), clean_text(place)
    kind = _checked_kind(title=title, place=place, category=category, given=activity_class)
    _check_span(starts_at, ends_at)
    if import_key is None:
        late_max_days = (await policy_at(book_id, today)).terms.late_max_days
        _check_distance(starts_at, ends_at, now=now, late_max_days=late_max_days)
    if await book_of_person(leader_id) != book_id:
        raise LeaderElsewhere(field="leader_id")
    [row] = await run(
        "INSERT INTO occasion (book_id, area_id, title, category, activity_class, place, "
        "starts_at, ends_at, leader_id, created_by, created_at, import_key) "
        "VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}) RETURNING id",
        *(book_id, area_id, title, category, kind, place),
        *(starts_at.astimezone(UTC), ends_at.astimezone(UTC), leader_id, actor_id),
        *(now.astimezone(UTC), import_key),
    )
    return int(row["id"])


async def _imported(import_key: str) -> int | None:
    rows = await run("SELECT id FROM occasion WHERE import_key = {}", import_key)
    return int(rows[0]["id"]) if rows else None


def _checked_kind(*, title: str, place: str, category: str, given: str | None) -> str:
    """The activity class, once the words and the category are as they should be."""
    if not 0 < len(title) <= TITLE_CHARS_MAX:
        raise TitleInvalid(field="title", most=TITLE_CHARS_MAX)
    if len(place) > PLACE_CHARS_MAX:
        raise PlaceTooLong(field="place", most=PLACE_CHARS_MAX)
    known = category_of(category)
    if known is None or (given is not None and given not in ACTIVITY_CLASSES):
        raise CategoryUnknown(field="category")
    return given or known.activity_class


def _check_span(starts_at: datetime, ends_at: datetime) -> None:
    # Dates of other centuries are slips of the pen, and their arithmetic overflows.
    if not YEARS[0] <= starts_at.year <= ends_at.year <= YEARS[1]:
        raise OccasionSpanInvalid(field="starts_at", most=SPAN_HOURS_MAX)
    if not timedelta() < ends_at - starts_at <= timedelta(hours=SPAN_HOURS_MAX):
        raise OccasionSpanInvalid(field="ends_at", most=SPAN_HOURS_MAX)


def _check_distance(
    starts_at: datetime, ends_at: datetime, *, now: datetime, late_max_days: int
) -> None:
    if now - ends_at > timedelta(days=late_max_days):
        raise OccasionTooOld(field="starts_at", days=late_max_days)
    if starts_at - now > timedelta(days=AHEAD_DAYS_MAX):
        raise OccasionTooFarAhead(field="starts_at", days=AHEAD_DAYS_MAX)


@use_case
async def cancel_occasion(*, actor_id: int, occasion_id: int, now: datetime) -> None:
    """Cancel an occasion on which nobody has logged service; cancelling twice changes nothing."""
    row = await occasion_row(occasion_id, lock=True)
    today = await day_in(row["area_id"], now)
    roles = await roles_over(person_id=actor_id, area_id=row["area_id"], today=today)
    if actor_id not in (row["leader_id"], row["created_by"]) and "steward" not in roles:
        raise OccasionNotYours()
    if row["cancelled_at"] is not None:
        return
    if await run(
        "SELECT id FROM service_record WHERE occasion_id = {} "
        "AND state IN ('logged', 'confirmed') LIMIT 1",
        occasion_id,
    ):
        raise OccasionInUse()
    await run(
        "UPDATE occasion SET cancelled_at = {} WHERE id = {}", now.astimezone(UTC), occasion_id
    )


async def occasion_row(occasion_id: int, *, lock: bool = False) -> dict[str, Any]:
    """The stored occasion; ``lock`` keeps it from being cancelled or logged on meanwhile."""
    suffix = " FOR UPDATE" if lock and is_postgres() else ""
    rows = await run("SELECT * FROM occasion WHERE id = {}" + suffix, row_number(occasion_id))
    if not rows:
        raise OccasionMissing()
    return rows[0]


async def open_occasion(occasion_id: int) -> dict[str, Any]:
    """The stored occasion for logging: it must not be cancelled, now or meanwhile."""
    await occasion_row(occasion_id)
    # A shared lock: many may log at once, but none while it is being cancelled.
    suffix = " FOR SHARE" if is_postgres() else ""
    [row] = await run("SELECT * FROM occasion WHERE id = {}" + suffix, occasion_id)
    if row["cancelled_at"] is not None:
        raise OccasionCancelled()
    return row


async def book_of_person(person_id: int) -> int | None:
    """The book that keeps the points of a person; None for nobody, or a closed account."""
    rows = await run(
        "SELECT area_id FROM person WHERE id = {} AND closed_at IS NULL", row_number(person_id)
    )
    return await book_of_area(rows[0]["area_id"]) if rows else None


async def occasion(occasion_id: int) -> OccasionView:
    """One occasion."""
    await occasion_row(occasion_id)
    [view] = await _views(f"{_SELECT} WHERE o.id = {{}}", occasion_id)
    return view


async def occasions(
    *,
    area_id: int,
    when: Literal["upcoming", "past"],
    now: datetime,
    after_id: int | None = None,
    limit: int = 20,
) -> list[OccasionView]:
    """Occasions of the area, of those within it and of those around it that share its book.

    Upcoming ones (running ones among them) come soonest first, past ones latest first; the page
    goes on after ``after_id``.
    """
    book_ids = await books_around(area_id)
    if not book_ids:
        return []
    upcoming = when == "upcoming"
    conditions, values = await _page(upcoming=upcoming, now=now.astimezone(UTC), after_id=after_id)
    order = "ASC" if upcoming else "DESC"
    return await _views(
        f"{_SELECT} WHERE o.book_id IN ({', '.join(map(str, book_ids))}) AND {conditions} "
        "AND (EXISTS (SELECT 1 FROM area_ancestor x WHERE x.area_id = o.area_id "
        "AND x.ancestor_id = {}) OR EXISTS (SELECT 1 FROM area_ancestor y "
        "WHERE y.area_id = {} AND y.ancestor_id = o.area_id)) "
        f"ORDER BY o.starts_at {order}, o.id {order} LIMIT {int(limit)}",
        *values,
        area_id,
        area_id,
    )


async def _page(*, upcoming: bool, now: datetime, after_id: int | None) -> tuple[str, list[object]]:
    """Conditions that let the index on the start find the page; the span of each is bounded."""
    sign = ">" if upcoming else "<"
    earliest = now - timedelta(hours=SPAN_HOURS_MAX + 1)
    conditions = "o.starts_at > {} AND o.ends_at > {}"
    values: list[object] = [earliest, now]
    if not upcoming:
        conditions = "o.starts_at < {} AND o.ends_at <= {}"
        values = [now, now]
    if after_id is not None:
        start = (await occasion_row(after_id))["starts_at"]
        conditions += f" AND (o.starts_at {sign} {{}} OR (o.starts_at = {{}} AND o.id {sign} {{}}))"
        values += [start, start, after_id]
    return conditions, values


async def occasions_to_log(*, person_id: int, now: datetime, limit: int = 30) -> list[OccasionView]:
    """What the person may still log service on: of her book, begun, not too old, not logged yet."""
    book_id = await book_of_person(person_id)
    if book_id is None:
        return []
    moment = now.astimezone(UTC)
    terms = (await policy_at(book_id, moment.date())).terms
    return await _views(
        f"{_SELECT} WHERE o.book_id = {{}} AND o.starts_at <= {{}} AND o.starts_at > {{}} "
        "AND o.ends_at >= {} AND o.cancelled_at IS NULL "
        "AND NOT EXISTS (SELECT 1 FROM service_record r WHERE r.occasion_id = o.id "
        "AND r.person_id = {} AND r.state IN ('logged', 'confirmed')) "
        f"ORDER BY o.starts_at DESC, o.id DESC LIMIT {int(limit)}",
        book_id,
        moment,
        moment - timedelta(days=terms.late_max_days, hours=SPAN_HOURS_MAX),
        moment - timedelta(days=terms.late_max_days),
        person_id,
    )


_SELECT = "SELECT o.*, p.name AS leader_name FROM occasion o JOIN person p ON p.id = o.leader_id"


async def books_around(area_id: int) -> list[int]:
    """The book of the area, or those kept by areas within it where none is above."""
    book_id = await book_of_area(area_id)
    if book_id is not None:
        return [book_id]
    rows = await run(
        "SELECT b.id FROM area_ancestor x JOIN book b ON b.area_id = x.area_id "
        "WHERE x.ancestor_id = {} ORDER BY b.id",
        area_id,
    )
    return [int(row["id"]) for row in rows]


async def _views(sql: str, *values: object) -> list[OccasionView]:
    rows = await run(sql, *values)
    found = await areas([row["area_id"] for row in rows])
    return [
        OccasionView(
            id=row["id"],
            book_id=row["book_id"],
            area_id=row["area_id"],
            area_path=found[row["area_id"]].path,
            time_zone=found[row["area_id"]].time_zone,
            title=row["title"],
            category=row["category"],
            activity_class=row["activity_class"],
            place=row["place"],
            starts_at=row["starts_at"],
            ends_at=row["ends_at"],
            leader_id=row["leader_id"],
            leader_name=row["leader_name"],
            created_by=row["created_by"],
            cancelled=row["cancelled_at"] is not None,
        )
        for row in rows
    ]
