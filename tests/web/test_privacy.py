"""A crawl by somebody who knows every home and every hidden person: nothing of them comes out.

Every page, endpoint and export that can be read is read as every role.  No answer holds a phone
number that is not the reader's own, a talent who did not consent, or one of another audience; what
the map says lies at a place that areas have, and no area is named for fewer than five.
"""

import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx
import pytest

from points.community.consents import withdraw_consent
from points.community.people import close_account, enrol
from points.transactions import run
from talentmap.talents.profiles import save_profile, set_skills, set_visibility
from talentmap.talents.rules import LISTED_LEAST
from tests.cast import Cast
from tests.talentmap.talents.scene import ground
from tests.web.access_entry import ALL, ROLES
from tests.web.access_matrix import furnish
from tests.web.conftest import PASSWORD, Browser, Site, known_hash
from tests.web.test_access_matrix import routes_of
from web import clock

pytestmark = pytest.mark.anyio
PHONES = re.compile(r"(?<!\d)1380000\d{4}(?!\d)")
# The example in the tables to fill in, which is nobody's.
EXAMPLE = "13800000000"
REAL = "真名"
COORDINATES = re.compile(r"(?<![\d.])(?<!\d:)(3[01]\.\d+)(?![\d.])")
# Streams do not end, and these two end the reader's session or have no person in them.
UNREAD = {"GET /map/events", "GET /static/{file_path:path}"}
QUERIES = {
    "/api/search": ["q=藏", "q=见", "q=tai", "q=1单元", "q=楼"],
    "/talents": ["", "q=藏", "q=见", "skill=tai_chi", "skill=tai_chi&skill=piano&match=all"],
    "/api/talents/near": ["", "skill=tai_chi", "area={area_id}&q=见&limit=50"],
    "/api/map/outlines": ["bbox=30,120,32,122&z=12"],
    "/map": ["", "q=见", "skill=tai_chi"],
}
BOXES = [f"bbox=30,120,32,122&z={zoom}" for zoom in (9, 13, 17)]
BOXES += ["bbox=31.1984,121.3044,31.1986,121.3046&z=18"]
QUERIES["/api/talents"] = [
    *QUERIES["/talents"],
    "area={area_id}&limit=1",
    "category=sport&level=teach",
]
WISHES = ["", "&skill=tai_chi", "&skill=tai_chi&skill=piano&match=all", "&q=见", "&layer=places"]
QUERIES["/api/map"] = [box + wish for box in BOXES for wish in WISHES]


@dataclass(frozen=True, slots=True)
class Known:
    """What the tester knows: who may be seen by whom, whose phone is whose, and where areas lie."""

    public: frozenset[str]
    neighbourhood: frozenset[str]
    stairwell: frozenset[str]
    hidden: frozenset[str]
    places: frozenset[str]

    def seen_by(self, role: str) -> frozenset[str]:
        """The nicknames that this role may read."""
        if role == "anonymous":
            return self.public
        if role == "steward_elsewhere":
            return self.public | {"见隔壁"}
        lives_in_stairwell_11 = role in {"stairwell_leader", "volunteer"}
        own = self.stairwell if lives_in_stairwell_11 else frozenset()
        return self.public | self.neighbourhood | own

    @property
    def everybody(self) -> frozenset[str]:
        """Every nickname there is."""
        return self.public | self.neighbourhood | self.stairwell | self.hidden | {"见隔壁"}


async def _listed(area_id: int, visibility: str, nickname: str, count: int) -> list[int]:
    people = []
    for number in range(count):
        now = clock.now()
        name = f"{REAL}{number}"
        person_id = await enrol(name=name, area_id=area_id, now=now, actor_id=None)
        await save_profile(person_id=person_id, nickname=nickname, about="", times=(), now=now)
        await set_skills(
            person_id=person_id, levels={"tai_chi": "teach", "piano": "teach"}, now=now
        )
        await set_visibility(person_id=person_id, visibility=visibility, agrees=True, now=now)
        people.append(person_id)
    return people


async def _hide(cast: Cast) -> None:
    """Somebody who keeps to herself, one who withdrew, one who left, and a child."""
    now = clock.now()
    await _listed(cast.stairwell_12, "self", "藏自己", 1)
    [withdrawn] = await _listed(cast.stairwell_12, "public", "藏撤回", 1)
    await withdraw_consent(actor_id=withdrawn, person_id=withdrawn, purpose="talent_map", now=now)
    [gone] = await _listed(cast.stairwell_12, "public", "藏离开", 1)
    await close_account(actor_id=gone, person_id=gone, now=now)
    child = await enrol(
        name=f"{REAL}孩子", area_id=cast.stairwell_12, birth_date=date(2018, 1, 1), now=now,
        actor_id=None,
    )  # fmt: skip
    await save_profile(person_id=child, nickname="藏孩子", about="", times=(), now=now)


