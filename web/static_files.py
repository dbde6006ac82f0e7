"""The files of the site's look: read and packed once, held in memory, joined where there are many.

One process answers all that a page asks for; so it asks for few files, and each costs little.
"""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from litestar import route
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response.base import ASGIResponse

from web.auth import WebRequest

STATIC: Final = Path(__file__).parent / "static"
SERVED: Final[Mapping[str, str]] = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
# Several files under one name, in the order in which they must be read.
JOINED: Final[Mapping[str, tuple[str, ...]]] = {
    "site.css": ("vendor/pico/pico.min.css", "linli.css", "parts.css", "print.css"),
    "map-page.css": ("vendor/leaflet/leaflet.css", "map.css"),
    "map-page.js": (
        "vendor/leaflet/leaflet.js", "map.js", "map-marks.js", "map-sheet.js", "map-find.js",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file as it goes over the wire, plain and packed."""

    plain: bytes
    packed: bytes
    media_type: str
    version: str

    @property
    def etag(self) -> str:
        """Changes with the content."""
        return f'"{self.version}"'

    def headers(self, size: int, *, packed: bool) -> dict[str, str]:
        """What is said of it."""
        said = {"etag": self.etag, "vary": "accept-encoding", "content-type": self.media_type}
        if size:
            said["content-length"] = str(size)
        return {**said, "content-encoding": "gzip"} if packed else said


@lru_cache(maxsize=256)
def static_file(name: str) -> StaticFile:
    """The file of this name; whatever is none of ours, or no page may name, is not found."""
    if name not in _names():
        raise FileNotFoundError(name)
    plain = b"\n".join((STATIC / part).read_bytes() for part in JOINED.get(name, (name,)))
    version = hashlib.sha256(plain).hexdigest()[:12]
    # The same bytes whenever the process starts, so that nothing but the content counts.
    packed = gzip.compress(plain, mtime=0)
    return StaticFile(plain, packed, SERVED[Path(name).suffix], version)


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    found = (path for path in STATIC.rglob("*") if path.suffix in SERVED)
    return frozenset(path.relative_to(STATIC).as_posix() for path in found) | JOINED.keys()


@route("/static/{file_path:path}", http_method=["GET", "HEAD"], include_in_schema=False)
async def give_file(request: WebRequest, file_path: FromPath[str]) -> ASGIResponse:
    """A file, packed for whoever can unpack it; nothing where it is known already."""
    try:
        found = static_file(file_path.removeprefix("/"))
    except FileNotFoundError:
        raise NotFoundException from None
    known = request.headers.get("if-none-match") == found.etag
    packed = not known and "gzip" in request.headers.get("accept-encoding", "")
    body = b"" if known else found.packed if packed else found.plain
    is_head = request.method == "HEAD"
    return ASGIResponse(
        body=b"" if is_head else body, status_code=304 if known else 200, is_head_response=is_head,
        headers=found.headers(len(body), packed=packed),
    )  # fmt: skip
