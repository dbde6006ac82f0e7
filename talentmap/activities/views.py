"""What pages show of activities: one, those that gather, those that were, and one's own."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, Final

from points.community.areas import AreaView, areas
from points.community.rules import ID_MAX, masked_name, row_number
from points.transactions import run
from talentmap.activities.errors import ActivityMissing
from talentmap.activities.rules import OPEN, State, has_lapsed

PAGE_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class ActivityView:
    """An activity as pages show it; moments are shown in ``time_zone``.

    Names are masked for whoever is not signed in.  ``category`` may be "other" for imported ones.
    """

    id: int
    book_id: int | None
    area_id: int
    area_path: tuple[str, ...]
    time_zone: str
    title: str
    summary: str
    category: str
    activity_class: str
    place: str
    lat: float | None
    lon: float | None
    starts_at: datetime
    ends_at: datetime
    deadline_at: datetime | None
    minimum: int
    capacity: int
    seats_taken: int
    waiting: int
    state: State
    risk: str
    risky: bool
    insured: bool
    to_bring: str
    talent_id: int | None
    talent_name: str | None
    proposer_id: int | None
    proposer_name: str | None
    confirmed_at: datetime | None
    closed_at: datetime | None
    close_reason: str
    occasion_id: int | None
    copied_from_id: int | None
    may_sign_up: bool
    may_withdraw: bool
    is_over: bool

    @property
    def missing(self) -> int:
        """How many people it still needs."""
        return max(0, self.minimum - self.seats_taken)

    @property
    def seats_free(self) -> int:
        """How many seats nobody has."""
        return self.capacity - self.seats_taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody looks for among activities; None is any.  The span is of the start."""

    state: State | None = None
    category: str | None = None
    activity_class: str | None = None
    starts_from: datetime | None = None
    starts_before: datetime | None = None


ANYTHING: Final = Wish()


@dataclass(frozen=True, slots=True)
class MyActivity:
    """An activity one takes part in, waits for, left, or answers for a child in."""

    activity: ActivityView
    signup_id: int
    person_id: int
    person_name: str
    party_size: int
    state: str
    position: int | None
    attendance: str | None


_SELECT: Final = (
    "SELECT a.*, COALESCE(a.talent_nickname, t.name) AS talent_name, p.name AS proposer_name, "
    "(SELECT COALESCE(SUM(s.party_size)"
    ", 0) FROM signup s WHERE s.activity_id = a.id AND s.state = 'waiting') AS waiting "
    "FROM activity a LEFT JOIN person t ON t.id = a.talent_id "
    "LEFT JOIN person p ON p.id = a.proposer_id"
)
# Of the area, of those within it, and of those around it.
_NEAR: Final = (
    "(EXISTS (SELECT 1 FROM area_ancestor x WHERE x.area_id = a.area_id AND x.ancestor_id = {}) "
    "OR EXISTS (SELECT 1 FROM area_ancestor y WHERE y.area_id = {} AND y.ancestor_id = a.area_id))"
)


async def activity(
    activity_id: int, *, now: datetime, viewer_id: int | None = None
) -> ActivityView:
    """One activity."""
    views = await _views(
        f"{_SELECT} WHERE a.id = {{}}", row_number(activity_id), now=now, viewer_id=viewer_id
    )
    if not views:
        raise ActivityMissing()
    return views[0]


async def gathering(
    area_id: int,
    *,
    now: datetime,
    viewer_id: int | None = None,
    after_id: int | None = None,
    limit: int = 20,
    wish: Wish = ANYTHING,
) -> tuple[ActivityView, ...]:
    """What gathers or will take place in the area, within it and around it, soonest first."""
    after, values = await _after(after_id, ">")
    wished, wishes = _wished(wish)
    return await _views(
        f"{_SELECT} WHERE {_NEAR} AND a.ends_at > {{}} AND (a.state = 'confirmed' OR "
        f"(a.state = 'gathering' AND a.deadline_at > {{}})){after}{wished} "
        f"ORDER BY a.starts_at, a.id LIMIT {_page(limit)}",
        *(area_id, area_id, now.astimezone(UTC), now.astimezone(UTC), *values, *wishes),
        now=now,
        viewer_id=viewer_id,
    )


async def past(
    area_id: int,
    *,
    now: datetime,
    viewer_id: int | None = None,
    after_id: int | None = None,
    limit: int = 20,
    wish: Wish = ANYTHING,
) -> tuple[ActivityView, ...]:
    """What was: done, lapsed, called off or from an archive; latest first."""
    after, values = await _after(after_id, "<")
    wished, wishes = _wished(wish)
    return await _views(
        f"{_SELECT} WHERE {_NEAR} AND (a.state NOT IN ('gathering', 'confirmed') "
        f"OR a.ends_at <= {{}} OR (a.state = 'gathering' AND a.deadline_at <= {{}})){after}"
        f"{wished} ORDER BY a.starts_at DESC, a.id DESC LIMIT {_page(limit)}",
        *(area_id, area_id, now.astimezone(UTC), now.astimezone(UTC), *values, *wishes),
        now=now,
        viewer_id=viewer_id,
    )


