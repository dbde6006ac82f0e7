"""Who is listed, for whom: brought into line with consent, age, home and wish at every change."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from points.community import areas
from points.community.consents import has_consented
from points.community.rules import row_number
from points.transactions import run, use_case
from talentmap.talents.publication import publish, wait_in_line
from talentmap.talents.rules import PUBLIC, Visibility, may_be_seen_by

PURPOSE: Final = "talent_map"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The areas around a person that decide what is shown of her."""

    # The building, or what she lives in if no building is known.
    home: int
    # Her stairwell, or the building where stairwells are not told apart.
    stairwell: int | None
    # The area whose committee keeps the book.
    neighbourhood: int | None

    def group(self, visibility: Visibility) -> int | None:
        """The audience of that visibility; None for oneself alone, or where there is none."""
        if visibility == "public":
            return PUBLIC
        if visibility == "stairwell":
            return self.stairwell
        return self.neighbourhood if visibility == "neighbourhood" else None


async def surroundings(area_id: int) -> Surroundings:
    """What lies around somebody who lives in this area."""
    rows = await run(
        "SELECT a.id, a.level, b.id AS book_id FROM area_ancestor x "
        "JOIN area a ON a.id = x.ancestor_id LEFT JOIN book b ON b.area_id = a.id "
        "WHERE x.area_id = {} ORDER BY x.depth",
        row_number(area_id),
    )
    by_level = {row["level"]: int(row["id"]) for row in reversed(rows)}
    outside = [int(row["id"]) for row in rows if row["level"] != "stairwell"]
    return Surroundings(
        home=by_level.get("building") or outside[0],
        stairwell=by_level.get("stairwell", by_level.get("building")),
        neighbourhood=next((int(row["id"]) for row in rows if row["book_id"]), None),
    )


async def audiences_of(viewer_id: int | None) -> tuple[int, ...]:
    """Whose listings somebody sees: everybody's, and her neighbourhood's and stairwell's."""
    if viewer_id is None:
        return (PUBLIC,)
    rows = await run(
        "SELECT area_id FROM person WHERE id = {} AND closed_at IS NULL", row_number(viewer_id)
    )
    if not rows:
        return (PUBLIC,)
    around = await surroundings(rows[0]["area_id"])
    known = {around.neighbourhood, around.stairwell} - {None}
    return (PUBLIC, *sorted(int(one) for one in known if one is not None))


@use_case
async def refresh(*, person_id: int, now: datetime, visibility: Visibility | None = None) -> None:
    """Bring a listing into line with what its owner wishes, is and allows now.

    It is called for every change of consent, home, birth date or account; without a profile there
    is nothing to do.
    """
    if await profile_row(person_id) is None:
        return
    await wait_in_line()
    row = await profile_row(person_id)
    assert row is not None, "a profile is never deleted"
    [person] = await run("SELECT * FROM person WHERE id = {}", person_id)
    around = await surroundings(person["area_id"])
    wished = visibility or row["visibility"]
    group = await _group(wished, person, around, now)
    if person["closed_at"] is not None:
        await _forget(person_id)
    if group is not None and (group, around.home) == (row["group_id"], row["home_area_id"]):
        return
    await run(
        "UPDATE talent_profile SET visibility = {}, group_id = {}, home_area_id = {}, "
        "audience_id = NULL, published_area_id = NULL, lat = NULL, lon = NULL, refines_at = NULL "
        "WHERE person_id = {}",
        *(wished, group, around.home, person_id),
    )
    for left in await _groups_left(row):
        await publish(group_id=left, home_area_id=row["home_area_id"], change=-1, now=now)
    if group is not None:
        await publish(group_id=group, home_area_id=around.home, change=1, now=now)


async def _forget(person_id: int) -> None:
    """Whoever has left is no longer described."""
    await run("DELETE FROM talent_skill WHERE person_id = {}", person_id)
    await run(
        "UPDATE talent_profile SET nickname = '—', about = '', times = '' WHERE person_id = {}",
        person_id,
    )


async def profile_row(person_id: int) -> dict[str, Any] | None:
    """The row of a profile; only whoever waited in line may count on it until the end."""
    rows = await run("SELECT * FROM talent_profile WHERE person_id = {}", person_id)
    return rows[0] if rows else None


async def _group(
    visibility: Visibility, person: dict[str, Any], around: Surroundings, now: datetime
) -> int | None:
    """The audience this person is listed for; None if she is not."""
    if person["closed_at"] is not None:
        return None
    today = await areas.day_in(person["area_id"], now)
    allowed = may_be_seen_by(visibility, birth_date=person["birth_date"], today=today)
    if allowed != visibility or not await has_consented(person_id=person["id"], purpose=PURPOSE):
        return None
    return around.group(visibility)


async def _groups_left(row: dict[str, Any]) -> list[int]:
    """The audiences she may have left behind at her old home.

    The database takes whoever leaves out of her audience by itself, before anybody is asked; which
    one it was follows from the old home, but for the stairwell, of which a building has several.
    """
    if row["group_id"] is not None:
        return [int(row["group_id"])]
    if row["visibility"] == "stairwell":
        inside = await areas.children(row["home_area_id"])
        return [row["home_area_id"], *(one.id for one in inside if one.level == "stairwell")]
    group = (await surroundings(row["home_area_id"])).group(row["visibility"])
    return [] if group is None else [group]
