"""The committee decides together: who may vote, when it is certain, who stands in."""

from datetime import date, timedelta

import pytest

from points.community.errors import NotInRole
from points.community.grants import revoke_role
from points.community.people import update_person
from points.community.reads import reads_of
from points.rewards.committee import (
    appoint_stand_in,
    count_queue,
    members,
    minutes,
    queue,
    vote,
)
from points.rewards.deadlines import escalate_due
from points.rewards.errors import (
    AlreadyDecided,
    AlreadyVoted,
    ChoiceUnknown,
    HouseholdRequest,
    NotOnCommittee,
    OwnRequest,
    RequestedByYou,
    SpanTooLong,
    StandInInvolved,
    StandInNotNeeded,
    StandInUnfit,
    StandInYourself,
    VoteReasonMissing,
    WardRequest,
)
from points.rewards.redemptions import redemption
from points.transactions import run
from tests.points.rewards.scene import COLLECT_BY, DECIDE_BY, NOW, TODAY

pytestmark = pytest.mark.anyio
AFTER = DECIDE_BY + timedelta(minutes=1)


async def cast_vote(actor_id, redemption_id, choice="approve", reason="合规", now=NOW):
    return await vote(
        actor_id=actor_id, redemption_id=redemption_id, choice=choice, reason=reason, now=now
    )


async def stand_in(here, redemption_id, person_id, actor="chen_jing", now=NOW):
    await appoint_stand_in(
        actor_id=getattr(here.who, actor),
        redemption_id=redemption_id,
        person_id=person_id,
        now=now,
    )


@pytest.fixture
async def asked(here):
    """何敏 of the committee knows 张伟, who asks for something at 60 points."""
    await here.rich(here.who.zhang_wei)
    return await here.asked(here.who.zhang_wei, await here.item(60, stock=3))


async def test_the_second_approval_of_three_decides(here, asked):
    assert await here.votes(asked, "approve") == "requested"
    assert await cast_vote(here.members[1], asked) == "approved"
    assert await here.told("redemption_approved") == {here.who.zhang_wei}
    assert await here.held(asked) == 60
    [row] = await run("SELECT collect_by FROM redemption WHERE id = {}", asked)
    assert row["collect_by"] == COLLECT_BY


async def test_a_refusal_is_certain_once_two_refused_and_everything_goes_back(here, asked):
    assert await here.votes(asked, "refuse", "refuse", reason="上月已领过") == "refused"
    assert await here.points(here.who.zhang_wei) == 200
    assert (await here.held(asked), await here.told("redemption_refused")) == (
        0,
        {here.who.zhang_wei},
    )
    view = await redemption(actor_id=here.who.zhang_wei, redemption_id=asked, now=NOW)
    assert view.close_reason == "上月已领过"
    assert (await here.stock(view.item_id)).in_store == 3


async def test_a_dear_request_needs_all_three(here):
    who = here.who
    await here.rich(who.zhang_wei, 200)
    redemption_id = await here.asked(who.zhang_wei, await here.item(101))
    assert await here.votes(redemption_id, "approve", "approve") == "requested"
    assert await cast_vote(who.qian_hui, redemption_id) == "approved"


async def test_only_the_committee_votes(here, asked):
    for outsider in ("chen_jing", "wang_fang", "lu_xiuying", "zhao_zhiqiang", "xu_jing"):
        with pytest.raises(NotOnCommittee):
            await cast_vote(getattr(here.who, outsider), asked)


async def test_whoever_left_votes_no_more_but_what_she_said_stays(here, asked):
    who = here.who
    await cast_vote(who.he_min, asked)
    for member in (who.he_min, who.qian_hui):
        rows = await run(
            "SELECT id FROM role_grant WHERE person_id = {} AND role = 'committee_member'", member
        )
        await revoke_role(actor_id=who.chen_jing, grant_id=rows[0]["id"], now=NOW)
    with pytest.raises(NotOnCommittee):
        await cast_vote(who.qian_hui, asked)
    assert await cast_vote(who.zhou_jianguo, asked) == "approved"


async def test_a_vote_is_final_and_comes_in_time(here, asked):
    await cast_vote(here.who.he_min, asked, "refuse", "重复")
    for choice in ("refuse", "approve", "recuse"):
        with pytest.raises(AlreadyVoted):
            await cast_vote(here.who.he_min, asked, choice)
    await cast_vote(here.who.zhou_jianguo, asked)
    await cast_vote(here.who.qian_hui, asked)
    with pytest.raises(AlreadyDecided):
        await cast_vote(here.who.qian_hui, asked)


async def test_whoever_refuses_or_stands_back_says_why(here, asked):
    for choice in ("refuse", "recuse"):
        with pytest.raises(VoteReasonMissing):
            await cast_vote(here.who.he_min, asked, choice, " \u200b ")
    with pytest.raises(ChoiceUnknown):
        await cast_vote(here.who.he_min, asked, "abstain")
    await cast_vote(here.who.he_min, asked, "approve", "")


