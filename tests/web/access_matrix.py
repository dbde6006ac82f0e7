"""Who may enter where: every route of the application with every role.

A new route without a line here fails the test.  ``Entry(may, form)``: whoever is among ``may`` gets
in (a page, or a form that is judged on its own merits); whoever is not signed in is led to the
sign-in; everybody else is refused.  The things that stand in the paths belong to 张伟, who plays
none of the roles, and to the committee of the cast.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from points.community.access.codes import codes_waiting, issue_reset
from points.community.access.passwords import store_password
from points.community.access.sign_in import sessions_of, sign_in
from points.community.access.tokens import create_token, tokens_of
from points.community.grants import propose_role
from points.notices.post import notify
from points.notices.reading import notices_of
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
from talentmap.activities.proposals import propose
from tests.cast import Cast
from tests.points.service.scene import adopt
from web import clock

ROLES: Mapping[str, str] = {
    "resident": "he_min",
    "volunteer": "jin_xiuzhen",
    "stairwell_leader": "lu_xiuying",
    "organizer": "wang_fang",
    "committee_member": "zhou_jianguo",
    "steward": "chen_jing",
    "steward_elsewhere": "xu_jing",
}
HOLDERS = frozenset(ROLES)
ALL = HOLDERS | {"anonymous"}
HERE = frozenset({"stairwell_leader", "organizer", "committee_member", "steward"})
ENROLLERS = frozenset({"stairwell_leader", "organizer", "steward"})
SECONDS = frozenset({"committee_member", "steward"})
STEWARD = frozenset({"steward"})
ELSEWHERE = frozenset({"steward_elsewhere"})
LEADER = frozenset({"stairwell_leader"})
MEMBER = frozenset({"committee_member"})
PLANNERS = frozenset({"organizer", "steward"})
GUARDIAN = frozenset({"resident"})
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Entry:
    """Who may, and what the form says."""

    may: frozenset[str]
    form: Mapping[str, object] = field(default_factory=dict)
    query: str = ""
    ends_session: bool = False


CHILD = {"person_id": "{child_id}", "purpose": "photos"}
REASON = {"reason": "因为需要"}
POLICY = {
    "effective_from": "2099-01-01",
    "points_per_hour": 10,
    "day_cap_points": 60,
    "month_cap_points": 300,
    "year_cap_points": 2400,
    "adopted_on": "2026-01-10",
    "adopted_by_body": "居民代表会议",
    "votes_for": 30,
    "votes_against": 1,
    "votes_abstained": 2,
}
ITEM = {"name": "洗手液", "kind": "goods", "price": 10}
BROUGHT_BACK = {**REASON, "condition": "good"}
ROLL = {**REASON, "person": "{person_id}", "came": "{person_id}", "minutes": 30}
MATRIX: Mapping[str, Entry] = {
    # The door.
    "GET /": Entry(ALL),
    "GET /sign-in": Entry(ALL),
    "POST /sign-in": Entry(ALL),
    "POST /sign-out": Entry(ALL, ends_session=True),
    "GET /join": Entry(ALL),
    "POST /join": Entry(ALL),
    "GET /reset": Entry(ALL),
    "POST /reset": Entry(ALL),
    "POST /preferences": Entry(ALL),
    "GET /static/{file_path:path}": Entry(ALL),
    "HEAD /static/{file_path:path}": Entry(ALL),
    # One's own.
    "GET /me": Entry(HOLDERS),
    "GET /me/preferences": Entry(HOLDERS),
    "GET /me/sessions": Entry(HOLDERS),
    "POST /me/sessions/{session_id:int}/end": Entry(NOBODY),
    "POST /me/sessions/end-all": Entry(HOLDERS, ends_session=True),
    "GET /me/password": Entry(HOLDERS),
    "POST /me/password": Entry(HOLDERS),
    "GET /me/tokens": Entry(HOLDERS),
    "POST /me/tokens": Entry(HOLDERS, {"label": "日历"}),
    "POST /me/tokens/{token_id:int}/revoke": Entry(NOBODY),
    "GET /me/consents": Entry(HOLDERS),
    # The resident of this cast answers for the child.
    "POST /me/consents/give": Entry(GUARDIAN, CHILD),
    "POST /me/consents/withdraw": Entry(GUARDIAN, CHILD),
    "GET /me/reads": Entry(HOLDERS),
    "GET /me/data": Entry(HOLDERS),
    "GET /me/export": Entry(HOLDERS),
    # Without the tick the form is only judged.
    "GET /me/close": Entry(HOLDERS),
    "POST /me/close": Entry(HOLDERS),
    # What one was told; the notice of the paths is his.
    "GET /notices": Entry(HOLDERS),
    "POST /notices/{notice_id:int}/open": Entry(NOBODY),
    "POST /notices/read": Entry(HOLDERS, {"up_to": 1}),
    "GET /me/email": Entry(HOLDERS),
    "POST /me/email": Entry(HOLDERS, {"address": "wang@example.org"}),
    "POST /me/email/confirm": Entry(HOLDERS, {"code": "22222222"}),
    "POST /me/email/remove": Entry(HOLDERS),
    # People.
    "GET /people": Entry(HERE | ELSEWHERE),
    "GET /people/new": Entry(ENROLLERS | ELSEWHERE),
    "POST /people": Entry(ENROLLERS, {"area_id": "{stairwell_id}", "name": "孙丽"}),
    "GET /people/{person_id:int}": Entry(HERE),
    "GET /people/{person_id:int}/edit": Entry(ENROLLERS),
    "POST /people/{person_id:int}/edit": Entry(ENROLLERS, {"name": "张伟"}),
    "GET /people/{person_id:int}/guardians/new": Entry(ENROLLERS),
    "POST /people/{person_id:int}/guardians": Entry(ENROLLERS, {"guardian_id": "13800000007"}),
    # Nobody answers for him, so there is nothing to end.
    "POST /people/{person_id:int}/guardians/{guardian_id:int}/end": Entry(NOBODY),
    "GET /people/{person_id:int}/move": Entry(ENROLLERS),
    "POST /people/{person_id:int}/move": Entry(ENROLLERS, {"area_id": "{stairwell_id}"}),
    "GET /people/{person_id:int}/close": Entry(STEWARD),
    "POST /people/{person_id:int}/close": Entry(STEWARD),
    "POST /people/{person_id:int}/invitation": Entry(ENROLLERS),
    "GET /people/{person_id:int}/invitation": Entry(ENROLLERS),
    "POST /people/{person_id:int}/reset": Entry(SECONDS),
    "GET /people/{person_id:int}/reset": Entry(SECONDS),
    "GET /approvals": Entry(HERE | ELSEWHERE),
    # He is proposed for a role in the whole committee, which a stairwell leader does not reach.
    "POST /codes/{code_id:int}/approve": Entry(HERE - LEADER),
    "POST /codes/{code_id:int}/refuse": Entry(HERE - LEADER),
    "GET /people/{person_id:int}/roles/new": Entry(ENROLLERS),
    "POST /people/{person_id:int}/roles": Entry(
        STEWARD, {"role": "organizer", "area_id": "{committee_id}", "starts_on": "{today}"}
    ),
    "POST /grants/{grant_id:int}/approve": Entry(SECONDS),
    "POST /grants/{grant_id:int}/revoke": Entry(STEWARD),
    # Points and service.
    "GET /policy": Entry(HOLDERS),
    "POST /policy": Entry(STEWARD | ELSEWHERE, POLICY),
    "GET /tables/people.xlsx": Entry(HERE | ELSEWHERE),
    "GET /tables/people.csv": Entry(HERE | ELSEWHERE),
    "GET /tables/service.xlsx": Entry(HERE | ELSEWHERE),
    "GET /tables/service.csv": Entry(HERE | ELSEWHERE),
    "GET /points": Entry(HOLDERS),
    "GET /points/{posting_id:int}": Entry(HERE),
    "GET /service": Entry(HOLDERS),
    "GET /service/new": Entry(HOLDERS),
    "POST /service": Entry(HOLDERS),
    "POST /service/{record_id:int}/withdraw": Entry(NOBODY),
    "GET /occasions": Entry(HOLDERS),
    "GET /occasions/new": Entry(ENROLLERS | ELSEWHERE),
    "POST /occasions": Entry(ENROLLERS | ELSEWHERE),
    "GET /occasions/{occasion_id:int}": Entry(HOLDERS),
    "GET /occasions/{occasion_id:int}/roll-call": Entry(ENROLLERS),
    "POST /occasions/{occasion_id:int}/roll-call": Entry(ENROLLERS, ROLL),
    "GET /occasions/{occasion_id:int}/roll-call/sheet": Entry(HOLDERS),
    "POST /occasions/{occasion_id:int}/cancel": Entry(PLANNERS),
    # Activities.  张伟 proposed this one; nobody is in it yet.
    "GET /activities": Entry(ALL),
    "GET /activities/mine": Entry(HOLDERS),
    "GET /activities/new": Entry(HOLDERS),
    "POST /activities": Entry(HOLDERS),
    "GET /activities/{activity_id:int}": Entry(ALL),
    "POST /activities/{activity_id:int}/sign-up": Entry(HOLDERS),
    "POST /activities/{activity_id:int}/withdraw": Entry(
        ENROLLERS, {"person_id": "{person_id}", **REASON}
    ),
    "GET /activities/{activity_id:int}/neighbours": Entry(ENROLLERS | ELSEWHERE),
    "POST /activities/{activity_id:int}/neighbours": Entry(
        ENROLLERS, {"person_id": "{person_id}", **REASON}
    ),
    "POST /activities/{activity_id:int}/neighbours/withdraw": Entry(
        ENROLLERS, {"person_id": "{person_id}", **REASON}
    ),
    "POST /activities/{activity_id:int}/cancel": Entry(PLANNERS, REASON),
    # A stairwell leader calls the roll of what takes place in her stairwell.
    "GET /activities/{activity_id:int}/roll-call": Entry(PLANNERS),
    "POST /activities/{activity_id:int}/roll-call": Entry(PLANNERS),
    "GET /activities/{activity_id:int}/roll-call/sheet": Entry(PLANNERS),
    "POST /activities/{activity_id:int}/pledges/ask": Entry(
        PLANNERS, {"item_id": 1, "quantity": 1}
    ),
    "POST /activities/{activity_id:int}/pledges": Entry(HOLDERS, {"points": 1}),
    "POST /activities/{activity_id:int}/pledges/take-back": Entry(HOLDERS),
    "POST /activities/{activity_id:int}/pledges/pay": Entry(HOLDERS),
    "GET /confirm": Entry(ENROLLERS | ELSEWHERE),
    "POST /confirm": Entry(ENROLLERS | ELSEWHERE),
    "GET /confirm/{record_id:int}": Entry(PLANNERS),
    # The organizer of this cast planned the occasion herself.
    "POST /confirm/{record_id:int}/refuse": Entry(STEWARD, REASON),
    "POST /confirm/{record_id:int}/void": Entry(STEWARD, REASON),
    # Rewards.
    "GET /rewards": Entry(HOLDERS),
    "GET /rewards/{item_id:int}": Entry(HOLDERS),
    "GET /rewards/{item_id:int}/photo": Entry(HOLDERS),
    "POST /rewards/{item_id:int}/request": Entry(HOLDERS),
    "GET /redemptions": Entry(HOLDERS),
    "GET /redemptions/{redemption_id:int}": Entry(HERE),
    "POST /redemptions/{redemption_id:int}/cancel": Entry(NOBODY),
    "POST /redemptions/{redemption_id:int}/stand-in": Entry(STEWARD, {"person_no": "13800000007"}),
    "POST /redemptions/{redemption_id:int}/return": Entry(PLANNERS, BROUGHT_BACK),
    # Whoever stands in votes without a role; the page is empty for everybody else.
    "GET /committee": Entry(HOLDERS),
    "GET /committee/open": Entry(HOLDERS),
    "POST /committee/{redemption_id:int}/vote": Entry(MEMBER, {"choice": "approve"}),
    "GET /committee/minutes": Entry(SECONDS | ELSEWHERE),
    "GET /committee/minutes.pdf": Entry(SECONDS | ELSEWHERE),
    "GET /pickup": Entry(ENROLLERS | ELSEWHERE),
    "POST /pickup/photo": Entry(ENROLLERS | ELSEWHERE),
    "POST /pickup/hand-over": Entry(ENROLLERS | ELSEWHERE),
    "GET /pickup/deliveries": Entry(ENROLLERS | ELSEWHERE),
    "GET /catalogue": Entry(PLANNERS | MEMBER | ELSEWHERE),
    "GET /catalogue/new": Entry(PLANNERS | ELSEWHERE),
    "POST /catalogue": Entry(PLANNERS | ELSEWHERE),
    "GET /catalogue/{item_id:int}": Entry(PLANNERS | MEMBER | ELSEWHERE),
    "GET /catalogue/{item_id:int}/edit": Entry(PLANNERS | ELSEWHERE),
    "POST /catalogue/{item_id:int}/edit": Entry(PLANNERS, ITEM),
    "POST /catalogue/{item_id:int}/adopt": Entry(SECONDS),
    "POST /catalogue/{item_id:int}/photo": Entry(PLANNERS | ELSEWHERE),
    "POST /catalogue/{item_id:int}/stock": Entry(
        PLANNERS, {**REASON, "change": "receive", "quantity": 1}
    ),
    "POST /catalogue/{item_id:int}/retire": Entry(PLANNERS | MEMBER),
}


async def furnish(cast: Cast, *, password: str, password_hash: str) -> Mapping[str, object]:
    """What the paths and forms name; all of it is 张伟's."""
    now = clock.now()
    today = clock.today("Asia/Shanghai")
    him = cast.zhang_wei
    await store_password(person_id=him, password_hash=password_hash, now=now)
    await create_token(person_id=him, label="x", scopes=("read",), days=9, now=now)
    await issue_reset(actor_id=cast.li_guoqiang, person_id=him, now=now)
    [code] = await codes_waiting(actor_id=cast.chen_jing, today=today, now=now)
    for book_id in (cast.book, cast.other_book):
        await adopt(book_id, Terms())
    [token] = await tokens_of(him, now)
    occasions = [await _occasion(cast, now, hours_ago) for hours_ago in (2, 4)]
    records = [
        await _record(him, one, now, ago) for one, ago in zip(occasions, (2, 4), strict=True)
    ]
    confirmed = await confirm_record(actor_id=cast.chen_jing, record_id=records[1], now=now)
    return {
        "occasion_id": occasions[0],
        "activity_id": await _activity(cast, now),
        "record_id": records[0],
        "posting_id": confirmed.posting_id,
        "session_id": await _session(him, password, now),
        "person_id": him,
        "child_id": cast.he_xiaoyu,
        "guardian_id": cast.he_min,
        "stairwell_id": cast.stairwell_11,
        "committee_id": cast.committee,
        "today": today.isoformat(),
        "code_id": code.code_id,
        "token_id": token.id,
        "grant_id": await _proposal(cast, now),
        "notice_id": await _notice(him, now),
        "file_path": "linli.css",
        **await _asked_for(cast, now),
    }


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
