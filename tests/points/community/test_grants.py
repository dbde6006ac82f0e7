"""Roles take two people and count only in their area and term."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from points.community.areas import create_area
from points.community.errors import (
    AccountClosed,
    LastSteward,
    NoSuchGrant,
    NoSuchPerson,
    NotInRole,
    NotWaiting,
    RoleForYourself,
    RoleHeld,
    RoleUnknown,
    SecondPersonNeeded,
    StewardsExist,
    TermWrong,
    TooYoungForRole,
    TwoStewardsNeeded,
)
from points.community.grants import (
    active_grants,
    approve_role,
    covers,
    found_stewards,
    grants_of,
    holders,
    proposals_for,
    propose_role,
    require,
    revoke_role,
)
from points.community.people import close_account, update_person
from points.community.roles import STAFF
from points.transactions import run
from tests.cast import FOUNDED, Cast, cast
from web.database import DatabaseEngine

pytestmark = pytest.mark.anyio
TODAY = date(2026, 1, 5)


async def propose(them: Cast, /, **facts: Any) -> int:
    usual: dict[str, Any] = {
        "actor_id": them.chen_jing,
        "person_id": them.he_min,
        "role": "organizer",
        "area_id": them.committee,
        "starts_on": TODAY,
        "ends_on": None,
        "now": FOUNDED,
    }
    return await propose_role(**usual | facts)


async def approve(actor_id: int, grant_id: int, today: date = TODAY) -> None:
    await approve_role(actor_id=actor_id, grant_id=grant_id, now=FOUNDED, today=today)


async def organizes(them: Cast, person_id: int, today: date = TODAY) -> bool:
    return await covers(
        person_id=person_id, roles=("organizer",), area_id=them.stairwell_11, today=today
    )


async def test_a_role_counts_once_a_second_person_approved_it(engine: DatabaseEngine):
    them = await cast()
    grant_id = await propose(them)
    assert not await organizes(them, them.he_min)
    await approve(them.li_guoqiang, grant_id)
    assert await organizes(them, them.he_min)
    [held] = await active_grants(them.he_min, TODAY)
    assert (held.id, held.role, held.area_id, held.state) == (
        grant_id,
        "organizer",
        them.committee,
        "active",
    )


async def test_a_committee_member_can_be_the_second_person(engine: DatabaseEngine):
    them = await cast()
    grant_id = await propose(them)
    [waiting] = await proposals_for(actor_id=them.zhou_jianguo, today=TODAY)
    assert (waiting.person_name, waiting.area_name, waiting.proposed_by_name) == (
        "何敏",
        "爱博五村居委",
        "陈静",
    )
    await approve(them.zhou_jianguo, grant_id)
    assert await proposals_for(actor_id=them.zhou_jianguo, today=TODAY) == ()
    assert await organizes(them, them.he_min)


async def test_one_person_alone_gives_no_role_even_with_two_hats(engine: DatabaseEngine):
    them = await cast()
    # 陈静 becomes a committee member as well: still one person.
    hat = await propose(
        them, actor_id=them.li_guoqiang, person_id=them.chen_jing, role="committee_member"
    )
    await approve(them.zhou_jianguo, hat)
    grant_id = await propose(them)
    assert await proposals_for(actor_id=them.chen_jing, today=TODAY) == ()
    with pytest.raises(SecondPersonNeeded):
        await approve(them.chen_jing, grant_id)
    assert not await organizes(them, them.he_min)


async def test_nobody_approves_her_own_role(engine: DatabaseEngine):
    them = await cast()
    grant_id = await propose(them, person_id=them.li_guoqiang)
    with pytest.raises(SecondPersonNeeded):
        await approve(them.li_guoqiang, grant_id)
    with pytest.raises(RoleForYourself):
        await propose(them, person_id=them.chen_jing)


async def test_the_right_role_in_the_wrong_area_has_no_say(engine: DatabaseEngine):
    them = await cast()
    for stranger in (them.xu_jing, them.wang_fang, them.zhou_jianguo, them.zhang_wei):
        with pytest.raises(NotInRole):
            await propose(them, actor_id=stranger)
    grant_id = await propose(them)
    for stranger in (them.xu_jing, them.wang_fang, them.lu_xiuying, them.zhang_wei):
        with pytest.raises(NotInRole):
            await approve(stranger, grant_id)
        with pytest.raises(NotInRole):
            await revoke_role(actor_id=stranger, grant_id=grant_id, now=FOUNDED)
    with pytest.raises(NotInRole):
        await propose(them, area_id=them.subdistrict)
    assert not await organizes(them, them.he_min)


async def test_a_role_reaches_down_the_tree_and_nowhere_else(engine: DatabaseEngine):
    them = await cast()
    leader = {"person_id": them.lu_xiuying, "roles": ("stairwell_leader",), "today": TODAY}
    assert await covers(area_id=them.stairwell_11, **leader)
    for elsewhere in (them.stairwell_12, them.building_1, them.committee, them.other_stairwell):
        assert not await covers(area_id=elsewhere, **leader)
    steward = {"person_id": them.chen_jing, "roles": STAFF, "today": TODAY}
    assert await covers(area_id=them.stairwell_22, **steward)
    assert not await covers(area_id=them.subdistrict, **steward)
    assert not await covers(area_id=them.other_stairwell, **steward)
    assert not await covers(person_id=them.chen_jing, roles=(), area_id=them.committee, today=TODAY)
    with pytest.raises(NotInRole) as refusal:
        await require(area_id=them.stairwell_12, **leader)
    assert refusal.value.facts["roles"] == ("stairwell_leader",)


async def test_a_role_counts_on_the_first_and_on_the_last_day_of_its_term(engine: DatabaseEngine):
    them = await cast()
    spring, summer = date(2026, 3, 1), date(2026, 5, 31)
    grant_id = await propose(them, starts_on=spring, ends_on=summer)
    await approve(them.li_guoqiang, grant_id)
    for day, counts in (
        (spring - timedelta(days=1), False),
        (spring, True),
        (summer, True),
        (summer + timedelta(days=1), False),
    ):
        assert await organizes(them, them.he_min, day) is counts
    states = [
        (await grants_of(them.he_min, day))[0].grant.state for day in (TODAY, spring, date.max)
    ]
    assert states == ["upcoming", "active", "ended"]


async def test_a_proposal_that_ran_out_waits_for_nobody(engine: DatabaseEngine):
    them = await cast()
    grant_id = await propose(them, ends_on=TODAY)
    tomorrow = TODAY + timedelta(days=1)
    assert await proposals_for(actor_id=them.li_guoqiang, today=tomorrow) == ()
    with pytest.raises(NotWaiting):
        await approve(them.li_guoqiang, grant_id, tomorrow)


async def test_a_wrong_proposal_is_refused(engine: DatabaseEngine):
    them = await cast()
    for refusal, facts in (
        (RoleUnknown, {"role": "emperor"}),
        (TermWrong, {"starts_on": TODAY - timedelta(days=1)}),
        (TermWrong, {"ends_on": TODAY - timedelta(days=1)}),
        (NoSuchPerson, {"person_id": 10**30}),
        (RoleHeld, {"person_id": them.wang_fang}),
    ):
        with pytest.raises(refusal):
            await propose(them, **facts)
    for number in (0, 999, 10**30):
        with pytest.raises(NoSuchGrant):
            await approve(them.li_guoqiang, number)


async def test_a_role_with_duties_is_for_people_of_age(engine: DatabaseEngine):
    them = await cast()
    for role in STAFF:
        with pytest.raises(TooYoungForRole):
            await propose(them, person_id=them.he_xiaoyu, role=role)
    await propose(them, person_id=them.he_xiaoyu, role="volunteer")
    grant_id = await propose(them)
    # The birth date was entered in the meantime.
    await update_person(
        actor_id=them.chen_jing, person_id=them.he_min, now=FOUNDED, birth_date=date(2010, 1, 1)
    )
    with pytest.raises(TooYoungForRole):
        await approve(them.li_guoqiang, grant_id)


async def test_a_volunteer_needs_no_second_person(engine: DatabaseEngine):
    them = await cast()
    await propose(them, actor_id=them.wang_fang, role="volunteer")
    assert [held.role for held in await active_grants(them.he_min, TODAY)] == ["volunteer"]


async def test_a_decided_proposal_is_decided_once(engine: DatabaseEngine):
    them = await cast()
    grant_id = await propose(them)
    done = await asyncio.gather(
        *(approve(person, grant_id) for person in (them.li_guoqiang, them.zhou_jianguo) * 3),
        return_exceptions=True,
    )
    assert sum(one is None for one in done) == 1
    assert sum(isinstance(one, NotWaiting) for one in done) == 5


async def test_the_same_role_is_proposed_once_however_many_ask(engine: DatabaseEngine):
    them = await cast()
    done = await asyncio.gather(
        *(propose(them, actor_id=actor) for actor in (them.chen_jing, them.li_guoqiang) * 3),
        return_exceptions=True,
    )
    assert sum(isinstance(one, int) for one in done) == 1
    assert sum(isinstance(one, RoleHeld) for one in done) == 5


async def test_a_revoked_role_counts_no_more_and_may_be_given_anew(engine: DatabaseEngine):
    them = await cast()
    grant_id = await propose(them)
    await approve(them.li_guoqiang, grant_id)
    await revoke_role(actor_id=them.chen_jing, grant_id=grant_id, now=FOUNDED)
    assert not await organizes(them, them.he_min)
    assert (await grants_of(them.he_min, TODAY))[0].grant.state == "revoked"
    for again in (
        approve(them.li_guoqiang, grant_id),
        revoke_role(actor_id=them.chen_jing, grant_id=grant_id, now=FOUNDED),
    ):
        with pytest.raises(NotWaiting):
            await again
    assert await propose(them) > grant_id


async def test_everybody_may_lay_her_own_role_down(engine: DatabaseEngine):
    them = await cast()
    [held] = await active_grants(them.lu_xiuying, TODAY)
    await revoke_role(actor_id=them.lu_xiuying, grant_id=held.id, now=FOUNDED)
    assert await active_grants(them.lu_xiuying, TODAY) == ()


async def test_the_last_steward_stays(engine: DatabaseEngine):
    them = await cast()
    [one] = await active_grants(them.chen_jing, TODAY)
    [other] = await active_grants(them.li_guoqiang, TODAY)
    done = await asyncio.gather(
        revoke_role(actor_id=them.chen_jing, grant_id=one.id, now=FOUNDED),
        revoke_role(actor_id=them.li_guoqiang, grant_id=other.id, now=FOUNDED),
        return_exceptions=True,
    )
    assert sum(one is None for one in done) == 1
    assert sum(isinstance(one, LastSteward) for one in done) == 1
    left = await holders(area_id=them.committee, roles=("steward",), today=TODAY)
    assert len(left) == 1


async def test_stewards_are_founded_once_and_by_two(engine: DatabaseEngine):
    them = await cast()
    place = await create_area(
        parent_id=them.subdistrict, level="committee", name="沙茂居委", time_zone=None, now=FOUNDED
    )
    facts = {"area_id": place, "now": FOUNDED, "today": TODAY}
    with pytest.raises(TwoStewardsNeeded):
        await found_stewards(person_ids=(them.wu_di, them.wu_di), **facts)
    with pytest.raises(NoSuchPerson):
        await found_stewards(person_ids=(them.wu_di, 10**30), **facts)
    await found_stewards(person_ids=(them.wu_di, them.he_min), **facts)
    with pytest.raises(StewardsExist):
        await found_stewards(person_ids=(them.zhang_wei, them.qian_hui), **facts)
    for taken in (them.stairwell_11, them.subdistrict):
        with pytest.raises(StewardsExist):
            await found_stewards(
                area_id=taken, person_ids=(them.wu_di, them.he_min), now=FOUNDED, today=TODAY
            )


async def test_an_area_whose_stewards_terms_ended_can_be_founded_anew(engine: DatabaseEngine):
    them = await cast()
    await run("UPDATE role_grant SET ends_on = {} WHERE role = 'steward'", TODAY)
    people, tomorrow = (them.wu_di, them.he_min), TODAY + timedelta(days=1)
    facts = {"area_id": them.committee, "person_ids": people, "now": FOUNDED}
    with pytest.raises(StewardsExist):
        await found_stewards(today=TODAY, **facts)
    await found_stewards(today=tomorrow, **facts)
    assert await covers(
        person_id=them.wu_di, roles=("steward",), area_id=them.stairwell_11, today=tomorrow
    )


@pytest.mark.parametrize("number", [0, -1, 10**30])
async def test_a_number_of_nobody_holds_nothing(engine: DatabaseEngine, number: int):
    assert await active_grants(number, TODAY) == ()
    assert await grants_of(number, TODAY) == ()
    assert not await covers(person_id=number, roles=STAFF, area_id=number, today=TODAY)


async def test_who_must_act_is_named_from_near_to_far_and_once(engine: DatabaseEngine):
    them = await cast()
    roles = ("organizer", "stairwell_leader", "steward")
    near = await holders(area_id=them.stairwell_11, roles=roles, today=TODAY, limit=9)
    assert [holder.name for holder in near] == ["卢秀英", "陈静", "李国强", "王芳"]
    assert near[0].role == "stairwell_leader"
    assert len(await holders(area_id=them.stairwell_11, roles=roles, today=TODAY, limit=2)) == 2


async def test_the_last_steward_does_not_close_the_account(engine: DatabaseEngine):
    them = await cast()
    await close_account(actor_id=them.chen_jing, person_id=them.chen_jing, now=FOUNDED)
    with pytest.raises(LastSteward):
        await close_account(actor_id=them.li_guoqiang, person_id=them.li_guoqiang, now=FOUNDED)


async def test_a_closed_account_is_given_no_role(engine: DatabaseEngine):
    them = await cast()
    grant_id = await propose(them)
    await close_account(actor_id=them.he_min, person_id=them.he_min, now=FOUNDED)
    with pytest.raises(AccountClosed):
        await propose(them)
    with pytest.raises(NotWaiting):
        await approve(them.li_guoqiang, grant_id)
