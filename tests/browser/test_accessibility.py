"""Every page in both languages and in elder mode: axe finds nothing serious, nothing is too wide.

The pages are those of the access matrix, with its scene, each as whoever sees most of it; a new
page is swept without anybody thinking of it.
"""

import asyncio
import re
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page
from playwright.sync_api import Error as Refused
from playwright.sync_api import TimeoutError as TooLate

from points.community.access.passwords import hash_password, store_password
from points.community.access.sign_in import sign_in
from tests.browser.conftest import DESK, PHONE, chromium
from tests.cast import cast
from tests.durability.server_process import ServerProcess, start_server
from tests.web.access_entry import ROLES
from tests.web.access_matrix import MATRIX, furnish
from web import clock
from web.database import opened

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PASSWORD = "三棵树下一只猫"
# Whose the things of the scene are sees most of what is everybody's own; then whoever may most.
OWNER = "zhang_wei"
MOST_FIRST = ("steward", "committee_member", "organizer", "stairwell_leader", "resident")
# Pages that only their question or their absence shows.
BESIDES = (
    ("steward", "/imports/new?kind=places"),
    ("steward", "/imports/new?kind=people"),
    ("steward", "/activities?when=past"),
    ("steward", "/nowhere"),
    ("zhang_wei", "/people?area=1"),
    ("anonymous", "/"),
    ("anonymous", "/sign-in?next=/me"),
    ("anonymous", "/activities"),
)
NO_PAGES = ("/static/", "/api/", "/schema/")
FILES = (".csv", ".xlsx", ".pdf", ".json", ".js", ".py", "/export", "/rows", "/photo", "}/map")
# Milliseconds for one page to come, and for axe to look at it; a machine under load needs 3 s.
PATIENCE = 30_000
REFUSED = ("/nowhere", "/people?area=1")
LANGUAGES = {"zh": "zh-CN", "en": "en"}
MODES: Mapping[str, dict[str, Any]] = {
    "zh": {"language": "zh", "elder_mode": False, "screen": PHONE},
    "en": {"language": "en", "elder_mode": False, "screen": DESK},
    "elder": {"language": "zh", "elder_mode": True, "screen": PHONE},
}
# Started and then asked for, since only asking can be given a limit: an evaluation has none.
RUN = """() => void setTimeout(() =>
  axe.run(document, {resultTypes: ["violations"], preload: false}).then(found => {
    window.found = found.violations.filter(one => ["serious", "critical"].includes(one.impact))
      .map(one => `${one.id}: ` + one.nodes.slice(0, 3).map(node =>
        node.target.join(" ") + " " + (node.any[0]?.message ?? node.failureSummary)).join(" | "));
  }, failed => { window.found = [`axe failed: ${failed}`]; }))"""
# The description of the API has 5,500 elements and costs axe 25 s; it says the same few things
# of many objects. Of what a long page repeats, three of a kind under one parent are looked at.
THIN = """() => {
  if (document.querySelectorAll("*").length < 1500) return;
  const seen = new Map();
  for (const one of document.querySelectorAll("main *")) {
    if (!one.isConnected) continue;
    const kinds = seen.get(one.parentElement) ?? {};
    seen.set(one.parentElement, kinds);
    const kind = `${one.localName}.${one.className}`;
    kinds[kind] = (kinds[kind] ?? 0) + 1;
    if (kinds[kind] > 3) one.remove();
  }
}"""
TOO_WIDE = """() => {
  const page = document.documentElement;
  const wide = page.scrollWidth - page.clientWidth;
  if (wide <= 0) return "";
  const parts = [...document.querySelectorAll("main *")].filter(one =>
    one.getBoundingClientRect().right > page.clientWidth + 1 && !one.closest(".sideways"));
  return `${wide} px too wide: ` + parts.slice(0, 3).map(one => one.outerHTML.slice(0, 90));
}"""


BAD = """<!DOCTYPE html><html lang="zh"><title>坏</title><body style="margin: 0"><main><h1>坏</h1>
<img src="data:,"><p style="width: 600px; color: #ccc; background: #fff">看不清</p></main>"""


@dataclass(frozen=True, slots=True)
class Scene:
    """The furnished neighbourhood: what paths name, and who is signed in with which cookie."""

    file: Path
    numbers: Mapping[str, object]
    sessions: Mapping[str, str]


