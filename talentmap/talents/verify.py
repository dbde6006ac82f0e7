"""Do the counts and copies agree with the profiles, and is everybody hidden enough?"""

from typing import Any, Final

from points.ledger.checks import Problem
from points.transactions import run
from talentmap.talents.rules import LISTED_LEAST

PROBLEMS_MAX: Final = 100

# Both ways round: what is counted but not so, and what is so but not counted.
_SHOWN: Final = """
SELECT s.audience_id, x.ancestor_id AS area_id, s.skill_code, COUNT(*) AS people_within,
    SUM(CASE WHEN x.depth = 0 THEN 1 ELSE 0 END) AS people_here
FROM (SELECT audience_id, published_area_id, '' AS skill_code FROM talent_profile
    WHERE published_area_id IS NOT NULL
    UNION ALL SELECT audience_id, published_area_id, skill_code FROM talent_skill
    WHERE published_area_id IS NOT NULL) AS s
JOIN area_ancestor x ON x.area_id = s.published_area_id
GROUP BY s.audience_id, x.ancestor_id, s.skill_code
"""
_COUNTED: Final = (
    "SELECT audience_id, area_id, skill_code, people_within, people_here FROM talent_count"
)
_DIFFERENCE: Final = "SELECT * FROM ({one}) AS one EXCEPT SELECT * FROM ({other}) AS other"
COPIES: Final = """
SELECT s.person_id, s.skill_code, s.published_area_id AS found,
    p.published_area_id AS expected
FROM talent_skill s JOIN talent_profile p ON p.person_id = s.person_id
WHERE COALESCE(s.audience_id, -1) <> COALESCE(p.audience_id, -1)
    OR COALESCE(s.published_area_id, -1) <> COALESCE(p.published_area_id, -1)
    OR COALESCE(s.lat, 99) <> COALESCE(p.lat, 99) OR COALESCE(s.lon, 999) <> COALESCE(p.lon, 999)
"""
UNHIDDEN: Final = """
SELECT audience_id, published_area_id, COUNT(*) AS people FROM talent_profile
WHERE published_area_id IS NOT NULL GROUP BY audience_id, published_area_id HAVING COUNT(*) < {}
"""
UNASKED: Final = """
SELECT p.person_id FROM talent_profile p JOIN person m ON m.id = p.person_id
WHERE p.group_id IS NOT NULL AND (m.closed_at IS NOT NULL OR NOT EXISTS (
    SELECT 1 FROM consent c WHERE c.person_id = p.person_id AND c.purpose = 'talent_map'
    AND c.withdrawn_at IS NULL))
"""


async def verify_talents() -> tuple[Problem, ...]:
    """Every disagreement that could be found, up to a limit for each kind."""
    problems = [
        *await _miscounted(expected=_SHOWN, found=_COUNTED),
        *(
            Problem(
                f"talent {row['person_id']}, skill {row['skill_code']}: shown in area",
                str(row["expected"]),
                str(row["found"]),
            )
            for row in await _some(COPIES)
        ),
        *(
            Problem(
                f"area {row['published_area_id']}, audience {row['audience_id']}: shown here",
                f"0 or at least {LISTED_LEAST}",
                str(row["people"]),
            )
            for row in await run(UNHIDDEN + f" LIMIT {PROBLEMS_MAX}", LISTED_LEAST)
        ),
        *(
            Problem(f"talent {row['person_id']}: consent", "alive", "none")
            for row in await _some(UNASKED)
        ),
    ]
    return tuple(problems)


async def _miscounted(*, expected: str, found: str) -> list[Problem]:
    """Counts that differ between the two questions."""
    right = await _some(_DIFFERENCE.format(one=expected, other=found))
    wrong = await _some(_DIFFERENCE.format(one=found, other=expected))
    said = {_place(row): _numbers(row) for row in wrong}
    due = {_place(row): _numbers(row) for row in right}
    return [
        Problem(place, due.get(place, "0 within, 0 here"), said.get(place, "0 within, 0 here"))
        for place in sorted(due.keys() | said.keys())
    ]


def _place(row: dict[str, Any]) -> str:
    skill = row["skill_code"] or "any"
    return f"area {row['area_id']}, audience {row['audience_id']}, skill {skill}: people"


def _numbers(row: dict[str, Any]) -> str:
    return f"{int(row['people_within'])} within, {int(row['people_here'])} here"


async def _some(sql: str) -> list[dict[str, Any]]:
    return await run(f"{sql} LIMIT {PROBLEMS_MAX}")
