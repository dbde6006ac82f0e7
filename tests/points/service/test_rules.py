"""What service is worth, by examples worked out by hand."""

from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.service.categories import ACTIVITY_CLASSES, CATEGORIES
from points.service.errors import CapsOutOfOrder, TermsInvalid
from points.service.rules import (
    NEVER,
    UNITS_PER_POINT,
    WHOLE,
    Caps,
    Case,
    Counters,
    Terms,
    advance,
    cap_reasons,
    check_terms,
    expires_on,
    first_day,
    may_confirm,
    periods_of,
    terms_from_json,
    terms_to_json,
    worth,
)

TERMS = Terms()
CAPS = Caps(day=60 * 6000, month=300 * 6000, year=2400 * 6000)
CASE = Case(person_id=1, household_id=10, logged_by=2, created_by=3, needs_steward=False)


def points_of(minutes, *, tier="ordinary", leads=False, backfilled=False, terms=TERMS):
    value = worth(
        minutes=minutes,
        terms=terms,
        tier=tier,
        category="cleaning",
        leads=leads,
        backfilled=backfilled,
    )
    return value.exact / UNITS_PER_POINT


@pytest.mark.parametrize(
    ("minutes", "tier", "leads", "points"),
    [
        (60, "ordinary", False, 10),
        (90, "ordinary", False, 15),
        (45, "ordinary", False, 7.5),
        (1, "ordinary", False, 1 / 6),
        (60, "skilled", False, 12),
        (60, "urgent", False, 15),
        (60, "ordinary", True, 12),
        (60, "skilled", True, 14),
        (60, "urgent", True, 17),
    ],
)
def test_an_hour_earns_what_the_policy_says(minutes, tier, leads, points):
    assert points_of(minutes, tier=tier, leads=leads) == pytest.approx(points)


def test_all_multipliers_together_stop_at_their_maximum():
    terms = replace(TERMS, urgent_percent=190, leader_bonus_percent=50)
    assert points_of(60, tier="urgent", leads=True, terms=terms) == 20


def test_service_logged_too_late_counts_as_minutes_only():
    assert points_of(60, backfilled=True) == 0


def test_the_reasons_say_line_by_line_how_the_worth_came_about():
    value = worth(
        minutes=90, terms=TERMS, tier="skilled", category="haircut", leads=True, backfilled=False
    )
    assert value.reasons == (
        {"kind": "rate", "minutes": 90, "points_per_hour": 10},
        {"kind": "multiplier", "category": "haircut", "percent": 120},
        {"kind": "leader_bonus", "percent": 20},
    )
    assert value.exact == 90 * 10 * 140


def test_half_points_add_up_to_whole_ones():
    first = advance(Counters(), 45 * 10 * 100, CAPS)
    second = advance(first.after, 45 * 10 * 100, CAPS)
    assert (first.points, second.points) == (7, 8)
    assert cap_reasons(first.after, second, CAPS) == (
        {"kind": "remainder", "before_exact": 3000, "after_exact": 0},
    )


def test_a_cap_cuts_and_says_how_much():
    most = advance(Counters(), 350 * 10 * 100, CAPS)
    more = advance(most.after, 120 * 10 * 100, CAPS)
    assert (most.points, more.points) == (58, 2)
    assert cap_reasons(most.after, more, CAPS) == (
        {"kind": "cap", "period": "day", "cap_points": 60, "cut_exact": 110_000},
        {"kind": "remainder", "before_exact": 2000, "after_exact": 0},
    )


def test_the_month_and_the_year_have_caps_of_their_own():
    counters = Counters(month=295 * 6000, year=2395 * 6000, whole=2395 * 6000, awarded=2395)
    step = advance(counters, 20 * 6000, CAPS)
    assert step.points == 5
    assert step.cut == {"day": 0, "month": 15 * 6000, "year": 0}
    counters = Counters(month=0, year=2395 * 6000, whole=2395 * 6000, awarded=2395)
    assert advance(counters, 20 * 6000, CAPS).cut == {"day": 0, "month": 0, "year": 15 * 6000}


def test_taking_away_what_a_cap_had_cut_takes_no_point():
    counters = Counters(day=80 * 6000, month=60 * 6000, year=60 * 6000, whole=60 * 6000, awarded=60)
    assert advance(counters, -20 * 6000, CAPS).points == 0
    assert advance(counters, -50 * 6000, CAPS).points == -30


days = st.dates(min_value=date(2025, 11, 1), max_value=date(2026, 2, 28))
deeds = st.lists(st.tuples(days, st.integers(0, 200_000)), max_size=40)
caps = st.builds(
    Caps, day=st.integers(1, 300_000), month=st.integers(1, 900_000), year=st.integers(1, 3_000_000)
)


def walk(history, limits):
    """The counters after a history of (day, change), by the incremental rule."""
    exact, awarded = {}, 0
    for day, change in history:
        keys = [("day", day), ("month", first_day("month", day)), ("year", first_day("year", day))]
        keys.append(("all", WHOLE))
        before = Counters(*(exact.get(key, 0) for key in keys), awarded=awarded)
        after = advance(before, change, limits).after
        exact |= dict(zip(keys, (after.day, after.month, after.year, after.whole), strict=True))
        awarded = after.awarded
    return exact, awarded


@given(deeds=deeds, limits=caps, order=st.randoms(use_true_random=False))
def test_counters_equal_brute_force_in_any_order(deeds, limits, order):
    by_period = {"day": limits.day, "month": limits.month, "year": limits.year}
    expected = periods_of(deeds, lambda period, start: by_period[period])
    mixed = order.sample(deeds, len(deeds))
    assert walk(deeds, limits)[0] == walk(mixed, limits)[0]
    assert walk(mixed, limits)[0] == expected
    assert walk(mixed, limits)[1] == expected.get(("all", WHOLE), 0) // UNITS_PER_POINT


