"""The talent map as it is used: look for somebody, open a pin, come along, be the tenth."""

import asyncio
import gzip
import math
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from talentmap.places.datum import from_wgs84
from tests.browser.conftest import DESK, PHONE, Visit, chromium
from tests.browser.neighbours import NASTY, NASTY_NAME, TITLE, Neighbours, come_together, gather
from tests.durability.server_process import start_server
from web.database import opened
from web.templating import STATIC

pytestmark = [pytest.mark.browser]

slow = pytest.mark.slow
LOOKS = [
    pytest.param("zh-CN", PHONE, id="zh-phone"),
    pytest.param("zh-CN", DESK, id="zh-desk", marks=slow),
    pytest.param("en-GB", PHONE, id="en-phone", marks=slow),
    pytest.param("en-GB", DESK, id="en-desk", marks=slow),
]
WORDS = {
    "zh-CN": {"skill": "理发", "come": "报名参加", "confirmed": "已成行", "map": "地图"},
    "en-GB": {"skill": "Haircuts", "come": "Come along", "confirmed": "Takes place", "map": "Map"},
}
WEIGHT_MOST = 150_000
FIVE_SECONDS = 5_000


@pytest.fixture
def neighbours(stage, sqlite_url) -> Neighbours:
    return on_database(sqlite_url, come_together, stage)


def on_database(url, act, *arguments):
    """Behind the server's back, in a thread: on this one Playwright's loop may be running."""

    async def work():
        async with opened(url):
            return await act(*arguments)

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work()).result()


def drawn(page: Page) -> None:
    """Wait until the map shows what it was asked for."""
    expect(page.locator("#map-page[data-ready]:not([aria-busy])")).to_be_visible()


def no_trace(visit: Visit) -> None:
    """Nothing that a neighbour wrote has run."""
    visit.page.on("dialog", lambda box: visit.problems.append(f"it ran: {box.message}"))


def speak(visit: Visit, language: str) -> None:
    if language == "en-GB":
        visit.page.get_by_role("button", name="English").click()


def looked_for(page: Page, text: str, words: dict[str, str]) -> None:
    """Type it, and take the first suggestion."""
    page.locator("#map-search").press_sequentially(text, delay=20)
    expect(page.get_by_role("option").first).to_contain_text(words["skill"])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/map?skill=haircut")
    drawn(page)


def opened_group(visit: Visit, name: str) -> None:
    """The neighbours of a place stand in its sheet, as words; Escape gives the mark back."""
    page = visit.page
    mark = page.locator(".mark-group").first
    mark.click()
    sheet = page.get_by_role("dialog")
    expect(sheet.get_by_role("link", name=NASTY_NAME)).to_be_visible()
    assert sheet.locator("img").count() == 0
    visit.picture(f"{name}-2-sheet")
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(mark).to_be_focused()


def became_tenth(visit: Visit, name: str, words: dict[str, str]) -> None:
    """One touch on the pin, one on the button."""
    page = visit.page
    page.locator(".mark-pin").first.click()
    expect(page.get_by_role("dialog")).to_contain_text(TITLE)
    visit.picture(f"{name}-3-pin")
    page.get_by_role("dialog").get_by_role("button", name=words["come"]).click()
    page.wait_for_url("**/activities/*")
    assert words["confirmed"] in page.locator("main").inner_text()


@pytest.mark.parametrize(("language", "screen"), LOOKS)
def test_a_neighbour_finds_help_and_is_the_tenth(stage, neighbours, visiting, screen, language):
    words, name = WORDS[language], f"map-{language}-{screen['width']}"
    with visiting(language=language, screen=screen) as visit:
        page = visit.page
        no_trace(visit)
        visit.sign_in(stage.login(stage.cast.he_min), stage.password)
        speak(visit, language)
        page.get_by_role("navigation").get_by_role("link", name=words["map"], exact=True).click()
        drawn(page)
        visit.picture(f"{name}-1-map")
        looked_for(page, "lifa" if language == "zh-CN" else "haircuts", words)
        opened_group(visit, name)
        page.locator("#map-chosen a").first.click()
        page.wait_for_url("**/map")
        page.locator(".map-more > summary").click()
        page.locator("#field-category").select_option("teaching")
        page.wait_for_url("**/map?category=teaching")
        drawn(page)
        became_tenth(visit, name, words)
        page.go_back()
        drawn(page)
        assert page.url.endswith("/map?category=teaching")
        assert page.locator("#field-category").input_value() == "teaching"
        expect(page.locator("#map-chosen a")).to_have_count(1)


