"""One activity as somebody sees it: what it is, who comes, and what she can do there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from litestar import Response

from points.community.areas import day_in
from points.community.guardians import children_of
from points.community.roles import ENROLLERS
from points.rewards.shelf import shelf
from points.service.authority import PLANNING_ROLES, ROLL_CALL_ROLES, roles_over
from talentmap.activities.participants import SignupLine, signups
from talentmap.activities.pledges import PAYERS, PledgeView, pledges
from talentmap.activities.rules import OPEN, PARTY_MOST
from talentmap.activities.views import ActivityView, activity
from web import clock
from web.activity_words import ATTENDANCES, CLASSES, card, category_word, standing
from web.auth import Me, WebRequest
from web.forms import Filled
from web.invitations import qr_image
from web.pages import page, words


@dataclass(frozen=True, slots=True)
class Crowd:
    """Who comes, as far as this person may read it; ``free`` are those she can still sign up."""

    lines: Sequence[SignupLine] = ()
    free: Sequence[tuple[int, str]] = ()

    @property
    def mine(self) -> list[SignupLine]:
        """One's own sign-up and those of one's children."""
        return [line for line in self.lines if line.is_mine]


@dataclass(frozen=True, slots=True)
class May:
    """What the page offers; the domain decides again when it is asked for."""

    sign_up: bool = False
    sign_up_others: bool = False
    cancel: bool = False
    call_roll: bool = False
    print_sheet: bool = False
    ask: bool = False
    pledge: bool = False
    take_back: bool = False
    pay: bool = False


async def activity_again(request: WebRequest, activity_id: int, filled: Filled) -> Response[Any]:
    """The page, with what was wrong in a form that stands on it."""
    me, now = request.user.me, clock.now()
    held = await activity(activity_id, now=now, viewer_id=me.person_id if me else None)
    crowd = await _crowd(request, me, held) if me else Crowd()
    asked = await pledges(activity_id=held.id, viewer_id=me.person_id if me else None)
    may = await _may(me, held, crowd, asked) if me else May()
    url = request.url
    address = f"{url.scheme}://{url.netloc}/activities/{held.id}"
    return page(
        request, "activities/detail.html", status=filled.status, form=filled, activity=held,
        card=card(request, held), crowd=crowd, pledges=asked, address=address,
        may=may, items=await _items(me, held) if me and may.ask else (), party_most=PARTY_MOST,
        category=category_word(request, held.category), qr=qr_image(address),
        attendances=ATTENDANCES, class_word=words(request).gettext(CLASSES[held.activity_class]),
    )  # fmt: skip


async def _crowd(request: WebRequest, me: Me, held: ActivityView) -> Crowd:
    lines = await signups(actor_id=me.person_id, activity_id=held.id, now=clock.now())
    taken = {line.person_id for line in lines if line.is_mine}
    today = clock.today(request.user.time_zone)
    children = await children_of(me.person_id, today)
    family = [(me.person_id, me.name), *((one.person_id, one.name) for one in children)]
    return Crowd(lines, [one for one in family if one[0] not in taken])


async def _items(me: Me, held: ActivityView) -> list[tuple[int, str]]:
    """What points can be pledged for: everything of the catalogue that has a price."""
    if held.book_id is None:
        return []
    found = await shelf(book_id=held.book_id, person_id=me.person_id, now=clock.now())
    return [(one.id, f"{one.name} · {one.price}") for one in found if one.price]


async def _may(me: Me, held: ActivityView, crowd: Crowd, asked: PledgeView | None) -> May:
    now, is_open = clock.now(), held.state in OPEN and standing(held, clock.now()) != "lapsed"
    today = await day_in(held.area_id, now)
    roles = await roles_over(person_id=me.person_id, area_id=held.area_id, today=today)
    leads = me.person_id in (held.proposer_id, held.talent_id)
    charge = me.person_id == held.proposer_id or bool(roles & set(ROLL_CALL_ROLES))
    plans = bool(roles & set(PLANNING_ROLES))
    rolls = (plans and held.state in ("confirmed", "done")) or (leads and held.state == "confirmed")
    return May(
        sign_up=held.may_sign_up and bool(crowd.free),
        sign_up_others=held.may_withdraw and bool(me.roles & set(ENROLLERS)),
        cancel=charge and is_open,
        call_roll=rolls and held.starts_at <= now,
        print_sheet=(plans or leads) and is_open,
        ask=charge and is_open and asked is None,
        **_pledging(me, held, asked, roles, leads=leads),
    )


def _pledging(
    me: Me, held: ActivityView, asked: PledgeView | None, roles: frozenset[str], *, leads: bool
) -> dict[str, bool]:
    if asked is None or asked.paid or held.state not in OPEN:
        return {}
    full = asked.held >= asked.goal
    return {
        "pledge": not asked.mine and not full and held.may_withdraw,
        "take_back": bool(asked.mine),
        "pay": full
        and held.state == "confirmed"
        and not leads
        and not asked.mine
        and bool(roles & set(PAYERS)),
    }
