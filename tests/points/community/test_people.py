"""Residents: entering, changing, closing, and who may see them."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from points.community.areas import create_area
from points.community.errors import (
    AccountClosed,
    BadBirthDate,
    BadCard,
    BadPhone,
    BirthDateNotYours,
    CardTaken,
    LanguageUnknown,
    NameMissing,
    NameTooLong,
    NoSuchArea,
    NoSuchPerson,
    NotInRole,
    PhoneTaken,
)
from points.community.grants import active_grants
from points.community.people import (
    close_account,
    enrol,
    find_by_phone_or_card,
    my_details,
    open_person,
    people_in,
    person,
    update_person,
)
from points.community.reads import log_reads, proxies_of, reads_of
from points.errors import DomainError
from points.transactions import run
from tests.cast import FOUNDED, ZONE, cast
from web.database import DatabaseEngine

pytestmark = pytest.mark.anyio
TODAY = date(2026, 1, 5)


async def stairwell() -> int:
    town = await create_area(
        parent_id=None, level="subdistrict", name="新虹街道", time_zone=ZONE, now=FOUNDED
    )
    return await create_area(
        parent_id=town, level="stairwell", name="1单元", time_zone=None, now=FOUNDED
    )


async def enter(area_id: int, /, **facts: Any) -> int:
    return await enrol(
        **{"name": "王芳", "area_id": area_id, "now": FOUNDED, "actor_id": None} | facts
    )


async def test_a_resident_is_found_by_phone_card_and_volunteer_number(engine: DatabaseEngine):
    here = await stairwell()
    first = await enter(here, phone="+86 138 1234 5678", card_no="ab-5001")
    second = await enter(here)
    view = await person(first)
    assert (view.name, view.card_no, view.has_phone) == ("王芳", "AB5001", True)
    assert view.volunteer_no == f"V{first:08d}"
    assert view.area_path == ("新虹街道", "1单元")
    for typed in (
        "13812345678",
        "１３８ １２３４ ５６７８",
        "AB5001",
        "ab 5001",
        view.volunteer_no,
    ):
        assert await find_by_phone_or_card(typed) == first
    assert await find_by_phone_or_card(f"v{second:08d}") == second
    for typed in ("", "nobody", "13812345679", "'; DROP TABLE person; --", "\x00", "9" * 10_000):
        assert await find_by_phone_or_card(typed) is None


async def test_the_phone_number_is_shown_to_nobody_else(engine: DatabaseEngine):
    first = await enter(await stairwell(), phone="13812345678")
    assert "13812345678" not in repr(await person(first))
    assert (await my_details(first)).phone == "13812345678"


async def test_wrong_details_are_refused_and_leave_nothing(engine: DatabaseEngine):
    here = await stairwell()
    await enter(here, phone="13812345678", card_no="AB5001")
    for refusal, facts in (
        (NameMissing, {"name": " \u200b"}),
        (NameTooLong, {"name": "长" * 81}),
        (BadPhone, {"phone": "12345"}),
        (PhoneTaken, {"phone": "138 1234 5678"}),
        (BadCard, {"card_no": "V00000001"}),
        (CardTaken, {"card_no": "ab5001"}),
        (BadBirthDate, {"birth_date": TODAY + timedelta(days=1)}),
        (BadBirthDate, {"birth_date": date(1850, 1, 1)}),
        (LanguageUnknown, {"language": "tlh"}),
        (NoSuchArea, {"area_id": 10**30}),
    ):
        with pytest.raises(refusal):
            await enter(here, **facts)
    assert len(await run("SELECT id FROM person")) == 1


async def test_names_are_kept_as_they_are_however_strange(engine: DatabaseEngine):
    name = "${alert(1)}</script> Ω '\"{} %s"
    strange = await enter(await stairwell(), name=name)
    assert (await person(strange)).name == name


async def test_of_five_who_enter_one_phone_at_once_one_succeeds(engine: DatabaseEngine):
    here = await stairwell()
    done = await asyncio.gather(
        *(enter(here, phone="13812345678") for _ in range(5)), return_exceptions=True
    )
    assert sum(isinstance(one, int) for one in done) == 1
    assert sum(isinstance(one, PhoneTaken) for one in done) == 4


async def test_twenty_who_enter_at_once_get_twenty_numbers(engine: DatabaseEngine):
    here = await stairwell()
    people = await asyncio.gather(*(enter(here, household_door="302") for _ in range(20)))
    views = [await person(one) for one in people]
    assert len({view.volunteer_no for view in views}) == 20
    assert all(view.volunteer_no == f"V{view.id:08d}" for view in views)
    assert len({view.household_id for view in views}) == 1


async def test_people_behind_one_door_are_one_household_and_the_door_is_not_kept(
    engine: DatabaseEngine,
):
    them = await cast()
    one, other = await person(them.zhao_zhiqiang), await person(them.qian_hui)
    assert one.household_id == other.household_id is not None
    assert (await person(them.he_min)).household_id != one.household_id
    assert (await person(them.zhang_wei)).household_id is None
    digests = await run("SELECT door_digest FROM household")
    assert all(len(row["door_digest"]) == 64 for row in digests)


async def test_only_staff_of_the_area_enters_and_changes_others(engine: DatabaseEngine):
    them = await cast()
    new = await enter(them.stairwell_11, actor_id=them.lu_xiuying)
    await update_person(actor_id=them.wang_fang, person_id=new, now=FOUNDED, elder_mode=True)
    assert (await person(new)).elder_mode
    for stranger in (them.xu_jing, them.zhang_wei, them.wu_di, them.zhou_jianguo, 0):
        with pytest.raises(NotInRole):
            await enter(them.stairwell_11, actor_id=stranger)
        with pytest.raises(NotInRole):
            await update_person(actor_id=stranger, person_id=new, now=FOUNDED, name="别人")
    with pytest.raises(NotInRole):
        await enter(them.stairwell_12, actor_id=them.lu_xiuying)


async def test_people_change_their_own_details_but_not_their_age(engine: DatabaseEngine):
    them = await cast()
    me = them.jin_xiuzhen
    await update_person(
        actor_id=me, person_id=me, now=FOUNDED, phone="13900000000", language="en", card_no=None
    )
    details = await my_details(me)
    assert details.phone == "13900000000"
    assert details.person.language == "en"
    assert details.person.card_no is None
    assert details.person.elder_mode
    with pytest.raises(BirthDateNotYours):
        await update_person(actor_id=me, person_id=me, now=FOUNDED, birth_date=date(1990, 1, 1))
    with pytest.raises(PhoneTaken):
        await update_person(actor_id=me, person_id=me, now=FOUNDED, phone="13800000001")


async def test_who_moves_leaves_the_household_behind(engine: DatabaseEngine):
    them = await cast()
    mover = them.qian_hui
    old = (await person(mover)).household_id
    await update_person(
        actor_id=them.chen_jing, person_id=mover, now=FOUNDED, area_id=them.stairwell_11
    )
    assert (await person(mover)).household_id is None
    await update_person(
        actor_id=them.chen_jing,
        person_id=mover,
        now=FOUNDED,
        area_id=them.stairwell_21,
        household_door="302",
    )
    assert (await person(mover)).household_id == old


async def test_a_closed_account_keeps_its_number_and_loses_the_rest(engine: DatabaseEngine):
    them = await cast()
    with pytest.raises(NotInRole):
        await close_account(actor_id=them.wang_fang, person_id=them.zhang_wei, now=FOUNDED)
    await close_account(actor_id=them.chen_jing, person_id=them.zhang_wei, now=FOUNDED)
    await close_account(actor_id=them.lu_xiuying, person_id=them.lu_xiuying, now=FOUNDED)
    closed = await person(them.zhang_wei)
    assert closed.closed
    assert not closed.has_phone
    assert await find_by_phone_or_card("13800000006") is None
    assert await find_by_phone_or_card(closed.volunteer_no) is None
    assert await active_grants(them.lu_xiuying, TODAY) == ()
    assert await enter(them.stairwell_11, phone="13800000006") > 0
    with pytest.raises(AccountClosed):
        await update_person(
            actor_id=them.chen_jing, person_id=them.zhang_wei, now=FOUNDED, name="又来"
        )


async def test_staff_sees_the_people_of_its_area_page_by_page(engine: DatabaseEngine):
    them = await cast()
    first = await people_in(actor_id=them.chen_jing, area_id=them.committee, now=FOUNDED, limit=5)
    assert len(first.lines) == 5
    assert first.next_after_id == first.lines[-1].id
    rest = await people_in(
        actor_id=them.chen_jing,
        area_id=them.committee,
        now=FOUNDED,
        after_id=first.next_after_id,
    )
    names = [line.name for line in (*first.lines, *rest.lines)]
    assert rest.next_after_id is None
    assert len(names) == len(set(names)) == 11
    assert "吴迪" not in names
    mine = await people_in(actor_id=them.lu_xiuying, area_id=them.stairwell_11, now=FOUNDED)
    assert [line.name for line in mine.lines] == ["卢秀英", "金秀珍", "张伟"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("秀", ["卢秀英", "金秀珍"]),
        ("MARY", ["Mary Smith"]),
        ("138 0000 0006", ["张伟"]),
        ("ab5001", ["金秀珍"]),
        ("%", []),
        ("' OR 1=1 --", []),
        ("\x00", None),
        ("长" * 10_000, []),
    ],
)
async def test_a_search_finds_by_name_and_by_exact_number(
    engine: DatabaseEngine, query: str, found: list[str] | None
):
    them = await cast()
    await enter(them.stairwell_12, name="Mary Smith")
    page = await people_in(
        actor_id=them.wang_fang, area_id=them.committee, now=FOUNDED, query=query
    )
    if found is None:
        assert len(page.lines) == 12
    else:
        assert [line.name for line in page.lines] == found


async def test_the_wrong_area_and_the_wrong_role_see_nobody(engine: DatabaseEngine):
    them = await cast()
    for stranger, where in (
        (them.xu_jing, them.committee),
        (them.lu_xiuying, them.committee),
        (them.lu_xiuying, them.stairwell_12),
        (them.zhang_wei, them.stairwell_11),
    ):
        with pytest.raises(NotInRole):
            await people_in(actor_id=stranger, area_id=where, now=FOUNDED)
    with pytest.raises(NotInRole):
        await open_person(actor_id=them.xu_jing, person_id=them.zhang_wei, now=FOUNDED)
    with pytest.raises(NoSuchPerson):
        await open_person(actor_id=them.chen_jing, person_id=10**30, now=FOUNDED)
    assert await reads_of(them.zhang_wei) == ()


async def test_everybody_reads_who_looked_at_them(engine: DatabaseEngine):
    them = await cast()
    await open_person(actor_id=them.zhang_wei, person_id=them.zhang_wei, now=FOUNDED)
    await people_in(actor_id=them.lu_xiuying, area_id=them.stairwell_11, now=FOUNDED)
    await open_person(actor_id=them.chen_jing, person_id=them.zhang_wei, now=FOUNDED)
    looks = await reads_of(them.zhang_wei)
    assert [(look.actor_name, look.what) for look in looks] == [
        ("陈静", "page"),
        ("卢秀英", "list"),
    ]
    assert looks[0].read_at == FOUNDED
    assert await reads_of(them.zhang_wei, before_id=looks[0].id) == looks[1:]
    assert await reads_of(them.zhang_wei, before_id=10**30) == looks
    assert await reads_of(10**30) == await proxies_of(10**30) == ()
    assert await reads_of(them.lu_xiuying) == ()
    assert await proxies_of(them.zhang_wei) == ()


async def test_many_looks_are_noted_at_once(engine: DatabaseEngine):
    them = await cast()
    await log_reads(
        actor_id=them.chen_jing, person_ids=[them.zhang_wei] * 450, what="export", now=FOUNDED
    )
    assert len(await reads_of(them.zhang_wei, limit=1000)) == 450


async def test_a_refusal_can_be_told(engine: DatabaseEngine):
    here = await stairwell()
    with pytest.raises(DomainError) as refusal:
        await enter(here, name="长" * 81)
    assert str(refusal.value) == "A name has at most 80 characters."
