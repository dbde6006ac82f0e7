"""Signing in, staying in, going out; and the brake on guessing."""

import asyncio
from datetime import datetime, timedelta

import pytest

from points.community.access.errors import (
    NoSuchSession,
    PasswordPersonal,
    TooManyAttempts,
    WrongPassword,
    WrongSignIn,
)
from points.community.access.passwords import (
    change_password,
    hash_password,
    store_password,
    verify_password,
)
from points.community.access.sign_in import (
    SessionToken,
    end_session,
    session,
    sessions_of,
    sign_in,
    sign_out,
    sign_out_everywhere,
)
from points.community.access.throttle import forget_old
from points.community.people import close_account
from points.transactions import run, use_case
from tests.cast import FOUNDED, Cast, cast
from web.database import DatabaseEngine

pytestmark = pytest.mark.anyio

PASSWORD = "桂花开了满院子香"
PHONE = "13800000006"
SECOND = timedelta(seconds=1)


async def neighbourhood() -> Cast:
    them = await cast()
    await store_password(
        person_id=them.zhang_wei, password_hash=await hash_password(PASSWORD), now=FOUNDED
    )
    return them


async def enter(
    login: str = PHONE,
    password: str = PASSWORD,
    now: datetime = FOUNDED,
    address: str = "10.0.0.1",
    device: str = "Firefox",
) -> SessionToken:
    return await sign_in(login=login, password=password, address=address, device=device, now=now)


async def test_a_resident_signs_in_by_phone_or_volunteer_number(engine: DatabaseEngine):
    them = await neighbourhood()
    for login in (PHONE, "+86 138 0000 0006", f"v{them.zhang_wei:08d}"):
        fresh = await enter(login)
        assert fresh.person_id == them.zhang_wei
        assert await session(fresh.token, FOUNDED) == them.zhang_wei


async def test_every_sign_in_makes_a_new_token_and_keeps_only_its_digest(engine: DatabaseEngine):
    await neighbourhood()
    tokens = {(await enter()).token for _ in range(3)}
    assert len(tokens) == 3
    assert all(len(token) >= 43 for token in tokens)
    kept = repr(await run("SELECT * FROM session")) + repr(await run("SELECT * FROM credential"))
    assert not any(token in kept for token in tokens)
    assert PASSWORD not in kept
    assert "$argon2id$v=19$m=19456,t=2,p=1$" in kept


@pytest.mark.parametrize(
    ("login", "password"),
    [
        (PHONE, "falsch falsch"),
        (PHONE, ""),
        (PHONE, "x" * 10_000),
        (PHONE, "\ud800\x00"),
        ("13999999999", PASSWORD),
        ("13800000001", PASSWORD),
        ("", PASSWORD),
        ("\ud800\x00", PASSWORD),
        ("9" * 10_000, PASSWORD),
    ],
)
async def test_an_unknown_number_and_a_wrong_password_get_the_same_answer(
    engine: DatabaseEngine, login: str, password: str
):
    await neighbourhood()
    with pytest.raises(WrongSignIn) as refusal:
        await enter(login, password)
    assert refusal.value.facts == {"field": "password"}
    assert await run("SELECT id FROM session") == []


async def test_a_password_typed_in_full_width_is_the_same(engine: DatabaseEngine):
    kept = await hash_password("blue-teapot")
    assert await verify_password(kept, "ｂｌｕｅ－ｔｅａｐｏｔ")
    assert not await verify_password(kept, "blue-teapo")
    assert not await verify_password("no hash at all", "blue-teapot")


async def test_a_session_ends_after_thirty_quiet_days(engine: DatabaseEngine):
    await neighbourhood()
    token = (await enter()).token
    assert await session(token, FOUNDED + timedelta(days=29)) is not None
    assert await session(token, FOUNDED + timedelta(days=58)) is not None
    assert await session(token, FOUNDED + timedelta(days=88, seconds=1)) is None


async def test_a_session_ends_after_ninety_days_however_busy(engine: DatabaseEngine):
    await neighbourhood()
    token = (await enter()).token
    for day in range(0, 90, 15):
        assert await session(token, FOUNDED + timedelta(days=day)) is not None
    assert await session(token, FOUNDED + timedelta(days=90)) is None


async def test_being_seen_is_written_at_most_every_five_minutes(engine: DatabaseEngine):
    await neighbourhood()
    token = (await enter()).token
    for seconds, seen in ((299, 0), (300, 300), (599, 300), (700, 700)):
        await session(token, FOUNDED + seconds * SECOND)
        [row] = await run("SELECT seen_at FROM session")
        assert row["seen_at"] == FOUNDED + seen * SECOND


async def test_an_unknown_token_is_nobodys(engine: DatabaseEngine):
    await neighbourhood()
    for token in ("", "attackerchosen", "x" * 10_000, "\ud800\x00"):
        assert await session(token, FOUNDED) is None
        await sign_out(token, FOUNDED)
    assert await run("SELECT id FROM session") == []


