"""What one person cannot do alone, whatever roles she holds: points, approval, goods in one hand.

孙悟 holds every role there is, each proposed and approved by others, and tries.
"""

import pytest

from points.community.errors import NotInRole, RoleForYourself, SecondPersonNeeded
from points.community.grants import approve_role, propose_role
from points.community.people import update_person
from points.community.rules import day_of
from points.errors import Forbidden
from points.ledger.errors import InsufficientPoints
from points.rewards.catalogue import ItemDraft, adopt_item, draft_item
from points.rewards.committee import appoint_stand_in, vote
from points.rewards.errors import (
    AlreadyVoted,
    ApprovedByYou,
    HandedOverByYou,
    HouseholdRequest,
    InvolvedInPickup,
    ItemDraftedByYou,
    NotYourRequest,
    OwnRequest,
    PickupCodeUnknown,
    RequestedByYou,
    StandInYourself,
)
from points.rewards.pickup import hand_over, my_code, return_item
from points.service.confirm import confirm_record
from points.service.errors import LoggedByYou, OccasionByYou, OwnRecord
from points.service.records import RollCallRow, roll_call
from points.transactions import run
from tests.cast import FOUNDED, ZONE
from tests.points.rewards.scene import NOW, Scene
from tests.points.service.scene import shanghai

pytestmark = pytest.mark.anyio
ROLES = ("steward", "organizer", "committee_member", "stairwell_leader")


@pytest.fixture
async def sun(here: Scene) -> int:
    """孙悟, of every role, in stairwell 11, with points of her own."""
    sun = await here.neighbour(here.who.stairwell_11, household_door="401")
    for role in ROLES:
        await here.grant(sun, role)
    await here.rich(sun)
    return sun


async def attempt(sun: int, redemption_id: int, choice: str = "approve") -> str:
    return await vote(
        actor_id=sun, redemption_id=redemption_id, choice=choice, reason="好", now=NOW
    )


# --- points out of nothing


async def test_1_she_does_not_confirm_her_own_service(here, sun):
    record_id = await here.served.logged(sun, shanghai(3, 10), 60)
    with pytest.raises(OwnRecord):
        await confirm_record(actor_id=sun, record_id=record_id, now=NOW)


async def test_2_she_does_not_confirm_what_she_wrote_down_for_a_friend(here, sun):
    occasion_id = await here.served.occasion(shanghai(3, 10))
    rows = [RollCallRow(person_id=here.who.zhang_wei, started_at=shanghai(3, 10), minutes=60)]
    await roll_call(actor_id=sun, occasion_id=occasion_id, rows=rows, reason="签到表", now=NOW)
    [record] = await run("SELECT id FROM service_record WHERE state = 'logged'")
    with pytest.raises(LoggedByYou):
        await confirm_record(actor_id=sun, record_id=record["id"], now=NOW)


async def test_3_she_does_not_confirm_service_on_an_occasion_she_made_up(here, sun):
    who = here.who
    occasion_id = await here.served.occasion(
        shanghai(3, 10), created_by=sun, leader_id=who.li_guoqiang
    )
    rows = [RollCallRow(person_id=who.zhang_wei, started_at=shanghai(3, 10), minutes=60)]
    await roll_call(
        actor_id=who.chen_jing, occasion_id=occasion_id, rows=rows, reason="签到表", now=NOW
    )
    [record] = await run("SELECT id FROM service_record WHERE state = 'logged'")
    with pytest.raises(OccasionByYou):
        await confirm_record(actor_id=sun, record_id=record["id"], now=NOW)


async def test_4_she_spends_nothing_that_others_did_not_confirm(here, sun):
    with pytest.raises(InsufficientPoints):
        await here.asked(sun, await here.item(201))


# --- roles for herself


async def test_5_she_gives_herself_no_role_and_seconds_none_of_her_own(here, sun):
    today = day_of(FOUNDED, ZONE)
    term = {"area_id": here.who.committee, "starts_on": today, "ends_on": None, "now": FOUNDED}
    with pytest.raises(RoleForYourself):
        await propose_role(actor_id=sun, person_id=sun, role="committee_member", **term)
    friend = await here.neighbour()
    grant_id = await propose_role(actor_id=sun, person_id=friend, role="committee_member", **term)
    with pytest.raises(SecondPersonNeeded):
        await approve_role(actor_id=sun, grant_id=grant_id, now=FOUNDED, today=today)
    # Until somebody else agrees, her friend is not on the committee.
    await here.rich(here.who.zhang_wei)
    redemption_id = await here.asked(here.who.zhang_wei, await here.item(60))
    with pytest.raises(Forbidden):
        await attempt(friend, redemption_id)


# --- deciding


async def test_6_she_does_not_approve_her_own_request(here, sun):
    redemption_id = await here.asked(sun, await here.item(60))
    with pytest.raises(OwnRequest):
        await attempt(sun, redemption_id)


async def test_7_she_does_not_approve_what_she_asks_for_in_anothers_name(here, sun):
    await here.rich(here.who.jin_xiuzhen)
    redemption_id = await here.asked(here.who.jin_xiuzhen, await here.item(60), actor_id=sun)
    with pytest.raises(RequestedByYou):
        await attempt(sun, redemption_id)


