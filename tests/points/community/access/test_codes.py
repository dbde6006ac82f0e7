"""One-time codes: one person invites, two people reset, and each code works once."""

import asyncio
from datetime import date, datetime, timedelta

import pytest

from points.community.access import codes
from points.community.access.codes import (
    approve_reset,
    codes_waiting,
    issue_invitation,
    issue_reset,
    look_at_code,
    redeem_code,
    refuse_reset,
)
from points.community.access.errors import (
    ChildHasNoAccount,
    CodeExpired,
    CodeForYourself,
    CodeNotApproved,
    CodeUsed,
    CodeWrong,
    HasPassword,
    NoPasswordYet,
    NoSuchCode,
    PasswordPersonal,
    PasswordTooShort,
    TooManyAttempts,
)
from points.community.access.passwords import has_password, hash_password, store_password
from points.community.access.sign_in import session, sign_in
from points.community.access.tokens import create_token, token_person
from points.community.errors import NotInRole, NotWaiting, SecondPersonNeeded
from points.community.grants import approve_role, propose_role
from points.transactions import run
from tests.cast import FOUNDED, Cast, cast
from web.database import DatabaseEngine

pytestmark = pytest.mark.anyio

TODAY = date(2026, 1, 5)
PASSWORD = "桂花开了满院子香"
NEXT = "石榴红了真好看呀"


async def invite(person_id: int, actor_id: int | None = None) -> str:
    return await issue_invitation(actor_id=actor_id, person_id=person_id, now=FOUNDED)


async def redeem(code: str, password: str = PASSWORD, now: datetime = FOUNDED) -> int:
    return await redeem_code(code=code, password=password, now=now, address="10.0.0.1")


async def give_password(person_id: int) -> None:
    await store_password(
        person_id=person_id, password_hash=await hash_password(PASSWORD), now=FOUNDED
    )


async def waiting_for(actor_id: int) -> list[tuple[str, str, str]]:
    return [
        (one.person_name, one.purpose, one.issued_by_name)
        for one in await codes_waiting(actor_id=actor_id, today=TODAY, now=FOUNDED)
    ]


async def last_code() -> int:
    rows = await run("SELECT id FROM one_time_code ORDER BY id DESC LIMIT 1")
    return int(rows[0]["id"])


async def reset_of(person_id: int, them: Cast) -> tuple[str, int]:
    await give_password(person_id)
    code = await issue_reset(actor_id=them.chen_jing, person_id=person_id, now=FOUNDED)
    return code, await last_code()


# --- inviting


async def test_a_newcomer_chooses_a_password_with_the_invitation(engine: DatabaseEngine):
    them = await cast()
    code = await invite(them.jin_xiuzhen, them.lu_xiuying)
    assert len(code) == 9
    assert code not in repr(await run("SELECT * FROM one_time_code"))
    shown = await look_at_code(code=code.lower(), address="10.0.0.1", now=FOUNDED)
    assert (shown.name, shown.purpose) == ("金秀珍", "invitation")
    assert await redeem(code.replace("-", " ").lower()) == them.jin_xiuzhen
    fresh = await sign_in(
        login="AB5001", password=PASSWORD, address="10.0.0.1", device="", now=FOUNDED
    )
    assert await session(fresh.token, FOUNDED) == them.jin_xiuzhen
    with pytest.raises(CodeUsed):
        await redeem(code)
    with pytest.raises(HasPassword):
        await invite(them.jin_xiuzhen, them.lu_xiuying)


async def test_of_ten_who_redeem_one_code_at_once_one_wins(engine: DatabaseEngine):
    them = await cast()
    code = await invite(them.zhang_wei, them.lu_xiuying)
    passwords = [f"{PASSWORD}{number}" for number in range(10)]
    done = await asyncio.gather(
        *(redeem(code, password) for password in passwords), return_exceptions=True
    )
    winners = [
        password for password, one in zip(passwords, done, strict=True) if one == them.zhang_wei
    ]
    assert len(winners) == 1
    assert sum(isinstance(one, CodeUsed) for one in done) == 9
    fresh = await sign_in(
        login="13800000006", password=winners[0], address="", device="", now=FOUNDED
    )
    assert fresh.person_id == them.zhang_wei


