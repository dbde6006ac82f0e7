"""A street where everything happens at once: what is sent, what was acknowledged, what is kept.

Each write comes with its proof: a statement that counts its traces in the books.  Amounts and
pairs of person and item are there once in a scene, so that a trace is that of one write only.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import anyio
import httpx

from points.community.access.passwords import hash_password, store_password
from points.community.access.sign_in import sign_in
from points.community.people import enrol
from points.ledger.verify import verify
from points.pools.household import join
from points.rewards.verify import verify_rewards
from points.service.occasions import create_occasion
from points.service.records import RollCallRow, roll_call
from points.service.rules import Terms
from points.service.verify import verify_earnings
from points.transactions import run
from tests.cast import Cast, cast
from tests.durability.server_process import ServerProcess, Visitor, visitor
from tests.points.service.scene import adopt
from tests.web.shop import TERMS, Shop

PASSWORD = "三棵树下一只猫"
PEOPLE = 8
SETS = 8
PRICE = 10
PUTS_EACH = 8
LIMITS = TERMS | {"redemption_month_points": 100_000, "redemption_balance_points": 0}

AWARDED = (
    "SELECT COUNT(*) AS n FROM posting WHERE kind = 'award' AND service_record_id IN ({records})"
)
HELD = (
    "SELECT COUNT(*) AS n FROM redemption r "
    "JOIN account a ON a.kind = 'redemption' AND a.owner_id = r.id AND a.balance = r.price "
    "WHERE r.person_id = {} AND r.item_id = {} AND r.state = 'requested'"
)
MOVED_OUT = (
    "SELECT COUNT(*) AS n FROM redemption r "
    "JOIN account a ON a.kind = 'redemption' AND a.owner_id = r.id AND a.balance = 0 "
    "JOIN transfer t ON t.source_id = a.id JOIN posting p ON p.id = t.posting_id "
    "WHERE r.id = {} AND r.state = {} AND p.kind = {} AND t.amount = r.price"
)
GIVEN = (
    "SELECT COUNT(*) AS n FROM posting p WHERE p.kind = {} AND p.actor_id = {} "
    "AND (SELECT SUM(amount) FROM transfer t WHERE t.posting_id = p.id) = {}"
)


@dataclass(frozen=True, slots=True)
class Write:
    """One form that somebody sends, and how its effect is counted."""

    person_id: int
    path: str
    fields: dict[str, object]
    proof: str
    values: tuple[object, ...]
    expected: int = 1
    request_id: str = field(default_factory=lambda: secrets.token_hex(16))

    async def traces(self) -> int:
        """How often it is in the books."""
        [row] = await run(self.proof, *self.values)
        return int(row["n"])


@dataclass(frozen=True, slots=True)
class Founded:
    """What the shop of the web tests wants to know of a site."""

    cast: Cast


@dataclass(slots=True)
class Load:
    """All writes of a scene, and which of them were acknowledged."""

    sessions: dict[int, str]
    writes: list[Write]
    acknowledged: list[Write] = field(default_factory=list)
    stopped: bool = False

    async def send(self, server: ServerProcess, stop: Callable[[], None], *, after: int) -> None:
        """Send everything at once; ``stop`` is called after so many acknowledgements."""
        async with AsyncExitStack() as open_clients:
            browsers = {
                person_id: await open_clients.enter_async_context(visitor(server, token))
                for person_id, token in self.sessions.items()
            }
            async with anyio.create_task_group() as tasks:
                for write in self.writes:
                    tasks.start_soon(self._sent, browsers[write.person_id], write, stop, after)

    async def send_rest(
        self, server: ServerProcess, stop: Callable[[], None], *, after: int
    ) -> None:
        """The same for those who have no answer yet; for everybody again when they are few."""
        rest = [write for write in self.writes if write not in self.acknowledged]
        again = Load(self.sessions, rest if len(rest) > after else self.writes)
        await again.send(server, stop, after=after)
        assert len(again.acknowledged) >= after
        self.acknowledged += again.acknowledged

    async def _sent(
        self, browser: Visitor, write: Write, stop: Callable[[], None], after: int
    ) -> None:
        try:
            answer = await browser.post(write.path, request_id=write.request_id, **write.fields)
        except httpx.TransportError:
            assert self.stopped, write
            return
        if answer.status_code != 303:
            assert self.stopped, (write, answer.text)
            return
        self.acknowledged.append(write)
        if len(self.acknowledged) == after:
            self.stopped = True
            stop()

    async def check(self) -> None:
        """What was acknowledged is there once, what was not at most once; all books agree."""
        for write in self.writes:
            found = await write.traces()
            whole = found == write.expected
            assert whole or (write not in self.acknowledged and found < write.expected), write
        assert (await verify()).problems == ()
        assert tuple(await verify_earnings()) == ()
        assert await verify_rewards() == ()


# --- the scene


async def set_the_scene() -> Load:
    """Everything up to the moment before the writes."""
    now = datetime.now(UTC)
    founded = now - timedelta(days=60)
    here = await cast(now=founded)
    await adopt(here.book, Terms(**LIMITS), effective_from=founded.date().replace(day=1), now=now)
    shop = Shop(Founded(here), now)  # type: ignore[arg-type]
    for person_id in shop.members[1:]:
        await shop.grant(person_id, "committee_member")
    people = [
        await enrol(name=f"志愿者{number}", area_id=here.stairwell_12, now=founded, actor_id=None)
        for number in range(PEOPLE)
    ]
    household = (here.zhao_zhiqiang, here.qian_hui)
    await shop.rich(*people, *household)
    for person_id in household:
        await join(actor_id=person_id, now=now)
    writes = [
        *[await _award(here, people, number, now) for number in range(SETS)],
        *await _redemptions(shop, people),
        *_gifts(people, household),
    ]
    # Whoever is asked first is served first: mixed, as on an evening when everybody is at home.
    mixed = sorted(writes, key=lambda write: write.request_id)
    return Load(await _sessions({write.person_id for write in writes}, now), mixed)


async def _sessions(people: set[int], now: datetime) -> dict[int, str]:
    password_hash = await hash_password(PASSWORD)
    found = {}
    for person_id in people:
        await store_password(person_id=person_id, password_hash=password_hash, now=now)
        signed_in = await sign_in(
            login=f"V{person_id:08d}", password=PASSWORD, address="", device="", now=now
        )
        found[person_id] = signed_in.token
    return found


async def _award(here: Cast, people: list[int], number: int, now: datetime) -> Write:
    """All who came to one occasion, confirmed as a set."""
    starts_at = now - timedelta(hours=30 - number)
    occasion_id = await create_occasion(
        actor_id=here.wang_fang,
        area_id=here.committee,
        title=f"巡逻 {number}",
        category="stairwell_patrol",
        place="",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=30),
        leader_id=here.li_guoqiang,
        now=now,
    )
    records = await roll_call(
        actor_id=here.li_guoqiang,
        occasion_id=occasion_id,
        rows=[RollCallRow(person_id=person_id, minutes=30) for person_id in people],
        reason="",
        now=now,
    )
    proof = AWARDED.replace("{records}", ", ".join(["{}"] * len(records)))
    fields: dict[str, object] = {"record": records}
    return Write(here.chen_jing, "/confirm", fields, proof, records, expected=len(records))


async def _redemptions(shop: Shop, people: list[int]) -> list[Write]:
    """Each asks for two things, takes two requests back, and two of hers are handed over."""
    items = [
        await shop.item(PRICE, stock=100, name=f"洗衣液 {number}", monthly_limit=100)
        for number in range(4)
    ]
    found: list[Write] = []
    for person_id in people:
        for item_id in items[:2]:
            proof = (person_id, item_id)
            found.append(Write(person_id, f"/rewards/{item_id}/request", {}, HELD, proof))
        for item_id in items[2:]:
            taken_back = await shop.asked(person_id, item_id)
            path = f"/redemptions/{taken_back}/cancel"
            ends = (taken_back, "cancelled", "release")
            found.append(Write(person_id, path, {}, MOVED_OUT, ends))
            ready = await shop.approved(person_id, item_id)
            code = {"code": await shop.code(person_id, ready)}
            ends = (ready, "handed_over", "fulfil")
            hander = shop.cast.wang_fang
            found.append(Write(hander, "/pickup/hand-over", code, MOVED_OUT, ends))
    return found


def _gifts(people: list[int], household: tuple[int, int]) -> Iterator[Write]:
    """Into the pool of the household, and to the commons: each amount once."""
    for amount in range(1, PUTS_EACH + 1):
        for person_id in household:
            gift = ("pool", person_id, amount)
            yield Write(person_id, "/pool/put", {"put": amount}, GIVEN, gift)
        person_id = people[amount % len(people)]
        gift = ("donate", person_id, amount)
        yield Write(person_id, "/donations", {"donate": amount}, GIVEN, gift)
