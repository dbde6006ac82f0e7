"""Writing service down: what is taken, what is marked, what is refused and why."""

from datetime import timedelta

import pytest

from points.service.errors import (
    AlreadyLogged,
    BackfillFull,
    DayOverfull,
    ImportDiffers,
    MinutesInvalid,
    NoteNeeded,
    NoteTooLong,
    NotStarted,
    NotYourStairwell,
    OccasionCancelled,
    OccasionMissing,
    OutsideOccasion,
    Overlapping,
    PersonElsewhere,
    PersonNotHere,
    PolicyMissing,
    ReasonNeeded,
    RecordMissing,
    RecordNotWaiting,
    RollCallEmpty,
    RollCallForbidden,
    RollCallRefused,
    RollCallTwice,
    ServiceInFuture,
    TooLate,
    WithdrawForbidden,
)
from points.service.occasions import cancel_occasion, create_occasion
from points.service.records import (
    RollCallRow,
    import_record,
    log_service,
    roll_call,
    withdraw_record,
)
from points.transactions import run
from tests.cast import cast
from tests.points.service.scene import NOW, Scene, scene, shanghai

pytestmark = pytest.mark.anyio
MORNING = shanghai(3, 11, 9)


@pytest.fixture
async def here(engine) -> Scene:
    return await scene()


async def stored(record_id: int):
    [row] = await run("SELECT * FROM service_record WHERE id = {}", record_id)
    return row


class Logging:
    """Service of 张伟 on one occasion of two hours, each fact changeable."""

    def __init__(self, here: Scene, occasion_id: int) -> None:
        self.facts = {
            "actor_id": here.who.zhang_wei,
            "occasion_id": occasion_id,
            "started_at": MORNING,
            "minutes": 60,
            "note": "",
            "now": NOW,
        }

    async def __call__(self, **changes):
        return await log_service(**(self.facts | changes))


@pytest.fixture
async def log(here) -> Logging:
    return Logging(here, await here.occasion(MORNING))


async def test_a_record_is_kept_as_it_was_written_and_waits(here, log):
    row = await stored(await log(note="  扫了\n落叶 "))
    assert (row["state"], row["minutes"], row["source"]) == ("logged", 60, "self")
    assert (row["note"], row["started_at"]) == ("扫了 落叶", MORNING)
    assert not row["backfilled"]
    assert not row["needs_steward"]
    assert await here.points(here.who.zhang_wei) == 0


IMPOSSIBLE = [
    ({"minutes": 0}, MinutesInvalid),
    ({"minutes": -5}, MinutesInvalid),
    ({"minutes": 25 * 60}, MinutesInvalid),
    ({"minutes": 1.5}, MinutesInvalid),
    ({"minutes": 10**30}, MinutesInvalid),
    ({"note": "长" * 501}, NoteTooLong),
    ({"now": MORNING + timedelta(minutes=59)}, ServiceInFuture),
    ({"now": MORNING - timedelta(minutes=1)}, NotStarted),
    ({"started_at": MORNING - timedelta(minutes=61)}, OutsideOccasion),
    ({"started_at": MORNING + timedelta(minutes=121)}, OutsideOccasion),
    ({"started_at": MORNING.replace(year=1)}, OutsideOccasion),
    ({"started_at": MORNING.replace(year=9999)}, OutsideOccasion),
    ({"minutes": 121}, NoteNeeded),
    ({"now": MORNING + timedelta(days=14, hours=3)}, TooLate),
    ({"occasion_id": 999}, OccasionMissing),
    ({"occasion_id": -1}, OccasionMissing),
    ({"occasion_id": 10**30}, OccasionMissing),
    ({"actor_id": 999}, PersonNotHere),
]


async def test_what_cannot_be_true_is_refused_at_once(log):
    for changes, error in IMPOSSIBLE:
        with pytest.raises(error) as refused:
            await log(**changes)
        assert str(refused.value)
    assert await run("SELECT id FROM service_record") == []


async def test_setting_up_and_clearing_away_count_with_a_word(here, log):
    early = MORNING - timedelta(minutes=60)
    assert await log(started_at=early, minutes=180, note="搬桌椅")


async def test_the_same_service_is_not_logged_twice(log):
    first = await log()
    with pytest.raises(AlreadyLogged) as refused:
        await log()
    assert refused.value.facts["record_id"] == first


async def test_nobody_is_in_two_places_at_once(here, log):
    first = await log()
    other = await here.occasion(MORNING, hours=3)
    with pytest.raises(Overlapping) as refused:
        await log(occasion_id=other, started_at=MORNING + timedelta(minutes=59))
    assert refused.value.facts["record_id"] == first
    assert await log(occasion_id=other, started_at=MORNING + timedelta(minutes=60))


async def test_a_withdrawn_record_makes_room_again(log, here):
    first = await log()
    await withdraw_record(actor_id=here.who.zhang_wei, record_id=first, now=NOW)
    await withdraw_record(actor_id=here.who.zhang_wei, record_id=first, now=NOW)
    assert await log() != first


