"""Service records as people see them: mine, what waits for me, who came, one in full."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any

from points.community.areas import areas, day_in
from points.community.grants import active_grants
from points.community.guardians import guardians_then, is_guardian
from points.community.reads import log_reads
from points.community.rules import ID_MAX, masked_name, row_number
from points.service.authority import DECIDING_ROLES, Decider, deciders
from points.service.categories import category_of
from points.service.errors import RecordMissing
from points.service.occasions import books_around, occasion_row
from points.service.policy import policies_of
from points.service.rules import (
    INVOLVED,
    UNITS_PER_POINT,
    Case,
    Obstacle,
    Terms,
    leads,
    may_confirm,
    worth,
)
from points.transactions import run, use_case, whole

WAITING_SHOWN_MAX = 100


@dataclass(frozen=True, slots=True)
class RecordView:
    """A record of service.

    ``worth_points`` is what it is worth before any cap and without fractions.  While it waits,
    ``who_must_act`` names who can decide, and ``obstacle`` says what keeps the viewer from it.
    """

    id: int
    occasion_id: int
    title: str
    category: str
    area_id: int
    time_zone: str
    starts_at: datetime
    ends_at: datetime
    person_id: int
    name: str
    started_at: datetime
    service_date: date
    minutes: int
    note: str
    source: str
    backfilled: bool
    needs_steward: bool
    logged_by: int
    logged_by_name: str
    logged_at: datetime
    state: str
    decided_by_name: str | None
    decided_at: datetime | None
    decision_reason: str
    void_reason: str
    posting_id: int | None
    worth_points: int
    obstacle: Obstacle | None = None
    who_must_act: tuple[Decider, ...] = ()
    may_void: bool = False


@dataclass(frozen=True, slots=True)
class _Viewer:
    """The person who looks, with the areas of her active roles."""

    person_id: int
    household_id: int | None
    roles: tuple[tuple[int, str], ...]
    today: date

    def areas(self, roles: Sequence[str]) -> list[int]:
        return sorted({area_id for area_id, role in self.roles if role in roles})


async def my_records(
    *,
    person_id: int,
    now: datetime,
    state: str | None = None,
    before_id: int | None = None,
    limit: int = 20,
) -> list[RecordView]:
    """A person's records, newest first, with who must act on those that wait."""
    wanted = "" if state is None else "AND r.state = {} "
    rows = await _rows(
        f"WHERE r.person_id = {{}} AND r.id < {{}} {wanted}ORDER BY r.id DESC LIMIT {int(limit)}",
        row_number(person_id),
        ID_MAX if before_id is None else row_number(before_id),
        *([] if state is None else [state]),
    )
    viewer = await _viewer(person_id, now)
    return await _with_who_must_act(await _seen(rows, viewer), rows, viewer.today)


@use_case
@whole
async def waiting(
    *, actor_id: int, now: datetime, after_id: int | None = None, limit: int = 50
) -> list[RecordView]:
    """What waits where the actor has a say, oldest first, without her own service.

    A record she may not confirm is shown with the obstacle and with who can.  Whose names she
    reads is noted for them.
    """
    viewer = await _viewer(actor_id, now)
    rows = await _waiting_rows(viewer, after_id=row_number(after_id or 0), limit=limit)
    await _note(rows, actor_id=actor_id, now=now)
    views = await _seen(rows, viewer)
    return await _with_who_must_act(views, rows, viewer.today, blocked_only=True)


async def count_waiting(*, actor_id: int, now: datetime) -> int:
    """How many records the actor could confirm now, counted up to a hundred."""
    viewer = await _viewer(actor_id, now)
    rows = await _waiting_rows(viewer, after_id=0, limit=WAITING_SHOWN_MAX)
    return sum(view.obstacle is None for view in await _seen(rows, viewer))


@use_case
@whole
async def records_on(*, actor_id: int, occasion_id: int, now: datetime) -> list[RecordView]:
    """Who is written down on an occasion; names are masked for all but staff and the leader."""
    row = await occasion_row(occasion_id)
    rows = await _rows(
        "WHERE r.occasion_id = {} AND r.state <> 'withdrawn' ORDER BY r.id",
        occasion_id,
    )
    viewer = await _viewer(actor_id, now)
    views = await _seen(rows, viewer)
    if actor_id == row["leader_id"] or await _covers(viewer, row["area_id"]):
        await _note(rows, actor_id=actor_id, now=now)
        return views
    return [
        view if view.person_id == actor_id else _masked(view)
        for view in views
        if view.state in ("logged", "confirmed") or view.person_id == actor_id
    ]


