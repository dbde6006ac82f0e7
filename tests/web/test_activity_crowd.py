"""Forty neighbours press the button at once; twelve seats, ten needed."""

from secrets import token_urlsafe

import anyio
import pytest

from points.transactions import run
from tests.web.conftest import Browser, said
from tests.web.crowded import Crowd, crowd
from tests.web.played import play

pytestmark = pytest.mark.anyio
__all__ = ["crowd", "play"]


async def test_forty_at_once_for_twelve_seats(crowd: Crowd) -> None:
    activity_id = await crowd.proposed(minimum=10, capacity=12)
    people = await crowd.neighbours(40)
    browsers = [await crowd.program_of(person_id) for person_id in people]
    answers = await _all_at_once(browsers, activity_id)

    assert [status for status in answers.values() if status != 303] == []
    rows = await run("SELECT * FROM signup WHERE activity_id = {} ORDER BY queue_no", activity_id)
    assert [row["state"] for row in rows] == ["in"] * 12 + ["waiting"] * 28
    assert sorted(row["person_id"] for row in rows) == sorted(people)
    [held] = await run("SELECT * FROM activity WHERE id = {}", activity_id)
    assert (held["state"], held["seats_taken"], held["confirmed_times"]) == ("confirmed", 12, 1)
    seated = [row["person_id"] for row in rows[:12]]
    assert await _told("activity_confirmed") == sorted([*seated, crowd.cast.wang_fang])

    # The line as people read it is the order in which they came.
    for place, row in enumerate(rows[12:], start=1):
        if place in (1, 2, 28):
            browser = browsers[people.index(row["person_id"])]
            page = said(await browser.get(f"/activities/{activity_id}"))
            assert f"候补第 {place} 位" in page


async def test_two_for_the_last_seat(crowd: Crowd) -> None:
    activity_id = await crowd.proposed(minimum=2, capacity=2)
    first, *two = await crowd.neighbours(3)
    await crowd.join(activity_id, first)
    browsers = [await crowd.program_of(person_id) for person_id in two]
    await _all_at_once(browsers, activity_id)
    rows = await run("SELECT state FROM signup WHERE activity_id = {} ORDER BY id", activity_id)
    assert sorted(row["state"] for row in rows) == ["in", "in", "waiting"]


async def test_one_who_presses_ten_times_is_in_once(crowd: Crowd) -> None:
    activity_id = await crowd.proposed()
    browser = await crowd.program_of(crowd.cast.zhang_wei)
    answers = await _all_at_once([browser] * 10, activity_id)
    rows = await run("SELECT state FROM signup WHERE activity_id = {}", activity_id)
    assert [row["state"] for row in rows] == ["in"]
    assert set(answers.values()) <= {303, 409}


async def _all_at_once(browsers: list[Browser], activity_id: int) -> dict[int, int]:
    answers: dict[int, int] = {}

    async def press(number: int, browser: Browser) -> None:
        answer = await browser.client.post(
            f"/activities/{activity_id}/sign-up",
            data={"request_id": token_urlsafe(12)},
            headers=browser.headers,
        )
        answers[number] = answer.status_code

    async with anyio.create_task_group() as tasks:
        for number, browser in enumerate(browsers):
            tasks.start_soon(press, number, browser)
    return answers


async def _told(kind: str) -> list[int]:
    rows = await run("SELECT person_id FROM notice WHERE kind = {} ORDER BY person_id", kind)
    return [row["person_id"] for row in rows]
