"""What holds for every route of the API: attacks, repetition, privacy, reads that are noted."""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from points.community.people import enrol
from points.community.reads import reads_of
from points.ledger.statement import LINES_MAX as STATEMENT_MAX
from points.notices.reading import LINES_MAX as NOTICES_MAX
from points.rewards.redemption_views import PAGE_MAX as REDEMPTIONS_MAX
from points.transactions import run
from talentmap.activities.views import PAGE_MAX as ACTIVITIES_MAX
from talentmap.talents.relay import PAGE_MAX as MESSAGES_MAX
from talentmap.talents.search import PAGE_MAX as TALENTS_MAX
from tests.web.access_entry import ROLES
from tests.web.conftest import Browser, Site
from tests.web.test_api import CHANGES, ROUTES, called, furnished, is_problem, program
from tests.web.test_attacks import NASTY, Flood
from web import clock
from web.api.routing import LIMIT_MAX

pytestmark = pytest.mark.anyio
PHONES = [f"138000000{number:02}" for number in (*range(1, 9), 11, 12, 13)]


def bodies(app: Litestar) -> Iterator[tuple[str, type[msgspec.Struct]]]:
    """Every route with a body, and the Struct of it."""
    for route in app.routes:
        if isinstance(route, HTTPRoute) and route.path.startswith("/api/"):
            for handler in route.route_handlers:
                if handler.parsed_data_field is not None:
                    yield f"POST {route.path}", handler.parsed_data_field.annotation


def harmless(answer: httpx.Response) -> bool:
    return answer.status_code < 300 or (400 <= answer.status_code < 500 and is_problem(answer))


@pytest.mark.slow
@pytest.mark.parametrize("nasty", NASTY, ids=lambda text: ascii(text)[:24])
async def test_no_value_in_any_field_breaks_the_api(sqlite_site: Site, nasty: str):
    numbers = await furnished(sqlite_site)
    steward = await sqlite_site.signed_in(sqlite_site.cast.chen_jing)
    for route, kind in bodies(sqlite_site.app):
        method, path, said = called(route, ROUTES[route], numbers)
        for field in kind.__struct_encode_fields__:
            for value in (nasty, [nasty], {nasty: nasty}):
                answer = await steward.call(method, path, {**said, field: value})
                assert harmless(answer), (route, field, answer.status_code, answer.text[:200])


async def test_no_question_breaks_the_api(sqlite_site: Site):
    numbers = await furnished(sqlite_site)
    steward = await sqlite_site.signed_in(sqlite_site.cast.chen_jing)
    names = ("after", "limit", "area", "q", "day", "from", "to", "unit", "book", "person", "code")
    for route, entry in ROUTES.items():
        if not route.startswith("GET"):
            continue
        _, path, _ = called(route, entry, numbers)
        for value in ("", "x", "-1", "9" * 30, "%00", "%ff", "0001-01-01", "9999-12-31", "1&1=1"):
            asked = "&".join(f"{name}={value}" for name in names)
            answer = await steward.call("GET", f"{path.partition('?')[0]}?{asked}")
            assert harmless(answer), (route, value, answer.text[:200])


async def test_a_flood_is_refused_without_being_read(sqlite_site: Site):
    numbers = await furnished(sqlite_site)
    steward = await sqlite_site.signed_in(sqlite_site.cast.chen_jing)
    headers = {"idempotency-key": "flood-of-words", "x-csrftoken": await steward.token()}
    headers["content-type"] = "application/json"
    for route, entry in CHANGES.items():
        _, path, _ = called(route, entry, numbers)
        flood = Flood()
        answer = await steward.client.post(path, content=flood, headers=headers)
        assert answer.status_code in (403, 413), route
        assert flood.taken < 3_000_000, route


async def test_every_change_sent_twice_is_answered_alike(site: Site):
    """The same key with the same body: the first answer, yes or no."""
    numbers = await furnished(site)
    steward = await site.signed_in(site.cast.chen_jing)
    wrong = []
    for number, (route, entry) in enumerate(CHANGES.items()):
        method, path, body = called(route, entry, numbers)
        key = {"idempotency-key": f"twice-over-{number}"}
        answers = [await steward.call(method, path, body, **key) for _ in range(2)]
        if answers[0].text != answers[1].text or answers[0].status_code != answers[1].status_code:
            wrong.append((route, [(one.status_code, one.text) for one in answers]))
    assert not wrong


async def test_two_at_once_with_one_key_act_once(site: Site):
    him = await program(site, site.cast.chen_jing, "read", "write", "staff")
    body = {"area_id": site.cast.stairwell_11, "name": "孙丽"}
    key = {"idempotency-key": "both-at-once"}
    answers = await asyncio.gather(
        *(him.call("POST", "/api/people", body, **key) for _ in range(5))
    )
    assert {one.status_code for one in answers} == {201}
    assert len({one.text for one in answers}) == 1
    assert len(await run("SELECT id FROM person WHERE name = '孙丽'")) == 1


async def test_no_answer_holds_the_phone_number_of_another(sqlite_site: Site):
    """Nor a door, nor the key of a household: for every role, on every question."""
    numbers = await furnished(sqlite_site)
    for role, name in ROLES.items():
        browser = await sqlite_site.signed_in(getattr(sqlite_site.cast, name))
        own = (await browser.call("GET", "/api/me")).json()["phone"]
        for route, entry in ROUTES.items():
            if route.startswith("GET"):
                text = (await browser.call(*called(route, entry, numbers))).text
                held = [phone for phone in PHONES if phone in text and phone != own]
                assert not held, (role, route)
                assert "household" not in text, (role, route)