async def test_nobody_decides_on_her_own_request(here):
    who = here.who
    await here.rich(who.he_min)
    redemption_id = await here.asked(who.he_min, await here.item(60))
    for choice in ("approve", "refuse"):
        with pytest.raises(OwnRequest):
            await cast_vote(who.he_min, redemption_id, choice)
    assert await here.told("redemption_to_decide") == {who.zhou_jianguo, who.qian_hui}
    # The two that are left suffice.
    assert await cast_vote(who.zhou_jianguo, redemption_id) == "requested"
    assert await cast_vote(who.qian_hui, redemption_id) == "approved"


async def test_nobody_decides_for_her_household_even_if_she_moves_out(here):
    who = here.who
    await here.rich(who.zhao_zhiqiang)
    redemption_id = await here.asked(who.zhao_zhiqiang, await here.item(60))
    with pytest.raises(HouseholdRequest):
        await cast_vote(who.qian_hui, redemption_id)
    await update_person(
        actor_id=who.qian_hui, person_id=who.qian_hui, now=NOW, household_door="999"
    )
    with pytest.raises(HouseholdRequest):
        await cast_vote(who.qian_hui, redemption_id)


async def test_nobody_decides_for_whoever_moved_in_with_her_meanwhile(here, asked):
    who = here.who
    rows = await run("SELECT household_id FROM person WHERE id = {}", who.he_min)
    await run(
        "UPDATE person SET household_id = {} WHERE id = {}", rows[0]["household_id"], who.zhang_wei
    )
    with pytest.raises(HouseholdRequest):
        await cast_vote(who.he_min, asked)


async def test_nobody_decides_on_what_she_asked_for_in_anothers_name(here):
    who = here.who
    await here.grant(who.lu_xiuying, "committee_member")
    await here.rich(who.jin_xiuzhen)
    redemption_id = await here.asked(who.jin_xiuzhen, await here.item(60), actor_id=who.lu_xiuying)
    with pytest.raises(RequestedByYou):
        await cast_vote(who.lu_xiuying, redemption_id)


async def test_nobody_decides_for_a_child_she_answers_for(here):
    who = here.who
    await run("UPDATE person SET household_id = NULL WHERE id = {}", who.he_xiaoyu)
    redemption_id = await here.asked(who.he_xiaoyu, await here.item(0))
    with pytest.raises(WardRequest):
        await cast_vote(who.he_min, redemption_id)


async def test_standing_back_makes_room_for_a_stand_in(here, asked):
    who = here.who
    with pytest.raises(StandInNotNeeded):
        await stand_in(here, asked, who.wang_fang)
    await here.votes(asked, "recuse", "recuse", reason="是我的老同事")
    view = await redemption(actor_id=who.zhang_wei, redemption_id=asked, now=NOW)
    assert view.steps[1].note == "stand_in_needed"
    assert view.steps[1].who == ("陈静", "李国强")
    await stand_in(here, asked, who.wang_fang)
    assert await here.told("stand_in_appointed") == {who.wang_fang}
    with pytest.raises(StandInNotNeeded):
        await stand_in(here, asked, who.lu_xiuying)
    assert await cast_vote(who.wang_fang, asked) == "requested"
    assert await cast_vote(who.qian_hui, asked) == "approved"


async def test_a_refusal_among_too_few_is_certain_at_once(here, asked):
    await here.votes(asked, "recuse", "recuse")
    assert await cast_vote(here.who.qian_hui, asked, "refuse", "不符合条件") == "refused"


async def test_a_stand_in_is_an_adult_neighbour_without_a_stake(here, asked):
    who = here.who
    await here.votes(asked, "recuse", "recuse")
    for unfit in (who.he_xiaoyu, who.wu_di, who.qian_hui):
        with pytest.raises(StandInUnfit):
            await stand_in(here, asked, unfit)
    with pytest.raises(StandInInvolved):
        await stand_in(here, asked, who.zhang_wei)
    with pytest.raises(StandInYourself):
        await stand_in(here, asked, who.chen_jing)
    for outsider in ("wang_fang", "zhou_jianguo", "xu_jing"):
        with pytest.raises(NotInRole):
            await stand_in(here, asked, who.lu_xiuying, actor=outsider)


async def test_a_steward_appoints_nobody_for_her_own_request(here):
    who = here.who
    await here.rich(who.chen_jing)
    redemption_id = await here.asked(who.chen_jing, await here.item(60))
    await here.votes(redemption_id, "recuse", "recuse")
    with pytest.raises(OwnRequest):
        await stand_in(here, redemption_id, who.wang_fang)
    await stand_in(here, redemption_id, who.wang_fang, actor="li_guoqiang")


async def test_after_the_deadline_the_stewards_are_told_once_and_may_help(here, asked):
    who = here.who
    assert await escalate_due(DECIDE_BY) == 0
    assert await escalate_due(AFTER) == 1
    assert await escalate_due(AFTER) == 0
    assert await here.told("redemption_overdue") == {who.chen_jing, who.li_guoqiang}
    await stand_in(here, asked, who.wang_fang, now=AFTER)
    await cast_vote(who.wang_fang, asked, now=AFTER)
    assert await cast_vote(who.he_min, asked, now=AFTER) == "approved"


