"""Many at once: exactly as many succeed as the points can pay."""

import asyncio

import pytest

from points.ledger import postings
from points.ledger.books import verify
from points.ledger.errors import InsufficientPoints, ReferenceReused
from points.ledger.postings import Receipt
from points.transactions import run
from tests.points.ledger.scene import LATER, SOON, History, make_scene, start_history

pytestmark = pytest.mark.anyio


@pytest.fixture
async def history(engine: object) -> History:
    return await start_history(await make_scene())


def _refusals(answers: list[Receipt | BaseException]) -> list[BaseException]:
    return [answer for answer in answers if isinstance(answer, BaseException)]


async def test_of_50_spends_of_one_balance_exactly_those_succeed_that_it_can_pay(
    history: History,
):
    await history.award(40, expires_on=SOON)
    await history.award(43, expires_on=LATER)
    spends = [history.hold(5, case_id=number) for number in range(1, 51)]
    answers = await asyncio.gather(*spends, return_exceptions=True)
    refusals = _refusals(answers)
    assert len(answers) - len(refusals) == 16
    assert all(isinstance(refusal, InsufficientPoints) for refusal in refusals)
    assert all(refusal.facts == {"needed": 5, "available": 3} for refusal in refusals)
    assert (await history.balances()).points == 3
    assert (await verify()).problems == ()


async def test_of_many_awards_at_once_each_is_posted_whoever_goes_away(history: History):
    """The first finds nobody at work; all others come while she is served, and she leaves."""
    records = [await history.scene.served(history.person_id) for _ in range(40)]

    async def send(number: int) -> Receipt:
        return await postings.award(
            **history.owner(),
            minutes=60,
            points=number % 3,
            expires_on=LATER,
            service_record_id=records[number],
            happened_at=history.now,
            **history.heading(f"service:{records[number]}"),
        )

    sent = [asyncio.create_task(send(number)) for number in range(40)]
    await asyncio.sleep(0)
    sent[0].cancel()
    first, *answers = await asyncio.gather(*sent, return_exceptions=True)
    assert isinstance(first, asyncio.CancelledError)
    assert not _refusals(answers)
    answers.append(await send(0))
    ends = [one.lines[-1].target_balance for one in answers if isinstance(one, Receipt)]
    assert sorted(ends) == [60 * number for number in range(1, 41)]
    assert (await history.balances()).points == sum(number % 3 for number in range(40))
    assert (await verify()).problems == ()


async def test_20_senders_of_one_reference_get_one_posting(history: History):
    await history.award(15)
    sends = [history.hold(10, case_id=1, reference="redemption:1:hold") for _ in range(20)]
    answers = await asyncio.gather(*sends, return_exceptions=True)
    assert not _refusals(answers)
    receipts = [answer for answer in answers if isinstance(answer, Receipt)]
    assert sum(not receipt.replayed for receipt in receipts) == 1
    assert len({(receipt.posting_id, receipt.lines) for receipt in receipts}) == 1
    assert (await history.balances()).points == 5


async def test_20_senders_of_one_refused_reference_hear_one_answer(history: History):
    await history.award(15)
    sends = [history.hold(16, case_id=1, reference="redemption:1:hold") for _ in range(20)]
    answers = await asyncio.gather(*sends, return_exceptions=True)
    assert len(_refusals(answers)) == 20
    assert all(isinstance(answer, InsufficientPoints) for answer in answers)
    [kept] = await run("SELECT COUNT(*) AS refusals FROM refusal")
    assert kept["refusals"] == 1


async def test_of_20_contents_under_one_reference_one_is_taken(history: History):
    await history.award(50)
    sends = [history.hold(points, reference="redemption:1:hold") for points in range(1, 21)]
    answers = await asyncio.gather(*sends, return_exceptions=True)
    assert len(_refusals(answers)) == 19
    [posting] = await run("SELECT id FROM posting WHERE kind = 'hold'")
    for refusal in _refusals(answers):
        assert isinstance(refusal, ReferenceReused)
        assert refusal.facts["posting_id"] == posting["id"]


async def test_one_award_is_reversed_once_by_20_hands(history: History):
    award = await history.award(15)
    await history.void(award)
    reversals = [history.reverse(award) for _ in range(20)]
    answers = await asyncio.gather(*reversals, return_exceptions=True)
    assert len(_refusals(answers)) == 19
    assert (await history.balances()).points == (await history.balances()).minutes == 0
    assert (await verify()).problems == ()


async def test_release_and_hand_over_at_once_leave_one_winner(history: History):
    await history.award(15)
    await history.hold(10, case_id=1)
    answers = await asyncio.gather(
        history.release(case_id=1), history.fulfil(case_id=1), return_exceptions=True
    )
    assert len(_refusals(answers)) == 1
    assert (await history.balances()).points in (5, 15)
    assert (await verify()).problems == ()


async def test_many_people_and_cases_at_once_never_deadlock_for_good(history: History):
    people = [await start_history(history.scene) for _ in range(6)]
    await asyncio.gather(*(person.award(20) for person in people for _ in range(3)))
    await asyncio.gather(
        *(person.hold(7, case_id=case_id) for person in people for case_id in range(1, 9))
    )
    await asyncio.gather(*(people[0].fulfil(case_id=case_id) for case_id in range(1, 5)))
    await asyncio.gather(
        *(person.release(case_id=case_id) for person in people for case_id in range(5, 9))
    )
    assert [(await person.balances()).points for person in people] == [32] * 6
    assert (await verify()).problems == ()


async def test_awards_one_after_another_and_together_are_all_answered(history: History):
    records = [await history.scene.served(history.person_id) for _ in range(12)]

    async def award(record_id: int) -> int:
        receipt = await postings.award(
            **history.owner(),
            minutes=60,
            points=2,
            expires_on=LATER,
            service_record_id=record_id,
            happened_at=history.now,
            **history.heading(f"service:{record_id}:1"),
        )
        return receipt.posting_id

    async def in_turn() -> list[int]:
        return [await award(record_id) for record_id in records[:4]]

    # Whoever asks again as soon as she was told must find somebody who writes.
    first = await asyncio.wait_for(in_turn(), 30)
    together = asyncio.gather(*map(award, [*records[4:], 10**9]), return_exceptions=True)
    *others, unknown = await asyncio.wait_for(together, 30)
    assert len({*first, *others}) == 12
    assert isinstance(unknown, Exception)
    assert await award(records[0]) == first[0]
    assert (await history.balances()).points == 24
    assert (await verify()).problems == ()
