"""Telling people: rows of the outbox, written in the transaction of what they tell of."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from points.notices.kinds import facts_to_text
from points.transactions import run, use_case

# Two statements tell this many people, however many are told in all.
PEOPLE_PER_STEP: Final = 500
# A key with the number of a person behind it still fits its column.
DEDUP_LENGTH_MAX: Final = 96


@use_case
async def notify(
    *,
    person_ids: Collection[int],
    kind: str,
    facts: Mapping[str, object],
    path: str,
    now: datetime,
    dedup: str | None = None,
) -> None:
    """Tell these people (kinds.py says what facts it takes), inside the caller's transaction.

    With ``dedup`` each of them is told at most once under that key, whoever repeats it; choose a
    key of this very event (``activity:7:confirmed:2``).  Closed accounts are left in peace.
    ``path`` is the page where one can act on it.
    """
    text = facts_to_text(kind, facts)
    assert dedup is None or len(dedup) <= DEDUP_LENGTH_MAX, "the dedup key is too long"
    # Always in one order, so that two who tell the same people never wait for each other.
    people = sorted(set(person_ids))
    for start in range(0, len(people), PEOPLE_PER_STEP):
        chunk = people[start : start + PEOPLE_PER_STEP]
        await _tell(chunk, kind=kind, text=text, path=path, now=now, dedup=dedup)


async def _tell(
    person_ids: Sequence[int], *, kind: str, text: str, path: str, now: datetime, dedup: str | None
) -> None:
    rows = await run(
        "SELECT p.id, e.confirmed_at FROM person p LEFT JOIN email_address e "
        "ON e.person_id = p.id AND e.confirmed_at IS NOT NULL "
        f"WHERE p.closed_at IS NULL AND p.id IN ({', '.join(['{}'] * len(person_ids))}) "
        "ORDER BY p.id",
        *person_ids,
    )
    values: list[object] = []
    for row in rows:
        person_id = int(row["id"])
        values += [person_id, kind, text, path]
        values += [f"{dedup}:{person_id}" if dedup else None, now.astimezone(UTC)]
        values += ["due" if row["confirmed_at"] else "none"]
    if rows:
        await run(
            "INSERT INTO notice (person_id, kind, facts, path, dedup_key, created_at, email_state) "
            f"VALUES {', '.join(['({}, {}, {}, {}, {}, {}, {})'] * len(rows))} "
            "ON CONFLICT DO NOTHING",
            *values,
        )