async def recorded_on(*, occasion_id: int, person_ids: Collection[int]) -> frozenset[int]:
    """Which of these people, whom the caller sees anyway, are written down on the occasion."""
    if not person_ids:
        return frozenset()
    rows = await run(
        "SELECT person_id FROM service_record WHERE occasion_id = {} "
        f"AND state IN ('logged', 'confirmed') AND person_id IN ({_marks(person_ids)})",
        row_number(occasion_id),
        *person_ids,
    )
    return frozenset(int(row["person_id"]) for row in rows)


@use_case
@whole
async def record_detail(*, actor_id: int, record_id: int, now: datetime) -> RecordView:
    """One record, for its person, who logged it, a guardian, and staff, whose look is logged."""
    rows = await _rows("WHERE r.id = {}", row_number(record_id))
    if not rows:
        raise RecordMissing()
    row = rows[0]
    viewer = await _viewer(actor_id, now)
    mine = actor_id in (row["person_id"], row["logged_by"]) or await is_guardian(
        person_id=actor_id, child_id=row["person_id"], today=viewer.today
    )
    staff = await _covers(viewer, row["area_id"])
    if not mine and not staff:
        raise RecordMissing()
    if not mine:
        await log_reads(
            actor_id=actor_id, person_ids=[row["person_id"]], what="service_record", now=now
        )
    [view] = await _with_who_must_act(await _seen(rows, viewer), rows, viewer.today)
    steward = await _covers(viewer, row["area_id"], roles=("steward",))
    own = _obstacle(row, viewer, ("steward",)) in INVOLVED
    return replace(view, may_void=view.state == "confirmed" and steward and not own)


_SELECT = (
    "SELECT r.*, p.name, p.household_id, l.name AS logged_by_name, d.name AS decided_by_name, "
    "o.title, o.category, o.area_id, o.starts_at, o.ends_at, o.leader_id, o.created_by, "
    "a.id AS posting_id FROM service_record r JOIN occasion o ON o.id = r.occasion_id "
    "JOIN person p ON p.id = r.person_id JOIN person l ON l.id = r.logged_by "
    "LEFT JOIN person d ON d.id = r.decided_by "
    "LEFT JOIN posting a ON a.service_record_id = r.id AND a.kind = 'award'"
)


async def _rows(condition: str, *values: object) -> list[dict[str, Any]]:
    """The records that meet a condition, each with those who answer for its person."""
    rows = await run(f"{_SELECT} {condition}", *values)
    found = await guardians_then({(row["person_id"], row["service_date"]) for row in rows})
    for row in rows:
        row["guardians"] = found[row["person_id"], row["service_date"]]
    return rows


async def _note(rows: Sequence[dict[str, Any]], *, actor_id: int, now: datetime) -> None:
    people = sorted({int(row["person_id"]) for row in rows})
    await log_reads(actor_id=actor_id, person_ids=people, what="list", now=now)


async def _viewer(person_id: int, now: datetime) -> _Viewer:
    rows = await run(
        "SELECT area_id, household_id FROM person WHERE id = {}", row_number(person_id)
    )
    if not rows:
        return _Viewer(person_id=person_id, household_id=None, roles=(), today=now.date())
    today = await day_in(rows[0]["area_id"], now)
    grants = await active_grants(person_id, today)
    return _Viewer(
        person_id=person_id,
        household_id=rows[0]["household_id"],
        roles=tuple((grant.area_id, grant.role) for grant in grants),
        today=today,
    )


async def _covers(viewer: _Viewer, area_id: int, roles: Sequence[str] = DECIDING_ROLES) -> bool:
    above = (await _above([area_id])).get(area_id, frozenset())
    return bool(above & set(viewer.areas(roles)))


async def _above(area_ids: Sequence[int]) -> dict[int, frozenset[int]]:
    """Each area with itself and all above it."""
    wanted = sorted(set(area_ids))
    if not wanted:
        return {}
    rows = await run(
        f"SELECT area_id, ancestor_id FROM area_ancestor WHERE area_id IN ({_marks(wanted)})",
        *wanted,
    )
    above: dict[int, set[int]] = {}
    for row in rows:
        above.setdefault(row["area_id"], set()).add(row["ancestor_id"])
    return {area_id: frozenset(found) for area_id, found in above.items()}


