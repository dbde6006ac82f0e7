"""Proposing, the same again, calling off, and what pages show."""

from datetime import timedelta

import pytest

from points.community.areas import create_area
from points.service.errors import (
    CategoryUnknown,
    OccasionSpanInvalid,
    OccasionTooFarAhead,
    PlaceTooLong,
    TitleInvalid,
)
from points.transactions import run
from talentmap.activities.errors import (
    ActivityClosed,
    ActivityMissing,
    AdultsPropose,
    CancelReasonMissing,
    CapacityInvalid,
    DeadlineInvalid,
    InsuranceNeeded,
    MinimumInvalid,
    NotYourActivity,
    PlanTextTooLong,
    ProposeElsewhere,
    RiskUnsaid,
    StartInPast,
    TalentElsewhere,
)
from talentmap.activities.participants import signups
from talentmap.activities.proposals import cancel, copy_of
from talentmap.activities.views import activity, gathering, mine, past, proposed_by, to_roll
from tests.points.service.scene import NOW
from tests.talentmap.activities.scene import DEADLINE, ENDS, STARTS, Crowd, gather, stored, told

pytestmark = pytest.mark.anyio


@pytest.fixture
async def here(engine) -> Crowd:
    return await gather()


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        ({"title": " "}, TitleInvalid),
        ({"title": "长" * 121}, TitleInvalid),
        ({"place": "长" * 201}, PlaceTooLong),
        ({"summary": "长" * 2001}, PlanTextTooLong),
        ({"to_bring": "长" * 301}, PlanTextTooLong),
        ({"category": "sleeping"}, CategoryUnknown),
        ({"activity_class": "business"}, CategoryUnknown),
        ({"starts_at": NOW, "ends_at": NOW + timedelta(hours=1)}, StartInPast),
        ({"ends_at": STARTS}, OccasionSpanInvalid),
        ({"ends_at": STARTS + timedelta(hours=25)}, OccasionSpanInvalid),
        ({"starts_at": STARTS.replace(year=9999)}, OccasionSpanInvalid),
        (
            {
                "starts_at": STARTS + timedelta(days=400),
                "ends_at": ENDS + timedelta(days=400),
            },
            OccasionTooFarAhead,
        ),
        ({"deadline_at": NOW}, DeadlineInvalid),
        ({"deadline_at": STARTS + timedelta(minutes=1)}, DeadlineInvalid),
        ({"minimum": 1}, MinimumInvalid),
        ({"minimum": 101, "capacity": 200}, MinimumInvalid),
        ({"minimum": 13}, CapacityInvalid),
        ({"capacity": 501}, CapacityInvalid),
        ({"risky": True, "insured": True}, RiskUnsaid),
        ({"risky": True, "risk": "上梯子"}, InsuranceNeeded),
    ],
)
async def test_what_nobody_could_take_part_in_is_not_proposed(here, facts, error):
    with pytest.raises(error):
        await here.proposed(**facts)
    assert await run("SELECT id FROM activity") == []


async def test_any_resident_of_age_proposes_in_her_neighbourhood(here):
    who = here.who
    activity_id = await here.proposed(actor_id=who.jin_xiuzhen, area_id=who.stairwell_11)
    view = await activity(activity_id, now=NOW)
    assert (view.state, view.missing, view.seats_free, view.minimum) == ("gathering", 10, 12, 10)
    # Whoever is not signed in reads no name.
    assert (view.proposer_name, view.area_path[-1]) == ("金*珍", "1单元")
    assert (await activity(activity_id, now=NOW, viewer_id=who.wu_di)).proposer_name == "金秀珍"
    for person_id, error in (
        (who.he_xiaoyu, AdultsPropose),
        (who.wu_di, ProposeElsewhere),
    ):
        with pytest.raises(error):
            await here.proposed(actor_id=person_id)


async def test_who_leads_is_a_neighbour_of_the_subdistrict(here):
    await here.proposed(talent_id=here.who.wu_di)
    far = await create_area(
        parent_id=None, level="subdistrict", name="别处", time_zone="Asia/Shanghai", now=NOW
    )
    [stranger] = await here.neighbours(1, area_id=far)
    with pytest.raises(TalentElsewhere):
        await here.proposed(talent_id=stranger)


async def test_the_same_again_keeps_weekday_and_hour_and_gathers_anew(here):
    first = await here.proposed(talent_id=here.who.he_min, summary="第一行\n第二行\x00")
    later = STARTS + timedelta(days=30)
    copy = await copy_of(activity_id=first, now=later)
    assert copy.plan.starts_at - STARTS == timedelta(weeks=5)
    assert copy.plan.ends_at - copy.plan.starts_at == ENDS - STARTS
    assert copy.plan.deadline_at - later >= timedelta(days=1)
    assert (copy.talent_id, copy.plan.summary) == (here.who.he_min, "第一行\n第二行")
    facts = {name: getattr(copy.plan, name) for name in copy.plan.__dataclass_fields__}
    again = await here.proposed(**facts, copied_from_id=first, now=later)
    row = await stored(again)
    assert (row["copied_from_id"], row["state"], row["seats_taken"]) == (first, "gathering", 0)
    with pytest.raises(ActivityMissing):
        await copy_of(activity_id=again + 1, now=later)
    with pytest.raises(ActivityMissing):
        await here.proposed(copied_from_id=again + 1)


