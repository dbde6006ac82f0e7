"""Points and minutes move between accounts, once per reference."""

from datetime import UTC, date, datetime

import pytest

from points.errors import DomainError
from points.ledger import postings
from points.ledger.accounts import lock_person
from points.ledger.books import book_of_area, day_in_book, open_book, verify
from points.ledger.errors import (
    AlreadyReversed,
    AreaUnknown,
    BadAmount,
    BadReason,
    BadReference,
    BookUnknown,
    CaseClosed,
    InsufficientPoints,
    NothingHeld,
    PersonUnknown,
    PostingUnknown,
    ReferenceReused,
    ReversalTooLarge,
)
from points.ledger.rules import NEVER
from points.ledger.statement import Balances
from points.transactions import run, use_case
from tests.points.ledger.scene import (
    LATE,
    LATER,
    NOW,
    SOON,
    TODAY,
    History,
    make_scene,
    start_history,
)

pytestmark = pytest.mark.anyio


@pytest.fixture
async def history(engine: object) -> History:
    return await start_history(await make_scene())


def moved(receipt: postings.Receipt) -> list[tuple[str, str, int, date | None]]:
    return [
        (line.source.kind, line.target.kind, line.amount, line.vintage) for line in receipt.lines
    ]


async def test_the_worked_example_of_ninety_minutes(history: History):
    """王芳 serves 90 minutes, asks for a reward of 10 points, gets it; then the record is wrong."""
    award = await history.award(15, minutes=90)
    assert moved(award) == [
        ("issuer", "member", 15, LATER),
        ("issuer_minutes", "member_minutes", 90, None),
    ]
    assert await history.balances() == Balances(15, 90, 0, ((LATER, 15),))

    assert moved(await history.hold(10)) == [("member", "redemption", 10, LATER)]
    assert (await history.balances()).points == 5

    assert moved(await history.fulfil()) == [("redemption", "redeemed", 10, LATER)]
    assert await history.balances() == Balances(5, 90, 0, ((LATER, 5),))

    await history.void(award)
    assert moved(await history.reverse(award)) == [
        ("member", "issuer", 5, LATER),
        ("arrears", "issuer", 10, None),
        ("member_minutes", "issuer_minutes", 90, None),
    ]
    assert await history.balances() == Balances(0, 0, 10, ())

    next_award = await history.award(25, minutes=150)
    assert moved(next_award)[:2] == [
        ("issuer", "arrears", 10, None),
        ("issuer", "member", 15, LATER),
    ]
    assert await history.balances() == Balances(15, 150, 0, ((LATER, 15),))
    assert (await verify()).problems == ()


async def test_an_award_below_one_point_still_posts_its_minutes(history: History):
    award = await history.award(0, minutes=5)
    assert moved(award) == [("issuer_minutes", "member_minutes", 5, None)]
    await history.void(award)
    await history.reverse(award)
    assert await history.balances() == Balances(0, 0, 0, ())


async def test_the_soonest_to_expire_are_held_and_the_same_come_back(history: History):
    for points, expires_on in ((7, LATER), (5, SOON), (3, NEVER), (4, LATE)):
        await history.award(points, expires_on=expires_on)
    before = await history.balances()
    assert moved(await history.hold(10)) == [
        ("member", "redemption", 5, SOON),
        ("member", "redemption", 4, LATE),
        ("member", "redemption", 1, LATER),
    ]
    assert (await history.balances()).expiring == ((LATER, 6), (NEVER, 3))
    await history.release()
    assert await history.balances() == before


async def test_expired_points_are_not_spent(history: History):
    await history.award(5, expires_on=SOON)
    await history.award(4, expires_on=LATER)
    history.today = date(2027, 1, 1)
    with pytest.raises(InsufficientPoints) as refused:
        await history.hold(5)
    assert refused.value.facts == {"needed": 5, "available": 4}