async def test_a_refused_password_does_not_use_the_code_up(engine: DatabaseEngine):
    them = await cast()
    code = await invite(them.zhang_wei)
    for refusal, password in (
        (PasswordTooShort, "kurz"),
        (PasswordPersonal, "13800000006"),
        (PasswordPersonal, "张伟123456"),
    ):
        with pytest.raises(refusal):
            await redeem(code, password)
    assert await redeem(code) == them.zhang_wei


async def test_a_code_works_until_its_last_day_and_only_the_newest(engine: DatabaseEngine):
    them = await cast()
    old = await invite(them.zhang_wei)
    code = await invite(them.zhang_wei)
    with pytest.raises(CodeUsed):
        await redeem(old)
    with pytest.raises(CodeExpired):
        await redeem(code, now=FOUNDED + timedelta(days=14))
    assert await redeem(code, now=FOUNDED + timedelta(days=13, hours=23)) == them.zhang_wei


async def test_only_staff_of_the_area_invites_and_never_a_child(engine: DatabaseEngine):
    them = await cast()
    for stranger in (them.xu_jing, them.zhang_wei, them.zhou_jianguo, 0):
        with pytest.raises(NotInRole):
            await invite(them.jin_xiuzhen, stranger)
    with pytest.raises(CodeForYourself):
        await invite(them.lu_xiuying, them.lu_xiuying)
    with pytest.raises(ChildHasNoAccount):
        await invite(them.he_xiaoyu, them.chen_jing)
    assert await run("SELECT id FROM one_time_code") == []


async def test_wrong_codes_are_counted_and_right_ones_are_not(engine: DatabaseEngine):
    them = await cast()
    code = await invite(them.zhang_wei)
    for _ in range(12):
        await look_at_code(code=code, address="10.0.0.1", now=FOUNDED)
    for wrong in ("", "ABCD-EFGH", "\x00", "0000-0000", "x" * 10_000, *["2222-2222"] * 5):
        with pytest.raises(CodeWrong):
            await redeem(wrong)
    with pytest.raises(TooManyAttempts):
        await redeem(code)
    assert (
        await redeem_code(code=code, password=PASSWORD, now=FOUNDED, address="10.0.0.2")
        == them.zhang_wei
    )


# --- resetting


async def test_a_reset_takes_two_people_and_ends_every_session_and_token(engine: DatabaseEngine):
    them = await cast()
    code, code_id = await reset_of(them.zhang_wei, them)
    inside = await sign_in(
        login="13800000006", password=PASSWORD, address="", device="", now=FOUNDED
    )
    program = await create_token(
        person_id=them.zhang_wei, label="表格", scopes=["read"], days=7, now=FOUNDED
    )
    with pytest.raises(CodeNotApproved):
        await redeem(code, NEXT)
    assert await waiting_for(them.zhou_jianguo) == [("张伟", "reset", "陈静")]
    await approve_reset(actor_id=them.zhou_jianguo, code_id=code_id, now=FOUNDED)
    assert await waiting_for(them.zhou_jianguo) == []
    assert await redeem(code, NEXT) == them.zhang_wei
    assert await session(inside.token, FOUNDED) is None
    assert await token_person(program, FOUNDED) is None
    await sign_in(login="13800000006", password=NEXT, address="", device="", now=FOUNDED)
    with pytest.raises(CodeUsed):
        await redeem(code, PASSWORD)


async def test_one_person_alone_resets_nothing_even_with_two_hats(engine: DatabaseEngine):
    them = await cast()
    hat = await propose_role(
        actor_id=them.li_guoqiang,
        person_id=them.chen_jing,
        role="committee_member",
        area_id=them.committee,
        starts_on=TODAY,
        ends_on=None,
        now=FOUNDED,
    )
    await approve_role(actor_id=them.zhou_jianguo, grant_id=hat, now=FOUNDED, today=TODAY)
    code, code_id = await reset_of(them.zhang_wei, them)
    assert await waiting_for(them.chen_jing) == []
    with pytest.raises(SecondPersonNeeded):
        await approve_reset(actor_id=them.chen_jing, code_id=code_id, now=FOUNDED)
    with pytest.raises(CodeNotApproved):
        await redeem(code, NEXT)


async def test_nobody_helps_herself_to_a_new_password(engine: DatabaseEngine):
    them = await cast()
    _, code_id = await reset_of(them.li_guoqiang, them)
    assert await waiting_for(them.li_guoqiang) == []
    with pytest.raises(SecondPersonNeeded):
        await approve_reset(actor_id=them.li_guoqiang, code_id=code_id, now=FOUNDED)
    with pytest.raises(CodeForYourself):
        await issue_reset(actor_id=them.li_guoqiang, person_id=them.li_guoqiang, now=FOUNDED)


