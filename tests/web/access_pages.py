"""Who may enter which page or send which form."""

from collections.abc import Mapping

from tests.web.access_entry import (
    ALL,
    ELSEWHERE,
    ENROLLERS,
    GUARDIAN,
    HERE,
    HOLDERS,
    LEADER,
    MEMBER,
    NOBODY,
    PLANNERS,
    SECONDS,
    STEWARD,
    Entry,
)

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
PAGES: Mapping[str, Entry] = {
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
    "GET /me/proxies": Entry(HOLDERS),
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
    "GET /points/statement.csv": Entry(HOLDERS),
    "GET /points/statement.xlsx": Entry(HOLDERS),
    "GET /points/passbook.pdf": Entry(HOLDERS),
    "GET /people/{person_id:int}/passbook.pdf": Entry(HERE),
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
    "GET /outlook": Entry(HOLDERS),
    "POST /outlook/promises": Entry(PLANNERS | ELSEWHERE, {"points": 9}),
    "POST /outlook/promises/{pledge_id:int}/close": Entry(PLANNERS),
    "POST /catalogue/{item_id:int}/retire": Entry(PLANNERS | MEMBER),
}
