"""The neighbourhood with a committee, on each engine; afterwards everything must verify."""

from collections.abc import AsyncIterator

import pytest

from points.ledger.books import verify
from points.rewards.verify import verify_rewards
from tests.points.rewards.scene import LIMITLESS, Scene, scene


@pytest.fixture
async def here(engine: object) -> AsyncIterator[Scene]:
    """The neighbourhood under the default limits."""
    yield await scene()
    await everything_verifies()


@pytest.fixture
async def limitless(engine: object) -> AsyncIterator[Scene]:
    """The same without limits for a month or a least balance."""
    yield await scene(LIMITLESS)
    await everything_verifies()


async def everything_verifies() -> None:
    """The books agree with themselves, and the rewards with the books."""
    assert (await verify()).problems == ()
    assert await verify_rewards() == ()
