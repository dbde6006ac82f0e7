"""Read a file as a table: CSV, Excel, OpenDocument, GeoJSON.  What it is, its content says."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    load_workbook,
)

from points.imports.decoding import decoded
from points.imports.errors import (
    CellsTooMany,
    CellTooLong,
    FileDamaged,
    FileEmpty,
    FileTooLarge,
    HeaderMissing,
    NoRows,
    PasswordProtected,
    TooManyRows,
    WrongFileType,
)
from points.imports.outlines import read_json
from points.imports.rows import Cell, Row, RowProblem, Sheet, shown

BYTES_MAX = 100_000_000
UNPACKED_BYTES_MAX = 1_000_000_000
ROWS_MAX = 200_000
CELL_LENGTH_MAX = 9_999
HEADER_ROWS = 10
DELIMITERS = ",;\t，；|"
OLE = bytes.fromhex("d0cf11e0a1b11ae1")
FOREIGN = (
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"%PDF", "PDF"),
    (b"{\\rtf", "RTF"),
    (b"7z\xbc\xaf", "7z"),
    (b"Rar!", "RAR"),
    (b"\x1f\x8b", "gzip"),
    (b"SQLite format 3", "SQLite"),
    (b"<!DOCTYPE", "HTML"),
    (b"<html", "HTML"),
)
# A quotation mark left open may swallow the rest of the file into one cell; that cell is then
# refused with its line, rather than the file with csv's own limit.
csv.field_size_limit(BYTES_MAX)

KnownHeaders = Callable[[Sequence[str]], int]
"""How many cells of a row name a known column."""


def check_size(name: str, size: int) -> None:
    """Refuse too much or nothing at all, before anything is read into memory."""
    if size > BYTES_MAX:
        raise FileTooLarge(name=name, megabytes=-(-size // 1_000_000), most=BYTES_MAX // 1_000_000)
    if size == 0:
        raise FileEmpty(name=name)


def read_sheet(
    *, name: str, content: bytes, known_headers: KnownHeaders, encoding: str | None = None
) -> Sheet:
    """The table of a file, with its header found among the first rows."""
    check_size(name, len(content))
    packed = content.startswith(b"PK\x03\x04")
    if packed:
        _check_archive(name, content)
    if packed or content.startswith(OLE):
        return _read_workbook(name, content, known_headers)
    _check_text(name, content)
    text, found = decoded(name, content, encoding)
    text = text.removeprefix("\ufeff")
    if not text.strip("\ufeff \t\r\n,;，；|\x00"):
        raise FileEmpty(name=name)
    if "\x00" in text:
        raise WrongFileType(name=name, found="binary")
    if text.lstrip()[:1] in {"{", "["}:
        header, rows = read_json(name, text)
        return _checked(Sheet(name, "json", header, tuple(rows), encoding=found))
    delimiter = _delimiter(text)
    header, below = _under_header(name, _csv_rows(text, delimiter), known_headers)
    return _checked(Sheet(name, "csv", header, tuple(below), encoding=found, delimiter=delimiter))


def _check_text(name: str, content: bytes) -> None:
    for start, what in FOREIGN:
        # BM may begin a word; a bitmap has binary zeros in its first bytes as well.
        if content.startswith(start) and (start != b"BM" or b"\x00" in content[:32]):
            raise WrongFileType(name=name, found=what)


def _check_archive(name: str, content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.namelist()
            unpacked = sum(part.file_size for part in archive.infolist())
            marker = archive.read("mimetype")[:100] if "mimetype" in parts else b""
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError):
        raise FileDamaged(name=name, detail="the archive is incomplete") from None
    if unpacked > UNPACKED_BYTES_MAX:
        raise FileTooLarge(
            name=name, megabytes=unpacked // 1_000_000, most=UNPACKED_BYTES_MAX // 1_000_000
        )
    if any(part.startswith("word/") for part in parts):
        raise WrongFileType(name=name, found="Word")
    if any(part.startswith("ppt/") for part in parts):
        raise WrongFileType(name=name, found="PowerPoint")
    if not (any(part.startswith("xl/") for part in parts) or b"opendocument.spreads" in marker):
        raise WrongFileType(name=name, found="zip")


def _read_workbook(name: str, content: bytes, known_headers: KnownHeaders) -> Sheet:
    try:
        book = load_workbook(io.BytesIO(content))
        tables = {title: _workbook_rows(book, title) for title in _titles(book)}
    except PasswordError:
        raise PasswordProtected(name=name) from None
    except (CalamineError, OSError, ValueError) as error:
        if content.startswith(OLE):
            raise WrongFileType(name=name, found="OLE") from None
        raise FileDamaged(name=name, detail=str(error)) from None
    filled = {title: rows for title, rows in tables.items() if rows}
    if not filled:
        raise FileEmpty(name=name)
    best = max(filled, key=lambda title: _header_at(filled[title], known_headers)[1])
    header, below = _under_header(name, filled[best], known_headers)
    others = tuple(title for title in filled if title != best)
    return _checked(Sheet(name, "workbook", header, tuple(below), title=best, others=others))


def _titles(book: CalamineWorkbook) -> list[str]:
    return [sheet.name for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]


def _workbook_rows(book: CalamineWorkbook, title: str) -> list[Row]:
    lines = book.get_sheet_by_name(title).to_python(skip_empty_area=False)
    return list(_filled(Row(line, tuple(map(_cell, row))) for line, row in enumerate(lines, 1)))


def _cell(value: Cell) -> Cell:
    """Excel keeps every number as a fraction; phone numbers want their digits back."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _filled(rows: Iterable[Row]) -> Iterator[Row]:
    for row in rows:
        if any(not isinstance(cell, str | None) or (cell and cell.strip()) for cell in row.cells):
            yield row


