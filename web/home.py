"""The front door: the neighbourhood's face, or the page that the person who comes in needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from litestar import Response, get
from litestar.types import ControllerRouterHandler

from points.community import grants
from points.community.access import codes
from points.community.roles import SECONDS
from points.ledger.rules import NEVER
from points.ledger.statement import Balances
from points.service.authority import DECIDING_ROLES
from points.service.occasions import OccasionView, occasions
from points.service.record_views import RecordView, count_waiting, my_records
from web import clock
from web.activity_front import front_of
from web.auth import Me, WebRequest
from web.pages import page, words
from web.points_pages import standing_of
from web.reward_front import rewards_of

SHOWN = 3
TODAY_MAX = 20


@dataclass(frozen=True, slots=True)
class Front:
    """What somebody finds on coming in.  ``waiting`` is None for those who confirm nothing."""

    balances: Balances
    pending: Sequence[RecordView]
    coming: Sequence[OccasionView]
    today: Sequence[OccasionView]
    waiting: int | None
    approvals: int | None


@get("/")
async def home(request: WebRequest) -> Response[Any]:
    """The page that the person who comes in needs."""
    if request.user.me is None:
        return page(request, "home/public.html", activities=await front_of(request, None))
    front = await _front(request, request.user.me)
    return page(
        request, "home/mine.html", front=front, never=NEVER, staff=request.user.me.is_staff,
        activities=await front_of(request, request.user.me),
        rewards=await rewards_of(request.user.me),
    )  # fmt: skip


ROUTES: list[ControllerRouterHandler] = [home]


async def _front(request: WebRequest, me: Me) -> Front:
    now = clock.now()
    coming = await occasions(area_id=me.area_id, when="upcoming", now=now, limit=SHOWN + 1)
    decides = me.roles & set(DECIDING_ROLES)
    return Front(
        balances=await standing_of(me.person_id),
        pending=await my_records(person_id=me.person_id, now=now, state="logged", limit=SHOWN),
        coming=[one for one in coming if not one.cancelled][:SHOWN],
        today=await _today(request, me) if decides else (),
        waiting=await count_waiting(actor_id=me.person_id, now=now) if decides else None,
        approvals=await _approvals(request, me) if me.roles & set(SECONDS) else None,
    )


async def _today(request: WebRequest, me: Me) -> list[OccasionView]:
    """What takes place today where the person holds a role, or begins there tonight."""
    found: dict[int, OccasionView] = {}
    now, today, local = clock.now(), clock.today(request.user.time_zone), words(request).local
    for area_id in me.staff_areas:
        for when in ("past", "upcoming"):
            near = await occasions(area_id=area_id, when=when, now=now, limit=TODAY_MAX)
            found |= {one.id: one for one in near if local(one.starts_at).date() == today}
    return sorted(
        (one for one in found.values() if not one.cancelled), key=lambda one: one.starts_at
    )


async def _approvals(request: WebRequest, me: Me) -> int:
    """How many roles and password resets wait for this person as the second one."""
    today = clock.today(request.user.time_zone)
    proposals = await grants.proposals_for(actor_id=me.person_id, today=today)
    resets = await codes.codes_waiting(actor_id=me.person_id, today=today, now=clock.now())
    return len(proposals) + len(resets)
