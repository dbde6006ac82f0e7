"""People and the doors they share: entering, changing and closing an account."""

from collections.abc import Mapping, Sized
from datetime import date, datetime
from enum import Enum
from typing import Any, Final

from points.community import areas, rules
from points.community.changes import person_changed
from points.community.directory import PeoplePage, PersonLine, open_person, people_in
from points.community.errors import (
    AccountClosed,
    BadBirthDate,
    BadCard,
    BadPhone,
    BirthDateNotYours,
    CardTaken,
    LanguageUnknown,
    MoveNotYours,
    NameMissing,
    NameTooLong,
    NoSuchPerson,
    PhoneTaken,
)
from points.community.grants import active_grants, refuse_last_steward, require
from points.community.profiles import (
    MyDetails,
    PersonView,
    find_by_phone_or_card,
    my_details,
    person,
)
from points.community.roles import ENROLLERS, STEWARD
from points.community.secrets import install_secret
from points.ledger.sealing.salts import erase_secrets
from points.transactions import is_postgres, run, use_case

__all__ = [
    "UNCHANGED",
    "MyDetails",
    "PeoplePage",
    "PersonLine",
    "PersonView",
    "Unchanged",
    "close_account",
    "enrol",
    "find_by_phone_or_card",
    "my_details",
    "open_person",
    "people_in",
    "person",
    "update_person",
]

LANGUAGES: Final = ("zh", "en")
DOOR_KEY: Final = "door"


class Unchanged(Enum):
    """Says of a field that it stays as it is (None empties it)."""

    UNCHANGED = "unchanged"


UNCHANGED: Final = Unchanged.UNCHANGED


# --- entering


@use_case
async def enrol(
    *,
    name: str,
    area_id: int,
    now: datetime,
    actor_id: int | None,
    phone: str | None = None,
    card_no: str | None = None,
    birth_date: date | None = None,
    household_door: str | None = None,
    language: str = "zh",
    elder_mode: bool = False,
) -> int:
    """Enter a person; the operator (no actor) or staff of the area may."""
    today = await areas.day_in(area_id, now)
    if actor_id is not None:
        await require(person_id=actor_id, roles=ENROLLERS, area_id=area_id, today=today)
    facts = {
        "name": _name(name),
        "phone": await _free_phone(phone, None),
        "card_no": await _free_card(card_no, None),
        "birth_date": _birth_date(birth_date, today),
        "area_id": area_id,
        "household_id": await _household(area_id, household_door, now),
        "language": _language(language),
        "elder_mode": elder_mode,
        "joined_at": now,
    }
    return await _insert(facts)


async def _insert(facts: Mapping[str, object]) -> int:
    """The number of a new row; the number on the card is made of it, so the row comes first."""
    rows = await run(
        f"INSERT INTO person ({', '.join(facts)}, volunteer_no) VALUES ({_marks(facts)}, {{}}) "
        "ON CONFLICT DO NOTHING RETURNING id",
        *facts.values(),
        await _unused_number(),
    )
    if not rows:
        # Somebody else entered the same number a moment ago.
        raise PhoneTaken(field="phone") if facts["phone"] else CardTaken(field="card_no")
    person_id = int(rows[0]["id"])
    number = rules.volunteer_no(person_id)
    await run("UPDATE person SET volunteer_no = {} WHERE id = {}", number, person_id)
    return person_id


async def _unused_number() -> str:
    """A stand-in for the volunteer number that no other open transaction can have chosen."""
    if is_postgres():
        rows = await run("SELECT pg_current_xact_id()::text AS number")
        return f"x{rows[0]['number']}"
    return "x"


def _marks(values: Sized) -> str:
    return ", ".join(["{}"] * len(values))


def _name(text: str) -> str:
    name = rules.clean_text(text)
    if not name:
        raise NameMissing(field="name")
    if len(name) > rules.NAME_LENGTH_MAX:
        raise NameTooLong(field="name", limit=rules.NAME_LENGTH_MAX)
    return name


async def _free_phone(text: str | None, person_id: int | None) -> str | None:
    if not text or not rules.clean_text(text):
        return None
    phone = rules.normalise_phone(text)
    if phone is None:
        raise BadPhone(field="phone")
    rows = await run("SELECT id FROM person WHERE phone = {}", phone)
    if rows and rows[0]["id"] != person_id:
        raise PhoneTaken(field="phone")
    return phone


async def _free_card(text: str | None, person_id: int | None) -> str | None:
    if not text or not rules.clean_text(text):
        return None
    card = rules.normalise_card(text)
    if card is None:
        raise BadCard(field="card_no")
    rows = await run("SELECT id FROM person WHERE card_no = {}", card)
    if rows and rows[0]["id"] != person_id:
        raise CardTaken(field="card_no")
    return card


def _birth_date(birth_date: date | None, today: date) -> date | None:
    if birth_date is not None and not rules.possible_birth_date(birth_date, today):
        raise BadBirthDate(field="birth_date")
    return birth_date


def _language(language: str) -> str:
    if language not in LANGUAGES:
        raise LanguageUnknown(field="language")
    return language


async def _household(area_id: int, door: str | None, now: datetime) -> int | None:
    """The household behind a door; the door itself is forgotten at once."""
    plain = rules.normalise_door(door or "")
    if not plain:
        return None
    secret = await install_secret(name=DOOR_KEY, now=now)
    digest = rules.door_digest(secret, area_id, plain)
    await run(
        "INSERT INTO household (area_id, door_digest) VALUES ({}, {}) ON CONFLICT DO NOTHING",
        area_id,
        digest,
    )
    rows = await run(
        "SELECT id FROM household WHERE area_id = {} AND door_digest = {}", area_id, digest
    )
    return int(rows[0]["id"])


