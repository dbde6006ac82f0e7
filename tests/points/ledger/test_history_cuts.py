"""A balance as of any moment is the one after the last entry made by then."""

from datetime import date, timedelta

import pytest

from points.ledger.history import NO_SPAN, NOTHING_YET, Cut, cut_at, span_of
from points.ledger.statement import statement
from tests.points.ledger.scene import NOW, History, make_scene, start_history

pytestmark = pytest.mark.anyio


@pytest.fixture
async def history(engine: object) -> History:
    """Twelve awards of 1 to 12 points, one a day; each third day two points are set aside."""
    played = await start_history(await make_scene())
    for day in range(12):
        played.now = NOW + timedelta(days=day)
        await played.award(day + 1)
        if day % 3 == 2:
            await played.hold(2, case_id=day)
    return played


async def test_every_moment_has_the_balance_of_its_last_entry(history: History):
    lines = (await statement(**history.owner(), unit="points"))[::-1]
    assert len(lines) == 16
    for number, line in enumerate(lines):
        after = [one for one in lines if one.recorded_at <= line.recorded_at][-1]
        cut = await cut_at(**history.owner(), unit="points", moment=line.recorded_at)
        assert cut == Cut(after.sequence, after.balance)
        before = line.recorded_at - timedelta(seconds=1)
        earlier = [one for one in lines[:number] if one.recorded_at <= before]
        expected = Cut(earlier[-1].sequence, earlier[-1].balance) if earlier else NOTHING_YET
        assert await cut_at(**history.owner(), unit="points", moment=before) == expected


async def test_before_the_first_entry_and_without_an_account_there_is_nothing(history: History):
    moment = NOW - timedelta(days=1)
    assert await cut_at(**history.owner(), unit="points", moment=moment) == NOTHING_YET
    nobody = await start_history(history.scene)
    assert await cut_at(**nobody.owner(), unit="points", moment=NOW) == NOTHING_YET


async def test_a_span_of_days_holds_what_was_entered_in_them(history: History):
    days = {"since": date(2026, 11, 24), "until": date(2026, 11, 26)}
    span = await span_of(**history.owner(), unit="points", **days, time_zone="Asia/Shanghai")
    # 1 + 2, then 3 - 2, 4 and 5 come in within these days.
    assert (span.opening, span.closing) == (3, 13)
    lines = await statement(
        **history.owner(), unit="points", after_sequence=span.after, before_sequence=span.before
    )
    assert [line.amount for line in lines] == [5, 4, -2, 3]
    assert sum(line.amount for line in lines) == span.closing - span.opening


async def test_days_that_no_calendar_reckons_with_mean_always(history: History):
    never = await span_of(
        **history.owner(), unit="points", since=date(1, 1, 1), until=date(9999, 12, 31),
        time_zone="Asia/Shanghai",
    )  # fmt: skip
    assert never == NO_SPAN


@pytest.mark.parametrize(("way", "amounts"), [("in", [12, 11, 10]), ("out", [-2, -2, -2])])
async def test_one_direction_alone_is_paged_as_the_whole_is(history: History, way, amounts):
    first = await statement(**history.owner(), unit="points", way=way, limit=3)
    assert [line.amount for line in first] == amounts
    rest = await statement(
        **history.owner(), unit="points", way=way, before_sequence=first[-1].sequence
    )
    whole = await statement(**history.owner(), unit="points", way=way)
    assert first + rest == whole
