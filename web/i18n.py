"""Chinese and English: which language a visitor reads, and how numbers and times are said in it.

English is the message id itself; Chinese stands in ``locales/zh/<subject>.po``, one catalogue a
subject, merged when the first page is made.  Sentences take their facts by name:
``_("{name} logged {hours}.", name=..., hours=...)``, the same form as ``DomainError.message``.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal
from zoneinfo import ZoneInfo

from babel.core import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from points.errors import DomainError

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
HOME_LANGUAGE: Language = "zh"
HOME_TIME_ZONE = "Asia/Shanghai"
LOCALES = Path(__file__).parent / "locales"

_DATE = {"zh": "y年M月d日 EEE", "en": "EEE d MMM y"}
_SHORT_DATE = {"zh": "M月d日 EEE", "en": "EEE d MMM"}
_DATE_TIME = {"zh": "y年M月d日 EEE HH:mm", "en": "EEE d MMM y, HH:mm"}
_MONTH = {"zh": "y年M月", "en": "MMMM y"}
# Read once: Babel looks a name up anew for every number.
_LOCALE = {"zh": Locale.parse("zh_CN"), "en": Locale.parse("en_GB")}


def N_(message: str) -> str:  # noqa: N802  # The name every gettext tool knows.
    """Mark a message for the catalogue where it is written down, to be translated later."""
    return message


class _Facts(dict[str, object]):
    """The facts of a refusal; a missing one must not turn a clear "no" into a broken page."""

    def __missing__(self, name: str) -> str:
        return "…"


@dataclass(frozen=True, slots=True)
class Translator:
    """One language in one time zone."""

    language: Language
    time_zone: ZoneInfo
    messages: Mapping[str, str] = field(repr=False)

    def gettext(self, message: str, /, **facts: object) -> str:
        """The message in this language, filled with the facts; English where none is written."""
        text = self.messages.get(message) or message
        return text.format(**facts) if facts else text

    def ngettext(self, singular: str, plural: str, n: int, /, **facts: object) -> str:
        """Like gettext, for a counted thing; ``{n}`` is the count."""
        text = self.messages.get(singular) or (singular if n == 1 else plural)
        return text.format(n=self.number(n), **facts)

    def refusal(self, error: DomainError) -> str:
        """What a refused use case says to the person."""
        return self.told(error.message, error.facts)

    def told(self, message: str, facts: Mapping[str, object]) -> str:
        """A sentence of the domain with its facts, days and moments said as people say them."""
        spoken = {name: self._spoken(name, fact) for name, fact in facts.items()}
        return self.gettext(message).format_map(_Facts(spoken))

    def _spoken(self, name: str, fact: object) -> object:
        """A fact as it is said in a sentence; whole numbers may be years and stay as they are."""
        from web.reward_words import FACTS

        if isinstance(fact, str):
            return self.gettext(FACTS.get(name, {}).get(fact, "")) or fact
        if isinstance(fact, dt.datetime):
            return self.date_time(fact)
        if isinstance(fact, dt.date):
            return self.date(fact)
        return self.time(fact) if isinstance(fact, dt.time) else fact

    def number(self, value: float) -> str:
        """A number with its thousands set apart."""
        return format_decimal(value, locale=_LOCALE[self.language])

    def points(self, points: int) -> str:
        """Points with their word: 1,250 积分."""
        if self.language == "zh":
            return f"{self.number(points)} 积分"
        return f"{self.number(points)} point{'' if abs(points) == 1 else 's'}"

    def signed(self, points: int) -> str:
        """A change with its sign, also when it is zero or positive: +20, −5 (a true minus)."""
        return f"{'−' if points < 0 else '+'}{self.number(abs(points))}"

    def hours(self, minutes: int) -> str:
        """Minutes of service as people say them: 2 小时 30 分; 2 h 30 min."""
        sign = "−" if minutes < 0 else ""
        hours, rest = divmod(abs(minutes), 60)
        if self.language == "zh":
            # 分 alone would read as points, so a time without hours says 分钟.
            parts = [f"{self.number(hours)} 小时"] if hours or not rest else []
            parts += [f"{rest} 分" if hours else f"{rest} 分钟"] if rest else []
        else:
            parts = [f"{self.number(hours)} h"] if hours or not rest else []
            parts += [f"{rest} min"] if rest else []
        return sign + " ".join(parts)

    def local(self, moment: dt.datetime) -> dt.datetime:
        """The moment on the wall clock of the area; a naive one is taken as UTC."""
        aware = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
        return aware.astimezone(self.time_zone)

    def date(self, day: dt.date | dt.datetime) -> str:
        """2026年11月22日 周日; Sun 22 Nov 2026."""
        return self._date(day, _DATE)

    def short_date(self, day: dt.date | dt.datetime) -> str:
        """11月22日 周日; Sun 22 Nov. For lists in which the year is clear."""
        return self._date(day, _SHORT_DATE)

    def month(self, day: dt.date | dt.datetime) -> str:
        """2026年11月; November 2026."""
        return self._date(day, _MONTH)

    def time(self, moment: dt.datetime | dt.time) -> str:
        """14:00."""
        if isinstance(moment, dt.datetime):
            moment = self.local(moment).time()
        return format_time(moment, "HH:mm", locale=_LOCALE[self.language])

    def date_time(self, moment: dt.datetime) -> str:
        """2026年11月22日 周日 14:00; Sun 22 Nov 2026, 14:00."""
        return format_datetime(
            self.local(moment), _DATE_TIME[self.language], locale=_LOCALE[self.language]
        )

    def span(self, start: dt.datetime, end: dt.datetime) -> str:
        """2026年11月22日 周日 14:00–16:00; both days are said where they differ."""
        same_day = self.local(start).date() == self.local(end).date()
        return f"{self.date_time(start)}–{self.time(end) if same_day else self.date_time(end)}"

    def _date(self, day: dt.date | dt.datetime, patterns: Mapping[str, str]) -> str:
        if isinstance(day, dt.datetime):
            day = self.local(day).date()
        return format_date(day, patterns[self.language], locale=_LOCALE[self.language])


@lru_cache(maxsize=64)
def translator(language: Language, time_zone: str = HOME_TIME_ZONE) -> Translator:
    """The translator of a language in an area's time zone."""
    messages = chinese() if language == "zh" else MappingProxyType({})
    return Translator(language=language, time_zone=ZoneInfo(time_zone), messages=messages)


