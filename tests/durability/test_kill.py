"""kill -9 of the server during 200 concurrent writes: what was acknowledged is there, once."""

import random
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import anyio
import httpx
import pytest

from points.community.access.passwords import hash_password, store_password
from points.community.access.sign_in import sign_in
from points.community.people import enrol
from points.ledger.verify import verify
from points.service.occasions import create_occasion
from points.service.records import log_service
from points.service.rules import Terms
from points.service.verify import verify_earnings
from points.transactions import run
from tests.cast import Cast, cast
from tests.durability.server_process import ServerProcess, Visitor, serving, visitor
from tests.points.service.scene import adopt
from web.database import opened

pytestmark = [pytest.mark.anyio, pytest.mark.durable]

PEOPLE = 20
LOGGED_EACH = 5
CONFIRMED_EACH = 5
PASSWORD = "三棵树下一只猫"
ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(slots=True)
class Scene:
    """Who writes what: each of PEOPLE logs on some occasions, the steward confirms others."""

    cast: Cast
    sessions: dict[int, str]
    steward_session: str
    occasions: list[tuple[int, datetime]]
    waiting: list[int]
    logged: set[tuple[int, int]] = field(default_factory=set)
    confirmed: set[int] = field(default_factory=set)

    @property
    def acknowledged(self) -> int:
        return len(self.logged) + len(self.confirmed)


async def set_the_scene() -> Scene:
    """Everything up to the moment before the 200 writes."""
    now = datetime.now(UTC)
    founded = now - timedelta(days=60)
    here = await cast(now=founded)
    await adopt(here.book, Terms(), effective_from=founded.date().replace(day=1), now=founded)
    people = [
        await enrol(name=f"志愿者{number}", area_id=here.stairwell_12, now=founded, actor_id=None)
        for number in range(PEOPLE)
    ]
    password_hash = await hash_password(PASSWORD)
    sessions = {}
    for person_id in [*people, here.chen_jing]:
        await store_password(person_id=person_id, password_hash=password_hash, now=now)
        signed_in = await sign_in(
            login=f"V{person_id:08d}", password=PASSWORD, address="", device="", now=now
        )
        sessions[person_id] = signed_in.token
    occasions = [await _occasion(here, now, number) for number in range(10)]
    waiting = [
        await log_service(
            actor_id=person_id,
            occasion_id=occasion_id,
            started_at=starts_at,
            minutes=30,
            note="",
            now=now,
        )
        for occasion_id, starts_at in occasions[LOGGED_EACH:]
        for person_id in people
    ]
    steward_session = sessions.pop(here.chen_jing)
    return Scene(here, sessions, steward_session, occasions[:LOGGED_EACH], waiting)


async def _occasion(here: Cast, now: datetime, number: int) -> tuple[int, datetime]:
    """One a day on the last days, at an hour that is over."""
    starts_at = (now - timedelta(days=1 + number % 2)).replace(
        hour=1 + number // 2 * 2, minute=0, second=0, microsecond=0
    )
    occasion_id = await create_occasion(
        actor_id=here.wang_fang,
        area_id=here.committee,
        title=f"巡逻 {number}",
        category="stairwell_patrol",
        place="",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=1),
        leader_id=here.lu_xiuying,
        now=now,
    )
    return occasion_id, starts_at


async def write_until_killed(scene: Scene, server: ServerProcess, kill_after: int) -> None:
    """200 concurrent writes; the server dies after ``kill_after`` acknowledgements."""
    async with AsyncExitStack() as open_clients:
        browsers = {
            person_id: await open_clients.enter_async_context(visitor(server, token))
            for person_id, token in scene.sessions.items()
        }
        steward = await open_clients.enter_async_context(visitor(server, scene.steward_session))

        def count() -> None:
            if scene.acknowledged == kill_after:
                server.kill()

        async with anyio.create_task_group() as tasks:
            for occasion_id, starts_at in scene.occasions:
                for person_id, browser in browsers.items():
                    tasks.start_soon(_log, scene, browser, person_id, occasion_id, starts_at, count)
            for record_id in scene.waiting:
                tasks.start_soon(_confirm, scene, steward, record_id, count)


async def _log(
    scene: Scene, browser: Visitor, person_id: int, occasion_id: int, starts_at: datetime, count
) -> None:
    local = starts_at.astimezone(ZONE)
    try:
        answer = await browser.post(
            "/service",
            occasion_id=occasion_id,
            day=local.date().isoformat(),
            started_at=local.time().isoformat("minutes"),
            hours=0,
            minutes=45,
            note="",
        )
    except httpx.TransportError:
        return
    assert answer.status_code == 303, answer.text
    scene.logged.add((person_id, occasion_id))
    count()


async def _confirm(scene: Scene, steward: Visitor, record_id: int, count) -> None:
    try:
        answer = await steward.post("/confirm", record=record_id)
    except httpx.TransportError:
        return
    assert answer.status_code == 303, answer.text
    scene.confirmed.add(record_id)
    count()


async def check_nothing_is_lost(scene: Scene) -> None:
    """Everything acknowledged is there once, and the books are in order."""
    for person_id, occasion_id in scene.logged:
        rows = await run(
            "SELECT state FROM service_record WHERE person_id = {} AND occasion_id = {}",
            person_id,
            occasion_id,
        )
        assert [row["state"] for row in rows] == ["logged"]
    for record_id in scene.confirmed:
        rows = await run(
            "SELECT r.state FROM service_record r JOIN posting p ON p.service_record_id = r.id "
            "WHERE r.id = {} AND p.kind = 'award'",
            record_id,
        )
        assert [row["state"] for row in rows] == ["confirmed"]
    assert (await verify()).problems == ()
    assert tuple(await verify_earnings()) == ()


async def kill_once(database_url: str, kill_after: int) -> Scene:
    async with opened(database_url):
        scene = await set_the_scene()
    async with serving(database_url) as server:
        await write_until_killed(scene, server, kill_after)
    async with opened(database_url):
        await check_nothing_is_lost(scene)
    return scene


@pytest.mark.slow
@pytest.mark.parametrize("round_number", range(5))
async def test_what_was_acknowledged_before_kill_9_is_there_once(database_url, round_number):
    kill_after = random.Random(round_number).randint(5, 190)
    scene = await kill_once(database_url, kill_after)
    assert scene.acknowledged >= kill_after


@pytest.mark.long
@pytest.mark.parametrize("round_number", range(50))
async def test_nothing_acknowledged_is_lost_in_fifty_kills(database_url, round_number):
    await kill_once(database_url, random.Random(1000 + round_number).randint(5, 190))
