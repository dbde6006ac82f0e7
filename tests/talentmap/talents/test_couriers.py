"""What is written to a talent without an account is brought to her by hand, and read by few.

金秀珍 of stairwell 11 has no account; 卢秀英 leads her stairwell, 王芳 organizes the neighbourhood.
"""

from datetime import date

import pytest

from points.community.access.passwords import store_password
from points.community.grants import grants_of, revoke_role
from points.community.guardians import add_guardian
from points.community.people import update_person
from points.community.reads import reads_of
from points.notices.reading import notices_of
from points.transactions import run
from talentmap.talents.couriers import reached_by_hand
from talentmap.talents.errors import NoSuchMessage
from talentmap.talents.relay import answer, conversation, send
from tests.cast import Cast, cast
from tests.talentmap.talents.scene import NOW, ground, listed, lists

pytestmark = pytest.mark.anyio


@pytest.fixture
async def who(engine) -> Cast:
    """金秀珍 and four others are listed; whoever writes or has a role here has an account."""
    found = await cast()
    await ground(found)
    await listed(found.stairwell_11, 4, "neighbourhood")
    await lists(found.jin_xiuzhen, "neighbourhood", nickname="金阿婆")
    for name in ("he_min", "zhang_wei", "lu_xiuying", "wang_fang", "chen_jing"):
        await signs_in(getattr(found, name))
    return found


async def signs_in(person_id: int) -> None:
    await store_password(person_id=person_id, password_hash="unused", now=NOW)


async def write(who: Cast, talent: str = "jin_xiuzhen", sender: str = "he_min") -> int:
    sender_id, talent_id = getattr(who, sender), getattr(who, talent)
    return await send(sender_id=sender_id, talent_id=talent_id, text="能教我包粽子吗？", now=NOW)


async def told(person_id: int) -> list[tuple[str, str]]:
    return [(one.kind, one.path) for one in await notices_of(person_id=person_id)]


async def lose_leader(who: Cast) -> None:
    [held] = await grants_of(who.lu_xiuying, NOW.date())
    await revoke_role(actor_id=who.chen_jing, grant_id=held.grant.id, now=NOW)


async def test_the_stairwell_leader_is_asked_to_bring_it_and_nobody_else(who: Cast) -> None:
    sent = await write(who)
    [notice] = await notices_of(person_id=who.lu_xiuying)
    assert notice.kind == "talent_message_to_bring"
    assert notice.facts == {"name": "何敏", "neighbour": "金秀珍"}
    assert await told(who.wang_fang) == await told(who.chen_jing) == []
    [read] = await conversation(reader_id=who.lu_xiuying, message_id=sent, now=NOW)
    assert (read.bring_to, read.from_name, read.text) == ("金秀珍", "何敏", "能教我包粽子吗？")
    assert (read.may_answer, read.may_report, read.is_mine) == (False, False, False)
    for person_id in (who.jin_xiuzhen, who.he_min):
        assert ("卢秀英", "talent_brought") in [
            (one.actor_name, one.what) for one in await reads_of(person_id)
        ]
    for reader in (who.wang_fang, who.chen_jing, who.zhang_wei):
        with pytest.raises(NoSuchMessage):
            await conversation(reader_id=reader, message_id=sent, now=NOW)


async def test_without_a_leader_the_organizers_bring_it(who: Cast) -> None:
    await lose_leader(who)
    sent = await write(who)
    assert await told(who.wang_fang) == [("talent_message_to_bring", f"/talents/messages/{sent}")]
    assert await told(who.lu_xiuying) == await told(who.chen_jing) == []
    with pytest.raises(NoSuchMessage):
        await conversation(reader_id=who.lu_xiuying, message_id=sent, now=NOW)


async def test_a_leader_without_an_account_is_not_waited_for(who: Cast) -> None:
    await run("DELETE FROM credential WHERE person_id = {}", who.lu_xiuying)
    await write(who)
    assert await told(who.lu_xiuying) == []
    assert len(await told(who.wang_fang)) == 1


async def test_who_writes_herself_is_not_asked_to_bring_it(who: Cast) -> None:
    await write(who, sender="lu_xiuying")
    assert await told(who.lu_xiuying) == []


async def test_with_an_account_of_her_own_nobody_else_reads(who: Cast) -> None:
    early = await write(who)
    assert await reached_by_hand(who.jin_xiuzhen)
    await signs_in(who.jin_xiuzhen)
    assert not await reached_by_hand(who.jin_xiuzhen)
    with pytest.raises(NoSuchMessage):
        await conversation(reader_id=who.lu_xiuying, message_id=early, now=NOW)
    late = await write(who)
    assert len(await told(who.lu_xiuying)) == 1
    # What she answers goes to its reader alone, though that one has no courier.
    await answer(sender_id=who.jin_xiuzhen, message_id=late, text="好的，周六来", now=NOW)
    assert len(await told(who.lu_xiuying)) == 1


async def test_a_youth_without_an_account_is_told_by_her_guardian(who: Cast) -> None:
    await update_person(
        actor_id=who.chen_jing, person_id=who.jin_xiuzhen, now=NOW, birth_date=date(2010, 1, 1)
    )
    await add_guardian(
        actor_id=who.chen_jing, child_id=who.jin_xiuzhen, guardian_id=who.zhang_wei, now=NOW
    )
    sent = await write(who)
    assert await told(who.zhang_wei) == [("talent_message_to_child", f"/talents/messages/{sent}")]
    assert await told(who.lu_xiuying) == []
    [read] = await conversation(reader_id=who.zhang_wei, message_id=sent, now=NOW)
    assert read.bring_to == "金秀珍"
