"""What a line of the access matrix says, and the roles that try each route.

``Entry(may, form)``: whoever is among ``may`` gets in (a page, or a form that is judged on its own
merits); whoever is not signed in is led to the sign-in; everybody else is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

ROLES: Mapping[str, str] = {
    "resident": "he_min",
    "volunteer": "jin_xiuzhen",
    "stairwell_leader": "lu_xiuying",
    "organizer": "wang_fang",
    "committee_member": "zhou_jianguo",
    "steward": "chen_jing",
    "steward_elsewhere": "xu_jing",
}
HOLDERS = frozenset(ROLES)
ALL = HOLDERS | {"anonymous"}
HERE = frozenset({"stairwell_leader", "organizer", "committee_member", "steward"})
ENROLLERS = frozenset({"stairwell_leader", "organizer", "steward"})
SECONDS = frozenset({"committee_member", "steward"})
STEWARD = frozenset({"steward"})
ELSEWHERE = frozenset({"steward_elsewhere"})
LEADER = frozenset({"stairwell_leader"})
MEMBER = frozenset({"committee_member"})
PLANNERS = frozenset({"organizer", "steward"})
GUARDIAN = frozenset({"resident"})
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Entry:
    """Who may, and what the form says."""

    may: frozenset[str]
    form: Mapping[str, object] = field(default_factory=dict)
    query: str = ""
    ends_session: bool = False


def filled(said: object, numbers: Mapping[str, object]) -> object:
    """A JSON body with what its ``{names}`` stand for; a name alone keeps its type."""
    if isinstance(said, Mapping):
        return {name: filled(value, numbers) for name, value in said.items()}
    if isinstance(said, list | tuple):
        return [filled(one, numbers) for one in said]
    if isinstance(said, str) and said.startswith("{") and said.endswith("}"):
        return numbers[said[1:-1]]
    return said
