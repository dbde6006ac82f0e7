"""The neighbourhood of tests/cast.py with a committee of three, a catalogue and points to spend."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from points.community.grants import approve_role, propose_role
from points.community.people import enrol
from points.ledger.statement import balances
from points.rewards.catalogue import ItemDraft, adopt_item, draft_item, receive_stock
from points.rewards.committee import vote
from points.rewards.pickup import hand_over, my_code
from points.rewards.redemptions import request
from points.rewards.stock import StockView, stock_of
from points.service.confirm import confirm_record
from points.service.rules import Terms
from points.transactions import run
from tests.cast import FOUNDED, Cast
from tests.points.service.scene import Scene as Served
from tests.points.service.scene import scene as served_scene

# A Wednesday in Shanghai, 14:00, and the last minute of the days on which it must be decided.
NOW = datetime(2026, 3, 11, 6, 0, tzinfo=UTC)
TODAY = date(2026, 3, 11)
DECIDE_BY = datetime(2026, 3, 16, 15, 59, tzinfo=UTC)
COLLECT_BY = datetime(2026, 3, 18, 15, 59, tzinfo=UTC)
# A point a minute: short service fills an account.  No cap is in the way.
TERMS = Terms(
    points_per_hour=60,
    day_cap_points=10_000,
    month_cap_points=100_000,
    year_cap_points=1_000_000,
)
LIMITLESS = Terms(
    points_per_hour=60,
    day_cap_points=10_000,
    month_cap_points=100_000,
    year_cap_points=1_000_000,
    redemption_month_points=100_000,
    redemption_balance_points=0,
)


@dataclass(slots=True)
class Scene:
    """Who and where.  The committee is 周建国, 钱慧 (of 赵志强's household) and 何敏."""

    served: Served
    who: Cast
    members: tuple[int, ...]
    days_back: int = 0
    made: list[int] = field(default_factory=list)

    @property
    def book(self) -> int:
        """The book of the committee."""
        return self.who.book

    async def rich(self, person_id: int, points: int = 200) -> None:
        """Points earned by service that a steward confirmed, two hundred minutes at most a day."""
        while points > 0:
            part = min(points, 200)
            day = FOUNDED + timedelta(days=1 + self.days_back)
            self.days_back = (self.days_back + 1) % 60
            record_id = await self.served.logged(person_id, day, part)
            others = (self.who.chen_jing, self.who.li_guoqiang)
            confirmer = next(one for one in others if one != person_id)
            await confirm_record(actor_id=confirmer, record_id=record_id, now=NOW)
            points -= part

    async def item(
        self, price: int = 60, *, stock: int = 5, name: str = "洗衣液", **facts: object
    ) -> int:
        """An item drafted by 王芳, adopted by 李国强, with pieces in store."""
        draft = ItemDraft(name=name, kind="goods", price=price, **facts)  # type: ignore[arg-type]
        item_id = await draft_item(
            actor_id=self.who.wang_fang, book_id=self.book, draft=draft, now=FOUNDED
        )
        await adopt_item(actor_id=self.who.li_guoqiang, item_id=item_id, now=FOUNDED)
        if stock:
            await receive_stock(
                actor_id=self.who.wang_fang,
                item_id=item_id,
                quantity=stock,
                reason="联盟单位捐赠",
                now=FOUNDED,
            )
        return item_id

    async def asked(
        self, person_id: int, item_id: int, *, now: datetime = NOW, actor_id: int | None = None
    ) -> int:
        """A request."""
        return await request(
            actor_id=actor_id or person_id,
            person_id=person_id,
            item_id=item_id,
            now=now,
            reason="老人没有手机" if actor_id else "",
        )

    async def votes(
        self, redemption_id: int, *choices: str, now: datetime = NOW, reason: str = "合规"
    ) -> str:
        """The first members vote, each one of the choices; answers with the state."""
        state = ""
        for member, choice in zip(self.members, choices, strict=False):
            state = await vote(
                actor_id=member, redemption_id=redemption_id, choice=choice, reason=reason, now=now
            )
        return state

    async def approved(self, person_id: int, item_id: int, *, now: datetime = NOW) -> int:
        """A request that two members approved."""
        redemption_id = await self.asked(person_id, item_id, now=now)
        assert await self.votes(redemption_id, "approve", "approve", now=now) == "approved"
        return redemption_id

    async def handed_over(self, person_id: int, item_id: int, *, now: datetime = NOW) -> int:
        """A request that 王芳 handed over."""
        redemption_id = await self.approved(person_id, item_id, now=now)
        code = await my_code(actor_id=person_id, redemption_id=redemption_id, now=now)
        await hand_over(actor_id=self.who.wang_fang, code=code, now=now)
        return redemption_id

    async def points(self, person_id: int) -> int:
        """What a person can see as hers."""
        return (await balances(book_id=self.book, person_id=person_id)).points

    async def held(self, redemption_id: int) -> int:
        """The points a request holds."""
        rows = await run(
            "SELECT balance FROM account WHERE kind = 'redemption' AND owner_id = {}",
            redemption_id,
        )
        return int(rows[0]["balance"]) if rows else 0

    async def state(self, redemption_id: int) -> str:
        """How far a request is."""
        [row] = await run("SELECT state FROM redemption WHERE id = {}", redemption_id)
        return str(row["state"])

    async def stock(self, item_id: int) -> StockView:
        """Where the pieces of an item are."""
        return await stock_of(item_id)

    async def told(self, kind: str) -> set[int]:
        """Who was told of something."""
        rows = await run("SELECT person_id FROM notice WHERE kind = {}", kind)
        return {int(row["person_id"]) for row in rows}

    async def neighbour(self, area_id: int | None = None, **facts: object) -> int:
        """One more resident, of stairwell 12 unless said otherwise."""
        person_id = await enrol(
            name="邻居",
            area_id=area_id or self.who.stairwell_12,
            now=FOUNDED,
            actor_id=None,
            **facts,  # type: ignore[arg-type]
        )
        self.made.append(person_id)
        return person_id

    async def grant(self, person_id: int, role: str, area_id: int | None = None) -> int:
        """A role that 陈静 proposed and 李国强 approved."""
        grant_id = await propose_role(
            actor_id=self.who.chen_jing,
            person_id=person_id,
            role=role,
            area_id=area_id or self.who.committee,
            starts_on=FOUNDED.date(),
            ends_on=None,
            now=FOUNDED,
        )
        await approve_role(
            actor_id=self.who.li_guoqiang, grant_id=grant_id, now=FOUNDED, today=FOUNDED.date()
        )
        return grant_id


async def scene(terms: Terms = TERMS) -> Scene:
    """The neighbourhood with a committee of three."""
    served = await served_scene(terms)
    who = served.who
    here = Scene(served=served, who=who, members=(who.zhou_jianguo, who.he_min, who.qian_hui))
    for person_id in (who.he_min, who.qian_hui):
        await here.grant(person_id, "committee_member")
    return here
