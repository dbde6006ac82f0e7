"""The nearest are those that brute force finds, wherever one stands and whatever one asks for."""

import random

import pytest

from points.community.areas import create_area
from points.transactions import engine as bound
from points.transactions import is_postgres, run
from talentmap.places.datum import Point
from talentmap.places.rules import distance_metres
from talentmap.talents.nearest import FARTHEST_METRES, box_around, nearest
from talentmap.talents.search import Wish
from tests.cast import FOUNDED

pytestmark = pytest.mark.anyio

SKILLS = ("tai_chi", "chess", "tea", "piano", "haircut", "baking")
AUDIENCES = (0, 7, 9)
PEOPLE = 800


@pytest.fixture
async def crowd(engine) -> list[dict[str, object]]:
    """Talents at a few hundred points in and around Shanghai, some of them shared, written raw."""
    for table in ("talent_profile", "talent_skill"):
        if is_postgres():
            await bound().run_ddl(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            continue
        for row in await run(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = {}", table
        ):
            await bound().run_ddl(f"DROP TRIGGER {row['name']}")
    dice = random.Random(7)
    zone = "Asia/Shanghai"
    await create_area(parent_id=None, level="city", name="上海", time_zone=zone, now=FOUNDED)
    points = [_point(dice) for _ in range(400)]
    people = [_person(dice, number, points) for number in range(1, PEOPLE + 1)]
    await _write(people)
    return people


def _point(dice: random.Random) -> Point:
    spread = dice.choice((0.005, 0.05, 0.5, 1.5))
    return 31.2 + dice.gauss(0, spread), 121.3 + dice.gauss(0, spread)


def _person(dice: random.Random, number: int, points: list[Point]) -> dict[str, object]:
    # Low numbers crowd at few points, so that ties are the rule there.
    point = points[number % 12] if number < 300 else dice.choice(points)
    return {
        "id": number,
        "audience": dice.choice((0, 0, 7, 9, 11)),
        "point": point,
        "skills": set(dice.choices(SKILLS, weights=(40, 20, 10, 5, 2, 1), k=dice.randint(1, 3))),
    }


async def _write(people: list[dict[str, object]]) -> None:
    for one in people:
        lat, lon = one["point"]
        await run(
            "INSERT INTO person (id, name, volunteer_no, area_id, joined_at) "
            "VALUES ({}, 'x', {}, 1, {})",
            *(one["id"], f"V{one['id']:08}", FOUNDED),
        )
        await run(
            "INSERT INTO talent_profile (person_id, nickname, visibility, home_area_id, group_id, "
            "audience_id, published_area_id, lat, lon, created_at, updated_at) "
            "VALUES ({}, 'x', {}, 1, {}, {}, 1, {}, {}, {}, {})",
            one["id"],
            "neighbourhood" if one["audience"] else "public",
            *(one["audience"], one["audience"], lat, lon, FOUNDED, FOUNDED),
        )
        for code in one["skills"]:
            await run(
                "INSERT INTO talent_skill (person_id, skill_code, level, since, audience_id, "
                "published_area_id, lat, lon) VALUES ({}, {}, 'teach', {}, {}, 1, {}, {})",
                *(one["id"], code, FOUNDED, one["audience"], lat, lon),
            )


def brute(
    people: list[dict[str, object]],
    point: Point,
    audiences: tuple[int, ...],
    wish: Wish,
    limit: int,
) -> list[tuple[int, float]]:
    """The answer without any index: measure everybody."""
    wanted = set(wish.skills)

    def fits(skills: set[str]) -> bool:
        return wanted <= skills if wish.match == "all" else not wanted or bool(wanted & skills)

    fitting = [
        (distance_metres(point, one["point"]), one["id"])
        for one in people
        if one["audience"] in audiences and fits(one["skills"])
    ]
    inside = sorted(one for one in fitting if one[0] <= FARTHEST_METRES)
    return [(person_id, metres) for metres, person_id in inside[:limit]]


async def compare(people: list[dict[str, object]], queries: int, seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(queries):
        spread = dice.choice((0.002, 0.02, 0.3, 2.0, 20.0))
        point = (31.2 + dice.gauss(0, spread), 121.3 + dice.gauss(0, spread))
        if dice.random() < 0.1:
            point = people[dice.randrange(PEOPLE)]["point"]
        point = (max(-89.9, min(89.9, point[0])), (point[1] + 180) % 360 - 180)
        audiences = tuple(dice.sample(AUDIENCES, dice.randint(1, 3)))
        skills = tuple(dice.sample(SKILLS, dice.choice((0, 1, 1, 2))))
        wish = Wish(skills=skills, match=dice.choice(("any", "all")))
        limit = dice.choice((1, 3, 10, 30))
        found = await nearest(point=point, audiences=audiences, wish=wish, limit=limit)
        assert [(one.card.person_id, one.metres) for one in found] == brute(
            people, point, audiences, wish, limit
        ), (point, audiences, wish, limit)


async def test_a_few_hundred_questions(crowd) -> None:
    await compare(crowd, 300, seed=1)


@pytest.mark.slow
async def test_a_thousand_questions(crowd) -> None:
    await compare(crowd, 1_000, seed=2)


@pytest.mark.long
async def test_ten_thousand_questions(crowd) -> None:
    await compare(crowd, 10_000, seed=3)


async def test_nobody_fits(crowd) -> None:
    for wish in (Wish(skills=("yoga",)), Wish(skills=("nonsense",)), Wish(query="zzzz")):
        assert await nearest(point=(31.2, 121.3), audiences=(0,), wish=wish) == ()
    assert await nearest(point=(31.2, 121.3), audiences=(), wish=Wish()) == ()
    # Hong Kong is farther than anybody walks.
    assert await nearest(point=(22.3, 114.2), audiences=(0,), wish=Wish()) == ()


@pytest.mark.parametrize(
    "point", [(31.2, 121.3), (0.0, 0.0), (89.999, 10.0), (-90.0, 0.0), (60.0, 179.99)]
)
@pytest.mark.parametrize("radius", [1_000.0, 200_000.0])
def test_the_box_holds_the_circle(point: Point, radius: float) -> None:
    dice = random.Random(3)
    box = box_around(point, radius)
    for _ in range(2_000):
        near = (
            max(-90.0, min(90.0, point[0] + dice.uniform(-3, 3))),
            (point[1] + dice.choice((dice.uniform(-4, 4), dice.uniform(-180, 180))) + 180) % 360
            - 180,
        )
        if distance_metres(point, near) <= radius:
            assert box.contains(*near)
