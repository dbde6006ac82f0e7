"""Which points pay, which come back, and what is owed: worked out by hand."""

from datetime import date

import pytest

from points.ledger.errors import InsufficientPoints
from points.ledger.rules import (
    NEVER,
    AccountName,
    Entered,
    Move,
    Part,
    ReversalPlan,
    Side,
    Standing,
    earn,
    enter,
    plan_reversal,
    spend,
    still_held,
    vintage_of,
)

TODAY = date(2026, 11, 22)
PAST, SOON, LATE = date(2026, 10, 31), date(2026, 11, 30), date(2027, 12, 31)


@pytest.mark.parametrize(
    ("expires_on", "vintage"),
    [
        (date(2027, 12, 31), date(2027, 12, 31)),
        (date(2027, 4, 1), date(2027, 4, 30)),
        (date(2028, 2, 10), date(2028, 2, 29)),
        (date(2027, 2, 28), date(2027, 2, 28)),
        (NEVER, NEVER),
        (date(9999, 12, 31), NEVER),
    ],
)
def test_a_vintage_is_rounded_up_to_a_months_end(expires_on: date, vintage: date):
    assert vintage_of(expires_on) == vintage


@pytest.mark.parametrize(
    ("points", "parts"),
    [
        (1, [(SOON, 1)]),
        (5, [(SOON, 5)]),
        (6, [(SOON, 5), (LATE, 1)]),
        (12, [(SOON, 5), (LATE, 7)]),
        (15, [(SOON, 5), (LATE, 7), (NEVER, 3)]),
    ],
)
def test_the_soonest_to_expire_are_spent_first(points: int, parts: list[tuple[date, int]]):
    holdings = {NEVER: 3, LATE: 7, PAST: 9, SOON: 5}
    assert spend(holdings, points=points, today=TODAY) == tuple(
        Part(vintage=day, points=taken) for day, taken in parts
    )


def test_what_has_expired_pays_nothing():
    with pytest.raises(InsufficientPoints) as refused:
        spend({PAST: 9, SOON: 5}, points=6, today=TODAY)
    assert refused.value.facts == {"needed": 6, "available": 5}
    assert str(refused.value) == "You need 6 points and have 5."


@pytest.mark.parametrize(("today", "available"), [(SOON, 5), (date(2026, 12, 1), 0)])
def test_points_can_be_spent_on_their_last_day(today: date, available: int):
    with pytest.raises(InsufficientPoints) as refused:
        spend({SOON: 5}, points=6, today=today)
    assert refused.value.facts["available"] == available


@pytest.mark.parametrize(
    ("points", "arrears", "shared"), [(10, 0, (0, 10)), (10, -4, (4, 6)), (10, -14, (10, 0))]
)
def test_arrears_are_repaid_first(points: int, arrears: int, shared: tuple[int, int]):
    assert earn(points=points, arrears=arrears) == shared


HELD = {PAST: 2, SOON: 5, LATE: 7}


@pytest.mark.parametrize(
    ("points", "vintage", "commons", "plan"),
    [
        # The same vintage first, although another expires sooner.
        (7, LATE, {}, ([(LATE, 7)], [], 0)),
        # Then the others, soonest first, but nothing that has expired.
        (9, LATE, {}, ([(LATE, 7), (SOON, 2)], [], 0)),
        # What nobody has any more is owed.
        (15, LATE, {}, ([(LATE, 7), (SOON, 5)], [], 3)),
        # The commons gives back what expired into it, before the other vintages.
        (6, PAST, {PAST: 3}, ([(PAST, 2), (SOON, 1)], [(PAST, 3)], 0)),
        # What was given to the commons before it expired stays there.
        (9, LATE, {LATE: 50}, ([(LATE, 7), (SOON, 2)], [], 0)),
        # What repaid arrears has no vintage.
        (6, None, {}, ([(SOON, 5), (LATE, 1)], [], 0)),
    ],
)
def test_a_reversal_takes_back_in_the_order_of_the_house(
    points: int, vintage: date | None, commons: dict[date, int], plan: tuple[list, list, int]
):
    own, shared, arrears = plan
    assert plan_reversal(
        points=points, vintage=vintage, held=HELD, commons=commons, today=TODAY
    ) == ReversalPlan(
        own=tuple(Part(*part) for part in own),
        commons=tuple(Part(*part) for part in shared),
        arrears=arrears,
    )


def test_a_release_gives_back_what_was_put_in_and_not_yet_taken_out():
    put_in = [Part(SOON, 5), Part(LATE, 2), Part(SOON, 1)]
    assert still_held(put_in, [Part(SOON, 4), Part(LATE, 2)]) == (Part(SOON, 2),)


def test_every_tracked_side_gets_the_next_number_and_the_balance_after():
    member, case, redeemed = (AccountName(kind) for kind in ("member", "redemption", "redeemed"))
    moves = [
        Move(member, case, 5, SOON),
        Move(member, case, 1, LATE),
        Move(case, redeemed, 5, SOON),
    ]
    standings = {
        member: Standing(balance=12, sequence=2, holdings={SOON: 5, LATE: 7}),
        case: Standing(),
    }
    entered, after = enter(moves, standings)
    assert entered == (
        Entered(moves[0], source=Side(3, 7), target=Side(1, 5)),
        Entered(moves[1], source=Side(4, 6), target=Side(2, 6)),
        Entered(moves[2], source=Side(3, 1), target=None),
    )
    assert after == {
        member: Standing(balance=6, sequence=4, holdings={SOON: 0, LATE: 6}),
        case: Standing(balance=1, sequence=3, holdings={SOON: 0, LATE: 1}),
    }


def test_a_vintage_never_gives_more_than_it_holds():
    member, case = AccountName("member", 1), AccountName("redemption", 1)
    standings = {member: Standing(balance=12, sequence=2, holdings={LATE: 12}), case: Standing()}
    with pytest.raises(AssertionError):
        enter([Move(member, case, 1, SOON)], standings)