async def test_a_day_has_no_more_than_its_minutes(here):
    who = here.who
    # Across midnight: by their start, all three count for the tenth.
    for hour, minutes in ((0, 700), (12, 700)):
        await here.logged(who.zhang_wei, shanghai(3, 10, hour), minutes)
    with pytest.raises(DayOverfull) as refused:
        await here.logged(who.zhang_wei, shanghai(3, 10, 23, 50), 60)
    assert refused.value.facts["used"] == 1400
    last = await here.logged(who.zhang_wei, shanghai(3, 10, 23, 50), 40)
    assert str((await stored(last))["service_date"]) == "2026-03-10"


async def test_a_long_session_is_marked_for_a_steward(here):
    for day, minutes, marked in ((9, 240, False), (10, 241, True)):
        record_id = await here.logged(here.who.zhang_wei, shanghai(3, day), minutes)
        assert bool((await stored(record_id))["needs_steward"]) is marked


async def test_a_long_day_is_marked_from_the_record_that_makes_it_long(here):
    made = [
        await here.logged(here.who.zhang_wei, shanghai(3, 10, hour), 240) for hour in (5, 10, 15)
    ]
    marks = [bool((await stored(record_id))["needs_steward"]) for record_id in made]
    assert marks == [False, False, True]


async def test_logged_after_three_days_it_counts_as_minutes_only(here, log):
    who, ended_at = here.who, MORNING + timedelta(hours=2)
    for person, hours, points in ((who.zhang_wei, 72, 10), (who.he_min, 73, 0)):
        record_id = await log(actor_id=person, now=ended_at + timedelta(hours=hours))
        assert bool((await stored(record_id))["backfilled"]) is (points == 0)
        done = await here.confirm(record_id)
        assert (done.minutes, done.points) == (60, points)


async def test_only_so_many_minutes_a_month_are_logged_late(here):
    who, late = here.who, timedelta(days=4)
    for day in (2, 3):
        start = shanghai(3, day)
        await here.logged(who.zhang_wei, start, 230, now=start + late)
    with pytest.raises(BackfillFull) as refused:
        await here.logged(who.zhang_wei, shanghai(3, 4), 21, now=shanghai(3, 8))
    assert refused.value.facts["used"] == 460
    assert await here.logged(who.zhang_wei, shanghai(3, 5), 20, now=shanghai(3, 9))
    # The month before has its own allowance.
    assert await here.logged(who.zhang_wei, shanghai(2, 28), 230, now=shanghai(3, 9))


async def test_service_is_logged_in_ones_own_neighbourhood(here, log):
    with pytest.raises(PersonElsewhere):
        await log(actor_id=here.who.wu_di)


async def test_nothing_is_logged_on_a_cancelled_occasion(here, log):
    await cancel_occasion(
        actor_id=here.who.wang_fang, occasion_id=log.facts["occasion_id"], now=NOW
    )
    with pytest.raises(OccasionCancelled):
        await log()


async def test_nothing_is_logged_before_a_policy_was_adopted(engine):
    who = await cast()
    with pytest.raises(PolicyMissing):
        await create_occasion(
            actor_id=who.wang_fang,
            area_id=who.committee,
            title="清洁家园",
            category="cleaning",
            place="",
            starts_at=MORNING,
            ends_at=MORNING + timedelta(hours=1),
            leader_id=who.li_guoqiang,
            now=NOW,
        )


async def test_who_may_withdraw_and_when(here, log):
    who = here.who
    record_id = await log()
    for stranger in (who.chen_jing, who.he_min):
        with pytest.raises(WithdrawForbidden):
            await withdraw_record(actor_id=stranger, record_id=record_id, now=NOW)
    with pytest.raises(RecordMissing):
        await withdraw_record(actor_id=who.zhang_wei, record_id=999, now=NOW)
    await here.confirm(record_id)
    with pytest.raises(RecordNotWaiting):
        await withdraw_record(actor_id=who.zhang_wei, record_id=record_id, now=NOW)


class RollCall:
    """A roll-call on one occasion of two hours, each fact changeable."""

    def __init__(self, here: Scene, occasion_id: int) -> None:
        self.facts = {
            "actor_id": here.who.li_guoqiang,
            "occasion_id": occasion_id,
            "reason": "本人签到",
            "now": NOW,
        }

    async def __call__(self, *rows, **changes):
        people = [row if isinstance(row, RollCallRow) else RollCallRow(row, 60) for row in rows]
        return await roll_call(**(self.facts | {"rows": people} | changes))


@pytest.fixture
async def call(here) -> RollCall:
    return RollCall(here, await here.occasion(MORNING, leader_id=here.who.he_min))


