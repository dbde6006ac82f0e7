"""Reckoned once an hour, so that no page adds up the books.

Sums by day are taken from the postings since a mark; the last days are reckoned anew each time, so
that what was committed late is not missed.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from points.community.areas import time_zone_of
from points.transactions import is_postgres, run, use_case

DAYS_ANEW: Final = 3
HALF_HOUR_SECONDS: Final = 1800
# A half hour of UTC lies in one day of every time zone but the few that are a quarter off.
SLOT: Final = {
    "sqlite": "CAST(strftime('%s', p.recorded_at) AS INTEGER) / 1800",
    "postgres": "FLOOR(EXTRACT(EPOCH FROM p.recorded_at) / 1800)::bigint",
}
FLOW: Final = (
    "CASE WHEN s.kind = 'issuer' THEN 'issued' WHEN t.kind = 'issuer' THEN 'taken_back' "
    "WHEN t.kind = 'redeemed' THEN 'redeemed' WHEN s.kind = 'redeemed' THEN 'returned' "
    "WHEN p.kind = 'expire' THEN 'expired' END"
)


@use_case
async def reckon(*, now: datetime) -> int:
    """Reckon every book anew; answers how many sums by day were written."""
    today = now.astimezone(UTC).date()
    first, posting_id = await _marked(today)
    sums = await _sums(posting_id, await _zones())
    kept = {key: points for key, points in sums.items() if key[1] >= first}
    await run("DELETE FROM book_day WHERE day >= {}", first)
    for (book_id, day, flow), points in kept.items():
        await run(
            "INSERT INTO book_day (book_id, day, flow, points) VALUES ({}, {}, {}, {})",
            *(book_id, day, flow, points),
        )
    await _reckon_alive(now)
    return len(kept)


async def _marked(today: date) -> tuple[date, int]:
    """The day to begin with, and the last posting before it; today gets its mark."""
    [newest] = await run("SELECT COALESCE(MAX(id), 0) AS id FROM posting")
    await run(
        "INSERT INTO outlook_mark (day, posting_id) VALUES ({}, {}) ON CONFLICT DO NOTHING",
        today,
        newest["id"],
    )
    rows = await run(
        "SELECT day, posting_id FROM outlook_mark WHERE day <= {} ORDER BY day DESC LIMIT 1",
        today - timedelta(days=DAYS_ANEW),
    )
    if not rows:
        return date.min, 0
    # The mark of a day was set at some hour of it, so only the day after it is whole.
    return rows[0]["day"] + timedelta(days=1), int(rows[0]["posting_id"])


async def _zones() -> dict[int, ZoneInfo]:
    """The time zone in which each book is kept."""
    rows = await run("SELECT id, area_id FROM book ORDER BY id")
    return {int(row["id"]): ZoneInfo(await time_zone_of(row["area_id"])) for row in rows}


async def _sums(posting_id: int, zones: Mapping[int, ZoneInfo]) -> dict[tuple[int, date, str], int]:
    """What went which way after a posting, by book and day, as days go where the book is kept."""
    slot = SLOT["postgres" if is_postgres() else "sqlite"]
    rows = await run(
        f"SELECT p.book_id, {slot} AS slot, {FLOW} AS flow, SUM(x.amount) AS points "
        "FROM posting p JOIN transfer x ON x.posting_id = p.id "
        "JOIN account s ON s.id = x.source_id JOIN account t ON t.id = x.target_id "
        "WHERE p.id > {} AND s.unit = 'points' GROUP BY 1, 2, 3",
        posting_id,
    )
    sums: dict[tuple[int, date, str], int] = {}
    for row in rows:
        moment = datetime.fromtimestamp(int(row["slot"]) * HALF_HOUR_SECONDS, zones[row["book_id"]])
        if row["flow"] is not None:
            key = (int(row["book_id"]), moment.date(), str(row["flow"]))
            sums[key] = sums.get(key, 0) + int(row["points"])
    return sums


async def _reckon_alive(now: datetime) -> None:
    rows = await run(
        "SELECT a.book_id, h.vintage, SUM(h.points) AS points FROM holding h "
        "JOIN account a ON a.id = h.account_id WHERE h.points > 0 GROUP BY a.book_id, h.vintage"
    )
    await run("DELETE FROM book_alive")
    for row in rows:
        await run(
            "INSERT INTO book_alive (book_id, vintage, points, reckoned_at) "
            "VALUES ({}, {}, {}, {})",
            *(row["book_id"], row["vintage"], int(row["points"]), now.astimezone(UTC)),
        )
