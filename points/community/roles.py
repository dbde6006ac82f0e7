"""The roles a neighbourhood gives, and who has a say in giving them.  Pure."""

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, get_args

Role = Literal["volunteer", "stairwell_leader", "organizer", "committee_member", "steward"]
GrantState = Literal["proposed", "upcoming", "active", "ended", "revoked"]

ROLES: Final[tuple[Role, ...]] = get_args(Role)
STAFF: Final[tuple[Role, ...]] = tuple(role for role in ROLES if role != "volunteer")
STEWARD: Final[tuple[Role, ...]] = ("steward",)
# Who may enter a new resident, and speak for one who has no phone.
ENROLLERS: Final[tuple[Role, ...]] = ("stairwell_leader", "organizer", "steward")
# Who may ask for a password reset, and who may agree to a role.
SECONDS: Final[tuple[Role, ...]] = ("committee_member", "steward")


@dataclass(frozen=True, slots=True)
class Grant:
    """A role of a person in an area for a term, both days included."""

    id: int
    person_id: int
    role: Role
    area_id: int
    starts_on: date
    ends_on: date | None
    state: GrantState


def grant_state(
    *, starts_on: date, ends_on: date | None, approved: bool, revoked: bool, today: date
) -> GrantState:
    """Where a grant stands on a day."""
    if revoked:
        return "revoked"
    if ends_on is not None and ends_on < today:
        return "ended"
    if not approved:
        return "proposed"
    return "upcoming" if today < starts_on else "active"


def needs_second(role: Role) -> bool:
    """Whether one person alone may not give this role."""
    return role in STAFF


def proposers(role: Role) -> tuple[Role, ...]:
    """Who may propose this role for somebody else."""
    return STEWARD if role in STAFF else ENROLLERS


def may_second(*, actor_id: int, proposed_by: int | None, person_id: int) -> bool:
    """Whether the actor is a second person: neither the proposer nor the one it is for.

    Roles do not matter here: somebody who holds two is still one person.
    """
    return actor_id not in (proposed_by, person_id)


def terms_overlap(
    one: tuple[date, date | None],
    other: tuple[date, date | None],
) -> bool:
    """Whether two terms share a day (no end is no end)."""
    return (other[1] is None or one[0] <= other[1]) and (one[1] is None or other[0] <= one[1])
