"""Who may call what of the API; the forms are JSON bodies."""

from collections.abc import Mapping

from tests.web.access_entry import (
    ALL,
    ELSEWHERE,
    ENROLLERS,
    GUARDIAN,
    HERE,
    HOLDERS,
    MEMBER,
    NOBODY,
    PLANNERS,
    SECONDS,
    STEWARD,
    Entry,
)

CHILD = {"person_id": "{child_id}", "purpose": "photos"}
REASON = {"reason": "因为需要"}
HIM = {"person_id": "{person_id}", **REASON}
ROLE = {"role": "organizer", "area_id": "{committee_id}", "starts_on": "{today}"}
PLAN = {
    "title": "清洁家园",
    "category": "cleaning",
    "area_id": "{stairwell_id}",
    "starts_at": "2099-01-01T14:00:00+08:00",
    "ends_at": "2099-01-01T15:00:00+08:00",
}
ROLL = {"rows": [{"person_id": "{person_id}", "minutes": 30}], **REASON}
NOTED = {"rows": [{"person_id": "{person_id}", "attendance": "joined"}]}
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
API: Mapping[str, Entry] = {
    "GET /schema": Entry(ALL),
    "GET /schema/openapi.json": Entry(ALL),
    "GET /api/areas": Entry(ALL),
    "GET /api/areas/{area_id:int}": Entry(ALL),
    "GET /api/areas/{area_id:int}/children": Entry(ALL),
    # Oneself.
    "GET /api/me": Entry(HOLDERS),
    "POST /api/me/preferences": Entry(HOLDERS, {"elder_mode": False}),
    # 张伟 is nobody's child.
    "GET /api/people/{person_id:int}/consents": Entry(NOBODY),
    "POST /api/me/consents/give": Entry(GUARDIAN, CHILD),
    "POST /api/me/consents/withdraw": Entry(GUARDIAN, CHILD),
    "GET /api/me/reads": Entry(HOLDERS),
    "GET /api/me/proxies": Entry(HOLDERS),
    "GET /api/me/tokens": Entry(HOLDERS),
    "POST /api/me/tokens/{token_id:int}/revoke": Entry(NOBODY),
    "GET /api/notices": Entry(HOLDERS),
    "GET /api/notices/unread": Entry(HOLDERS),
    "POST /api/notices/read": Entry(HOLDERS, {"up_to": 1}),
    # People.
    "GET /api/people": Entry(HERE | ELSEWHERE),
    "POST /api/people": Entry(ENROLLERS, {"area_id": "{stairwell_id}", "name": "孙丽"}),
    "GET /api/people/{person_id:int}": Entry(HERE),
    "POST /api/people/{person_id:int}/edit": Entry(ENROLLERS, {"name": "张伟"}),
    "POST /api/people/{person_id:int}/move": Entry(ENROLLERS, {"area_id": "{stairwell_id}"}),
    # The domain is not asked before the body says that it is understood.
    "POST /api/people/{person_id:int}/close": Entry(STEWARD | ELSEWHERE, {"understood": "no"}),
    "POST /api/people/{person_id:int}/guardians": Entry(
        ENROLLERS, {"guardian_id": "{guardian_id}"}
    ),
    "POST /api/people/{person_id:int}/guardians/{guardian_id:int}/end": Entry(NOBODY),
    "POST /api/people/{person_id:int}/roles": Entry(STEWARD, ROLE),
    "GET /api/approvals": Entry(HERE | ELSEWHERE),
    "POST /api/grants/{grant_id:int}/approve": Entry(SECONDS),
    "POST /api/grants/{grant_id:int}/revoke": Entry(STEWARD),
    # Service.
    "GET /api/occasions": Entry(HOLDERS),
    "GET /api/occasions/to-log": Entry(HOLDERS),
    "POST /api/occasions": Entry(ENROLLERS, PLAN),
    "GET /api/occasions/{occasion_id:int}": Entry(HOLDERS),
    "GET /api/occasions/{occasion_id:int}/records": Entry(HOLDERS),
    "POST /api/occasions/{occasion_id:int}/roll-call": Entry(ENROLLERS, ROLL),
    "POST /api/occasions/{occasion_id:int}/cancel": Entry(PLANNERS),
    "GET /api/service": Entry(HOLDERS),
    "POST /api/service": Entry(HOLDERS),
    "GET /api/service/{record_id:int}": Entry(PLANNERS),
    "POST /api/service/{record_id:int}/withdraw": Entry(NOBODY),
    "GET /api/waiting": Entry(ENROLLERS | ELSEWHERE),
    "POST /api/confirm": Entry(ENROLLERS | ELSEWHERE),
    # The organizer of this cast planned the occasion herself.
    "POST /api/service/{record_id:int}/refuse": Entry(STEWARD, REASON),
    "POST /api/service/{record_id:int}/void": Entry(STEWARD, REASON),
    # Points.
    "GET /api/books": Entry(HOLDERS),
    "GET /api/balances": Entry(HOLDERS),
    "GET /api/statement": Entry(HOLDERS),
    "GET /api/postings/{posting_id:int}": Entry(HERE),
    "GET /api/outlook": Entry(HOLDERS),
    "GET /api/policy": Entry(HOLDERS),
    "POST /api/policy": Entry(STEWARD | ELSEWHERE, POLICY),
    # Activities.
    "GET /api/activities": Entry(ALL),
    "GET /api/activities/mine": Entry(HOLDERS),
    "GET /api/activities/proposed": Entry(HOLDERS),
    "POST /api/activities": Entry(HOLDERS),
    "GET /api/activities/{activity_id:int}": Entry(ALL),
    "GET /api/activities/{activity_id:int}/sign-ups": Entry(HOLDERS),
    "POST /api/activities/{activity_id:int}/sign-up": Entry(ENROLLERS, HIM),
    "POST /api/activities/{activity_id:int}/withdraw": Entry(ENROLLERS, HIM),
    "POST /api/activities/{activity_id:int}/cancel": Entry(PLANNERS, REASON),
    "POST /api/activities/{activity_id:int}/roll-call": Entry(PLANNERS, NOTED),
    "GET /api/activities/{activity_id:int}/pledges": Entry(ALL),
    "POST /api/activities/{activity_id:int}/pledges/ask": Entry(PLANNERS, {"item_id": 1}),
    "POST /api/activities/{activity_id:int}/pledges": Entry(HOLDERS, {"points": 1}),
    "POST /api/activities/{activity_id:int}/pledges/take-back": Entry(HOLDERS),
    "POST /api/activities/{activity_id:int}/pledges/pay": Entry(HOLDERS),
    # Rewards.
    "GET /api/rewards": Entry(HOLDERS),
    "GET /api/rewards/{item_id:int}": Entry(HOLDERS),
    "POST /api/rewards/{item_id:int}/request": Entry(HOLDERS),
    "GET /api/redemptions": Entry(HOLDERS),
    "GET /api/redemptions/{redemption_id:int}": Entry(HERE),
    "GET /api/redemptions/{redemption_id:int}/code": Entry(NOBODY),
    "POST /api/redemptions/{redemption_id:int}/cancel": Entry(NOBODY),
    "POST /api/redemptions/{redemption_id:int}/stand-in": Entry(
        STEWARD, {"person_id": "{guardian_id}"}
    ),
    "POST /api/redemptions/{redemption_id:int}/return": Entry(
        PLANNERS, {"condition": "good", **REASON}
    ),
    # Whoever stands in votes without a role; the list is empty for everybody else.
    "GET /api/committee": Entry(HOLDERS),
    "POST /api/committee/{redemption_id:int}/vote": Entry(MEMBER, {"choice": "approve"}),
    "GET /api/committee/minutes": Entry(SECONDS | ELSEWHERE),
    "GET /api/pickup": Entry(ENROLLERS | ELSEWHERE),
    "POST /api/pickup/hand-over": Entry(ENROLLERS | ELSEWHERE),
    "GET /api/pickup/deliveries": Entry(ENROLLERS | ELSEWHERE),
    "GET /api/catalogue": Entry(PLANNERS | MEMBER | ELSEWHERE),
    "GET /api/catalogue/drafts": Entry(PLANNERS | MEMBER | ELSEWHERE),
    "POST /api/catalogue": Entry(PLANNERS | ELSEWHERE),
    "GET /api/catalogue/{item_id:int}": Entry(PLANNERS | MEMBER | ELSEWHERE),
    "POST /api/catalogue/{item_id:int}/edit": Entry(PLANNERS, ITEM),
    "POST /api/catalogue/{item_id:int}/adopt": Entry(SECONDS),
    "GET /api/catalogue/{item_id:int}/stock": Entry(PLANNERS),
    "POST /api/catalogue/{item_id:int}/stock": Entry(
        PLANNERS, {**REASON, "change": "receive", "quantity": 1}
    ),
    "POST /api/catalogue/{item_id:int}/retire": Entry(PLANNERS | MEMBER),
}
