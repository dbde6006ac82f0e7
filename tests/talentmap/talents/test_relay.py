"""Neighbours write to talents through the site, and the office recognises what they can do."""

from datetime import timedelta

import pytest

from points.community.access.passwords import store_password
from points.community.errors import NotInRole
from points.community.reads import reads_of
from points.notices.reading import notices_of
from points.transactions import run
from talentmap.talents.errors import (
    ContactInText,
    MessageMissing,
    MessageToSelf,
    NoSuchMessage,
    NoSuchTalent,
    OwnRecognition,
    SkillNotThere,
    TooManyMessages,
)
from talentmap.talents.profiles import hide_now, set_skills
from talentmap.talents.recognition import candidate, recognise, take_back
from talentmap.talents.relay import answer, conversation, messages_of, report, send
from tests.cast import Cast, cast
from tests.talentmap.talents.scene import NOW, ground, listed, lists

pytestmark = pytest.mark.anyio


@pytest.fixture
async def who(engine) -> Cast:
    """张伟 is a talent of the neighbourhood, 卢秀英 of her stairwell, and four others with them."""
    found = await cast()
    await ground(found)
    await listed(found.stairwell_11, 4, "neighbourhood")
    await lists(found.zhang_wei, "neighbourhood", nickname="阿伟", piano="teach", tea="interest")
    await listed(found.stairwell_11, 4, "stairwell")
    await lists(found.lu_xiuying, "stairwell")
    # They read for themselves: nobody brings them anything (test_couriers.py).
    for person_id in (found.zhang_wei, found.lu_xiuying):
        await store_password(person_id=person_id, password_hash="unused", now=NOW)
    return found


async def write(who: Cast, text: str = "能教我弹琴吗？", sender: str = "he_min") -> int:
    return await send(sender_id=getattr(who, sender), talent_id=who.zhang_wei, text=text, now=NOW)


async def test_a_neighbour_writes_and_is_answered(who: Cast) -> None:
    first = await write(who)
    [told] = await notices_of(person_id=who.zhang_wei)
    assert (told.kind, told.facts) == ("talent_message", {"name": "何敏"})
    assert told.path == f"/talents/messages/{first}"
    [read] = await conversation(reader_id=who.zhang_wei, message_id=first, now=NOW)
    assert (read.from_name, read.to_name, read.may_answer) == ("何敏", "阿伟", True)
    second = await answer(
        sender_id=who.zhang_wei, message_id=first, text="周六上午来活动室", now=NOW
    )
    newest, oldest = await conversation(reader_id=who.he_min, message_id=second, now=NOW)
    assert (newest.from_name, newest.to_name, oldest.is_mine) == ("阿伟", "何敏", True)
    third = await answer(sender_id=who.he_min, message_id=second, text="好的", now=NOW)
    assert [one.id for one in await messages_of(who.he_min)] == [third, second, first]


async def test_what_is_not_passed_on(who: Cast) -> None:
    for text in ("", "  ", "字" * 501):
        with pytest.raises(MessageMissing):
            await write(who, text)
    for text in ("打我电话 138 0000 0007", "加微信：hemin_1980"):
        with pytest.raises(ContactInText):
            await write(who, text)
    with pytest.raises(MessageToSelf):
        await write(who, sender="zhang_wei")
    # Of another neighbourhood; and of another stairwell.
    with pytest.raises(NoSuchTalent):
        await write(who, sender="wu_di")
    with pytest.raises(NoSuchTalent):
        await send(sender_id=who.he_min, talent_id=who.lu_xiuying, text="您好", now=NOW)
    await hide_now(person_id=who.zhang_wei, now=NOW)
    with pytest.raises(NoSuchTalent):
        await write(who)
    assert await run("SELECT id FROM talent_message") == []


async def test_five_a_day_are_enough(who: Cast) -> None:
    for _ in range(5):
        await write(who)
    with pytest.raises(TooManyMessages):
        await write(who)
    later = NOW + timedelta(days=1, seconds=1)
    await send(sender_id=who.he_min, talent_id=who.zhang_wei, text="您好", now=later)