async def proposed_by(
    *, person_id: int, now: datetime, before_id: int | None = None, limit: int = 20
) -> tuple[ActivityView, ...]:
    """What somebody proposed or leads, newest first."""
    return await _views(
        f"{_SELECT} WHERE (a.proposer_id = {{}} OR a.talent_id = {{}}) AND a.id < {{}} "
        f"ORDER BY a.id DESC LIMIT {_page(limit)}",
        *(person_id, person_id, before_id or ID_MAX),
        now=now,
        viewer_id=person_id,
    )


async def to_roll(
    *, area_ids: Sequence[int], person_id: int, now: datetime, limit: int = 20
) -> tuple[ActivityView, ...]:
    """What has begun and waits for its roll: one's own, and those within ``area_ids``."""
    marks = ", ".join(str(int(area_id)) for area_id in area_ids) or "0"
    return await _views(
        f"{_SELECT} WHERE a.state = 'confirmed' AND a.starts_at <= {{}} AND (a.proposer_id = {{}} "
        "OR a.talent_id = {} OR EXISTS (SELECT 1 FROM area_ancestor x WHERE x.area_id = a.area_id "
        f"AND x.ancestor_id IN ({marks}))) ORDER BY a.starts_at, a.id LIMIT {_page(limit)}",
        *(now.astimezone(UTC), person_id, person_id),
        now=now,
        viewer_id=person_id,
    )


async def mine(
    *, person_id: int, now: datetime, before_id: int | None = None, limit: int = 20
) -> tuple[MyActivity, ...]:
    """One's own sign-ups and those of children one answers for, newest first."""
    rows = await run(
        "SELECT s.*, p.name AS person_name, (SELECT COUNT(*) FROM signup q "
        "WHERE q.activity_id = s.activity_id AND q.state = 'waiting' "
        "AND q.queue_no <= s.queue_no) AS position "
        "FROM signup s JOIN person p ON p.id = s.person_id "
        "WHERE (s.person_id = {} OR s.guardian_id = {}) AND s.id < {} "
        f"ORDER BY s.id DESC LIMIT {_page(limit)}",
        *(person_id, person_id, before_id or ID_MAX),
    )
    wanted = sorted({row["activity_id"] for row in rows})
    if not wanted:
        return ()
    marks = ", ".join(["{}"] * len(wanted))
    views = await _views(
        f"{_SELECT} WHERE a.id IN ({marks})", *wanted, now=now, viewer_id=person_id
    )
    by_id = {view.id: view for view in views}
    return tuple(
        MyActivity(
            activity=by_id[row["activity_id"]],
            signup_id=row["id"],
            person_id=row["person_id"],
            person_name=row["person_name"],
            party_size=row["party_size"],
            state=row["state"],
            position=int(row["position"]) if row["state"] == "waiting" else None,
            attendance=row["attendance"],
        )
        for row in rows
    )


def _wished(wish: Wish) -> tuple[str, list[object]]:
    """The conditions of a wish, and their values."""
    asked: list[tuple[str, object]] = [
        ("a.state = {}", wish.state),
        ("a.category = {}", wish.category),
        ("a.activity_class = {}", wish.activity_class),
        ("a.starts_at >= {}", wish.starts_from),
        ("a.starts_at < {}", wish.starts_before),
    ]
    given = [(condition, value) for condition, value in asked if value is not None]
    return "".join(f" AND {condition}" for condition, _ in given), [value for _, value in given]


async def _after(after_id: int | None, sign: str) -> tuple[str, list[object]]:
    """The condition that continues a page after an activity."""
    if after_id is None:
        return "", []
    rows = await run("SELECT starts_at FROM activity WHERE id = {}", row_number(after_id))
    if not rows:
        raise ActivityMissing()
    starts_at = rows[0]["starts_at"]
    condition = f" AND (a.starts_at {sign} {{}} OR (a.starts_at = {{}} AND a.id {sign} {{}}))"
    return condition, [starts_at, starts_at, after_id]


def _page(limit: int) -> int:
    return max(1, min(int(limit), PAGE_MAX))


async def _views(
    sql: str, *values: object, now: datetime, viewer_id: int | None
) -> tuple[ActivityView, ...]:
    rows = await run(sql, *values)
    found = await areas([row["area_id"] for row in rows])
    return tuple(_view(row, found[row["area_id"]], now, viewer_id) for row in rows)


_DERIVED: Final = frozenset(
    {"area_path", "time_zone", "talent_name", "proposer_name", "waiting"}
    | {"may_sign_up", "may_withdraw", "is_over"}
)


def _view(
    row: dict[str, Any], where: AreaView, now: datetime, viewer_id: int | None
) -> ActivityView:
    lapsed = has_lapsed(row["state"], deadline_at=row["deadline_at"], now=now)
    is_open = row["state"] in OPEN and not lapsed
    kept = {one.name: row[one.name] for one in fields(ActivityView) if one.name not in _DERIVED}
    names = {name: row[name] for name in ("talent_name", "proposer_name")}
    if viewer_id is None:
        names = {name: masked_name(said) if said else said for name, said in names.items()}
        names["talent_name"] = row["talent_nickname"] or names["talent_name"]
    return ActivityView(
        **kept,
        **names,
        area_path=where.path,
        time_zone=where.time_zone,
        waiting=int(row["waiting"]),
        may_sign_up=is_open and now < row["deadline_at"],
        may_withdraw=is_open and now < row["starts_at"],
        is_over=now >= row["ends_at"],
    )
