"""Who is on stage in the browser tests: the cast with passwords, and a patrol that has been."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from points.community.access.passwords import hash_password, store_password
from points.service.occasions import create_occasion
from points.service.rules import Terms
from points.transactions import run
from tests.cast import Cast, cast
from tests.points.service.scene import adopt
from web.database import opened

PASSWORD = "三棵树下一只猫"


@dataclass(frozen=True, slots=True)
class Stage:
    """The cast, how they sign in, and the patrol of yesterday."""

    cast: Cast
    logins: dict[int, str]
    patrol: int
    password: str = PASSWORD

    def login(self, person_id: int) -> str:
        """The number this person signs in with."""
        return self.logins[person_id]


async def set_stage(database_url: str, terms: Terms | None = None) -> Stage:
    """Prepare the database before the server starts."""
    now = datetime.now(UTC)
    async with opened(database_url):
        founded = now - timedelta(days=60)
        here = await cast(now=founded)
        await adopt(
            here.book, terms or Terms(), effective_from=founded.date().replace(day=1), now=founded
        )
        password_hash = await hash_password(PASSWORD)
        people = await run("SELECT id, phone, card_no, volunteer_no, birth_date FROM person")
        for person in people:
            await store_password(person_id=person["id"], password_hash=password_hash, now=now)
        patrol = await _patrol(here, now)
    logins = {p["id"]: p["phone"] or p["card_no"] or p["volunteer_no"] for p in people}
    return Stage(cast=here, logins=logins, patrol=patrol)


async def _patrol(here: Cast, now: datetime) -> int:
    starts_at = (now - timedelta(days=1)).replace(hour=2, minute=0, second=0, microsecond=0)
    return await create_occasion(
        actor_id=here.wang_fang,
        area_id=here.stairwell_11,
        title="楼道巡查",
        category="stairwell_patrol",
        place="1号楼门口",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=1, minutes=30),
        leader_id=here.zhang_wei,
        now=now,
    )
