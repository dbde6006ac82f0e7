"""Random histories of requests beside the plain model, also two acts at the same moment.

Of two acts at once the books must end as one of the two orders would have it, and each act must
hear the answer of that order.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from points.community.grants import active_grants, revoke_role
from points.community.rules import day_of
from points.community.secrets import install_secret
from points.errors import DomainError
from points.rewards.catalogue import retire_item
from points.rewards.committee import appoint_stand_in, vote
from points.rewards.deadlines import escalate_due, remind_collect, return_uncollected
from points.rewards.pickup import hand_over, return_item
from points.rewards.redemptions import cancel
from points.rewards.rules import pickup_codes
from points.rewards.verify import verify_rewards
from points.rewards.voting import PICKUP_KEY
from points.transactions import run
from tests.cast import ZONE
from tests.points.rewards.conftest import everything_verifies
from tests.points.rewards.model import OPEN, Model, People
from tests.points.rewards.scene import LIMITLESS, NOW, Scene, scene

pytestmark = pytest.mark.anyio
FAST = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    # Shrinking a history costs minutes; the reported one is short enough to read.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
THOROUGH = settings(FAST, max_examples=150)
CHOICES = (*["approve"] * 5, *["refuse"] * 2, "recuse")
CLOCK = tuple(timedelta(minutes=minutes) for minutes in (5, 6, -60, 60 * 24, 60 * 24 * 8))


@dataclass(frozen=True)
class Act:
    """What happens next, in numbers that the play makes sense of."""

    kind: int
    case: int
    who: int
    choice: int
    together: bool


Doing = tuple[Callable[[Model], bool], Awaitable[Any]]


class Play:
    """The model and the real thing, doing the same."""

    def __init__(self, here: Scene, model: Model, secret: bytes) -> None:
        self.here, self.model, self.secret = here, model, secret
        who = here.who
        self.askers = (
            (who.zhang_wei, who.zhang_wei),
            (who.zhao_zhiqiang, who.zhao_zhiqiang),
            (who.zhou_jianguo, who.zhou_jianguo),
            (who.jin_xiuzhen, who.lu_xiuying),
        )
        self.voters = (*model.people.members, who.wang_fang, who.zhang_wei)
        self.hands = (who.wang_fang, who.he_min, who.lu_xiuying, who.chen_jing)

    def facts(self, act: Act, *fitting: str) -> tuple[int, dict[str, Any]]:
        """Which request is meant, mostly one in a fitting state, and how a use case is told."""
        every = list(enumerate(self.model.asked))
        likely = [at for at, case in every if case.state in fitting and act.case]
        meant = likely or [at for at, _ in every]
        at = meant[-1 - act.case // 2 % len(meant)]
        return at, {"redemption_id": self.model.asked[at].number, "now": self.model.now}

    def ask(self, act: Act) -> Doing:
        person, by = self.askers[act.who % len(self.askers)]
        item = list(self.model.prices)[act.choice % len(self.model.prices)]
        call = self.here.asked(
            person, item, now=self.model.now, actor_id=by if by != person else None
        )
        return lambda model: model.ask(person, by, item), call

    def vote(self, act: Act) -> Doing:
        at, facts = self.facts(act, "requested")
        silent = [one for one in self.voters if act.case and one not in self.model.asked[at].votes]
        able = silent or list(self.voters)
        member, choice = able[act.who % len(able)], CHOICES[act.choice]
        call = vote(actor_id=member, choice=choice, reason="因为", **facts)
        return lambda model: model.vote(at, member, choice), call

    def stand_in(self, act: Act) -> Doing:
        at, facts = self.facts(act, "requested")
        person = (self.here.who.wang_fang, self.here.who.zhang_wei)[act.who % 2]
        call = appoint_stand_in(actor_id=self.model.people.steward, person_id=person, **facts)
        return lambda model: model.stand_in(at, person), call

    def cancel(self, act: Act) -> Doing:
        at, facts = self.facts(act, *OPEN)
        call = cancel(actor_id=self.model.asked[at].by, **facts)
        return lambda model: model.cancel(at), call

    def hand_over(self, act: Act) -> Doing:
        at, facts = self.facts(act, "approved")
        by = self.hands[act.who % len(self.hands)]
        code = next(pickup_codes(self.secret, facts["redemption_id"]))
        call = hand_over(actor_id=by, code=code, now=self.model.now)
        return lambda model: model.hand_over(at, by), call

    def take_back(self, act: Act) -> Doing:
        at, facts = self.facts(act, "handed_over")
        by, good = self.model.people.handers[act.who % 3], bool(act.choice % 2)
        call = return_item(actor_id=by, good=good, reason="坏了", **facts)
        return lambda model: model.take_back(at, by, good), call

    def retire(self, act: Act) -> Doing:
        item = list(self.model.prices)[act.choice % len(self.model.prices)]
        call = retire_item(actor_id=self.model.people.steward, item_id=item, now=self.model.now)
        return lambda model: model.retire(item), call

    def jobs(self, act: Act) -> Doing:
        now = self.model.now

        async def all_jobs() -> None:
            await escalate_due(now)
            await remind_collect(now)
            await return_uncollected(now)

        return lambda model: model.jobs(), all_jobs()

    async def perform(self, acts: list[Act]) -> None:
        """One act, or two at once; the model follows the order that fits."""
        doings = [KINDS[act.kind](self, act) for act in acts]
        answers = await asyncio.gather(*(call for _, call in doings), return_exceptions=True)
        for answer in answers:
            if isinstance(answer, BaseException) and not isinstance(answer, DomainError):
                raise answer
        real = await self.observed()
        orders = [range(len(doings)), range(len(doings) - 1, -1, -1)]
        tried = [self.in_order(doings, list(order), answers) for order in orders]
        fitting = [model for model, told in tried if told and self.expected(model) == real]
        assert fitting, ([KINDS[act.kind].__name__ for act in acts], answers, real, tried)
        self.model = fitting[0]

    def in_order(
        self, doings: list[Doing], order: list[int], answers: list[Any]
    ) -> tuple[Model, bool]:
        """The model after this order, and whether everybody hears what was really said."""
        model, told = deepcopy(self.model), True
        for place in order:
            before = len(model.asked)
            done = doings[place][0](model)
            told &= done == (not isinstance(answers[place], DomainError))
            if len(model.asked) > before and isinstance(answers[place], int):
                model.asked[-1].number = answers[place]
        model.asked.sort(key=lambda case: case.number)
        return model, told

    def expected(self, model: Model) -> dict[str, Any]:
        """What the model says stands in the database."""
        return {
            "points": model.points,
            "stock": {item: tuple(places) for item, places in model.stock.items()},
            "cases": {
                case.number: (case.state, case.price if case.state in OPEN else 0)
                for case in model.asked
            },
        }

    async def observed(self) -> dict[str, Any]:
        """What stands in the database."""
        items = ", ".join(str(item) for item in self.model.prices)
        cases = await run(
            "SELECT r.id, r.state, COALESCE(a.balance, 0) AS held FROM redemption r "
            "LEFT JOIN account a ON a.kind = 'redemption' AND a.owner_id = r.id "
            f"WHERE r.item_id IN ({items}) ORDER BY r.id"
        )
        stock = await run(f"SELECT * FROM stock WHERE item_id IN ({items})")
        places = ("in_store", "reserved", "handed_out", "lost")
        return {
            "points": {one: await self.here.points(one) for one in self.model.points},
            "stock": {row["item_id"]: tuple(row[place] for place in places) for row in stock},
            "cases": {row["id"]: (row["state"], row["held"]) for row in cases},
        }

    async def close(self) -> None:
        """Everything comes back, so that the next history begins with as much."""
        for case in self.model.asked:
            facts: dict[str, Any] = {"redemption_id": case.number, "now": self.model.now}
            if case.state == "requested":
                await cancel(actor_id=case.by, **facts)
            if case.state == "handed_over":
                able = {*self.model.people.handers} - {case.handed_by, case.person}
                await return_item(actor_id=min(able), good=True, reason="完", **facts)
        await return_uncollected(self.model.now + timedelta(days=30))


KINDS: tuple[Callable[[Play, Act], Doing], ...] = (
    *[Play.ask] * 4,
    *[Play.vote] * 14,
    *[Play.hand_over] * 4,
    Play.cancel,
    *[Play.stand_in] * 2,
    *[Play.jobs] * 4,
    *[Play.take_back] * 3,
    Play.retire,
)
ASKS = 4
# The clock stands still within two acts at once, so it is not one of them.
TICK = len(KINDS)
# Something to decide on, so that fewer steps are lost on nothing.
BEGINNING = [Act(kind=0, case=0, who=who, choice=who % 2, together=False) for who in range(3)]
HISTORIES = st.lists(
    st.builds(
        Act,
        kind=st.integers(0, TICK + 3),
        case=st.integers(0, 5),
        who=st.integers(0, 5),
        choice=st.integers(0, 7),
        together=st.booleans(),
    ),
    min_size=15,
    max_size=40,
)


@pytest.fixture
async def here(engine: object) -> AsyncIterator[Scene]:
    """One neighbourhood for all histories of a test; each on its committee has a stake at times."""
    here = await scene(LIMITLESS)
    today = day_of(NOW, ZONE)
    for held in await active_grants(here.who.he_min, today):
        await revoke_role(actor_id=here.who.chen_jing, grant_id=held.id, now=NOW)
    await here.grant(here.who.lu_xiuying, "committee_member")
    await here.grant(here.who.he_min, "organizer")
    who = here.who
    for asker in (who.zhang_wei, who.zhao_zhiqiang, who.zhou_jianguo, who.jin_xiuzhen):
        await here.rich(asker, 200)
    yield here
    await everything_verifies()


async def start(here: Scene) -> Play:
    """Two fresh items, one dear, and the people as they stand."""
    who = here.who
    cheap = await here.item(30, stock=3, monthly_limit=100)
    dear = await here.item(110, stock=1, monthly_limit=100)
    people = People(
        members=(who.zhou_jianguo, who.qian_hui, who.lu_xiuying),
        handers=(who.wang_fang, who.he_min, who.chen_jing),
        leader=who.lu_xiuying,
        led=(who.zhang_wei, who.jin_xiuzhen),
        households=(frozenset({who.zhao_zhiqiang, who.qian_hui}),),
        steward=who.chen_jing,
    )
    askers = (who.zhang_wei, who.zhao_zhiqiang, who.zhou_jianguo, who.jin_xiuzhen)
    model = Model(
        people=people,
        points={asker: await here.points(asker) for asker in askers},
        prices={cheap: 30, dear: 110},
        stock={cheap: [3, 0, 0, 0], dear: [1, 0, 0, 0]},
        now=NOW,
    )
    return Play(here, model, await install_secret(name=PICKUP_KEY, now=NOW))


async def play(here: Scene, acts: list[Act]) -> None:
    """A whole history; all points are back where they were when everything is closed."""
    players = await start(here)
    before = dict(players.model.points)
    waiting: list[Act] = []
    for act in [*BEGINNING, *acts]:
        if act.kind >= TICK:
            players.model.now += CLOCK[act.choice % len(CLOCK)]
            continue
        if act.kind >= ASKS and not players.model.asked:
            continue
        waiting.append(act)
        if not act.together or len(waiting) == 2:
            await players.perform(waiting)
            waiting = []
    if waiting:
        await players.perform(waiting)
    assert await verify_rewards() == ()
    await players.close()
    assert {one: await here.points(one) for one in before} == before


@FAST
@given(acts=HISTORIES)
async def test_random_histories_end_as_the_model_says(here: Scene, acts: list[Act]):
    await play(here, acts)


@pytest.mark.slow
@THOROUGH
@given(acts=HISTORIES)
async def test_many_random_histories_end_as_the_model_says(here: Scene, acts: list[Act]):
    await play(here, acts)
