"""Random histories beside a plain model that keeps every point as a coin with a date.

The model knows no balances, vintages or lines: it moves coins one at a time.  Amounts are drawn at
the edges of what is there (all, all + 1, all - 1, half, 1, 0), where the mistakes live.
"""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from points.errors import DomainError
from points.ledger.books import verify
from points.ledger.errors import ReferenceReused
from points.ledger.expiry import expire_due
from points.ledger.journal import lines_of
from points.ledger.postings import Receipt
from points.transactions import run
from tests.points.ledger.scene import (
    LATE,
    LATER,
    SOON,
    TODAY,
    History,
    Scene,
    make_scene,
    start_history,
)

pytestmark = pytest.mark.anyio

AFTER_SOON = date(2027, 1, 1)
GRACE = timedelta(days=30)
Replay = Callable[[], Awaitable[Receipt]]
FAST = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    # Shrinking a history costs minutes; the reported one is short enough to read.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
THOROUGH = settings(FAST, max_examples=200)


class Refused(Exception):
    """The model would not do this."""


@dataclass
class Award:
    """What is left of an award to reverse."""

    receipt: Receipt
    expires_on: date | None
    points: int
    minutes: int


@dataclass
class Model:
    """One person's coins, named by the last day of their lot; ``graced`` says which last longer."""

    today: date = TODAY
    coins: list[date] = field(default_factory=list)
    graced: dict[date, date] = field(default_factory=dict)
    commons: list[date] = field(default_factory=list)
    owed: int = 0
    minutes: int = 0
    cases: dict[int, list[date]] = field(default_factory=dict)
    closed: dict[int, Receipt | None] = field(default_factory=dict)

    def earn(self, points: int, expires_on: date) -> None:
        for _ in range(points):
            if self.owed:
                self.owed -= 1
            else:
                self.coins.append(expires_on)

    def alive(self) -> list[date]:
        return sorted((one for one in self.coins if self.end(one) >= self.today), key=self.end)

    def end(self, coin: date) -> date:
        return max(coin, self.graced.get(coin, coin))

    def sweep(self) -> None:
        gone = [coin for coin in self.coins if self.end(coin) < self.today]
        self.coins = self.alive()
        self.commons += gone

    def give_back(self, coins: list[date]) -> None:
        """Others kept her waiting: what expired meanwhile gets its grace, nothing else does."""
        self.sweep()
        for coin in coins:
            if coin < self.today:
                self.graced[coin] = self.today + GRACE
        self.coins += coins

    def hold(self, points: int, case_id: int) -> None:
        paid = self.alive()[:points]
        if case_id in self.closed or len(paid) < points or points < 1:
            raise Refused
        for coin in paid:
            self.coins.remove(coin)
        self.cases.setdefault(case_id, []).extend(paid)

    def release(self, case_id: int, *, grace: bool) -> None:
        if case_id in self.closed or not self.cases.get(case_id):
            raise Refused
        if grace:
            self.give_back(self.cases.pop(case_id))
        else:
            self.coins += self.cases.pop(case_id)

    def fulfil(self, case_id: int) -> None:
        if case_id in self.closed or not self.cases.get(case_id):
            raise Refused
        self.closed[case_id] = None

    def take_back(self, points: int, expires_on: date | None, *, from_commons: bool) -> None:
        for _ in range(points):
            if expires_on in self.coins:
                self.coins.remove(expires_on)
            elif from_commons and expires_on in self.commons:
                self.commons.remove(expires_on)
            elif self.alive():
                self.coins.remove(self.alive()[0])
            else:
                self.owed += 1


@dataclass(frozen=True)
class Step:
    """What happens next, in numbers that the play makes sense of."""

    kind: int
    edge: int
    points: int
    case_id: int
    expires_on: date
    back: int


