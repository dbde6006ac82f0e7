"""Random histories of people who list themselves, hide, move and let time pass.

After each step nobody may be shown among fewer than the rule asks, in any audience, at any area,
nor left over in its parent; and the counts agree with the profiles.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from points.community.consents import give_consent, has_consented, withdraw_consent
from points.community.people import update_person
from points.transactions import run
from talentmap.talents.profiles import set_visibility
from talentmap.talents.publication import refine_due
from talentmap.talents.rules import LISTED_LEAST
from talentmap.talents.verify import verify_talents
from tests.cast import Cast, cast
from tests.talentmap.talents.scene import NOW, ground, lists, settle

pytestmark = pytest.mark.anyio

PEOPLE = 26
VISIBILITIES = ("self", "stairwell", "neighbourhood", "public", "public")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(("show", "show", "show", "move", "withdraw", "wait")),
        st.integers(0, PEOPLE - 1),
        st.integers(0, 4),
    ),
    min_size=5,
    max_size=40,
)


@dataclass
class Stage:
    """Somebody to play with, and the hour."""

    who: Cast
    people: list[int]
    now: datetime = NOW

    async def step(self, what: str, index: int, choice: int) -> None:
        """Do it, if it can be done."""
        # Those of the other committee stay where they are.
        person = self.people[index % 18 if what == "move" else index]
        stairwells = [self.who.stairwell_11, self.who.stairwell_12, self.who.stairwell_21]
        stairwells += [self.who.stairwell_22, self.who.estate]
        if what == "show":
            await set_visibility(
                person_id=person, visibility=VISIBILITIES[choice], agrees=True, now=self.now
            )
        elif what == "move":
            await update_person(
                actor_id=self.who.chen_jing,
                person_id=person,
                area_id=stairwells[choice],
                now=self.now,
            )
        elif what == "wait":
            self.now += timedelta(days=choice + 1)
            await refine_due(self.now)
        elif await has_consented(person_id=person, purpose="talent_map"):
            await withdraw_consent(
                actor_id=person, person_id=person, purpose="talent_map", now=self.now
            )
        else:
            await give_consent(
                actor_id=person, person_id=person, purpose="talent_map", now=self.now
            )


async def check() -> None:
    """What every moment has to keep."""
    assert await verify_talents() == ()
    rows = await run(
        "SELECT c.audience_id, c.area_id, c.people_within, c.people_here, p.people_within AS above "
        "FROM talent_count c JOIN area a ON a.id = c.area_id LEFT JOIN talent_count p "
        "ON p.area_id = a.parent_id AND p.audience_id = c.audience_id AND p.skill_code = '' "
        "WHERE c.skill_code = ''"
    )
    for row in rows:
        assert row["people_within"] >= LISTED_LEAST
        assert row["people_here"] == 0 or row["people_here"] >= LISTED_LEAST
        remainder = (row["above"] or row["people_within"]) - row["people_within"]
        assert remainder == 0 or remainder >= LISTED_LEAST
    # Whoever may be shown is shown, once there are enough of her audience.
    waiting = await run(
        "SELECT group_id, COUNT(*) AS people FROM talent_profile WHERE group_id IS NOT NULL "
        "AND published_area_id IS NULL GROUP BY group_id"
    )
    assert all(row["people"] < LISTED_LEAST for row in waiting)


async def play(stage: Stage, steps: list[tuple[str, int, int]]) -> None:
    for what, index, choice in steps:
        await stage.step(what, index, choice)
        await check()


async def _stage() -> Stage:
    who = await cast()
    await ground(who)
    homes = (who.stairwell_11, who.stairwell_12, who.stairwell_21, who.other_stairwell)
    people = []
    for home, count in zip(homes, (6, 6, 6, PEOPLE - 18), strict=True):
        people += await settle(home, count)
    for number, person in enumerate(people):
        # Most are listed to begin with, so that a history starts in the middle of life.
        visibility = ("public", "neighbourhood", "self")[number % 3]
        await lists(person, visibility, chess="teach")
    return Stage(who, people)


async def _search(stage: Stage, examples: int) -> None:
    loop = asyncio.get_running_loop()

    @settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
    )
    @given(steps=STEPS)
    def search(steps: list[tuple[str, int, int]]) -> None:
        asyncio.run_coroutine_threadsafe(play(stage, steps), loop).result(timeout=120)

    # Hypothesis is not async: it thinks in a thread while the database works here.
    await asyncio.to_thread(search)


async def test_nobody_stands_alone_at_any_moment(engine) -> None:
    await _search(await _stage(), examples=12)


@pytest.mark.long
async def test_nobody_stands_alone_at_any_moment_of_many(engine) -> None:
    await _search(await _stage(), examples=300)