async def test_who_proposed_it_or_staff_calls_it_off_with_a_reason(here):
    who = here.who
    for actor_id in (who.zhang_wei, who.wang_fang, who.chen_jing):
        activity_id = await here.proposed()
        await here.join(activity_id, who.he_min)
        with pytest.raises(NotYourActivity):
            await cancel(actor_id=who.he_min, activity_id=activity_id, reason="下雨", now=NOW)
        with pytest.raises(CancelReasonMissing):
            await cancel(actor_id=actor_id, activity_id=activity_id, reason=" ", now=NOW)
        done = await cancel(actor_id=actor_id, activity_id=activity_id, reason="下雨", now=NOW)
        assert done == "cancelled"
        row = await stored(activity_id)
        assert (row["closed_by"], row["close_reason"]) == (actor_id, "下雨")
        concerned = {who.he_min, who.zhang_wei} - {actor_id}
        assert await told("activity_cancelled", activity_id) == sorted(concerned)
        with pytest.raises(ActivityClosed):
            await cancel(actor_id=actor_id, activity_id=activity_id, reason="下雨", now=NOW)


async def test_what_gathered_in_vain_lapses_before_it_can_be_called_off(here):
    activity_id = await here.proposed()
    done = await cancel(
        actor_id=here.who.zhang_wei, activity_id=activity_id, reason="下雨", now=DEADLINE
    )
    assert done == "lapsed"
    assert (await stored(activity_id))["state"] == "lapsed"


async def test_lists_show_what_gathers_soonest_first_and_what_was_latest_first(here):
    who = here.who
    later = {"starts_at": STARTS + timedelta(days=1), "ends_at": ENDS + timedelta(days=1)}
    first, second = await here.proposed(), await here.proposed(**later)
    in_vain = await here.proposed(deadline_at=NOW + timedelta(days=1))
    gone = await here.proposed(area_id=who.stairwell_11)
    await cancel(actor_id=who.zhang_wei, activity_id=gone, reason="下雨", now=NOW)
    soon = NOW + timedelta(days=2)
    # Seen from a stairwell: what is in it and what is around it.
    found = await gathering(who.stairwell_11, now=soon)
    assert [view.id for view in found] == [first, second]
    assert [v.id for v in await gathering(who.committee, now=soon, limit=1)] == [first]
    assert [v.id for v in await gathering(who.committee, now=soon, after_id=first)] == [second]
    assert await gathering(who.other_committee, now=soon) == ()
    was = await past(who.subdistrict, now=soon)
    # The job was not there yet, and it does not look as if one could still sign up.
    assert [view.id for view in was] == [gone, in_vain]
    assert not any(view.may_sign_up or view.may_withdraw for view in was)
    assert [v.id for v in await past(who.subdistrict, now=soon, after_id=gone)] == [in_vain]
    assert len(await proposed_by(person_id=who.zhang_wei, now=soon)) == 4


async def test_ones_own_list_has_the_place_in_the_line_and_the_children(here):
    who = here.who
    activity_id = await here.proposed(minimum=2, capacity=2)
    for person_id in (who.qian_hui, who.zhao_zhiqiang, who.wu_di, who.he_min):
        await here.join(activity_id, person_id)
    [line] = await mine(person_id=who.he_min, now=NOW)
    assert (line.state, line.position, line.activity.waiting) == ("waiting", 2, 2)
    [line] = await mine(person_id=who.qian_hui, now=NOW)
    assert (line.state, line.position, line.activity.may_withdraw) == ("in", None, True)
    assert await mine(person_id=who.li_guoqiang, now=NOW) == ()


async def test_only_staff_and_who_runs_it_read_names_and_that_is_noted(here):
    who = here.who
    activity_id = await here.proposed(minimum=2, capacity=2)
    for person_id in (who.qian_hui, who.he_min, who.wu_di):
        await here.join(activity_id, person_id)
    lines = await signups(actor_id=who.wu_di, activity_id=activity_id, now=NOW)
    assert [line.name for line in lines] == ["钱*", "何*", "吴迪"]
    assert [line.position for line in lines] == [None, None, 1]
    assert [line.person_id for line in lines] == [None, None, who.wu_di]
    assert await run("SELECT id FROM personal_read") == []
    for actor_id in (who.zhang_wei, who.wang_fang):
        lines = await signups(actor_id=actor_id, activity_id=activity_id, now=NOW)
        assert [line.name for line in lines] == ["钱慧", "何敏", "吴迪"]
    assert len(await run("SELECT id FROM personal_read")) == 6
    with pytest.raises(ActivityMissing):
        await signups(actor_id=who.wu_di, activity_id=activity_id + 1, now=NOW)


async def test_what_waits_for_its_roll_is_listed_for_who_runs_it_and_for_the_area(here):
    who = here.who
    activity_id = await here.proposed(minimum=2)
    for person_id in (who.qian_hui, who.he_min):
        await here.join(activity_id, person_id)
    for person_id, area_ids in ((who.zhang_wei, ()), (who.wang_fang, (who.committee,))):
        facts = {"area_ids": area_ids, "person_id": person_id}
        assert await to_roll(**facts, now=NOW) == ()
        assert [view.id for view in await to_roll(**facts, now=STARTS)] == [activity_id]
    assert await to_roll(area_ids=(), person_id=who.he_min, now=STARTS) == ()
