"""Job 2 as it is lived: 王芳 posts, ten neighbours sign up, it confirms itself, and counts."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.crowd import Backstage

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Each look is a whole evening; one of them is enough while somebody works on the code.
LOOKS = [
    pytest.param("zh-CN", PHONE, id="zh-phone"),
    pytest.param("zh-CN", DESK, id="zh-desk"),
    pytest.param("en-GB", PHONE, id="en-phone"),
    pytest.param("en-GB", DESK, id="en-desk"),
]
WORDS = {
    "zh-CN": {
        "title": "清洁家园：把三号楼后面的花园收拾干净，顺便种上今年的郁金香",
        "place": "三号楼后花园",
        "propose": "发起",
        "come": "报名参加",
        "takes_place": "已成行",
        "over": "已结束，待点名",
        "roll": "活动点名",
        "note": "记下来",
        "taken": "有 10 位出了力",
        "confirm": "确认",
        "line": "候补第 1 位",
    },
    "en-GB": {
        "title": "Clean-up: the garden behind building 3, and this year's tulips",
        "place": "Garden behind building 3",
        "propose": "Propose it",
        "come": "Come along",
        "takes_place": "Takes place",
        "over": "Over, roll not yet called",
        "roll": "Call the roll",
        "note": "Note it",
        "taken": "10 served",
        "confirm": "Confirm",
        "line": "place 1",
    },
}


@pytest.fixture
def backstage(stage, sqlite_url) -> Backstage:
    return Backstage(sqlite_url, stage)


def speak(visit: Visit, language: str) -> None:
    """Choose English as people do, with the button in the header; it is remembered."""
    if visit.page.locator("html").get_attribute("lang") != language[:2] and language == "en-GB":
        visit.page.get_by_role("button", name="English").click()


def proposed(visit: Visit, name: str, words: dict[str, str]) -> str:
    """Fill in the form as an organizer would; returns the path of the activity."""
    page, day = visit.page, (datetime.now(UTC) + timedelta(days=6)).date()
    visit.go("/activities/new")
    page.locator("[name=title]").fill(words["title"])
    page.locator("[name=summary]").fill("工具由居委会准备。\nTools are there.")
    page.locator("[name=activity_class][value=governance]").check()
    page.locator("[name=category]").select_option("cleaning")
    page.locator("[name=place]").fill(words["place"])
    page.locator("[name=day]").fill(day.isoformat())
    page.locator("[name=starts_at]").fill("09:00")
    page.locator("[name=ends_at]").fill("11:00")
    page.locator("[name=capacity]").fill("10")
    page.locator("[name=to_bring]").fill("手套 / gloves")
    visit.picture(f"{name}-1-form")
    page.get_by_role("button", name=words["propose"], exact=True).click()
    visit.picture(f"{name}-2-proposed")
    return page.url.removeprefix(visit.address)


def joined(visit: Visit, name: str, number: int, here: str, words: dict[str, str]) -> None:
    """A neighbour looks at it and signs up; the eleventh finds every seat taken."""
    page = visit.page
    if number == 6:
        visit.go("/activities")
        visit.picture(f"{name}-3-list")
        visit.go(here)
        visit.picture(f"{name}-4-gathering")
    visit.go(here)
    page.locator("form[action$='/sign-up'] button").click()
    assert (words["line"] in page.locator("main").inner_text()) == (number == 10)
    if number in (0, 9, 10):
        visit.picture(f"{name}-5-signed-up-{number}")


def told(visit: Visit, name: str, here: str, words: dict[str, str]) -> None:
    """The organizer finds it confirmed, and was told."""
    visit.go(here)
    assert words["takes_place"] in visit.page.locator("main").inner_text()
    visit.picture(f"{name}-6-confirmed")
    visit.go("/notices")
    visit.picture(f"{name}-7-notices")
    assert words["title"] in visit.page.locator("main").inner_text()


def rolled(visit: Visit, name: str, here: str, words: dict[str, str]) -> None:
    """It is over; the organizer notes that all of them served."""
    page = visit.page
    visit.go("/")
    visit.picture(f"{name}-8-home")
    visit.go(here)
    assert words["over"] in page.locator("main").inner_text()
    page.get_by_role("link", name=words["roll"]).click()
    for choice in page.locator("select[name=attendance]").all():
        choice.select_option("served")
    page.locator("[name=reason]").fill("我在现场 / I was there")
    visit.picture(f"{name}-9-roll")
    page.get_by_role("button", name=words["note"]).click()
    assert words["taken"] in page.locator("main").inner_text()
    visit.picture(f"{name}-10-done")


def confirmed(visit: Visit, words: dict[str, str]) -> None:
    """Somebody else confirms the ten records."""
    visit.go("/confirm")
    boxes = visit.page.locator("input[name=record]")
    assert boxes.count() == 10
    for number in range(10):
        boxes.nth(number).check()
    visit.page.get_by_role("button", name=words["confirm"]).last.click()


@pytest.mark.parametrize(("language", "screen"), LOOKS)
def test_a_crowd_gathers_and_its_service_counts(stage, backstage, visiting, screen, language):
    words, cast = WORDS[language], stage.cast
    name = f"job2-{language}-{screen['width']}"
    neighbours = backstage.ten_neighbours()

    @contextmanager
    def coming(login: str) -> Iterator[Visit]:
        with visiting(language=language, screen=screen) as visit:
            visit.sign_in(login, stage.password)
            speak(visit, language)
            yield visit

    with coming(stage.login(cast.wang_fang)) as organizer:
        here = proposed(organizer, name, words)
        for number, login in enumerate([*neighbours, stage.login(cast.zhang_wei)]):
            with coming(login) as neighbour:
                joined(neighbour, name, number, here, words)
        told(organizer, name, here, words)
        backstage.let_it_be_over(words["title"])
        rolled(organizer, name, here, words)
    with coming(stage.login(cast.chen_jing)) as steward:
        confirmed(steward, words)
    with coming(neighbours[0]) as neighbour:
        neighbour.go("/points")
        assert "20" in neighbour.page.locator("main").inner_text()
        neighbour.picture(f"{name}-11-credited")


@pytest.mark.parametrize(("language", "screen"), LOOKS)
def test_every_page_of_activities_fits_its_screen_while_it_is_empty(
    stage, visiting, screen, language
):
    with visiting(language=language, screen=screen) as visit:
        name = f"activities-empty-{language}-{screen['width']}"
        visit.go("/activities")
        visit.picture(f"{name}-stranger")
        visit.sign_in(stage.login(stage.cast.lu_xiuying), stage.password)
        speak(visit, language)
        for path in ("", "?when=confirmed", "?when=past", "?category=teaching", "/mine", "/new"):
            visit.go(f"/activities{path}")
            visit.picture(f"{name}-{path.strip('/?').replace('=', '-') or 'gathering'}")


def test_elders_without_scripts_come_along_too(stage, backstage, visiting):
    words = WORDS["zh-CN"]
    with visiting() as organizer, visiting(java_script_enabled=False) as elder:
        organizer.sign_in(stage.login(stage.cast.wang_fang), stage.password)
        here = proposed(organizer, "job2-elder", words)
        elder.go("/sign-in")
        page = elder.page
        page.locator("input[name=login]").fill(stage.login(stage.cast.jin_xiuzhen))
        page.locator("input[name=password]").fill(stage.password)
        page.locator("main form button[type=submit]").click()
        elder.go("/activities")
        elder.picture("job2-elder-list")
        page.get_by_role("link", name=words["title"]).click()
        elder.picture("job2-elder-activity")
        page.get_by_role("button", name=words["come"]).click()
        assert "金秀珍报上名了" in page.locator("main").inner_text()
        elder.go("/")
        elder.picture("job2-elder-home")
        elder.go(here)
        page.get_by_role("button", name="来不了").click()
        assert "0 / 10 人" in page.locator("main").inner_text()
