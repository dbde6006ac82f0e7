"""Who brings a message by hand to somebody who has no account."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from points.community.access.passwords import has_password
from points.community.grants import holders
from points.community.guardians import guardians_of
from points.community.roles import STEWARD, Role

# The nearest first: whoever of one of these roles is there, the next are not asked.
CARRIERS: Final[tuple[tuple[Role, ...], ...]] = (("stairwell_leader",), ("organizer",), STEWARD)


async def reached_by_hand(person_id: int) -> bool:
    """Whether somebody else has to bring her what is written to her here."""
    return not await has_password(person_id)


async def couriers_of(receiver: dict[str, Any], today: date) -> tuple[int, ...]:
    """Who tells her what was written: a guardian, else her stairwell leader, else the office.

    Only whoever has an account can read it; and nobody as soon as she has one herself.
    """
    if await has_password(receiver["id"]):
        return ()
    guardians = await guardians_of(receiver["id"], today)
    found = await _with_accounts(one.person_id for one in guardians)
    for roles in CARRIERS:
        if not found:
            there = await holders(roles=roles, area_id=receiver["area_id"], today=today)
            found = await _with_accounts(one.person_id for one in there)
    return found


async def _with_accounts(person_ids: Iterable[int]) -> tuple[int, ...]:
    return tuple([one for one in person_ids if await has_password(one)])
