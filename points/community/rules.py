"""Names, numbers, ages, doors and levels of areas.  Pure."""

import hashlib
import hmac
import re
import unicodedata
from datetime import date, datetime
from typing import Final, Literal, get_args
from zoneinfo import ZoneInfo

Level = Literal[
    "city",
    "district",
    "subdistrict",
    "committee",
    "neighbourhood",
    "grid",
    "estate",
    "building",
    "stairwell",
]
LEVELS: Final[tuple[Level, ...]] = get_args(Level)

NAME_LENGTH_MAX: Final = 80
AREA_NAME_LENGTH_MAX: Final = 120
REASON_LENGTH_MAX: Final = 200
AGE_YEARS_MAX: Final = 130
CHILD_BELOW_YEARS: Final = 14
ADULT_FROM_YEARS: Final = 18
ID_MAX: Final = 2**63 - 1

_MOBILE = re.compile(r"1[3-9]\d{9}")
# Beijing and the 02x cities have three digits, all others four.
_LANDLINE = re.compile(r"(010|02\d|0[3-9]\d{2})(\d{7,8})")
_ABROAD = re.compile(r"\+[1-9]\d{6,14}")
_CARD = re.compile(r"[A-Z0-9]{4,32}")
_VOLUNTEER_NO = re.compile(r"V\d{8,}")
_NAME_JOINTS = re.compile(r"([\s·•・]+)")


def row_number(number: int) -> int:
    """The number if a row can have it on both engines, else 0, which no row has."""
    return number if 0 < number <= ID_MAX else 0


def clean_text(text: str) -> str:
    """One line of visible characters: controls and direction marks go, white space collapses."""
    kept = (
        " " if character.isspace() else character
        for character in unicodedata.normalize("NFC", text)
        if character.isspace() or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Cn")
    )
    return " ".join("".join(kept).split())


def _plain(text: str) -> str:
    """Full-width forms as ASCII, without spaces, dashes, dots and brackets."""
    folded = unicodedata.normalize("NFKC", clean_text(text))
    return re.sub(r"[\s\-‐-―−.()]", "", folded)


def normalise_phone(text: str) -> str | None:
    """The one way a phone number is stored; None if it is none.

    Chinese mobiles as 11 digits, landlines with area code as 021-64001234, others as +4930….
    """
    digits = _plain(text)
    national = re.sub(r"^(\+86|0086|86(?=1[3-9]\d{9}$))", "", digits)
    if _MOBILE.fullmatch(national):
        return national
    landline = _LANDLINE.fullmatch(national if national.startswith("0") else f"0{national}")
    # Without its zero an area code is only told after the country code.
    if landline and (national.startswith("0") or national != digits):
        return f"{landline[1]}-{landline[2]}"
    return digits if _ABROAD.fullmatch(digits) and not digits.startswith("+86") else None


def normalise_card(text: str) -> str | None:
    """The one way a card number is stored; None if it cannot be one.

    What reads as a phone number is refused, because both are typed into the same field.  So is
    what reads as a volunteer number, which is everybody's first card.
    """
    card = _plain(text).upper()
    if not _CARD.fullmatch(card) or _VOLUNTEER_NO.fullmatch(card) or normalise_phone(card):
        return None
    return card


def volunteer_no(person_id: int) -> str:
    """The volunteer number of a person; it is printed on the card and may be signed in with."""
    return f"V{person_id:08d}"


def normalise_volunteer_no(text: str) -> str | None:
    """A typed volunteer number as it is stored; None if it is none."""
    number = _plain(text).upper()
    return number if _VOLUNTEER_NO.fullmatch(number) else None


def masked_name(name: str) -> str:
    """A name as lists in public show it: 王*芳, 王*, 买**·艾*, M*** S****."""
    parts = _NAME_JOINTS.split(name.strip())
    return "".join(part if index % 2 else _masked_part(part) for index, part in enumerate(parts))


def _masked_part(part: str) -> str:
    if len(part) <= 1:
        return "*" * len(part)
    shows_end = len(part) > 2 and ord(part[-1]) >= 0x2E80
    stars = len(part) - (2 if shows_end else 1)
    return part[0] + "*" * stars + (part[-1] if shows_end else "")


def age_on(birth_date: date, day: date) -> int:
    """Completed years on a day; who is born on 29 February is a year older on 1 March."""
    before_birthday = (day.month, day.day) < (birth_date.month, birth_date.day)
    return day.year - birth_date.year - int(before_birthday)


def possible_birth_date(birth_date: date, today: date) -> bool:
    """Whether somebody alive can have been born then."""
    return birth_date <= today and age_on(birth_date, today) <= AGE_YEARS_MAX


def is_child(birth_date: date | None, day: date) -> bool:
    """Whether only a guardian can agree for this person (an unknown birth date is an adult's)."""
    return birth_date is not None and age_on(birth_date, day) < CHILD_BELOW_YEARS


def is_minor(birth_date: date | None, day: date) -> bool:
    """Whether a guardian has to agree to service."""
    return birth_date is not None and age_on(birth_date, day) < ADULT_FROM_YEARS


def day_of(now: datetime, time_zone: str) -> date:
    """The calendar day of a moment in a time zone."""
    return now.astimezone(ZoneInfo(time_zone)).date()


def known_time_zone(name: str) -> bool:
    """Whether a time zone of that name exists."""
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        # An unknown zone is a KeyError; a name that is a folder or a path is one of the others.
        return False
    return True


def may_contain(parent_level: str, level: str) -> bool:
    """Whether an area of one level may lie directly in one of another.

    Levels may be skipped.  Grids are drawn freely between the committee and the building.
    """
    rank = {str(known): place for place, known in enumerate(LEVELS)}
    if level == "grid" and parent_level in ("estate", "grid"):
        return True
    if parent_level == "grid":
        return rank[level] >= rank["estate"]
    return rank[parent_level] < rank[level]


def normalise_door(text: str) -> str:
    """A flat as it is compared: 302室, ３０２ and 0302 are one door."""
    door = _plain(text).upper()
    return re.sub(r"(号|室)+$", "", door).lstrip("0")


def door_digest(secret: bytes, area_id: int, door: str) -> str:
    """What is stored instead of a door; without the install's secret it says nothing."""
    return hmac.new(secret, f"{area_id}\n{door}".encode(), hashlib.sha256).hexdigest()


def like_pattern(text: str) -> str:
    """A LIKE pattern (escape character !) for names in lower case that contain the text.

    Only A to Z are lowered, because SQLite's LOWER knows no other letters.
    """
    text = re.sub(r"[A-Z]", lambda letter: letter[0].lower(), text)
    return "%" + re.sub(r"([!%_])", r"!\1", text) + "%"