class Play:
    """The model and the real books, doing the same."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.model = Model()
        self.step = Step(0, 0, 0, 1, LATER, 1)
        self.awards: list[Award] = []
        self.done: list[tuple[dict[str, Any], Receipt]] = []

    def edge(self, most: int) -> int:
        """An amount at an edge of what is there."""
        return (most, most + 1, most - 1, most // 2, 1, 0)[self.step.edge]

    def some_award(self) -> Award | None:
        """One of the last three."""
        return self.awards[-min(self.step.back, len(self.awards))] if self.awards else None

    async def both(self, act: Callable[[], None], call: Awaitable[Receipt]) -> Receipt | None:
        """Both do it, or both refuse."""
        try:
            act()
        except Refused:
            with pytest.raises(DomainError):
                await call
            return None
        return await call

    async def award(self) -> None:
        points, expires_on = self.step.points, self.step.expires_on
        repaid_only = points <= self.model.owed
        self.model.earn(points, expires_on)
        self.model.minutes += 60
        receipt = await self.history.award(points, expires_on=expires_on)
        assert receipt.lines == await lines_of(receipt.posting_id)
        self.awards.append(Award(receipt, None if repaid_only else expires_on, points, 60))

    async def recount(self) -> None:
        points = (-9, -1, 1, 8, -4, 3)[self.step.edge]
        if points > 0:
            self.model.earn(points, LATER)
        else:
            self.model.take_back(-points, LATER, from_commons=False)
        await self.history.recount(points)

    async def hold(self) -> None:
        points, case_id = self.edge(len(self.model.alive())), self.step.case_id
        call = self.history.hold(points, case_id=case_id)
        await self.both(lambda: self.model.hold(points, case_id), call)

    async def release(self) -> None:
        case_id = self.step.case_id
        call = self.history.release(case_id=case_id)
        await self.both(lambda: self.model.release(case_id, grace=False), call)

    async def refuse(self) -> None:
        case_id = self.step.case_id
        call = self.history.release(case_id=case_id, grace=True)
        await self.both(lambda: self.model.release(case_id, grace=True), call)

    async def sweep(self) -> None:
        """It comes by at any time, and does nothing the second time."""
        self.model.sweep()
        await expire_due(self.history.now)
        assert await expire_due(self.history.now) == 0

    async def fulfil(self) -> None:
        case_id = self.step.case_id
        call = self.history.fulfil(case_id=case_id)
        receipt = await self.both(lambda: self.model.fulfil(case_id), call)
        if receipt:
            self.model.closed[case_id] = receipt

    async def take_back_the_reward(self) -> None:
        for case_id, receipt in self.model.closed.items():
            if receipt is None:
                continue

            def act(case_id: int = case_id) -> None:
                if not self.model.cases.get(case_id):
                    raise Refused
                self.model.give_back(self.model.cases.pop(case_id))

            await self.both(act, self.history.reverse_fulfil(receipt))

    async def reverse(self) -> None:
        award = self.some_award()
        if award is None:
            return
        points = self.edge(award.points)

        def act() -> None:
            if not 1 <= points <= award.points:
                raise Refused
            self.model.take_back(points, award.expires_on, from_commons=True)
            award.points -= points

        await self.both(act, self.history.reverse(award.receipt, points=points, minutes=0))

    async def void(self) -> None:
        award = self.some_award()
        if award is None:
            return

        def act() -> None:
            if not award.points and not award.minutes:
                raise Refused
            self.model.take_back(award.points, award.expires_on, from_commons=True)
            self.model.minutes -= award.minutes
            award.points = award.minutes = 0

        if award.minutes:
            await self.history.void(award.receipt)
        await self.both(act, self.history.reverse(award.receipt))

    async def send_again(self) -> None:
        """What was done is asked for again, at another moment: nothing happens."""
        reference = f"again:{self.history.person_id}"
        if not self.done:
            points = min(1, len(self.model.alive()))
            if points and 1 not in self.model.closed:
                self.model.hold(points, 1)
                receipt = await self.history.hold(points, case_id=1, reference=reference)
                self.done.append(({"points": points}, receipt))
            return
        [(arguments, first)] = self.done
        again = await self.history.hold(**arguments, case_id=1, reference=reference)
        assert (again.posting_id, again.lines, again.replayed) == (
            first.posting_id,
            first.lines,
            True,
        )

    async def other_content(self) -> None:
        """Something else under a reference that stands is refused, and nothing happens."""
        for arguments, first in self.done:
            with pytest.raises(ReferenceReused):
                await self.history.hold(
                    arguments["points"] + 1, case_id=1, reference=first.reference
                )

    async def time_passes(self) -> None:
        """To the last day of the soonest vintage, the day after, the end of a grace and beyond."""
        days = (SOON, AFTER_SOON, AFTER_SOON + GRACE, AFTER_SOON + GRACE + timedelta(days=1))
        day = next((day for day in days if day > self.model.today), days[-1])
        self.model.today = self.history.today = day
        self.history.now = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)

    async def compare(self) -> None:
        """What the books say is what the model says."""
        has = await self.history.balances()
        model = self.model
        assert dict(has.expiring) == dict(Counter(map(model.end, model.coins)))
        assert (has.points, has.minutes, has.arrears) == (
            len(model.coins),
            model.minutes,
            model.owed,
        )


KINDS = (
    *[Play.award] * 3,
    *[Play.hold] * 4,
    *[Play.release] * 2,
    *[Play.refuse] * 2,
    *[Play.fulfil] * 2,
    *[Play.reverse] * 2,
    Play.take_back_the_reward,
    Play.recount,
    Play.void,
    Play.send_again,
    Play.other_content,
    *[Play.time_passes] * 2,
    Play.sweep,
)

# Something to spend, so that fewer steps are lost on empty accounts.
BEGINNING = (
    Step(kind=0, edge=0, points=20, case_id=1, expires_on=SOON, back=1),
    Step(kind=0, edge=0, points=20, case_id=1, expires_on=LATER, back=1),
)
# All numbers are drawn before the history begins: a strategy that ends an example in the middle of
# a coroutine would leave the event loop in an unknown state.
HISTORIES = st.lists(
    st.builds(
        Step,
        kind=st.integers(0, len(KINDS) - 1),
        edge=st.sampled_from([4, 3, 3, 2, 0, 1, 5]),
        points=st.integers(0, 20),
        case_id=st.sampled_from([1, 1, 2]),
        expires_on=st.sampled_from([SOON, LATE, LATER]),
        back=st.integers(1, 3),
    ),
    min_size=12,
    max_size=30,
)


@pytest.fixture
async def scene(engine: object) -> AsyncIterator[Scene]:
    """One database for all histories of a test; afterwards it must verify."""
    yield await make_scene()
    assert (await verify()).problems == ()


async def play(steps: list[Step]) -> None:
    """A history of one person in a book of her own."""
    history = await start_history(await make_scene())
    players = Play(history)
    for step in [*BEGINNING, *steps]:
        players.step = step
        await KINDS[step.kind](players)
        await players.compare()
    await everything_adds_up(history.book_id)


async def everything_adds_up(book_id: int) -> None:
    """Added up here and not by the ledger: every account is what came minus what went."""
    accounts = await run(
        "SELECT id, kind, unit, tracked, balance, sequence FROM account WHERE book_id = {}", book_id
    )
    transfers = await run(
        "SELECT t.source_id, t.target_id, t.amount, t.vintage FROM transfer t "
        "JOIN posting p ON p.id = t.posting_id WHERE p.book_id = {}",
        book_id,
    )
    sums: Counter[int] = Counter()
    for transfer in transfers:
        sums[transfer["source_id"]] -= transfer["amount"]
        sums[transfer["target_id"]] += transfer["amount"]
    by_unit: Counter[str] = Counter()
    for account in accounts:
        by_unit[account["unit"]] += sums[account["id"]]
        if account["tracked"]:
            assert account["balance"] == sums[account["id"]]
    assert not any(by_unit.values())


@FAST
@given(steps=HISTORIES)
async def test_random_histories_end_as_the_model_says(scene: Scene, steps: list[Step]):
    await play(steps)


@pytest.mark.slow
@THOROUGH
@given(steps=HISTORIES)
async def test_many_random_histories_end_as_the_model_says(scene: Scene, steps: list[Step]):
    await play(steps)
