"""E-mail addresses, the codes that prove them, and when a letter is tried again.  Pure."""

import base64
import hashlib
import hmac
import re
from datetime import timedelta
from typing import Final

from points.notices.errors import BadEmail

ADDRESS_LENGTH_MAX: Final = 200
CODE_LENGTH: Final = 8
# A mail server that was down over a long weekend is still served; then the notice stands in-app.
RETRIES: Final = (
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=3),
    timedelta(hours=12),
    timedelta(days=2),
)
# No line breaks or blanks anywhere: an address goes into the head of a letter.
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]+"
)


def email_address(text: str) -> str:
    """The address as it is kept; its domain in small letters."""
    local, _, domain = text.strip().rpartition("@")
    address = f"{local}@{domain.lower()}"
    if len(address) > ADDRESS_LENGTH_MAX or not _ADDRESS.fullmatch(address):
        raise BadEmail(field="address")
    return address


def email_code(*, secret: bytes, person_id: int, address: str) -> str:
    """The code that is sent to an address; nobody can tell it who cannot read that mailbox."""
    text = f"{person_id} {address}".encode()
    digest = hmac.new(secret, text, hashlib.sha256).digest()
    return base64.b32encode(digest).decode()[:CODE_LENGTH]


def same_code(given: str, expected: str) -> bool:
    """Whether a code was typed right, in whatever letters and groups."""
    typed = re.sub(r"[\s-]", "", given).upper()
    return hmac.compare_digest(typed.encode(), expected.encode())


def retry_after(tries: int) -> timedelta | None:
    """How long to wait after so many failures; None: leave it."""
    return RETRIES[tries - 1] if tries <= len(RETRIES) else None
