"""Job 1 as it is lived: 金秀珍, 72, logs her patrol in elder mode; 卢阿姨 confirms it."""

import pytest

from tests.browser.conftest import DESK, PHONE

pytestmark = pytest.mark.browser


def test_a_volunteer_of_72_logs_and_her_stairwell_leader_confirms(stage, visiting):
    cast = stage.cast
    with visiting() as volunteer, visiting() as leader:
        volunteer.sign_in(stage.login(cast.jin_xiuzhen), stage.password)
        page = volunteer.page
        assert page.locator("html").get_attribute("data-mode") == "elder"
        assert page.locator("html").get_attribute("lang").startswith("zh")
        volunteer.picture("job1-1-volunteer-home-empty")

        page.get_by_role("link", name="登记我的服务").first.click()
        page.get_by_role("link", name="楼道巡查").click()
        volunteer.picture("job1-2-volunteer-log")
        page.get_by_label("做了些什么").fill("查看了每层的堆物")
        page.get_by_role("button", name="登记").click()
        assert "卢秀英" in page.locator("main").inner_text()
        volunteer.picture("job1-3-volunteer-waiting")

        leader.sign_in(stage.login(cast.lu_xiuying), stage.password)
        leader.picture("job1-4-leader-home")
        leader.go("/confirm")
        assert "金秀珍" in leader.page.locator("main").inner_text()
        leader.page.get_by_role("checkbox").last.check()
        leader.picture("job1-5-leader-confirms")
        leader.page.get_by_role("button", name="确认").click()
        leader.picture("job1-6-leader-done")

        volunteer.go("/")
        home = page.locator("main").inner_text()
        assert "15" in home
        volunteer.picture("job1-7-volunteer-home")
        volunteer.go("/points")
        page.get_by_role("link", name="楼道巡查").first.click()
        why = page.locator("main").inner_text()
        assert "15" in why
        assert "10" in why
        volunteer.picture("job1-8-volunteer-why")


def test_elder_mode_has_large_text_and_large_targets(stage, visiting):
    with visiting() as volunteer:
        volunteer.sign_in(stage.login(stage.cast.jin_xiuzhen), stage.password)
        size = volunteer.page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
        assert size >= 22
        small = volunteer.page.evaluate(
            """() => [...document.querySelectorAll('nav a, main a[role=button], button')]
                .filter(e => e.offsetParent).map(e => [e.innerText, e.getBoundingClientRect()])
                .filter(([, box]) => box.height < 59.5).map(([text]) => text)"""
        )
        assert small == []


def test_everything_also_works_without_scripts(stage, visiting):
    with visiting(java_script_enabled=False) as volunteer:
        volunteer.go("/sign-in")
        page = volunteer.page
        page.locator("input[name=login]").fill(stage.login(stage.cast.jin_xiuzhen))
        page.locator("input[name=password]").fill(stage.password)
        page.locator("main form button[type=submit]").click()
        volunteer.go(f"/service/new?occasion={stage.patrol}")
        page.get_by_role("button", name="登记").click()
        assert "等" in page.locator("main").inner_text()


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh-CN", "en-GB"])
@pytest.mark.parametrize("screen", ["phone", "desk"])
def test_pages_fit_their_screens(stage, visiting, language, screen):
    with visiting(language=language, screen=DESK if screen == "desk" else PHONE) as visit:
        visit.go("/")
        visit.picture(f"page-public-{language}-{screen}")
        visit.sign_in(stage.login(stage.cast.zhang_wei), stage.password)
        for path in ("/", "/service", "/points", "/occasions", "/me"):
            visit.go(path)
            name = path.strip("/").replace("/", "-") or "home"
            visit.picture(f"page-{name}-{language}-{screen}")
