"""The neighbourhood of tests/cast.py with an activity, and short ways to gather for it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from points.rewards.catalogue import ItemDraft, adopt_item, draft_item, receive_stock
from points.service.rules import Terms
from points.transactions import run
from talentmap.activities.proposals import propose
from talentmap.activities.signups import SignupResult, sign_up, withdraw
from tests.cast import Cast
from tests.points.service.scene import NOW, scene

DEADLINE = NOW + timedelta(days=7)
STARTS = NOW + timedelta(days=10)
ENDS = STARTS + timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Crowd:
    """Who and where; neighbours made by the dozen live in stairwell 21."""

    who: Cast

    async def neighbours(self, count: int, *, area_id: int | None = None) -> list[int]:
        """So many new neighbours, all of age as far as anybody knows."""
        made = []
        for _ in range(count):
            [row] = await run(
                "INSERT INTO person (name, volunteer_no, area_id, joined_at) VALUES ('张三', "
                "'T' || (SELECT COUNT(*) FROM person), {}, {}) RETURNING id",
                *(area_id or self.who.stairwell_21, NOW),
            )
            made.append(int(row["id"]))
        return made

    async def proposed(self, **facts: Any) -> int:
        """张伟 proposes phone photography for ten, in ten days, unless said otherwise."""
        return await propose(
            **(
                {
                    "actor_id": self.who.zhang_wei,
                    "area_id": self.who.estate,
                    "title": "手机摄影",
                    "summary": "带上手机，一起拍春天。",
                    "category": "teaching",
                    "activity_class": "interest",
                    "place": "小区花园",
                    "starts_at": STARTS,
                    "ends_at": ENDS,
                    "deadline_at": DEADLINE,
                    "minimum": 10,
                    "capacity": 12,
                    "risk": "",
                    "risky": False,
                    "insured": False,
                    "to_bring": "手机",
                    "talent_id": None,
                    "now": NOW,
                }
                | facts
            )
        )

    async def join(
        self, activity_id: int, person_id: int, people: int = 1, *, now: datetime = NOW
    ) -> SignupResult:
        """Somebody signs up for herself."""
        return await sign_up(
            actor_id=person_id,
            activity_id=activity_id,
            person_id=person_id,
            party_size=people,
            now=now,
        )

    async def leave(self, activity_id: int, person_id: int, *, now: datetime = NOW) -> None:
        """Somebody withdraws."""
        await withdraw(actor_id=person_id, activity_id=activity_id, person_id=person_id, now=now)

    async def item(self, *, price: int = 20, pieces: int = 2, adopted: bool = True) -> int:
        """Paint: 王芳 drafts it, 陈静 adopts it, so many pieces are in store."""
        item_id = await draft_item(
            actor_id=self.who.wang_fang,
            book_id=self.who.book,
            draft=ItemDraft(name="颜料", kind="goods", price=price),
            now=NOW,
        )
        if adopted:
            await adopt_item(actor_id=self.who.chen_jing, item_id=item_id, now=NOW)
        if pieces:
            facts = {"item_id": item_id, "quantity": pieces, "reason": "联盟单位捐赠", "now": NOW}
            await receive_stock(actor_id=self.who.chen_jing, **facts)
        return item_id


async def gather(terms: Terms | None = None) -> Crowd:
    """The cast with a policy."""
    return Crowd(who=(await scene(terms)).who)


async def stored(activity_id: int) -> dict[str, Any]:
    """The row of an activity."""
    [row] = await run("SELECT * FROM activity WHERE id = {}", activity_id)
    return row


async def told(kind: str, activity_id: int) -> list[int]:
    """Who was told so of an activity, each time."""
    rows = await run(
        "SELECT person_id FROM notice WHERE kind = {} AND path = {} ORDER BY person_id",
        kind,
        f"/activities/{activity_id}",
    )
    return [row["person_id"] for row in rows]


async def standing(activity_id: int) -> tuple[list[int], list[int]]:
    """Who is in and who waits, each in the order of signing up."""
    rows = await run(
        "SELECT person_id, state FROM signup WHERE activity_id = {} ORDER BY queue_no", activity_id
    )
    return (
        [row["person_id"] for row in rows if row["state"] == "in"],
        [row["person_id"] for row in rows if row["state"] == "waiting"],
    )
