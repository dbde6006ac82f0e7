"""Somebody else decides, and the hours and points stand in the books."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from points.community.reads import reads_of
from points.service.confirm import (
    RECORDS_MAX,
    confirm,
    confirm_record,
    refuse,
    void_record,
    waiting,
)
from points.service.errors import (
    HouseholdRecord,
    LoggedByYou,
    NotConfirmed,
    NotCovering,
    OccasionByYou,
    OwnRecord,
    ReasonNeeded,
    RecordMissing,
    RecordNotWaiting,
    StewardOnly,
    TooManyRecords,
    VoidBySteward,
)
from points.service.record_views import count_waiting, my_records, record_detail, records_on
from points.service.records import RollCallRow, roll_call, withdraw_record
from points.service.verify import verify_earnings
from points.transactions import run
from tests.points.service.scene import NOW, Scene, scene, shanghai

pytestmark = pytest.mark.anyio
MORNING = shanghai(3, 11, 9)


@pytest.fixture
async def here(engine) -> Scene:
    return await scene()


async def test_an_hour_becomes_ten_points_and_sixty_minutes(here):
    who = here.who
    confirmed = await here.confirmed(who.zhang_wei, MORNING, 60)
    assert (confirmed.points, confirmed.minutes, confirmed.replayed) == (10, 60, False)
    assert (await here.points(who.zhang_wei), await here.minutes(who.zhang_wei)) == (10, 60)
    assert await verify_earnings() == ()


async def test_the_entry_says_why_it_is_these_points(here):
    confirmed = await here.confirmed(here.who.zhang_wei, MORNING, 45, category="haircut")
    [row] = await run(
        "SELECT reference, reason, details FROM posting WHERE id = {}", confirmed.posting_id
    )
    assert row["reference"] == f"service:{confirmed.record_id}:1"
    assert row["reason"] == "清洁家园"
    assert json.loads(row["details"]) == [
        {"kind": "policy", "number": 1, "effective_from": "2026-01-01"},
        {"kind": "rate", "minutes": 45, "points_per_hour": 10},
        {"kind": "multiplier", "category": "haircut", "percent": 120},
    ]


async def test_confirming_again_gives_the_first_answer_and_posts_nothing(here):
    who = here.who
    first = await here.confirmed(who.zhang_wei, MORNING, 90)
    again = await here.confirm(first.record_id)
    assert again == replace(first, replayed=True)
    by_another = await confirm_record(actor_id=who.li_guoqiang, record_id=first.record_id, now=NOW)
    assert by_another == again
    assert await here.points(who.zhang_wei) == 15


async def test_nobody_decides_where_the_rules_forbid_it(here):
    who = here.who
    own = await here.logged(who.chen_jing, MORNING, 60)
    with pytest.raises(OwnRecord):
        await here.confirm(own)
    created = await here.logged(who.zhang_wei, MORNING, 60)
    with pytest.raises(OccasionByYou):
        await confirm_record(actor_id=who.wang_fang, record_id=created, now=NOW)
    for stranger in (who.he_min, who.zhou_jianguo, who.xu_jing, who.lu_xiuying, 999_999):
        with pytest.raises(NotCovering):
            await confirm_record(actor_id=stranger, record_id=created, now=NOW)
    with pytest.raises(RecordMissing):
        await here.confirm(10**30)
    assert await here.points(who.zhang_wei) == 0


async def test_nobody_decides_on_what_she_wrote_down_herself(here):
    who = here.who
    occasion_id = await here.occasion(MORNING)
    [record_id] = await roll_call(
        actor_id=who.chen_jing,
        occasion_id=occasion_id,
        rows=[RollCallRow(person_id=who.zhang_wei, minutes=60)],
        reason="签到表",
        now=NOW,
    )
    with pytest.raises(LoggedByYou):
        await here.confirm(record_id)
    done = await confirm_record(actor_id=who.li_guoqiang, record_id=record_id, now=NOW)
    assert done.points == 12 - 2


async def test_nobody_decides_for_the_own_household(here):
    who = here.who
    await run(
        "UPDATE person SET household_id = (SELECT household_id FROM person WHERE id = {}) "
        "WHERE id = {}",
        who.qian_hui,
        who.chen_jing,
    )
    record_id = await here.logged(who.qian_hui, MORNING, 60)
    with pytest.raises(HouseholdRecord):
        await here.confirm(record_id)


async def test_unusual_hours_wait_for_a_steward(here):
    who = here.who
    occasion_id = await here.occasion(shanghai(3, 9), hours=5, created_by=who.chen_jing)
    [record_id] = await roll_call(
        actor_id=who.li_guoqiang,
        occasion_id=occasion_id,
        rows=[RollCallRow(person_id=who.he_min, minutes=241)],
        reason="签到表",
        now=NOW,
    )
    [view] = await waiting(actor_id=who.wang_fang, now=NOW)
    assert (view.needs_steward, view.obstacle) == (True, "steward_only")
    # 陈静 created the occasion and 李国强 wrote it down, so no steward is left to decide.
    assert view.who_must_act == ()
    with pytest.raises(StewardOnly):
        await confirm_record(actor_id=who.wang_fang, record_id=record_id, now=NOW)


async def test_a_steward_decides_on_unusual_hours(here):
    who = here.who
    record_id = await here.logged(who.zhang_wei, shanghai(3, 10), 241)
    [view] = await my_records(person_id=who.zhang_wei, now=NOW)
    assert {one.role for one in view.who_must_act} == {"steward"}
    assert (await here.confirm(record_id)).points == 40


async def test_the_database_alone_refuses_a_confirmer_who_may_not(here):
    who = here.who
    record_id = await here.logged(who.zhao_zhiqiang, MORNING, 60)
    [policy] = await run("SELECT id FROM policy_version WHERE book_id = {}", who.book)
    for confirmer in (who.zhao_zhiqiang, who.qian_hui, who.wang_fang):
        with pytest.raises(Exception, match=r"record_not_own|confirmer created|second_person"):
            await run(
                "UPDATE service_record SET state = 'confirmed', decided_by = {}, decided_at = {}, "
                "policy_version_id = {} WHERE id = {}",
                *(confirmer, NOW, policy["id"], record_id),
            )


EDITS = [
    ("minutes = minutes + 1", "never edited"),
    ("exact = exact + 6000", "decision"),
    ("decision_reason = 'later'", "decision"),
    ("state = 'logged', decided_by = NULL, decided_at = NULL", "state|decision"),
    ("service_date = '2026-03-12'", "never edited"),
]


async def test_the_database_alone_keeps_what_was_decided(here):
    confirmed = await here.confirmed(here.who.zhang_wei, MORNING, 60)
    for change, message in EDITS:
        with pytest.raises(Exception, match=message):
            await run(f"UPDATE service_record SET {change} WHERE id = {{}}", confirmed.record_id)
    with pytest.raises(Exception, match="never deleted"):
        await run("DELETE FROM service_record WHERE id = {}", confirmed.record_id)
    with pytest.raises(Exception, match="keeps its time, category and leader"):
        await run("UPDATE occasion SET category = 'emergency'")


async def test_one_refusal_does_not_hold_up_the_rest(here):
    who = here.who
    good = [await here.logged(who.zhang_wei, shanghai(3, day), 60) for day in (9, 10)]
    own = await here.logged(who.chen_jing, MORNING, 60)
    report = await confirm(
        actor_id=who.chen_jing, record_ids=[good[0], own, 777, good[1], good[0]], now=NOW
    )
    assert [done.record_id for done in report.confirmed] == good
    assert [(one.record_id, type(one.error)) for one in report.refused] == [
        (own, OwnRecord),
        (777, RecordMissing),
    ]
    assert await here.points(who.zhang_wei) == 20
    for wrong in ([], list(range(1, RECORDS_MAX + 2))):
        with pytest.raises(TooManyRecords):
            await confirm(actor_id=who.chen_jing, record_ids=wrong, now=NOW)


async def test_the_day_cap_cuts_points_and_never_minutes(here):
    who = here.who
    for hour in (6, 10, 14):
        await here.confirmed(who.zhang_wei, shanghai(3, 10, hour), 180)
    assert await here.points(who.zhang_wei) == 60
    assert await here.minutes(who.zhang_wei) == 540
    [last] = await run("SELECT details FROM posting ORDER BY id DESC LIMIT 1")
    [cut] = [fact for fact in json.loads(last["details"]) if fact["kind"] == "cap"]
    assert cut == {"kind": "cap", "period": "day", "cap_points": 60, "cut_exact": 180_000}


async def test_voiding_gives_the_points_that_the_cap_had_cut_elsewhere(here):
    who = here.who
    first = await here.confirmed(who.zhang_wei, shanghai(3, 10, 6), 240)
    second = await here.confirmed(who.zhang_wei, shanghai(3, 10, 12), 240)
    assert (first.points, second.points) == (40, 20)
    more = await void_record(
        actor_id=who.li_guoqiang, record_id=first.record_id, reason="没有来", now=NOW
    )
    assert more == 20
    assert (await here.points(who.zhang_wei), await here.minutes(who.zhang_wei)) == (40, 240)
    names = [row["reference"] for row in await run("SELECT reference FROM posting ORDER BY id")]
    number = first.record_id
    assert names[-2:] == [f"service:{number}:void", f"service:{number}:recount"]
    assert await verify_earnings() == ()


async def test_voiding_takes_the_fraction_it_had_completed(here):
    who = here.who
    first = await here.confirmed(who.zhang_wei, shanghai(3, 9), 45)
    second = await here.confirmed(who.zhang_wei, shanghai(3, 10), 45)
    assert (first.points, second.points) == (7, 8)
    for record, points in ((first, 7), (second, 0)):
        await void_record(
            actor_id=who.li_guoqiang, record_id=record.record_id, reason="没有来", now=NOW
        )
        assert await here.points(who.zhang_wei) == points
        assert await verify_earnings() == ()


async def test_voiding_is_a_stewards_and_is_done_once(here):
    who = here.who
    confirmed = await here.confirmed(who.zhang_wei, MORNING, 60)

    async def void(actor_id, record_id=confirmed.record_id, reason="没有来"):
        return await void_record(actor_id=actor_id, record_id=record_id, reason=reason, now=NOW)

    for nobody in (who.wang_fang, who.xu_jing, who.zhang_wei):
        with pytest.raises(VoidBySteward):
            await void(nobody)
    for reason in ("", "  ", "长" * 301):
        with pytest.raises(ReasonNeeded):
            await void(who.chen_jing, reason=reason)
    waits = await here.logged(who.zhang_wei, shanghai(3, 10), 60)
    with pytest.raises(NotConfirmed):
        await void(who.chen_jing, waits)
    own = await here.logged(who.li_guoqiang, shanghai(3, 10), 60)
    await here.confirm(own)
    with pytest.raises(OwnRecord):
        await void(who.li_guoqiang, own)
    await void(who.chen_jing)
    await void(who.chen_jing)
    assert await here.points(who.zhang_wei) == 0
    with pytest.raises(RecordNotWaiting):
        await here.confirm(confirmed.record_id)


async def test_a_refusal_says_why_and_is_no_confirmation(here):
    who = here.who
    record_id = await here.logged(who.zhang_wei, MORNING, 60)
    for reason in ("", "长" * 301):
        with pytest.raises(ReasonNeeded):
            await refuse(actor_id=who.chen_jing, record_id=record_id, reason=reason, now=NOW)
    with pytest.raises(OwnRecord):
        await refuse(actor_id=who.zhang_wei, record_id=record_id, reason="不对", now=NOW)
    for _ in range(2):
        await refuse(actor_id=who.chen_jing, record_id=record_id, reason="那天没有来", now=NOW)
    with pytest.raises(RecordNotWaiting):
        await here.confirm(record_id)
    [mine] = await my_records(person_id=who.zhang_wei, now=NOW)
    assert (mine.state, mine.decision_reason) == ("refused", "那天没有来")
    assert mine.who_must_act == ()


async def test_what_waits_says_who_else_can(here):
    who = here.who
    record_id = await here.logged(who.zhang_wei, MORNING, 60)
    await here.logged(who.wang_fang, shanghai(3, 10), 60)
    [view] = await waiting(actor_id=who.wang_fang, now=NOW)
    assert (view.id, view.obstacle) == (record_id, "created_by_you")
    assert [one.name for one in view.who_must_act] == ["陈静", "李国强"]
    assert await count_waiting(actor_id=who.wang_fang, now=NOW) == 0
    assert await count_waiting(actor_id=who.chen_jing, now=NOW) == 2
    assert await waiting(actor_id=who.xu_jing, now=NOW) == []
    assert await waiting(actor_id=who.zhang_wei, now=NOW) == []
    [mine] = await my_records(person_id=who.zhang_wei, now=NOW)
    assert [one.name for one in mine.who_must_act] == ["陈静", "李国强"]
    assert mine.worth_points == 10


async def test_what_waits_is_paged_by_key(here):
    who = here.who
    made = [await here.logged(who.zhang_wei, shanghai(3, 9, hour), 30) for hour in (6, 7, 8, 9)]
    first = await waiting(actor_id=who.chen_jing, now=NOW, limit=3)
    rest = await waiting(actor_id=who.chen_jing, now=NOW, limit=3, after_id=first[-1].id)
    assert [view.id for view in [*first, *rest]] == made
    newest = await my_records(person_id=who.zhang_wei, now=NOW, limit=3)
    older = await my_records(person_id=who.zhang_wei, now=NOW, limit=3, before_id=newest[-1].id)
    assert [view.id for view in [*newest, *older]] == made[::-1]
    assert await my_records(person_id=who.zhang_wei, now=NOW, state="refused") == []


async def test_a_stairwell_leader_sees_what_waits_in_her_stairwell_only(here):
    who = here.who
    await here.logged(who.he_min, MORNING, 30)
    occasion_id = await here.occasion(MORNING, area_id=who.stairwell_11)
    [record_id] = await roll_call(
        actor_id=who.wang_fang,
        occasion_id=occasion_id,
        rows=[RollCallRow(person_id=who.jin_xiuzhen, minutes=60)],
        reason="签到表",
        now=NOW,
    )
    [view] = await waiting(actor_id=who.lu_xiuying, now=NOW)
    assert (view.id, view.obstacle, view.worth_points) == (record_id, None, 10)
    done = await confirm_record(actor_id=who.lu_xiuying, record_id=record_id, now=NOW)
    assert done.points == 10


async def test_others_see_masked_names_and_staff_leave_a_trace(here):
    who = here.who
    record_id = await here.logged(who.jin_xiuzhen, MORNING, 60)
    [row] = await run("SELECT occasion_id FROM service_record WHERE id = {}", record_id)

    async def names(actor_id):
        views = await records_on(actor_id=actor_id, occasion_id=row["occasion_id"], now=NOW)
        return [view.name for view in views]

    assert await names(who.chen_jing) == ["金秀珍"]
    assert await names(who.jin_xiuzhen) == ["金秀珍"]
    assert await names(who.zhang_wei) == ["金*珍"]
    assert (await record_detail(actor_id=who.chen_jing, record_id=record_id, now=NOW)).id
    assert len(await run("SELECT id FROM personal_read WHERE what = 'service_record'")) == 1
    assert [(one.actor_id, one.what) for one in await reads_of(who.jin_xiuzhen)] == [
        (who.chen_jing, "service_record"),
        (who.chen_jing, "list"),
    ]
    with pytest.raises(RecordMissing):
        await record_detail(actor_id=who.zhang_wei, record_id=record_id, now=NOW)
    await here.confirm(record_id)
    detail = await record_detail(actor_id=who.li_guoqiang, record_id=record_id, now=NOW)
    assert detail.may_void
    assert detail.posting_id


async def test_who_reads_the_names_that_wait_is_noted(here):
    who = here.who
    await here.logged(who.jin_xiuzhen, MORNING, 60)
    assert await count_waiting(actor_id=who.chen_jing, now=NOW) == 1
    assert await reads_of(who.jin_xiuzhen) == ()
    await waiting(actor_id=who.chen_jing, now=NOW)
    assert [(one.actor_id, one.what) for one in await reads_of(who.jin_xiuzhen)] == [
        (who.chen_jing, "list")
    ]


async def test_a_withdrawn_record_is_not_confirmed(here):
    who = here.who
    record_id = await here.logged(who.zhang_wei, MORNING, 60)
    await withdraw_record(actor_id=who.zhang_wei, record_id=record_id, now=NOW)
    with pytest.raises(RecordNotWaiting):
        await here.confirm(record_id, now=NOW + timedelta(hours=1))
