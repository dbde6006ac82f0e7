"""What the front door says of rewards: what I asked for, and what waits for my vote."""

from collections.abc import Sequence
from dataclasses import dataclass

from points.rewards.authority import COMMITTEE
from points.rewards.committee import count_queue
from points.rewards.redemptions import RedemptionView, my_redemptions
from points.rewards.rules import OPEN
from web import clock
from web.auth import Me

SHOWN = 3


@dataclass(frozen=True, slots=True)
class RewardFront:
    """``to_decide`` is None for those who have no vote."""

    asked: Sequence[RedemptionView]
    to_decide: int | None


async def rewards_of(me: Me) -> RewardFront:
    """For somebody who is signed in."""
    now = clock.now()
    asked = await my_redemptions(person_id=me.person_id, now=now, limit=SHOWN)
    waiting = await count_queue(actor_id=me.person_id, now=now)
    votes = waiting or not me.roles.isdisjoint(COMMITTEE)
    return RewardFront(
        asked=[one for one in asked if one.state in OPEN],
        to_decide=waiting if votes else None,
    )
