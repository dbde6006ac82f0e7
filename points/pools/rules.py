"""Limits of pools and grants.  Pure."""

from datetime import timedelta
from typing import Final, Literal, get_args

from points.community.rules import clean_text
from points.pools.errors import GrantReasonMissing, GrantTooLarge, WishTooLong

DecisionKind = Literal["relief", "honour", "honour_spend"]
KINDS: Final[tuple[DecisionKind, ...]] = get_args(DecisionKind)
WISH_CHARS_MAX: Final = 120
REASON_CHARS_MAX: Final = 200
GRANT_MAX: Final = 100_000
UNDO_WITHIN: Final = timedelta(minutes=10)
# What a title of a stairwell is worth unless the two people say otherwise.
TITLE_POINTS: Final = 100


def checked_wish(text: str) -> str:
    """For whom a donor wishes her points to be, in her words."""
    wish = clean_text(text)
    if len(wish) > WISH_CHARS_MAX:
        raise WishTooLong(field="wish", most=WISH_CHARS_MAX)
    return wish


def checked_reason(text: str, *, field: str = "reason") -> str:
    """Why something is granted or not."""
    reason = clean_text(text)
    if not 0 < len(reason) <= REASON_CHARS_MAX:
        raise GrantReasonMissing(field=field, most=REASON_CHARS_MAX)
    return reason


def checked_points(points: int) -> int:
    """How many points one decision may grant."""
    if not 1 <= points <= GRANT_MAX:
        raise GrantTooLarge(field="points", most=GRANT_MAX)
    return points
