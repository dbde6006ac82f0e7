"""The statement to take away: as a table for a spreadsheet, as a passbook on paper."""

import csv
import io
from collections.abc import Sequence
from datetime import date

from anyio import to_thread
from litestar import Response, get
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from msgspec import Struct
from xlsxwriter import Workbook  # type: ignore[import-untyped]  # It ships no types.

from points.community import grants, guardians, profiles, reads
from points.community.roles import STAFF
from points.errors import Missing
from points.ledger.history import span_of
from points.ledger.statement import (
    LINES_MAX,
    EntryLine,
    Unit,
    balances,
    books_of,
    statement,
)
from points.service.errors import NoBookHere
from points.service.occasions import book_of_person
from web import clock
from web.auth import WebRequest, actor, signed_in
from web.forms import Id, wanted
from web.i18n import N_
from web.pages import words
from web.passbook_pdf import Account, Passbook, passbook_pdf
from web.points_pages import StatementQuery
from web.points_reasons import what_of
from web.sheets import inert

HEADERS = (N_("Day"), N_("Entered on"), N_("What for"), N_("Change"), N_("Balance"),
           N_("Valid until"))  # fmt: skip
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COLUMN_CHARACTERS = (14, 20, 40, 12, 12, 14)


class PassbookQuery(Struct, frozen=True):
    """Which year and which book; this year and her own, if nothing is said."""

    year: int | None = None
    book: Id | None = None


@get("/points/statement.csv", guards=[signed_in])
async def statement_csv(request: WebRequest) -> Response[bytes]:
    """My statement as CSV with its mark, without which Excel shows rubbish."""
    text = io.StringIO()
    csv.writer(text).writerows(await _table(request))
    return _file(text.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8", "statement.csv")


@get("/points/statement.xlsx", guards=[signed_in])
async def statement_xlsx(request: WebRequest) -> Response[bytes]:
    """My statement as a workbook."""
    rows = await _table(request)
    content = await to_thread.run_sync(_workbook, rows, words(request).gettext("My statement"))
    return _file(content, XLSX, "statement.xlsx")


@get("/points/passbook.pdf", guards=[signed_in])
async def my_passbook(request: WebRequest) -> Response[bytes]:
    """My passbook of a year."""
    return await _passbook(request, actor(request))


@get("/people/{person_id:int}/passbook.pdf", guards=[signed_in])
async def passbook_of(request: WebRequest, person_id: FromPath[int]) -> Response[bytes]:
    """The passbook of a child, or of a neighbour for whom the office prints it; that is logged."""
    await _require_sight(request, person_id)
    return await _passbook(request, person_id)


ROUTES: list[ControllerRouterHandler] = [
    statement_csv, statement_xlsx, my_passbook, passbook_of,
]  # fmt: skip


def _file(content: bytes, media_type: str, name: str, *, shown: bool = False) -> Response[bytes]:
    how = "inline" if shown else "attachment"
    headers = {"content-disposition": f'{how}; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)


# --- the table


async def _table(request: WebRequest) -> list[list[str | int]]:
    """Every entry that the page would show, page after page, oldest first."""
    asked = wanted(request, StatementQuery)
    book_id = asked.book or await book_of_person(actor(request))
    say = words(request)
    rows: list[list[str | int]] = [[say.gettext(header) for header in HEADERS]]
    if book_id is None:
        return rows
    span = await span_of(
        book_id=book_id, person_id=actor(request), unit=asked.unit, since=asked.since,
        until=asked.until, time_zone=request.user.time_zone,
    )  # fmt: skip
    lines = await _entries(book_id, actor(request), asked.unit, span.after, span.before)
    if asked.way != "both":
        lines = [line for line in lines if (line.amount > 0) == (asked.way == "in")]
    what = what_of(say)
    return rows + [
        [say.local(line.happened_at).date().isoformat(),
         f"{say.local(line.recorded_at):%Y-%m-%d %H:%M}", inert(what(line)), line.amount,
         line.balance, line.vintage.isoformat() if line.vintage and line.amount > 0 else ""]
        for line in lines
    ]  # fmt: skip


async def _entries(
    book_id: int, person_id: int, unit: Unit, after: int, before: int
) -> list[EntryLine]:
    found: list[EntryLine] = []
    while lines := await statement(
        book_id=book_id, person_id=person_id, unit=unit, after_sequence=after,
        before_sequence=before, limit=LINES_MAX,
    ):  # fmt: skip
        found += lines
        before = lines[-1].sequence
    return found[::-1]


def _workbook(rows: Sequence[Sequence[str | int]], title: str) -> bytes:
    content = io.BytesIO()
    with Workbook(content, {"in_memory": True}) as book:
        head = book.add_format({"bold": True, "bg_color": "#F6E3DC", "bottom": 1})
        sheet = book.add_worksheet(title[:31])
        sheet.freeze_panes(1, 0)
        for column, characters in enumerate(COLUMN_CHARACTERS):
            sheet.set_column(column, column, characters)
        sheet.write_row(0, 0, rows[0], head)
        for number, row in enumerate(rows[1:], 1):
            for column, value in enumerate(row):
                write = sheet.write_string if isinstance(value, str) else sheet.write_number
                write(number, column, value)
    return content.getvalue()


# --- the passbook


async def _require_sight(request: WebRequest, person_id: int) -> None:
    """Guardians see their children's; staff that of residents of their area, on record."""
    mine, today = actor(request), clock.today(request.user.time_zone)
    person = await profiles.person(person_id)
    if mine == person_id or await guardians.is_guardian(
        person_id=mine, child_id=person_id, today=today
    ):
        return
    if not await grants.covers(person_id=mine, roles=STAFF, area_id=person.area_id, today=today):
        raise Missing
    await reads.log_reads(actor_id=mine, person_ids=[person_id], what="passbook", now=clock.now())


async def _passbook(request: WebRequest, person_id: int) -> Response[bytes]:
    asked = wanted(request, PassbookQuery)
    today = clock.today(request.user.time_zone)
    year = asked.year if asked.year and 1900 <= asked.year <= 2200 else today.year
    book_id = asked.book or await book_of_person(person_id)
    if book_id is None:
        raise NoBookHere
    kept = dict(await books_of(person_id))
    passbook = Passbook(
        person=await profiles.person(person_id),
        kept_by=kept.get(book_id, request.user.site_name),
        year=year,
        balances=await balances(book_id=book_id, person_id=person_id),
        points=await _account(request, book_id, person_id, "points", year),
        minutes=await _account(request, book_id, person_id, "minutes", year),
        link=_link(request, book_id, year),
    )
    made = await to_thread.run_sync(passbook_pdf, passbook, words(request), clock.now())
    return _file(made, "application/pdf", f"passbook-{year}.pdf", shown=True)


async def _account(
    request: WebRequest, book_id: int, person_id: int, unit: Unit, year: int
) -> Account:
    span = await span_of(
        book_id=book_id, person_id=person_id, unit=unit, since=date(year, 1, 1),
        until=date(year, 12, 31), time_zone=request.user.time_zone,
    )  # fmt: skip
    return Account(span, await _entries(book_id, person_id, unit, span.after, span.before))


def _link(request: WebRequest, book_id: int, year: int) -> str:
    """What the square on the cover says: the statement of that year, for whoever signs in."""
    base = request.app.state.settings.public_url or str(request.base_url).rstrip("/")
    return f"{base}/points?book={book_id}&since={year}-01-01"
