"""What is known of a person, and how a person is found by number."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from points.community import areas, rules
from points.community.errors import NoSuchPerson
from points.transactions import run


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person without the phone number, which only the person sees."""

    id: int
    name: str
    volunteer_no: str
    card_no: str | None
    has_phone: bool
    area_id: int
    area_path: tuple[str, ...]
    household_id: int | None
    birth_date: date | None
    language: str
    elder_mode: bool
    closed: bool


@dataclass(frozen=True, slots=True)
class MyDetails:
    """What only the person herself reads."""

    person: PersonView
    phone: str | None
    joined_at: datetime


async def person(person_id: int) -> PersonView:
    """One person, closed accounts included."""
    row = await _row(person_id)
    return _view(row, (await areas.area(row["area_id"])).path)


async def my_details(person_id: int) -> MyDetails:
    """One's own page, with the phone number."""
    row = await _row(person_id)
    view = _view(row, (await areas.area(row["area_id"])).path)
    return MyDetails(person=view, phone=row["phone"], joined_at=row["joined_at"])


async def find_by_phone_or_card(text: str) -> int | None:
    """The open account with this phone, card or volunteer number."""
    for column, number in (
        ("phone", rules.normalise_phone(text)),
        ("card_no", rules.normalise_card(text)),
        ("volunteer_no", rules.normalise_volunteer_no(text)),
    ):
        if number is None:
            continue
        rows = await run(
            f"SELECT id FROM person WHERE {column} = {{}} AND closed_at IS NULL", number
        )
        if rows:
            return int(rows[0]["id"])
    return None


async def _row(person_id: int) -> dict[str, Any]:
    rows = await run("SELECT * FROM person WHERE id = {}", rules.row_number(person_id))
    if not rows:
        raise NoSuchPerson(person_id=person_id)
    return rows[0]


def _view(row: dict[str, Any], path: tuple[str, ...]) -> PersonView:
    return PersonView(
        id=row["id"],
        name=row["name"],
        volunteer_no=row["volunteer_no"],
        card_no=row["card_no"],
        has_phone=row["phone"] is not None,
        area_id=row["area_id"],
        area_path=path,
        household_id=row["household_id"],
        birth_date=row["birth_date"],
        language=row["language"],
        elder_mode=row["elder_mode"],
        closed=row["closed_at"] is not None,
    )