async def test_the_right_role_in_the_wrong_area_resets_nothing(engine: DatabaseEngine):
    them = await cast()
    _, code_id = await reset_of(them.zhang_wei, them)
    for stranger in (them.xu_jing, them.zhang_wei, them.wang_fang):
        with pytest.raises(NotInRole):
            await issue_reset(actor_id=stranger, person_id=them.he_min, now=FOUNDED)
    for stranger in (them.xu_jing, them.he_min):
        assert await waiting_for(stranger) == []
        with pytest.raises(NotInRole):
            await approve_reset(actor_id=stranger, code_id=code_id, now=FOUNDED)
        with pytest.raises(NotInRole):
            await refuse_reset(actor_id=stranger, code_id=code_id, now=FOUNDED)
    with pytest.raises(NoPasswordYet):
        await issue_reset(actor_id=them.chen_jing, person_id=them.he_min, now=FOUNDED)


async def test_a_stairwell_leader_approves_for_neighbours_but_not_for_a_steward(
    engine: DatabaseEngine,
):
    them = await cast()
    _, neighbour = await reset_of(them.zhang_wei, them)
    _, steward = await reset_of(them.li_guoqiang, them)
    await run("UPDATE person SET area_id = {} WHERE id = {}", them.stairwell_11, them.li_guoqiang)
    assert await waiting_for(them.lu_xiuying) == [("张伟", "reset", "陈静")]
    await approve_reset(actor_id=them.lu_xiuying, code_id=neighbour, now=FOUNDED)
    with pytest.raises(NotInRole):
        await approve_reset(actor_id=them.lu_xiuying, code_id=steward, now=FOUNDED)


async def test_stewards_of_where_a_steward_lives_cannot_become_her(engine: DatabaseEngine):
    them = await cast()
    await give_password(them.chen_jing)
    await run("UPDATE person SET area_id = {} WHERE id = {}", them.other_stairwell, them.chen_jing)
    with pytest.raises(NotInRole):
        await issue_reset(actor_id=them.xu_jing, person_id=them.chen_jing, now=FOUNDED)


async def test_an_invitation_for_somebody_with_a_role_takes_two_people(engine: DatabaseEngine):
    them = await cast()
    code = await invite(them.wang_fang, them.chen_jing)
    with pytest.raises(CodeNotApproved):
        await redeem(code)
    assert await waiting_for(them.li_guoqiang) == [("王芳", "invitation", "陈静")]
    await approve_reset(actor_id=them.li_guoqiang, code_id=await last_code(), now=FOUNDED)
    assert await redeem(code) == them.wang_fang


async def test_a_proposal_after_the_invitation_asks_for_the_second_person_too(
    engine: DatabaseEngine,
):
    them = await cast()
    code = await invite(them.he_min, them.chen_jing)
    await propose_role(
        actor_id=them.chen_jing,
        person_id=them.he_min,
        role="steward",
        area_id=them.committee,
        starts_on=TODAY,
        ends_on=None,
        now=FOUNDED,
    )
    with pytest.raises(CodeNotApproved):
        await redeem(code)


async def test_the_operators_invitations_found_the_neighbourhood(engine: DatabaseEngine):
    them = await cast()
    assert await redeem(await invite(them.chen_jing)) == them.chen_jing
    assert await has_password(them.chen_jing)


async def test_a_code_is_approved_or_stopped_once(engine: DatabaseEngine):
    them = await cast()
    code, code_id = await reset_of(them.zhang_wei, them)
    await refuse_reset(actor_id=them.li_guoqiang, code_id=code_id, now=FOUNDED)
    with pytest.raises(CodeUsed):
        await redeem(code, NEXT)
    for again in (codes.approve_reset, codes.refuse_reset):
        with pytest.raises(NotWaiting):
            await again(actor_id=them.li_guoqiang, code_id=code_id, now=FOUNDED)
    for number in (0, 999, 10**30):
        with pytest.raises(NoSuchCode):
            await approve_reset(actor_id=them.li_guoqiang, code_id=number, now=FOUNDED)
    code, code_id = await reset_of(them.zhang_wei, them)
    with pytest.raises(NotWaiting):
        await approve_reset(
            actor_id=them.li_guoqiang, code_id=code_id, now=FOUNDED + timedelta(days=3)
        )
