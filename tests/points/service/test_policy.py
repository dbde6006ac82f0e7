"""Who adopts a policy, from when on, and what a new one changes."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from points.community.errors import NotInRole
from points.service.errors import (
    AdoptionInvalid,
    CapsOutOfOrder,
    NoBookHere,
    PolicyInThePast,
    PolicyMissing,
    PolicyNotCarried,
    PolicyNotFirstOfMonth,
    PolicyOutOfOrder,
)
from points.service.policy import adopt_policy, policies_of, policy_at
from points.service.rules import Terms
from points.service.verify import verify_earnings
from points.transactions import run
from tests.cast import cast
from tests.points.service.scene import NOW, adopt, scene, shanghai

pytestmark = pytest.mark.anyio
ADOPTION = {
    "effective_from": date(2026, 1, 1),
    "terms": Terms(),
    "adopted_on": date(2025, 12, 20),
    "adopted_by_body": "居民会议",
    "votes_for": 23,
    "votes_against": 2,
    "votes_abstained": 1,
    "now": NOW,
}


async def test_the_first_policy_rules_the_days_before_it_as_well(engine):
    who = await cast()
    with pytest.raises(PolicyMissing):
        await policies_of(who.book)
    await adopt(who.book, Terms(points_per_hour=12))
    for day in (date(2019, 1, 1), date(2026, 1, 1), date(2030, 1, 1)):
        found = await policy_at(who.book, day)
        assert (found.number, found.terms.points_per_hour) == (1, 12)
    assert (found.adopted_by_body, found.votes_for, found.votes_against) == ("居民会议", 23, 2)


NONE = [
    ({"effective_from": date(2026, 1, 2)}, PolicyNotFirstOfMonth),
    ({"adopted_on": date(2026, 3, 12)}, AdoptionInvalid),
    ({"adopted_by_body": "  "}, AdoptionInvalid),
    ({"adopted_by_body": "会" * 121}, AdoptionInvalid),
    ({"votes_against": 23}, PolicyNotCarried),
    ({"votes_abstained": -1}, PolicyNotCarried),
    ({"terms": replace(Terms(), day_cap_points=400)}, CapsOutOfOrder),
    ({"book_id": 999}, NoBookHere),
]


async def test_an_adoption_that_is_none_is_refused(engine):
    who = await cast()
    for changes, error in NONE:
        with pytest.raises(error):
            await adopt_policy(**({"actor_id": None, "book_id": who.book} | ADOPTION | changes))
    assert await run("SELECT id FROM policy_version") == []


async def test_a_later_policy_is_a_stewards_and_starts_later(engine):
    who = (await scene()).who
    later = Terms(points_per_hour=20)

    async def again(actor_id, effective_from):
        return await adopt(who.book, later, actor_id=actor_id, effective_from=effective_from)

    for nobody in (None, who.wang_fang, who.xu_jing):
        with pytest.raises(NotInRole):
            await again(nobody, date(2026, 4, 1))
    for past in (date(2026, 2, 1), date(2026, 3, 1)):
        with pytest.raises(PolicyInThePast):
            await again(who.chen_jing, past)
    await again(who.chen_jing, date(2026, 5, 1))
    for early in (date(2026, 4, 1), date(2026, 5, 1)):
        with pytest.raises(PolicyOutOfOrder):
            await again(who.chen_jing, early)
    assert (await policy_at(who.book, date(2026, 4, 30))).number == 1
    assert (await policy_at(who.book, date(2026, 5, 1))).number == 2


async def test_the_day_counts_for_the_rate_and_each_period_for_its_own_cap(engine):
    here = await scene(Terms(month_cap_points=60, day_cap_points=20))
    who = here.who
    terms = Terms(points_per_hour=20, day_cap_points=40, month_cap_points=60, year_cap_points=65)
    await adopt(who.book, terms, actor_id=who.chen_jing, effective_from=date(2026, 4, 1))
    april = shanghai(4, 2)
    march = await here.confirmed(who.zhang_wei, shanghai(3, 10), 180)
    record_id = await here.logged(who.zhang_wei, april, 60, now=april + timedelta(hours=1))
    spring = await here.confirm(record_id, now=april + timedelta(days=1))
    assert (march.points, spring.points) == (20, 20)
    # The year began under the first version, so its cap of 2400 still holds, not the new 65.
    for day in (3, 6):
        start = shanghai(4, day)
        record_id = await here.logged(who.zhang_wei, start, 120, now=start + timedelta(hours=2))
        await here.confirm(record_id, now=start + timedelta(days=1))
    assert await here.points(who.zhang_wei) == 20 + 60
    assert await verify_earnings() == ()


async def test_the_database_alone_keeps_a_policy_as_it_was_adopted(engine):
    await scene()
    for change in ("UPDATE policy_version SET votes_for = 99", "DELETE FROM policy_version"):
        with pytest.raises(Exception, match="append-only"):
            await run(change)
