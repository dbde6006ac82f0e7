"""Rows of a list of residents.  Pure."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from points.community import rules
from points.imports import values
from points.imports.columns import Columns
from points.imports.errors import (
    BirthDateImpossible,
    BuildingMissing,
    GuardianAdvised,
    GuardianNeeded,
    RoleNotImported,
    RowRoleUnknown,
)
from points.imports.reading import RowReader, RowRefused
from points.imports.rows import RowProblem, Sheet

_PLAIN_ROLES: Final = {"居民", "志愿者", "普通居民", "住户", "成员", "resident", "volunteer"}
_GRANTED_ROLES: Final = {
    "楼组长",
    "楼长",
    "stairwell leader",
    "组织者",
    "organizer",
    "居委委员",
    "委员",
    "committee member",
    "居委干部",
    "干部",
    "书记",
    "主任",
    "steward",
}
_BUILDING_WORDS = re.compile(r"(号楼|楼栋|幢|栋|号|楼|座)$")
_STAIRWELL_WORDS = re.compile(r"(号门|单元|门栋|楼道|楼组|号|门)$")


@dataclass(frozen=True, slots=True)
class Guardianship:
    """Who is said to answer for a child."""

    name: str | None
    phone: str | None


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A resident as the list says it; ``door`` is forgotten once it has become a digest."""

    line: int
    name: str
    phone: str | None
    card: str | None
    birth_date: date | None
    estate: str | None
    building: str | None
    stairwell: str | None
    door: str | None
    guardian: Guardianship | None
    reader: RowReader


@dataclass(frozen=True, slots=True)
class PeopleReading:
    """What the rows gave."""

    rows: tuple[PersonRow, ...]
    refused: tuple[RowProblem, ...]
    notes: tuple[RowProblem, ...]


def read_people(*, sheet: Sheet, columns: Columns, today: date) -> PeopleReading:
    """Every row, or the reason against it."""
    rows, refused, notes = [], list(sheet.problems), []
    for row in sheet.rows:
        reader = RowReader(row, columns)
        try:
            person = _read(reader, today)
        except RowRefused as refusal:
            refused.append(refusal.problem)
            continue
        rows.append(person)
        notes += _notes(person, today)
    return PeopleReading(tuple(rows), tuple(refused), tuple(notes))


def _read(reader: RowReader, today: date) -> PersonRow:
    name = reader.needed("name", values.name)
    phone = reader.optional("phone", values.phone)
    card = reader.optional("card", values.card)
    birth_date = reader.optional("birth_date", values.date)
    if birth_date is not None and not rules.possible_birth_date(birth_date, today):
        error = BirthDateImpossible(date=birth_date.isoformat())
        raise reader.refused("birth_date", error)
    building = reader.optional("building", values.label)
    stairwell = reader.optional("stairwell", values.label)
    door = _door(reader)
    if door and not (building or stairwell):
        raise reader.refused("flat", BuildingMissing())
    guardian = _guardian(reader)
    if rules.is_child(birth_date, today) and guardian is None:
        raise reader.refused("guardian", GuardianNeeded())
    return PersonRow(
        line=reader.line,
        name=name,
        phone=phone,
        card=card,
        birth_date=birth_date,
        estate=reader.optional("estate", values.label),
        building=building,
        stairwell=stairwell,
        door=door,
        guardian=guardian if rules.is_minor(birth_date, today) else None,
        reader=reader,
    )


def _door(reader: RowReader) -> str | None:
    """The flat; where a list has only heads of households, theirs is the door's name."""
    flat = reader.optional("flat", values.label)
    if flat:
        return rules.normalise_door(flat) or None
    head = reader.optional("household", values.name)
    return f"户主 {head}" if head and (reader.optional("building", values.label)) else None


def _guardian(reader: RowReader) -> Guardianship | None:
    """A guardian's cell may hold a phone number instead of a name."""
    phone = reader.optional("guardian_phone", values.phone)
    text = reader.optional("guardian", values.label)
    if text and rules.normalise_phone(text):
        return Guardianship(name=None, phone=rules.normalise_phone(text))
    if not (text or phone):
        return None
    return Guardianship(name=reader.optional("guardian", values.name), phone=phone)


def _notes(person: PersonRow, today: date) -> list[RowProblem]:
    """What is left for somebody to do about a row that is taken."""
    notes = []
    role = person.reader.optional("role", values.plain)
    if role and role.lower() not in _PLAIN_ROLES:
        granted = role.lower() in _GRANTED_ROLES
        error = RoleNotImported(value=role) if granted else RowRoleUnknown(value=role)
        notes.append(person.reader.problem("role", error))
    if rules.is_minor(person.birth_date, today) and person.guardian is None:
        notes.append(person.reader.problem("guardian", GuardianAdvised()))
    return notes


def building_key(name: str) -> str:
    """What makes 3, 03号 and 3号楼 one building."""
    return _key(name, _BUILDING_WORDS)


def stairwell_key(name: str) -> str:
    """What makes 2, 2单元 and 二 not three stairwells but two."""
    return _key(name, _STAIRWELL_WORDS)


def building_name(name: str) -> str:
    """How a new building is called: 3 becomes 3号楼, a name stays a name."""
    return f"{building_key(name)}号楼" if building_key(name).isdigit() else name


def stairwell_name(name: str) -> str:
    """How a new stairwell is called: 2 becomes 2单元, 18号 stays 18号."""
    return f"{stairwell_key(name)}单元" if name.isdigit() else name


def _key(name: str, words: re.Pattern[str]) -> str:
    text = values.plain(name).replace(" ", "").lower()
    return words.sub("", text).lstrip("0") or text
