"""Who may see the sealed books: everybody the digests, everybody signed in her own proof."""

from collections.abc import Mapping
from datetime import datetime

from points.ledger.sealing.seals import seal_due
from tests.web.access_entry import ALL, HOLDERS, Entry
from web import clock

SEALS: Mapping[str, Entry] = {
    "GET /digest": Entry(ALL),
    "GET /digest/{month:str}": Entry(ALL),
    "GET /digest/{month:str}/digest.json": Entry(ALL),
    "GET /digest/{month:str}/mine": Entry(HOLDERS),
    "GET /digest/{month:str}/mine.json": Entry(HOLDERS),
    "GET /digest/linli_verify.py": Entry(ALL),
    "GET /me/proof": Entry(HOLDERS),
}


async def sealed(now: datetime) -> dict[str, str]:
    """The month in which everything so far was sealed."""
    await seal_due(now)
    return {"month": clock.today("Asia/Shanghai").strftime("%Y-%m")}
