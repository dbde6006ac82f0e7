"""What the database keeps and refuses by itself, whatever program writes."""

import sqlite3

import asyncpg
import pytest

from points.community.consents import give_consent
from points.community.people import close_account
from points.transactions import run
from talentmap.talents.verify import verify_talents
from tests.cast import FOUNDED, Cast, cast

pytestmark = pytest.mark.anyio
REFUSED = (sqlite3.IntegrityError, asyncpg.IntegrityConstraintViolationError)
SHOWN = ("zhang_wei", "lu_xiuying", "zhou_jianguo", "qian_hui", "chen_jing")


@pytest.fixture
async def who(engine) -> Cast:
    """Five neighbours shown at their estate, each with one skill; 何敏 has agreed and waits."""
    found = await cast()
    for name in (*SHOWN, "he_min"):
        person = getattr(found, name)
        await give_consent(actor_id=person, person_id=person, purpose="talent_map", now=FOUNDED)
    for name in SHOWN:
        await run(profile(getattr(found, name), found.committee, found.estate, found.building_1))
        await run(skill(getattr(found, name), "tai_chi"))
    return found


def profile(person: int, group: int, area: int, home: int) -> str:
    visibility = "neighbourhood" if group else "public"
    return (
        "INSERT INTO talent_profile (person_id, nickname, visibility, home_area_id, group_id, "
        "audience_id, published_area_id, lat, lon, created_at, updated_at) "
        f"SELECT {person}, 'x', '{visibility}', {home}, {group}, {group}, {area}, 31.2, 121.3, "
        f"joined_at, joined_at FROM person WHERE id = {person}"
    )


def skill(person: int, code: str) -> str:
    return (
        "INSERT INTO talent_skill (person_id, skill_code, level, since) "
        f"SELECT {person}, '{code}', 'teach', joined_at FROM person WHERE id = {person}"
    )


async def counts(code: str) -> dict[int, tuple[int, int]]:
    rows = await run("SELECT * FROM talent_count WHERE skill_code = {}", code)
    return {row["area_id"]: (row["people_within"], row["people_here"]) for row in rows}


async def version() -> int:
    return int((await run("SELECT version FROM talent_map_version"))[0]["version"])


async def test_counts_follow_every_change(who: Cast) -> None:
    expected = {who.estate: (5, 5), who.committee: (5, 0), who.subdistrict: (5, 0)}
    assert await counts("") == await counts("tai_chi") == expected
    assert await verify_talents() == ()
    before = await version()
    await run(skill(who.zhang_wei, "chess"))
    assert await counts("chess") == {
        who.estate: (1, 1),
        who.committee: (1, 0),
        who.subdistrict: (1, 0),
    }
    await run("UPDATE talent_profile SET published_area_id = {}", who.committee)
    assert await counts("") == {who.committee: (5, 5), who.subdistrict: (5, 0)}
    await run("DELETE FROM talent_skill WHERE skill_code = 'chess'")
    assert await counts("chess") == {}
    assert await verify_talents() == ()
    assert await version() > before


TAKEN_DOWN = {
    "consent": "UPDATE consent SET withdrawn_at = given_at, withdrawn_by = {p} "
    "WHERE person_id = {p}",
    "moved": "UPDATE person SET area_id = 1 WHERE id = {p}",
    "closed": "UPDATE person SET closed_at = joined_at WHERE id = {p}",
    "reborn": "UPDATE person SET birth_date = '2015-01-01' WHERE id = {p}",
}


@pytest.mark.parametrize("how", TAKEN_DOWN)
async def test_whoever_leaves_is_off_the_map_at_once(who: Cast, how: str) -> None:
    await run(TAKEN_DOWN[how].format(p=who.zhang_wei))
    [row] = await run("SELECT * FROM talent_profile WHERE person_id = {}", who.zhang_wei)
    [copy] = await run("SELECT * FROM talent_skill WHERE person_id = {}", who.zhang_wei)
    for found in (row, copy):
        assert found["audience_id"] is found["published_area_id"] is found["lat"] is None
    assert row["group_id"] is None
    assert (await counts(""))[who.estate] == (4, 4)
    # The rest are too few now, which is for the use case to mend and for the check to find.
    assert {problem.found for problem in await verify_talents()} == {"4"}


async def test_closing_an_account_takes_its_talent_down(who: Cast) -> None:
    await close_account(actor_id=who.zhang_wei, person_id=who.zhang_wei, now=FOUNDED)
    # Four are too few to be shown, so the use case took the others down as well.
    assert await counts("tai_chi") == {}
    assert await verify_talents() == ()


async def test_the_database_refuses_by_itself(who: Cast) -> None:
    stairwell = f"published_area_id = {who.stairwell_11}"
    for statement in (
        # Without consent, or for a child.
        profile(who.wu_di, 0, who.other_committee, who.other_stairwell),
        profile(who.he_xiaoyu, who.committee, who.estate, who.building_1),
        # Somewhere else, or too close.
        profile(who.he_min, who.committee, who.building_2, who.building_1),
        f"UPDATE talent_profile SET home_area_id = {who.stairwell_11}, {stairwell}",
        # Half a truth.
        "UPDATE talent_profile SET audience_id = NULL",
        "UPDATE talent_profile SET audience_id = 0",
        "UPDATE talent_profile SET visibility = 'self'",
        "UPDATE talent_profile SET visibility = 'public'",
        "UPDATE talent_profile SET lat = NULL",
        "UPDATE talent_profile SET nickname = ''",
        "UPDATE talent_skill SET lat = 31",
        "UPDATE talent_skill SET audience_id = 0",
        "UPDATE talent_skill SET level = 'master'",
        "UPDATE talent_skill SET recognised_by = person_id, recognised_at = since",
        f"UPDATE talent_skill SET recognised_by = {who.he_min}",
        "UPDATE talent_count SET people_within = -1, people_here = -1",
        "UPDATE talent_count SET people_here = people_within + 1",
        "DELETE FROM talent_profile",
        "INSERT INTO talent_map_version (id, version) VALUES (2, 1)",
    ):
        with pytest.raises(REFUSED):
            await run(statement)
    assert await verify_talents() == ()
