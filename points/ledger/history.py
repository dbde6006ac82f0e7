"""How an account stood at any moment.

The order of an account is that of its own entries, never that of two machines' clocks: a moment is
turned into a sequence by probing the index, twenty probes for a million entries, in one statement.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from points.ledger.statement import NEWEST, Unit, account_of
from points.transactions import run


@dataclass(frozen=True, slots=True)
class Cut:
    """The last entry up to a moment and the balance after it; zeros before the first."""

    sequence: int
    balance: int


@dataclass(frozen=True, slots=True)
class Span:
    """The entries of some days: those after one sequence and before another.

    A balance is None on the side where no day was named.
    """

    after: int
    before: int
    opening: int | None
    closing: int | None


NOTHING_YET: Final = Cut(0, 0)
NO_SPAN: Final = Span(0, NEWEST, None, None)

# Days beyond these cannot be told apart from "always".
DAYS: Final = (date(1900, 1, 1), date(2200, 1, 1))


def _entry(column: str, sequence: str) -> str:
    """A column of the entry with that sequence in the account asked for; NULL if there is none."""
    sides = (
        f"(SELECT {column.format(side=side)} FROM transfer t JOIN posting p ON p.id = t.posting_id "
        f"WHERE t.{side}_id = c.account_id AND t.{side}_sequence = {sequence})"
        for side in ("source", "target")
    )
    return f"COALESCE({', '.join(sides)})"


# From entry 0 upwards, by steps half as long each time, as far as the moment allows.
_CUT: Final = (
    "WITH RECURSIVE cut (account_id, sequence, step) AS ("
    "SELECT id, CAST(0 AS BIGINT), CAST({} AS BIGINT) FROM account WHERE id = {} "
    "UNION ALL SELECT c.account_id, c.sequence + "
    f"CASE WHEN {_entry('p.recorded_at', 'c.sequence + c.step')} <= {{}} THEN c.step ELSE 0 END, "
    "c.step / 2 FROM cut c WHERE c.step > 0) "
    f"SELECT c.sequence, {_entry('t.{side}_balance', 'c.sequence')} AS balance "
    "FROM cut c WHERE c.step = 0"
)


async def span_of(
    *,
    book_id: int,
    person_id: int,
    unit: Unit,
    since: date | None,
    until: date | None,
    time_zone: str,
) -> Span:
    """What was entered from one day to another, both included, in a time zone."""
    first = _named(since)
    last = _named(until)
    opening = closing = None
    if first is not None:
        moment = _midnight(first, time_zone) - timedelta(microseconds=1)
        opening = await cut_at(book_id=book_id, person_id=person_id, unit=unit, moment=moment)
    if last is not None:
        moment = _midnight(last + timedelta(days=1), time_zone) - timedelta(microseconds=1)
        closing = await cut_at(book_id=book_id, person_id=person_id, unit=unit, moment=moment)
    return Span(
        after=opening.sequence if opening else 0,
        before=closing.sequence + 1 if closing else NEWEST,
        opening=opening.balance if opening else None,
        closing=closing.balance if closing else None,
    )


def _named(day: date | None) -> date | None:
    return day if day is not None and DAYS[0] <= day <= DAYS[1] else None


def _midnight(day: date, time_zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(time_zone)).astimezone(UTC)


async def cut_at(*, book_id: int, person_id: int, unit: Unit, moment: datetime) -> Cut:
    """Where a person's points, minutes or debt stood when everything up to ``moment`` was entered.

    ``moment`` is compared with the time of entry, not with the day of the service.
    """
    account_id = await account_of(book_id=book_id, person_id=person_id, unit=unit)
    if account_id is None:
        return NOTHING_YET
    [row] = await run("SELECT sequence FROM account WHERE id = {}", account_id)
    # The highest power of two that is not beyond the last entry.
    first_step = 1 << int(row["sequence"]).bit_length() >> 1
    [found] = await run(_CUT, first_step, account_id, moment.astimezone(UTC))
    return Cut(int(found["sequence"]), int(found["balance"] or 0))
