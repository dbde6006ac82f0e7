"""Newest first, unread until opened, and nobody reads another's."""

from datetime import timedelta

import pytest

from points.errors import Missing
from points.notices.post import notify
from points.notices.reading import (
    UNREAD_MAX,
    mark_read,
    notices_of,
    open_notice,
    unread_count,
    unread_of,
)
from tests.cast import FOUNDED, Cast, cast

pytestmark = pytest.mark.anyio
NOW = FOUNDED + timedelta(days=30)


@pytest.fixture
async def people(engine: object) -> Cast:
    return await cast()


async def tell(person_id: int, *titles: str) -> None:
    for title in titles:
        await notify(
            person_ids=[person_id],
            kind="activity_moved_up",
            facts={"title": title},
            path=f"/activities/{title}",
            now=NOW,
        )


async def titles(person_id: int, *, before_id: int | None = None, limit: int = 50) -> list[str]:
    lines = await notices_of(person_id=person_id, before_id=before_id, limit=limit)
    return [line.facts["title"] for line in lines]


async def test_the_newest_stands_first_and_pages_go_back(people: Cast) -> None:
    await tell(people.wang_fang, "a", "b", "c")
    await tell(people.he_min, "d")
    lines = await notices_of(person_id=people.wang_fang, limit=2)
    assert [line.facts["title"] for line in lines] == ["c", "b"]
    assert await titles(people.wang_fang, before_id=lines[-1].id) == ["a"]


async def test_opening_one_reads_it_and_leads_on(people: Cast) -> None:
    await tell(people.wang_fang, "a", "b")
    newest, _ = await unread_of(person_id=people.wang_fang)
    for _ in range(2):
        assert (
            await open_notice(person_id=people.wang_fang, notice_id=newest.id, now=NOW)
            == "/activities/b"
        )
    assert [line.facts["title"] for line in await unread_of(person_id=people.wang_fang)] == ["a"]
    assert [line.read for line in await notices_of(person_id=people.wang_fang)] == [True, False]


async def test_reading_all_leaves_what_came_meanwhile(people: Cast) -> None:
    await tell(people.wang_fang, "a", "b")
    [newest, _] = await unread_of(person_id=people.wang_fang)
    await tell(people.wang_fang, "c")
    await mark_read(person_id=people.wang_fang, up_to_id=newest.id, now=NOW)
    assert await unread_count(people.wang_fang) == 1


async def test_nobody_reads_or_opens_anothers(people: Cast) -> None:
    await tell(people.wang_fang, "a")
    [line] = await notices_of(person_id=people.wang_fang)
    with pytest.raises(Missing):
        await open_notice(person_id=people.he_min, notice_id=line.id, now=NOW)
    await mark_read(person_id=people.he_min, up_to_id=line.id, now=NOW)
    assert await unread_count(people.wang_fang) == 1
    assert await titles(people.he_min) == []


async def test_the_count_stops_at_a_hundred(people: Cast) -> None:
    await tell(people.wang_fang, *map(str, range(UNREAD_MAX + 5)))
    assert await unread_count(people.wang_fang) == UNREAD_MAX
