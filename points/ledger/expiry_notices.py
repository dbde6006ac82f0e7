"""Telling people in time that points will expire: 60 days before, and once more 7 days before."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from points.ledger.books import day_in_book
from points.ledger.expiry import A_DAY, PATH
from points.ledger.rules import vintage_of
from points.notices.post import notify_each
from points.transactions import run, use_case

FIRST_CALL_DAYS: Final = 60
LAST_CALL_DAYS: Final = 7
PEOPLE_PER_STEP: Final = 200


@dataclass(frozen=True, slots=True)
class _Call:
    """Everybody of a book whose points go on one day is told once, under one key."""

    book_id: int
    today: date
    ends_on: date

    @property
    def is_last(self) -> bool:
        """Whether it is the last call; who has grace needs no other."""
        return self.ends_on - self.today <= timedelta(days=LAST_CALL_DAYS)

    @property
    def key(self) -> str:
        """What nobody is told twice under."""
        days = LAST_CALL_DAYS if self.is_last else FIRST_CALL_DAYS
        return f"expiring:{self.book_id}:{self.ends_on}:{days}"


async def notify_expiring(now: datetime) -> int:
    """Tell everybody whose points expire soon; returns how many people."""
    rows = await run(
        "SELECT DISTINCT a.book_id FROM holding h JOIN account a ON a.id = h.account_id "
        "WHERE h.points > 0 AND h.vintage <= {} AND a.kind = 'member' ORDER BY a.book_id",
        now.astimezone(UTC).date() + A_DAY + timedelta(days=FIRST_CALL_DAYS),
    )
    people = 0
    for row in rows:
        book_id = int(row["book_id"])
        today = await day_in_book(book_id=book_id, now=now)
        for ends_on in _days(today):
            people += await _tell_all(_Call(book_id, today, ends_on), now)
    return people


def _days(today: date) -> Iterator[date]:
    """The days on which points can go: the ends of months, and soon any day, where a grace ends."""
    window = (today + timedelta(days=days) for days in range(FIRST_CALL_DAYS + 1))
    for day in window:
        if day == vintage_of(day) or day - today <= timedelta(days=LAST_CALL_DAYS):
            yield day


async def _tell_all(call: _Call, now: datetime) -> int:
    people, last = 0, 0
    while True:
        told = await _tell_some(call=call, after_id=last, now=now)
        if not told:
            return people
        people, last = people + len(told), told[-1]


@use_case
async def _tell_some(*, call: _Call, after_id: int, now: datetime) -> list[int]:
    """Tell the next 200 people who were not told yet; returns their numbers."""
    rows = await run(
        "SELECT a.person_id, SUM(h.points) AS points FROM holding h "
        "JOIN account a ON a.id = h.account_id "
        "WHERE h.points > 0 AND (h.vintage = {} OR h.vintage < {} AND h.grace_until = {}) "
        "AND a.kind = 'member' AND a.book_id = {} AND a.person_id > {} "
        "AND NOT EXISTS (SELECT 1 FROM notice n "
        "WHERE n.dedup_key = CAST({} AS VARCHAR) || a.person_id) "
        "GROUP BY a.person_id ORDER BY a.person_id LIMIT {}",
        call.ends_on,
        call.today,
        call.ends_on if call.is_last else None,
        call.book_id,
        after_id,
        f"{call.key}:",
        PEOPLE_PER_STEP,
    )
    facts = {
        int(row["person_id"]): {"points": int(row["points"]), "expires_on": call.ends_on}
        for row in rows
    }
    await notify_each(facts=facts, kind="points_expiring", path=PATH, now=now, dedup=call.key)
    return list(facts)