async def _waiting_rows(viewer: _Viewer, *, after_id: int, limit: int) -> list[dict[str, Any]]:
    """Walks only the index of what waits in the books concerned, from ``after_id`` on."""
    area_ids = viewer.areas(DECIDING_ROLES)
    book_ids = {book for area_id in area_ids for book in await books_around(area_id)}
    if not book_ids:
        return []
    return await _rows(
        f"WHERE r.state = 'logged' AND r.book_id IN ({_marks(book_ids)}) "
        "AND r.id > {} AND r.person_id <> {} AND EXISTS (SELECT 1 FROM area_ancestor x "
        f"WHERE x.area_id = o.area_id AND x.ancestor_id IN ({_marks(area_ids)})) "
        f"ORDER BY r.id LIMIT {int(limit)}",
        *sorted(book_ids),
        after_id,
        viewer.person_id,
        *area_ids,
    )


async def _seen(rows: Sequence[dict[str, Any]], viewer: _Viewer) -> list[RecordView]:
    """The rows as this viewer may deal with them."""
    area_ids = [row["area_id"] for row in rows]
    places, above = await areas(area_ids), await _above(area_ids)
    policies = {book_id: await policies_of(book_id) for book_id in {r["book_id"] for r in rows}}
    views = []
    for row in rows:
        roles = {role for held, role in viewer.roles if held in above[row["area_id"]]}
        view = replace(
            _view(row, policies[row["book_id"]].at(row["service_date"]).terms),
            time_zone=places[row["area_id"]].time_zone,
        )
        if view.state == "logged":
            view = replace(view, obstacle=_obstacle(row, viewer, roles))
        views.append(view)
    return views


def _obstacle(row: dict[str, Any], viewer: _Viewer, roles: Collection[str]) -> Obstacle | None:
    return may_confirm(
        _case(row), actor_id=viewer.person_id, household_id=viewer.household_id, roles=roles
    )


async def _with_who_must_act(
    views: Sequence[RecordView],
    rows: Sequence[dict[str, Any]],
    today: date,
    *,
    blocked_only: bool = False,
) -> list[RecordView]:
    """The same views, those that wait (or only those blocked for the viewer) with deciders."""
    asked = [
        (view.id, row["area_id"], _case(row))
        for view, row in zip(views, rows, strict=True)
        if view.state == "logged" and (view.obstacle is not None or not blocked_only)
    ]
    found = await deciders([(area_id, case) for _, area_id, case in asked], today=today)
    able = {record_id: people for (record_id, _, _), people in zip(asked, found, strict=True)}
    return [replace(view, who_must_act=able.get(view.id, ())) for view in views]


def _case(row: dict[str, Any]) -> Case:
    return Case(
        person_id=row["person_id"],
        household_id=row["household_id"],
        logged_by=row["logged_by"],
        created_by=row["created_by"],
        needs_steward=bool(row["needs_steward"]),
        guardians=row["guardians"],
    )


def _masked(view: RecordView) -> RecordView:
    return replace(
        view,
        person_id=0,
        name=masked_name(view.name),
        note="",
        logged_by=0,
        logged_by_name=masked_name(view.logged_by_name),
        posting_id=None,
        who_must_act=(),
    )


def _view(row: dict[str, Any], terms: Terms) -> RecordView:
    taken = {field.name: row[field.name] for field in fields(RecordView) if field.name in row}
    taken |= {"backfilled": bool(row["backfilled"]), "needs_steward": bool(row["needs_steward"])}
    exact = row["exact"] if row["state"] in ("confirmed", "voided") else _worth(row, terms)
    return RecordView(**taken, time_zone="", worth_points=exact // UNITS_PER_POINT)


def _worth(row: dict[str, Any], terms: Terms) -> int:
    category = category_of(row["category"])
    return worth(
        minutes=row["minutes"],
        terms=terms,
        tier=category.tier if category else "ordinary",
        category=row["category"],
        leads=leads(person_id=row["person_id"], leader_id=row["leader_id"], source=row["source"]),
        backfilled=bool(row["backfilled"]),
    ).exact


def _marks(values: Collection[object]) -> str:
    return ", ".join(["{}"] * len(values))
