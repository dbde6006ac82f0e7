"""Random histories of an activity beside a plain model that only knows lists of names.

Every example has an activity of its own; the people and the database are shared.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from points.errors import DomainError
from points.ledger.books import verify
from points.transactions import run
from talentmap.activities.deadlines import close_due, remind_due
from talentmap.activities.pledges import ask_for_pledges, pledge, take_back
from talentmap.activities.proposals import cancel
from talentmap.activities.roll_call import AttendanceRow, roll_call_activity
from talentmap.activities.verify import verify_activities
from tests.points.service.scene import NOW, Scene, shanghai
from tests.talentmap.activities.scene import (
    DEADLINE,
    ENDS,
    STARTS,
    Crowd,
    gather,
    standing,
    stored,
)

pytestmark = pytest.mark.anyio

PEOPLE = 7
POINTS = 30
MINUTE = timedelta(minutes=1)
# The clock goes to these moments in any order: it also jumps back.
MOMENTS = (NOW, NOW, NOW, DEADLINE - MINUTE, DEADLINE, STARTS - MINUTE, STARTS, ENDS)
FAST = settings(
    max_examples=70,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)


class Refused(Exception):
    """The model would not do this."""


@dataclass
class Model:
    """An activity as somebody with pen and paper keeps it."""

    minimum: int
    capacity: int
    now: datetime = NOW
    state: str = "gathering"
    inside: list[int] = field(default_factory=list)
    line: list[int] = field(default_factory=list)
    people: dict[int, int] = field(default_factory=dict)
    times: dict[int, int] = field(default_factory=dict)
    pledged: dict[int, int] = field(default_factory=dict)
    order: list[int] = field(default_factory=list)

    def seats(self) -> int:
        return sum(self.people[one] for one in self.inside)

    def touch(self) -> bool:
        """Whether it lapses because somebody looks at it."""
        if self.state == "gathering" and self.now >= DEADLINE:
            self.end("lapsed")
            return True
        return False

    def end(self, state: str) -> None:
        self.state = state
        self.pledged.clear()

    def require(self, *, until: datetime) -> None:
        if self.state not in ("gathering", "confirmed") or self.now >= until:
            raise Refused

    def fill(self) -> None:
        """Read the line from its head, again and again, until nobody can be let in."""
        let_in = self.now < STARTS
        while let_in:
            let_in = False
            for place, one in enumerate(self.line):
                if place and self.seats() >= self.minimum:
                    break
                if self.seats() + self.people[one] <= self.capacity:
                    self.line.remove(one)
                    self.inside.append(one)
                    let_in = True
                    break
        self.inside.sort(key=self.order.index)
        if self.state == "gathering" and self.seats() >= self.minimum:
            self.state = "confirmed"
        elif self.state == "confirmed" and self.seats() < self.minimum and self.now < DEADLINE:
            self.state = "gathering"

    def join(self, who: int, people: int) -> None:
        if self.touch():
            return
        self.require(until=DEADLINE)
        if not 1 <= people <= self.capacity or who in self.inside + self.line:
            raise Refused
        if self.times.get(who, 0) == 3:
            raise Refused
        self.times[who] = self.times.get(who, 0) + 1
        self.people[who] = people
        self.order = [one for one in self.order if one != who] + [who]
        self.line.append(who)
        self.fill()

    def leave(self, who: int) -> None:
        if self.touch():
            return
        if who not in self.inside + self.line:
            if who not in self.times:
                raise Refused
            return
        self.require(until=STARTS)
        (self.inside if who in self.inside else self.line).remove(who)
        self.pledged.pop(who, None)
        self.fill()

    def pledge(self, who: int, points: int) -> None:
        if self.touch():
            return
        self.require(until=STARTS)
        if who in self.pledged or not 1 <= points <= POINTS - sum(self.pledged.values()):
            raise Refused
        self.pledged[who] = points

    def take_back(self, who: int) -> None:
        if self.touch():
            return
        if who not in self.pledged:
            raise Refused
        del self.pledged[who]

    def cancel(self) -> None:
        if self.touch():
            return
        self.require(until=datetime.max.replace(tzinfo=NOW.tzinfo))
        self.end("cancelled")

    def roll(self) -> None:
        if self.touch():
            return
        if self.state != "confirmed" or self.now < STARTS or not self.inside + self.line:
            raise Refused
        self.end("done")


@dataclass(frozen=True)
class Step:
    """What happens next, in numbers that the play makes sense of."""

    kind: int
    who: int
    people: int
    moment: int


class Play:
    """The model and the real activity, doing the same."""

    def __init__(self, here: Crowd, people: list[int], activity_id: int, model: Model) -> None:
        self.here, self.people, self.id, self.model = here, people, activity_id, model
        self.step = Step(0, 0, 1, 0)

    @property
    def who(self) -> int:
        return self.people[self.step.who]

    @property
    def points(self) -> int:
        """At an edge: of what somebody has, of what is missing, or nothing."""
        missing = POINTS - sum(self.model.pledged.values())
        return (1, missing, missing + 1, 0, 7)[self.step.people % 5]

    async def both(self, act: Callable[[], None], call: Awaitable[object]) -> None:
        """Both do it, or both refuse."""
        try:
            act()
        except Refused:
            with pytest.raises(DomainError):
                await call
            return
        await call

    async def join(self) -> None:
        who, people = self.who, self.step.people
        call = self.here.join(self.id, who, people, now=self.model.now)
        await self.both(lambda: self.model.join(who, people), call)

    async def leave(self) -> None:
        who = self.who
        call = self.here.leave(self.id, who, now=self.model.now)
        await self.both(lambda: self.model.leave(who), call)

    async def two_at_once(self) -> None:
        """In whichever order they come; the model takes the one that happened."""
        first, second = self.who, self.people[(self.step.who + 1) % PEOPLE]
        if self.model.state == "gathering" and self.model.now >= DEADLINE:
            return
        now, people = self.model.now, self.step.people
        await asyncio.gather(
            self.here.leave(self.id, first, now=now),
            self.here.join(self.id, second, people, now=now),
            return_exceptions=True,
        )
        before = self.model
        for order in ((0, 1), (1, 0)):
            tried = _copy(before)
            acts = (lambda m=tried: m.leave(first), lambda m=tried: m.join(second, people))
            for at in order:
                _try(acts[at])
            if await self.agrees(tried):
                self.model = tried
                return
        raise AssertionError("neither order explains what happened")

    async def pledge(self) -> None:
        who, points = self.who, self.points
        call = pledge(actor_id=who, activity_id=self.id, points=points, now=self.model.now)
        await self.both(lambda: self.model.pledge(who, points), call)

    async def take_back(self) -> None:
        who = self.who
        call = take_back(actor_id=who, activity_id=self.id, now=self.model.now)
        await self.both(lambda: self.model.take_back(who), call)

    async def cancel(self) -> None:
        if self.step.people > 1:
            return
        who = self.here.who.zhang_wei
        call = cancel(actor_id=who, activity_id=self.id, reason="下雨", now=self.model.now)
        await self.both(self.model.cancel, call)

    async def roll(self) -> None:
        rows = [AttendanceRow(one, "joined") for one in self.model.inside + self.model.line]
        call = roll_call_activity(
            actor_id=self.here.who.zhang_wei, activity_id=self.id, rows=rows, now=self.model.now
        )
        await self.both(self.model.roll, call)

    async def job(self) -> None:
        self.model.touch()
        await close_due(self.model.now)
        await remind_due(self.model.now)

    async def clock(self) -> None:
        self.model.now = MOMENTS[self.step.moment]

    async def agrees(self, model: Model) -> bool:
        row = await stored(self.id)
        said = (row["state"], row["seats_taken"], await standing(self.id))
        return said == (model.state, model.seats(), (model.inside, model.line))

    async def compare(self) -> None:
        """What is stored is what the model says, and the books hold just what is pledged."""
        model = self.model
        row = await stored(self.id)
        assert (row["state"], row["seats_taken"]) == (model.state, model.seats())
        assert await standing(self.id) == (model.inside, model.line)
        held = await run("SELECT person_id, points FROM pledge WHERE state = 'held'")
        assert {one["person_id"]: one["points"] for one in held} == model.pledged
        has = await run("SELECT person_id, balance FROM account WHERE kind = 'member'")
        assert {one["person_id"]: POINTS - one["balance"] for one in has} == dict.fromkeys(
            self.people, 0
        ) | model.pledged


def _copy(model: Model) -> Model:
    return Model(
        **{
            name: value.copy() if isinstance(value, list | dict) else value
            for name, value in vars(model).items()
        }
    )


def _try(act: Callable[[], None]) -> None:
    try:
        act()
    except Refused:
        return


KINDS = (
    *[Play.join] * 8,
    *[Play.leave] * 4,
    *[Play.pledge] * 3,
    *[Play.clock] * 2,
    Play.two_at_once,
    Play.take_back,
    Play.cancel,
    Play.roll,
    Play.job,
)

# All numbers are drawn before the history begins: a strategy that ends an example in the middle of
# a coroutine would leave the event loop in an unknown state.
HISTORIES = st.lists(
    st.builds(
        Step,
        kind=st.integers(0, len(KINDS) - 1),
        who=st.integers(0, PEOPLE - 1),
        people=st.sampled_from([1, 1, 1, 2, 3, 4, 6, 0]),
        moment=st.integers(0, len(MOMENTS) - 1),
    ),
    min_size=4,
    max_size=22,
)
# Parties that sign up one after the other before anything else, so that lines are seldom short.
OPENINGS = st.lists(st.sampled_from([1, 1, 2, 3, 4, 5]), max_size=PEOPLE).map(
    lambda parties: [Step(0, who, people, 0) for who, people in enumerate(parties)]
)
SIZES = st.integers(2, 5).flatmap(lambda low: st.tuples(st.just(low), st.integers(low, low + 3)))


@pytest.fixture
async def stage(engine) -> tuple[Crowd, list[int], int]:
    """Seven neighbours with thirty points each, and an item of the catalogue."""
    here = await gather()
    people = await here.neighbours(PEOPLE)
    for person_id in people:
        await Scene(here.who).confirmed(person_id, shanghai(3, 10), 180, category="cleaning")
    return here, people, await here.item(price=POINTS)


async def play(
    stage: tuple[Crowd, list[int], int], size: tuple[int, int], steps: list[Step]
) -> None:
    """The history of one activity, called off at its end so that the next finds all points."""
    here, people, item_id = stage
    minimum, capacity = size
    activity_id = await here.proposed(minimum=minimum, capacity=capacity)
    ask = {"activity_id": activity_id, "item_id": item_id, "quantity": 1, "now": NOW}
    await ask_for_pledges(actor_id=here.who.zhang_wei, **ask)
    played = Play(here, people, activity_id, Model(minimum=minimum, capacity=capacity))
    for step in steps:
        played.step = step
        await KINDS[step.kind](played)
        await played.compare()
    assert await verify_activities() == ()
    await told_as_often_as_it_happened(activity_id)
    if played.model.state in ("gathering", "confirmed"):
        facts = {"activity_id": activity_id, "reason": "到此为止", "now": NOW}
        await cancel(actor_id=here.who.zhang_wei, **facts)


async def told_as_often_as_it_happened(activity_id: int) -> None:
    """Nobody hears of the same event twice."""
    row = await stored(activity_id)
    told = await run(
        "SELECT kind, person_id, COUNT(*) AS times FROM notice WHERE path = {} "
        "GROUP BY kind, person_id",
        f"/activities/{activity_id}",
    )
    most = {"activity_confirmed": row["confirmed_times"], "activity_reopened": 99}
    most |= {"activity_moved_up": 3, "pledge_returned": 99}
    assert all(one["times"] <= most.get(one["kind"], 1) for one in told), told


async def test_activities_go_as_the_model_says(stage):
    loop = asyncio.get_running_loop()

    @FAST
    @given(size=SIZES, opening=OPENINGS, steps=HISTORIES)
    def search(size: tuple[int, int], opening: list[Step], steps: list[Step]) -> None:
        work = play(stage, size, opening + steps)
        asyncio.run_coroutine_threadsafe(work, loop).result(timeout=60)

    # Hypothesis is not async: it thinks in a thread while the database works here.
    await asyncio.to_thread(search)
    assert (await verify()).problems == ()
