"""Who may call what of the API; the forms are JSON bodies."""

from collections.abc import Mapping

from tests.web.access_entry import ALL, GUARDIAN, HOLDERS, NOBODY, Entry

CHILD = {"person_id": "{child_id}", "purpose": "photos"}
API: Mapping[str, Entry] = {
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
}
