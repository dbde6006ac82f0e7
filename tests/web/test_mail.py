"""Letters in the reader's language; what one server refuses harms no other letter."""

import re
import smtplib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from points.notices.email import confirm_email, email_of, set_email
from points.notices.post import notify
from points.transactions import run
from tests.cast import Cast
from tests.web.conftest import Site, said
from tests.web.smtp import Mailbox, mail_server
from web import clock
from web.mail import MailNotSetUp, MailServer, send_due
from web.settings import Settings

pytestmark = pytest.mark.anyio


@pytest.fixture
async def mailbox(anyio_backend: str) -> AsyncIterator[Mailbox]:
    async with mail_server() as opened:
        yield opened


@pytest.fixture
def settings(site: Site, mailbox: Mailbox, tmp_path: Path) -> Settings:
    made = Settings(
        data=tmp_path,
        database_url="",
        smtp_url=mailbox.url,
        mail_from="linli@example.org",
        public_url="https" + "://linli.example.org",
    )
    site.app.state.settings = made
    return made


async def with_address(person_id: int, address: str) -> None:
    now = clock.now()
    _, code = await set_email(person_id=person_id, address=address, now=now)
    await confirm_email(person_id=person_id, code=code, now=now)


async def tell(*person_ids: int, title: str = "插花") -> None:
    await notify(
        person_ids=person_ids,
        kind="activity_confirmed",
        facts={"title": title, "seats": 10},
        path="/activities/3",
        now=clock.now(),
    )


async def states() -> list[str]:
    rows = await run("SELECT email_state FROM notice ORDER BY person_id")
    return [row["email_state"] for row in rows]


async def test_each_gets_a_letter_in_her_language(
    site: Site, mailbox: Mailbox, settings: Settings
) -> None:
    cast: Cast = site.cast
    await run("UPDATE person SET language = 'en' WHERE id = {}", cast.he_min)
    await with_address(cast.wang_fang, "wang@example.org")
    await with_address(cast.he_min, "he@example.org")
    await tell(cast.wang_fang, cast.he_min, cast.zhang_wei)
    assert await send_due(settings, clock.now()) == 2
    assert await send_due(settings, clock.now()) == 0
    wang, he = mailbox.letters
    assert (wang["to"], wang["from"]) == ("wang@example.org", "linli@example.org")
    assert wang["subject"] == "“插花”成行啦，已有 10 位邻居报名。"
    assert "linli.example.org/activities/3" in wang.get_content()
    assert he["subject"] == "插花 will take place: 10 neighbours signed up."
    assert await states() == ["sent", "none", "sent"]


async def test_a_title_never_becomes_a_line_of_the_head(
    site: Site, mailbox: Mailbox, settings: Settings
) -> None:
    await with_address(site.cast.wang_fang, "wang@example.org")
    await tell(site.cast.wang_fang, title="a\r\nBcc: all@example.org\r\n\r\nb")
    await send_due(settings, clock.now())
    [letter] = mailbox.letters
    assert letter["bcc"] is None
    assert "Bcc" in letter["subject"]


async def test_a_refused_letter_holds_up_no_other(
    site: Site, mailbox: Mailbox, settings: Settings
) -> None:
    mailbox.refused.add("gone@")
    await with_address(site.cast.wang_fang, "gone@example.org")
    await with_address(site.cast.he_min, "he@example.org")
    await tell(site.cast.wang_fang, site.cast.he_min)
    assert await send_due(settings, clock.now()) == 1
    assert await states() == ["due", "sent"]


async def test_after_a_broken_connection_the_others_are_sent_next_time(
    site: Site, mailbox: Mailbox, settings: Settings
) -> None:
    mailbox.hangs_up_on.add("odd@")
    await with_address(site.cast.wang_fang, "odd@example.org")
    await with_address(site.cast.he_min, "he@example.org")
    await tell(site.cast.wang_fang, site.cast.he_min)
    assert await send_due(settings, clock.now()) == 0
    assert await send_due(settings, clock.now()) == 1
    assert await states() == ["due", "sent"]


async def test_a_server_that_is_down_counts_against_no_letter(
    site: Site, settings: Settings, tmp_path: Path
) -> None:
    await with_address(site.cast.wang_fang, "wang@example.org")
    await tell(site.cast.wang_fang)
    down = Settings(data=tmp_path, database_url="", smtp_url="smtp://127.0.0.1:1")
    with pytest.raises(ConnectionRefusedError):
        await send_due(down, clock.now())
    [row] = await run("SELECT email_tries FROM notice")
    assert row["email_tries"] == 0


@pytest.mark.parametrize("url", ["", "mail.example.org", "smtp://", "http://h:25", "smtp://h:x"])
def test_an_address_that_is_none_is_said(url: str, tmp_path: Path) -> None:
    with pytest.raises(MailNotSetUp):
        MailServer.of(Settings(data=tmp_path, database_url="", smtp_url=url))


def test_a_password_may_hold_any_character(tmp_path: Path) -> None:
    url = "smtps://linli%40example.org:p%3Aw%2F@mail.example.org"
    server = MailServer.of(Settings(data=tmp_path, database_url="", smtp_url=url))
    assert (server.user, server.password, server.port) == ("linli@example.org", "p:w/", 465)
    assert server.sender == "linli@mail.example.org"


async def test_nothing_is_said_to_another_machine_without_tls(
    site: Site, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """This server offers no TLS; were it another machine, it would get neither name nor letter."""
    monkeypatch.setattr("web.mail.HERE", frozenset())
    await with_address(site.cast.wang_fang, "wang@example.org")
    await tell(site.cast.wang_fang)
    settings = Settings(data=tmp_path, database_url="", smtp_url=mailbox.url)
    with pytest.raises(smtplib.SMTPNotSupportedError):
        await send_due(settings, clock.now())
    assert mailbox.letters == []


async def test_a_person_proves_her_mailbox_in_the_browser(
    site: Site, mailbox: Mailbox, settings: Settings
) -> None:
    browser = await site.signed_in(site.cast.wang_fang)
    page = await browser.follow(await browser.post("/me/email", address="wang@example.org"))
    assert "验证码已发到您的邮箱" in said(page)
    [letter] = mailbox.letters
    found = re.search(r"[A-Z2-7]{8}", letter["subject"])
    assert found
    wrong = await browser.post("/me/email/confirm", code="AAAAAAAA")
    assert "验证码不对" in said(wrong)
    page = await browser.follow(await browser.post("/me/email/confirm", code=found[0]))
    assert "通知会发到这里" in said(page)
    page = await browser.follow(await browser.post("/me/email/remove"))
    assert await email_of(site.cast.wang_fang) is None


async def test_an_address_the_server_refuses_is_said_at_once(
    site: Site, mailbox: Mailbox, settings: Settings
) -> None:
    mailbox.refused.add("gone@")
    browser = await site.signed_in(site.cast.wang_fang)
    for address, words in (("gone@example.org", "邮件没有发出去"), ("gone", "请填写邮箱")):
        answer = await browser.post("/me/email", address=address)
        assert answer.status_code == 422
        assert words in said(answer)


async def test_without_a_mail_server_the_page_says_so(site: Site) -> None:
    browser = await site.signed_in(site.cast.wang_fang)
    assert "这里没有开通邮件" in said(await browser.get("/me/email"))
    assert "这里没有开通邮件" in said(await browser.post("/me/email", address="w@example.org"))
    assert await email_of(site.cast.wang_fang) is None
