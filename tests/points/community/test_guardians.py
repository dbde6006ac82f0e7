"""Who answers for a child, and who may agree to what."""

from datetime import date, timedelta

import pytest

from points.community.consents import (
    PURPOSES,
    consents_of,
    give_consent,
    has_consented,
    withdraw_consent,
)
from points.community.errors import (
    ConsentNotGiven,
    GuardianDecides,
    GuardianRecorded,
    GuardianTooYoung,
    NoSuchGuardian,
    NotAMinor,
    NotInRole,
    OwnGuardian,
    PurposeUnknown,
    ReasonMissing,
)
from points.community.guardians import (
    add_guardian,
    children_of,
    end_guardian,
    guardians_of,
    is_guardian,
)
from points.community.people import enrol
from points.community.reads import proxies_of
from points.transactions import run
from tests.cast import FOUNDED, Cast, cast
from web.database import DatabaseEngine

pytestmark = pytest.mark.anyio
TODAY = date(2026, 1, 5)
LATER = FOUNDED + timedelta(days=30)


async def teenager(them: Cast) -> int:
    return await enrol(
        name="陈小明",
        area_id=them.stairwell_12,
        now=FOUNDED,
        actor_id=None,
        birth_date=date(2010, 6, 1),
    )


async def test_a_child_has_a_guardian_until_it_ends(engine: DatabaseEngine):
    them = await cast()
    assert [one.name for one in await guardians_of(them.he_xiaoyu, TODAY)] == ["何敏"]
    assert [one.name for one in await children_of(them.he_min, TODAY)] == ["何小雨"]
    await end_guardian(
        actor_id=them.wang_fang, child_id=them.he_xiaoyu, guardian_id=them.he_min, now=LATER
    )
    assert await guardians_of(them.he_xiaoyu, LATER.date()) == ()
    assert await is_guardian(person_id=them.he_min, child_id=them.he_xiaoyu, today=TODAY)
    with pytest.raises(NoSuchGuardian):
        await end_guardian(
            actor_id=them.wang_fang, child_id=them.he_xiaoyu, guardian_id=them.he_min, now=LATER
        )
    await add_guardian(
        actor_id=them.wang_fang, child_id=them.he_xiaoyu, guardian_id=them.he_min, now=LATER
    )
    assert [one.name for one in await guardians_of(them.he_xiaoyu, LATER.date())] == ["何敏"]


async def test_a_child_who_comes_of_age_has_none(engine: DatabaseEngine):
    them = await cast()
    assert await children_of(them.he_min, date(2032, 1, 2)) != ()
    assert await children_of(them.he_min, date(2032, 1, 3)) == ()
    for nobody in (0, 10**30):
        assert await children_of(nobody, TODAY) == await guardians_of(nobody, TODAY) == ()
        assert not await is_guardian(person_id=nobody, child_id=nobody, today=TODAY)
        assert await consents_of(nobody) == ()


async def test_a_wrong_guardian_is_refused(engine: DatabaseEngine):
    them = await cast()
    young = await teenager(them)
    child, actor = them.he_xiaoyu, them.chen_jing
    for refusal, facts in (
        (OwnGuardian, {"child_id": child, "guardian_id": child}),
        (NotAMinor, {"child_id": them.zhang_wei, "guardian_id": them.he_min}),
        (NotAMinor, {"child_id": them.jin_xiuzhen, "guardian_id": them.he_min}),
        (GuardianTooYoung, {"child_id": child, "guardian_id": young}),
        (GuardianRecorded, {"child_id": child, "guardian_id": them.he_min}),
        (NotInRole, {"child_id": child, "guardian_id": them.qian_hui, "actor_id": them.xu_jing}),
        (NotInRole, {"child_id": child, "guardian_id": them.qian_hui, "actor_id": them.qian_hui}),
    ):
        with pytest.raises(refusal):
            await add_guardian(**{"actor_id": actor, "now": FOUNDED} | facts)


