"""Service of children: who logs it, who has to agree first, and who never decides on it."""

from datetime import timedelta

import pytest

from points.community.consents import give_consent, withdraw_consent
from points.community.guardians import add_guardian, end_guardian
from points.service.confirm import confirm_record, refuse, void_record, waiting
from points.service.errors import GuardianMustAgree, NotYoursToLog, RollCallRefused, WardRecord
from points.service.record_views import record_detail
from points.service.records import RollCallRow, log_service, roll_call, withdraw_record
from points.transactions import run
from tests.points.service.scene import NOW, Scene, scene, shanghai
from web.database_errors import constraint_of

pytestmark = pytest.mark.anyio
MORNING = shanghai(3, 11, 9)


@pytest.fixture
async def here(engine) -> Scene:
    return await scene()


async def agree(here: Scene) -> None:
    """何敏 agrees to the service of her daughter."""
    await give_consent(
        actor_id=here.who.he_min, person_id=here.who.he_xiaoyu, purpose="minor_service", now=NOW
    )


async def served(here: Scene, *, actor_id: int | None = None) -> int:
    """何小雨 swept for an hour; her mother writes it down."""
    return await log_service(
        actor_id=actor_id or here.who.he_min,
        person_id=here.who.he_xiaoyu,
        occasion_id=await here.occasion(MORNING),
        started_at=MORNING,
        minutes=60,
        note="",
        now=NOW,
    )


async def make_guardian(here: Scene, person_id: int) -> None:
    who = here.who
    await add_guardian(
        actor_id=who.chen_jing, child_id=who.he_xiaoyu, guardian_id=person_id, now=MORNING
    )


async def test_a_guardian_logs_for_her_child_and_nobody_else_does(here):
    await agree(here)
    with pytest.raises(NotYoursToLog):
        await served(here, actor_id=here.who.zhang_wei)
    [row] = await run("SELECT * FROM service_record WHERE id = {}", await served(here))
    assert (row["person_id"], row["logged_by"]) == (here.who.he_xiaoyu, here.who.he_min)


async def test_a_child_serves_once_a_guardian_has_agreed(here):
    who = here.who
    with pytest.raises(GuardianMustAgree):
        await served(here)
    occasion_id = await here.occasion(MORNING)
    with pytest.raises(RollCallRefused) as refusal:
        await roll_call(
            actor_id=who.wang_fang, occasion_id=occasion_id, reason="签到表", now=NOW,
            rows=[RollCallRow(person_id=who.he_xiaoyu, minutes=60)],
        )  # fmt: skip
    assert isinstance(refusal.value.facts["rows"][0].error, GuardianMustAgree)
    await agree(here)
    await withdraw_record(actor_id=who.he_min, record_id=await served(here), now=NOW)
    await withdraw_consent(
        actor_id=who.he_min, person_id=who.he_xiaoyu, purpose="minor_service", now=NOW
    )
    with pytest.raises(GuardianMustAgree):
        await served(here)


async def test_a_guardian_of_another_household_does_not_decide(here):
    who = here.who
    await make_guardian(here, who.wang_fang)
    await agree(here)
    record_id = await served(here)
    [view] = await waiting(actor_id=who.wang_fang, now=NOW)
    assert view.obstacle == "guardian"
    with pytest.raises(WardRecord):
        await confirm_record(actor_id=who.wang_fang, record_id=record_id, now=NOW)
    with pytest.raises(WardRecord):
        await refuse(actor_id=who.wang_fang, record_id=record_id, reason="不对", now=NOW)
    named = (await record_detail(actor_id=who.he_min, record_id=record_id, now=NOW)).who_must_act
    assert who.wang_fang not in {one.person_id for one in named}


async def test_a_guardian_who_stopped_does_not_decide_on_what_was_done_before(here):
    who = here.who
    await make_guardian(here, who.chen_jing)
    await agree(here)
    record_id = await served(here)
    tomorrow = NOW + timedelta(days=1)
    await end_guardian(
        actor_id=who.li_guoqiang, child_id=who.he_xiaoyu, guardian_id=who.chen_jing, now=tomorrow
    )
    with pytest.raises(WardRecord):
        await confirm_record(actor_id=who.chen_jing, record_id=record_id, now=tomorrow)


async def test_a_guardian_does_not_take_a_confirmation_back(here):
    who = here.who
    await make_guardian(here, who.chen_jing)
    await agree(here)
    record_id = await served(here)
    await confirm_record(actor_id=who.li_guoqiang, record_id=record_id, now=NOW)
    with pytest.raises(WardRecord):
        await void_record(actor_id=who.chen_jing, record_id=record_id, reason="不对", now=NOW)
    assert not (await record_detail(actor_id=who.chen_jing, record_id=record_id, now=NOW)).may_void


async def test_the_database_knows_guardians_too(here):
    who = here.who
    await make_guardian(here, who.chen_jing)
    await agree(here)
    record_id = await served(here)
    [policy] = await run("SELECT id FROM policy_version WHERE book_id = {}", who.book)
    with pytest.raises(Exception) as refusal:  # noqa: PT011  # Each engine has its own.
        await run(
            "UPDATE service_record SET state = 'confirmed', decided_by = {}, decided_at = {}, "
            "policy_version_id = {} WHERE id = {}",
            *(who.chen_jing, NOW, policy["id"], record_id),
        )
    assert "guardian" in f"{constraint_of(refusal.value)} {refusal.value}"