async def test_8_she_does_not_approve_for_her_household_nor_move_out_to_do_so(here, sun):
    husband = await here.neighbour(here.who.stairwell_11, household_door="401室")
    await here.rich(husband)
    redemption_id = await here.asked(husband, await here.item(60))
    for door in ("401", "402", None):
        await update_person(actor_id=sun, person_id=sun, now=NOW, household_door=door)
        with pytest.raises(HouseholdRequest):
            await attempt(sun, redemption_id)


async def test_9_she_is_one_vote_however_often_she_votes(here, sun):
    await here.rich(here.who.zhang_wei)
    redemption_id = await here.asked(here.who.zhang_wei, await here.item(60))
    assert await attempt(sun, redemption_id) == "requested"
    with pytest.raises(AlreadyVoted):
        await attempt(sun, redemption_id)
    assert await here.state(redemption_id) == "requested"


async def test_10_she_appoints_neither_herself_nor_anybody_for_her_own_request(here, sun):
    who = here.who
    item_id = await here.item(60)
    own = await here.asked(sun, item_id)
    await here.votes(own, "recuse", "recuse", "recuse")
    with pytest.raises(OwnRequest):
        await appoint_stand_in(actor_id=sun, redemption_id=own, person_id=who.zhang_wei, now=NOW)
    await here.rich(who.zhang_wei)
    other = await here.asked(who.zhang_wei, item_id)
    await here.votes(other, "recuse", "recuse", "recuse")
    await attempt(sun, other, "recuse")
    with pytest.raises(StandInYourself):
        await appoint_stand_in(actor_id=sun, redemption_id=other, person_id=sun, now=NOW)


async def test_11_she_does_not_adopt_what_she_drafted(here, sun):
    draft = ItemDraft(name="好酒", kind="goods", price=0)
    item_id = await draft_item(actor_id=sun, book_id=here.book, draft=draft, now=NOW)
    with pytest.raises(ItemDraftedByYou):
        await adopt_item(actor_id=sun, item_id=item_id, now=NOW)


# --- handing over


async def test_12_she_does_not_hand_over_to_herself(here, sun):
    redemption_id = await here.approved(sun, await here.item(60))
    code = await my_code(actor_id=sun, redemption_id=redemption_id, now=NOW)
    with pytest.raises(InvolvedInPickup):
        await hand_over(actor_id=sun, code=code, now=NOW)


async def test_13_she_does_not_hand_over_what_she_asked_for_or_to_her_household(here, sun):
    who = here.who
    husband = await here.neighbour(who.stairwell_11, household_door="401")
    for person_id, actor_id in ((who.jin_xiuzhen, sun), (husband, husband)):
        await here.rich(person_id)
        redemption_id = await here.asked(person_id, await here.item(60), actor_id=actor_id)
        await here.votes(redemption_id, "approve", "approve")
        code = await my_code(actor_id=actor_id, redemption_id=redemption_id, now=NOW)
        with pytest.raises(InvolvedInPickup):
            await hand_over(actor_id=sun, code=code, now=NOW)


async def test_14_she_does_not_hand_over_what_she_approved(here, sun):
    who = here.who
    await here.rich(who.zhang_wei)
    redemption_id = await here.asked(who.zhang_wei, await here.item(60))
    await attempt(sun, redemption_id)
    await here.votes(redemption_id, "approve")
    code = await my_code(actor_id=who.zhang_wei, redemption_id=redemption_id, now=NOW)
    with pytest.raises(ApprovedByYou):
        await hand_over(actor_id=sun, code=code, now=NOW)


async def test_15_without_the_owner_she_learns_no_code(here, sun):
    who = here.who
    await here.rich(who.zhang_wei)
    redemption_id = await here.approved(who.zhang_wei, await here.item(60))
    with pytest.raises(NotYourRequest):
        await my_code(actor_id=sun, redemption_id=redemption_id, now=NOW)
    [row] = await run("SELECT pickup_digest FROM redemption WHERE id = {}", redemption_id)
    # What the database holds does not open anything.
    for guess in (row["pickup_digest"], row["pickup_digest"][:8], str(redemption_id)):
        with pytest.raises(PickupCodeUnknown):
            await hand_over(actor_id=sun, code=guess, now=NOW)


async def test_16_she_does_not_take_back_what_she_handed_over_to_leave_points_and_goods(here, sun):
    who = here.who
    await here.rich(who.zhang_wei)
    redemption_id = await here.approved(who.zhang_wei, await here.item(60))
    code = await my_code(actor_id=who.zhang_wei, redemption_id=redemption_id, now=NOW)
    await hand_over(actor_id=sun, code=code, now=NOW)
    with pytest.raises(HandedOverByYou):
        await return_item(
            actor_id=sun, redemption_id=redemption_id, good=True, reason="退回", now=NOW
        )


async def test_17_roles_of_another_committee_open_nothing_here(here):
    who = here.who
    stranger = who.xu_jing
    await here.rich(who.zhang_wei)
    item_id = await here.item(60)
    redemption_id = await here.approved(who.zhang_wei, item_id)
    code = await my_code(actor_id=who.zhang_wei, redemption_id=redemption_id, now=NOW)
    with pytest.raises(Forbidden):
        await hand_over(actor_id=stranger, code=code, now=NOW)
    with pytest.raises(Forbidden):
        await attempt(stranger, redemption_id)
    with pytest.raises(NotInRole):
        await appoint_stand_in(
            actor_id=stranger, redemption_id=redemption_id, person_id=who.he_min, now=NOW
        )
