"""Until when an objection is answered, and when a review is certain.  Pure."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final, Literal

from points.community.rules import clean_text
from points.disputes.errors import DisputeReasonMissing

Kind = Literal["objection", "appeal"]
State = Literal["open", "answered", "review", "upheld", "rejected", "withdrawn"]
Choice = Literal["uphold", "reject"]

ANSWER_WORKING_DAYS: Final = 5
REVIEW_WORKING_DAYS: Final = 10
# How long a first answer can be taken to three others before it stands.
ASK_WORKING_DAYS: Final = 5
RAISE_WITHIN: Final = timedelta(days=30)
REVIEWERS: Final = 3
REASON_CHARS_MAX: Final = 300
SATURDAY: Final = 5


def working_days_after(day: date, count: int) -> date:
    """The day so many working days later; holidays are not known, so they count."""
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < SATURDAY
    return day


def checked_reason(text: str) -> str:
    """Why somebody objects, or decides as she does."""
    reason = clean_text(text)
    if not 0 < len(reason) <= REASON_CHARS_MAX:
        raise DisputeReasonMissing(field="reason", most=REASON_CHARS_MAX)
    return reason


def outcome(votes: Collection[Choice]) -> Choice | None:
    """What three have decided; None while one of them is silent."""
    if len(votes) < REVIEWERS:
        return None
    return "uphold" if 2 * list(votes).count("uphold") > len(votes) else "reject"
