"""Passwords, codes, digests and the waiting after wrong tries.  Pure."""

import hashlib
import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from points.community.access.errors import (
    PasswordObvious,
    PasswordPersonal,
    PasswordTooLong,
    PasswordTooShort,
)

PASSWORD_LENGTH_MIN: Final = 8
PASSWORD_LENGTH_MAX: Final = 200
# What is left beside one's own name or number has to be more than this.
OWN_REST_LENGTH_MIN: Final = 4
DISTINCT_MIN: Final = 4

# Without 0, O, 1 and I, which look alike in print and in handwriting.
CODE_ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LENGTH: Final = 8
INVITATION_TERM: Final = timedelta(days=14)
RESET_TERM: Final = timedelta(days=3)

SESSION_IDLE: Final = timedelta(days=30)
SESSION_TERM: Final = timedelta(days=90)
SEEN_EVERY: Final = timedelta(minutes=5)

# To look, to change, and to use the duties of one's roles, which one may keep to oneself.
TOKEN_SCOPES: Final = ("read", "write", "staff")
TOKEN_DAYS_MAX: Final = 366
TOKENS_MAX: Final = 20
TOKEN_LABEL_LENGTH_MAX: Final = 60

WINDOW: Final = timedelta(minutes=15)
WAIT_FIRST: Final = timedelta(minutes=1)
WAIT_MAX: Final = timedelta(minutes=15)
ACCOUNT_TRIES: Final = 5
# One address is often one office, where many people sign in.
ADDRESS_TRIES: Final = 20
CODE_TRIES: Final = 10

_COMMON: Final = """
123456 1234567 12345678 123456789 1234567890 0123456789 87654321 987654321 0987654321 12341234
11223344 12344321 123123123 123321123 147258369 159357258 789456123 741852963 password
password1 password123 passw0rd p@ssw0rd p@ssword qwertyui qwertyuiop qwerty123 qwer1234
1q2w3e4r 1q2w3e4r5t 1qaz2wsx qazwsxedc zaq12wsx asdfghjkl asdf1234 zxcvbnm1 abcdefgh abcd1234
abc12345 abc123456 a1234567 a12345678 a123456789 aa123456 aa12345678 q1234567 qq123456 z1234567
w1234567 asd12345 asd123456 qwe12345 qwe123456 1234qwer iloveyou iloveyou1 woaini520 woaini1314
woaini521 5201314520 5211314521 13145200 wang1234 admin123 admin1234 administrator welcome1
welcome123 letmein123 sunshine football baseball princess superman starwars dragon123 monkey123
shanghai shanghai1 shanghai123 linlilinli linli123 linli1234 test1234 changeme changeme1
secret123
"""
COMMON: Final = frozenset(_COMMON.split())


@dataclass(frozen=True, slots=True)
class Tries:
    """The wrong tries of one account or address, and until when nothing more is looked at."""

    count: int
    window_started_at: datetime
    blocked_until: datetime | None


def blocked(tries: Tries, now: datetime) -> timedelta | None:
    """How long to wait before the next try; None if it may come now."""
    if tries.blocked_until is None or tries.blocked_until <= now:
        return None
    return tries.blocked_until - now


def after_try(tries: Tries | None, *, free: int, now: datetime) -> Tries:
    """The count with one try more; from the ``free``-th on each wait is twice the last."""
    if tries is None or tries.count == 0:
        return Tries(1, now, None)
    quiet_since = max(tries.window_started_at, tries.blocked_until or tries.window_started_at)
    if now - quiet_since > WINDOW:
        return Tries(1, now, None)
    count = tries.count + 1
    if count < free:
        return Tries(count, tries.window_started_at, None)
    # The exponent is bounded, so that a million tries do not make a number of a million bits.
    wait = min(WAIT_FIRST * 2 ** min(count - free, 10), WAIT_MAX)
    return Tries(count, tries.window_started_at, now + wait)


def minutes_up(wait: timedelta) -> int:
    """Whole minutes, rounded up."""
    return -(-int(wait.total_seconds()) // 60) or 1


def digest(secret: str) -> str:
    """What is stored of a token or a code."""
    return hashlib.sha256(secret.encode()).hexdigest()


def normalise_password(password: str) -> str:
    """A password as it is hashed: full-width letters of a Chinese keyboard are plain ones."""
    return unicodedata.normalize("NFKC", password.encode(errors="replace").decode())


def check_password(password: str, *, own: Collection[str]) -> None:
    """Refuse a password that a stranger would try; ``own`` are the person's name and numbers."""
    plain = normalise_password(password)
    if len(plain) > PASSWORD_LENGTH_MAX:
        raise PasswordTooLong(field="password", length_max=PASSWORD_LENGTH_MAX)
    if len(plain) < PASSWORD_LENGTH_MIN:
        raise PasswordTooShort(field="password", length_min=PASSWORD_LENGTH_MIN)
    folded = plain.casefold()
    for fact in own:
        rest = _letters(folded).replace(_letters(fact.casefold()), "", 1)
        if rest != _letters(folded) and (len(rest) < OWN_REST_LENGTH_MIN or rest in COMMON):
            raise PasswordPersonal(field="password")
    if folded in COMMON or len(set(folded)) < DISTINCT_MIN:
        raise PasswordObvious(field="password")


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text)


def normalise_code(text: str) -> str | None:
    """A typed or scanned code as it is digested; None if it cannot be one."""
    code = re.sub(r"[\s\-‐-―−]", "", unicodedata.normalize("NFKC", text[:64])).upper()
    if len(code) != CODE_LENGTH or not set(code) <= set(CODE_ALPHABET):
        return None
    return code


def printed_code(code: str) -> str:
    """A code as it is printed: ABCD-EFGH."""
    half = CODE_LENGTH // 2
    return f"{code[:half]}-{code[half:]}"
