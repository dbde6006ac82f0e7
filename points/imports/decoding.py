"""Bytes to text.  An encoding is found by trying strictly, never by dropping what does not fit."""

import codecs

from charset_normalizer import from_bytes

from points.imports.errors import Undecodable, UnknownEncoding

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
SAMPLE_BYTES = 65_536
# Encodings that contradict what is not theirs.  One-byte code pages take any file for letters.
SELF_CHECKING = {"big5", "big5hkscs", "cp950", "cp932", "shift_jis", "euc_jp", "cp949", "euc_kr"}


def decoded(name: str, content: bytes, encoding: str | None = None) -> tuple[str, str]:
    """(Text, encoding).  ``encoding`` is taken at its word; without one it is looked for."""
    if encoding:
        return _strictly(name, content, _known(encoding))
    for bom, fitting in BOMS:
        if content.startswith(bom):
            return _strictly(name, content, fitting)
    for fitting in _candidates(content):
        try:
            return content.decode(fitting), fitting
        except UnicodeDecodeError:
            continue
    return _strictly(name, content, "gb18030")


def _known(encoding: str) -> str:
    try:
        found = codecs.lookup(encoding).name
    except LookupError:
        raise UnknownEncoding(encoding=encoding) from None
    # GBK and GB2312 are parts of GB18030; files called so often hold names outside of the part.
    if found in {"gbk", "gb2312"}:
        return "gb18030"
    return "utf-8-sig" if found == "utf-8" else found


def _candidates(content: bytes) -> list[str]:
    wide = _wide_without_mark(content)
    if wide:
        return [wide]
    guess = from_bytes(content[:SAMPLE_BYTES]).best()
    guessed = [guess.encoding] if guess and guess.encoding in SELF_CHECKING else []
    return ["utf-8", "gb18030", *guessed]


def _wide_without_mark(content: bytes) -> str | None:
    """UTF-16 shows itself by the zero halves of commas, digits and line ends."""
    sample = content[:SAMPLE_BYTES]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if even + odd < len(sample) // 50 or not (even or odd):
        return None
    return "utf-16-be" if even > odd else "utf-16-le"


def _strictly(name: str, content: bytes, encoding: str) -> tuple[str, str]:
    try:
        return content.decode(encoding), encoding
    except UnicodeDecodeError as error:
        byte = content[error.start : error.start + 1].hex().upper()
        raise Undecodable(
            name=name, encoding=encoding, byte=f"0x{byte}", position=error.start
        ) from None
