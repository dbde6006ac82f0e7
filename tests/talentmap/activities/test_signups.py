"""Gathering a crowd: who is in, who waits, and what makes it happen."""

import asyncio
from datetime import timedelta

import pytest

from points.community.errors import AccountClosed, NoSuchPerson, ReasonMissing
from points.transactions import run
from talentmap.activities.errors import (
    ActivityClosed,
    ActivityMissing,
    AlreadySignedUp,
    BegunAlready,
    GuardianSignsUp,
    LivesElsewhere,
    NotForMinors,
    NotSignedUp,
    NotYourSignup,
    PartyInvalid,
    SignedUpTooOften,
    SignupGuardianNeeded,
    SignupOver,
)
from talentmap.activities.proposals import cancel
from talentmap.activities.signups import SignupResult, sign_up, withdraw
from talentmap.activities.verify import verify_activities
from tests.points.service.scene import NOW
from tests.talentmap.activities.scene import (
    DEADLINE,
    STARTS,
    Crowd,
    gather,
    standing,
    stored,
    told,
)

pytestmark = pytest.mark.anyio
IN = SignupResult(state="in", position=None)
LAPSED = SignupResult(state="lapsed", position=None)


@pytest.fixture
async def here(engine) -> Crowd:
    return await gather()


async def test_the_tenth_confirms_it_and_everybody_is_told_once(here):
    activity_id = await here.proposed()
    people = await here.neighbours(11)
    for person_id in people[:9]:
        assert await here.join(activity_id, person_id) == IN
    assert (await stored(activity_id))["state"] == "gathering"
    await here.join(activity_id, people[9])
    assert (await stored(activity_id))["state"] == "confirmed"
    # Whoever joins what will take place anyway is told as well.
    await here.join(activity_id, people[10])
    assert await told("activity_confirmed", activity_id) == sorted([*people, here.who.zhang_wei])


async def test_forty_at_once_fill_twelve_seats_and_the_rest_waits_in_order(here):
    activity_id = await here.proposed()
    people = await here.neighbours(40)
    results = await asyncio.gather(*(here.join(activity_id, one) for one in people))
    inside, line = await standing(activity_id)
    assert [result.state for result in results].count("in") == len(inside) == 12
    by_person = dict(zip(people, results, strict=True))
    assert [by_person[one].position for one in line] == list(range(1, 29))
    row = await stored(activity_id)
    assert (row["state"], row["seats_taken"], row["confirmed_times"]) == ("confirmed", 12, 1)
    everybody = sorted([*inside, here.who.zhang_wei])
    assert await told("activity_confirmed", activity_id) == everybody
    assert await verify_activities() == ()


async def test_two_at_once_for_the_last_seat_are_one_in_and_one_waiting(here):
    activity_id = await here.proposed(minimum=2, capacity=3)
    first, second, third, fourth = await here.neighbours(4)
    await here.join(activity_id, first)
    await here.join(activity_id, second)
    results = await asyncio.gather(*(here.join(activity_id, one) for one in (third, fourth)))
    assert sorted(result.state for result in results) == ["in", "waiting"]


async def test_people_are_counted_and_not_signups(here):
    activity_id = await here.proposed()
    first, second, third, fourth = await here.neighbours(4)
    await here.join(activity_id, first, 9)
    assert (await stored(activity_id))["state"] == "gathering"
    await here.join(activity_id, second, 2)
    assert (await stored(activity_id))["seats_taken"] == 11
    assert await here.join(activity_id, third, 2) == SignupResult(state="waiting", position=1)
    # One seat is free, but nobody overtakes.
    assert await here.join(activity_id, fourth) == SignupResult(state="waiting", position=2)


async def test_below_the_minimum_a_party_that_does_not_fit_stops_nobody(here):
    activity_id = await here.proposed()
    first, large, small, late = await here.neighbours(4)
    await here.join(activity_id, first, 9)
    assert await here.join(activity_id, large, 4) == SignupResult(state="waiting", position=1)
    assert await here.join(activity_id, small) == IN
    assert (await stored(activity_id))["state"] == "confirmed"
    # From now on nobody overtakes.
    assert await here.join(activity_id, late) == SignupResult(state="waiting", position=2)


async def test_a_withdrawal_moves_up_as_many_as_fit_in_their_order(here):
    activity_id = await here.proposed(minimum=2, capacity=6)
    family, couple, one, pair, single = await here.neighbours(5)
    await here.join(activity_id, family, 4)
    await here.join(activity_id, couple, 2)
    for person_id, people in ((one, 1), (pair, 4), (single, 1)):
        await here.join(activity_id, person_id, people)
    await here.leave(activity_id, family)
    # Three seats are left, which is too few for four; the last one does not overtake them.
    assert await standing(activity_id) == ([couple, one], [pair, single])
    assert await told("activity_moved_up", activity_id) == [one]
    await here.leave(activity_id, couple)
    assert await standing(activity_id) == ([one, pair, single], [])
    assert await told("activity_moved_up", activity_id) == [one, pair, single]


