"""Who may look for talents, be one, write to one, and recognise one.

The talent of the paths is 张伟, shown to his neighbourhood; the message is one that 何敏 wrote him.
"""

from collections.abc import Mapping
from datetime import datetime

from points.community.people import enrol
from points.community.reads import log_proxy
from talentmap.talents.profiles import save_profile, set_skills, set_visibility
from talentmap.talents.relay import send
from talentmap.talents.rules import LISTED_LEAST
from tests.cast import Cast
from tests.web.access_entry import (
    ALL,
    ELSEWHERE,
    ENROLLERS,
    GUARDIAN,
    HOLDERS,
    NOBODY,
    PLANNERS,
    Entry,
)

NEIGHBOURS = HOLDERS - ELSEWHERE
SKILL = {"skill_code": "piano"}
TEA = {"code": "tea", "level": "teach"}
TALENTS: Mapping[str, Entry] = {
    "GET /talents": Entry(ALL),
    "GET /talents/near": Entry(ALL),
    "GET /talents/{person_id:int}": Entry(NEIGHBOURS),
    "POST /talents/{person_id:int}/write": Entry(NEIGHBOURS, {"text": "能教我弹琴吗？"}),
    # Of all roles, only the resident is one of the two.
    "GET /talents/messages/{message_id:int}": Entry(GUARDIAN),
    "POST /talents/messages/{message_id:int}/answer": Entry(frozenset(), {"text": "好的"}),
    "POST /talents/messages/{message_id:int}/report": Entry(frozenset()),
    "GET /talents/{person_id:int}/recognise": Entry(PLANNERS),
    "POST /talents/{person_id:int}/recognise": Entry(PLANNERS, SKILL),
    "POST /talents/{person_id:int}/unrecognise": Entry(PLANNERS, SKILL),
    "GET /me/talent": Entry(HOLDERS),
    "POST /me/talent": Entry(HOLDERS, {"nickname": "阿姨"}),
    "GET /me/talent/skills": Entry(HOLDERS),
    "POST /me/talent/skills": Entry(HOLDERS, TEA),
    "POST /me/talent/visibility": Entry(HOLDERS, {"visibility": "self"}),
    "POST /me/talent/hide": Entry(HOLDERS),
}


# Last of all, so that who is shown for the lines above stays so.
_OF_ANOTHER: Mapping[str, Entry] = {
    "POST /people/{person_id:int}/talent/open": Entry(ENROLLERS, {"reason": "没有手机"}),
    "GET /people/{person_id:int}/talent": Entry(ENROLLERS),
    "POST /people/{person_id:int}/talent": Entry(ENROLLERS, {"nickname": "阿伟", "reason": "代写"}),
    "GET /people/{person_id:int}/talent/skills": Entry(ENROLLERS),
    "POST /people/{person_id:int}/talent/skills": Entry(ENROLLERS, {**TEA, "reason": "代写"}),
    "GET /people/{person_id:int}/talent/agreement": Entry(ENROLLERS),
    "POST /people/{person_id:int}/talent/visibility": Entry(
        ENROLLERS, {"visibility": "self", "reason": "代写"}
    ),
    "POST /people/{person_id:int}/talent/hide": Entry(ENROLLERS, {"reason": "本人要求"}),
}
API_TALENTS_FOR: Mapping[str, Entry] = {
    route.replace(" /", " /api/"): entry
    for route, entry in _OF_ANOTHER.items()
    if not route.endswith(("GET /people/{person_id:int}/talent/skills", "/agreement"))
}
TALENTS_FOR: Mapping[str, Entry] = {**_OF_ANOTHER, **API_TALENTS_FOR}
API_TALENTS: Mapping[str, Entry] = {
    "GET /api/skills": Entry(ALL),
    "GET /api/talents": Entry(ALL),
    "GET /api/talents/near": Entry(ALL),
    "GET /api/talents/{person_id:int}": Entry(NEIGHBOURS),
    "POST /api/talents/{person_id:int}/write": Entry(NEIGHBOURS, {"text": "能教我弹琴吗？"}),
    "GET /api/talents/messages": Entry(HOLDERS),
    "GET /api/talents/messages/{message_id:int}": Entry(GUARDIAN),
    "POST /api/talents/messages/{message_id:int}/answer": Entry(NOBODY, {"text": "好的"}),
    "POST /api/talents/messages/{message_id:int}/report": Entry(NOBODY),
    "GET /api/talents/{person_id:int}/recognition": Entry(PLANNERS),
    "POST /api/talents/{person_id:int}/recognise": Entry(PLANNERS, SKILL),
    "POST /api/talents/{person_id:int}/unrecognise": Entry(PLANNERS, SKILL),
    "GET /api/me/talent": Entry(HOLDERS),
    "POST /api/me/talent": Entry(HOLDERS, {"nickname": "阿姨"}),
    "POST /api/me/talent/skills": Entry(HOLDERS, TEA),
    "POST /api/me/talent/visibility": Entry(HOLDERS, {"visibility": "self"}),
    "POST /api/me/talent/hide": Entry(HOLDERS),
}


async def talented(cast: Cast, now: datetime) -> dict[str, object]:
    """张伟 and enough others with him, so that he is shown; and a message to him."""
    others = [
        await enrol(name="邻居", area_id=cast.stairwell_11, now=now, actor_id=None)
        for _ in range(LISTED_LEAST - 1)
    ]
    for person_id in (cast.zhang_wei, *others):
        await save_profile(person_id=person_id, nickname="阿伟", about="", times=(), now=now)
        await set_skills(person_id=person_id, levels={"piano": "teach"}, now=now)
        await set_visibility(person_id=person_id, visibility="neighbourhood", agrees=True, now=now)
    sent = await send(
        sender_id=cast.he_min, talent_id=cast.zhang_wei, text="能教我弹琴吗？", now=now
    )
    # The steward has said why, so that her page shows the whole profile.
    await log_proxy(
        actor_id=cast.chen_jing, person_id=cast.zhang_wei, action="talent_open", reason="代写",
        now=now,
    )  # fmt: skip
    return {"message_id": sent}
