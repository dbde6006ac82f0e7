"""The passbook (积分存折) of a year as a PDF, for the drawer of whoever has no phone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import segno
from fpdf.enums import Align

from points.community.profiles import PersonView
from points.ledger.history import Span
from points.ledger.rules import NEVER
from points.ledger.statement import Balances, EntryLine
from web.i18n import Translator
from web.paper import INK, LINE_MM, MARGIN_MM, SOFT, Paper
from web.points_reasons import what_of

ENTRY_COLUMNS: Final = (42, 76, 28, 28)
QR_MM: Final = 30
QR_ERROR_CORRECTION: Final = "m"


@dataclass(frozen=True, slots=True)
class Account:
    """The entries of one unit in the year, oldest first, and where it stood before and after."""

    span: Span
    lines: Sequence[EntryLine]


@dataclass(frozen=True, slots=True)
class Passbook:
    """All that one booklet says; ``link`` opens the statement for its owner."""

    person: PersonView
    kept_by: str
    year: int
    balances: Balances
    points: Account
    minutes: Account
    link: str


def passbook_pdf(passbook: Passbook, say: Translator, made_at: datetime) -> bytes:
    """The booklet as a file."""
    paper = Paper(title=say.gettext("Points passbook"), say=say, made_at=made_at)
    _cover(paper, passbook)
    _ = say.gettext
    _account(paper, _("Points in {year}", year=passbook.year), passbook.points, say.signed,
             say.number)  # fmt: skip
    _expiry(paper, passbook.balances.expiring)
    _account(paper, _("Hours of service in {year}", year=passbook.year), passbook.minutes,
             say.hours, say.hours)  # fmt: skip
    paper.ln(2)
    paper.say_line(_("Hours are honour and last for ever; spending points never lowers them."))
    return bytes(paper.output())


def _cover(paper: Paper, passbook: Passbook) -> None:
    """Who it belongs to and what there is now; the square opens it for its owner."""
    _, top = paper.say.gettext, paper.get_y()
    _square(paper, passbook.link, top)
    paper.set_right_margin(MARGIN_MM + QR_MM + 4)
    paper.head(_("Points passbook"), " · ".join(passbook.person.area_path[-3:]))
    person = passbook.person
    paper.say_line(_("{name}, volunteer number {number}",
                     name=person.name, number=person.volunteer_no))  # fmt: skip
    paper.say_line(_("Book of {area}", area=passbook.kept_by))
    standing = passbook.balances
    paper.say_line(_("Now: {points} to use, {hours} of service.",
                     points=paper.say.points(standing.points),
                     hours=paper.say.hours(standing.minutes)))  # fmt: skip
    if standing.arrears:
        paper.say_line(_("{points} points taken back are still to be settled by coming ones.",
                         points=standing.arrears))  # fmt: skip
    paper.set_right_margin(MARGIN_MM)
    paper.set_y(max(paper.get_y(), top + QR_MM + LINE_MM + 2))


def _square(paper: Paper, link: str, top: float) -> None:
    code = segno.make(link, error=QR_ERROR_CORRECTION, micro=False)
    side = QR_MM / (code.symbol_size(border=0)[0])
    left = paper.w - MARGIN_MM - QR_MM
    paper.set_fill_color(0, 0, 0)
    for row, line in enumerate(code.matrix):
        for column, dark in enumerate(line):
            if dark:
                paper.rect(left + column * side, top + row * side, side, side, style="F")
    paper.write_in(SOFT, 7.5)
    paper.set_xy(left, top + QR_MM + 1)
    paper.cell(QR_MM, 4, paper.printable(paper.say.gettext("Opens for its owner")), align=Align.C)
    paper.set_xy(MARGIN_MM, top)


def _account(
    paper: Paper,
    title: str,
    account: Account,
    change: Callable[[int], str],
    stand: Callable[[int], str],
) -> None:
    _, say, what = paper.say.gettext, paper.say, what_of(paper.say)
    paper.ln(4)
    paper.write_in(INK, 13)
    paper.paragraph(title, 8)
    rows = [(_("Carried over"), "", stand(account.span.opening or 0))]
    head = paper.table_head()
    with paper.table(
        col_widths=ENTRY_COLUMNS, line_height=LINE_MM, headings_style=head, align="LEFT",
        text_align=(Align.L, Align.L, Align.R, Align.R), borders_layout="HORIZONTAL_LINES",
    ) as table:  # fmt: skip
        table.row([_("Day"), _("What for"), _("Change"), _("Balance")])
        table.row(["", *rows[0]])
        for line in account.lines:
            told = (say.date(line.happened_at), what(line), change(line.amount),
                    stand(line.balance))  # fmt: skip
            table.row([paper.printable(text) for text in told])
    if not account.lines:
        paper.say_line(_("Nothing was entered in this year."))


def _expiry(paper: Paper, expiring: Sequence[tuple[date, int]]) -> None:
    """Until when the points of today are valid."""
    _, say = paper.say.gettext, paper.say
    paper.ln(2)
    for day, points in expiring:
        if day < NEVER:
            said = _("{points} points until {day}", points=say.number(points), day=say.date(day))
        else:
            said = _("{points} points without an end", points=say.number(points))
        paper.say_line(said)
