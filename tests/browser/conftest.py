"""A real browser on a real server: what people see and touch, watched for what must not happen."""

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, sync_playwright

from tests.browser.stage import Stage, set_stage
from tests.conftest import not_here
from tests.durability.server_process import ServerProcess, start_server

SCREENSHOTS = "LINLI_SCREENSHOTS"
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@dataclass
class Visit:
    """One person's browser window, and everything that went wrong in it."""

    page: Page
    address: str
    problems: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Remember console errors (CSP violations are some), failures and foreign requests."""
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))
        self.page.on("request", self._see)
        self.page.on(
            "response",
            lambda answer: (
                self.problems.append(f"{answer.status} {answer.url}")
                if answer.status >= 500
                else None
            ),
        )

    def _hear(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(f"console: {message.text}")

    def _see(self, request: Request) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.problems.append(f"another host: {request.url}")

    def go(self, path: str) -> None:
        """Open a page of the site."""
        self.page.goto(self.address + path)

    def sign_in(self, login: str, password: str) -> None:
        """Come in through the door."""
        self.go("/sign-in")
        self.page.locator("input[name=login]").fill(login)
        self.page.locator("input[name=password]").fill(password)
        self.page.locator("main form button[type=submit]").click()
        self.page.wait_for_url(f"{self.address}/")

    def picture(self, name: str) -> None:
        """Keep a screenshot, where somebody asked for them, and refuse sideways scrolling."""
        # A click is over when the next page has begun, and then it may still be without a root.
        self.page.wait_for_load_state()
        wide = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wide <= 0, f"{name} is {wide} px wider than the screen"
        folder = os.environ.get(SCREENSHOTS)
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser of this test's own: while Playwright's loop runs, nothing else can run one here."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        not_here("browser tests", "there is no chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def stage(sqlite_url: str) -> Stage:
    """A neighbourhood in which the people of the play have passwords."""
    return asyncio.run(set_stage(sqlite_url))


@pytest.fixture
def server(stage: Stage, sqlite_url: str) -> Iterator[ServerProcess]:
    running = start_server(sqlite_url)
    yield running
    running.kill()


@pytest.fixture
def visiting(server: ServerProcess) -> Iterator[Callable[..., AbstractContextManager[Visit]]]:
    """Open windows of their own for several people; nothing may have gone wrong in any."""
    visits: list[Visit] = []
    with chromium() as browser:

        @contextmanager
        def visit(
            *, language: str = "zh-CN", screen: dict[str, int] | None = None, **options: Any
        ) -> Iterator[Visit]:
            context = browser.new_context(
                viewport=screen or PHONE, locale=language, timezone_id="Asia/Shanghai", **options
            )
            opened = Visit(page=context.new_page(), address=server.address)
            opened.watch()
            visits.append(opened)
            yield opened
            context.close()

        yield visit
    assert [problem for visited in visits for problem in visited.problems] == []
