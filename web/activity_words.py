"""How an activity stands, in words and as a bar; and what its kinds are called."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from points.service.categories import CATEGORIES, category_of
from talentmap.activities.rules import OTHER_CATEGORY, Attendance
from talentmap.activities.views import ActivityView
from web import clock
from web.auth import WebRequest
from web.i18n import N_, Translator
from web.pages import words

OTHER = N_("Something else")
CLASSES: Final = {"interest": N_("For the joy of it"), "governance": N_("For what we share")}
CLASS_NOTES: Final = {
    "interest": N_("Learning, making, celebrating together."),
    "governance": N_("Patrols, cleaning, meetings, help for others."),
}
ATTENDANCES: Final[dict[Attendance, str]] = {
    "served": N_("Served"),
    "joined": N_("Came along"),
    "absent": N_("Was not there"),
}
_CHIPS: Final = {
    "gathering": ("waiting", N_("Gathering")),
    "confirmed": ("done", N_("Takes place")),
    "going_on": ("info", N_("Going on now")),
    "over": ("info", N_("Over, roll not yet called")),
    "done": ("done", N_("Took place")),
    "lapsed": ("quiet", N_("Did not come about")),
    "cancelled": ("stop", N_("Cancelled")),
    "archived": ("quiet", N_("From older lists")),
}


@dataclass(frozen=True, slots=True)
class Bar:
    """How far the crowd is."""

    value: int
    of: int
    word: str


@dataclass(frozen=True, slots=True)
class Card:
    """An activity as a list or a tile shows it."""

    activity: ActivityView
    stands: str
    chip: tuple[str, str]
    bar: Bar | None


def card(request: WebRequest, held: ActivityView) -> Card:
    """The activity with how it stands at this moment."""
    now, said = clock.now(), words(request)
    stands = standing(held, now)
    kind, word = _CHIPS[stands]
    return Card(held, stands, (kind, said.gettext(word)), _bar(held, stands, now, said))


def cards(request: WebRequest, found: Sequence[ActivityView]) -> list[Card]:
    """The same for a list."""
    return [card(request, held) for held in found]


def standing(held: ActivityView, now: datetime) -> str:
    """How it stands for a reader: the clock may be ahead of what anybody noted."""
    if held.state == "gathering" and not held.may_sign_up:
        return "lapsed"
    if held.state == "confirmed" and held.is_over:
        return "over"
    if held.state == "confirmed" and held.starts_at <= now:
        return "going_on"
    return held.state


def category_word(request: WebRequest, code: str) -> str:
    """What a category is called."""
    known = category_of(code)
    return words(request).gettext(known.label if known else OTHER)


def category_choices(request: WebRequest, first: str) -> list[tuple[str, str]]:
    """All categories to choose from, after a first line that chooses none."""
    say = words(request).gettext
    return [("", say(first)), *((one.code, say(one.label)) for one in CATEGORIES)]


def known_category(code: str) -> bool:
    """Whether the code is one that an activity can have."""
    return code == OTHER_CATEGORY or category_of(code) is not None


def _bar(held: ActivityView, stands: str, now: datetime, said: Translator) -> Bar | None:
    if stands == "gathering":
        word = said.gettext(
            "{seats} / {minimum}, {left}",
            seats=held.seats_taken,
            minimum=held.minimum,
            left=time_left(held.deadline_at or held.starts_at, now, said),
        )
        return Bar(min(held.seats_taken, held.minimum), held.minimum, word)
    if stands != "confirmed":
        return None
    taken, room = held.seats_taken, held.capacity
    word = said.gettext("{seats} / {capacity} seats", seats=taken, capacity=room)
    if held.waiting:
        word = said.gettext("{seats}, {waiting} waiting", seats=word, waiting=held.waiting)
    return Bar(taken, room, word)


def time_left(until: datetime, now: datetime, said: Translator) -> str:
    """How long one can still sign up, as one says it."""
    days = (said.local(until).date() - said.local(now).date()).days
    if days <= 0:
        return said.gettext("until {time} today", time=said.time(until))
    return said.ngettext("one day left", "{n} days left", days)
