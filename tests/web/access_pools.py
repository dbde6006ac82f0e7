"""Who may enter which page of pools, gifts and grants, or send which form."""

from collections.abc import Mapping

from tests.web.access_entry import HERE, HOLDERS, MEMBER, NOBODY, SECONDS, Entry

ADOPTERS = SECONDS | {"steward_elsewhere"}
# The leader of a stairwell has no duty over what the whole committee plans.
DUTY = HERE - {"stairwell_leader"}
DECISION = {"choice": "reject", "reason": "签到表上有"}
GRANT = {"kind": "relief", "points": 5, "reason": "生病住院", "neighbour_no": "13800000006"}
POOLS: Mapping[str, Entry] = {
    "GET /pool": Entry(HOLDERS),
    "POST /pool/join": Entry(HOLDERS),
    "POST /pool/put": Entry(HOLDERS, {"put": 5}),
    "POST /pool/take": Entry(HOLDERS, {"take": 5}),
    "POST /pool/leave": Entry(HOLDERS),
    "GET /commons": Entry(HOLDERS),
    "POST /donations": Entry(HOLDERS, {"donate": 5}),
    # The gift of the paths is his, and he plays none of the roles.
    "POST /donations/{donation_id:int}/undo": Entry(NOBODY),
    "GET /commons/decisions": Entry(ADOPTERS),
    "POST /commons/decisions": Entry(ADOPTERS, GRANT),
    # Nobody decides what is not of her committee.
    "POST /commons/decisions/{decision_id:int}/decide": Entry(SECONDS, {"choice": "approve"}),
    # The record of the paths is his; whoever has a duty there may object to it, residents may not.
    "GET /disputes": Entry(HOLDERS),
    "GET /disputes/open": Entry(ADOPTERS),
    "GET /disputes/new/{record_id:int}": Entry(DUTY),
    "POST /disputes": Entry(DUTY, {"record_id": "{record_id}", "reason": "他没有来"}),
    "GET /disputes/{dispute_id:int}": Entry(SECONDS),
    # The steward confirmed this record; the member who answers first does not review as well.
    "POST /disputes/{dispute_id:int}/answer": Entry(MEMBER, DECISION),
    "POST /disputes/{dispute_id:int}/vote": Entry(NOBODY, DECISION),
    "POST /disputes/{dispute_id:int}/review": Entry(NOBODY, {"reason": "请再看看"}),
    "POST /disputes/{dispute_id:int}/withdraw": Entry(NOBODY),
}