@lru_cache(maxsize=1)
def chinese() -> Mapping[str, str]:
    """Every Chinese message, merged from the catalogues of all subjects."""
    merged: dict[str, str] = {}
    for catalogue in catalogues().values():
        for message in catalogue:
            if message.id and not message.fuzzy:
                singular = message.id if isinstance(message.id, str) else message.id[0]
                strings = [message.string] if isinstance(message.string, str) else message.string
                # Chinese has one plural form, so the first is the only one.
                merged[singular] = strings[0] if strings else ""
    return MappingProxyType(merged)


def catalogues() -> dict[str, Catalog]:
    """The Chinese catalogues by subject, read strictly."""
    found = {}
    for path in sorted((LOCALES / "zh").glob("*.po")):
        with path.open("rb") as file:
            found[path.stem] = read_po(file, locale="zh_CN", abort_invalid=True)
    return found


def choose_language(
    *, preference: str | None = None, cookie: str | None = None, accept_language: str = ""
) -> Language:
    """The person's own choice, else this browser's, else what it asks for, else Chinese."""
    for wish in (preference, cookie, *_accepted(accept_language)):
        if wish in LANGUAGES:
            return wish
    return HOME_LANGUAGE


def _accepted(header: str) -> list[str]:
    """Primary language tags of an Accept-Language header, most wanted first."""
    wishes: list[tuple[float, str]] = []
    for part in header[:500].split(","):
        tag, _, quality = part.partition(";")
        try:
            weight = float(quality.strip().removeprefix("q=")) if quality.strip() else 1.0
        except ValueError:
            continue
        if weight > 0:
            wishes.append((weight, tag.strip().lower().split("-")[0]))
    return [tag for _, tag in sorted(wishes, key=lambda wish: -wish[0])]
