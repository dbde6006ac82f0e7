"""Which row is which person, and what it changes.  Pure: everything known is handed in."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from points.community import rules
from points.imports.errors import (
    CardOfAnother,
    GuardianIsChild,
    GuardianUnknown,
    PersonTwice,
    PhoneAndCardOfTwo,
    PhoneOfAnother,
    RowPersonElsewhere,
)
from points.imports.homes import Home, Homes
from points.imports.people_reading import PersonRow
from points.imports.reading import RowRefused
from points.imports.rows import RowProblem

DigestOf = Callable[[int, str], str]
"""(Area, door) to the digest that stands for the door."""


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """Somebody in the books.  ``inside`` says whether she lives below the root."""

    id: int
    name: str
    phone: str | None
    card: str | None
    birth_date: date | None
    area_id: int
    door_digest: str | None
    inside: bool


@dataclass(frozen=True, slots=True)
class PersonStep:
    """What one row does: somebody new, or changes to somebody known."""

    row: PersonRow
    home: Home
    known: KnownPerson | None
    changes: dict[str, Any]


@dataclass(slots=True)
class PeoplePlan:
    """The steps of a whole file, and the rows that cannot be taken."""

    homes: Homes
    digest_of: DigestOf
    known: Sequence[KnownPerson]
    today: date
    steps: list[PersonStep] = field(default_factory=list)
    refused: list[RowProblem] = field(default_factory=list)
    guardians: dict[int, PersonStep | KnownPerson] = field(default_factory=dict)
    _phones: dict[str, KnownPerson] = field(default_factory=dict)
    _cards: dict[str, KnownPerson] = field(default_factory=dict)
    _names: dict[str, list[KnownPerson]] = field(default_factory=dict)
    _lines: dict[object, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Index those known."""
        for one in self.known:
            if one.phone:
                self._phones[one.phone] = one
            if one.card:
                self._cards[one.card] = one
            if one.inside:
                self._names.setdefault(one.name, []).append(one)

    def add(self, rows: Iterable[PersonRow]) -> None:
        """Plan the rows, then who answers for the children among them."""
        for row in rows:
            try:
                self.steps.append(self._step(row))
            except RowRefused as refusal:
                self.refused.append(refusal.problem)
        for step in list(self.steps):
            try:
                self._find_guardian(step)
            except RowRefused as refusal:
                self.refused.append(refusal.problem)
                self.steps.remove(step)

    def _step(self, row: PersonRow) -> PersonStep:
        home = self.homes.home_of(row)
        known = self._match(row, home)
        self._claim_lines(row, home, known)
        if known is None:
            return PersonStep(row, home, None, {})
        if not known.inside:
            raise row.reader.refused("name", RowPersonElsewhere())
        return PersonStep(row, home, known, self._changes(row, home, known))

    def _match(self, row: PersonRow, home: Home) -> KnownPerson | None:
        """By phone or card, and then the name must agree; else by name and door."""
        by_phone = self._phones.get(row.phone) if row.phone else None
        by_card = self._cards.get(row.card) if row.card else None
        if by_phone and by_phone.name != row.name:
            raise row.reader.refused("phone", PhoneOfAnother())
        if by_card and by_card.name != row.name:
            raise row.reader.refused("card", CardOfAnother())
        if by_phone and by_card and by_phone.id != by_card.id:
            raise row.reader.refused("phone", PhoneAndCardOfTwo())
        return by_phone or by_card or self._match_by_door(row, home)

    def _match_by_door(self, row: PersonRow, home: Home) -> KnownPerson | None:
        area_id = self.homes.area_id(home)
        if area_id is None:
            return None
        digest = self.digest_of(area_id, row.door) if row.door else None
        fitting = [
            one
            for one in self._names.get(row.name, [])
            if one.area_id == area_id
            and one.door_digest == digest
            and _may_be(one.card, row.card)
            and _may_be(one.birth_date, row.birth_date)
            # Behind one door a new number is the same person's; without a door it is a namesake's.
            and (digest is not None or _may_be(one.phone, row.phone))
        ]
        return fitting[0] if len(fitting) == 1 else None

    def _claim_lines(self, row: PersonRow, home: Home, known: KnownPerson | None) -> None:
        """A second row of the same person, or with the same phone or card, is refused."""
        said: list[tuple[str, object]] = [
            ("name", (row.name, home, row.door, row.birth_date, row.phone, row.card))
        ]
        if known:
            said.append(("name", known.id))
        for number, column, error in (
            (row.phone, "phone", PhoneOfAnother),
            (row.card, "card", CardOfAnother),
        ):
            first = self._lines.get((column, number)) if number else None
            if first is not None:
                same = self._lines.get((column, number, row.name)) is not None
                raise row.reader.refused(column, PersonTwice(first_line=first) if same else error())
        for _, key in said:
            if key in self._lines:
                raise row.reader.refused("name", PersonTwice(first_line=self._lines[key]))
        self._lines |= {key: row.line for _, key in said}
        for column, number in (("phone", row.phone), ("card", row.card)):
            if number:
                self._lines |= {(column, number): row.line, (column, number, row.name): row.line}

    def _changes(self, row: PersonRow, home: Home, known: KnownPerson) -> dict[str, Any]:
        """Only what the row says and the books do not; an empty cell empties nothing."""
        changes: dict[str, Any] = {}
        for column, said, stored in (
            ("phone", row.phone, known.phone),
            ("card_no", row.card, known.card),
            ("birth_date", row.birth_date, known.birth_date),
        ):
            if said and said != stored:
                changes[column] = said
        area_id = self.homes.area_id(home)
        # A row that only names the estate does not move anybody out of her stairwell.
        moves = area_id is None or not self.homes.is_inside(known.area_id, area_id)
        if moves:
            changes["home"] = home
        if row.door and (moves or self.digest_of(known.area_id, row.door) != known.door_digest):
            changes["household_door"] = row.door
        return changes

    def _find_guardian(self, step: PersonStep) -> None:
        said = step.row.guardian
        if said is None:
            return
        fitting = [one for one in self._adults_called(said.name, said.phone) if one is not step]
        near = [one for one in fitting if self._shares_door(one, step)]
        found = (near or fitting)[:2]
        shown = said.name or said.phone
        if len(found) != 1:
            raise step.row.reader.refused("guardian", GuardianUnknown(value=shown))
        if rules.is_minor(_birth_date(found[0]), self.today):
            raise step.row.reader.refused("guardian", GuardianIsChild(value=shown))
        self.guardians[step.row.line] = found[0]

    def _adults_called(self, name: str | None, phone: str | None) -> list[PersonStep | KnownPerson]:
        """People of the file, and those known that the file does not repeat."""
        here = {step.known.id for step in self.steps if step.known}
        people: list[PersonStep | KnownPerson] = [*self.steps]
        people += [one for one in self.known if one.inside and one.id not in here]
        by_phone = [one for one in people if phone and phone in _phones(one)]
        if by_phone:
            return by_phone
        return [one for one in people if name and _name(one) == name]

    def _shares_door(self, one: PersonStep | KnownPerson, child: PersonStep) -> bool:
        if isinstance(one, PersonStep):
            return one.home == child.home and one.row.door == child.row.door
        return one.area_id == self.homes.area_id(child.home)


def _may_be(stored: object, said: object) -> bool:
    return stored is None or said is None or stored == said


def _name(one: PersonStep | KnownPerson) -> str:
    return one.row.name if isinstance(one, PersonStep) else one.name


def _phones(one: PersonStep | KnownPerson) -> set[str | None]:
    if isinstance(one, PersonStep):
        return {one.row.phone, one.known.phone if one.known else None}
    return {one.phone}


def _birth_date(one: PersonStep | KnownPerson) -> date | None:
    if isinstance(one, PersonStep):
        return one.row.birth_date or (one.known.birth_date if one.known else None)
    return one.birth_date
