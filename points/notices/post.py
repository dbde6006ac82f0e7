"""Telling people: rows of the outbox, written in the transaction of what they tell of."""

from collections.abc import Collection, Mapping
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
    same = dict.fromkeys(person_ids, facts)
    await notify_each(facts=same, kind=kind, path=path, now=now, dedup=dedup)


@use_case
async def notify_each(
    *,
    facts: Mapping[int, Mapping[str, object]],
    kind: str,
    path: str,
    now: datetime,
    dedup: str | None = None,
) -> None:
    """Like notify, where each person (the keys of ``facts``) is told facts of her own."""
    assert dedup is None or len(dedup) <= DEDUP_LENGTH_MAX, "the dedup key is too long"
    # Always in one order, so that two who tell the same people never wait for each other.
    people = sorted(facts)
    for start in range(0, len(people), PEOPLE_PER_STEP):
        texts = {
            person_id: facts_to_text(kind, facts[person_id])
            for person_id in people[start : start + PEOPLE_PER_STEP]
        }
        await _tell(texts, kind=kind, path=path, now=now, dedup=dedup)


async def _tell(
    texts: Mapping[int, str], *, kind: str, path: str, now: datetime, dedup: str | None
) -> None:
    rows = await run(
        "SELECT p.id, e.confirmed_at FROM person p LEFT JOIN email_address e "
        "ON e.person_id = p.id AND e.confirmed_at IS NOT NULL "
        f"WHERE p.closed_at IS NULL AND p.id IN ({', '.join(['{}'] * len(texts))}) "
        "ORDER BY p.id",
        *texts,
    )
    values: list[object] = []
    for row in rows:
        person_id = int(row["id"])
        values += [person_id, kind, texts[person_id], path]
        values += [f"{dedup}:{person_id}" if dedup else None, now.astimezone(UTC)]
        values += ["due" if row["confirmed_at"] else "none"]
    if rows:
        await run(
            "INSERT INTO notice (person_id, kind, facts, path, dedup_key, created_at, email_state) "
            f"VALUES {', '.join(['({}, {}, {}, {}, {}, {}, {})'] * len(rows))} "
            "ON CONFLICT DO NOTHING",
            *values,
        )
