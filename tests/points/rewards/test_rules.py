"""Quorum arithmetic against brute force, and the other rules, without a database."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import product

import pytest

from points.errors import DomainError
from points.rewards.errors import ItemMonthReached, NotForYou
from points.rewards.rules import (
    CODE_ALPHABET,
    Asker,
    Offer,
    Tally,
    code_digest,
    end_of_day,
    for_audience,
    may_cancel,
    pickup_codes,
    quorum_for,
    seats_for_stand_ins,
    spoken,
    tally,
    typed_code,
    why_not,
)
from points.service.rules import Terms, check_terms

TERMS = Terms()
NOW = datetime(2026, 3, 11, 6, 0, tzinfo=UTC)
TODAY = date(2026, 3, 11)


# --- the quorum


@cache
def reachable(quorum: int, approvals: int, refusals: int, undecided: int) -> bool:
    """Whether approval can still come about, by trying everything that anybody could still do.

    Each who has not voted approves, refuses or stands back; where fewer are left than the quorum
    needs, a stand-in is appointed, who again does any of it.
    """
    seen: set[tuple[int, int, int]] = set()
    ahead = [(approvals, refusals, undecided)]
    while ahead:
        state = ahead.pop()
        if state in seen:
            continue
        seen.add(state)
        yes, no, silent = state
        if yes >= quorum:
            return True
        if silent:
            ahead += [(yes + 1, no, silent - 1), (yes, no + 1, silent - 1), (yes, no, silent - 1)]
        if yes + no + silent < quorum:
            ahead.append((yes, no, silent + 1))
    return False


@pytest.mark.parametrize("size", range(8))
def test_an_outcome_is_certain_exactly_when_brute_force_says_so(size):
    """Every committee up to seven: who is involved, and what each has said so far, if anything."""
    members = range(1, size + 1)
    for quorum in range(2, 9):
        for said in product(("", "approve", "refuse", "recuse", "involved"), repeat=size):
            votes = [
                (member, choice)
                for member, choice in zip(members, said, strict=True)
                if choice in ("approve", "refuse", "recuse")
            ]
            involved = [
                member for member, one in zip(members, said, strict=True) if one == "involved"
            ]
            count = tally(quorum=quorum, voters=members, votes=votes, involved=involved)
            approvals, refusals = said.count("approve"), said.count("refuse")
            possible = reachable(quorum, approvals, refusals, said.count(""))
            expected = None
            if approvals >= quorum:
                expected = "approved"
            elif not possible:
                expected = "refused"
            assert count.outcome == expected, (quorum, said)


@pytest.mark.parametrize("size", range(8))
def test_stand_ins_fill_exactly_what_the_quorum_lacks(size):
    """With the stand-ins asked for, all of them approving, the quorum is just reached."""
    for quorum, involved in product(range(2, 9), range(size + 1)):
        able = size - involved
        count = tally(quorum=quorum, voters=range(size), votes=(), involved=range(involved))
        assert count == Tally(quorum=quorum, approvals=0, refusals=0, undecided=able)
        wanted = count.stand_ins_needed
        assert (wanted > 0) == (able < quorum)
        full = Tally(quorum=quorum, approvals=able + wanted, refusals=0, undecided=0)
        assert full.outcome == "approved"
        if wanted:
            short = Tally(quorum=quorum, approvals=able + wanted - 1, refusals=0, undecided=0)
            assert short.outcome is None


def test_a_vote_stays_after_its_voter_has_left_and_silence_is_not_waited_for():
    votes = [(1, "approve"), (2, "refuse")]
    assert tally(quorum=2, voters=[1, 2, 3], votes=votes, involved=[]).outcome is None
    gone = tally(quorum=2, voters=[], votes=votes, involved=[])
    assert (gone.approvals, gone.undecided, gone.outcome) == (1, 0, "refused")


def test_after_the_deadline_the_silent_are_not_counted_on():
    silent = Tally(quorum=2, approvals=1, refusals=0, undecided=3)
    assert seats_for_stand_ins(silent, waiting_stand_ins=0, overdue=False) == 0
    assert seats_for_stand_ins(silent, waiting_stand_ins=0, overdue=True) == 1
    assert seats_for_stand_ins(silent, waiting_stand_ins=1, overdue=True) == 0


def test_dear_requests_need_more_approvals():
    assert [quorum_for(price, TERMS) for price in (0, 100, 101, 5000)] == [2, 2, 3, 3]
    assert quorum_for(101, Terms(redemption_quorum=4)) == 4


def test_the_defaults_of_the_policy_are_allowed():
    check_terms(TERMS)


# --- asking


def asker(**facts: object) -> Asker:
    known = {"birth_date": None, "available": 500, "month_points": 0, "month_of_item": 0}
    return Asker(**{**known, **facts})  # type: ignore[arg-type]


def refusal(offer: Offer, who: Asker) -> str | None:
    kept: DomainError | None = why_not(offer, who, terms=TERMS, today=TODAY)
    return kept.code if kept else None


@pytest.mark.parametrize(
    ("price", "facts", "expected"),
    [
        (300, {}, None),
        (301, {}, "MonthSpent"),
        (60, {"available": 49}, "BalanceTooLow"),
        (60, {"available": 50}, "InsufficientPoints"),
        (60, {"available": 60}, None),
        (60, {"month_points": 241}, "MonthSpent"),
        (60, {"month_of_item": 2}, "ItemMonthReached"),
        (0, {"available": 0, "month_points": 300}, None),
        (0, {"month_of_item": 2}, "ItemMonthReached"),
    ],
)
def test_limits_of_asking(price, facts, expected):
    offer = Offer(name="洗衣液", price=price, audience="all", monthly_limit=2)
    assert refusal(offer, asker(**facts)) == expected


def test_ages_are_completed_years():
    born_60 = date(1966, 3, 11)
    assert for_audience("elders", born_60, TODAY)
    assert not for_audience("elders", born_60 + timedelta(days=1), TODAY)
    assert not for_audience("elders", None, TODAY)
    assert for_audience("adults", date(2008, 3, 11), TODAY)
    assert not for_audience("adults", date(2008, 3, 12), TODAY)
    assert for_audience("adults", None, TODAY)
    offer = Offer(name="午餐", price=0, audience="elders", monthly_limit=1)
    kept = why_not(offer, asker(month_of_item=1), terms=TERMS, today=TODAY)
    assert isinstance(kept, NotForYou)
    kept = why_not(offer, asker(month_of_item=1, birth_date=born_60), terms=TERMS, today=TODAY)
    assert isinstance(kept, ItemMonthReached)


@pytest.mark.parametrize(
    ("state", "minutes", "expected"),
    [
        ("requested", 0, True),
        ("requested", 60 * 24 * 30, True),
        ("approved", 10, True),
        ("approved", 11, False),
        ("approved", -60 * 24, True),
        ("refused", 0, False),
        ("handed_over", 1, False),
        ("uncollected", 1, False),
    ],
)
def test_when_a_request_can_be_taken_back(state, minutes, expected):
    now = NOW + timedelta(minutes=minutes)
    assert may_cancel(state, requested_at=NOW, now=now) is expected


def test_a_deadline_is_the_last_minute_of_a_day_where_people_live():
    late = datetime(2026, 3, 11, 15, 59, tzinfo=UTC)
    for moment, days in ((late, 5), (late + timedelta(minutes=1), 4)):
        due = end_of_day(moment, days=days, time_zone="Asia/Shanghai")
        assert due.astimezone(UTC) == datetime(2026, 3, 16, 15, 59, tzinfo=UTC)


# --- pickup codes


def test_a_code_is_the_same_whenever_it_is_asked_for_and_another_for_every_request():
    codes = [next(pickup_codes(b"key", number)) for number in range(1, 2000)]
    assert codes == [next(pickup_codes(b"key", number)) for number in range(1, 2000)]
    assert len(set(codes)) == len(codes)
    assert all(len(code) == 8 and set(code) <= set(CODE_ALPHABET) for code in codes)
    assert not set("01IO") & set(CODE_ALPHABET)
    assert next(pickup_codes(b"other", 1)) != codes[0]
    assert len(set(pickup_codes(b"key", 1))) == 8


def test_a_code_is_understood_however_it_is_typed():
    code = next(pickup_codes(b"key", 7))
    shown = spoken(code)
    for typed in (shown, shown.lower(), f" {code[:4]} {code[4:]}\n", code.replace("2", "２")):
        assert code_digest(typed_code(typed)) == code_digest(code)
