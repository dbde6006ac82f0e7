"""Who signed up for an activity.  Names are masked for all but staff and who runs it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from points.community.areas import day_in
from points.community.grants import covers
from points.community.reads import log_reads
from points.community.rules import masked_name, row_number
from points.service.authority import PLANNING_ROLES
from points.transactions import run, use_case, whole
from talentmap.activities.errors import ActivityMissing


@dataclass(frozen=True, slots=True)
class SignupLine:
    """A party in the list, in the order of signing up; a position for those who wait."""

    signup_id: int
    person_id: int | None
    name: str
    party_size: int
    guardian_name: str | None
    state: str
    position: int | None
    attendance: str | None
    signed_up_at: datetime
    is_mine: bool


@use_case
@whole
async def signups(*, actor_id: int, activity_id: int, now: datetime) -> tuple[SignupLine, ...]:
    """Those who are in and those who wait.

    Staff of the area, the proposer and who leads it read names, and it is noted that they did.
    """
    rows = await run(
        "SELECT area_id, proposer_id, talent_id FROM activity WHERE id = {}",
        row_number(activity_id),
    )
    if not rows:
        raise ActivityMissing()
    reads_names = await _reads_names(rows[0], actor_id, now)
    found = await run(
        "SELECT s.*, p.name, g.name AS guardian_name FROM signup s "
        "JOIN person p ON p.id = s.person_id LEFT JOIN person g ON g.id = s.guardian_id "
        "WHERE s.activity_id = {} AND s.state <> 'withdrawn' ORDER BY s.state, s.queue_no",
        activity_id,
    )
    if reads_names:
        read = [row["person_id"] for row in found]
        await log_reads(actor_id=actor_id, person_ids=read, what="list", now=now)
    line = [row["id"] for row in found if row["state"] == "waiting"]
    return tuple(_line(row, actor_id, line, reads_names=reads_names) for row in found)


async def _reads_names(row: dict[str, Any], actor_id: int, now: datetime) -> bool:
    if actor_id in (row["proposer_id"], row["talent_id"]):
        return True
    today = await day_in(row["area_id"], now)
    return await covers(
        person_id=actor_id, roles=PLANNING_ROLES, area_id=row["area_id"], today=today
    )


def _line(row: dict[str, Any], actor_id: int, line: list[int], *, reads_names: bool) -> SignupLine:
    is_mine = actor_id in (row["person_id"], row["guardian_id"])
    shown = reads_names or is_mine
    guardian = row["guardian_name"]
    return SignupLine(
        signup_id=row["id"],
        person_id=row["person_id"] if shown else None,
        name=row["name"] if shown else masked_name(row["name"]),
        party_size=row["party_size"],
        guardian_name=guardian if shown else None,
        state=row["state"],
        position=line.index(row["id"]) + 1 if row["id"] in line else None,
        attendance=row["attendance"] if shown else None,
        signed_up_at=row["signed_up_at"],
        is_mine=is_mine,
    )
