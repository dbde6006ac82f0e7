"""Every route of the application with every role, and what the paths name.

A new route without a line in one of the ``access_…`` modules fails the test.  The things that stand
in the paths belong to 张伟, who plays none of the roles, and to the committee of the cast.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from points.community.access.codes import codes_waiting, issue_reset
from points.community.access.passwords import store_password
from points.community.access.sign_in import sessions_of, sign_in
from points.community.access.tokens import create_token, tokens_of
from points.community.grants import propose_role
from points.disputes.raising import raise_dispute
from points.notices.post import notify
from points.notices.reading import notices_of
from points.outlook.pledges import promise
from points.pools.decisions import propose as propose_grant
from points.pools.gifts import give
from points.rewards.catalogue import (
    ItemDraft,
    adopt_item,
    draft_item,
    receive_stock,
    set_photo,
)
from points.rewards.redemptions import request
from points.service.confirm import confirm_record
from points.service.occasions import create_occasion
from points.service.records import log_service
from points.service.rules import Terms
from points.transactions import run
from talentmap.activities.proposals import propose
from tests.cast import Cast
from tests.points.service.scene import adopt
from tests.web.access_api import API
from tests.web.access_entry import Entry
from tests.web.access_imports import IMPORTS, sent_in
from tests.web.access_map import MAP
from tests.web.access_pages import PAGES
from tests.web.access_pins import PINS
from tests.web.access_pools import POOLS
from tests.web.access_seals import SEALS, sealed
from tests.web.access_talents import API_TALENTS, TALENTS, TALENTS_FOR, talented
from web import clock

MATRIX: Mapping[str, Entry] = {
    **PAGES,
    **API,
    **IMPORTS,
    **TALENTS,
    **API_TALENTS,
    **PINS,
    **MAP,
    **POOLS,
    **SEALS,
    **TALENTS_FOR,
}


async def furnish(
    cast: Cast, *, password: str, password_hash: str, data: Path | None = None
) -> Mapping[str, object]:
    """What the paths and forms name; all of it is 张伟's, but for what lies in the data folder."""
    now = clock.now()
    await store_password(person_id=cast.zhang_wei, password_hash=password_hash, now=now)
    for book_id in (cast.book, cast.other_book):
        await adopt(book_id, Terms())
    return {
        "person_id": cast.zhang_wei,
        "child_id": cast.he_xiaoyu,
        "guardian_id": cast.he_min,
        "stairwell_id": cast.stairwell_11,
        "committee_id": cast.committee,
        "area_id": cast.committee,
        "today": clock.today("Asia/Shanghai").isoformat(),
        "file_path": "linli.css",
        "session_id": await _session(cast.zhang_wei, password, now),
        "activity_id": await _activity(cast, now),
        "grant_id": await _proposal(cast, now),
        "notice_id": await _notice(cast.zhang_wei, now),
        "upload_id": await sent_in(cast, data) if data else 1,
        **await _keys(cast, now),
        **await _served(cast, now),
        **await sealed(now),
        **await _promised(cast, now),
        **await _asked_for(cast, now),
        **await talented(cast, now),
        **await _given(cast, now),
    }


async def _keys(cast: Cast, now: datetime) -> dict[str, int]:
    """A token of his, and a reset of his password that waits for a second person."""
    him, today = cast.zhang_wei, clock.today("Asia/Shanghai")
    await create_token(person_id=him, label="x", scopes=("read",), days=9, now=now)
    await issue_reset(actor_id=cast.li_guoqiang, person_id=him, now=now)
    [code] = await codes_waiting(actor_id=cast.chen_jing, today=today, now=now)
    [token] = await tokens_of(him, now)
    return {"code_id": code.code_id, "token_id": token.id}


async def _served(cast: Cast, now: datetime) -> dict[str, int]:
    """Two records of his, the second of them confirmed."""
    occasions = [await _occasion(cast, now, hours_ago) for hours_ago in (2, 4)]
    records = [
        await _record(cast.zhang_wei, one, now, ago)
        for one, ago in zip(occasions, (2, 4), strict=True)
    ]
    confirmed = await confirm_record(actor_id=cast.chen_jing, record_id=records[1], now=now)
    assert confirmed.posting_id is not None
    return {
        "occasion_id": occasions[0],
        "record_id": records[0],
        "posting_id": confirmed.posting_id,
    }


