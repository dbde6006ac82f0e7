"""Build the demo neighbourhood in the bound, empty database."""

import secrets
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from points.community.access.codes import issue_invitation, redeem_code
from points.community.grants import propose_role
from points.ledger.sealing.seals import seal_due
from points.outlook.pledges import promise
from points.outlook.reckoning import reckon
from web.cli.cards import Card
from web.demo.calendar import first_week
from web.demo.gatherings import gatherings_of
from web.demo.people import TIME_ZONE
from web.demo.rewards import Market
from web.demo.settle import Neighbour, Progress, Settled, settle
from web.demo.story import elder_of, story_of
from web.demo.talents import show_talents

# Without what is easily mistaken for something else on paper.
EASY_TO_READ = "abcdefghjkmnpqrstuvwxyz23456789"
PASSWORD_CHARACTERS = 10


async def build_demo(*, now: datetime, tell: Progress) -> list[Card]:
    """Found it, tell three months of its story, and hand out sign-in cards."""
    zone = ZoneInfo(TIME_ZONE)
    founded = datetime.combine(
        first_week(now.astimezone(zone).date()) - timedelta(days=10), time(10), zone
    )
    places = await settle(now=founded, today=founded.date(), tell=tell)
    for number, place in enumerate(places):
        await story_of(place, number=number, now=now).tell(tell)
    await gatherings_of(places[0], now=now).tell()
    await show_talents(places, now=now)
    market = Market(place=places[0], now=now, items={})
    await market.stock_up()
    await market.trade(elder_of(places[0]))
    await _left_waiting(places[0], now)
    await _promised(places[0], now)
    await reckon(now=now)
    await seal_due(now)
    return await _cards(places[0], now)


async def _promised(place: Settled, now: datetime) -> None:
    """What a shop round the corner will bring, so that the outlook has something to count on."""
    await promise(
        actor_id=place.stewards[0].id, book_id=place.book_id, sponsor="街角面馆",
        points=3000, due_on=now.date() + timedelta(days=20), note="挂面一百斤", now=now,
    )  # fmt: skip


async def _left_waiting(place: Settled, now: datetime) -> None:
    """A role that waits for its second person, so that the stewards' page has work."""
    await propose_role(
        actor_id=place.stewards[0].id,
        person_id=place.members[0].id,
        role="organizer",
        area_id=place.area_id,
        starts_on=now.date() + timedelta(days=1),
        ends_on=None,
        now=now,
    )


async def _cards(place: Settled, now: datetime) -> list[Card]:
    """One card for each of the four front doors and their neighbours."""
    leader = place.leaders[0]
    holders = [
        ("volunteer", elder_of(place)),
        ("stairwell_leader", leader),
        ("organizer", place.organizers[0]),
        ("committee_member", place.members[0]),
        ("steward", place.stewards[0]),
        ("steward", place.stewards[1]),
    ]
    return [await _card(role, holder, now) for role, holder in holders]


async def _card(role: str, holder: Neighbour, now: datetime) -> Card:
    password = "".join(secrets.choice(EASY_TO_READ) for _ in range(PASSWORD_CHARACTERS))
    code = await issue_invitation(actor_id=None, person_id=holder.id, now=now)
    await redeem_code(code=code, password=password, now=now)
    resident = holder.resident
    return Card(
        name=resident.name,
        role=role,
        login=resident.phone or resident.card_no,
        password=password,
    )
