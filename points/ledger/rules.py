"""What a move of points does, worked out on paper before anything is written.

Amounts are positive integers.  A vintage is the last day on which points can be spent; points of
one book and one vintage are alike.  An account is named by its kind and its owner.
"""

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final, NamedTuple

from points.ledger.errors import InsufficientPoints

# The vintage of points that do not expire.
NEVER: Final = date(9999, 1, 31)
UNTRACKED: Final = frozenset({"issuer", "redeemed", "issuer_minutes"})
MINUTES: Final = frozenset({"issuer_minutes", "member_minutes"})
# Far beyond what a book can hold, and small enough that no sum of the books overflows 64 bits.
AMOUNT_MAX: Final = 10**12
NOTHING: Final[Mapping[date, int]] = MappingProxyType({})
NO_GRACE: Final[Mapping[date, date]] = MappingProxyType({})
# How long points can still be spent that expired while their holder waited for others.
GRACE_DAYS: Final = 30


class AccountName(NamedTuple):
    """An account within one book; the owner is 0 where the book has only one of the kind."""

    kind: str
    owner_id: int = 0

    @property
    def tracked(self) -> bool:
        """Whether the account keeps a balance."""
        return self.kind not in UNTRACKED

    @property
    def unit(self) -> str:
        """What the account counts."""
        return "minutes" if self.kind in MINUTES else "points"

    @property
    def in_vintages(self) -> bool:
        """Whether the balance is made of vintages: points that somebody has, not owes."""
        return self.tracked and self.kind not in {"arrears", "member_minutes"}


ISSUER: Final = AccountName("issuer")
ISSUER_MINUTES: Final = AccountName("issuer_minutes")


@dataclass(frozen=True, slots=True)
class Part:
    """Points of one vintage."""

    vintage: date
    points: int


