"""Do the counters and the awards follow from the records?

Person by person, everything is computed again from the records alone: what each is worth by its
policy, every counter, and what the books should have awarded.  Nothing is written.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from points.ledger.checks import Problem
from points.service.categories import category_of
from points.service.policy import Policies, policies_of
from points.service.rules import UNITS_PER_POINT, WHOLE, leads, periods_of, worth
from points.transactions import is_postgres, run, use_case

PEOPLE_PER_STEP = 200
Progress = Callable[[int, int], None]
Owner = tuple[int, int]  # person, book


@dataclass(frozen=True, slots=True)
class _Stored:
    """What is stored of a range of people."""

    records: list[dict[str, Any]]
    earnings: list[dict[str, Any]]
    awarded: dict[Owner, int]


async def verify_earnings(progress: Progress | None = None) -> tuple[Problem, ...]:
    """Every place where counters or awards differ from what the records say."""
    [counted] = await run("SELECT COUNT(*) AS people, COALESCE(MAX(id), 0) AS last FROM person")
    last, after = int(counted["last"]), 0
    policies: dict[int, Policies] = {}
    problems: list[Problem] = []
    while after < last:
        upto = await _step_end(after, last)
        # Somebody may be confirming meanwhile: what looks wrong is looked at again under lock.
        for person_id in sorted(_judge(await _stored(after, upto, policies), policies)):
            problems += await _settled(person_id=person_id, policies=policies)
        after = upto
        if progress is not None:
            progress(after, last)
    return tuple(problems)


async def _step_end(after: int, last: int) -> int:
    rows = await run(
        f"SELECT id FROM person WHERE id > {{}} ORDER BY id LIMIT 1 OFFSET {PEOPLE_PER_STEP - 1}",
        after,
    )
    return int(rows[0]["id"]) if rows else last


@use_case
async def _settled(*, person_id: int, policies: dict[int, Policies]) -> list[Problem]:
    """The problems of one person while nobody can post for her."""
    if is_postgres():
        await run(
            "SELECT id FROM account WHERE person_id = {} ORDER BY id FOR NO KEY UPDATE", person_id
        )
    stored = await _stored(person_id - 1, person_id, policies)
    return _judge(stored, policies).get(person_id, [])


async def _stored(after: int, upto: int, policies: dict[int, Policies]) -> _Stored:
    records = await run(
        "SELECT r.id, r.person_id, r.book_id, r.service_date, r.minutes, r.state, r.exact, "
        "r.source, r.backfilled, r.policy_version_id, o.category, o.leader_id "
        "FROM service_record r JOIN occasion o ON o.id = r.occasion_id "
        "WHERE r.person_id > {} AND r.person_id <= {} AND r.state IN ('confirmed', 'voided') "
        "ORDER BY r.person_id, r.id",
        after,
        upto,
    )
    earnings = await run(
        "SELECT person_id, book_id, period, starts_on, exact, awarded FROM earning "
        "WHERE person_id > {} AND person_id <= {} ORDER BY person_id, book_id, period, starts_on",
        after,
        upto,
    )
    for book_id in {row["book_id"] for row in records} - set(policies):
        policies[book_id] = await policies_of(book_id)
    return _Stored(records=records, earnings=earnings, awarded=await _awarded(after, upto))


async def _awarded(after: int, upto: int) -> dict[Owner, int]:
    """What the books gave for service, less what they took back."""
    rows = await run(
        "SELECT r.person_id, r.book_id, "
        "SUM(CASE WHEN s.kind = 'issuer' THEN t.amount ELSE -t.amount END) AS points "
        "FROM service_record r JOIN posting p ON p.service_record_id = r.id "
        "JOIN transfer t ON t.posting_id = p.id JOIN account s ON s.id = t.source_id "
        "JOIN account g ON g.id = t.target_id WHERE r.person_id > {} AND r.person_id <= {} "
        "AND (s.kind = 'issuer' OR g.kind = 'issuer') GROUP BY r.person_id, r.book_id",
        after,
        upto,
    )
    return {(row["person_id"], row["book_id"]): int(row["points"]) for row in rows}


def _judge(stored: _Stored, policies: dict[int, Policies]) -> dict[int, list[Problem]]:
    """The problems of each person who has any."""
    problems: dict[int, list[Problem]] = {}
    worths: dict[Owner, list[dict[str, Any]]] = {}
    for row in stored.records:
        problems.setdefault(row["person_id"], []).extend(
            _record_problems(row, policies[row["book_id"]])
        )
        if row["state"] == "confirmed":
            worths.setdefault((row["person_id"], row["book_id"]), []).append(row)
    counted: dict[Owner, dict[tuple[str, Any], dict[str, Any]]] = {}
    for row in stored.earnings:
        owner = (row["person_id"], row["book_id"])
        counted.setdefault(owner, {})[row["period"], row["starts_on"]] = row
    for owner in {*worths, *counted, *stored.awarded}:
        problems.setdefault(owner[0], []).extend(
            _owner_problems(
                owner,
                worths.get(owner, []),
                counted.get(owner, {}),
                awarded=stored.awarded.get(owner, 0),
                policies=policies.get(owner[1]),
            )
        )
    return {person_id: found for person_id, found in problems.items() if found}


def _record_problems(row: dict[str, Any], policies: Policies) -> list[Problem]:
    policy = policies.at(row["service_date"])
    category = category_of(row["category"])
    value = worth(
        minutes=row["minutes"],
        terms=policy.terms,
        tier=category.tier if category else "ordinary",
        category=row["category"],
        leads=leads(person_id=row["person_id"], leader_id=row["leader_id"], source=row["source"]),
        backfilled=bool(row["backfilled"]),
    )
    place = f"service record {row['id']} of person {row['person_id']}"
    found = []
    if row["policy_version_id"] != policy.id:
        found.append(
            Problem(
                place=place,
                expected=f"policy version {policy.id}",
                found=f"policy version {row['policy_version_id']}",
            )
        )
    if row["exact"] != value.exact:
        found.append(Problem(place, f"worth {value.exact} of 1/6000 point", f"{row['exact']}"))
    return found


def _owner_problems(
    owner: Owner,
    rows: list[dict[str, Any]],
    counted: dict[tuple[str, Any], dict[str, Any]],
    *,
    awarded: int,
    policies: Policies | None,
) -> list[Problem]:
    place = f"person {owner[0]} in book {owner[1]}"
    days = [(row["service_date"], row["exact"]) for row in rows]
    expected = periods_of(days, policies.cap_of) if policies else {}
    whole = expected.get(("all", WHOLE), 0) // UNITS_PER_POINT
    found = []
    for key in sorted({*expected, *counted}):
        stored = int(counted[key]["exact"]) if key in counted else 0
        if stored != expected.get(key, 0):
            name = f"{place}: earned in the {key[0]} from {key[1]}"
            found.append(Problem(name, f"{expected.get(key, 0)} of 1/6000 point", f"{stored}"))
    kept = counted.get(("all", WHOLE))
    if (int(kept["awarded"]) if kept else 0) != whole:
        given = f"{kept['awarded'] if kept else 0}"
        found.append(Problem(f"{place}: points counted as awarded", f"{whole}", given))
    if awarded != whole:
        found.append(Problem(f"{place}: points awarded by the books", f"{whole}", f"{awarded}"))
    return found