async def test_the_deadline_closes_what_became_certain_because_members_left(here, asked):
    who = here.who
    await cast_vote(who.he_min, asked, "refuse", "不符合条件")
    for member in (who.zhou_jianguo, who.qian_hui):
        rows = await run(
            "SELECT id FROM role_grant WHERE person_id = {} AND role = 'committee_member'", member
        )
        await revoke_role(actor_id=who.chen_jing, grant_id=rows[0]["id"], now=NOW)
    assert await escalate_due(AFTER) == 1
    assert await here.state(asked) == "refused"


async def test_the_queue_shows_all_that_a_decision_needs(here, asked):
    who = here.who
    await cast_vote(who.he_min, asked)
    [line] = await queue(actor_id=who.zhou_jianguo, now=NOW)
    assert (line.id, line.person_name, line.item_name, line.price) == (
        asked,
        "张伟",
        "洗衣液",
        60,
    )
    assert (line.points_left, line.minutes_served, line.month_points) == (140, 200, 60)
    assert line.area_path[-2:] == ("1号楼", "1单元")
    assert (line.stock.in_store, line.stock.reserved) == (2, 1)
    assert [one.name for one in line.votes] == ["何敏"]
    assert set(line.waiting_for) == {"周建国", "钱慧"}
    assert (line.count.quorum, line.count.approvals, line.decide_by) == (2, 1, DECIDE_BY)
    assert line.obstacle is None
    assert [one.actor_id for one in await reads_of(who.zhang_wei)] == [who.zhou_jianguo]


async def test_the_queue_holds_what_waits_for_this_member(here, asked):
    who = here.who
    await here.rich(who.he_min)
    await here.rich(who.jin_xiuzhen)
    item_id = await here.item(50)
    own = await here.asked(who.he_min, item_id)
    proxied = await here.asked(who.jin_xiuzhen, item_id, actor_id=who.lu_xiuying)

    async def ids(member, **facts):
        return [line.id for line in await queue(actor_id=member, now=NOW, **facts)]

    assert await ids(who.he_min) == [asked, proxied]
    assert await ids(who.he_min, all_open=True) == [asked, own, proxied]
    assert await ids(who.he_min, after_id=asked) == [proxied]
    await cast_vote(who.he_min, asked)
    assert await ids(who.he_min) == [proxied]
    assert await count_queue(actor_id=who.he_min, now=NOW) == 1
    shown = await queue(actor_id=who.he_min, now=NOW, all_open=True)
    assert [line.obstacle and line.obstacle.code for line in shown] == [
        "AlreadyVoted",
        "OwnRequest",
        None,
    ]
    assert shown[2].proxy_reason == "老人没有手机"
    assert await ids(who.wang_fang) == []
    assert await ids(who.xu_jing) == []


async def test_a_stand_in_finds_the_request_in_her_queue(here, asked):
    who = here.who
    await here.votes(asked, "recuse", "recuse")
    await stand_in(here, asked, who.wang_fang)
    assert [line.id for line in await queue(actor_id=who.wang_fang, now=NOW)] == [asked]


async def test_the_minutes_hold_every_vote_and_reason(here, asked):
    who = here.who
    await here.votes(asked, "approve", "recuse", "approve", reason="情况属实")
    item_id = await here.item(60)
    refused = await here.asked(who.zhang_wei, item_id)
    await here.votes(refused, "refuse", "refuse", reason="本月已领")
    await here.asked(who.zhang_wei, item_id)

    async def of(first, last, actor="zhou_jianguo"):
        return await minutes(
            actor_id=getattr(who, actor), book_id=who.book, first_day=first, last_day=last, now=NOW
        )

    found = await of(TODAY, TODAY)
    assert [(one.redemption_id, one.approved) for one in found.decisions] == [
        (asked, True),
        (refused, False),
    ]
    votes = [(one.name, one.choice, one.reason) for one in found.decisions[0].votes]
    assert votes == [
        ("周建国", "approve", "情况属实"),
        ("何敏", "recuse", "情况属实"),
        ("钱慧", "approve", "情况属实"),
    ]
    assert found.decisions[0].masked_name == "张*"
    assert (found.points_approved, len(found.members)) == (60, 3)
    assert (await of(date(2026, 3, 1), date(2026, 3, 10))).decisions == ()
    with pytest.raises(SpanTooLong):
        await of(TODAY, TODAY - timedelta(days=1))
    with pytest.raises(NotInRole):
        await of(TODAY, TODAY, actor="zhang_wei")


async def test_the_members_of_a_book_are_those_of_today(here):
    names = {one.name for one in await members(book_id=here.book, now=NOW)}
    assert names == {"周建国", "何敏", "钱慧"}
    assert await members(book_id=here.who.other_book, now=NOW) == ()
