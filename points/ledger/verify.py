"""``linli books verify``: does everything in the books agree with everything else?"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from points.ledger.checks import CHECKS, Check, Problem
from points.ledger.guards import broken_guards
from points.ledger.pool_checks import POOL_CHECKS
from points.ledger.rules import GRACE_DAYS
from points.transactions import engine, run

# Small enough to leave room for those who write meanwhile, large enough not to be slow.
IDS_PER_STEP: Final = {
    "account": 2_000,
    "posting": 20_000,
    "service_record": 20_000,
    "pool_decision": 20_000,
}
# Whoever damages more than this in one range learns about the rest after repairing it.
PROBLEMS_PER_STEP: Final = 100
# A grace begins on a day of the area, which is that of UTC or the next one.
GRACE_DAYS_IN_UTC: Final = GRACE_DAYS + 1
DAYS: Final = {
    "sqlite": {
        "{day}": "date(p.happened_at)",
        "{grace_ends}": f"date(p.happened_at, '+{GRACE_DAYS_IN_UTC} days')",
    },
    "postgres": {
        "{day}": "(p.happened_at AT TIME ZONE 'UTC')::date",
        "{grace_ends}": f"((p.happened_at AT TIME ZONE 'UTC')::date + {GRACE_DAYS_IN_UTC})",
    },
}

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What was looked at, and every place where something does not hold."""

    postings: int
    transfers: int
    problems: tuple[Problem, ...]


async def verify(progress: Progress | None = None) -> VerifyReport:
    """Check all books; ``progress`` hears how many steps of how many are done."""
    steps = [step for check in (*CHECKS, *POOL_CHECKS) for step in await _steps(check)]
    problems: list[Problem] = []
    for done, (check, low, high) in enumerate(steps, 1):
        problems += await _asked(check, low=low, high=high)
        if progress is not None:
            progress(done, len(steps) + 1)
    problems += await broken_guards()
    if progress is not None:
        progress(len(steps) + 1, len(steps) + 1)
    [counted] = await run(
        "SELECT (SELECT COUNT(*) FROM posting) AS postings, "
        "(SELECT COUNT(*) FROM transfer) AS transfers"
    )
    return VerifyReport(
        postings=int(counted["postings"]),
        transfers=int(counted["transfers"]),
        problems=tuple(dict.fromkeys(problems)),
    )


async def _steps(check: Check) -> list[tuple[Check, int, int]]:
    [last] = await run(f"SELECT COALESCE(MAX(id), 0) AS id FROM {check.table}")
    return [(check, low, high) for low, high in _ranges(int(last["id"]), check.table)]


def _ranges(last: int, table: str) -> Iterator[tuple[int, int]]:
    width = IDS_PER_STEP[table]
    for low in range(1, last + 1, width):
        yield low, low + width


async def _asked(check: Check, *, low: int, high: int) -> list[Problem]:
    # The numbers are ours, so they stand in the text: a plan can be made for the very range.
    sql = check.sql.replace("{low}", str(low)).replace("{high}", str(high))
    for name, day in DAYS[engine().engine_type].items():
        sql = sql.replace(name, day)
    rows = await run(f"{sql} LIMIT {PROBLEMS_PER_STEP}")
    return [check.problem(row) for row in rows]
