"""The books as one table: a line for each transfer."""

import csv
import io
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Final

from points.ledger.books import zone_of_book
from points.ledger.exports.rows import Span, day_of, last_posting, names_on, transfers_of_book
from points.ledger.sealing.leaves import moment
from points.ledger.sealing.reading import Row

COLUMNS: Final = (
    "book",
    "posting",
    "line",
    "kind",
    "recorded_at",
    "happened_at",
    "unit",
    "amount",
    "vintage",
    "source",
    "source_account",
    "source_entry",
    "source_balance",
    "target",
    "target_account",
    "target_entry",
    "target_balance",
    "reverses",
)
NAMES: Final = ("source_name", "target_name", "reason")
# What a spreadsheet would run as a formula.
FORMULA: Final = re.compile(r"^[=+\-@\t\r]")


async def csv_lines(
    books: Sequence[int], *, span: Span, names: bool, progress: Callable[[int], None]
) -> AsyncIterator[str]:
    """The table, in a snapshot; ``progress`` hears of transfers read."""
    yield _csv([[*COLUMNS, *(NAMES if names else ())]])
    up_to = await last_posting()
    for book_id in books:
        zone = await zone_of_book(book_id)
        async for rows in transfers_of_book(book_id, up_to=up_to):
            known = await names_on(rows) if names else None
            wanted = [row for row in rows if span.place(day_of(row, zone)) == 0]
            yield _csv([_line(row, known) for row in wanted])
            progress(len(rows))


def _line(row: Row, names: Mapping[int, str] | None) -> list[object]:
    line = [
        row["book_id"],
        row["posting_id"],
        row["line"],
        row["kind"],
        moment(row["recorded_at"]),
        moment(row["happened_at"]),
        row["unit"],
        row["amount"],
        row["vintage"],
        *_side(row, "source"),
        *_side(row, "target"),
        row["reverses_id"],
    ]
    if names is not None:
        people = [names.get(row[f"{side}_person"], "") for side in ("source", "target")]
        line += [_inert(text) for text in (*people, row["reason"])]
    return line


def _side(row: Row, side: str) -> list[object]:
    return [row[f"{side}_{name}"] for name in ("kind", "id", "sequence", "balance")]


def _inert(text: str) -> str:
    return f"'{text}" if FORMULA.match(text) else text


def _csv(lines: list[list[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue()