@given(deeds=deeds, limits=caps, order=st.randoms(use_true_random=False))
def test_what_was_voided_leaves_no_trace_in_the_counters(deeds, limits, order):
    gone = [pair for pair in deeds if order.random() < 0.4]
    stays = list(deeds)
    for pair in gone:
        stays.remove(pair)
    history = order.sample(deeds, len(deeds)) + [(day, -exact) for day, exact in gone]
    exact, awarded = walk(history, limits)
    expected, expected_awarded = walk(stays, limits)
    assert {key: value for key, value in exact.items() if value} == {
        key: value for key, value in expected.items() if value
    }
    assert awarded == expected_awarded


@given(
    minutes=st.integers(1, 1440),
    cuts=st.lists(st.integers(1, 1439), max_size=6, unique=True),
    per_hour=st.integers(1, 100),
    percent=st.integers(100, 300),
)
def test_splitting_a_service_earns_the_same(minutes, cuts, per_hour, percent):
    terms = Terms(points_per_hour=per_hour, ordinary_percent=percent, combined_max_percent=300)
    edges = [0, *sorted(cut for cut in cuts if cut < minutes), minutes]
    pieces = [
        round(points_of(high - low, terms=terms) * UNITS_PER_POINT) for low, high in pairwise(edges)
    ]
    day = date(2026, 3, 1)
    whole = round(points_of(minutes, terms=terms) * UNITS_PER_POINT)
    assert walk([(day, piece) for piece in pieces], CAPS)[1] == walk([(day, whole)], CAPS)[1]


@pytest.mark.parametrize(
    ("served", "posted", "years", "expires"),
    [
        (date(2026, 3, 1), date(2026, 3, 2), 1, date(2027, 12, 31)),
        (date(2026, 12, 31), date(2027, 1, 2), 1, date(2027, 12, 31)),
        (date(2026, 3, 1), date(2028, 3, 2), 1, date(2028, 12, 31)),
        (date(2026, 3, 1), date(2026, 3, 2), 0, date(2026, 12, 31)),
        (date(2026, 3, 1), date(2026, 3, 2), None, NEVER),
    ],
)
def test_points_live_until_the_end_of_the_year_after_the_service(served, posted, years, expires):
    terms = replace(TERMS, expires_after_years=years)
    assert expires_on(served_on=served, posted_on=posted, terms=terms) == expires


@pytest.mark.parametrize(
    ("served", "posted", "months", "expires"),
    [
        (date(2026, 3, 1), date(2026, 3, 2), 1, date(2026, 4, 30)),
        (date(2026, 11, 30), date(2026, 12, 2), 3, date(2027, 2, 28)),
        (date(2026, 1, 31), date(2026, 6, 2), 3, date(2026, 6, 30)),
        (date(2026, 12, 1), date(2026, 12, 2), 12, date(2027, 12, 31)),
    ],
)
def test_points_live_for_so_many_months_but_are_never_given_dead(served, posted, months, expires):
    terms = replace(TERMS, expires_after_months=months, expires_after_years=None)
    assert expires_on(served_on=served, posted_on=posted, terms=terms) == expires


@pytest.mark.parametrize(
    ("actor", "household", "roles", "case", "obstacle"),
    [
        (4, 11, {"steward"}, CASE, None),
        (4, None, {"organizer"}, CASE, None),
        (4, None, {"stairwell_leader"}, CASE, None),
        (1, 10, {"steward"}, CASE, "own"),
        (4, 10, {"steward"}, CASE, "household"),
        (4, None, {"steward"}, replace(CASE, household_id=None), None),
        (4, 11, {"steward"}, replace(CASE, guardians=frozenset({4})), "guardian"),
        (2, 11, {"steward"}, CASE, "logged_by_you"),
        (3, 11, {"steward"}, CASE, "created_by_you"),
        (4, 11, set(), CASE, "not_covering"),
        (4, 11, {"committee_member", "volunteer"}, CASE, "not_covering"),
        (4, 11, {"organizer"}, replace(CASE, needs_steward=True), "steward_only"),
        (4, 11, {"organizer", "steward"}, replace(CASE, needs_steward=True), None),
    ],
)
def test_who_may_decide_on_a_record(actor, household, roles, case, obstacle):
    assert may_confirm(case, actor_id=actor, household_id=household, roles=roles) == obstacle


def test_terms_come_back_as_they_were_stored():
    terms = Terms(points_per_hour=1, expires_after_years=None)
    assert terms_from_json(terms_to_json(terms)) == terms
    assert terms_from_json('{"points_per_hour": 5, "of_a_later_version": 1}').points_per_hour == 5


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"points_per_hour": 0}, TermsInvalid),
        ({"points_per_hour": 101}, TermsInvalid),
        ({"points_per_hour": "10"}, TermsInvalid),
        ({"urgent_percent": 99}, TermsInvalid),
        ({"session_minutes": 1441}, TermsInvalid),
        ({"day_cap_points": 301}, CapsOutOfOrder),
        ({"month_cap_points": 2401}, CapsOutOfOrder),
    ],
)
def test_terms_that_no_policy_may_hold_are_refused(changes, error):
    check_terms(TERMS)
    with pytest.raises(error):
        check_terms(replace(TERMS, **changes))


def test_every_category_has_a_tier_and_a_class():
    assert len(CATEGORIES) >= 20
    assert len({category.code for category in CATEGORIES}) == len(CATEGORIES)
    assert {category.tier for category in CATEGORIES} == {"ordinary", "skilled", "urgent"}
    assert {category.activity_class for category in CATEGORIES} == set(ACTIVITY_CLASSES)