async def test_people_end_their_own_sessions_and_no_others(engine: DatabaseEngine):
    them = await neighbourhood()
    phone, desk = await enter(device="Phone\x00"), await enter(device="D" * 500)
    lines = await sessions_of(them.zhang_wei, FOUNDED, desk.token)
    assert [(line.device, line.current) for line in lines] == [("D" * 120, True), ("Phone", False)]
    with pytest.raises(NoSuchSession):
        await end_session(person_id=them.wu_di, session_id=lines[1].id, now=FOUNDED)
    await end_session(person_id=them.zhang_wei, session_id=lines[1].id, now=FOUNDED)
    with pytest.raises(NoSuchSession):
        await end_session(person_id=them.zhang_wei, session_id=10**30, now=FOUNDED)
    assert await session(phone.token, FOUNDED) is None
    assert await session(desk.token, FOUNDED) == them.zhang_wei
    await sign_out(desk.token, FOUNDED)
    assert await session(desk.token, FOUNDED) is None
    third, fourth = await enter(), await enter()
    await sign_out_everywhere(person_id=them.zhang_wei, now=FOUNDED)
    assert await session(third.token, FOUNDED) is await session(fourth.token, FOUNDED) is None


async def test_a_closed_account_is_out_at_once(engine: DatabaseEngine):
    them = await neighbourhood()
    token = (await enter()).token
    await close_account(actor_id=them.chen_jing, person_id=them.zhang_wei, now=FOUNDED)
    assert await session(token, FOUNDED) is None
    with pytest.raises(WrongSignIn):
        await enter()


# --- the brake


async def test_five_wrong_tries_make_an_account_wait_whatever_number_is_typed(
    engine: DatabaseEngine,
):
    them = await neighbourhood()
    for login in (PHONE, f"V{them.zhang_wei:08d}", PHONE, PHONE, PHONE):
        with pytest.raises(WrongSignIn):
            await enter(login, "falsch")
    with pytest.raises(TooManyAttempts) as refusal:
        await enter(address="10.0.0.2")
    assert str(refusal.value) == "Too many wrong tries. Please wait 1 minutes and try again."
    assert (await enter(now=FOUNDED + 61 * SECOND)).person_id == them.zhang_wei
    # Coming in forgets the wrong tries.
    with pytest.raises(WrongSignIn):
        await enter(password="falsch", now=FOUNDED + 62 * SECOND)


async def test_a_number_of_nobody_waits_just_as_long(engine: DatabaseEngine):
    await neighbourhood()
    for _ in range(5):
        with pytest.raises(WrongSignIn):
            await enter("13999999999")
    with pytest.raises(TooManyAttempts):
        await enter("13999999999")


async def test_thirty_wrong_tries_at_once_get_no_further_than_five(engine: DatabaseEngine):
    await neighbourhood()
    done = await asyncio.gather(
        *(enter(password=f"falsch {number}") for number in range(30)), return_exceptions=True
    )
    assert sum(isinstance(one, WrongSignIn) for one in done) == 5
    assert sum(isinstance(one, TooManyAttempts) for one in done) == 25


async def test_an_address_that_tries_many_accounts_waits(engine: DatabaseEngine):
    them = await neighbourhood()
    for number in range(20):
        with pytest.raises(WrongSignIn):
            await enter(f"139000000{number:02d}")
    with pytest.raises(TooManyAttempts):
        await enter()
    assert (await enter(address="10.0.0.2")).person_id == them.zhang_wei


async def test_an_office_where_many_sign_in_does_not_wait(engine: DatabaseEngine):
    await neighbourhood()
    for _ in range(25):
        await enter()


async def test_a_wrong_try_stays_counted_though_it_was_refused(engine: DatabaseEngine):
    await neighbourhood()
    with pytest.raises(WrongSignIn):
        await enter(password="falsch")
    assert [row["failures"] for row in await run("SELECT failures FROM throttle")] == [1, 1]

    @use_case
    async def inside_another() -> None:
        await enter(password="falsch")

    with pytest.raises(AssertionError):
        await inside_another()


async def test_counts_of_yesterday_are_forgotten(engine: DatabaseEngine):
    await neighbourhood()
    with pytest.raises(WrongSignIn):
        await enter(password="falsch")
    await forget_old(now=FOUNDED + timedelta(hours=23))
    assert len(await run("SELECT key FROM throttle")) == 2
    await forget_old(now=FOUNDED + timedelta(hours=25))
    assert await run("SELECT key FROM throttle") == []


# --- another password


async def test_another_password_signs_all_other_devices_out(engine: DatabaseEngine):
    them = await neighbourhood()
    here, there = await enter(), await enter()
    facts = {"person_id": them.zhang_wei, "token": here.token, "now": FOUNDED}
    with pytest.raises(WrongPassword):
        await change_password(current="falsch", new="blue-teapot", **facts)
    with pytest.raises(PasswordPersonal):
        await change_password(current=PASSWORD, new="13800000006", **facts)
    await change_password(current=PASSWORD, new="blue-teapot", **facts)
    assert await session(here.token, FOUNDED) == them.zhang_wei
    assert await session(there.token, FOUNDED) is None
    assert (await enter(password="blue-teapot")).person_id == them.zhang_wei
    with pytest.raises(WrongSignIn):
        await enter()


async def test_guessing_the_present_password_is_braked_too(engine: DatabaseEngine):
    them = await neighbourhood()
    facts = {"person_id": them.zhang_wei, "token": "", "now": FOUNDED, "new": "blue-teapot"}
    for _ in range(5):
        with pytest.raises(WrongPassword):
            await change_password(current="falsch", **facts)
    with pytest.raises(TooManyAttempts):
        await change_password(current=PASSWORD, **facts)
