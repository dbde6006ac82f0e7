"""Records that somebody wants to decide on: locked, and what keeps her from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from points.community.areas import day_in
from points.community.guardians import guardians_then
from points.community.rules import row_number
from points.errors import Forbidden
from points.service.authority import households_of, roles_over
from points.service.earnings import StoredRecord
from points.service.errors import (
    HouseholdRecord,
    LoggedByYou,
    NotCovering,
    OccasionByYou,
    OwnRecord,
    RecordMissing,
    StewardOnly,
    WardRecord,
)
from points.service.rules import Obstacle, may_confirm
from points.transactions import any_of, is_postgres, run

ERRORS: dict[Obstacle, type[Forbidden]] = {
    "not_covering": NotCovering,
    "own": OwnRecord,
    "household": HouseholdRecord,
    "guardian": WardRecord,
    "logged_by_you": LoggedByYou,
    "created_by_you": OccasionByYou,
    "steward_only": StewardOnly,
}


@dataclass(slots=True)
class Decider:
    """Who wants to decide, and when; what is known of her is asked once for each area."""

    actor_id: int
    now: datetime
    _household: list[int | None] = field(default_factory=list)
    _roles: dict[int, frozenset[str]] = field(default_factory=dict)

    async def roles(self, area_id: int) -> frozenset[str]:
        """Her roles over an area."""
        if area_id not in self._roles:
            today = await day_in(area_id, self.now)
            self._roles[area_id] = await roles_over(
                person_id=self.actor_id, area_id=area_id, today=today
            )
        return self._roles[area_id]

    async def obstacle(self, record: StoredRecord) -> Obstacle | None:
        """What keeps her from deciding on a record."""
        if not self._household:
            found = await households_of([self.actor_id])
            self._household.append(found.get(self.actor_id))
        return may_confirm(
            record.case,
            actor_id=self.actor_id,
            household_id=self._household[0],
            roles=await self.roles(record.area_id),
        )


async def locked_record(record_id: int) -> StoredRecord:
    """The record, locked until the transaction ends."""
    found = await locked_records([row_number(record_id)])
    if not found:
        raise RecordMissing()
    return found[record_id]


async def locked_records(record_ids: Sequence[int]) -> Mapping[int, StoredRecord]:
    """Those of the records that there are, locked by ascending id."""
    lock = " FOR UPDATE OF r" if is_postgres() else ""
    among, ids = any_of(record_ids)
    rows = await run(
        "SELECT r.id, r.person_id, p.name AS person_name, p.household_id, r.book_id, "
        "r.occasion_id, o.area_id, o.title, o.category, o.leader_id, o.created_by, r.started_at, "
        "r.service_date, r.minutes, r.source, r.backfilled, r.needs_steward, r.logged_by, "
        "r.state, r.exact, r.policy_version_id FROM service_record r "
        "JOIN occasion o ON o.id = r.occasion_id JOIN person p ON p.id = r.person_id "
        f"WHERE r.id {among} ORDER BY r.id{lock}",
        *ids,
    )
    served: list[tuple[int, date]] = [(row["person_id"], row["service_date"]) for row in rows]
    guardians = await guardians_then(served)
    return {
        row["id"]: StoredRecord(**row, guardians=guardians[row["person_id"], row["service_date"]])
        for row in rows
    }