@slow
def test_the_keyboard_alone_is_enough(stage, neighbours, visiting):
    with visiting(language="en-GB", screen=DESK) as visit:
        page, keys = visit.page, visit.page.keyboard
        no_trace(visit)
        visit.go("/map")
        drawn(page)
        keys.press("/")
        keys.type("haircuts")
        expect(page.get_by_role("option").first).to_be_visible()
        keys.press("Escape")
        expect(page.get_by_role("option").first).to_be_hidden()
        keys.press("ArrowDown")
        expect(page.get_by_role("option").first).to_be_visible()
        keys.press("ArrowDown")
        keys.press("Enter")
        page.wait_for_url("**/map?skill=haircut")
        drawn(page)
        for _ in range(40):
            keys.press("Tab")
            if page.evaluate("document.activeElement.classList.contains('mark-group')"):
                break
        visit.picture("map-keyboard-focus")
        keys.press("Enter")
        expect(page.get_by_role("dialog").get_by_role("link").first).to_be_visible()
        keys.press("Tab")
        keys.press("Tab")
        assert page.evaluate("document.activeElement.href").startswith(f"{visit.address}/talents/")
        keys.press("Escape")
        assert page.evaluate("document.activeElement.classList.contains('mark-group')")


# How far, in pixels, each mark of a group lies from its place on the map.
ASTRAY = """async () => {
  const marks = [...document.querySelectorAll('.mark-group')];
  const [south, west, north, east] = map_main.getBounds().toBBoxString().split(',')
    .map((_, at, all) => Number(all[[1, 0, 3, 2][at]]));
  const asked = `bbox=${south},${west},${north},${east}&z=${map_main.getZoom()}`;
  const { groups } = await (await fetch(`/api/map?${asked}`)).json();
  const frame = map_main.getContainer().getBoundingClientRect();
  return groups.map(({ lat, lon }) => {
    const { x, y } = map_main.latLngToContainerPoint([lat, lon]);
    return Math.min(...marks.map((mark) => {
      const box = mark.getBoundingClientRect();
      return Math.hypot(
        box.x + box.width / 2 - frame.x - x, box.y + box.height / 2 - frame.y - y,
      );
    }));
  });
}"""


def in_place(page: Page) -> bool:
    """Whether every mark comes to lie where it belongs, once the map has asked anew.

    Some step aside, by less than half of themselves.
    """
    for _ in range(50):
        if max(page.evaluate(ASTRAY), default=999) <= 20:
            return True
        page.wait_for_timeout(100)
    return False


@slow
def test_marks_lie_where_they_belong_and_a_drag_opens_none(neighbours, visiting):
    with visiting(screen=DESK, reduced_motion="reduce") as visit:
        page = visit.page
        visit.go("/map")
        drawn(page)
        assert in_place(page)
        page.locator(".leaflet-control-zoom-out").click()
        assert in_place(page)
        box = page.locator(".mark-group").first.bounding_box()
        page.mouse.move(box["x"] + 20, box["y"] + 20)
        page.mouse.down()
        page.mouse.move(box["x"] + 120, box["y"] + 60, steps=4)
        page.mouse.up()
        assert in_place(page)
        expect(page.get_by_role("dialog")).to_be_hidden()


ASIDES = """([points, gap]) =>
  linli.asides(points.map(([x, y]) => L.point(x, y)), gap).map(({ x, y }) => [x, y])"""


DRAWN_APART = """() => {
  const layer = Object.values(map_main._layers).find((one) => one.draw);
  const { lat, lng: lon } = map_main.getCenter();
  const group = (id) => ({ id, lat, lon, people: 8, activities: 0, level: 'building' });
  layer.draw({ groups: [group(1), group(2)], activities: [], shown: 2, total: 2 });
  const [one, other] = [...document.querySelectorAll('.mark')].map((mark) => {
    return mark.getBoundingClientRect();
  });
  return [other.x - one.x, other.y - one.y];
}"""


@slow
def test_marks_that_would_cover_each_other_step_apart(neighbours, visiting):
    gap, alone = 36, (500, 500)
    points = [(100, 100), (100, 110), (300, 300), (300, 300), alone]
    with visiting(screen=DESK) as visit:
        visit.go("/map")
        drawn(visit.page)
        aside, below = visit.page.evaluate(DRAWN_APART)
        asides = visit.page.evaluate(ASIDES, [points, gap])
        crowded = visit.page.evaluate(ASIDES, [[(x % 7, x % 5) for x in range(40)], gap])
    assert abs(aside) <= 1
    assert below >= 34
    after = [(x + dx, y + dy) for (x, y), (dx, dy) in zip(points, asides, strict=True)]
    assert after[4] == alone
    for one, other in ((0, 1), (2, 3)):
        assert math.dist(after[one], after[other]) == pytest.approx(gap)
        assert after[one][1] < after[other][1]
    assert max(math.hypot(*aside) for aside in crowded) <= gap / 2 + 0.001


@slow
def test_an_input_method_is_not_disturbed(neighbours, visiting):
    with visiting() as visit:
        page = visit.page
        visit.go("/map")
        drawn(page)
        asked: list[str] = []
        page.on("request", lambda one: asked.append(one.url) if "/api/search" in one.url else None)
        page.locator("#map-search").focus()
        session = page.context.new_cdp_session(page)
        typing = {"selectionStart": 4, "selectionEnd": 4}
        session.send("Input.imeSetComposition", {"text": "lifa", **typing})
        page.wait_for_timeout(400)
        assert asked == []
        session.send("Input.insertText", {"text": "理发"})
        expect(page.get_by_role("option").first).to_contain_text("理发")