async def _promised(cast: Cast, now: datetime) -> dict[str, int]:
    """What a sponsor promised."""
    due_on = now.date() + timedelta(days=9)
    number = await promise(
        actor_id=cast.chen_jing, book_id=cast.book, sponsor="街角面馆", points=300, due_on=due_on,
        note="", now=now,
    )  # fmt: skip
    return {"pledge_id": number}


async def _given(cast: Cast, now: datetime) -> dict[str, int]:
    """His gift to the community pool, and a grant that waits for a second person."""
    donation_id = await give(actor_id=cast.zhang_wei, points=1, wish="金阿婆", now=now)
    decision_id = await propose_grant(
        actor_id=cast.li_guoqiang,
        book_id=cast.book,
        kind="honour",
        area_id=cast.stairwell_11,
        points=100,
        reason="文明楼道",
        now=now,
    )
    [row] = await run("SELECT id FROM service_record WHERE state = 'confirmed'")
    dispute_id = await raise_dispute(
        actor_id=cast.zhang_wei, record_id=row["id"], reason="少算了半小时", now=now
    )
    return {"donation_id": donation_id, "decision_id": decision_id, "dispute_id": dispute_id}


async def _notice(person_id: int, now: datetime) -> int:
    facts = {"points": 3}
    await notify(person_ids=[person_id], kind="points_expired", facts=facts, path="/me", now=now)
    [notice] = await notices_of(person_id=person_id, limit=1)
    return notice.id


async def _occasion(cast: Cast, now: datetime, hours_ago: int) -> int:
    return await create_occasion(
        actor_id=cast.wang_fang,
        area_id=cast.committee,
        title="清洁家园",
        category="cleaning",
        place="小区花园",
        starts_at=now - timedelta(hours=hours_ago),
        ends_at=now - timedelta(hours=hours_ago - 1),
        leader_id=cast.li_guoqiang,
        now=now,
    )


async def _activity(cast: Cast, now: datetime) -> int:
    """What 张伟 proposed for tomorrow, which gathers still."""
    return await propose(
        actor_id=cast.zhang_wei,
        area_id=cast.committee,
        title="手机摄影",
        summary="",
        category="teaching",
        activity_class="interest",
        place="小区花园",
        starts_at=now + timedelta(days=1),
        ends_at=now + timedelta(days=1, hours=2),
        deadline_at=now + timedelta(days=1),
        minimum=10,
        capacity=20,
        risk="",
        risky=False,
        insured=False,
        to_bring="",
        talent_id=None,
        now=now,
    )


async def _record(person_id: int, occasion_id: int, now: datetime, hours_ago: int) -> int:
    return await log_service(
        actor_id=person_id,
        occasion_id=occasion_id,
        started_at=now - timedelta(hours=hours_ago),
        minutes=30,
        note="",
        now=now,
    )


async def _session(person_id: int, password: str, now: datetime) -> int:
    await sign_in(login=f"V{person_id:08d}", password=password, address="", device="", now=now)
    [session] = await sessions_of(person_id, now)
    return session.id


async def _proposal(cast: Cast, now: datetime) -> int:
    return await propose_role(
        actor_id=cast.li_guoqiang,
        person_id=cast.zhang_wei,
        role="committee_member",
        area_id=cast.committee,
        starts_on=clock.today("Asia/Shanghai"),
        ends_on=None,
        now=now,
    )


async def _asked_for(cast: Cast, now: datetime) -> dict[str, int]:
    """A reward with a photo, and his request for it."""
    item_id = await draft_item(
        actor_id=cast.wang_fang,
        book_id=cast.book,
        draft=ItemDraft(name="电子感谢状", kind="thanks", price=0),
        now=now,
    )
    await adopt_item(actor_id=cast.li_guoqiang, item_id=item_id, now=now)
    await receive_stock(
        actor_id=cast.wang_fang, item_id=item_id, quantity=9, reason="印好了", now=now
    )
    photo = b"\xff\xd8\xff"
    await set_photo(
        actor_id=cast.wang_fang, item_id=item_id, media_type="image/jpeg", content=photo, now=now
    )
    asked = await request(
        actor_id=cast.zhang_wei, person_id=cast.zhang_wei, item_id=item_id, now=now
    )
    return {"item_id": item_id, "redemption_id": asked}
