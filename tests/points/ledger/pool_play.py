"""The model of pools and disputes and the real books, doing the same step by step."""

import copy
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from points.errors import DomainError
from points.ledger import disputes, donations, pools
from points.ledger.expiry import expire_due
from points.ledger.postings import Receipt, reverse_award, reverse_fulfil
from points.transactions import run, use_case
from tests.points.ledger.pool_books import compare
from tests.points.ledger.pool_model import PEOPLE, Given, Model, Refused, Step
from tests.points.ledger.scene import LATE, LATER, NOW, SOON, History, Scene, start_history

Act = Callable[[], Awaitable[Receipt]]
AFTER_SOON = date(2027, 1, 1)
MONTH = timedelta(days=30)
DAYS = (SOON, AFTER_SOON, AFTER_SOON + MONTH, AFTER_SOON + MONTH + timedelta(days=1))


class PoolPlay:
    """Two people of one household in a book of their own."""

    def __init__(self, scene: Scene, people: list[History], homes: dict[str, int]) -> None:
        self.scene = scene
        self.people = dict(zip(PEOPLE, people, strict=True))
        self.homes = homes
        self.model = Model()
        self.step = Step(0, 0, 0, 0, 1, LATER, 1)
        self.now = NOW
        self.receipts: dict[int, Receipt] = {}
        self.last: tuple[Act, Receipt] | None = None

    @property
    def who(self) -> str:
        return PEOPLE[self.step.person]

    @property
    def him(self) -> History:
        return self.people[self.who]

    def edge(self, most: int) -> int:
        """An amount at an edge of what is there."""
        return (most, most + 1, most - 1, most // 2, 1, 0)[self.step.edge]

    def some(self, given: list[Given]) -> Given | None:
        """One of the last three."""
        return given[-min(self.step.back, len(given))] if given else None

    def owner(self) -> dict[str, Any]:
        return {**self.him.owner(), "household_id": self.homes["household"]}

    async def both(self, act: Callable[[], None], call: Act) -> Receipt | None:
        """Both do it, or both refuse; what was refused left no trace."""
        before = copy.deepcopy(self.model)
        try:
            act()
        except Refused:
            self.model = before
            with pytest.raises(DomainError):
                await call()
            return None
        receipt = await call()
        self.receipts[receipt.posting_id] = receipt
        self.last = (call, receipt)
        return receipt

    async def decided(self, kind: str, points: int, **of_whom: int) -> int:
        """A decision of two people who are nobody's friends."""
        row = {
            "book_id": self.scene.book_id,
            "kind": kind,
            "points": points,
            "reason": "x",
            "proposed_by": self.scene.creator_id,
            "proposed_at": self.now,
            "state": "approved",
            "decided_by": self.scene.confirmer_id,
            "decided_at": self.now,
            **of_whom,
        }
        [made] = await run(
            f"INSERT INTO pool_decision ({', '.join(row)}) "
            f"VALUES ({', '.join(['{}'] * len(row))}) RETURNING id",
            *row.values(),
        )
        return int(made["id"])

    async def award(self) -> None:
        self.model.award(self.who, self.step.points, self.step.expires_on)
        receipt = await self.him.award(self.step.points, expires_on=self.step.expires_on)
        self.model.awards[-1].minutes = receipt.posting_id

    async def hold(self) -> None:
        points, case_id = self.edge(len(self.model.alive(self.who))), self.step.case_id
        case_id += 10 * self.step.person
        heading = self.him.heading()["reference"]
        await self.both(
            lambda: self.model.hold(case_id, points, self.who),
            lambda him=self.him: him.hold(  # type: ignore[misc]
                points, case_id=case_id, reference=heading
            ),
        )

    async def hold_from_pool(self) -> None:
        points, case_id = self.edge(len(self.model.alive("pool"))), 100 + self.step.case_id
        facts = {**self.owner(), "case_id": case_id, "points": points, **self.him.heading()}
        await self.both(
            lambda: self.model.hold_from_pool(case_id, points, self.who),
            lambda: pools.hold_from_pool(**facts),
        )

    async def release(self) -> None:
        await self._release(grace=False)

    async def refuse(self) -> None:
        await self._release(grace=True)

    async def _release(self, *, grace: bool) -> None:
        case_id, heading = self.step.case_id, self.him.heading()
        if self.step.back > 1:
            facts = {"case_id": 100 + case_id, "grace": grace, **self.owner(), **heading}
            del facts["person_id"]
            await self.both(
                lambda: self.model.release(100 + case_id, "pool", grace=grace),
                lambda: pools.release_to_pool(**facts),
            )
            return
        case_id += 10 * self.step.person
        await self.both(
            lambda: self.model.release(case_id, self.who, grace=grace),
            lambda him=self.him: him.release(  # type: ignore[misc]
                case_id=case_id, grace=grace, reference=str(heading["reference"])
            ),
        )

    async def fulfil(self) -> None:
        case_id = self.step.case_id + (100 if self.step.back > 1 else 10 * self.step.person)
        reference = f"fulfil:{self.scene.book_id}:{case_id}:{len(self.receipts)}"
        receipt = await self.both(
            lambda: self.model.fulfil(case_id),
            lambda him=self.him: him.fulfil(  # type: ignore[misc]
                case_id=case_id, reference=reference
            ),
        )
        if receipt:
            self.receipts[-case_id] = receipt

    async def take_back_reward(self) -> None:
        for case_id in sorted(self.model.closed):
            await self._take_back(case_id, "pool" if case_id > 100 else PEOPLE[case_id // 10])

    async def _take_back(self, case_id: int, holder: str) -> None:
        facts = {"posting_id": self.receipts[-case_id].posting_id, **self.him.heading()}
        await self.both(
            lambda: self.model.take_back_reward(case_id, holder), lambda: reverse_fulfil(**facts)
        )

    async def contribute(self) -> None:
        # What lives by a grace is not taken; it is asked for at times all the same.
        there = self.model.alive if self.step.back == 3 else self.model.fresh
        points = self.edge(len(there(self.who)))
        facts = {**self.owner(), "points": points, **self.him.heading()}
        await self.both(
            lambda: self.model.contribute(self.who, points), lambda: pools.contribute(**facts)
        )

    async def withdraw(self) -> None:
        points = None if self.step.edge == 3 else self.edge(len(self.model.own(self.who)))
        facts = {**self.owner(), "points": points, **self.him.heading()}
        await self.both(
            lambda: self.model.withdraw(self.who, points), lambda: pools.withdraw(**facts)
        )

    async def donate(self) -> None:
        points = self.edge(len(self.model.alive(self.who)))
        facts = {**self.him.owner(), "points": points, **self.him.heading()}
        receipt = await self.both(
            lambda: self.model.donate(self.who, points), lambda: donations.donate(**facts)
        )
        if receipt:
            self.model.donations[-1].minutes = receipt.posting_id

    async def undo_donation(self) -> None:
        given = self.some(self.model.donations)
        if given is None:
            return
        points = self.edge(len(given.dates))
        facts = {"posting_id": given.minutes, "points": points, **self.him.heading()}
        await self.both(
            lambda: self.model.undo_donation(self._same(given), points),
            lambda: donations.reverse_donation(**facts),
        )

    def _same(self, given: Given) -> Given:
        """It in the model of now: a refusal puts an older copy back."""
        everything = self.model.awards + self.model.donations
        return next(one for one in everything if one.minutes == given.minutes)

    def granted(self, kind: str, points: int, of_whom: dict[str, int], **more: Any) -> Act:
        """Decide and grant in one transaction, once; a repeat asks for the same decision."""
        act = {"relief": donations.grant_relief, "honour": donations.honour}.get(
            kind, donations.spend_honour
        )
        made: list[int] = []

        @use_case
        async def call() -> Receipt:
            decision_id = made[0] if made else await self.decided(kind, points, **of_whom)
            facts = {"book_id": self.scene.book_id, "points": points, **of_whom, **more}
            receipt = await act(
                decision_id=decision_id, reason="x", actor_id=None, now=self.now, **facts
            )
            made[:] = [decision_id]
            return receipt

        return call

    async def relieve(self) -> None:
        points = self.edge(len(self.model.has["commons"]))
        if points < 1:
            return
        call = self.granted("relief", points, {"person_id": self.him.person_id}, expires_on=LATER)
        await self.both(lambda: self.model.relieve(self.who, points), call)

    async def honour(self) -> None:
        points, until = self.step.points + 1, self.step.expires_on
        call = self.granted(
            "honour", points, {"area_id": self.homes["stairwell"]}, expires_on=until
        )
        await self.both(lambda: self.model.honour(points, until), call)

    async def spend_honour(self) -> None:
        points = self.edge(len(self.model.fresh("stair")))
        if points < 1:
            return
        call = self.granted("honour_spend", points, {"area_id": self.homes["stairwell"]})
        await self.both(lambda: self.model.spend_honour(points), call)

    async def object_to(self) -> None:
        given = self.some(self.model.awards)
        if given is None or given.frozen_in:
            return
        dispute_id = await self._dispute(given)
        self.model.object_to(given, dispute_id)
        facts = {"dispute_id": dispute_id, "posting_id": given.minutes, **self.him.heading()}
        await use_case(disputes.freeze)(**facts)

    async def _dispute(self, given: Given) -> int:
        [award] = await run("SELECT service_record_id FROM posting WHERE id = {}", given.minutes)
        [row] = await run(
            "INSERT INTO dispute (book_id, person_id, service_record_id, posting_id, kind, "
            "raised_by, reason, raised_at, answer_by) "
            "VALUES ({}, {}, {}, {}, 'objection', {}, 'x', {}, {}) RETURNING id",
            *(self.scene.book_id, self.people[given.person].person_id),
            *(award["service_record_id"], given.minutes, self.scene.creator_id, self.now, self.now),
        )
        return int(row["id"])

    async def settle(self) -> None:
        given = next((one for one in self.model.awards if one.frozen_in), None)
        if given is None:
            return
        dispute_id, frozen = given.frozen_in, len(self.model.disputes[given.frozen_in])
        assert await disputes.frozen_in(book_id=self.scene.book_id, dispute_id=dispute_id) == frozen
        self.model.settle(given)
        if frozen:
            await disputes.thaw(
                book_id=self.scene.book_id,
                dispute_id=dispute_id,
                person_id=self.people[given.person].person_id,
                **self.him.heading(),
            )
        await run(
            "UPDATE dispute SET state = 'withdrawn', closed_at = {} WHERE id = {}",
            *(self.now, dispute_id),
        )

    async def reverse(self) -> None:
        given = self.some(self.model.awards)
        if given is None:
            return
        points, receipt = self.edge(len(given.dates)), given.minutes
        heading = self.him.heading()
        await self.both(
            lambda: self.model.reverse(self._same(given), points),
            lambda: reverse_award(posting_id=receipt, points=points, minutes=0, **heading),
        )

    async def send_again(self) -> None:
        """What was done last is asked for again: nothing happens, and the answer is the same."""
        if self.last is None:
            return
        call, first = self.last
        again = await call()
        assert (again.posting_id, again.lines, again.replayed) == (
            first.posting_id,
            first.lines,
            True,
        )

    async def time_passes(self) -> None:
        day = next((day for day in DAYS if day > self.model.today), DAYS[-1])
        self.model.today = day
        self.now = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
        for history in self.people.values():
            history.today, history.now = day, self.now

    async def sweep(self) -> None:
        self.model.sweep(*PEOPLE, "pool", "stair")
        await expire_due(self.now)
        assert await expire_due(self.now) == 0


KINDS = (
    *[PoolPlay.award] * 4,
    *[PoolPlay.hold] * 2,
    *[PoolPlay.contribute] * 4,
    *[PoolPlay.withdraw] * 2,
    *[PoolPlay.hold_from_pool] * 4,
    *[PoolPlay.release] * 2,
    *[PoolPlay.refuse] * 3,
    *[PoolPlay.fulfil] * 2,
    PoolPlay.take_back_reward,
    *[PoolPlay.donate] * 2,
    *[PoolPlay.undo_donation] * 2,
    *[PoolPlay.relieve] * 2,
    *[PoolPlay.honour] * 2,
    PoolPlay.spend_honour,
    *[PoolPlay.object_to] * 3,
    *[PoolPlay.settle] * 2,
    *[PoolPlay.reverse] * 3,
    PoolPlay.send_again,
    *[PoolPlay.time_passes] * 2,
    PoolPlay.sweep,
)
EDGES, VINTAGES = (4, 3, 3, 2, 0, 1, 5), (SOON, LATE, LATER)
# Something to spend, so that fewer steps are lost on empty accounts.
BEGINNING = tuple(
    Step(kind=kind, edge=3, points=12, person=person, case_id=1, expires_on=day, back=1)
    for kind in (0, 6)
    for person in (0, 1)
    for day in (SOON, LATER)
)


def steps_of(seed: int, length: int) -> list[Step]:
    """A history that is the same each time."""
    dice = random.Random(seed)
    return [
        Step(
            kind=dice.randrange(len(KINDS)),
            edge=dice.choice(EDGES),
            points=dice.randrange(13),
            person=dice.randrange(2),
            case_id=dice.choice((1, 1, 2)),
            expires_on=dice.choice(VINTAGES),
            back=dice.randint(1, 3),
        )
        for _ in range(length)
    ]


@use_case
async def move_in(*, scene: Scene) -> PoolPlay:
    """Two people behind one door, both in the pool of their household."""
    people = [await start_history(scene) for _ in PEOPLE]
    [household] = await run(
        "INSERT INTO household (area_id) VALUES ({}) RETURNING id", scene.area_id
    )
    for one in people:
        await run(
            "UPDATE person SET household_id = {} WHERE id = {}", household["id"], one.person_id
        )
        await run(
            "INSERT INTO pool_member (household_id, person_id, joined_at) VALUES ({}, {}, {})",
            *(household["id"], one.person_id, NOW),
        )
    [stairwell] = await run(
        "INSERT INTO area (level, name, parent_id, created_at) "
        "VALUES ('stairwell', {}, {}, {}) RETURNING id",
        *(f"{household['id']}单元", scene.area_id, NOW),
    )
    homes = {"household": int(household["id"]), "stairwell": int(stairwell["id"])}
    return PoolPlay(scene, people, homes)


async def play(scene: Scene, steps: list[Step]) -> None:
    """A history of a household in a book of its own."""
    players = await move_in(scene=scene)
    for step in [*BEGINNING, *steps]:
        players.step = step
        await KINDS[step.kind](players)
        await compare(players.model, scene.book_id, players.people, players.homes)
