"""Whoever repeats a request gets the first answer."""

import asyncio
import importlib
import pkgutil
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

import points
import talentmap
from points.errors import Conflict, DomainError, RequestReused, error_by_code
from points.requests import KEPT_DAYS, body_hash, forget_old, once
from points.transactions import run
from web.database import DatabaseEngine

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


class SoldOut(Conflict):
    """A refusal for these tests."""

    message = "Only {left} left."


class Effect:
    """An effect that can be counted: one row of throttle for each time it was done."""

    def __init__(self, refuse: DomainError | None = None) -> None:
        self.refuse = refuse
        self.asked = 0

    async def __call__(self) -> str:
        self.asked += 1
        await run(
            "INSERT INTO throttle (key, failures, window_started_at) VALUES ({}, 0, {})",
            f"effect {id(self)} {self.asked}",
            NOW,
        )
        if self.refuse is not None:
            raise self.refuse
        return f"answer {self.asked}"


async def send(
    act: Callable[[], Awaitable[str]],
    body: object = "body",
    request_id: str = "r1",
    actor: str = "person:1",
    now: datetime = NOW,
) -> str:
    return await once(
        actor_key=actor,
        request_id=request_id,
        request_hash=body_hash(body),
        now=now,
        act=act,
    )


async def effects() -> int:
    return len(await run("SELECT key FROM throttle"))


async def test_a_form_sent_twice_acts_once_and_answers_alike(engine: DatabaseEngine):
    act = Effect()
    assert [await send(act) for _ in range(3)] == ["answer 1"] * 3
    assert (act.asked, await effects()) == (1, 1)


async def test_a_refusal_is_said_again_with_its_days_and_moments(engine: DatabaseEngine):
    facts = {"left": 3, "until": NOW, "day": NOW.date(), "name": "张伟"}
    for _ in range(2):
        with pytest.raises(SoldOut) as refused:
            await send(Effect(SoldOut(**facts)))
        assert refused.value.facts == facts


async def test_a_form_sent_twenty_times_at_once_acts_once(engine: DatabaseEngine):
    act = Effect()
    answers = await asyncio.gather(*(send(act) for _ in range(20)))
    assert len(set(answers)) == 1
    assert await effects() == 1


async def test_another_body_under_the_same_id_is_refused(engine: DatabaseEngine):
    act = Effect()
    await send(act, {"minutes": 60})
    with pytest.raises(RequestReused):
        await send(act, {"minutes": 90})
    assert await send(act, {"minutes": 60}) == "answer 1"
    assert await effects() == 1


async def test_two_actors_may_choose_the_same_id(engine: DatabaseEngine):
    act = Effect()
    assert await send(act, actor="person:1") == "answer 1"
    assert await send(act, actor="person:2") == "answer 2"


async def test_a_refusal_is_answered_again_and_leaves_no_effect(engine: DatabaseEngine):
    act = Effect(SoldOut(left=3))
    for _ in range(3):
        with pytest.raises(SoldOut) as refusal:
            await send(act)
        assert str(refusal.value) == "Only 3 left."
        assert refusal.value.facts == {"left": 3}
    assert (act.asked, await effects()) == (1, 0)


async def test_a_corrected_form_may_be_sent_under_the_same_id(engine: DatabaseEngine):
    with pytest.raises(SoldOut):
        await send(Effect(SoldOut(left=3)), {"count": 5})
    corrected = Effect()
    assert await send(corrected, {"count": 3}) == "answer 1"
    assert await send(corrected, {"count": 3}) == "answer 1"
    with pytest.raises(RequestReused):
        await send(corrected, {"count": 5})
    assert await effects() == 1


async def test_a_corrected_form_sent_ten_times_at_once_acts_once(engine: DatabaseEngine):
    with pytest.raises(SoldOut):
        await send(Effect(SoldOut(left=3)), {"count": 5})
    corrected = Effect()
    answers = await asyncio.gather(*(send(corrected, {"count": 3}) for _ in range(10)))
    assert len(set(answers)) == 1
    assert await effects() == 1


async def test_a_crash_keeps_nothing_so_that_the_form_may_be_sent_again(engine: DatabaseEngine):
    async def crash() -> str:
        await Effect()()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await send(crash)
    assert await effects() == 0
    assert await send(Effect()) == "answer 1"


async def test_answers_are_kept_for_thirty_days(engine: DatabaseEngine):
    act = Effect()
    await send(act)
    await forget_old(now=NOW + timedelta(days=KEPT_DAYS))
    assert await send(act) == "answer 1"
    await forget_old(now=NOW + timedelta(days=KEPT_DAYS, seconds=1))
    assert await send(act) == "answer 2"


def test_a_body_is_the_same_in_any_order_of_its_fields():
    assert body_hash({"a": 1, "b": "张"}) == body_hash({"b": "张", "a": 1})
    assert body_hash({"a": 1}) != body_hash({"a": "1"})


def test_no_two_refusals_share_a_name_under_which_they_are_kept():
    for package in (points, talentmap):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if "piccolo_migrations" not in module.name:
                importlib.import_module(module.name)
    ours = [
        error
        for error in _below(DomainError)
        if error.__module__.split(".")[0] in ("points", "talentmap")
    ]
    names = Counter(error.__name__ for error in ours)
    assert [name for name, count in names.items() if count > 1] == []
    assert all(error_by_code(error.__name__) is error for error in ours)
    assert error_by_code("NoLongerInUse") is DomainError


def _below(error: type[DomainError]) -> list[type[DomainError]]:
    return [found for child in error.__subclasses__() for found in (child, *_below(child))]
