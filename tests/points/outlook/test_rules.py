"""A forecast loses no point, spends what ends soonest first, and never goes below nothing."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from points.outlook.rules import (
    MONTHS_AHEAD,
    Flows,
    Outlook,
    forecast,
    month_start,
    net,
    pace_of,
)

TODAY = date(2026, 11, 27)
LATER = date(2027, 12, 31)
amounts = st.integers(0, 5000)


def test_what_came_back_does_not_count_as_gone():
    sums = {"issued": 50, "taken_back": 8, "redeemed": 20, "returned": 5, "expired": 3}
    assert net(sums) == Flows(issued=42, redeemed=15, expired=3)


def test_a_pace_is_by_the_month_and_never_negative():
    assert pace_of(Flows(issued=90, redeemed=-9, expired=45), days=90) == Flows(30, 0, 15)


def test_months_run_over_the_end_of_a_year():
    assert [month_start(TODAY, n) for n in (0, 1, 2, 14)] == [
        date(2026, 11, 1),
        date(2026, 12, 1),
        date(2027, 1, 1),
        date(2028, 1, 1),
    ]


def test_what_ends_soonest_is_spent_first_and_the_rest_of_it_expires():
    lots = [(date(2026, 11, 30), 10), (date(2026, 12, 31), 10), (LATER, 10)]
    first, second, *_ = forecast(today=TODAY, alive=lots, pace=Flows(redeemed=4), new_vintage=LATER)
    assert (first.redeemed, first.expired, first.alive) == (4, 6, 20)
    assert (second.redeemed, second.expired, second.alive) == (4, 6, 10)


@given(
    st.lists(st.tuples(st.integers(0, 700), amounts), max_size=8),
    amounts,
    amounts,
)
def test_no_point_is_lost_in_a_forecast(lots, issued, redeemed):
    alive = [(TODAY + timedelta(days=days), points) for days, points in lots]
    before = sum(points for _, points in {day: 0 for day, _ in alive}.items())
    kept: dict[date, int] = dict.fromkeys((day for day, _ in alive), 0)
    for day, points in alive:
        kept[day] += points
    before = sum(kept.values())
    ahead = forecast(
        today=TODAY, alive=tuple(kept.items()), pace=Flows(issued, redeemed), new_vintage=LATER
    )
    assert len(ahead) == MONTHS_AHEAD
    for month in ahead:
        assert before + month.issued == month.alive + month.redeemed + month.expired
        assert 0 <= month.redeemed <= redeemed
        before = month.alive


def test_cover_and_months_of_stock_have_an_answer_for_nothing_too():
    empty = Outlook(alive=0, stock=0, pledged=0, pace=Flows(), ahead=())
    assert (empty.covered_percent, empty.stock_months) == (100, None)
    some = Outlook(alive=200, stock=80, pledged=20, pace=Flows(redeemed=30), ahead=())
    assert (some.covered_percent, some.stock_months) == (50, 2)
