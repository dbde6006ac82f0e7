"""Who may ask for what, who decides, and when a decision is certain.  Pure."""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal, get_args
from zoneinfo import ZoneInfo

from points.community.rules import age_on, is_minor
from points.errors import DomainError, Forbidden
from points.ledger.errors import InsufficientPoints
from points.rewards.errors import (
    BalanceTooLow,
    HouseholdRequest,
    ItemMonthReached,
    MonthSpent,
    NotForYou,
    OwnRequest,
    RequestedByYou,
    WardRequest,
)
from points.service.rules import Terms

Kind = Literal["goods", "service", "thanks"]
Audience = Literal["all", "adults", "elders"]
State = Literal[
    "requested", "approved", "refused", "cancelled", "uncollected", "handed_over", "returned"
]
Choice = Literal["approve", "refuse", "recuse"]
Stake = Literal["own", "proxy", "household", "guardian"]
Outcome = Literal["approved", "refused"]

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
AUDIENCES: Final[tuple[Audience, ...]] = get_args(Audience)
CHOICES: Final[tuple[Choice, ...]] = get_args(Choice)
OPEN: Final[tuple[State, ...]] = ("requested", "approved")
# What counts against the limits of a month: everything that did not give the points back.
COUNTED: Final[tuple[State, ...]] = ("requested", "approved", "handed_over")

ELDER_FROM_YEARS: Final = 60
CANCEL_WITHIN: Final = timedelta(minutes=10)
PRICE_MAX: Final = 100_000
QUANTITY_MAX: Final = 100_000
LAST_MINUTE: Final = time(23, 59)
# Letters and digits that nobody confuses when they are read aloud; 32 of them are 5 bits each.
CODE_ALPHABET: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
CODE_LENGTH: Final = 8
INVOLVED: Final[dict[Stake, type[Forbidden]]] = {
    "own": OwnRequest,
    "proxy": RequestedByYou,
    "household": HouseholdRequest,
    "guardian": WardRequest,
}


# --- asking


@dataclass(frozen=True, slots=True)
class Offer:
    """What of an item decides whether somebody may ask for it."""

    name: str
    price: int
    audience: Audience
    monthly_limit: int


@dataclass(frozen=True, slots=True)
class Asker:
    """What of a person decides whether she may ask: her age, her points, her month so far."""

    birth_date: date | None
    available: int
    month_points: int
    month_of_item: int


def for_audience(audience: Audience, birth_date: date | None, today: date) -> bool:
    """Whether an item is for somebody born then; without a birth date one is an adult."""
    if audience == "elders":
        return birth_date is not None and age_on(birth_date, today) >= ELDER_FROM_YEARS
    return audience == "all" or not is_minor(birth_date, today)


def why_not(offer: Offer, asker: Asker, *, terms: Terms, today: date) -> DomainError | None:
    """What keeps somebody from asking for an item; None if nothing does."""
    if not for_audience(offer.audience, asker.birth_date, today):
        return NotForYou(item=offer.name, audience=offer.audience)
    if asker.month_of_item >= offer.monthly_limit:
        return ItemMonthReached(most=offer.monthly_limit)
    if offer.price == 0:
        return None
    if asker.available < terms.redemption_balance_points:
        return BalanceTooLow(needed=terms.redemption_balance_points, available=asker.available)
    if asker.available < offer.price:
        return InsufficientPoints(needed=offer.price, available=asker.available)
    with_this = asker.month_points + offer.price
    if with_this > terms.redemption_month_points:
        return MonthSpent(most=terms.redemption_month_points, with_this=with_this)
    return None


def month_start(today: date, time_zone: str) -> datetime:
    """The first moment of the month of ``today``."""
    return datetime.combine(today.replace(day=1), time.min, ZoneInfo(time_zone))


def end_of_day(now: datetime, *, days: int, time_zone: str) -> datetime:
    """The last minute of the day so many days later, by the clocks of the area."""
    zone = ZoneInfo(time_zone)
    day = now.astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(day, LAST_MINUTE, zone)


def may_cancel(state: str, *, requested_at: datetime, now: datetime) -> bool:
    """Whether the one who asked may take it back: until it is decided, and for ten minutes always.

    A clock that jumped back behind the request leaves it within the ten minutes.
    """
    return state == "requested" or (state == "approved" and now - requested_at <= CANCEL_WITHIN)


# --- deciding


def quorum_for(price: int, terms: Terms) -> int:
    """How many approvals a request of that price needs."""
    if price > terms.large_redemption_points:
        return max(terms.redemption_quorum, terms.large_redemption_quorum)
    return terms.redemption_quorum


@dataclass(frozen=True, slots=True)
class Tally:
    """How a vote stands among those who may vote; whoever stands back is not counted at all."""

    quorum: int
    approvals: int
    refusals: int
    undecided: int

    @property
    def voters(self) -> int:
        """Everybody with a vote."""
        return self.approvals + self.refusals + self.undecided

    @property
    def stand_ins_needed(self) -> int:
        """How many more voters it takes before the quorum can be reached at all."""
        return max(0, self.quorum - self.voters)

    @property
    def outcome(self) -> Outcome | None:
        """What is certain already, whatever anybody still says."""
        if self.approvals >= self.quorum:
            return "approved"
        if self.approvals + self.undecided + self.stand_ins_needed < self.quorum:
            return "refused"
        return None


def tally(
    *,
    quorum: int,
    voters: Collection[int],
    votes: Collection[tuple[int, str]],
    involved: Collection[int],
) -> Tally:
    """Count ``votes`` (who, choice); ``voters`` are members and stand-ins as of now.

    A vote stays a vote after its voter has left the committee; one who left without voting is not
    waited for.
    """
    said = dict(votes)
    choices = list(said.values())
    return Tally(
        quorum=quorum,
        approvals=choices.count("approve"),
        refusals=choices.count("refuse"),
        undecided=len(set(voters) - set(said) - set(involved)),
    )


def seats_for_stand_ins(count: Tally, *, waiting_stand_ins: int, overdue: bool) -> int:
    """How many stand-ins may be appointed now.

    After the deadline members who kept silent are not counted on any more.
    """
    if not overdue:
        return count.stand_ins_needed
    return max(0, count.quorum - count.approvals - count.refusals - waiting_stand_ins)


def refused_reason(reasons: Collection[str], length_max: int) -> str:
    """The reasons of all who refused, as one text."""
    return "; ".join(dict.fromkeys(reasons))[:length_max]


# --- handing over


def pickup_codes(secret: bytes, redemption_id: int) -> Iterator[str]:
    """The codes of a request: the first that no other has is its code.

    They follow from the key of the install, so that a code is shown again without being stored.
    """
    for attempt in range(8):
        text = f"{redemption_id}/{attempt}".encode()
        mac = hmac.new(secret, text, hashlib.sha256).digest()
        number = int.from_bytes(mac[:5], "big")
        yield "".join(CODE_ALPHABET[number >> 5 * place & 31] for place in range(CODE_LENGTH))


def spoken(code: str) -> str:
    """A code in two groups, as it is shown: KQMR-TX27."""
    return f"{code[:4]}-{code[4:]}"


def typed_code(text: str) -> str:
    """A typed or scanned code without whatever stands between its letters."""
    folded = unicodedata.normalize("NFKC", text).upper()
    return re.sub(r"[^A-Z0-9]", "", folded)


def code_digest(code: str) -> str:
    """What is stored of a code."""
    return hashlib.sha256(code.encode()).hexdigest()
