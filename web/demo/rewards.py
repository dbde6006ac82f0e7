"""What the demo's first neighbourhood offers for points, who asked for it, and what was decided."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from points.ledger.statement import balances
from points.rewards.catalogue import ItemDraft, adopt_item, draft_item, receive_stock, retire_item
from points.rewards.committee import vote
from points.rewards.deadlines import return_uncollected
from points.rewards.pickup import hand_over, my_code, return_item
from points.rewards.redemptions import cancel, request
from web.demo.settle import Neighbour, Settled

# (name, kind, price, stock, sponsor, icon, description)
CATALOGUE = (
    ("电子感谢状", "thanks", 0, 0, "居委会", "certificate", "写上您的名字和服务时长。"),
    ("活动优先报名", "thanks", 20, 0, "居委会", "star", "下一次名额紧张的活动，先为您留位。"),
    ("楼道荣誉榜一个月", "thanks", 20, 0, "居委会", "medal", "本人同意后，在楼道公开栏上榜。"),
    ("便民理发", "service", 40, 12, "社区理发队", "scissors", "每月第二个周四上午，居委会活动室。"),
    ("磨刀磨剪子", "service", 40, 10, "社区能人", "scissors", "每位一次，两件为限。"),
    ("量血压、测血糖", "service", 40, 20, "社区卫生服务站", "stethoscope", "每周三上午。"),
    ("社区课程一节", "service", 50, 15, "社区学校", "book", "书法、摄影、手机课任选。"),
    ("活动室使用一小时", "service", 60, 8, "居委会", "armchair", "请提前三天预约。"),
    ("抽纸三包", "goods", 60, 24, "联华超市", "package", "三层，每包一百二十抽。"),
    ("洗手液", "goods", 60, 18, "联华超市", "bottle", "五百毫升。"),
    ("鲜牛奶一箱", "goods", 100, 10, "光明乳业", "milk", "十二盒装，请带购物袋。"),
    ("洗衣液", "goods", 120, 12, "联华超市", "bottle", "两升装。"),
    ("独居老人爱心午餐", "service", 50, 30, "社区食堂", "soup", "由您点名送给一位独居老人。"),
    ("大米五公斤", "goods", 300, 6, "庄行合作社", "shopping-bag", "当季新米。"),
    ("手工香囊", "goods", 30, 5, "达人工作室", "gift", "端午做的，已下架。"),
)
RETIRED = "手工香囊"
SERVED_POINTS = 130


@dataclass(slots=True)
class Market:
    """The first neighbourhood's catalogue, in the making."""

    place: Settled
    now: datetime
    items: dict[str, int]

    async def stock_up(self) -> None:
        """Drafted by the organizer, adopted by the committee, delivered by the sponsors."""
        begun = self.now - timedelta(days=60)
        for name, kind, price, stock, sponsor, icon, description in CATALOGUE:
            draft = ItemDraft(
                name=name,
                kind=kind,
                price=price,
                description=description,
                sponsor=sponsor,
                icon=icon,
            )
            item_id = await draft_item(
                actor_id=self.place.organizers[0].id,
                book_id=self.place.book_id,
                draft=draft,
                now=begun,
            )
            await adopt_item(
                actor_id=self.place.members[0].id, item_id=item_id, now=begun + timedelta(days=1)
            )
            await self._receive(item_id, stock or 99, begun + timedelta(days=2))
            self.items[name] = item_id

    async def _receive(self, item_id: int, quantity: int, now: datetime) -> None:
        await receive_stock(
            actor_id=self.place.organizers[0].id,
            item_id=item_id,
            quantity=quantity,
            reason="赞助到货",
            now=now,
        )

    async def trade(self, elder: Neighbour) -> None:
        """One request in every state, and a few that still wait for the committee."""
        rich = await self._rich(elder)
        await self._handed_over(rich[0], "抽纸三包", days=20)
        await self._returned(rich[1], "洗衣液", days=18)
        await self._refused(rich[2], "鲜牛奶一箱", days=12)
        await self._approved(rich[3], "洗手液", days=3)
        await self._approved(elder, "便民理发", days=2)
        await self._approved(rich[10], RETIRED, days=12)
        await return_uncollected(self.now)
        cancelled = await self._ask(rich[4], "磨刀磨剪子", days=1)
        await cancel(
            actor_id=rich[4].id,
            redemption_id=cancelled,
            now=self._ago(days=1) + timedelta(minutes=5),
        )
        await retire_item(
            actor_id=self.place.stewards[0].id,
            item_id=self.items[RETIRED],
            now=self._ago(days=6),
        )
        waiting = ("量血压、测血糖", "社区课程一节", "抽纸三包", "独居老人爱心午餐", "洗衣液")
        for number, name in enumerate(waiting):
            await self._ask(rich[5 + number], name, days=0)
        await self._ask(elder, "抽纸三包", days=0)

    async def _rich(self, elder: Neighbour) -> list[Neighbour]:
        """Those who can pay, none of whom sits on the committee."""
        seated = {n.household for n in (*self.place.members, *self.place.stewards)}
        found = []
        for neighbour in self.place.neighbours:
            if neighbour.household in seated or neighbour.id == elder.id:
                continue
            if not neighbour.is_adult(self.now.date()):
                continue
            has = await balances(book_id=self.place.book_id, person_id=neighbour.id)
            if has.points >= SERVED_POINTS:
                found.append(neighbour)
        return found

    def _ago(self, *, days: int) -> datetime:
        return self.now - timedelta(days=days, hours=2)

    async def _ask(self, who: Neighbour, item: str, *, days: int) -> int:
        return await request(
            actor_id=who.id, person_id=who.id, item_id=self.items[item], now=self._ago(days=days)
        )

    async def _vote(self, redemption_id: int, choice: str, now: datetime, reason: str = "") -> None:
        """As many members as it takes."""
        for member in self.place.members:
            state = await vote(
                actor_id=member.id,
                redemption_id=redemption_id,
                choice=choice,
                reason=reason,
                now=now,
            )
            if state != "requested":
                return

    async def _approved(self, who: Neighbour, item: str, *, days: int) -> int:
        redemption_id = await self._ask(who, item, days=days)
        await self._vote(redemption_id, "approve", self._ago(days=days) + timedelta(hours=1))
        return redemption_id

    async def _refused(self, who: Neighbour, item: str, *, days: int) -> None:
        redemption_id = await self._ask(who, item, days=days)
        moment = self._ago(days=days) + timedelta(hours=1)
        await self._vote(redemption_id, "refuse", moment, "本月牛奶先给独居老人，下月再来。")

    async def _handed_over(self, who: Neighbour, item: str, *, days: int) -> int:
        redemption_id = await self._approved(who, item, days=days)
        moment = self._ago(days=days - 1)
        code = await my_code(actor_id=who.id, redemption_id=redemption_id, now=moment)
        await hand_over(
            actor_id=self.place.organizers[1].id, code=code, collected_by="本人", now=moment
        )
        return redemption_id

    async def _returned(self, who: Neighbour, item: str, *, days: int) -> None:
        redemption_id = await self._handed_over(who, item, days=days)
        await return_item(
            actor_id=self.place.stewards[0].id,
            redemption_id=redemption_id,
            good=False,
            reason="瓶口漏液，当天退回。",
            now=self._ago(days=days - 2),
        )