async def test_others_read_nothing_and_a_report_goes_to_the_stewards(who: Cast) -> None:
    message = await write(who)
    for stranger in (who.lu_xiuying, who.chen_jing, who.xu_jing):
        with pytest.raises(NoSuchMessage):
            await conversation(reader_id=stranger, message_id=message, now=NOW)
        with pytest.raises(NoSuchMessage):
            await answer(sender_id=stranger, message_id=message, text="?", now=NOW)
    with pytest.raises(NoSuchMessage):
        await report(reader_id=who.he_min, message_id=message, now=NOW)
    await report(reader_id=who.zhang_wei, message_id=message, now=NOW)
    assert [n.kind for n in await notices_of(person_id=who.chen_jing)] == [
        "talent_message_reported"
    ]
    [seen] = await conversation(reader_id=who.chen_jing, message_id=message, now=NOW)
    assert (seen.text, seen.may_answer) == ("能教我弹琴吗？", False)
    assert {line.what for line in await reads_of(who.he_min)} == {"talent_message"}
    with pytest.raises(NoSuchMessage):
        await conversation(reader_id=who.xu_jing, message_id=message, now=NOW)
    with pytest.raises(NoSuchMessage):
        await write(who)


async def test_the_office_recognises_a_skill_until_its_level_changes(who: Cast) -> None:
    asked = {"person_id": who.zhang_wei, "skill_code": "piano", "now": NOW}
    await recognise(actor_id=who.chen_jing, **asked)
    await recognise(actor_id=who.wang_fang, **asked)
    seen = await candidate(actor_id=who.wang_fang, person_id=who.zhang_wei, now=NOW)
    by_code = {skill.code: skill.recognised_by_name for skill in seen.skills}
    assert by_code == {"piano": "陈静", "tea": None}
    assert [notice.kind for notice in await notices_of(person_id=who.zhang_wei)] == [
        "talent_recognised"
    ]
    assert {line.what for line in await reads_of(who.zhang_wei)} == {"talent"}
    # Other skills leave it alone, another level ends it.
    for levels, kept in (
        ({"piano": "teach"}, True),
        ({"piano": "teach", "tea": "teach"}, True),
        ({"piano": "certified"}, False),
    ):
        await set_skills(person_id=who.zhang_wei, levels=levels, now=NOW)
        rows = await run("SELECT recognised_by FROM talent_skill WHERE skill_code = 'piano'")
        assert (rows[0]["recognised_by"] is not None) == kept
    await recognise(actor_id=who.chen_jing, **asked)
    await take_back(actor_id=who.chen_jing, **asked)
    [row] = await run("SELECT recognised_by FROM talent_skill WHERE skill_code = 'piano'")
    assert row["recognised_by"] is None


async def test_who_may_not_recognise(who: Cast) -> None:
    asked = {"person_id": who.zhang_wei, "skill_code": "piano", "now": NOW}
    for stranger in (who.he_min, who.lu_xiuying, who.zhou_jianguo, who.xu_jing):
        with pytest.raises(NotInRole):
            await recognise(actor_id=stranger, **asked)
    with pytest.raises(SkillNotThere):
        await recognise(actor_id=who.chen_jing, **{**asked, "skill_code": "chess"})
    # What is shown to a stairwell alone is not the office's.
    with pytest.raises(NoSuchTalent):
        await candidate(actor_id=who.chen_jing, person_id=who.lu_xiuying, now=NOW)
    with pytest.raises(NoSuchTalent):
        await candidate(actor_id=who.chen_jing, person_id=who.he_min, now=NOW)
    await lists(who.chen_jing, "neighbourhood")
    with pytest.raises(OwnRecognition):
        await recognise(
            actor_id=who.chen_jing, person_id=who.chen_jing, skill_code="tai_chi", now=NOW
        )
