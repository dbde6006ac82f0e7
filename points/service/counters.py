"""What people earned so far, counted by day, month, year and as a whole.

Four rows are read and written for every record, however much was served before.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from points.service.rules import WHOLE, Counters, first_day
from points.transactions import any_of, rows_of, run

Key = tuple[int, str, date]


# A roll-call asks for the same day again and again.
@lru_cache(maxsize=64)
def _starts(day: date) -> Mapping[str, date]:
    starts = {"day": day, "month": first_day("month", day), "year": first_day("year", day)}
    return MappingProxyType(starts | {"all": WHOLE})


class Counted:
    """The counters of some people around some days of one book, to be changed and kept."""

    def __init__(self, book_id: int, stored: dict[Key, tuple[int, int]]) -> None:
        self.book_id = book_id
        self._stands = stored
        self._changed: set[Key] = set()

    def at(self, person_id: int, day: date) -> Counters:
        """Where one person stands around a day."""
        stands = {
            period: self._stands.get((person_id, period, start), (0, 0))
            for period, start in _starts(day).items()
        }
        return Counters(
            day=stands["day"][0],
            month=stands["month"][0],
            year=stands["year"][0],
            whole=stands["all"][0],
            awarded=stands["all"][1],
        )

    def change(self, person_id: int, day: date, after: Counters) -> None:
        """Put a person's counters around a day where they now stand."""
        if after == self.at(person_id, day):
            return
        exact = {"day": after.day, "month": after.month, "year": after.year, "all": after.whole}
        for period, start in _starts(day).items():
            key = (person_id, period, start)
            self._stands[key] = (exact[period], after.awarded if period == "all" else 0)
            self._changed.add(key)

    async def keep(self) -> None:
        """Store what was changed."""
        if not self._changed:
            return
        stands, values = rows_of(
            ("BIGINT", "BIGINT", "VARCHAR", "DATE", "BIGINT", "BIGINT"),
            [
                (person_id, self.book_id, period, start, *self._stands[person_id, period, start])
                for person_id, period, start in sorted(self._changed)
            ],
        )
        await run(
            "INSERT INTO earning (person_id, book_id, period, starts_on, exact, awarded) "
            f"{stands} ON CONFLICT (person_id, book_id, period, starts_on) "
            "DO UPDATE SET exact = excluded.exact, awarded = excluded.awarded",
            *values,
        )


async def counters_of(book_id: int, served: Sequence[tuple[int, date]]) -> Counted:
    """The counters of (person, day) pairs; call it under the lock of the people's accounts."""
    people = sorted({person_id for person_id, _ in served})
    starts = sorted({start for _, day in served for start in _starts(day).values()})
    of_people, ids = any_of(people)
    of_days, days = any_of(starts)
    rows = await run(
        "SELECT person_id, period, starts_on, exact, awarded FROM earning "
        f"WHERE person_id {of_people} AND book_id = {{}} AND starts_on {of_days}",
        *ids,
        book_id,
        *days,
    )
    stored = {
        (int(row["person_id"]), str(row["period"]), row["starts_on"]): (
            int(row["exact"]),
            int(row["awarded"]),
        )
        for row in rows
    }
    return Counted(book_id, stored)
