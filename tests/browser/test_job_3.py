"""Job 3 as it is lived: the committee clears ten requests by keyboard; a neighbour follows hers."""

import asyncio
from pathlib import Path

import pytest
from playwright.sync_api import Locator

from points.service.rules import Terms
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.programs import program, run_program
from tests.browser.shelf import Store
from tests.browser.stage import Stage, set_stage
from tests.web.shop import TERMS

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WORDS = {
    "zh-CN": {
        "left": "还有 {n} 件",
        "one_left": "还有 1 件",
        "none": "没有等您表态的",
        "again": "您跳过了 1 件",
        "because": "这个月已经领过两次了，先让给别的邻居",
        "ask": "申请兑换",
        "waits": "等议事会表态",
        "ready": "领取时出示",
        "give": "确认发放",
        "given": "已交给张伟",
        "done": "已领走",
    },
    "en-GB": {
        "left": "{n} requests wait",
        "one_left": "One request waits",
        "none": "Nothing waits for your vote",
        "again": "You skipped one request",
        "because": "Had two this month already, let others have one first",
        "ask": "Ask for it",
        "waits": "With the committee",
        "ready": "Show this when you collect it",
        "give": "Hand it over",
        "given": "was handed over to 张伟",
        "done": "Handed over",
    },
}
# Two of the four ways to look are enough for a quick run.
LOOKS = pytest.mark.parametrize(
    ("screen", "language"),
    [
        (PHONE, "zh-CN"),
        (DESK, "en-GB"),
        pytest.param(PHONE, "en-GB"),
        pytest.param(DESK, "zh-CN"),
    ],
    ids=["phone-zh", "desk-en", "phone-en", "desk-zh"],
)


@pytest.fixture
def stage(sqlite_url) -> Stage:
    """The stage with points that come in faster than in life."""
    return asyncio.run(set_stage(sqlite_url, Terms(**TERMS)))


@pytest.fixture
def store(stage, sqlite_url) -> Store:
    made = Store(sqlite_url, stage)
    made.filled()
    return made


def speak(visit: Visit, language: str) -> None:
    """Choose English as people do, with the button in the header."""
    if language == "en-GB":
        tap(visit, visit.page.get_by_role("button", name="English"))


def tap(visit: Visit, target: Locator) -> None:
    """Touch what leads on to another page."""
    with visit.page.expect_navigation():
        target.click()


def said(visit: Visit) -> str:
    return visit.page.locator("main").inner_text()


def press(visit: Visit, *keys: str) -> None:
    """Keys, the last of which leads on to another page."""
    for key in keys[:-1]:
        visit.page.keyboard.press(key)
    with visit.page.expect_navigation():
        visit.page.keyboard.press(keys[-1])


def refuse(visit: Visit, reason: str) -> None:
    """R opens the reason and puts the cursor there; Enter sends it."""
    visit.page.keyboard.press("r")
    visit.page.locator("input[name=reason]:focus").wait_for()
    visit.page.keyboard.type(reason)
    press(visit, "Enter")


@LOOKS
def test_a_committee_clears_ten_requests_by_keyboard(
    stage, store, visiting, tmp_path, screen, language
):
    words, name = WORDS[language], f"job3-{language}-{screen['width']}"
    store.ten_asked()
    with visiting(language=language, screen=screen) as member:
        member.sign_in(stage.login(stage.cast.zhou_jianguo), stage.password)
        speak(member, language)
        member.picture(f"{name}-1-home")
        member.go("/committee")
        assert words["left"].format(n=10) in said(member)
        member.picture(f"{name}-2-one")
        press(member, "a")
        assert words["left"].format(n=9) in said(member)
        member.picture(f"{name}-3-next")
        press(member, "s")
        assert words["left"].format(n=9) in said(member)
        # Escape closes the reason, and A approves again instead of typing a letter.
        member.page.keyboard.press("r")
        member.page.locator("input[name=reason]:focus").wait_for()
        member.picture(f"{name}-4-reason")
        member.page.keyboard.press("Escape")
        press(member, "a")
        refuse(member, words["because"])
        for _ in range(6):
            press(member, "a")
        assert words["again"] in said(member)
        member.picture(f"{name}-5-skipped")
        press(member, "s")
        assert words["one_left"] in said(member)
        refuse(member, words["because"] + " !")
        assert words["none"] in said(member)
        member.picture(f"{name}-6-cleared")
        member.go("/committee/open")
        member.picture(f"{name}-7-open")

        minutes_hold_every_vote(store, member, tmp_path, words, name)


