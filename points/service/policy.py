"""The points policy of a book: versions from a first of a month on, each with its adoption."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from points.community.grants import require
from points.community.rules import clean_text
from points.ledger.books import day_in_book
from points.service.errors import (
    AdoptionInvalid,
    NoBookHere,
    PolicyInThePast,
    PolicyMissing,
    PolicyNotCarried,
    PolicyNotFirstOfMonth,
    PolicyOutOfOrder,
)
from points.service.rules import (
    Caps,
    Period,
    Terms,
    check_terms,
    first_day,
    terms_from_json,
    terms_to_json,
)
from points.transactions import is_postgres, run, use_case

BODY_CHARS_MAX = 120
VOTES_MAX = 1_000_000


@dataclass(frozen=True, slots=True)
class PolicyView:
    """One version of a policy and how it was adopted."""

    id: int
    book_id: int
    number: int
    effective_from: date
    terms: Terms
    adopted_on: date
    adopted_by_body: str
    votes_for: int
    votes_against: int
    votes_abstained: int


@dataclass(frozen=True, slots=True)
class Policies:
    """All versions of one book, first to last."""

    versions: Sequence[PolicyView]

    def at(self, day: date) -> PolicyView:
        """The version in force on ``day``; the first also rules all days before it."""
        in_force = [view for view in self.versions if view.effective_from <= day]
        return in_force[-1] if in_force else self.versions[0]

    def cap_of(self, period: Period, start: date) -> int:
        """What a period starting on ``start`` may hold, by the version of that very day."""
        return self.at(start).terms.cap_exact(period)

    def caps(self, day: date) -> Caps:
        """The caps of the periods around ``day``."""
        return Caps(
            day=self.cap_of("day", day),
            month=self.cap_of("month", first_day("month", day)),
            year=self.cap_of("year", first_day("year", day)),
        )


@use_case
async def adopt_policy(
    *,
    actor_id: int | None,
    book_id: int,
    effective_from: date,
    terms: Terms,
    adopted_on: date,
    adopted_by_body: str,
    votes_for: int,
    votes_against: int,
    votes_abstained: int,
    now: datetime,
) -> int:
    """Record a policy that the committee adopted; only the first may be recorded by nobody.

    A later version starts after today and after every other, so that no day on which anybody
    could have been awarded points ever changes its rules.
    """
    area_id = await _locked_book(book_id)
    today = await day_in_book(book_id=book_id, now=now)
    versions = await _versions(book_id)
    if actor_id is not None or versions:
        await require(person_id=actor_id or 0, roles=("steward",), area_id=area_id, today=today)
    check_terms(terms)
    body = clean_text(adopted_by_body)
    _check_adoption(body, adopted_on, today, votes=(votes_for, votes_against, votes_abstained))
    _check_start(effective_from, versions, today)
    [row] = await run(
        "INSERT INTO policy_version (book_id, number, effective_from, terms, adopted_on, "
        "adopted_by_body, votes_for, votes_against, votes_abstained, recorded_by, recorded_at) "
        "VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}) RETURNING id",
        *(book_id, len(versions) + 1, effective_from, terms_to_json(terms), adopted_on, body),
        *(votes_for, votes_against, votes_abstained, actor_id, now.astimezone(UTC)),
    )
    return int(row["id"])


def _check_adoption(
    body: str, adopted_on: date, today: date, *, votes: tuple[int, int, int]
) -> None:
    if not 0 < len(body) <= BODY_CHARS_MAX or adopted_on > today:
        raise AdoptionInvalid(field="adopted_by_body")
    for_it, against, abstained = votes
    # More than anybody could count would not fit the column either.
    if not 0 <= against < for_it <= VOTES_MAX or not 0 <= abstained <= VOTES_MAX:
        raise PolicyNotCarried(field="votes_for", votes_for=for_it, votes_against=against)


def _check_start(effective_from: date, versions: Sequence[PolicyView], today: date) -> None:
    if effective_from.day != 1:
        raise PolicyNotFirstOfMonth(field="effective_from")
    if not versions:
        return
    last = versions[-1]
    if effective_from <= last.effective_from:
        raise PolicyOutOfOrder(
            field="effective_from",
            number=last.number,
            effective_from=last.effective_from.isoformat(),
        )
    if effective_from <= today:
        raise PolicyInThePast(field="effective_from")


async def policies_of(book_id: int) -> Policies:
    """All versions of a book's policy; refuses where there is none yet."""
    versions = await _versions(book_id)
    if not versions:
        raise PolicyMissing()
    return Policies(versions=versions)


async def policy_at(book_id: int, day: date) -> PolicyView:
    """The version in force on ``day``."""
    return (await policies_of(book_id)).at(day)


async def _locked_book(book_id: int) -> int:
    """Lock the book, so that two versions are never numbered at once; its area."""
    rows = await run(
        "SELECT area_id FROM book WHERE id = {}" + (" FOR NO KEY UPDATE" if is_postgres() else ""),
        book_id,
    )
    if not rows:
        raise NoBookHere()
    return int(rows[0]["area_id"])


async def _versions(book_id: int) -> list[PolicyView]:
    rows = await run("SELECT * FROM policy_version WHERE book_id = {} ORDER BY number", book_id)
    return [_view(row) for row in rows]


def _view(row: dict[str, Any]) -> PolicyView:
    return PolicyView(
        id=row["id"],
        book_id=row["book_id"],
        number=row["number"],
        effective_from=row["effective_from"],
        terms=terms_from_json(row["terms"]),
        adopted_on=row["adopted_on"],
        adopted_by_body=row["adopted_by_body"],
        votes_for=row["votes_for"],
        votes_against=row["votes_against"],
        votes_abstained=row["votes_abstained"],
    )
