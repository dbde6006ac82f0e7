"""A file as a table, whatever it was; and what an import did with it."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

from points.errors import DomainError

Rings = tuple[tuple[tuple[float, float], ...], ...]
Cell = str | int | float | bool | dt.datetime | dt.date | dt.time | dt.timedelta | Rings | None
Progress = Callable[[int, int], None]
"""Called with (rows done, rows in all)."""

SHOWN_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Row:
    """Cells with the 1-based line they stand on (of a feature list: its number)."""

    line: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why one row was refused or held back."""

    line: int
    column: str
    value: str
    error: DomainError

    @property
    def reason(self) -> str:
        """The English message id; ``error.facts`` fill it."""
        return self.error.message


@dataclass(frozen=True, slots=True)
class Sheet:
    """The one table of a file.  ``problems`` are rows that could not even be taken apart."""

    name: str
    kind: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    problems: tuple[RowProblem, ...] = ()
    encoding: str | None = None
    delimiter: str | None = None
    title: str = ""
    """Of a workbook: which of its sheets this is, and (``others``) which were left alone."""
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What was done, in rows; a dry run says what would be."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    held_back: tuple[RowProblem, ...] = field(default=())
    refused: tuple[RowProblem, ...] = field(default=())
    notes: tuple[RowProblem, ...] = field(default=())
    """Rows that were taken, with something left for a person to do."""


def shown(cell: object) -> str:
    """A cell as it is told to people: short, and outlines by their size."""
    if cell is None:
        return ""
    if isinstance(cell, tuple):
        return f"[{sum(len(ring) for ring in cell)}]"
    text = " ".join(str(cell).split())
    return text if len(text) <= SHOWN_LENGTH else text[: SHOWN_LENGTH - 1] + "…"
