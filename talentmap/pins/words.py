"""Words for new names: written soon after the name, the newest names first."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal

from points.transactions import is_postgres, run, use_case
from talentmap.pins.word_rules import words_of

BATCH: Final = 200
ROWS_AT_ONCE: Final = 500
# A city's import leaves some twenty thousand names; no run of the job is to take minutes.
BATCHES_A_RUN: Final = 120
Kind = Literal["area", "activity"]


async def fill_words(now: datetime) -> int:
    """Give every waiting name its words; how many got some.  The job's work."""
    filled = 0
    for _ in range(BATCHES_A_RUN):
        done = await fill_some(most=BATCH)
        filled += done
        if done < BATCH:
            break
    return filled


async def catch_up(*, most: int) -> None:
    """Before a search: words for the newest names, so that what was just made is found."""
    if await run("SELECT id FROM word_waiting LIMIT 1"):
        await fill_some(most=most)


@use_case
async def fill_some(*, most: int) -> int:
    """Words for so many waiting names, the newest first."""
    lock = " FOR UPDATE OF w SKIP LOCKED" if is_postgres() else ""
    rows = await run(
        "SELECT w.id, w.area_id, w.activity_id, a.name, e.title, e.state FROM word_waiting w "
        "LEFT JOIN area a ON a.id = w.area_id LEFT JOIN activity e ON e.id = w.activity_id "
        f"ORDER BY w.id DESC LIMIT {int(most)}{lock}"
    )
    if not rows:
        return 0
    open_ones = [row for row in rows if row["state"] in ("gathering", "confirmed")]
    await _write("area", {row["area_id"]: row["name"] for row in rows if row["area_id"]})
    await _write("activity", {row["activity_id"]: row["title"] for row in open_ones})
    await run(f"DELETE FROM word_waiting WHERE id IN ({_numbers(rows, 'id')})")
    return len(rows)


async def _write(kind: Kind, names: dict[int, str]) -> None:
    if not names:
        return
    numbers = ", ".join(str(int(number)) for number in names)
    await run(f"DELETE FROM {kind}_word WHERE {kind}_id IN ({numbers})")
    rows = [
        (int(inside), word, number)
        for number, name in names.items()
        for word, inside in words_of(name)
    ]
    for start in range(0, len(rows), ROWS_AT_ONCE):
        part = rows[start : start + ROWS_AT_ONCE]
        marks = ", ".join(f"({inside}, {{}}, {number})" for inside, _, number in part)
        await run(
            f"INSERT INTO {kind}_word (inside, word, {kind}_id) VALUES {marks} "
            "ON CONFLICT DO NOTHING",
            *(word for _, word, _ in part),
        )


def _numbers(rows: Sequence[dict[str, Any]], name: str) -> str:
    return ", ".join(str(int(row[name])) for row in rows)
