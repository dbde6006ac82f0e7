"""Neighbours who show what they can do: building by building, each in her own way."""

import random
from datetime import datetime, timedelta
from typing import Final

from points.community.access.passwords import NOBODY, store_password
from points.transactions import run
from talentmap.talents.profiles import save_profile, set_skills, set_visibility
from talentmap.talents.publication import refine_due
from talentmap.talents.recognition import recognise
from talentmap.talents.relay import answer, send
from talentmap.talents.rules import LISTED_LEAST
from talentmap.talents.times import TIMES
from web.demo.settle import SEED, Neighbour, Settled
from web.demo.story import elder_of

# How many show themselves in a building; what most of a building choose goes round as well.
SIZES: Final = (8, 7, 9, 6)
USUAL: Final = ("public", "neighbourhood", "public")
# Beside the usual ones, one of each building chooses for herself.
OTHERS: Final = ("neighbourhood", "self", "public", "stairwell")
ELDER_SKILLS: Final = (
    "tai_chi baduanjin calligraphy shanghai_opera dumplings gardening knitting erhu chess haircut "
    "sachet folk_dance storytelling shanghainese umbrella_repair paper_cutting choir local_cooking"
).split()
YOUNGER_SKILLS: Final = (
    "phone_photography appliance_repair english baking photography legal_advice first_aid piano "
    "smartphone_help homework flower_arranging badminton yoga computer video_editing "
    "blood_pressure mediation electric bicycle_repair gardening"
).split()
ABOUT: Final = (
    "",
    "练了十几年，愿意带着大家一起学。",
    "退休在家，时间多，欢迎来问。",
    "会一点，想找同好一起练。",
    "周末有空，可以上门帮忙。",
    "",
)


async def show_talents(places: list[Settled], *, now: datetime) -> None:
    """About a hundred and forty profiles, most of them old enough to be shown by the building."""
    dice = random.Random(SEED)
    since = now - timedelta(days=40)
    buildings: dict[tuple[int, str], list[Neighbour]] = {}
    for place in places:
        for one in place.neighbours:
            if one.is_adult(now.date()):
                # Two or three stairwells of one building follow each other in number.
                buildings.setdefault((place.area_id, _building(place, one)), []).append(one)
    for number, residents in enumerate(buildings.values()):
        await _building_shows(residents, number, dice, since)
    await _the_elder(places[0], since)
    await _they_sign_in(places[0], since)
    for days in (8, 16, 24, 32):
        await refine_due(since + timedelta(days=days))
    await _recognised(places, dice, since)
    await _written(places[0], now)


def _building(place: Settled, one: Neighbour) -> str:
    """The building of a neighbour, by counting the stairwells of the committee."""
    stairwells = list(dict.fromkeys(n.stairwell_id for n in place.neighbours))
    counts = [e.stairwells for e in place.committee.estates for _ in range(e.buildings)]
    at = stairwells.index(one.stairwell_id)
    for number, count in enumerate(counts):
        if at < count:
            return str(number)
        at -= count
    raise AssertionError("a neighbour lives in one of the stairwells")


async def _building_shows(
    residents: list[Neighbour], number: int, dice: random.Random, since: datetime
) -> None:
    size = min(SIZES[number % len(SIZES)], len(residents))
    for index, one in enumerate(dice.sample(residents, size)):
        alone = index >= LISTED_LEAST and index % 3 == 2
        visibility = OTHERS[number % 4] if alone else USUAL[number % 3]
        await _shows(one, visibility, dice, since)


async def _shows(one: Neighbour, visibility: str, dice: random.Random, since: datetime) -> None:
    elder = since.year - one.resident.birth_date.year >= 60
    skills = dice.sample(ELDER_SKILLS if elder else YOUNGER_SKILLS, dice.choice((1, 2, 2, 3)))
    levels = {code: dice.choice(("interest", "teach", "teach", "certified")) for code in skills}
    called = (
        dice.choice(("阿姨", "老师", "爷叔", "师傅"))
        if elder
        else dice.choice(("老师", "师傅", "姐", "哥"))
    )
    await save_profile(
        person_id=one.id,
        nickname=f"{one.resident.name[0]}{called}",
        about=dice.choice(ABOUT),
        times=dice.sample(TIMES, dice.choice((1, 2, 3))),
        now=since,
    )
    await set_skills(person_id=one.id, levels=levels, now=since)
    if visibility != "self":
        await set_visibility(person_id=one.id, visibility=visibility, agrees=True, now=since)


async def _the_elder(place: Settled, since: datetime) -> None:
    """The volunteer of the sign-in card teaches tai chi to her neighbourhood."""
    elder = elder_of(place)
    await save_profile(
        person_id=elder.id,
        nickname=f"太极{elder.resident.name[0]}老师",
        about="每天早上在小区花园打太极，欢迎一起来。",
        times=("weekday_morning", "weekend_morning"),
        now=since,
    )
    await set_skills(
        person_id=elder.id, levels={"tai_chi": "teach", "calligraphy": "interest"}, now=since
    )
    await set_visibility(person_id=elder.id, visibility="neighbourhood", agrees=True, now=since)


async def _they_sign_in(first: Settled, since: datetime) -> None:
    """Talents with a phone have accounts, under a password that nobody knows.

    Whoever may get a sign-in card gets the account with it.
    """
    in_roles = (*first.stewards, *first.organizers, *first.leaders, *first.members)
    with_cards = {one.id for one in (*in_roles, elder_of(first))}
    for row in await run(
        "SELECT t.person_id FROM talent_profile t JOIN person p ON p.id = t.person_id "
        "WHERE p.phone IS NOT NULL ORDER BY p.id"
    ):
        if row["person_id"] not in with_cards:
            await store_password(person_id=row["person_id"], password_hash=NOBODY, now=since)


async def _recognised(places: list[Settled], dice: random.Random, since: datetime) -> None:
    """The office has looked at the tai chi of the elder."""
    steward = places[0].stewards[0]
    await recognise(
        actor_id=steward.id,
        person_id=elder_of(places[0]).id,
        skill_code="tai_chi",
        now=since + timedelta(days=dice.randint(5, 9)),
    )


async def _written(place: Settled, now: datetime) -> None:
    """Somebody asked the elder, and was answered."""
    elder, asking = elder_of(place), place.organizers[0]
    asked = await send(
        sender_id=asking.id,
        talent_id=elder.id,
        text="老师好，周六上午的太极课还能加两位邻居吗？",
        now=now - timedelta(days=2),
    )
    await answer(
        sender_id=elder.id,
        message_id=asked,
        text="可以的，穿软底鞋，八点半在花园见。",
        now=now - timedelta(days=1),
    )
