"""Do the crowds and the pledges add up?  Nothing is written."""

from typing import Any, Final

from points.ledger.checks import Problem
from points.transactions import run
from talentmap.activities.rules import Party, seated

PROBLEMS_MAX: Final = 100

SEATS: Final = """
SELECT a.id, a.seats_taken, COALESCE(SUM(s.party_size), 0) AS seats, a.capacity
FROM activity a LEFT JOIN signup s ON s.activity_id = a.id AND s.state = 'in'
GROUP BY a.id, a.seats_taken, a.capacity
HAVING a.seats_taken <> COALESCE(SUM(s.party_size), 0) OR a.seats_taken > a.capacity
"""
TWICE: Final = """
SELECT activity_id, person_id, COUNT(*) AS times FROM signup
WHERE state IN ('in', 'waiting') GROUP BY activity_id, person_id HAVING COUNT(*) > 1
"""
# What a case holds is what is pledged to it, and a closed one holds nothing.
HELD: Final = """
SELECT a.id, a.state, COALESCE(b.balance, 0) AS held, COALESCE(p.points, 0) AS pledged
FROM activity a
LEFT JOIN account b ON b.kind = 'activity' AND b.owner_id = a.id
LEFT JOIN (SELECT activity_id, SUM(points) AS points FROM pledge WHERE state = 'held'
    GROUP BY activity_id) AS p ON p.activity_id = a.id
WHERE COALESCE(b.balance, 0) <> COALESCE(p.points, 0)
    OR (a.state NOT IN ('gathering', 'confirmed') AND COALESCE(b.balance, 0) <> 0)
"""
SERVED: Final = """
SELECT s.activity_id, s.person_id, a.occasion_id FROM signup s
JOIN activity a ON a.id = s.activity_id
WHERE s.attendance = 'served' AND NOT EXISTS (SELECT 1 FROM service_record r
    WHERE r.occasion_id = a.occasion_id AND r.person_id = s.person_id)
"""


async def verify_activities() -> tuple[Problem, ...]:
    """Every place where an activity says something else than its sign-ups and the books."""
    found = [
        Problem(
            place=f"activity {row['id']}: seats taken",
            expected=f"{row['seats']} of at most {row['capacity']}",
            found=str(row["seats_taken"]),
        )
        for row in await _asked(SEATS)
    ]
    found += [
        Problem(
            place=f"activity {row['activity_id']}, person {row['person_id']}",
            expected="at most one place, in or waiting",
            found=str(row["times"]),
        )
        for row in await _asked(TWICE)
    ]
    found += [
        Problem(
            place=f"account activity:{row['id']} ({row['state']})",
            expected=f"{row['pledged']} points, as pledged",
            found=str(row["held"]),
        )
        for row in await _asked(HELD)
    ]
    found += [
        Problem(
            place=f"activity {row['activity_id']}, person {row['person_id']}",
            expected="a service record",
            found="served by the roll alone",
        )
        for row in await _asked(SERVED)
    ]
    return tuple(found + await _passed_over())


async def _asked(sql: str) -> list[dict[str, Any]]:
    return await run(f"{sql} LIMIT {PROBLEMS_MAX}")


async def _passed_over() -> list[Problem]:
    """Open activities where somebody waits who should have moved up before the start."""
    rows = await run(
        "SELECT a.id AS activity_id, a.minimum, a.capacity, a.seats_taken, s.id, s.party_size "
        "FROM activity a JOIN signup s ON s.activity_id = a.id AND s.state = 'waiting' "
        "WHERE a.state IN ('gathering', 'confirmed') ORDER BY a.id, s.queue_no"
    )
    lines: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        lines.setdefault(row["activity_id"], []).append(row)
    return [
        Problem(
            place=f"activity {activity_id}: waiting list",
            expected=f"sign-ups {', '.join(map(str, fit))} in",
            found="waiting",
        )
        for activity_id, line in lines.items()
        if (fit := _fit(line))
    ]


def _fit(line: list[dict[str, Any]]) -> tuple[int, ...]:
    return seated(
        [Party(signup_id=row["id"], people=row["party_size"]) for row in line],
        taken=line[0]["seats_taken"],
        minimum=line[0]["minimum"],
        capacity=line[0]["capacity"],
    )
