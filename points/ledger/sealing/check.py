"""``linli books verify``: does the database still say what was sealed?"""

import base64
from collections.abc import AsyncIterator, Callable
from typing import Any

from points.ledger.checks import Problem
from points.ledger.linli_verify import Bad, Section
from points.ledger.sealing.leaves import leaves_of
from points.ledger.sealing.reading import pages, postings
from points.ledger.sealing.salts import known_secrets
from points.ledger.sealing.seals import Seal, leaf_hashes, sealed_until, seals_of
from points.transactions import run

Progress = Callable[[int, int], None]


async def verify_seals(progress: Progress | None = None) -> list[Problem]:
    """Compute every seal anew; of each book the first posting that is not as it was sealed."""
    books = [int(row["id"]) for row in await run("SELECT id FROM book ORDER BY id")]
    problems = []
    for done, book_id in enumerate(books, 1):
        problems += await _first_bad(book_id)
        if progress is not None:
            progress(done, len(books))
    return problems + await _behind_the_seals()


async def sealed_leaves(seal: Seal, *, after: int) -> AsyncIterator[dict[str, Any]]:
    """The leaves of a seal as the database says them today."""
    up_to = seal.last_posting_id
    async for rows in pages(after=after, up_to=up_to, book_id=seal.book_id):
        secrets = await known_secrets(rows)
        for lines in postings(rows):
            for leaf in leaves_of(lines, secrets[seal.book_id]):
                yield leaf


async def _first_bad(book_id: int) -> list[Problem]:
    section, after = Section(book_id, None), 0
    for seal in await seals_of(book_id):
        async for leaf in sealed_leaves(seal, after=after):
            section.add(leaf)
        try:
            leaves = base64.b64encode(await leaf_hashes(seal)).decode()
            section.close(seal.header, seal.hash, leaves)
        except Bad as bad:
            place, _, found = str(bad).partition(": ")
            return [Problem(place, f"as seal {seal.number} of book {book_id} says", found)]
        after = seal.last_posting_id
    return []


async def _behind_the_seals() -> list[Problem]:
    """A posting that appeared where everything is sealed already."""
    rows = await run(
        "SELECT p.id, p.reference, p.book_id FROM posting p LEFT JOIN ("
        "SELECT book_id, MAX(last_posting_id) AS id FROM seal GROUP BY book_id) s "
        "ON s.book_id = p.book_id "
        "WHERE p.id <= {} AND (p.id > COALESCE(s.id, 0) OR p.id < 1) "
        "ORDER BY p.id LIMIT 1",
        await sealed_until(),
    )
    return [
        Problem(
            f"posting {row['id']} ({row['reference']})",
            f"in a seal of book {row['book_id']}, as all before the last seal",
            "in none",
        )
        for row in rows
    ]
