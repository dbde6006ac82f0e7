"""What a viewer finds: only whom she may see, filtered as she asks, nobody cut in silence."""

import pytest

from talentmap.talents.errors import NoSuchTalent
from talentmap.talents.listing import audiences_of
from talentmap.talents.profiles import hide_now
from talentmap.talents.search import TalentPage, Wish, talent, talents
from talentmap.talents.taxonomy import SKILLS
from tests.cast import Cast, cast
from tests.talentmap.talents.scene import NOW, ground, lists, settle

pytestmark = pytest.mark.anyio
EVERYBODY = (0,)


@pytest.fixture
async def who(engine) -> Cast:
    """Six public talents in building 1 and five of the neighbourhood in building 2."""
    found = await cast()
    await ground(found)
    public = await settle(found.stairwell_11, 6, prefix="甲")
    near = await settle(found.stairwell_21, 5, prefix="乙")
    mornings = ("weekday_morning", "weekend_morning")
    await lists(public[0], nickname="太极老周", times=mornings, tai_chi="certified")
    await lists(public[1], nickname="Tea_Lily", tea="teach", chess="interest")
    await lists(public[2], nickname="阿姨100%", times=("weekend_evening",), chess="teach")
    for one in public[3:]:
        await lists(one, tea="interest", chess="interest")
    for one in near:
        await lists(one, "neighbourhood", piano="teach")
    return found


async def found(audiences: tuple[int, ...] = EVERYBODY, **wish: object) -> TalentPage:
    return await talents(audiences=audiences, wish=Wish(**wish))


WISHES: list[tuple[dict, int]] = [
    ({}, 6),
    ({"skills": ("chess",)}, 5),
    ({"skills": ("tea", "chess")}, 5),
    ({"skills": ("tea", "chess"), "match": "all"}, 4),
    ({"skills": ("tai_chi", "tea")}, 5),
    ({"skills": ("tai_chi", "tea"), "match": "all"}, 0),
    ({"skills": ("nonsense",)}, 0),
    ({"skills": ("nonsense", "tea"), "match": "all"}, 0),
    ({"skills": tuple(skill.code for skill in SKILLS)}, 6),
    ({"skills": tuple(skill.code for skill in SKILLS), "match": "all"}, 0),
    ({"skills": ("chess",), "level": "teach"}, 1),
    ({"skills": ("tai_chi",), "level": "teach"}, 1),
    ({"level": "teach"}, 3),
    ({"level": "certified"}, 1),
    ({"level": "grand"}, 0),
    ({"category": "sport"}, 6),
    ({"category": "food"}, 4),
    ({"category": "food", "level": "teach"}, 1),
    ({"category": "nonsense"}, 0),
    ({"days": ("weekday",)}, 1),
    ({"days": ("weekday", "weekend_evening")}, 2),
    ({"days": ("never",)}, 0),
    ({"query": "太极"}, 1),
    ({"query": "taiji"}, 1),
    ({"query": "lily"}, 1),
    ({"query": "100%"}, 1),
    ({"query": "%"}, 1),
    ({"query": "_"}, 1),
    ({"query": "xiangqi"}, 5),
    ({"query": "没有的"}, 0),
    ({"query": "  "}, 6),
]


async def test_wishes_are_granted(who: Cast) -> None:
    for wish, total in WISHES:
        page = await found(**wish)
        assert (page.total, len(page.cards)) == (total, total), wish


async def test_areas_hold_what_is_shown_in_them(who: Cast) -> None:
    neighbour = await audiences_of(who.he_min)
    for area, within, here in (
        (who.subdistrict, 11, 0),
        (who.estate, 11, 0),
        (who.building_1, 6, 6),
        (who.building_2, 5, 5),
        (who.other_committee, 0, 0),
    ):
        assert (await found(neighbour, area_id=area)).total == within
        assert (await found(neighbour, area_id=area, here_only=True)).total == here


async def test_strangers_and_neighbours_see_different_people(who: Cast) -> None:
    assert (await found(skills=("piano",))).total == 0
    assert (await found(await audiences_of(who.wu_di), skills=("piano",))).total == 0
    mine = await found(await audiences_of(who.he_min), skills=("piano",))
    assert mine.total == 5
    hidden = mine.cards[0].person_id
    assert (await talent(person_id=hidden, audiences=await audiences_of(who.he_min))).nickname
    with pytest.raises(NoSuchTalent):
        await talent(person_id=hidden, audiences=EVERYBODY)
    await hide_now(person_id=hidden, now=NOW)
    with pytest.raises(NoSuchTalent):
        await talent(person_id=hidden, audiences=await audiences_of(who.he_min))


async def test_pages_follow_each_other_and_say_how_many_there_are(who: Cast) -> None:
    seen, after = [], 0
    while True:
        page = await talents(audiences=EVERYBODY, wish=Wish(), after_id=after, limit=4)
        assert page.total == 6
        seen += [card.person_id for card in page.cards]
        if page.next_after_id is None:
            break
        after = page.next_after_id
    assert seen == sorted(set(seen))
    assert len(seen) == 6


async def test_a_card_says_no_more_than_its_owner_does(who: Cast) -> None:
    [card] = (await found(query="太极老周")).cards
    assert card.area_path[-1] == "1号楼"
    assert card.times == ("weekday_morning", "weekend_morning")
    assert [(skill.code, skill.level, skill.recognised) for skill in card.skills] == [
        ("tai_chi", "certified", False)
    ]
    assert not {"name", "phone", "home_area_id", "birth_date"} & set(type(card).__slots__)
