"""Awards and holds a second beside the minimal transfer, on either engine."""

import asyncio
import functools
from collections.abc import Awaitable, Callable
from pathlib import Path

from points.ledger.verify import verify
from points.service.confirm import confirm
from tests.benchmarks import minimal
from tests.benchmarks.databases import Databases, EngineName, databases
from tests.benchmarks.measure import Row, per_second
from tests.benchmarks.neighbourhood import NOW, Neighbourhood, award_one, hold_one, settle

CALLERS = (1, 8, 32)
TOTAL = {1: 1000, 8: 2000, 32: 3000}
ROLL_CALL = 500
WARM_UP = 50
ACTS = {"award": award_one, "hold": hold_one}
ENGINES: dict[EngineName, str] = {"sqlite": "SQLite", "postgres": "PostgreSQL"}


async def compare(
    engine_name: EngineName, *, pairs: int, scale: float, told: Callable[[Row], None]
) -> list[Row]:
    """All rows of one engine: ours and theirs in turns, ``pairs`` times each."""
    rows = []
    with databases(engine_name) as places:
        for what in ACTS:
            for callers in CALLERS:
                total = max(callers * 4, int(TOTAL[callers] * scale))
                template, there = await _prepared(places, what, total + WARM_UP)
                rows.append(
                    await _pairs(
                        f"{ENGINES[engine_name]}: {what}",
                        callers,
                        pairs,
                        functools.partial(_ours, places, template, there, what, total, callers),
                        functools.partial(_theirs, places, what, total, callers),
                    )
                )
                told(rows[-1])
        rows.append(await _roll_call(places, pairs=pairs))
        told(rows[-1])
    return rows


async def _pairs(
    name: str,
    callers: int,
    pairs: int,
    ours: Callable[[], Awaitable[float]],
    theirs: Callable[[], Awaitable[float]],
) -> Row:
    mine, others = [], []
    for _ in range(pairs):
        mine.append(await ours())
        others.append(await theirs())
    return Row(name=name, callers=callers, ours=tuple(mine), theirs=tuple(others))


async def _prepared(places: Databases, what: str, total: int) -> tuple[str, Neighbourhood]:
    async with places.preparing() as template:
        there = await settle(records=total if what == "award" else 0, points_each=1000)
    return template, there


async def _ours(
    places: Databases, template: str, there: Neighbourhood, what: str, total: int, callers: int
) -> float:
    act = ACTS[what]
    async with places.prepared(template):
        await asyncio.gather(*(act(there, total + number) for number in range(WARM_UP)))
        rate = await per_second(lambda number: act(there, number), total=total, callers=callers)
        assert (await verify()).problems == ()
    return rate


async def _theirs(places: Databases, what: str, total: int, callers: int) -> float:
    hot = what == "award"
    async with places.empty() as place:
        if places.server:
            return await minimal.postgres_per_second(place, total=total, callers=callers, hot=hot)
        return minimal.sqlite_per_second(Path(place), total=total, to_a_commit=callers, hot=hot)


async def _roll_call(places: Databases, *, pairs: int) -> Row:
    """500 records of one occasion confirmed at once, beside 500 minimal transfers in a row."""
    async with places.preparing() as template:
        there = await settle(records=0, roll_calls=2, points_each=10)

    async def ours() -> float:
        async with places.prepared(template):
            await _confirmed(there, 0)
            rate = ROLL_CALL * await per_second(lambda _: _confirmed(there, 1), total=1, callers=1)
            assert (await verify()).problems == ()
        return rate

    async def theirs() -> float:
        return await _theirs(places, "award", ROLL_CALL, 1)

    name = f"{ENGINES[places.engine_name]}: roll-call of {ROLL_CALL}"
    return await _pairs(name, 1, pairs, ours, theirs)


async def _confirmed(there: Neighbourhood, number: int) -> None:
    report = await confirm(actor_id=there.steward_id, record_ids=there.waiting[number], now=NOW)
    assert not report.refused, report.refused[0]
