"""Plays known histories on a copy of the database in argv[1]; exit status 1 as soon as one is off.

Run by test_mutations.py on a copy of the source in which a bug is planted.
"""

import asyncio
import random
import sys
from typing import Any

from points.ledger.books import verify
from tests.points.ledger import test_histories as plain
from tests.points.ledger.pool_edges import SEEDS, waited_over_new_year
from tests.points.ledger.pool_play import play, steps_of
from tests.points.ledger.scene import LATE, LATER, SOON, make_scene, start_history
from web.database import PooledSQLiteEngine, running

LENGTH = 45


class PowerCut(Exception):
    """The database went away."""


def plain_steps(seed: int) -> list[plain.Step]:
    """A history of one person that is the same each time."""
    dice = random.Random(seed)
    return [
        plain.Step(
            kind=dice.randrange(len(plain.KINDS)),
            edge=dice.choice((4, 3, 3, 2, 0, 1, 5)),
            points=dice.randrange(21),
            case_id=dice.choice((1, 1, 2)),
            expires_on=dice.choice((SOON, LATE, LATER)),
            back=dice.randint(1, 3),
        )
        for _ in range(LENGTH)
    ]


async def survive_faults(engine: PooledSQLiteEngine) -> None:
    """A hold of which every statement fails once leaves nothing until it is done."""
    history = await start_history(await make_scene())
    await history.award(20)
    before = await history.balances()
    pass_on, left = engine.run_querystring, [0]

    async def failing(*args: Any, **kwargs: Any) -> Any:
        left[0] -= 1
        if left[0] == 0:
            raise PowerCut
        return await pass_on(*args, **kwargs)

    for statements in range(1, 40):
        left[0] = statements
        engine.run_querystring = failing  # type: ignore[method-assign]
        try:
            await history.hold(7, reference="fault")
            return
        except PowerCut:
            engine.run_querystring = pass_on  # type: ignore[method-assign]
            assert await history.balances() == before
            assert (await verify()).problems == ()
        finally:
            engine.run_querystring = pass_on  # type: ignore[method-assign]


async def check(file: str) -> None:
    """Everything that tells a broken ledger from a sound one, the quickest first."""
    async with running(PooledSQLiteEngine(file, synchronous="OFF")) as engine:
        assert isinstance(engine, PooledSQLiteEngine)
        await survive_faults(engine)
        await play(await make_scene(), waited_over_new_year())
        for number, seed in enumerate(SEEDS):
            await plain.play(plain_steps(number))
            await play(await make_scene(), steps_of(seed, LENGTH))
        assert (await verify()).problems == ()


if __name__ == "__main__":
    try:
        asyncio.run(check(sys.argv[1]))
    except BaseException as found:  # Whatever is off, the bug is caught.
        sys.exit(f"{type(found).__name__}: {found}"[:300])
