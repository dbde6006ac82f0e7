"""Up to where the books certainly say all they will ever say."""

import asyncio
from typing import Final

from points.ledger.sealing.errors import BooksBusy
from points.transactions import is_postgres, run

WAIT_SECONDS: Final = 10
LOOK_EVERY_SECONDS: Final = 0.02
# Whoever inserts takes this lock before it is given a number, and gives it back after its end is
# visible to others.
WRITERS: Final = (
    "SELECT l.virtualtransaction AS writer FROM pg_locks l "
    "JOIN pg_database d ON d.oid = l.database AND d.datname = current_database() "
    "WHERE l.locktype = 'relation' AND l.relation = 'posting'::regclass AND l.granted "
    "AND l.mode = 'RowExclusiveLock' AND l.pid IS DISTINCT FROM pg_backend_pid()"
)


async def certain_until() -> int:
    """The highest posting number such that no posting at or below it can still appear.

    SQLite commits in the order of numbers.  On PostgreSQL numbers commit out of order: whoever got
    a smaller number than the highest that is visible was writing by then.  So all who are writing
    now are waited for, and nobody is kept from writing.
    """
    [last] = await run("SELECT COALESCE(MAX(id), 0) AS id FROM posting")
    if is_postgres():
        await _writers_end()
    return int(last["id"])


async def _writers_end() -> None:
    writing = await _writers()
    for _ in range(int(WAIT_SECONDS / LOOK_EVERY_SECONDS)):
        if not writing:
            return
        await asyncio.sleep(LOOK_EVERY_SECONDS)
        writing &= await _writers()
    if writing:
        raise BooksBusy(seconds=WAIT_SECONDS)


async def _writers() -> set[str]:
    return {str(row["writer"]) for row in await run(WRITERS)}
