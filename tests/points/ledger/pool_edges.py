"""Histories of pools that lead straight to where mistakes live, and seeds that come by there."""

from collections.abc import Awaitable, Callable
from typing import Any

from tests.points.ledger.pool_model import Step
from tests.points.ledger.pool_play import KINDS, PoolPlay
from tests.points.ledger.scene import LATER, SOON

# 32 takes expired awards back, 25 asks a closed case, 16 and 15 take gifts back too late.
SEEDS = (32, 25, 16, 15, 0, 1, 2, 3)
ALL, MORE, ONE = 0, 1, 4


def _step(act: Callable[[PoolPlay], Awaitable[None]], **changes: Any) -> Step:
    plain = {"edge": ONE, "points": 10, "person": 0, "case_id": 1, "expires_on": LATER, "back": 1}
    return Step(kind=KINDS.index(act), **(plain | changes))


def waited_over_new_year() -> list[Step]:
    """Frozen and held points come back after their last day: a grace for them and nothing else."""
    return [
        _step(PoolPlay.award, expires_on=SOON, person=1),
        _step(PoolPlay.award, expires_on=SOON, points=4),
        _step(PoolPlay.award, expires_on=SOON),
        # Only these ten are disputed, though fourteen of their vintage are there.
        _step(PoolPlay.object_to),
        _step(PoolPlay.hold_from_pool, edge=ALL, person=1),
        _step(PoolPlay.time_passes),
        _step(PoolPlay.time_passes),
        _step(PoolPlay.settle),
        # What lives by a grace stays out of the pool, but can be given away.
        _step(PoolPlay.contribute, edge=ALL, back=3),
        _step(PoolPlay.contribute),
        _step(PoolPlay.donate),
        _step(PoolPlay.refuse, back=2),
        _step(PoolPlay.withdraw, edge=MORE),
        _step(PoolPlay.withdraw),
        _step(PoolPlay.time_passes),
        _step(PoolPlay.hold),
        _step(PoolPlay.time_passes),
        _step(PoolPlay.sweep),
        _step(PoolPlay.relieve, edge=ALL),
        _step(PoolPlay.relieve, edge=ONE),
    ]
