"""Whoever is shown is hidden among enough others, at every area and at every moment."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talentmap.talents.rules import (
    LISTED_LEAST,
    REFINES_AFTER,
    Home,
    Tree,
    decided,
    may_be_seen_by,
    merged,
    named,
)

NOW = datetime(2026, 11, 27, tzinfo=UTC)
# 1 > 2, 3; 2 > 4, 5; 3 > 6, 7; each of those has two buildings.
PARENTS = {2: 1, 3: 1, 4: 2, 5: 2, 6: 3, 7: 3} | {8 + n: 4 + n // 2 for n in range(8)}
TREE = Tree(1, PARENTS)

starts = st.dictionaries(st.integers(1, 15), st.integers(1, 9), max_size=12)


def shown_at(places: dict[int, int], people: dict[int, int]) -> Counter[int]:
    found: Counter[int] = Counter()
    for start, area in places.items():
        found[area] += people[start]
    return found


@given(starts)
def test_every_area_shows_nobody_or_enough(people: dict[int, int]) -> None:
    naming = named(people, TREE, is_root=True)
    assert all(count >= LISTED_LEAST for count in shown_at(dict(naming.places), people).values())
    assert all(area in TREE.line(start) for start, area in naming.places.items())
    enough = sum(people.values()) >= LISTED_LEAST
    assert set(naming.places) == (set(people) if enough else set())
    assert set(naming.left) == (set() if enough else set(people))


@given(starts)
def test_nobody_is_shown_more_coarsely_than_the_crowd_asks_for(people: dict[int, int]) -> None:
    naming = named(people, TREE, is_root=False)
    for start, area in naming.places.items():
        for finer in TREE.line(start)[: TREE.line(start).index(area)]:
            here = sum(
                count
                for other, count in people.items()
                if finer in TREE.line(other) and naming.places.get(other) == area
            )
            assert here < LISTED_LEAST


def test_a_few_go_up_and_leave_the_others_where_they_are() -> None:
    naming = named({8: 5, 9: 2, 10: 3}, TREE, is_root=True)
    assert naming.places == {8: 8, 9: 2, 10: 2}


def test_a_few_at_the_root_draw_the_coarsest_group_to_them() -> None:
    naming = named({8: 9, 9: 5, 10: 4, 11: 4, 14: 1}, TREE, is_root=True)
    assert naming.places == {8: 8, 9: 9, 10: 1, 11: 1, 14: 1}
    below = named({8: 9, 14: 1}, TREE, is_root=False)
    assert (below.places, below.left) == ({8: 8}, (14,))


steps = st.lists(
    st.tuples(st.integers(1, 15), st.integers(-4, 6), st.integers(0, 5)), min_size=1, max_size=25
)


@settings(max_examples=150)
@given(steps)
def test_a_history_never_shows_few_and_never_refines_early(
    history: list[tuple[int, int, int]],
) -> None:
    homes: dict[int, Home] = {}
    now = NOW
    finest_since: dict[int, datetime] = {}
    for area, change, days in history:
        now += timedelta(days=days)
        before = dict(homes)
        home = homes.get(area, Home(area, 0))
        homes[area] = Home(area, max(0, home.people + change), home.published, home.refines_at)
        lines = [one for one in homes.values() if one.people]
        homes = {h.area_id: h for h in decided(lines, TREE, is_root=True, now=now).homes}
        people = {h.area_id: h.people for h in homes.values()}
        places = {h.area_id: h.published for h in homes.values() if h.published is not None}
        assert all(count >= LISTED_LEAST for count in shown_at(places, people).values())
        for at, new in homes.items():
            old = before.get(at)
            if old is None or old.published is None or new.published is None:
                continue
            if new.published != old.published and old.published in TREE.line(new.published):
                assert old.refines_at is not None
                assert old.refines_at <= now
                assert now - finest_since[at] >= REFINES_AFTER
        for at, new in homes.items():
            if new.refines_at is None:
                finest_since.pop(at, None)
            else:
                finest_since.setdefault(at, now)


def test_time_brings_everybody_as_close_as_the_crowd_allows() -> None:
    lines = [Home(8, 5, 1), Home(9, 6, 2), Home(15, 5, 1)]
    first = decided(lines, TREE, is_root=True, now=NOW)
    assert [home.published for home in first.homes] == [1, 2, 1]
    assert {home.refines_at for home in first.homes} == {NOW + REFINES_AFTER}
    later = decided(first.homes, TREE, is_root=True, now=NOW + REFINES_AFTER)
    assert [(home.published, home.refines_at) for home in later.homes] == [
        (8, None),
        (9, None),
        (15, None),
    ]


def test_who_comes_new_is_treated_like_her_house() -> None:
    waiting = Home(8, 4, 2, NOW)
    assert merged([Home(8, 1), waiting, Home(9, 2)]) == (Home(8, 5, 2, NOW), Home(9, 2))


@pytest.mark.parametrize(
    ("born", "wished", "allowed"),
    [
        (None, "public", "public"),
        (date(2000, 1, 1), "public", "public"),
        (date(2008, 11, 27), "public", "public"),
        (date(2008, 11, 28), "public", "neighbourhood"),
        (date(2010, 1, 1), "stairwell", "stairwell"),
        (date(2012, 11, 27), "neighbourhood", "neighbourhood"),
        (date(2012, 11, 28), "stairwell", "self"),
    ],
)
def test_age_bounds_who_may_see(born, wished, allowed) -> None:
    assert may_be_seen_by(wished, birth_date=born, today=NOW.date()) == allowed