async def test_too_few_before_the_deadline_gather_again_and_can_be_confirmed_again(here):
    activity_id = await here.proposed(minimum=2, capacity=4)
    first, second, third = await here.neighbours(3)
    await here.join(activity_id, first)
    await here.join(activity_id, second)
    await here.leave(activity_id, first)
    row = await stored(activity_id)
    assert (row["state"], row["confirmed_at"], row["confirmed_times"]) == ("gathering", None, 1)
    assert await told("activity_reopened", activity_id) == sorted([second, here.who.zhang_wei])
    await here.join(activity_id, third)
    assert (await stored(activity_id))["confirmed_times"] == 2
    assert (await told("activity_confirmed", activity_id)).count(second) == 2


async def test_too_few_after_the_deadline_still_meet_and_the_line_moves_up_until_it_begins(here):
    activity_id = await here.proposed(minimum=2, capacity=2)
    first, second, third, fourth = await here.neighbours(4)
    for person_id in (first, second, third, fourth):
        await here.join(activity_id, person_id)
    after = DEADLINE + timedelta(hours=1)
    await here.leave(activity_id, first, now=after)
    assert await standing(activity_id) == ([second, third], [fourth])
    for person_id in (second, third, fourth):
        await here.leave(activity_id, person_id, now=STARTS - timedelta(minutes=1))
    row = await stored(activity_id)
    assert (row["state"], row["seats_taken"]) == ("confirmed", 0)


async def test_who_comes_after_the_deadline_lapses_what_gathered_in_vain(here):
    activity_id = await here.proposed()
    first, second = await here.neighbours(2)
    await here.join(activity_id, first)
    assert await here.join(activity_id, second, now=DEADLINE) == LAPSED
    row = await stored(activity_id)
    assert (row["state"], row["closed_at"], row["closed_by"]) == ("lapsed", DEADLINE, None)
    assert await told("activity_lapsed", activity_id) == sorted([first, here.who.zhang_wei])
    # The clock jumps back; nothing un-happens.
    with pytest.raises(ActivityClosed):
        await here.join(activity_id, second, now=NOW)
    assert (await stored(activity_id))["state"] == "lapsed"


async def test_nobody_signs_up_after_the_deadline_and_nobody_leaves_after_the_start(here):
    activity_id = await here.proposed(minimum=2)
    first, second, third = await here.neighbours(3)
    await here.join(activity_id, first)
    await here.join(activity_id, second)
    with pytest.raises(SignupOver):
        await here.join(activity_id, third, now=DEADLINE)
    with pytest.raises(BegunAlready):
        await here.leave(activity_id, first, now=STARTS)
    await here.join(activity_id, third, now=DEADLINE - timedelta(seconds=1))


async def test_who_signed_up_twice_or_too_often_or_never_is_told(here):
    activity_id = await here.proposed()
    [person_id] = await here.neighbours(1)
    with pytest.raises(NotSignedUp):
        await here.leave(activity_id, person_id)
    for _ in range(3):
        await here.join(activity_id, person_id)
        with pytest.raises(AlreadySignedUp):
            await here.join(activity_id, person_id)
        await here.leave(activity_id, person_id)
        await here.leave(activity_id, person_id)
    with pytest.raises(SignedUpTooOften):
        await here.join(activity_id, person_id)


@pytest.mark.parametrize("people", [0, -1, 11])
async def test_a_party_is_of_one_to_ten(here, people):
    activity_id = await here.proposed()
    with pytest.raises(PartyInvalid):
        await here.join(activity_id, here.who.he_min, people)


async def test_a_party_larger_than_the_room_is_refused(here):
    activity_id = await here.proposed(minimum=2, capacity=3)
    with pytest.raises(PartyInvalid):
        await here.join(activity_id, here.who.he_min, 4)


async def test_neighbours_of_the_subdistrict_take_part_and_others_do_not(here):
    activity_id = await here.proposed()
    assert await here.join(activity_id, here.who.wu_di) == IN
    [abroad] = await run(
        "INSERT INTO area (level, name, time_zone, created_at) "
        "VALUES ('subdistrict', '别处', 'Asia/Shanghai', {}) RETURNING id",
        NOW,
    )
    await run("INSERT INTO area_ancestor VALUES ({}, {}, 0)", abroad["id"], abroad["id"])
    [stranger] = await here.neighbours(1, area_id=abroad["id"])
    with pytest.raises(LivesElsewhere) as refused:
        await here.join(activity_id, stranger)
    assert refused.value.facts["area"] == "新虹街道"


