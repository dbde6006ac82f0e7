"""Files that come with a form: photos, read for what is in them and kept without what is not.

A handler that takes files says so: ``@post(..., files=True, request_max_body_size=PHOTO_BYTES)``.
"""

import hashlib
import io
import warnings
from collections.abc import Callable
from typing import Final, TypeVar

import zxingcpp
from anyio import CapacityLimiter, to_thread
from litestar.datastructures import UploadFile
from litestar.exceptions import ClientException, HTTPException, ValidationException
from PIL import Image, ImageOps

from points.errors import Invalid
from web.auth import WebRequest
from web.errors import BadForm

T = TypeVar("T")
# What the camera of a phone makes; it is made smaller before it is kept.
PHOTO_BYTES: Final = 12_000_000
PHOTO_FORMATS: Final = ("JPEG", "PNG", "WEBP")
PIXELS_MAX: Final = 50_000_000
SHOWN_PIXELS: Final = 960
READ_PIXELS: Final = 2400
QUALITY: Final = 82
QR_CODE: Final = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
# A photo unpacked takes a lot of memory: never more than two at a time.
_AT_ONCE = CapacityLimiter(2)


class PhotoUnreadable(Invalid):
    """The file is no picture that can be read here."""

    message = "This file is not a photo that can be read here. JPEG, PNG and WebP work."


class PhotoMissing(Invalid):
    """No file was chosen."""

    message = "Choose a photo first."


def takes_files(request: WebRequest) -> bool:
    """Whether a form with files came to a handler that takes some."""
    multipart = request.content_type[0] == "multipart/form-data"
    return multipart and bool(request.route_handler.opt.get("files"))


async def posted_with_files(request: WebRequest) -> dict[str, list[str]]:
    """The fields of a form; a file stands there as its digest."""
    try:
        fields = (await request.form()).multi_items()
    except (ClientException, ValidationException, ValueError) as error:
        if isinstance(error, HTTPException) and error.status_code == 413:
            raise
        raise BadForm from None
    values: dict[str, list[str]] = {}
    for name, value in fields:
        content = await uploaded(request, name) if isinstance(value, UploadFile) else b""
        digest = hashlib.sha256(content).hexdigest() if content else ""
        text = digest if isinstance(value, UploadFile) else str(value).replace("\r\n", "\n")
        values.setdefault(name, []).append(text.strip())
    return values


async def uploaded(request: WebRequest, name: str) -> bytes:
    """The file that came under a name; empty where none was chosen."""
    if not takes_files(request):
        return b""
    file = (await request.form()).get(name)
    if not isinstance(file, UploadFile):
        return b""
    await file.seek(0)
    return await file.read()


async def shown_photo(request: WebRequest, name: str) -> bytes:
    """The photo as a small JPEG, without the place and time that a camera writes into it."""
    return await _read(request, name, _shrunk)


async def code_in_photo(request: WebRequest, name: str) -> str:
    """The text of the first QR code in the photo; empty where there is none to be seen."""
    return await _read(request, name, _scanned)


async def _read(request: WebRequest, name: str, how: Callable[[Image.Image], T]) -> T:
    content = await uploaded(request, name)
    if not content:
        raise PhotoMissing(field=name)
    try:
        return await to_thread.run_sync(_opened, content, how, limiter=_AT_ONCE)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise PhotoUnreadable(field=name) from None


def _opened(content: bytes, how: Callable[[Image.Image], T]) -> T:
    with warnings.catch_warnings():
        # What Pillow only warns of is judged by the check below.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        with Image.open(io.BytesIO(content), formats=PHOTO_FORMATS) as image:
            if image.width * image.height > PIXELS_MAX:
                raise ValueError(image.size)
            return how(image)


def _shrunk(image: Image.Image) -> bytes:
    image.draft("RGB", (SHOWN_PIXELS, SHOWN_PIXELS))
    upright = ImageOps.exif_transpose(image).convert("RGBA")
    upright.thumbnail((SHOWN_PIXELS, SHOWN_PIXELS))
    plain = Image.new("RGB", upright.size, "white")
    plain.paste(upright, mask=upright.getchannel("A"))
    kept = io.BytesIO()
    plain.save(kept, "JPEG", quality=QUALITY, optimize=True)
    return kept.getvalue()


def _scanned(image: Image.Image) -> str:
    image.draft("L", (READ_PIXELS, READ_PIXELS))
    grey = image.convert("L")
    grey.thumbnail((READ_PIXELS, READ_PIXELS))
    found = zxingcpp.read_barcodes(grey, formats=QR_CODE)
    return found[0].text if found else ""
