"""Does a text hand out a phone number or an account?  Pure.

It is refused rather than cut: whoever wrote it has to know that it did not arrive.
"""

import re
import unicodedata
from typing import Final

# Digits also hide as Chinese numerals and between dots.
_NUMERALS: Final = str.maketrans(
    "零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖", "001234567891123456789"
)
_DATE: Final = re.compile(r"\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}(?!\d)")
_BETWEEN: Final = re.compile(r"(?<=\d)[\s\-‐-―−.,·•・_/\\()（）]+(?=\d)")
# A landline without area code has eight digits, everything longer reaches somebody.
_NUMBER: Final = re.compile(r"\d{7,}")
_ADDRESS: Final = re.compile(r"[\w.+-]+@[\w-]+\.\w+")
_ACCOUNT: Final = re.compile(r"(微信号?|wechat|weixin|qq|vx|薇信)\s*[:：号是为]?\s*[a-z0-9_-]{5,}")


def names_contact(text: str) -> bool:
    """Whether a text holds what looks like a number or address to reach somebody by."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    digits = _BETWEEN.sub("", _DATE.sub(" x ", plain).translate(_NUMERALS))
    return bool(_NUMBER.search(digits) or _ADDRESS.search(plain) or _ACCOUNT.search(plain))
