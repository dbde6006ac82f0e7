"""No difference of two answers says where below her published place anybody lives."""

import random
from typing import Any

import pytest

from points.transactions import run
from talentmap.pins.filters import checked_filter
from talentmap.pins.rules import checked_bounds
from talentmap.pins.sheet import area_sheet
from talentmap.pins.view import map_view
from talentmap.talents.listing import audiences_of
from talentmap.talents.publication import refine_due
from talentmap.talents.rules import LISTED_LEAST
from tests.cast import Cast, cast
from tests.talentmap.talents.scene import NOW, WEEK, ground, listed
from web.database import DatabaseEngine

pytestmark = pytest.mark.anyio
SKILLS = ("tai_chi", "sachet", "erhu", "knitting")
QUESTIONS = 1000


async def a_neighbourhood() -> Cast:
    """People of every audience, some shown at their building and some no finer than the estate."""
    who = await cast()
    await ground(who)
    for skill in SKILLS:
        await listed(who.building_1, 2, "public", **{skill: "teach"})
    for stairwell, skill in ((who.stairwell_21, "erhu"), (who.stairwell_22, "sachet")):
        await listed(stairwell, 2, "public", **{skill: "interest"})
    await listed(who.stairwell_11, LISTED_LEAST, "neighbourhood", knitting="certified")
    await listed(who.stairwell_12, LISTED_LEAST, "stairwell", tai_chi="teach")
    await refine_due(NOW + WEEK)
    return who


async def answer(chance: random.Random, who: Cast) -> Any:
    """What somebody is told who asks at random; moments and versions apart."""
    viewer = chance.choice((None, who.zhang_wei, who.qian_hui, who.wu_di))
    audiences = await audiences_of(viewer)
    wish = checked_filter(
        skills=chance.sample(SKILLS, chance.randint(0, 3)),
        match=chance.choice(("any", "all")),
        level=chance.choice(("", "", "teach", "certified")),
        text=chance.choice(("", "", "taiji", "香包")),
    )
    if chance.random() < 0.2:
        area_id = chance.choice((who.subdistrict, who.estate, who.building_1, who.building_2))
        return await area_sheet(area_id, wish=wish, audiences=audiences, viewer_id=viewer, now=NOW)
    south, west = chance.uniform(31.18, 31.2), chance.uniform(121.29, 121.31)
    size = chance.choice((0.0005, 0.002, 0.01, 0.1))
    seen = await map_view(
        box=checked_bounds(south, west, south + size, west + size),
        zoom=chance.choice((9, 13, 17)),
        wish=wish,
        audiences=audiences,
        now=NOW,
    )
    return seen.groups, seen.shown, seen.total


@pytest.mark.slow
async def test_whoever_lives_elsewhere_within_her_published_place_gives_the_same_answers(
    engine: DatabaseEngine,
):
    """If homes can be exchanged and no answer changes, no two answers tell them apart."""
    who = await a_neighbourhood()
    before = [await answer(random.Random(number), who) for number in range(QUESTIONS)]
    published = await run(
        "SELECT person_id, home_area_id, published_area_id FROM talent_profile ORDER BY person_id"
    )
    homes = {row["home_area_id"] for row in published}
    assert homes >= {who.building_1, who.building_2}
    moved = 0
    for row in published:
        within = await run(
            "SELECT x.area_id FROM area_ancestor x JOIN area a ON a.id = x.area_id "
            "WHERE x.ancestor_id = {} AND a.level = 'building' AND x.area_id <> {}",
            *(row["published_area_id"], row["home_area_id"]),
        )
        if within:
            moved += 1
            await run(
                "UPDATE talent_profile SET home_area_id = {} WHERE person_id = {}",
                *(within[0]["area_id"], row["person_id"]),
            )
    assert moved >= 4
    after = [await answer(random.Random(number), who) for number in range(QUESTIONS)]
    assert before == after
    assert len({repr(one) for one in before}) > 40


async def test_nobody_unfiltered_is_in_a_group_of_fewer_than_are_published_together(
    engine: DatabaseEngine,
):
    who = await a_neighbourhood()
    for viewer in (None, who.zhang_wei, who.qian_hui):
        for zoom in (9, 13, 17):
            seen = await map_view(
                box=checked_bounds(31, 121, 32, 122),
                zoom=zoom,
                wish=checked_filter(),
                audiences=await audiences_of(viewer),
                now=NOW,
            )
            assert all(group.people >= LISTED_LEAST for group in seen.groups)
            assert all(group.level != "stairwell" for group in seen.groups)
