"""What staff sees of the people in its area.  Every look is noted for the person to read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from points.community import areas, rules
from points.community.grants import require
from points.community.profiles import PersonView, person
from points.community.reads import log_reads
from points.community.roles import STAFF
from points.transactions import run, use_case, whole

PAGE_MAX = 200


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A person as a list shows it."""

    id: int
    name: str
    volunteer_no: str
    area_id: int
    area_path: tuple[str, ...]
    has_phone: bool
    has_password: bool
    elder_mode: bool


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """Some people, and the number to ask for the next ones after (None: there are no more)."""

    lines: tuple[PersonLine, ...]
    next_after_id: int | None


@use_case
@whole
async def people_in(
    *,
    actor_id: int,
    area_id: int,
    now: datetime,
    query: str = "",
    after_id: int = 0,
    limit: int = 50,
) -> PeoplePage:
    """The people with an open account in an area and below, whose name or number matches."""
    today = await areas.day_in(area_id, now)
    await require(person_id=actor_id, roles=STAFF, area_id=area_id, today=today)
    limit = max(1, min(limit, PAGE_MAX))
    condition, values = _matching(query)
    rows = await run(
        "SELECT p.id, p.name, p.volunteer_no, p.area_id, p.phone, p.elder_mode, k.person_id "
        "FROM person p JOIN area_ancestor c ON c.area_id = p.area_id "
        "LEFT JOIN credential k ON k.person_id = p.id "
        f"WHERE c.ancestor_id = {{}} AND p.id > {{}} AND p.closed_at IS NULL{condition} "
        "ORDER BY p.id LIMIT {}",
        area_id,
        min(max(after_id, 0), rules.ID_MAX),
        *values,
        limit + 1,
    )
    shown = rows[:limit]
    await log_reads(
        actor_id=actor_id, person_ids=[row["id"] for row in shown], what="list", now=now
    )
    views = await areas.areas([row["area_id"] for row in shown])
    return PeoplePage(
        lines=tuple(_line(row, views[row["area_id"]].path) for row in shown),
        next_after_id=shown[-1]["id"] if len(rows) > limit else None,
    )


@use_case
@whole
async def open_person(*, actor_id: int, person_id: int, now: datetime) -> PersonView:
    """One person's page, for herself or for staff of her area."""
    view = await person(person_id)
    if actor_id != person_id:
        today = await areas.day_in(view.area_id, now)
        await require(person_id=actor_id, roles=STAFF, area_id=view.area_id, today=today)
        await log_reads(actor_id=actor_id, person_ids=[person_id], what="page", now=now)
    return view


def _matching(query: str) -> tuple[str, tuple[str, ...]]:
    text = rules.clean_text(query)[: rules.NAME_LENGTH_MAX]
    if not text:
        return "", ()
    numbers = {
        "phone": rules.normalise_phone(text),
        "card_no": rules.normalise_card(text),
        "volunteer_no": rules.normalise_volunteer_no(text),
    }
    known = {column: number for column, number in numbers.items() if number is not None}
    others = "".join(f" OR p.{column} = {{}}" for column in known)
    return f" AND (LOWER(p.name) LIKE {{}} ESCAPE '!'{others})", (
        rules.like_pattern(text),
        *known.values(),
    )


def _line(row: dict[str, Any], path: tuple[str, ...]) -> PersonLine:
    return PersonLine(
        id=row["id"],
        name=row["name"],
        volunteer_no=row["volunteer_no"],
        area_id=row["area_id"],
        area_path=path,
        has_phone=row["phone"] is not None,
        has_password=row["person_id"] is not None,
        elder_mode=row["elder_mode"],
    )