def _delimiter(text: str) -> str:
    """The one that stands most often in the first line that has any."""
    for line in islice(io.StringIO(text), HEADER_ROWS):
        counts = {mark: line.count(mark) for mark in DELIMITERS}
        best = max(DELIMITERS, key=lambda mark: counts[mark])
        if counts[best]:
            return best
    return ","


def _csv_rows(text: str, delimiter: str) -> list[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows, line = [], 1
    for cells in reader:
        rows.append(Row(line, tuple(cells)))
        line = reader.line_num + 1
        if len(rows) > ROWS_MAX + HEADER_ROWS:
            break
    return list(_filled(rows))


def _header_at(rows: Sequence[Row], known_headers: KnownHeaders) -> tuple[int, int]:
    """(Index of the row that names most columns, how many): a title may stand above it."""
    first = rows[:HEADER_ROWS]
    scores = [known_headers([shown(cell) for cell in row.cells]) for row in first]
    best = max(range(len(first)), key=lambda at: scores[at])
    return best, scores[best]


def _under_header(
    name: str, rows: Sequence[Row], known_headers: KnownHeaders
) -> tuple[tuple[str, ...], Sequence[Row]]:
    if not rows:
        raise FileEmpty(name=name)
    at, score = _header_at(rows, known_headers)
    if not score:
        first_row = shown(" | ".join(shown(cell) for cell in rows[0].cells))
        raise HeaderMissing(name=name, first_row=first_row)
    names = [shown(cell) for cell in rows[at].cells]
    while names and not names[-1]:
        names.pop()
    return tuple(names), rows[at + 1 :]


def _checked(sheet: Sheet) -> Sheet:
    """The sheet with rows that cannot be taken apart moved to its problems."""
    if not sheet.rows:
        raise NoRows(name=sheet.name)
    if len(sheet.rows) > ROWS_MAX:
        raise TooManyRows(name=sheet.name, most=ROWS_MAX)
    kept, problems = [], []
    for row in sheet.rows:
        problem = _problem(sheet.header, row)
        if problem:
            problems.append(problem)
        else:
            kept.append(row)
    return replace(sheet, rows=tuple(kept), problems=tuple(problems))


def _problem(header: Sequence[str], row: Row) -> RowProblem | None:
    for at, cell in enumerate(row.cells):
        if isinstance(cell, str) and len(cell) > CELL_LENGTH_MAX:
            column = header[at] if at < len(header) else ""
            error = CellTooLong(count=len(cell), most=CELL_LENGTH_MAX)
            return RowProblem(row.line, column, shown(cell), error)
        if at >= len(header) and cell not in (None, "") and str(cell).strip():
            error_many = CellsTooMany(count=len(row.cells), named=len(header))
            return RowProblem(row.line, "", shown(cell), error_many)
    return None