async def test_nothing_is_released_twice_or_after_the_hand_over(history: History):
    await history.award(15)
    with pytest.raises(NothingHeld):
        await history.release()
    await history.hold(5)
    await history.release()
    with pytest.raises(NothingHeld):
        await history.release()
    await history.hold(5)
    await history.fulfil()
    for again in (history.release, history.fulfil):
        with pytest.raises(NothingHeld):
            await again()
    with pytest.raises(CaseClosed):
        await history.hold(5)


async def test_a_case_of_several_people_gives_each_back_her_own(history: History):
    neighbour = await start_history(history.scene)
    await history.award(15, expires_on=SOON)
    await neighbour.award(15, expires_on=LATER)
    await history.hold(5)
    await neighbour.hold(7)
    await history.hold(2)
    await neighbour.release()
    assert (await neighbour.balances()).expiring == ((LATER, 15),)
    assert (await history.balances()).expiring == ((SOON, 8),)
    await neighbour.hold(6)
    handed_over = await history.fulfil()
    await history.reverse_fulfil(handed_over)
    assert (await history.balances()).expiring == ((SOON, 15),)
    assert (await neighbour.balances()).expiring == ((LATER, 15),)
    with pytest.raises(AlreadyReversed):
        await history.reverse_fulfil(handed_over)
    assert (await verify()).problems == ()


async def test_an_award_is_reversed_in_parts_up_to_the_whole(history: History):
    award = await history.award(15, minutes=90)
    await history.reverse(award, points=6, minutes=0)
    with pytest.raises(ReversalTooLarge) as refused:
        await history.reverse(award, points=10, minutes=0)
    assert refused.value.facts == {"posting_id": award.posting_id, "left": 9, "asked": 10}
    with pytest.raises(ReversalTooLarge):
        await history.reverse(award, minutes=91)
    await history.reverse(award, minutes=0)
    with pytest.raises(AlreadyReversed):
        await history.reverse(award, minutes=0)
    assert await history.balances() == Balances(0, 90, 0, ())
    await history.void(award)
    await history.reverse(award)
    with pytest.raises(AlreadyReversed):
        await history.reverse(award)
    assert await history.balances() == Balances(0, 0, 0, ())


async def test_an_open_request_is_not_touched_by_a_reversal(history: History):
    award = await history.award(15)
    await history.hold(10)
    await history.reverse(award, minutes=0)
    assert await history.balances() == Balances(0, 60, 10, ())
    await history.release()
    assert await history.balances() == Balances(10, 60, 10, ((LATER, 10),))


async def test_a_recount_gives_and_takes(history: History):
    assert moved(await history.recount(7)) == [("issuer", "member", 7, LATER)]
    assert moved(await history.recount(-9)) == [
        ("member", "issuer", 7, LATER),
        ("arrears", "issuer", 2, None),
    ]
    assert moved(await history.recount(3)) == [
        ("issuer", "arrears", 2, None),
        ("issuer", "member", 1, LATER),
    ]


async def test_expired_points_of_an_award_go_back_from_where_they_are(history: History):
    award = await history.award(5, expires_on=SOON)
    await history.award(4, expires_on=LATER)
    history.now = datetime(2027, 1, 1, tzinfo=UTC)
    assert moved(await history.reverse(award, minutes=0)) == [("member", "issuer", 5, SOON)]


async def test_a_repeated_call_gets_the_first_receipt(history: History):
    await history.award(15)
    first = await history.hold(10, reference="redemption:1:hold")
    history.now = datetime(2027, 1, 1, tzinfo=UTC)
    again = await history.hold(10, reference="redemption:1:hold")
    assert again.replayed
    assert not first.replayed
    assert (again.posting_id, again.lines) == (first.posting_id, first.lines)
    assert (await history.balances()).points == 5