async def test_what_is_not_there_cannot_be_joined(here):
    activity_id = await here.proposed()
    with pytest.raises(ActivityMissing):
        await here.join(activity_id + 1, here.who.he_min)
    with pytest.raises(NoSuchPerson):
        await here.join(activity_id, 2**70)
    await run("UPDATE person SET closed_at = {} WHERE id = {}", NOW, here.who.qian_hui)
    with pytest.raises(AccountClosed):
        await here.join(activity_id, here.who.qian_hui)


# --- children and those without a phone


async def for_child(here: Crowd, activity_id: int, actor_id: int, **facts: object) -> SignupResult:
    return await sign_up(
        **{
            "actor_id": actor_id,
            "activity_id": activity_id,
            "person_id": here.who.he_xiaoyu,
            "party_size": 1,
            "now": NOW,
        }
        | facts
    )


async def test_a_mother_signs_her_child_up_once(here):
    activity_id = await here.proposed(minimum=2)
    assert await for_child(here, activity_id, here.who.he_min) == IN
    [signup] = await run("SELECT * FROM signup")
    assert (signup["guardian_id"], signup["signed_by"]) == (here.who.he_min, here.who.he_min)
    with pytest.raises(AlreadySignedUp):
        await for_child(here, activity_id, here.who.he_min)
    await here.join(activity_id, here.who.qian_hui)
    # The mother hears of it too, although it is her daughter who takes part.
    assert here.who.he_min in await told("activity_confirmed", activity_id)
    await withdraw(
        actor_id=here.who.he_min, activity_id=activity_id, person_id=here.who.he_xiaoyu, now=NOW
    )
    assert await standing(activity_id) == ([here.who.qian_hui], [])


async def test_a_child_needs_a_guardian_of_hers(here):
    activity_id = await here.proposed()
    with pytest.raises(GuardianSignsUp):
        await for_child(here, activity_id, here.who.he_xiaoyu, guardian_id=here.who.he_min)
    for guardian_id in (None, here.who.qian_hui, here.who.he_xiaoyu):
        with pytest.raises(SignupGuardianNeeded):
            await for_child(
                here, activity_id, here.who.wang_fang, guardian_id=guardian_id, reason="帮忙"
            )
    with pytest.raises(NotYourSignup):
        await for_child(here, activity_id, here.who.qian_hui, guardian_id=here.who.he_min)
    await for_child(
        here, activity_id, here.who.wang_fang, guardian_id=here.who.he_min, reason="帮忙"
    )


async def test_what_is_risky_is_not_for_minors(here):
    activity_id = await here.proposed(risky=True, insured=True, risk="上梯子")
    with pytest.raises(NotForMinors):
        await for_child(here, activity_id, here.who.he_min)
    assert await here.join(activity_id, here.who.he_min) == IN


async def test_a_stairwell_leader_signs_up_those_of_her_stairwell_and_says_why(here):
    who = here.who
    activity_id = await here.proposed()
    facts = {"activity_id": activity_id, "party_size": 1, "now": NOW}
    with pytest.raises(ReasonMissing):
        await sign_up(actor_id=who.lu_xiuying, person_id=who.jin_xiuzhen, **facts)
    await sign_up(
        actor_id=who.lu_xiuying, person_id=who.jin_xiuzhen, reason="没有手机，当面说的", **facts
    )
    with pytest.raises(NotYourSignup):
        await sign_up(actor_id=who.lu_xiuying, person_id=who.he_min, reason="代报", **facts)
    await withdraw(
        actor_id=who.lu_xiuying,
        activity_id=activity_id,
        person_id=who.jin_xiuzhen,
        now=NOW,
        reason="身体不适",
    )
    logged = await run("SELECT action, reason FROM proxy_action ORDER BY id")
    assert [(one["action"], one["reason"]) for one in logged] == [
        ("sign_up", "没有手机，当面说的"),
        ("withdraw", "身体不适"),
    ]
    assert await told("activity_signed_up_for_you", activity_id) == [who.jin_xiuzhen]
    assert await told("activity_withdrawn_for_you", activity_id) == [who.jin_xiuzhen]


async def test_nobody_withdraws_somebody_else(here):
    activity_id = await here.proposed()
    await here.join(activity_id, here.who.he_min)
    with pytest.raises(NotYourSignup):
        await withdraw(
            actor_id=here.who.qian_hui, activity_id=activity_id, person_id=here.who.he_min, now=NOW
        )


async def test_a_cancelled_activity_takes_nobody(here):
    activity_id = await here.proposed()
    await here.join(activity_id, here.who.he_min)
    await cancel(actor_id=here.who.zhang_wei, activity_id=activity_id, reason="下雨", now=NOW)
    for act in (here.join, here.leave):
        with pytest.raises(ActivityClosed):
            await act(activity_id, here.who.he_min)
