"""Letters by SMTP, with the standard library, in a thread.

A password is only sent over TLS, and TLS is only left out to a mail server on this machine.
"""

import asyncio
import logging
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import formatdate
from typing import Self
from urllib.parse import unquote, urlsplit

from points.community.areas import time_zone_of
from points.errors import Invalid
from points.notices.email import DueEmail, due_emails, mark_failed, mark_sent
from web import clock
from web.i18n import N_, Language, Translator, choose_language, translator
from web.notice_words import sentence
from web.settings import Settings

LOG = logging.getLogger("linli.mail")
TIMEOUT_SECONDS = 20
PORTS = {"smtp": 587, "smtps": 465}
HERE = frozenset({"localhost", "127.0.0.1", "::1"})
SUBJECT_LENGTH_MAX = 120
# One letter is not taken, but the next one may be.
REFUSED = (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException, ValueError)
WHY = N_("You get this letter because you gave Linli this address. You can take it back under Me.")
OPEN = N_("Open it: {link}")
CODE_SUBJECT = N_("Your code for Linli: {code}")
CODE_TEXT = N_(
    "Type this code on the page where you entered your address: {code}\n\n"
    "If you did not do that, do nothing. Nobody gets letters here without this code."
)


class MailNotSetUp(Invalid):
    """There is no mail server, or its address is not one."""

    message = "This install sends no e-mail. Notices stand here, under the bell."


class MailNotSent(Invalid):
    """The mail server did not take the letter."""

    message = "The letter could not be sent. Please check the address and try again later."


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where letters are handed over, and by whom."""

    scheme: str
    host: str
    port: int
    user: str
    password: str
    sender: str

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The server of LINLI_SMTP_URL."""
        try:
            parts = urlsplit(settings.smtp_url)
            usual = PORTS[parts.scheme]
            port = parts.port or usual
        except (ValueError, KeyError):
            raise MailNotSetUp from None
        if not parts.hostname:
            raise MailNotSetUp
        return cls(
            scheme=parts.scheme,
            host=parts.hostname,
            port=port,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            sender=settings.mail_from or f"linli@{parts.hostname}",
        )


async def send_due(settings: Settings, now: datetime) -> int:
    """Send the letters that wait; what one mail server refused is tried again later."""
    server = MailServer.of(settings)
    letters = await due_emails(now=now)
    if not letters:
        return 0
    messages = [
        (letter.notice_id, await _letter(letter, server, settings.public_url)) for letter in letters
    ]
    results = await asyncio.to_thread(_deliver, server, messages)
    for notice_id, taken in results:
        mark = mark_sent if taken else mark_failed
        await mark(notice_id=notice_id, now=clock.now())
    return sum(taken for _, taken in results)


async def send_code(
    settings: Settings, *, address: str, code: str, language: Language, time_zone: str
) -> None:
    """Send the code that proves a mailbox."""
    server = MailServer.of(settings)
    say = translator(language, time_zone)
    message = _message(
        server,
        address=address,
        subject=say.gettext(CODE_SUBJECT, code=code),
        text=say.gettext(CODE_TEXT, code=code),
    )
    try:
        [(_, taken)] = await asyncio.to_thread(_deliver, server, [(0, message)])
    except OSError:
        LOG.exception("The mail server could not be reached.")
        taken = False
    if not taken:
        raise MailNotSent(field="address")


async def _letter(letter: DueEmail, server: MailServer, public_url: str) -> EmailMessage:
    zone = await time_zone_of(letter.area_id)
    say = translator(choose_language(preference=letter.language), zone)
    told = sentence(say, letter.kind, letter.facts)
    message = _message(
        server, address=letter.address, subject=told, text=_text(say, told, public_url, letter.path)
    )
    # The same letter sent twice after a crash is one letter to a mail program.
    message["Message-ID"] = f"<notice-{letter.notice_id}@{server.sender.rpartition('@')[2]}>"
    return message


def _text(say: Translator, told: str, public_url: str, path: str) -> str:
    link = [say.gettext(OPEN, link=f"{public_url}{path}")] if public_url else []
    return "\n\n".join([told, *link, say.gettext(WHY)]) + "\n"


def _message(server: MailServer, *, address: str, subject: str, text: str) -> EmailMessage:
    message = EmailMessage()
    # Titles come from people: a line break in one must not become a line of the head.
    message["Subject"] = " ".join(subject.split())[:SUBJECT_LENGTH_MAX]
    message["From"] = server.sender
    message["To"] = address
    message["Date"] = formatdate(clock.now().timestamp())
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    return message


def _deliver(
    server: MailServer, messages: Sequence[tuple[int, EmailMessage]]
) -> list[tuple[int, bool]]:
    """Hand the letters over in one connection; what came after a broken one still waits."""
    results: list[tuple[int, bool]] = []
    with _connected(server) as smtp:
        for notice_id, message in messages:
            try:
                smtp.send_message(message)
            except REFUSED as error:
                LOG.warning("Letter %s was refused: %s", notice_id, type(error).__name__)
                results.append((notice_id, False))
            except OSError as error:
                LOG.warning("Letter %s broke the connection: %s", notice_id, type(error).__name__)
                results.append((notice_id, False))
                break
            else:
                results.append((notice_id, True))
    return results


def _connected(server: MailServer) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if server.scheme == "smtps":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=TIMEOUT_SECONDS, context=context
        )
    else:
        smtp = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS)
        if server.host not in HERE:
            smtp.starttls(context=context)
    if server.user:
        smtp.login(server.user, server.password)
    return smtp
