"""One row of a file, field by field: each value, or the first reason against the row.  Pure."""

from collections.abc import Callable
from typing import TypeVar

from points.errors import DomainError
from points.imports import values
from points.imports.columns import Columns
from points.imports.errors import ValueMissing
from points.imports.rows import Cell, Row, RowProblem, shown

V = TypeVar("V")


class RowRefused(Exception):
    """Carries the problem of a row out of its reading."""

    def __init__(self, problem: RowProblem) -> None:
        super().__init__(problem)
        self.problem = problem


class RowReader:
    """The cells of one row by field."""

    def __init__(self, row: Row, columns: Columns) -> None:
        self._row = row
        self._columns = columns
        self._cells = columns.cells(row)

    @property
    def line(self) -> int:
        """Where the row stands."""
        return self._row.line

    def optional(self, field: str, read: Callable[[Cell], V]) -> V | None:
        """The value of a field, None for an empty cell."""
        cell = self._cells[field]
        if not values.plain(cell):
            return None
        try:
            return read(cell)
        except DomainError as error:
            raise self.refused(field, error) from None

    def needed(self, field: str, read: Callable[[Cell], V]) -> V:
        """The value of a field that may not be empty."""
        value = self.optional(field, read)
        if value is None:
            raise self.refused(field, ValueMissing())
        return value

    def refused(self, field: str, error: DomainError) -> RowRefused:
        """To be raised when the row cannot be taken."""
        return RowRefused(self.problem(field, error))

    def problem(self, field: str, error: DomainError) -> RowProblem:
        """The reason, with the place in the file."""
        header = self._columns.header_of(field)
        return RowProblem(self.line, header, shown(self._cells[field]), error)
