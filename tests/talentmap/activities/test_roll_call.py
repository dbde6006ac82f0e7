"""After the activity: service goes to job 1, joy is counted."""

from datetime import timedelta

import pytest

from points.service.confirm import confirm_record
from points.service.errors import RollCallRefused
from points.transactions import run
from talentmap.activities.errors import (
    ActivityClosed,
    AlreadyServed,
    NotBegun,
    NotSignedUp,
    NotYourActivity,
    RollInvalid,
    ServiceByStaff,
)
from talentmap.activities.roll_call import AttendanceRow, roll_call_activity
from talentmap.activities.verify import verify_activities
from tests.points.service.scene import NOW, Scene
from tests.talentmap.activities.scene import DEADLINE, ENDS, STARTS, Crowd, gather, stored

pytestmark = pytest.mark.anyio


@pytest.fixture
async def here(engine) -> Crowd:
    return await gather()


@pytest.fixture
async def activity_id(here) -> int:
    made = await here.proposed(minimum=2, talent_id=here.who.he_min)
    for person_id in (here.who.he_min, here.who.qian_hui, here.who.zhao_zhiqiang, here.who.wu_di):
        await here.join(made, person_id)
    return made


def came(person_id: int, minutes: int | None = None) -> AttendanceRow:
    return AttendanceRow(person_id, "joined" if minutes is None else "served", minutes)


async def called(here: Crowd, activity_id: int, *rows: AttendanceRow, **facts: object) -> str:
    return await roll_call_activity(
        **{"actor_id": here.who.wang_fang, "activity_id": activity_id, "rows": rows, "now": ENDS}
        | facts
    )


async def test_who_served_gets_a_record_that_somebody_else_confirms(here, activity_id):
    who = here.who
    rows = (
        came(who.he_min, 120),
        came(who.qian_hui),
        AttendanceRow(who.zhao_zhiqiang, "absent"),
        # Not signed up, and lent a hand all the same.
        came(who.lu_xiuying, 60),
    )
    assert await called(here, activity_id, *rows) == "done"
    row = await stored(activity_id)
    [occasion] = await run("SELECT * FROM occasion")
    assert (row["state"], row["occasion_id"]) == ("done", occasion["id"])
    assert (occasion["leader_id"], occasion["activity_class"]) == (who.he_min, "interest")
    records = await run("SELECT id, person_id, minutes, state FROM service_record ORDER BY id")
    assert {(one["person_id"], one["minutes"]) for one in records} == {
        (who.he_min, 120),
        (who.lu_xiuying, 60),
    }
    said = await run("SELECT attendance FROM signup ORDER BY id")
    assert [one["attendance"] for one in said] == ["served", "joined", "absent", None]
    books = Scene(who)
    for record in records:
        await confirm_record(actor_id=who.chen_jing, record_id=record["id"], now=ENDS)
    # Two hours at 1.2 times ten points, and a fifth more for the one who led; joy earns nothing.
    assert (await books.points(who.he_min), await books.points(who.qian_hui)) == (28, 0)
    assert await verify_activities() == ()


async def test_a_neighbour_who_proposed_it_notes_who_came_and_staff_adds_the_hours(
    here, activity_id
):
    who = here.who
    with pytest.raises(ServiceByStaff):
        await called(here, activity_id, came(who.he_min, 60), actor_id=who.zhang_wei)
    for actor_id in (who.qian_hui, who.xu_jing):
        with pytest.raises(NotYourActivity):
            await called(here, activity_id, came(who.he_min), actor_id=actor_id)
    await called(here, activity_id, came(who.he_min), came(who.qian_hui), actor_id=who.zhang_wei)
    assert (await stored(activity_id))["state"] == "done"
    with pytest.raises(ActivityClosed):
        await called(here, activity_id, came(who.he_min), actor_id=who.zhang_wei)
    assert await called(here, activity_id, came(who.he_min, 60)) == "done"
    with pytest.raises(AlreadyServed):
        await called(here, activity_id, came(who.he_min))
    assert len(await run("SELECT id FROM service_record")) == 1


async def test_a_stairwell_leader_enters_those_of_her_stairwell(here):
    who = here.who
    made = await here.proposed(minimum=2, area_id=who.stairwell_11, actor_id=who.lu_xiuying)
    for person_id in (who.jin_xiuzhen, who.he_min):
        await here.join(made, person_id)
    facts = {"actor_id": who.lu_xiuying, "reason": "现场点名"}
    await called(here, made, came(who.jin_xiuzhen, 30), came(who.he_min), **facts)
    assert len(await run("SELECT id FROM service_record")) == 1
    elsewhere = await here.proposed(minimum=2)
    for person_id in (who.jin_xiuzhen, who.he_min):
        await here.join(elsewhere, person_id)
    with pytest.raises(NotYourActivity):
        await called(here, elsewhere, came(who.jin_xiuzhen, 30), **facts)


@pytest.mark.parametrize(
    "rows",
    [
        (),
        (AttendanceRow(1, "served"),),
        (AttendanceRow(1, "joined", 30),),
        (AttendanceRow(1, "asleep"),),
        (came(1), came(1)),
        tuple(came(number) for number in range(1, 202)),
    ],
)
async def test_a_roll_that_says_nothing_is_refused(here, activity_id, rows):
    with pytest.raises(RollInvalid):
        await called(here, activity_id, *rows)


async def test_a_roll_is_called_when_it_has_begun_and_had_not_lapsed(here, activity_id):
    who = here.who
    with pytest.raises(NotBegun):
        await called(here, activity_id, came(who.he_min), now=STARTS - timedelta(minutes=1))
    in_vain = await here.proposed()
    with pytest.raises(ActivityClosed):
        await called(here, in_vain, came(who.he_min), now=NOW)
    assert await called(here, in_vain, came(who.he_min), now=DEADLINE) == "lapsed"


async def test_a_refused_row_leaves_everything_as_it_was(here, activity_id):
    who = here.who
    with pytest.raises(NotSignedUp):
        await called(here, activity_id, came(who.he_min, 60), came(who.zhou_jianguo))
    # 吴迪's points are kept by another committee.
    with pytest.raises(RollCallRefused):
        await called(here, activity_id, came(who.he_min, 60), came(who.wu_di, 60))
    assert (await stored(activity_id))["state"] == "confirmed"
    assert await run("SELECT id FROM occasion") == []