@slow
def test_the_list_does_it_all_without_scripts(neighbours, visiting):
    with visiting(java_script_enabled=False) as visit:
        page = visit.page
        visit.go("/map")
        visit_text = page.locator("main").inner_text()
        assert "名单里都有" in visit_text
        assert NASTY in visit_text
        assert NASTY_NAME in visit_text
        page.locator("#map-search").fill("手机")
        page.locator(".map-line button").click()
        assert TITLE in page.locator("main").inner_text()
        assert NASTY not in page.locator("main").inner_text()
        page.locator(".map-more > summary").click()
        page.locator("#field-category").select_option("cleaning")
        page.locator("#map-search").fill("")
        page.locator(".map-fields button[type=submit]").click()
        assert TITLE not in page.locator("main").inner_text()
        page.get_by_role("link", name=NASTY).click()
        assert "/activities/" in page.url


@slow
def test_a_new_activity_shows_on_an_open_map_within_five_seconds(
    stage, neighbours, sqlite_url, visiting
):
    with visiting(screen=DESK) as visit:
        page = visit.page
        visit.go("/map?category=culture_event")
        drawn(page)
        expect(page.locator(".mark-pin")).to_have_count(0)
        on_database(sqlite_url, gather, stage, "合唱排练", "culture_event", datetime.now(UTC))
        expect(page.locator(".mark-pin")).to_have_count(1, timeout=FIVE_SECONDS)
        expect(page.locator("#map-list")).to_contain_text("合唱排练")


@slow
def test_the_first_view_is_light(neighbours, visiting):
    with visiting() as visit:
        bodies: dict[str, int] = {}

        def weigh(answer) -> None:
            if "/map/events" not in answer.url and answer.status == 200:
                bodies[answer.url] = len(gzip.compress(answer.body()))

        visit.page.on("requestfinished", lambda one: weigh(one.response()))
        visit.go("/map")
        drawn(visit.page)
        visit.page.wait_for_load_state("load")
        assert sum(bodies.values()) <= WEIGHT_MOST, bodies
        assert len([one for one in bodies if "/api/" not in one]) <= 9, list(bodies)
        # What the map shows first has come with the page.
        assert [one for one in bodies if "/api/map?" in one] == []


@slow
def test_outlines_stand_in_for_tiles_that_do_not_come(neighbours, sqlite_url, monkeypatch):
    monkeypatch.setenv("LINLI_MAP_TILES", "https://tiles.invalid/{z}/{x}/{y}.png")
    server = start_server(sqlite_url)
    try:
        with chromium() as browser:
            page = browser.new_page(viewport=DESK, locale="zh-CN")
            asked: list[str] = []
            page.on("request", lambda one: asked.append(one.url))
            page.route("https://tiles.invalid/**", lambda route: route.abort())
            page.goto(f"{server.address}/map")
            expect(page.get_by_text("先用小区轮廓代替")).to_be_visible()
            expect(page.locator("path.outline").first).to_be_attached()
            expect(page.locator(".mark-group").first).to_be_visible()
            assert any(one.startswith("https://tiles.invalid/") for one in asked)
    finally:
        server.kill()


@slow
def test_the_browser_shifts_points_as_the_server_would():
    points = [(31.1978, 121.3052), (39.9042, 116.4074), (22.5, 114.0), (35.0, 135.7), (51.5, 0.1)]
    with chromium() as browser:
        page = browser.new_page()
        page.add_script_tag(path=str(STATIC / "map-datum.js"))
        for point in points:
            shown = page.evaluate("([lat, lon]) => linli.gcj02.shown(lat, lon)", list(point))
            assert shown == pytest.approx(from_wgs84(*point, "gcj02"), abs=1e-9)
            back = page.evaluate("([lat, lon]) => linli.gcj02.stored(lat, lon)", shown)
            assert back == pytest.approx(point, abs=1e-8)


@slow
@pytest.mark.parametrize("kind", ["empty", "elder", "dark", "print"])
def test_the_map_can_be_looked_at(kind, request, visiting, stage):
    if kind != "empty":
        request.getfixturevalue("neighbours")
    scheme = "dark" if kind == "dark" else "light"
    for screen in (PHONE, DESK):
        with visiting(screen=screen, color_scheme=scheme) as visit:
            visit.go("/map")
            if kind == "elder":
                visit.page.get_by_role("button", name="长辈版").click()
            if kind == "empty":
                expect(visit.page.get_by_text("地图还是一张白纸")).to_be_visible()
            else:
                drawn(visit.page)
            if kind == "elder":
                box = visit.page.locator(".mark-group").first.bounding_box()
                assert min(box["width"], box["height"]) >= 60
            if kind == "print":
                visit.page.emulate_media(media="print")
                expect(visit.page.locator("#map-list")).to_be_visible()
                expect(visit.page.locator("#map_main")).to_be_visible()
            visit.picture(f"map-{kind}-{screen['width']}")
