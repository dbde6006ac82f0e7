"""A person as the API tells of her."""

from datetime import date

from msgspec import Struct


class Person(Struct, frozen=True):
    """A person as she and the staff of her area see her; never a phone number or a door."""

    id: int
    name: str
    volunteer_no: str
    card_no: str | None
    has_phone: bool
    area_id: int
    area_path: tuple[str, ...]
    birth_date: date | None
    language: str
    elder_mode: bool
    closed: bool