@pytest.fixture
def scene(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    monkeypatch.setenv("LINLI_DATA", str(tmp_path))
    return asyncio.run(_scene(sqlite_url, tmp_path))


async def _scene(url: str, data: Path) -> Scene:
    async with opened(url):
        here = await cast()
        password_hash = await hash_password(PASSWORD)
        numbers = await furnish(here, password=PASSWORD, password_hash=password_hash, data=data)
        people = {role: getattr(here, name) for role, name in ROLES.items()}
        people[OWNER] = here.zhang_wei
        sessions = {who: await _session(one, password_hash) for who, one in people.items()}
    return Scene(Path(url.removeprefix("sqlite:///")), numbers, sessions)


async def _session(person_id: int, password_hash: str) -> str:
    await store_password(person_id=person_id, password_hash=password_hash, now=clock.now())
    login = f"V{person_id:08d}"
    session = await sign_in(login=login, password=PASSWORD, address="", device="", now=clock.now())
    return session.token


@pytest.fixture
def server(scene: Scene, sqlite_url: str) -> Iterator[ServerProcess]:
    running = start_server(sqlite_url)
    yield running
    running.kill()


def pages(scene: Scene) -> list[tuple[str, str]]:
    """(Who looks, path) of every page."""
    found = list(BESIDES)
    for route, entry in MATRIX.items():
        method, path = route.split(" ", 1)
        if method != "GET" or not entry.may or path.startswith(NO_PAGES) or path.endswith(FILES):
            continue
        path = re.sub(r":\w+}", "}", path).format(**scene.numbers)
        who = OWNER if set(ROLES) <= entry.may else _most(entry.may)
        found.append((who, f"{path}?{entry.query}" if entry.query else path))
    return found


def _most(may: frozenset[str]) -> str:
    return next(role for role in (*MOST_FIRST, *ROLES) if role in may)


def like(scene: Scene, mode: Mapping[str, Any]) -> None:
    """Make everybody wish for the same language and view."""
    with sqlite3.connect(scene.file) as database:
        database.execute(
            "UPDATE person SET language = ?, elder_mode = ?", (mode["language"], mode["elder_mode"])
        )


def window(
    browser: Browser, server: ServerProcess, scene: Scene, who: str, mode: Mapping[str, Any]
) -> BrowserContext:
    """A window of somebody's, in which axe is loaded before the page."""
    context = browser.new_context(viewport=mode["screen"], bypass_csp=True)
    cookies = {
        "linli": scene.sessions.get(who, ""),
        "linli-language": mode["language"],
        "linli-elder": "yes" if mode["elder_mode"] else "no",
    }
    context.add_cookies(
        [{"name": n, "value": v, "url": server.address} for n, v in cookies.items() if v]
    )
    context.add_init_script(script=Axe().axe_script)
    return context


def looked_at(page: Page, address: str, mode: Mapping[str, Any]) -> list[str]:
    """What is wrong with one page; nothing is said of what is no page."""
    # A stream never ends; so its kind is asked before waiting for the rest.
    try:
        answer = page.goto(address, wait_until="commit", timeout=PATIENCE)
    except Refused as put_away:
        if "Download is starting" not in str(put_away):
            raise
        return []
    if answer is None or "text/html" not in answer.headers.get("content-type", ""):
        return []
    page.wait_for_load_state(timeout=PATIENCE)
    refused = address.endswith(REFUSED)
    wrong = [] if answer.status == 200 or refused else [f"status {answer.status}"]
    # Whoever is asked for in elder mode and not found there would prove nothing.
    dressed = page.evaluate(
        "[document.documentElement.lang, document.documentElement.dataset.mode]"
    )
    if dressed != [LANGUAGES[mode["language"]], "elder" if mode["elder_mode"] else None]:
        wrong.append(f"dressed as {dressed}")
    # What is folded up is read by somebody as well.
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    return [*wrong, *too_wide(page, mode), *shut_out(page)]


def too_wide(page: Page, mode: Mapping[str, Any]) -> list[str]:
    """What sticks out of the whole page on a phone."""
    if mode["screen"] == PHONE:
        return [found for found in [page.evaluate(TOO_WIDE)] if found]
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    found = page.evaluate(TOO_WIDE)
    page.set_viewport_size(mode["screen"])
    return [found] if found else []


def shut_out(page: Page) -> list[str]:
    """What axe finds; a page that keeps it too long is named instead of waited for."""
    page.evaluate(THIN)
    page.evaluate(RUN)
    try:
        found = page.wait_for_function("window.found", timeout=PATIENCE, polling=20)
    except TooLate as late:
        raise AssertionError(f"axe is not done with {page.url} in {PATIENCE} ms") from late
    return list(found.json_value())


def test_the_sweep_sees_what_is_wrong():
    with chromium() as browser:
        context = browser.new_context(viewport=PHONE)
        context.add_init_script(script=Axe().axe_script)
        page = context.new_page()
        page.set_content(BAD)
        assert [one.split(":")[0] for one in shut_out(page)] == ["color-contrast", "image-alt"]
        assert page.evaluate(TOO_WIDE).startswith("210 px too wide")


def test_a_page_that_holds_axe_up_is_named_and_left(monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "PATIENCE", 500)
    with chromium() as browser:
        page = browser.new_page()
        page.set_content("<script>window.axe = {run: () => { while (true); }};</script>")
        with pytest.raises(AssertionError, match="about:blank in 500 ms"):
            shut_out(page)


def test_no_page_shuts_anybody_out_or_is_wider_than_a_phone(scene, server):
    wrong = []
    with chromium() as browser:
        for name, mode in MODES.items():
            like(scene, mode)
            windows: dict[str, Page] = {}
            for who, path in pages(scene):
                if who not in windows:
                    windows[who] = window(browser, server, scene, who, mode).new_page()
                page = windows[who]
                if page.viewport_size != mode["screen"]:
                    page.set_viewport_size(mode["screen"])
                wrong += [
                    f"{name} {who} {path}: {one}"
                    for one in looked_at(page, server.address + path, mode)
                ]
            for page in windows.values():
                page.context.close()
    assert not wrong, "\n".join(wrong)
