"""Whose points pay what comes out of a pool.  Pure.

A pool spends like a person: what ends soonest first.  Among points of one vintage those of the
person who asks go first, then those of the others in the order in which they put them in.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from points.ledger.rules import Part


@dataclass(frozen=True, slots=True)
class Share:
    """Points of one vintage in a pool that one person put in."""

    person_id: int
    vintage: date
    points: int


def split(parts: Iterable[Part], shares: Sequence[Share], *, first: int) -> tuple[Share, ...]:
    """Whose points make up ``parts``; ``shares`` stand in the order in which they came in."""
    queue = sorted(shares, key=lambda share: share.person_id != first)
    taken = []
    for part in parts:
        left = part.points
        for share in queue:
            points = min(share.points, left) if share.vintage == part.vintage else 0
            if points:
                taken.append(Share(share.person_id, part.vintage, points))
                left -= points
        assert left == 0, "the shares of a pool add up to its holdings"
    return tuple(taken)


def of_vintages(shares: Iterable[Share], vintages: Iterable[date]) -> tuple[Share, ...]:
    """All shares of some vintages: what a sweep takes."""
    wanted = set(vintages)
    return tuple(share for share in shares if share.vintage in wanted)


def own(shares: Iterable[Share], person_id: int) -> dict[date, int]:
    """What one person has in a pool, soonest to expire first."""
    mine = sorted((share.vintage, share.points) for share in shares if share.person_id == person_id)
    return dict(mine)
