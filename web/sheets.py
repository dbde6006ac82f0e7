"""Files for people: what was recognised in one, and the rows that came back from an import."""

import csv
import io
import re
from collections.abc import Iterable, Iterator

from points.imports.columns import Columns, first_word
from points.imports.rows import ImportReport, RowProblem, Sheet
from web.i18n import N_, Translator

_FORMULA = re.compile(r"^[=+\-@\t\r](?!\d+(\.\d+)?$)")
HEADER = (N_("Line"), N_("Column"), N_("Value"), N_("What happened"), N_("Reason"))
LEFT = (N_("Refused"), N_("Held back"), N_("Taken, with a note"))


def said_columns(sheet: Sheet, columns: Columns, said: Translator) -> Iterator[str]:
    """The header as it was understood, line by line, before anything is kept."""
    _ = said.gettext
    encoding = f" · {sheet.encoding}" if sheet.encoding else ""
    yield _(
        "{name}: {rows} rows{encoding}", name=sheet.name, rows=len(sheet.rows), encoding=encoding
    )
    if sheet.others:
        yield said_others(sheet.title, sheet.others, said)
    for column in columns.recognised:
        yield f"  {column.header} → {first_word(columns.kind, column.field)}"
    if columns.unknown:
        yield _("Not used: {columns}", columns=", ".join(columns.unknown))
    for field, headers in columns.ambiguous:
        yield _("Said twice: {columns}", columns=f"{field}: {', '.join(headers)}")


def said_others(title: str, others: Iterable[str], said: Translator) -> str:
    """Which sheet of a workbook was taken, where there are several."""
    return said.gettext(
        "Taken is the sheet “{title}”. Not used: {others}.", title=title, others=", ".join(others)
    )


def said_report(report: ImportReport, said: Translator) -> str:
    """The numbers of an import in one sentence."""
    return said.gettext(
        "{created} new, {updated} updated, {unchanged} unchanged, {held_back} held back, "
        "{refused} refused.",
        created=report.created,
        updated=report.updated,
        unchanged=report.unchanged,
        held_back=len(report.held_back),
        refused=len(report.refused),
    )


def returned_rows(report: ImportReport, said: Translator) -> bytes | None:
    """The rows that need somebody, as a table that Excel opens; None where there is none."""
    groups = (report.refused, report.held_back, report.notes)
    if not any(groups):
        return None
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(said.gettext(header) for header in HEADER)
    for group, what in zip(groups, LEFT, strict=True):
        writer.writerows(_lines(group, said.gettext(what), said))
    return text.getvalue().encode("utf-8-sig")


def _lines(problems: Iterable[RowProblem], what: str, said: Translator) -> Iterator[list[str]]:
    for problem in problems:
        reason = said.refusal(problem.error)
        yield [str(problem.line), inert(problem.column), inert(problem.value), what, reason]


def inert(text: str) -> str:
    """Text that a spreadsheet would run as a formula, made to be read only."""
    return f"'{text}" if _FORMULA.match(text) else text