def minutes_hold_every_vote(store, member, tmp_path, words, name) -> None:
    """A second approval decides one; a refusal was enough where a member shares the household."""
    store.approved(1)
    member.go("/committee/minutes")
    member.picture(f"{name}-8-minutes")
    assert words["because"] in said(member)
    link = member.page.locator("a[href*='minutes.pdf']").get_attribute("href")
    answer = member.page.context.request.get(member.address + link)
    file = tmp_path / "minutes.pdf"
    file.write_bytes(answer.body())
    text = "".join(run_program(program("pdftotext"), "-raw", file, "-").split())
    for fact in ("周建国", "何敏", "".join(words["because"].split())):
        assert fact in text


@LOOKS
def test_a_neighbour_follows_hers_to_the_counter(
    stage, store, visiting, tmp_path, screen, language
):
    words, name, cast = WORDS[language], f"job3-{language}-{screen['width']}", stage.cast
    look = {"language": language, "screen": screen}
    with visiting(**look) as neighbour, visiting(**look) as member, visiting(**look) as organizer:
        for visit, person in (
            (neighbour, cast.zhang_wei), (member, cast.zhou_jianguo), (organizer, cast.wang_fang),
        ):  # fmt: skip
            visit.sign_in(stage.login(person), stage.password)
            speak(visit, language)
        here = asked_in_two_taps(neighbour, words, name)
        member.go("/committee")
        press(member, "a")
        store.approved(1)
        neighbour.go("/")
        neighbour.picture(f"{name}-14-home")
        neighbour.go(here)
        assert words["ready"] in said(neighbour)
        neighbour.picture(f"{name}-15-code")
        scanned = scan(neighbour, tmp_path)
        handed_over(organizer, scanned, words, name)
        neighbour.go(here)
        assert words["done"] in said(neighbour)
        neighbour.picture(f"{name}-20-done")
        neighbour.go("/redemptions")
        neighbour.picture(f"{name}-21-mine")


def asked_in_two_taps(neighbour: Visit, words: dict[str, str], name: str) -> str:
    """From the shelf to a request; answers with the path on which it is followed."""
    neighbour.go("/rewards")
    neighbour.picture(f"{name}-11-shelf")
    tap(neighbour, neighbour.page.locator("a.ware").filter(has_text="洗衣液"))
    neighbour.picture(f"{name}-12-item")
    tap(neighbour, neighbour.page.get_by_role("button", name=words["ask"]))
    assert words["waits"] in said(neighbour)
    neighbour.picture(f"{name}-13-asked")
    return neighbour.page.url.removeprefix(neighbour.address)


def handed_over(organizer: Visit, scanned: str, words: dict[str, str], name: str) -> None:
    """The camera of any phone opens the address that the code holds."""
    for number, path in enumerate(("/pickup", "/pickup/deliveries"), start=16):
        organizer.go(path)
        organizer.picture(f"{name}-{number}{path.replace('/', '-')}")
    organizer.page.goto(scanned)
    organizer.picture(f"{name}-18-found")
    tap(organizer, organizer.page.get_by_role("button", name=words["give"]))
    assert words["given"] in said(organizer)
    for path in ("/catalogue", "/catalogue/1", "/catalogue/new"):
        organizer.go(path)
        organizer.picture(f"{name}-19{path.replace('/', '-')}")


def scan(visit: Visit, folder: Path) -> str:
    """What another implementation reads in the code as it stands on the screen."""
    file = folder / "code.png"
    visit.page.locator("img.qr").screenshot(path=str(file))
    text = run_program(program("zbarimg"), "--quiet", "--raw", file).strip()
    assert text.startswith(f"{visit.address}/pickup?code=")
    return text


def test_asking_and_voting_work_without_scripts_and_in_elder_mode(stage, store, visiting):
    with visiting(java_script_enabled=False) as neighbour:
        neighbour.go("/sign-in")
        page = neighbour.page
        page.locator("input[name=login]").fill(stage.login(stage.cast.jin_xiuzhen))
        page.locator("input[name=password]").fill(stage.password)
        page.locator("main form button[type=submit]").click()
        for path in ("/rewards", "/rewards/1"):
            neighbour.go(path)
            neighbour.picture(f"job3-elder{path.replace('/', '-')}")
        page.get_by_role("button", name="申请兑换").click()
        assert "等议事会表态" in said(neighbour)
        neighbour.picture("job3-elder-asked")
    with visiting(java_script_enabled=False) as member:
        member.go("/sign-in")
        member.page.locator("input[name=login]").fill(stage.login(stage.cast.zhou_jianguo))
        member.page.locator("input[name=password]").fill(stage.password)
        member.page.locator("main form button[type=submit]").click()
        member.go("/committee")
        member.page.get_by_role("button", name="批准").click()
        assert "您同意了" in said(member)