async def scene(cast: Cast) -> Known:
    """Talents of every audience around one building, some of them too few to be named there."""
    await ground(cast)
    for area_id, visibility, nickname, count in (
        (cast.stairwell_11, "public", "见公开", LISTED_LEAST + 1),
        (cast.stairwell_21, "public", "见公开少", 2),
        (cast.stairwell_12, "neighbourhood", "见邻里", LISTED_LEAST),
        (cast.stairwell_11, "stairwell", "见楼道", LISTED_LEAST),
        (cast.other_stairwell, "neighbourhood", "见隔壁", LISTED_LEAST),
    ):
        await _listed(area_id, visibility, nickname, count)
    await _hide(cast)
    rows = await run("SELECT lat, lon FROM place UNION SELECT lat, lon FROM activity")
    return Known(
        public=frozenset({"见公开", "见公开少"}),
        neighbourhood=frozenset({"见邻里", "阿伟"}),
        stairwell=frozenset({"见楼道"}),
        hidden=frozenset({"藏自己", "藏撤回", "藏离开", "藏孩子"}),
        places=frozenset(_degrees(row["lat"]) for row in rows if row["lat"] is not None),
    )


def _degrees(number: float) -> str:
    return f"{float(number):.4f}"


async def answers(
    site: Site, browser: Browser, numbers: dict[str, Any]
) -> AsyncIterator[tuple[str, httpx.Response]]:
    """Every readable address with its answer; where people and areas are named, all of them."""
    people = [row["id"] for row in await run("SELECT id FROM person ORDER BY id")]
    areas = [row["id"] for row in await run("SELECT id FROM area ORDER BY id")]
    for route in sorted(routes_of(site.app)):
        method, path = route.split(" ", 1)
        if method != "GET" or route in UNREAD:
            continue
        for address in _addresses(path, numbers, people, areas):
            accept = "application/json" if path.startswith("/api") else "text/html"
            yield address, await browser.client.get(address, headers={"accept": accept})


def _addresses(
    path: str, numbers: dict[str, Any], people: list[int], areas: list[int]
) -> Iterator[str]:
    plain = re.sub(r":\w+}", "}", path)
    ways: list[dict[str, Any]] = [numbers]
    if "talents/{person_id" in path:
        ways = [numbers | {"person_id": one} for one in people]
    elif "map/areas/{area_id" in path:
        ways = [numbers | {"area_id": one} for one in areas]
    for way in ways:
        for query in QUERIES.get(path, [""]):
            yield (plain + (f"?{query}" if query else "")).format(**way)


def wrongs(known: Known, role: str, own: str, address: str, text: str) -> Iterator[str]:
    """What an answer tells that it must not tell."""
    phones = set(PHONES.findall(text)) - {own, EXAMPLE}
    if phones:
        yield f"{address}: phone {phones}"
    for nickname in known.everybody - known.seen_by(role):
        # One name may begin another; only the whole one counts.
        if re.search(rf"{nickname}(?![少一-龥\d])", text):
            yield f"{address}: {nickname}"
    shown = ("/map", "/api/map", "/api/search", "/talents?", "/api/talents")
    # The office reads a name where it recognises a skill, and that is noted.
    if address.startswith(shown) and not address.endswith("/recognition") and REAL in text:
        yield f"{address}: a name that a talent did not choose"
    # Outlines are drawn from where areas lie, whoever lives in them.
    drawn = address.startswith("/api/map/outlines")
    if not drawn and address.startswith((*shown, "/talents")):
        for degrees in COORDINATES.findall(text):
            if address.count(degrees) == 0 and _degrees(float(degrees)) not in known.places:
                yield f"{address}: {degrees} is no place of an area"


def unnamed(address: str, answer: httpx.Response) -> Iterator[str]:
    """Areas that the map names for fewer than five people, where nothing was filtered."""
    if not address.startswith("/api/map?") or answer.status_code != 200:
        return
    if any(wish in address for wish in ("skill=", "q=", "layer=")):
        return
    for group in json.loads(answer.text)["groups"]:
        if group["area"] is not None and 0 < group["people"] < LISTED_LEAST:
            yield f"{address}: {group['name']} is named for {group['people']}"


@pytest.mark.slow
@pytest.mark.parametrize("role", sorted(ALL))
async def test_nothing_of_the_hidden_comes_out(sqlite_site: Site, role: str):
    cast = sqlite_site.cast
    known = await scene(cast)
    numbers = dict(await furnish(cast, password=PASSWORD, password_hash=await known_hash()))
    own = ""
    if role == "anonymous":
        browser = sqlite_site.browser()
    else:
        person_id = getattr(cast, ROLES[role])
        browser = await sqlite_site.signed_in(person_id)
        [row] = await run("SELECT phone FROM person WHERE id = {}", person_id)
        own = row["phone"] or ""
    wrong, read, seen = [], 0, set()
    async for address, answer in answers(sqlite_site, browser, numbers):
        assert answer.status_code < 500, address
        read += answer.status_code == 200
        wrong += wrongs(known, role, own, address, answer.text)
        wrong += unnamed(address, answer)
        seen |= {nickname for nickname in known.everybody if nickname in answer.text}
    assert not wrong
    # The crawl saw what it may see, so that it would have seen the rest.
    assert known.public <= seen
    assert read > 20
