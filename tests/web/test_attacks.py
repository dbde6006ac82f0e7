"""Whatever anybody sends, to any route: a page or a plain refusal, never a broken server."""

import gc
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from itertools import product

import httpx
import msgspec
import pytest

from points.transactions import run
from tests.web.access_entry import filled as json
from tests.web.access_matrix import MATRIX, furnish
from tests.web.conftest import PASSWORD, Browser, Site, known_hash, said
from web.forms import Form
from web.imports import FILE_BYTES
from web.uploads import PHOTO_BYTES

pytestmark = pytest.mark.anyio
PIECE = 65_536
NASTY = (
    "${alert(1)}</script>",
    "-1",
    "0",
    "99999999999999999999999",
    "9223372036854775807",
    "1e9",
    "٣",
    "😀👩‍👩‍👧‍👦",
    "\u202e\u0645\u0631\u062d\u0628\u0627",
    "\x00",
    "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
    "长" * 10_000,
    "2026-02-30",
    "0001-01-01",
    "9999-12-31",
    "23:59",
    "'; DROP TABLE person; --",
    "{name} %s {0.__class__}",
    "../../etc/passwd",
    "yes",
)


def forms(base: type = Form) -> Iterator[type]:
    for one in base.__subclasses__():
        yield one
        yield from forms(one)


def field_names() -> Sequence[str]:
    """Every field that any form of the application has."""
    gc.collect()
    named = {
        field.encode_name
        for form in forms()
        if form.__module__.startswith("web.")
        for field in msgspec.structs.fields(form)
    }
    return sorted(named - {"request_id"})


def filled(route: str, numbers: Mapping[str, object]) -> tuple[str, str]:
    method, path = route.split(" ", 1)
    path = path.replace(":int}", "}").replace(":path}", "}").replace(":str}", "}")
    return method, path.format(**numbers)


Numbers = Mapping[str, object]
SIGNS_OUT = {route for route, entry in MATRIX.items() if entry.ends_session}
QUERIES = (
    "area", "q", "after", "before", "state", "person", "occasion", "unit", "book", "when", "next",
    "code", "month", "from", "to", "item", "kind", "category", "day",
)  # fmt: skip


MINUTES = "/committee/minutes.pdf"


@pytest.fixture
async def attacker(sqlite_site: Site) -> Browser:
    """A steward of the committee: the one who can reach the most."""
    return await sqlite_site.signed_in(sqlite_site.cast.chen_jing)


@pytest.fixture
async def numbers(sqlite_site: Site) -> Numbers:
    """What the paths name."""
    return await furnish(
        sqlite_site.cast,
        password=PASSWORD,
        password_hash=await known_hash(),
        data=sqlite_site.app.state.settings.data,
    )


def posts(numbers: Numbers) -> Iterator[tuple[str, dict[str, str]]]:
    """Every form but those that end the session, with what it may say."""
    for route, entry in MATRIX.items():
        method, path = filled(route, numbers)
        if method == "POST" and route not in SIGNS_OUT and not path.startswith("/api/"):
            yield path, {name: str(value).format(**numbers) for name, value in entry.form.items()}


def pages(numbers: Numbers) -> Iterator[str]:
    for route in MATRIX:
        method, path = filled(route, numbers)
        if method == "GET":
            yield path


def harmless(answer: httpx.Response) -> bool:
    """Answered by us, with nothing of what was sent as part of the page itself."""
    return answer.status_code < 500 and NASTY[0] not in answer.text


@pytest.mark.slow
@pytest.mark.parametrize("nasty", NASTY[::3], ids=lambda text: ascii(text)[:24])
async def test_no_value_in_every_field_breaks_any_form(
    attacker: Browser, numbers: Numbers, nasty: str
):
    everything = dict.fromkeys(field_names(), nasty[:1000])
    for path, _ in posts(numbers):
        assert harmless(await attacker.post(path, **everything)), path


@pytest.mark.slow
async def test_no_value_in_one_field_of_a_good_form_breaks_it(attacker: Browser, numbers: Numbers):
    for path, form in posts(numbers):
        for name, nasty in product(form, NASTY):
            assert harmless(await attacker.post(path, **{**form, name: nasty})), (path, name, nasty)
    assert len(await run("SELECT id FROM person WHERE closed_at IS NULL")) >= 14


@pytest.mark.slow
async def test_no_value_in_any_address_breaks_any_page(attacker: Browser, numbers: Numbers):
    broken = []
    for place, path in enumerate(pages(numbers)):
        for number, name in enumerate(QUERIES):
            query = {name: NASTY[(place + number) % len(NASTY)][:2000]}
            answer = await attacker.client.get(path, params=query, headers=attacker.headers)
            broken += [] if harmless(answer) else [(path, query)]
    assert broken == []


