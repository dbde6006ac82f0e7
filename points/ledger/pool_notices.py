"""Telling people in time that their share of a pool will expire, as of their own points."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from points.ledger.books import day_in_book
from points.ledger.expiry import A_DAY
from points.ledger.expiry_notices import FIRST_CALL_DAYS, LAST_CALL_DAYS
from points.ledger.rules import last_day
from points.ledger.shares import shares_of
from points.notices.post import notify_each
from points.transactions import run, use_case

PATH = "/pool"


async def notify_pools_expiring(now: datetime) -> int:
    """Tell everybody whose share of a pool expires soon; returns how many vintages were told of."""
    rows = await run(
        "SELECT a.id, a.book_id, h.vintage, h.grace_until FROM holding h "
        "JOIN account a ON a.id = h.account_id "
        "WHERE h.points > 0 AND h.vintage <= {} AND a.kind = 'household' ORDER BY a.id, h.vintage",
        now.astimezone(UTC).date() + A_DAY + timedelta(days=FIRST_CALL_DAYS),
    )
    told = 0
    for row in rows:
        today = await day_in_book(book_id=int(row["book_id"]), now=now)
        left = (last_day(row["vintage"], row["grace_until"]) - today).days
        # Whoever lives by a grace needs no other call than the last one.
        calls = left <= LAST_CALL_DAYS or row["vintage"] >= today
        if 0 <= left <= FIRST_CALL_DAYS and calls:
            told += await _tell(row=row, left=left, now=now)
    return told


@use_case
async def _tell(*, row: Mapping[str, Any], left: int, now: datetime) -> bool:
    account_id, vintage = int(row["id"]), row["vintage"]
    ends_on: date = last_day(vintage, row["grace_until"])
    facts = {
        share.person_id: {"points": share.points, "expires_on": ends_on}
        for share in await shares_of(account_id)
        if share.vintage == vintage
    }
    days = LAST_CALL_DAYS if left <= LAST_CALL_DAYS else FIRST_CALL_DAYS
    await notify_each(
        facts=facts,
        kind="points_expiring",
        path=PATH,
        now=now,
        dedup=f"pool:{account_id}:{ends_on}:{days}",
    )
    return bool(facts)
