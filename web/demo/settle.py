"""Founding: areas, residents, books, policies and roles of the demo neighbourhood."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from points.community.areas import create_area
from points.community.grants import approve_role, found_stewards, propose_role
from points.community.guardians import add_guardian
from points.community.people import enrol
from points.community.rules import is_minor
from points.ledger.books import open_book
from points.service.policy import adopt_policy
from points.service.rules import Terms
from web.demo.ground import lay_out
from web.demo.people import (
    COMMITTEES,
    SUBDISTRICT,
    TIME_ZONE,
    Committee,
    Resident,
    households,
)

SEED = 2026
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A resident who now has a number."""

    id: int
    resident: Resident
    stairwell_id: int
    household: str

    def is_adult(self, today: date) -> bool:
        """Whether she may hold a role."""
        return not is_minor(self.resident.birth_date, today)


@dataclass(slots=True)
class Settled:
    """A committee area with its residents, book and people in roles."""

    committee: Committee
    area_id: int
    book_id: int = 0
    neighbours: list[Neighbour] = field(default_factory=list)
    stewards: list[Neighbour] = field(default_factory=list)
    organizers: list[Neighbour] = field(default_factory=list)
    leaders: list[Neighbour] = field(default_factory=list)
    members: list[Neighbour] = field(default_factory=list)


async def settle(*, now: datetime, today: date, tell: Progress) -> list[Settled]:
    """Found 新虹街道 with three committees and everybody who lives there."""
    root = await create_area(
        parent_id=None, level="subdistrict", name=SUBDISTRICT, time_zone=TIME_ZONE, now=now
    )
    settled = []
    stairwell = 0
    for committee in COMMITTEES:
        tell(committee.name)
        area_id = await _area(root, "committee", committee.name, now)
        place = Settled(committee=committee, area_id=area_id)
        for stairwell_id in await _stairwells(place, now):
            await _move_in(place, stairwell_id, stairwell, now, today)
            stairwell += 1
        place.book_id = await open_book(area_id=area_id, now=now)
        await _adopt(place, now, today)
        await _appoint(place, now, today)
        settled.append(place)
    await lay_out(subdistrict_id=root, now=now)
    return settled


async def _area(parent_id: int, level: str, name: str, now: datetime) -> int:
    return await create_area(parent_id=parent_id, level=level, name=name, time_zone=None, now=now)


async def _stairwells(place: Settled, now: datetime) -> list[int]:
    found = []
    for estate in place.committee.estates:
        estate_id = await _area(place.area_id, "estate", estate.name, now)
        for building in range(1, estate.buildings + 1):
            building_id = await _area(estate_id, "building", f"{building}号楼", now)
            found += [
                await _area(building_id, "stairwell", f"{number}单元", now)
                for number in range(1, estate.stairwells + 1)
            ]
    return found


async def _move_in(
    place: Settled, stairwell_id: int, stairwell: int, now: datetime, today: date
) -> None:
    for number, household in enumerate(households(seed=SEED, stairwell=stairwell, today=today)):
        first: Neighbour | None = None
        for resident in household:
            neighbour = await _enrol(resident, stairwell_id, f"{stairwell_id}/{number}", now, today)
            place.neighbours.append(neighbour)
            if first is not None and not neighbour.is_adult(today):
                await add_guardian(
                    actor_id=None, child_id=neighbour.id, guardian_id=first.id, now=now
                )
            first = first or neighbour


async def _enrol(
    resident: Resident, stairwell_id: int, household: str, now: datetime, today: date
) -> Neighbour:
    person_id = await enrol(
        name=resident.name,
        area_id=stairwell_id,
        now=now,
        actor_id=None,
        phone=resident.phone,
        card_no=resident.card_no,
        birth_date=resident.birth_date,
        household_door=resident.door,
        elder_mode=today.year - resident.birth_date.year >= 70,
    )
    return Neighbour(person_id, resident, stairwell_id, household)


async def _adopt(place: Settled, now: datetime, today: date) -> None:
    await adopt_policy(
        actor_id=None,
        book_id=place.book_id,
        effective_from=today.replace(day=1),
        terms=Terms(),
        adopted_on=today,
        adopted_by_body=f"{place.committee.name}居民代表会议",
        votes_for=31,
        votes_against=2,
        votes_abstained=4,
        now=now,
    )


async def _appoint(place: Settled, now: datetime, today: date) -> None:
    """Two founding stewards, then every other role by two people; one household, one role."""
    one_each = {n.household: n for n in reversed(place.neighbours) if n.is_adult(today)}
    with_phone = [n for n in reversed(one_each.values()) if n.resident.phone]
    place.stewards, rest = with_phone[:2], with_phone[2:]
    await found_stewards(
        area_id=place.area_id,
        person_ids=(place.stewards[0].id, place.stewards[1].id),
        now=now,
        today=today,
    )
    place.organizers, rest = rest[:2], rest[2:]
    place.members, rest = rest[:5], rest[5:]
    by_stairwell = {neighbour.stairwell_id: neighbour for neighbour in reversed(rest)}
    place.leaders = list(reversed(by_stairwell.values()))
    for role, holders in (
        ("organizer", place.organizers),
        ("committee_member", place.members),
        ("stairwell_leader", place.leaders),
    ):
        for holder in holders:
            area_id = holder.stairwell_id if role == "stairwell_leader" else place.area_id
            await _grant(place, holder, role, area_id, now, today)


async def _grant(
    place: Settled, holder: Neighbour, role: str, area_id: int, now: datetime, today: date
) -> None:
    proposer, approver = place.stewards
    grant_id = await propose_role(
        actor_id=proposer.id,
        person_id=holder.id,
        role=role,
        area_id=area_id,
        starts_on=today,
        ends_on=None,
        now=now,
    )
    await approve_role(actor_id=approver.id, grant_id=grant_id, now=now, today=today)
