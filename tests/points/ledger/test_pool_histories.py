"""Random histories of pools, donations and disputes beside a plain model."""

from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from points.ledger.books import verify
from tests.points.ledger import test_histories as plain
from tests.points.ledger.mutant_check import plain_steps
from tests.points.ledger.pool_edges import SEEDS, waited_over_new_year
from tests.points.ledger.pool_model import Step
from tests.points.ledger.pool_play import EDGES, KINDS, VINTAGES, play, steps_of
from tests.points.ledger.scene import Scene, make_scene
from tests.points.ledger.test_histories import FAST, everything_adds_up

pytestmark = pytest.mark.anyio

HISTORIES = st.lists(
    st.builds(
        Step,
        kind=st.integers(0, len(KINDS) - 1),
        edge=st.sampled_from(EDGES),
        points=st.integers(0, 12),
        person=st.integers(0, 1),
        case_id=st.sampled_from([1, 1, 2]),
        expires_on=st.sampled_from(VINTAGES),
        back=st.integers(1, 3),
    ),
    min_size=10,
    max_size=25,
)
LONG_FROM = 1_000
# Of either kind on either engine: 20,000 in all, which takes about two hours.
LONG_EACH = 5_000


@pytest.fixture
async def scene(engine: object) -> AsyncIterator[Scene]:
    """One database for all histories of a test; afterwards it must verify."""
    yield await make_scene()
    assert (await verify()).problems == ()


async def played(steps: list[Step]) -> None:
    own = await make_scene()
    await play(own, steps)
    await everything_adds_up(own.book_id)


@settings(FAST, max_examples=12)
@given(steps=HISTORIES)
async def test_random_histories_of_pools_end_as_the_model_says(scene: Scene, steps: list[Step]):
    await played(steps)


async def test_who_waited_over_new_year_has_a_grace_and_nobody_else(scene: Scene):
    await played(waited_over_new_year())


@pytest.mark.long
async def test_thousands_of_histories_of_pools_end_as_the_model_says(scene: Scene):
    for seed in range(LONG_FROM, LONG_FROM + LONG_EACH):
        await played(steps_of(seed, 40))


@pytest.mark.long
async def test_thousands_of_histories_of_one_person_end_as_the_model_says(scene: Scene):
    for seed in range(LONG_FROM, LONG_FROM + LONG_EACH):
        await plain.play(plain_steps(seed))


@pytest.mark.parametrize("seed", SEEDS[:6])
async def test_known_histories_of_pools_end_as_the_model_says(scene: Scene, seed: int):
    await played(steps_of(seed, 60))
