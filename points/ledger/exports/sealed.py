"""The sealed export: every transfer as it was sealed, then its seal.  The verifier reads it.

One JSON object a line: the books in the file; of each book ``after`` (the seal before its first one
here, or null); its leaves in their order, each batch followed by its ``seal``; and its ``end``.
What is newer than the last seal is left out.
"""

import base64
import json
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from typing import Final

from points.ledger.linli_verify import NOTHING_BEFORE
from points.ledger.sealing.check import sealed_leaves
from points.ledger.sealing.seals import Seal, leaf_hashes, one_seal, seals_of

FORMAT: Final = "export-1"
# One for all: making it costs as much as using it.
_WRITE: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)
Progress = Callable[[int], None]


async def sealed_lines(
    books: Sequence[int],
    *,
    begin: datetime | None = None,
    end: datetime | None = None,
    progress: Progress,
) -> AsyncIterator[str]:
    """The lines of the export; ``progress`` hears of each transfer written."""
    yield _json({"linli": FORMAT, "books": list(books)})
    for book_id in books:
        seals = await seals_of(book_id, begin=begin, end=end)
        before = await one_seal(book_id, seals[0].number - 1) if seals else None
        yield _json({"book": book_id, "after": before.header if before else None})
        after = before.last_posting_id if before else 0
        for seal in seals:
            async for line in _lines_of(seal, after, progress):
                yield line
            after = seal.last_posting_id
        head = seals[-1].hash if seals else NOTHING_BEFORE
        yield _json({"end": head, "seals": len(seals)})


async def _lines_of(seal: Seal, after: int, progress: Progress) -> AsyncIterator[str]:
    async for leaf in sealed_leaves(seal, after=after):
        yield _json({"leaf": leaf})
        progress(1)
    leaves = base64.b64encode(await leaf_hashes(seal)).decode()
    yield _json({"seal": seal.header, "hash": seal.hash, "leaves": leaves})


def _json(value: object) -> str:
    return f"{_WRITE.encode(value)}\n"