async def test_a_consent_is_given_withdrawn_and_given_again(engine: DatabaseEngine):
    them = await cast()
    me = {"actor_id": them.zhang_wei, "person_id": them.zhang_wei, "purpose": "public_list"}
    with pytest.raises(ConsentNotGiven):
        await withdraw_consent(now=FOUNDED, **me)
    await give_consent(now=FOUNDED, **me)
    await give_consent(now=LATER, **me)
    assert await has_consented(person_id=them.zhang_wei, purpose="public_list")
    await withdraw_consent(now=LATER, **me)
    assert not await has_consented(person_id=them.zhang_wei, purpose="public_list")
    await give_consent(now=LATER, **me)
    newest, oldest = await consents_of(them.zhang_wei)
    assert (oldest.given_at, oldest.withdrawn_at) == (FOUNDED, LATER)
    assert (newest.given_at, newest.withdrawn_at) == (LATER, None)
    assert newest.text_version == PURPOSES["public_list"].text_version
    with pytest.raises(PurposeUnknown):
        await give_consent(now=LATER, **me | {"purpose": "everything"})


async def test_a_new_wording_is_agreed_to_anew(engine: DatabaseEngine):
    them = await cast()
    me = {"actor_id": them.zhang_wei, "person_id": them.zhang_wei, "purpose": "photos"}
    await give_consent(now=FOUNDED, **me)
    await run("UPDATE consent SET text_version = '2020-01'")
    await give_consent(now=LATER, **me)
    newest, oldest = await consents_of(them.zhang_wei)
    assert (oldest.text_version, oldest.withdrawn_at) == ("2020-01", LATER)
    assert newest.text_version == PURPOSES["photos"].text_version


async def test_only_a_guardian_agrees_for_a_child(engine: DatabaseEngine):
    them = await cast()
    for stranger in (them.he_xiaoyu, them.chen_jing, them.qian_hui):
        with pytest.raises(GuardianDecides):
            await give_consent(
                actor_id=stranger,
                person_id=them.he_xiaoyu,
                purpose="service_record",
                now=FOUNDED,
                reason="纸上签了名",
            )
    await give_consent(
        actor_id=them.he_min, person_id=them.he_xiaoyu, purpose="service_record", now=FOUNDED
    )
    [line] = await consents_of(them.he_xiaoyu)
    assert line.given_by_name == "何敏"


async def test_a_teenager_agrees_alone_to_all_but_service(engine: DatabaseEngine):
    them = await cast()
    young = await teenager(them)
    await give_consent(actor_id=young, person_id=young, purpose="photos", now=FOUNDED)
    with pytest.raises(GuardianDecides):
        await give_consent(actor_id=young, person_id=young, purpose="minor_service", now=FOUNDED)
    await add_guardian(
        actor_id=them.chen_jing, child_id=young, guardian_id=them.he_min, now=FOUNDED
    )
    await give_consent(actor_id=them.he_min, person_id=young, purpose="minor_service", now=FOUNDED)
    assert await has_consented(person_id=young, purpose="minor_service")


async def test_staff_records_a_paper_consent_with_its_reason(engine: DatabaseEngine):
    them = await cast()
    paper = {"person_id": them.jin_xiuzhen, "purpose": "photos", "now": FOUNDED}
    with pytest.raises(ReasonMissing):
        await give_consent(actor_id=them.lu_xiuying, **paper)
    with pytest.raises(ReasonMissing):
        await give_consent(actor_id=them.lu_xiuying, reason="长" * 201, **paper)
    for stranger in (them.xu_jing, them.zhang_wei):
        with pytest.raises(NotInRole):
            await give_consent(actor_id=stranger, reason="纸上签了名", **paper)
    await give_consent(actor_id=them.lu_xiuying, reason="纸上签了名", **paper)
    [done] = await proxies_of(them.jin_xiuzhen)
    assert (done.actor_name, done.action, done.reason) == ("卢秀英", "consent", "纸上签了名")