async def test_the_leader_an_organizer_and_a_steward_call_the_roll(here, call):
    who = here.who
    for actor, person in (
        (who.he_min, who.zhang_wei),
        (who.wang_fang, who.qian_hui),
        (who.chen_jing, who.jin_xiuzhen),
    ):
        [record_id] = await call(person, actor_id=actor)
        row = await stored(record_id)
        assert (row["source"], row["logged_by"], row["note"]) == ("roll_call", actor, "本人签到")
        assert row["started_at"] == MORNING
    for actor in (who.zhang_wei, who.zhou_jianguo, who.xu_jing):
        with pytest.raises(RollCallForbidden):
            await call(who.zhao_zhiqiang, actor_id=actor)
    assert await run("SELECT id FROM proxy_action") == []


async def test_a_stairwell_leader_enters_her_own_with_a_reason_they_can_read(here, call):
    who = here.who
    [record_id] = await call(who.jin_xiuzhen, actor_id=who.lu_xiuying, reason="她没有手机")
    [proxy] = await run("SELECT actor_id, person_id, action, reason FROM proxy_action")
    assert proxy == {
        "actor_id": who.lu_xiuying,
        "person_id": who.jin_xiuzhen,
        "action": "log_service",
        "reason": "她没有手机",
    }
    for reason in ("", "长" * 201):
        with pytest.raises(ReasonNeeded):
            await call(who.zhang_wei, actor_id=who.lu_xiuying, reason=reason)
    with pytest.raises(RollCallRefused) as refused:
        await call(who.zhang_wei, who.qian_hui, actor_id=who.lu_xiuying)
    [row] = refused.value.facts["rows"]
    assert (row.row, row.person_id, type(row.error)) == (1, who.qian_hui, NotYourStairwell)
    assert [row["id"] for row in await run("SELECT id FROM service_record")] == [record_id]
    assert len(await run("SELECT id FROM proxy_action")) == 1


async def test_a_roll_call_is_kept_whole_or_not_at_all(here, call):
    who = here.who
    with pytest.raises(RollCallRefused) as refused:
        await call(
            who.qian_hui,
            who.zhang_wei,
            RollCallRow(who.jin_xiuzhen, 1441),
            RollCallRow(who.wu_di, 60),
            RollCallRow(999, 60),
            who.zhang_wei,
        )
    rows = refused.value.facts["rows"]
    assert [(row.row, type(row.error)) for row in rows] == [
        (2, MinutesInvalid),
        (3, PersonElsewhere),
        (4, PersonNotHere),
        (5, RollCallTwice),
    ]
    assert refused.value.facts["count"] == 4
    assert await run("SELECT id FROM service_record") == []
    made = await call(who.qian_hui, who.zhang_wei)
    assert [(await stored(number))["person_id"] for number in made] == [
        who.qian_hui,
        who.zhang_wei,
    ]
    for wrong in ([], [who.zhang_wei] * 201):
        with pytest.raises(RollCallEmpty):
            await call(*wrong)


async def test_an_import_is_of_any_age_and_known_from_before(here):
    who = here.who
    start = shanghai(1, 2, 9).replace(year=2019)
    facts = {
        "actor_id": who.wang_fang,
        "area_id": who.committee,
        "title": "清洁家园",
        "category": "cleaning",
        "place": "",
        "starts_at": start,
        "ends_at": start + timedelta(hours=2),
        "leader_id": who.li_guoqiang,
        "now": NOW,
        "import_key": "sheet-1",
    }
    occasion_id = await create_occasion(**facts)
    assert await create_occasion(**facts) == occasion_id
    row = {"actor_id": who.wang_fang, "occasion_id": occasion_id, "person_id": who.zhang_wei}
    first = await import_record(**row, minutes=60, note="", now=NOW)
    again = await import_record(**row, minutes=60, note="", now=NOW)
    assert (first.created, again.created, again.record_id) == (True, False, first.record_id)
    assert (await stored(first.record_id))["backfilled"]
    with pytest.raises(ImportDiffers):
        await import_record(**row, minutes=61, note="", now=NOW)
    done = await here.confirm(first.record_id)
    assert (done.minutes, done.points) == (60, 0)


async def test_whoever_an_import_names_as_leader_earns_no_bonus(here):
    who = here.who
    first, second = [await here.occasion(shanghai(3, day), leader_id=who.he_min) for day in (9, 10)]
    facts = {"actor_id": who.wang_fang, "now": NOW}
    row = {"person_id": who.he_min, "minutes": 60, "note": ""}
    imported = await import_record(occasion_id=first, **facts, **row)
    [called] = await roll_call(
        occasion_id=second, rows=[RollCallRow(who.he_min, 60)], reason="", **facts
    )
    points = [(await here.confirm(number)).points for number in (imported.record_id, called)]
    assert points == [10, 12]


async def test_an_import_keeps_rough_times_for_a_steward(here):
    who = here.who
    made = []
    for _ in range(2):
        occasion_id = await here.occasion(MORNING)
        made.append(
            await import_record(
                actor_id=who.wang_fang,
                occasion_id=occasion_id,
                person_id=who.zhang_wei,
                minutes=60,
                note="",
                now=NOW,
            )
        )
    marks = [bool((await stored(one.record_id))["needs_steward"]) for one in made]
    assert marks == [False, True]
