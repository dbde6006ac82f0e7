"""Random years of service: what is awarded depends on what was served, not on when who decided.

Every example has people of its own in one database; each person of an example lives through the
same service in another order.
"""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from points.ledger.statement import balances
from points.service.categories import CATEGORIES
from points.service.confirm import confirm_record, void_record
from points.service.occasions import create_occasion
from points.service.records import log_service
from points.service.rules import UNITS_PER_POINT, WHOLE, Terms, periods_of
from points.service.verify import verify_earnings
from points.transactions import run
from tests.points.service.scene import Scene, scene

pytestmark = pytest.mark.anyio
LATER = datetime(2027, 3, 1, tzinfo=UTC)
TERMS = Terms(day_cap_points=20, month_cap_points=33, year_cap_points=50)
CODES = [category.code for category in CATEGORIES[::7]]

# (day, slot of the day, minutes, category): at most one service a slot, so that none overlap.
deeds = st.lists(
    st.tuples(
        st.sampled_from([date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 2), date(2027, 1, 1)]),
        st.integers(0, 3),
        st.one_of(st.sampled_from([1, 30, 60, 119, 120]), st.integers(1, 120)),
        st.sampled_from(CODES),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda deed: deed[:2],
)
plans = st.tuples(deeds, st.sets(st.integers(0, 5), max_size=3), st.randoms())


class Examples:
    """Runs the examples of one test, each with a new person, on the loop of the database."""

    def __init__(self, here: Scene) -> None:
        self.here = here
        self.loop = asyncio.get_running_loop()

    def wait(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout=60)

    async def person(self) -> int:
        [row] = await run(
            "INSERT INTO person (name, volunteer_no, area_id, joined_at) SELECT '王芳', "
            "'T' || (SELECT COUNT(*) FROM person), area_id, joined_at FROM person "
            "WHERE id = {} RETURNING id",
            self.here.who.zhang_wei,
        )
        return int(row["id"])

    async def logged(self, person_id: int, started_at: datetime, minutes: int, code: str) -> int:
        ends_at = started_at + timedelta(minutes=minutes)
        occasion_id = await create_occasion(
            actor_id=self.here.who.wang_fang,
            area_id=self.here.who.committee,
            title="清洁家园",
            category=code,
            place="",
            starts_at=started_at,
            ends_at=ends_at,
            leader_id=self.here.who.li_guoqiang,
            now=ends_at,
        )
        return await log_service(
            actor_id=person_id,
            occasion_id=occasion_id,
            started_at=started_at,
            minutes=minutes,
            note="",
            now=ends_at,
        )

    async def confirm(self, record_id: int) -> None:
        await confirm_record(actor_id=self.here.who.chen_jing, record_id=record_id, now=LATER)

    async def void(self, record_id: int) -> None:
        await void_record(
            actor_id=self.here.who.li_guoqiang, record_id=record_id, reason="没有来", now=LATER
        )

    async def points(self, person_id: int) -> int:
        found = await balances(book_id=self.here.who.book, person_id=person_id)
        return found.points - abs(found.arrears)


def at(deed: tuple[date, int, int, str]) -> datetime:
    day, slot, _, _ = deed
    return datetime(day.year, day.month, day.day, 2, tzinfo=UTC) + timedelta(hours=3 * slot)


async def play(examples: Examples, example: Callable[[Any], Coroutine[Any, Any, None]]) -> None:
    """Let Hypothesis, which is not async, think in a thread while the database works here."""

    @settings(
        max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    @given(plan=plans)
    def search(plan: Any) -> None:
        examples.wait(example(plan))

    await asyncio.to_thread(search)
    assert await verify_earnings() == ()


@pytest.fixture
async def examples(engine) -> Examples:
    return Examples(await scene(TERMS))


async def test_no_order_of_confirming_and_voiding_changes_a_total(examples):
    async def example(plan):
        served, void_numbers, order = plan
        totals = set()
        gone = {number for number in void_numbers if number < len(served)}
        for _ in range(2):
            person_id = await examples.person()
            made = [await examples.logged(person_id, at(deed), deed[2], deed[3]) for deed in served]
            # A void may come at any moment after its own confirmation.
            steps = [("confirm", number) for number in range(len(made))]
            order.shuffle(steps)
            for number in gone:
                earliest = steps.index(("confirm", number)) + 1
                steps.insert(order.randint(earliest, len(steps)), ("void", number))
            for step, number in steps:
                await (examples.confirm if step == "confirm" else examples.void)(made[number])
            totals.add(await examples.points(person_id))
            assert await counted(person_id) == await recounted(person_id)
        assert len(totals) == 1

    await play(examples, example)


async def test_splitting_the_service_of_a_day_earns_the_same(examples):
    async def example(plan):
        served, cuts, _ = plan
        whole, split = await examples.person(), await examples.person()
        for deed in served:
            start, minutes, code = at(deed), deed[2], deed[3]
            await examples.confirm(await examples.logged(whole, start, minutes, code))
            edges = [0, *sorted({cut * 17 + 1 for cut in cuts if cut * 17 + 1 < minutes}), minutes]
            for low, high in pairwise(edges):
                piece = start + timedelta(minutes=low)
                await examples.confirm(await examples.logged(split, piece, high - low, code))
        assert await examples.points(whole) == await examples.points(split)

    await play(examples, example)


async def counted(person_id: int) -> dict[tuple[str, date], int]:
    rows = await run(
        "SELECT period, starts_on, exact FROM earning WHERE person_id = {} AND exact > 0",
        person_id,
    )
    return {(row["period"], row["starts_on"]): row["exact"] for row in rows}


async def recounted(person_id: int) -> dict[tuple[str, date], int]:
    """Brute force over the confirmed records, and a look at the points themselves."""
    rows = await run(
        "SELECT service_date, exact, book_id FROM service_record "
        "WHERE person_id = {} AND state = 'confirmed'",
        person_id,
    )
    caps = {"day": 20, "month": 33, "year": 50}
    days = [(row["service_date"], row["exact"]) for row in rows]
    found = periods_of(days, lambda period, start: caps[period] * UNITS_PER_POINT)
    [book] = await run("SELECT MIN(id) AS id FROM book")
    held = await balances(book_id=book["id"], person_id=person_id)
    assert held.points - abs(held.arrears) == found.get(("all", WHOLE), 0) // UNITS_PER_POINT
    return {key: exact for key, exact in found.items() if exact}
