"""What the front door says of activities: where I am expected, what gathers, what wants a roll."""

from collections.abc import Sequence
from dataclasses import dataclass

from points.community import areas
from talentmap.activities.views import MyActivity, gathering, mine, to_roll
from web import clock
from web.activity_words import Card, card, cards
from web.area_choice import first_area
from web.auth import Me, WebRequest

SHOWN = 3
LOOKED_AT = 20


@dataclass(frozen=True, slots=True)
class ActivityFront:
    """``expected`` are my own sign-ups that are still to come."""

    expected: Sequence[tuple[MyActivity, Card]] = ()
    near: Sequence[Card] = ()
    to_roll: Sequence[Card] = ()


async def front_of(request: WebRequest, me: Me | None) -> ActivityFront:
    """For somebody who is signed in, or for a stranger."""
    now = clock.now()
    if me is None:
        roots = await areas.roots()
        near = await gathering(roots[0].id, now=now, limit=SHOWN) if roots else ()
        return ActivityFront(near=cards(request, near))
    expected = [
        (one, card(request, one.activity))
        for one in await mine(person_id=me.person_id, now=now, limit=LOOKED_AT)
        if one.state != "withdrawn" and one.activity.state in ("gathering", "confirmed")
        and not one.activity.is_over
    ]  # fmt: skip
    taken = {one.activity.id for one, _ in expected}
    near = await gathering(
        await first_area(me.area_id), now=now, viewer_id=me.person_id, limit=SHOWN + len(taken)
    )
    rolls = await to_roll(area_ids=me.staff_areas, person_id=me.person_id, now=now, limit=SHOWN)
    return ActivityFront(
        expected=sorted(expected, key=lambda pair: pair[0].activity.starts_at)[:SHOWN],
        near=cards(request, [one for one in near if one.id not in taken][:SHOWN]),
        to_roll=cards(request, rolls),
    )