async def read_by(him: int) -> list[str]:
    return [one.what for one in await reads_of(him)]


async def test_whom_staff_reads_can_read_that_it_did(sqlite_site: Site):
    numbers = await furnished(sqlite_site)
    him = sqlite_site.cast.zhang_wei
    steward = await program(sqlite_site, sqlite_site.cast.chen_jing, "read", "staff")
    for path, what in (
        (f"/api/people?area={sqlite_site.cast.stairwell_11}", "list"),
        (f"/api/people/{him}", "page"),
        (f"/api/service/{numbers['record_id']}", "service_record"),
        ("/api/waiting", "list"),
        (f"/api/occasions/{numbers['occasion_id']}/records", "list"),
        (f"/api/postings/{numbers['posting_id']}", "statement"),
        (f"/api/redemptions/{numbers['redemption_id']}", "redemption"),
        (f"/api/talents/{him}/recognition", "talent"),
        (f"/api/people/{him}/talent", "talent_profile"),
    ):
        before = len(await read_by(him))
        answer = await steward.call("GET", path)
        assert answer.status_code == 200, path
        seen = await read_by(him)
        assert (len(seen), seen[0]) == (before + 1, what), path


async def test_without_her_duties_a_steward_is_a_resident(sqlite_site: Site):
    """What the domain would let her do for others a token without ``staff`` does not."""
    numbers = await furnished(sqlite_site)
    him = sqlite_site.cast.zhang_wei
    steward = await program(sqlite_site, sqlite_site.cast.chen_jing, "read", "write")
    before = await read_by(him)
    for path in (
        f"/api/service/{numbers['record_id']}",
        f"/api/postings/{numbers['posting_id']}",
        f"/api/redemptions/{numbers['redemption_id']}",
        f"/api/occasions/{numbers['occasion_id']}/records",
        f"/api/activities/{numbers['activity_id']}/sign-ups",
        f"/api/people/{him}/talent",
    ):
        answer = await steward.call("GET", path)
        assert (answer.status_code, answer.json()["title"]) == (403, "DutiesNotLent"), path
    for path, body in (
        (f"/api/activities/{numbers['activity_id']}/sign-up", {"person_id": him, "reason": "x"}),
        (f"/api/activities/{numbers['activity_id']}/cancel", {"reason": "下雨"}),
        (f"/api/occasions/{numbers['occasion_id']}/cancel", None),
        (f"/api/grants/{numbers['grant_id']}/revoke", None),
        (f"/api/people/{him}/talent/open", {"reason": "代写"}),
        (f"/api/people/{him}/talent", {"nickname": "阿伟", "reason": "代写"}),
        (f"/api/people/{him}/talent/skills", {"code": "tea", "level": "teach", "reason": "代写"}),
        (f"/api/people/{him}/talent/visibility", {"visibility": "self", "reason": "代写"}),
        (f"/api/people/{him}/talent/hide", {"reason": "代写"}),
    ):
        answer = await steward.call("POST", path, body)
        assert (answer.status_code, answer.json()["title"]) == (403, "DutiesNotLent"), path
    assert await read_by(him) == before
    own = await steward.call("POST", f"/api/activities/{numbers['activity_id']}/sign-up", {})
    assert own.json() == {"state": "in", "position": None}


async def test_names_before_the_committee_are_masked_and_votes_are_not_told_to_who_asked(
    sqlite_site: Site,
):
    numbers = await furnished(sqlite_site)
    member = await sqlite_site.signed_in(sqlite_site.cast.zhou_jianguo)
    [line] = (await member.call("GET", "/api/committee")).json()["items"]
    assert line["masked_name"] != "张伟"
    assert "张伟" not in str(line)
    path = f"/api/committee/{numbers['redemption_id']}/vote"
    voted = await member.call("POST", path, {"choice": "approve"})
    assert voted.json() == {"state": "requested"}
    own = await sqlite_site.signed_in(sqlite_site.cast.zhang_wei)
    asked = f"/api/redemptions/{numbers['redemption_id']}"
    assert (await own.call("GET", asked)).json()["votes"] == []
    assert len((await member.call("GET", asked)).json()["votes"]) == 1


def test_no_list_is_cut_in_silence():
    """One more than the largest page is asked for, to know whether anything follows."""
    most = (STATEMENT_MAX, NOTICES_MAX, REDEMPTIONS_MAX, ACTIVITIES_MAX, MESSAGES_MAX, TALENTS_MAX)
    assert min(most) > LIMIT_MAX


@pytest.mark.slow
async def test_a_long_list_is_walked_to_its_end(sqlite_site: Site):
    steward = await sqlite_site.signed_in(sqlite_site.cast.chen_jing)
    stairwell, count = sqlite_site.cast.stairwell_21, 2 * LIMIT_MAX + 3
    for number in range(count):
        await enrol(name=f"邻居{number:03}", area_id=stairwell, now=clock.now(), actor_id=None)
    seen = await walked(steward, f"/api/people?area={stairwell}")
    assert len(seen) == len(set(seen)) == count + 3, "with the three who lived there"


async def walked(browser: Browser, path: str) -> list[int]:
    seen, after = list[int](), ""
    while True:
        answer = await browser.call("GET", f"{path}&limit={LIMIT_MAX}{after}")
        told: dict[str, Any] = answer.json()
        seen += [one["id"] for one in told["items"]]
        if told["next"] is None:
            return seen
        after = f"&after={told['next']}"
