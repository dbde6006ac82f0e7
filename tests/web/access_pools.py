"""Who may enter which page of pools, gifts and grants, or send which form."""

from collections.abc import Mapping

from tests.web.access_entry import HOLDERS, NOBODY, SECONDS, Entry

ADOPTERS = SECONDS | {"steward_elsewhere"}
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
}
