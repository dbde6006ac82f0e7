"""Who may take part in an activity, and who may act for whom."""

from datetime import datetime
from typing import Any, Final, Literal

from points.community.areas import area, area_at_level_above, day_in, is_within
from points.community.errors import AccountClosed, NoSuchPerson
from points.community.grants import covers
from points.community.guardians import is_guardian
from points.community.roles import ENROLLERS
from points.community.rules import row_number
from points.ledger.books import book_of_area
from points.transactions import run
from talentmap.activities.errors import LivesElsewhere, NotYourSignup

Acting = Literal["self", "guardian", "proxy"]
REACH: Final = ("subdistrict",)


async def person_row(person_id: int) -> dict[str, Any]:
    """The stored person, also one whose account is closed."""
    rows = await run("SELECT * FROM person WHERE id = {}", row_number(person_id))
    if not rows:
        raise NoSuchPerson(person_id=person_id)
    return rows[0]


async def open_person(person_id: int) -> dict[str, Any]:
    """The stored person; refuses a closed account."""
    row = await person_row(person_id)
    if row["closed_at"] is not None:
        raise AccountClosed(person_id=person_id)
    return row


async def acting_for(person: dict[str, Any], *, actor_id: int, now: datetime) -> Acting:
    """In which capacity somebody acts for a person, or the refusal."""
    if actor_id == person["id"]:
        return "self"
    today = await day_in(person["area_id"], now)
    if await is_guardian(person_id=actor_id, child_id=person["id"], today=today):
        return "guardian"
    area_id = person["area_id"]
    if await covers(person_id=actor_id, roles=ENROLLERS, area_id=area_id, today=today):
        return "proxy"
    raise NotYourSignup()


async def reach_of(area_id: int) -> int:
    """The area whose people an activity in ``area_id`` is for.

    That is the subdistrict, or the area that keeps the book where there is none.
    """
    found = await area_at_level_above(area_id, REACH)
    if found is not None:
        return found.id
    [book] = await run("SELECT area_id FROM book WHERE id = {}", await book_of_area(area_id))
    return int(book["area_id"])


async def refuse_stranger(row: dict[str, Any], person: dict[str, Any]) -> None:
    """Refuse whoever does not live within reach of the activity."""
    reach_id = await reach_of(row["area_id"])
    if not await is_within(person["area_id"], reach_id):
        raise LivesElsewhere(area=(await area(reach_id)).name)