# --- changing


@use_case
async def update_person(
    *,
    actor_id: int,
    person_id: int,
    now: datetime,
    name: str | Unchanged = UNCHANGED,
    phone: str | Unchanged | None = UNCHANGED,
    card_no: str | Unchanged | None = UNCHANGED,
    birth_date: date | Unchanged | None = UNCHANGED,
    area_id: int | Unchanged = UNCHANGED,
    household_door: str | Unchanged | None = UNCHANGED,
    language: str | Unchanged = UNCHANGED,
    elder_mode: bool | Unchanged = UNCHANGED,
) -> None:
    """Change one's own details, or as staff those of a resident of one's area.

    A move to another area is written down by staff who stand over both.
    """
    row = await locked_person(person_id)
    today = await areas.day_in(row["area_id"], now)
    reborn = birth_date is not UNCHANGED and birth_date != row["birth_date"]
    await _check_changer(row, actor_id=actor_id, reborn=reborn, today=today)
    if area_id is not UNCHANGED and area_id != row["area_id"]:
        await _check_move(actor_id=actor_id, person_id=person_id, to_area_id=area_id, now=now)
    changes: dict[str, object] = {}
    if name is not UNCHANGED:
        changes["name"] = _name(name)
    if phone is not UNCHANGED:
        changes["phone"] = await _free_phone(phone, person_id)
    if card_no is not UNCHANGED:
        changes["card_no"] = await _free_card(card_no, person_id)
    if birth_date is not UNCHANGED:
        changes["birth_date"] = _birth_date(birth_date, today)
    if language is not UNCHANGED:
        changes["language"] = _language(language)
    if elder_mode is not UNCHANGED:
        changes["elder_mode"] = elder_mode
    changes |= await _move(row, area_id, household_door, now)
    await _save(person_id, changes, now)


async def _check_changer(row: dict[str, Any], *, actor_id: int, reborn: bool, today: date) -> None:
    if actor_id != row["id"]:
        await require(person_id=actor_id, roles=ENROLLERS, area_id=row["area_id"], today=today)
    elif reborn:
        raise BirthDateNotYours(field="birth_date")


async def _check_move(*, actor_id: int, person_id: int, to_area_id: int, now: datetime) -> None:
    if actor_id == person_id:
        raise MoveNotYours(field="area_id")
    there = await areas.day_in(to_area_id, now)
    await require(person_id=actor_id, roles=ENROLLERS, area_id=to_area_id, today=there)


async def _move(
    row: dict[str, Any],
    area_id: int | Unchanged,
    door: str | Unchanged | None,
    now: datetime,
) -> dict[str, object]:
    """The columns of a move; who moves to another area leaves the old household behind."""
    changes: dict[str, object] = {}
    here = int(row["area_id"])
    if area_id is not UNCHANGED and area_id != here:
        here = (await areas.area(area_id)).id
        changes = {"area_id": here, "household_id": None}
    if door is not UNCHANGED:
        changes["household_id"] = await _household(here, door, now)
    return changes


async def _save(person_id: int, changes: dict[str, object], now: datetime) -> None:
    if changes:
        columns = ", ".join(f"{column} = {{}}" for column in changes)
        await run(f"UPDATE person SET {columns} WHERE id = {{}}", *changes.values(), person_id)
    if changes.keys() & {"area_id", "birth_date"}:
        await person_changed(person_id=person_id, now=now)


async def locked_person(person_id: int) -> dict[str, Any]:
    """The row of an open account, locked until the end of the transaction."""
    lock = " FOR NO KEY UPDATE" if is_postgres() else ""
    number = rules.row_number(person_id)
    rows = await run(f"SELECT * FROM person WHERE id = {{}}{lock}", number)
    if not rows:
        raise NoSuchPerson(person_id=person_id)
    if rows[0]["closed_at"] is not None:
        raise AccountClosed(person_id=person_id)
    return rows[0]


@use_case
async def close_account(*, actor_id: int, person_id: int, now: datetime) -> None:
    """Close an account: nobody signs in, contact details go, the record of service stays."""
    row = await locked_person(person_id)
    today = await areas.day_in(row["area_id"], now)
    if actor_id != person_id:
        await require(person_id=actor_id, roles=STEWARD, area_id=row["area_id"], today=today)
    for held in await active_grants(person_id, today):
        if held.role == "steward":
            await refuse_last_steward(person_id=person_id, area_id=held.area_id, today=today)
    await run(
        "UPDATE person SET phone = NULL, card_no = NULL, birth_date = NULL, "
        "household_id = NULL, closed_at = {} WHERE id = {}",
        now,
        person_id,
    )
    await _end_all(person_id, actor_id, now)
    await person_changed(person_id=person_id, now=now)


async def _end_all(person_id: int, actor_id: int, now: datetime) -> None:
    """End every way in, every role and every consent."""
    for table in ("credential", "email_address"):
        await run(f"DELETE FROM {table} WHERE person_id = {{}}", person_id)
    for table in ("session", "api_token", "one_time_code"):
        await run(
            f"UPDATE {table} SET revoked_at = {{}} WHERE person_id = {{}} AND revoked_at IS NULL",
            now,
            person_id,
        )
    for table, done in (("role_grant", "revoked"), ("consent", "withdrawn")):
        await run(
            f"UPDATE {table} SET {done}_at = {{}}, {done}_by = {{}} "
            f"WHERE person_id = {{}} AND {done}_at IS NULL",
            now,
            actor_id,
            person_id,
        )
    await erase_secrets(person_id=person_id)