@dataclass(frozen=True, slots=True)
class Move:
    """A positive amount from one account to another; of a vintage, if it is points one has.

    ``grace_until``: until when the target can spend them although the vintage has passed.
    """

    source: AccountName
    target: AccountName
    amount: int
    vintage: date | None = None
    grace_until: date | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What a tracked account has, the number of its last entry, and which vintages have grace."""

    balance: int = 0
    sequence: int = 0
    holdings: Mapping[date, int] = field(default_factory=dict)
    grace: Mapping[date, date] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Side:
    """What a transfer leaves on one of its accounts: the number of the entry, the balance after."""

    sequence: int
    balance: int


@dataclass(frozen=True, slots=True)
class Entered:
    """A move with the entries it makes; an untracked account has none."""

    move: Move
    source: Side | None
    target: Side | None


@dataclass(frozen=True, slots=True)
class ReversalPlan:
    """Where the points of a reversal come from."""

    own: tuple[Part, ...]
    commons: tuple[Part, ...]
    arrears: int


def vintage_of(expires_on: date) -> date:
    """The last day of the month of ``expires_on``: an account then holds a handful of vintages."""
    if expires_on >= NEVER:
        return NEVER
    return expires_on.replace(day=monthrange(expires_on.year, expires_on.month)[1])


def last_day(vintage: date, grace_until: date | None) -> date:
    """The last day on which points of a vintage can be spent."""
    return max(vintage, grace_until) if grace_until else vintage


def grace_after(vintage: date, today: date) -> date | None:
    """Until when points can be spent that others kept waiting; None if they have not expired."""
    return today + timedelta(days=GRACE_DAYS) if vintage < today else None


def spendable(
    holdings: Mapping[date, int], today: date, grace: Mapping[date, date] = NO_GRACE
) -> dict[date, int]:
    """What has not expired or has grace, soonest to go first."""
    ends = sorted((last_day(vintage, grace.get(vintage)), vintage) for vintage in holdings)
    return {
        vintage: holdings[vintage] for end, vintage in ends if holdings[vintage] and end >= today
    }


def expired(
    holdings: Mapping[date, int], today: date, grace: Mapping[date, date] = NO_GRACE
) -> tuple[Part, ...]:
    """What can no longer be spent, oldest first."""
    alive = spendable(holdings, today, grace)
    return tuple(
        Part(vintage, points)
        for vintage, points in sorted(holdings.items())
        if points and vintage not in alive
    )


def spend(
    holdings: Mapping[date, int],
    *,
    points: int,
    today: date,
    grace: Mapping[date, date] = NO_GRACE,
) -> tuple[Part, ...]:
    """The parts that pay ``points``: soonest-expiring first, nothing that has expired."""
    alive = spendable(holdings, today, grace)
    available = sum(alive.values())
    if points > available:
        raise InsufficientPoints(needed=points, available=available)
    return take(alive, points)


def take(holdings: Mapping[date, int], points: int) -> tuple[Part, ...]:
    """Up to ``points`` out of the holdings, in their order."""
    parts = []
    for vintage, held in holdings.items():
        taken = min(held, points)
        if taken > 0:
            parts.append(Part(vintage=vintage, points=taken))
        points -= taken
    return tuple(parts)


def earn(*, points: int, arrears: int) -> tuple[int, int]:
    """How ``points`` are shared out: what repays the arrears (a balance <= 0), what is left."""
    repaid = min(points, -arrears)
    return repaid, points - repaid


def plan_reversal(
    *,
    points: int,
    vintage: date | None,
    held: Mapping[date, int],
    commons: Mapping[date, int] = NOTHING,
    today: date,
    grace: Mapping[date, date] = NO_GRACE,
) -> ReversalPlan:
    """Take back ``points`` that were given in ``vintage`` (None: they repaid arrears).

    First what is still held of that vintage; if it has expired, the rest of it from the commons,
    where expired points go; then the other vintages, soonest first; the shortfall is owed.
    """
    same = {} if vintage is None else {vintage: held.get(vintage, 0)}
    own = take(same, points)
    left = points - total(own)
    swept = {vintage: commons.get(vintage, 0)} if vintage is not None and vintage < today else {}
    expired = take(swept, left)
    left -= total(expired)
    others = {day: has for day, has in spendable(held, today, grace).items() if day != vintage}
    own += take(others, left)
    left = points - total(own) - total(expired)
    return ReversalPlan(own=own, commons=expired, arrears=left)


def still_held(put_in: Iterable[Part], taken_out: Iterable[Part]) -> tuple[Part, ...]:
    """What is left per vintage, soonest first: exactly this goes back on a release."""
    left: dict[date, int] = {}
    for part in put_in:
        left[part.vintage] = left.get(part.vintage, 0) + part.points
    for part in taken_out:
        left[part.vintage] = left.get(part.vintage, 0) - part.points
    return tuple(Part(vintage=day, points=points) for day, points in sorted(left.items()) if points)


def total(parts: Iterable[Part]) -> int:
    """The points of all parts."""
    return sum(part.points for part in parts)


def enter(
    moves: Sequence[Move], standings: Mapping[AccountName, Standing]
) -> tuple[tuple[Entered, ...], dict[AccountName, Standing]]:
    """The entries that ``moves`` make in order, and where every tracked account stands after."""
    after = dict(standings)
    entered = []
    for move in moves:
        sides: list[Side | None] = []
        for name, amount in ((move.source, -move.amount), (move.target, move.amount)):
            if name.tracked:
                after[name] = _changed(after[name], name=name, move=move, amount=amount)
                sides.append(Side(sequence=after[name].sequence, balance=after[name].balance))
            else:
                sides.append(None)
        entered.append(Entered(move=move, source=sides[0], target=sides[1]))
    return tuple(entered), after


def _changed(standing: Standing, *, name: AccountName, move: Move, amount: int) -> Standing:
    holdings, grace = standing.holdings, standing.grace
    if name.in_vintages:
        assert move.vintage is not None, "points that somebody has are of a vintage"
        held = holdings.get(move.vintage, 0) + amount
        assert held >= 0, "more was taken out of a vintage than it holds"
        holdings = {**holdings, move.vintage: held}
        if amount > 0 and move.grace_until:
            # Points of one vintage in one account are alike: the later day counts for all of them.
            grace = {**grace, move.vintage: last_day(move.grace_until, grace.get(move.vintage))}
    return Standing(standing.balance + amount, standing.sequence + 1, holdings, grace)
