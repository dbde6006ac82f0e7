"""People are told in the transaction of what they are told of."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from points.community.people import close_account
from points.notices.kinds import KINDS, facts_from_text, facts_to_text
from points.notices.post import PEOPLE_PER_STEP, notify
from points.transactions import run, use_case
from tests.cast import FOUNDED, Cast, cast

pytestmark = pytest.mark.anyio
NOW = FOUNDED + timedelta(days=30)
LAPSED: dict[str, Any] = {
    "kind": "activity_lapsed",
    "facts": {"title": "插花", "seats": 4, "minimum": 10},
    "path": "/activities/3",
    "now": NOW,
}


@pytest.fixture
async def people(engine: object) -> Cast:
    return await cast()


async def rows() -> list[dict[str, Any]]:
    return await run("SELECT * FROM notice ORDER BY id")


async def test_each_is_told_once_under_a_key(people: Cast):
    told = [people.wang_fang, people.zhang_wei, people.wang_fang]
    await notify(person_ids=told, dedup="activity:3:lapsed", **LAPSED)
    await notify(person_ids=[people.he_min, *told], dedup="activity:3:lapsed", **LAPSED)
    assert [row["person_id"] for row in await rows()] == [
        *sorted(set(told)),
        people.he_min,
    ]
    assert {row["email_state"] for row in await rows()} == {"none"}


async def test_without_a_key_every_event_is_told(people: Cast):
    await notify(person_ids=[people.wang_fang], **LAPSED)
    await notify(person_ids=[people.wang_fang], **LAPSED)
    assert len(await rows()) == 2


async def test_nothing_is_told_of_what_did_not_happen(people: Cast):
    @use_case
    async def lapse_and_fail() -> None:
        await notify(person_ids=[people.wang_fang], **LAPSED)
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        await lapse_and_fail()
    assert await rows() == []


async def test_a_closed_account_is_left_in_peace_and_nobody_is_nobody(people: Cast):
    await close_account(actor_id=people.he_min, person_id=people.he_min, now=NOW)
    await notify(person_ids=[people.he_min], **LAPSED)
    await notify(person_ids=[], **LAPSED)
    assert await rows() == []


async def test_more_people_than_one_statement_holds_are_told(people: Cast):
    many = list(range(people.jin_xiuzhen, people.jin_xiuzhen + PEOPLE_PER_STEP * 2 + 1))
    await notify(person_ids=many, **LAPSED)
    open_accounts = await run("SELECT id FROM person WHERE id >= {}", people.jin_xiuzhen)
    assert len(await rows()) == len(open_accounts)


@pytest.mark.parametrize(
    ("kind", "facts"), [("activity_lapsed", {"title": "插花"}), ("points_expiring", {"points": 3})]
)
def test_a_notice_nobody_could_tell_later_is_refused_at_once(kind: str, facts: dict[str, object]):
    with pytest.raises(ValueError, match="needs"):
        facts_to_text(kind, facts)


def test_moments_and_days_come_back_as_such():
    facts = {
        "item": "大米",
        "collect_at": datetime(2026, 2, 1, 9, tzinfo=UTC),
        "seen_on": NOW.date(),
    }
    assert facts_from_text(facts_to_text("redemption_approved", facts)) == facts
    assert isinstance(facts["seen_on"], date)


def test_every_kind_fits_its_column():
    assert max(map(len, KINDS)) <= 32