async def test_another_content_under_a_reference_is_refused_and_named(history: History):
    await history.award(15)
    first = await history.hold(10, reference="redemption:1:hold")
    for reused in (
        history.hold(9, reference="redemption:1:hold"),
        history.hold(10, case_id=2, reference="redemption:1:hold"),
        history.release(reference="redemption:1:hold"),
        history.award(10, reference="redemption:1:hold"),
    ):
        with pytest.raises(ReferenceReused) as refused:
            await reused
        assert refused.value.facts["posting_id"] == first.posting_id
    assert (await history.balances()).points == 5


async def test_a_refusal_is_answered_again_even_when_points_have_come(history: History):
    for _ in range(2):
        with pytest.raises(InsufficientPoints) as refused:
            await history.hold(10, reference="redemption:1:hold")
        assert refused.value.facts == {"needed": 10, "available": 0}
        await history.award(15)
    with pytest.raises(ReferenceReused) as reused:
        await history.hold(11, reference="redemption:1:hold")
    assert reused.value.facts["posting_id"] is None
    await history.hold(10, reference="redemption:2:hold")


async def test_a_refusal_inside_a_use_case_undoes_it_and_binds_nothing(history: History):
    @use_case
    async def award_and_hold() -> None:
        await history.award(5)
        await history.hold(10, reference="redemption:1:hold")

    with pytest.raises(InsufficientPoints):
        await award_and_hold()
    assert await history.balances() == Balances(0, 0, 0, ())
    assert await run("SELECT reference FROM refusal") == []
    await history.award(10)
    await history.hold(10, reference="redemption:1:hold")


async def test_postings_inside_a_use_case_stand_or_fall_together(history: History):
    @use_case
    async def award_twice() -> None:
        await lock_person(**history.owner())
        await history.award(5)
        await history.award(6)

    await award_twice()
    assert (await history.balances()).points == 11


@pytest.mark.parametrize("points", [0, -1, 10**12 + 1, 10**30])
async def test_a_wrong_amount_is_refused_and_binds_nothing(history: History, points: int):
    await history.award(15)
    award = await history.award(15)
    for call in (
        history.hold(points, reference="wrong"),
        history.award(points or -1),
        history.reverse(award, points=points if points < 0 else -1),
        history.reverse(award, points=0, minutes=0),
    ):
        with pytest.raises(BadAmount):
            await call
    await history.hold(1, reference="wrong")


async def test_what_is_too_long_or_unknown_is_refused_with_a_reason(history: History):
    award = await history.award(15)
    handed_over = history.heading() | {"posting_id": award.posting_id}
    refusals: list[tuple[type[DomainError], object]] = [
        (BadReference, history.hold(1, reference="x" * 121)),
        (BadReason, postings.reverse_award(**handed_over | {"reason": ""})),
        (BadReason, postings.reverse_award(**handed_over | {"reason": "长" * 301})),
        (PostingUnknown, postings.reverse_award(**handed_over | {"posting_id": 10**9})),
        (PostingUnknown, postings.reverse_fulfil(**handed_over)),
        (AreaUnknown, open_book(area_id=10**9, now=NOW)),
        (BookUnknown, day_in_book(book_id=10**9, now=NOW)),
    ]
    for error, call in refusals:
        with pytest.raises(error):
            await call  # type: ignore[misc]
    stranger = History(history.scene, 10**9)
    with pytest.raises(PersonUnknown):
        await stranger.hold(1)
    history.book_id = 10**9
    with pytest.raises(BookUnknown):
        await history.fulfil()


async def test_a_book_is_opened_once_and_serves_the_areas_below(history: History):
    scene = history.scene
    assert await open_book(area_id=scene.area_id, now=NOW) == scene.book_id
    assert await book_of_area(scene.area_id) == scene.book_id
    assert await book_of_area(10**9) is None
    assert await day_in_book(book_id=scene.book_id, now=NOW) == TODAY
    late = datetime(2026, 11, 21, 16, 0, tzinfo=UTC)
    assert await day_in_book(book_id=scene.book_id, now=late) == TODAY