@pytest.mark.parametrize(
    "query", [{"to": "0001-01-01"}, {"from": "9999-12-31", "to": "9999-12-31"}]
)
async def test_the_minutes_of_no_calendar_are_refused(attacker: Browser, query: dict[str, str]):
    answer = await attacker.client.get(MINUTES, params=query, headers=attacker.headers)
    assert harmless(answer)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "PROPFIND"])
async def test_no_method_breaks_any_route(attacker: Browser, numbers: Numbers, method: str):
    before = await run("SELECT COUNT(*) AS n FROM service_record")
    for route in MATRIX:
        _, path = filled(route, numbers)
        for address in (path, f"{path.rstrip('/')}/", f"/{path}"):
            answer = await attacker.client.request(method, address, headers=attacker.headers)
            assert answer.status_code < 500, (method, address)
            if method == "HEAD":
                assert answer.content == b""
    assert await run("SELECT COUNT(*) AS n FROM service_record") == before


async def test_a_slash_too_many_leads_to_the_page_or_to_nothing(attacker: Browser):
    for path in ("/people/", "/confirm/", "/me/", "//people", "/people//"):
        assert (await attacker.get(path)).status_code in {200, 404}, path


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind",
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json",
        "application/msgpack",
        "text/plain; charset=klingon",
        "nonsense",
        "",
    ],
)
async def test_no_kind_of_body_breaks_any_form(attacker: Browser, numbers: Numbers, kind: str):
    bodies = (b"", b"\xff\xfe\x00", b"--x\r\n\r\n", b"[" * 5000, b"a=%ff&b=%00")
    for number, (path, _) in enumerate(posts(numbers)):
        headers = {"accept": "text/html", "content-type": kind}
        headers["x-csrftoken"] = await attacker.token()
        body = bodies[number % len(bodies)]
        answer = await attacker.client.post(path, content=body, headers=headers)
        assert harmless(answer), (path, body)


class Flood:
    """A hundred megabytes that come in pieces; it counts what was really taken."""

    def __init__(self) -> None:
        self.taken = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range(100 * 2**20 // PIECE):
            self.taken += PIECE
            yield b"x" * PIECE


@pytest.mark.parametrize("told", [{}, {"content-length": "104857600"}], ids=["untold", "told"])
async def test_a_flood_is_refused_without_being_read(
    attacker: Browser, numbers: Numbers, told: dict[str, str]
):
    for path, _ in posts(numbers):
        flood = Flood()
        headers = {"accept": "text/html", "content-type": "application/x-www-form-urlencoded"}
        answer = await attacker.client.post(path, content=flood, headers=headers | told)
        assert answer.status_code == 413, path
        assert said(answer)
        most = FILE_BYTES if path == "/imports" else PHOTO_BYTES
        assert flood.taken <= most + 2 * PIECE, path


async def test_what_one_cannot_see_one_cannot_guess(site: Site):
    """Ids of another area are refused like ids of nothing; nothing is shown or changed."""
    numbers = await furnish(site.cast, password=PASSWORD, password_hash=await known_hash())
    stranger = await site.signed_in(site.cast.xu_jing)
    before = await run("SELECT state FROM service_record ORDER BY id")
    for route, entry in MATRIX.items():
        method, path = filled(route, numbers)
        if "{" not in route or "steward_elsewhere" in entry.may or "file_path" in route:
            continue
        if path.startswith("/api/"):
            answer = await stranger.call(method, path + entry.query, json(entry.form, numbers))
        else:
            form = {name: str(value).format(**numbers) for name, value in entry.form.items()}
            answer = await (stranger.post(path, **form) if method == "POST" else stranger.get(path))
        assert answer.status_code in {403, 404}, route
        assert "张伟" not in answer.text, route
    assert await run("SELECT state FROM service_record ORDER BY id") == before


async def test_every_form_sent_twice_is_answered_alike(site: Site):
    """The same request id with the same body: the first answer, and nothing done twice."""
    numbers = await furnish(site.cast, password=PASSWORD, password_hash=await known_hash())
    steward = await site.signed_in(site.cast.chen_jing)
    for number, (path, form) in enumerate(posts(numbers)):
        form["request_id"] = f"twice-over-{number}"
        answers = [await steward.post(path, **form) for _ in range(2)]
        seen = [(one.status_code, one.headers.get("location")) for one in answers]
        assert seen[0] == seen[1], path
        assert seen[0][0] < 500, path
