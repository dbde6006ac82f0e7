"""What the database refuses by itself, whatever the code above it does."""

from typing import Any

import pytest

from points.community.people import person
from points.community.reads import log_proxy, log_reads
from points.community.secrets import install_secret
from points.transactions import run, use_case
from tests.cast import FOUNDED, Cast, cast
from web.database import DatabaseEngine
from web.database_errors import constraint_of

pytestmark = pytest.mark.anyio


async def refused(sql: str, *values: object) -> str:
    """The name or words with which the database refuses; a test fails if it does not."""
    with pytest.raises(Exception) as refusal:  # noqa: PT011  # Each engine has its own.
        await run(sql, *values)
    return f"{constraint_of(refusal.value)} {refusal.value}"


async def grant(them: Cast, **facts: Any) -> str:
    usual: dict[str, Any] = {
        "person_id": them.he_min,
        "role": "organizer",
        "area_id": them.committee,
        "starts_on": FOUNDED.date(),
        "founding": False,
        "proposed_by": them.chen_jing,
        "proposed_at": FOUNDED,
        "approved_by": them.li_guoqiang,
        "approved_at": FOUNDED,
    }
    row = usual | facts
    marks = ", ".join(["{}"] * len(row))
    sql = f"INSERT INTO role_grant ({', '.join(row)}) VALUES ({marks})"
    return await refused(sql, *row.values())


async def test_no_role_comes_from_one_person_alone(engine: DatabaseEngine):
    them = await cast()
    assert "role_second_person" in await grant(them, approved_by=them.chen_jing)
    assert "role_not_own" in await grant(them, approved_by=them.he_min)
    assert "role_not_own_proposal" in await grant(them, proposed_by=them.he_min)
    assert "role_approved" in await grant(them, approved_by=None)
    assert "role_proposed" in await grant(them, proposed_by=None)
    assert "role_known" in await grant(them, role="emperor")
    assert "role_founding" in await grant(them, founding=True)
    assert "role_term" in await grant(them, ends_on=FOUNDED.date().replace(year=2025))


async def code(them: Cast, **facts: Any) -> str:
    usual: dict[str, Any] = {
        "person_id": them.he_min,
        "purpose": "reset",
        "digest": "d" * 64,
        "issued_by": them.chen_jing,
        "issued_at": FOUNDED,
        "approved_by": them.li_guoqiang,
        "approved_at": FOUNDED,
        "expires_at": FOUNDED,
        "used_at": FOUNDED,
    }
    row = usual | facts
    marks = ", ".join(["{}"] * len(row))
    sql = f"INSERT INTO one_time_code ({', '.join(row)}) VALUES ({marks})"
    return await refused(sql, *row.values())


async def test_no_password_is_reset_by_one_person_alone(engine: DatabaseEngine):
    them = await cast()
    assert "code_second_person" in await code(them, approved_by=them.chen_jing)
    assert "code_not_own_approval" in await code(them, approved_by=them.he_min)
    assert "code_not_own_issue" in await code(them, issued_by=them.he_min)
    assert "code_reset_by_two" in await code(them, approved_by=None)
    assert "code_reset_by_two" in await code(them, issued_by=None)
    assert "code_purpose" in await code(them, purpose="gift")


async def test_numbers_belong_to_one_person(engine: DatabaseEngine):
    them = await cast()
    for column, value in (
        ("phone", "13800000001"),
        ("card_no", "AB5001"),
        ("volunteer_no", f"V{them.chen_jing:08d}"),
    ):
        words = await refused(
            f"UPDATE person SET {column} = {{}} WHERE id = {{}}", value, them.wu_di
        )
        assert column in words or f"person_{column.removesuffix('_no')}" in words
    assert "person_name" in await refused("UPDATE person SET name = ''")


async def test_one_consent_of_a_kind_is_alive(engine: DatabaseEngine):
    them = await cast()
    sql = (
        "INSERT INTO consent (person_id, purpose, text_version, given_by, given_at) "
        "VALUES ({}, 'photos', '1', {}, {})"
    )
    facts = (them.wu_di, them.wu_di, FOUNDED)
    await run(sql, *facts)
    await refused(sql, *facts)
    assert "consent_withdrawn" in await refused("UPDATE consent SET withdrawn_at = {}", FOUNDED)


async def test_an_area_stands_once_and_not_in_itself(engine: DatabaseEngine):
    them = await cast()
    sql = (
        "INSERT INTO area (parent_id, level, name, time_zone, created_at) "
        "VALUES ({}, {}, {}, {}, {})"
    )
    for parent, level, name, zone in (
        (None, "subdistrict", "新虹街道", "Asia/Shanghai"),
        (them.subdistrict, "committee", "爱博五村居委", None),
        (None, "city", "上海", None),
        (them.subdistrict, "planet", "火星", None),
        (them.subdistrict, "committee", "", None),
        (10**9, "committee", "别处", None),
    ):
        await refused(sql, parent, level, name, zone, FOUNDED)
    assert "area_not_own_parent" in await refused(
        "UPDATE area SET parent_id = id WHERE id = {}", them.committee
    )
    await refused("DELETE FROM area WHERE id = {}", them.committee)
    await refused("DELETE FROM person WHERE id = {}", them.chen_jing)


@pytest.mark.parametrize("table", ["personal_read", "proxy_action"])
async def test_the_logs_are_append_only(engine: DatabaseEngine, table: str):
    them = await cast()
    await log_reads(actor_id=them.chen_jing, person_ids=[them.wu_di], what="page", now=FOUNDED)
    await log_proxy(
        actor_id=them.chen_jing, person_id=them.wu_di, action="consent", reason="纸", now=FOUNDED
    )
    for sql in (f"UPDATE {table} SET actor_id = person_id", f"DELETE FROM {table}"):
        assert "append" in await refused(sql)
    assert len(await run(f"SELECT id FROM {table}")) == 1


async def test_a_guardian_is_somebody_else(engine: DatabaseEngine):
    them = await cast()
    assert "guardian_not_self" in await refused(
        "INSERT INTO guardian (child_id, guardian_id, since) VALUES ({}, {}, {})",
        them.wu_di,
        them.wu_di,
        FOUNDED.date(),
    )


async def test_a_key_is_made_once_and_kept(engine: DatabaseEngine):
    first = await install_secret(name="web", now=FOUNDED)
    assert len(first) == 32
    assert await install_secret(name="web", now=FOUNDED) == first
    assert await install_secret(name="door", now=FOUNDED) != first


async def test_an_error_undoes_everything_of_a_use_case(engine: DatabaseEngine):
    them = await cast()

    @use_case
    async def half() -> None:
        await run("UPDATE person SET name = 'X' WHERE id = {}", them.wu_di)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await half()
    assert (await person(them.wu_di)).name == "吴迪"


async def test_no_child_holds_a_role_with_duties(engine: DatabaseEngine):
    them = await cast()
    assert "of age" in await grant(them, person_id=them.he_xiaoyu)
