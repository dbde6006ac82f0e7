"""Transfers with everything that a leaf says of them, page by page in the order of the books."""

import json
from collections.abc import AsyncIterator, Iterable, Iterator
from itertools import groupby
from typing import Any, Final

from points.transactions import is_postgres, run

Row = dict[str, Any]
POSTINGS_PER_PAGE: Final = 1_000

# Left joins: every posting has transfers, unless somebody took them away behind our back.
_TRANSFERS: Final = (
    "SELECT p.id AS posting_id, p.book_id, p.kind, p.reference, p.request_hash, p.reason, "
    "p.details, p.actor_id, p.happened_at, p.recorded_at, p.reverses_id, p.service_record_id, "
    "x.line, x.amount, x.vintage, s.unit, "
    "s.id AS source_id, s.kind AS source_kind, s.owner_id AS source_owner, "
    "s.person_id AS source_person, x.source_sequence, x.source_balance, "
    "t.id AS target_id, t.kind AS target_kind, t.owner_id AS target_owner, "
    "t.person_id AS target_person, x.target_sequence, x.target_balance "
    "FROM {postings} p LEFT JOIN transfer x ON x.posting_id = p.id "
    "LEFT JOIN account s ON s.id = x.source_id LEFT JOIN account t ON t.id = x.target_id "
)


async def pages(*, after: int, up_to: int, book_id: int | None = None) -> AsyncIterator[list[Row]]:
    """The transfers of all postings with a number in (after, up_to], whole postings to a page."""
    of_book = f"AND book_id = {book_id} " if book_id else ""
    page = (
        f"(SELECT * FROM posting WHERE id > {{}} AND id <= {{}} {of_book}"
        f"ORDER BY id LIMIT {POSTINGS_PER_PAGE})"
    )
    asked = f"{_TRANSFERS.replace('{postings}', page)}ORDER BY p.id, x.line"
    while rows := await run(asked, after, up_to):
        after = int(rows[-1]["posting_id"])
        if found := [row for row in rows if row["line"] is not None]:
            yield found


async def transfers_of(account_ids: list[int], *, after: int, up_to: int) -> list[Row]:
    """All transfers of those postings in (after, up_to] that touch one of the accounts."""
    if not account_ids:
        return []
    (of_source, ids), (of_target, _) = among("source_id", account_ids), among("target_id", ())
    return await run(
        f"{_TRANSFERS.replace('{postings}', 'posting')}"
        "WHERE p.id > {} AND p.id <= {} AND p.id IN ("
        f"SELECT posting_id FROM transfer WHERE {of_source} "
        f"UNION SELECT posting_id FROM transfer WHERE {of_target}) ORDER BY p.id, x.line",
        after,
        up_to,
        ids,
        ids,
    )


def among(column: str, numbers: Iterable[int]) -> tuple[str, object]:
    """A condition with one value: the text is the same for any numbers, and so is its plan."""
    listed = sorted(set(numbers))
    if is_postgres():
        return f"{column} = ANY(CAST({{}} AS BIGINT[]))", listed
    return f"{column} IN (SELECT value FROM json_each({{}}))", json.dumps(listed)


def postings(rows: list[Row]) -> Iterator[list[Row]]:
    """The rows of each posting together."""
    for _, lines in groupby(rows, key=lambda row: row["posting_id"]):
        yield list(lines)
