"""What a database refused, by one name on both engines."""

import re
import sqlite3
from contextlib import suppress

from points.errors import Invalid, Missing

FOREIGN_KEY = "foreign_key"


class BadDatabaseUrl(Invalid):
    """The setting does not say which database to use."""

    message = (
        "The database address “{url}” is not understood. Write sqlite:///path/to/file.sqlite "
        "or postgresql://user@host/name."
    )


class DatabaseUnreachable(Missing):
    """There is no database at that address, or it does not let us in."""

    message = "The database {url} cannot be opened: {reason}"


def constraint_of(error: BaseException) -> str | None:
    """The name of the constraint, unique index or trigger that ``error`` reports.

    The same name on both engines: ``foreign_key`` for any foreign key, ``TABLE_COLUMN_not_null``,
    ``TABLE_pkey``, and the given name of everything else.  None if it was no such refusal.
    """
    if isinstance(error, sqlite3.IntegrityError):
        return getattr(error, "constraint_name", None) or str(error)
    state = getattr(error, "sqlstate", None)
    if not isinstance(state, str) or not state.startswith("23"):
        return None
    if state == "23503" or (state == "23001" and "foreign key" in str(error)):
        return FOREIGN_KEY
    if state == "23502":
        return f"{getattr(error, 'table_name', '')}_{getattr(error, 'column_name', '')}_not_null"
    name = getattr(error, "constraint_name", None)
    return name if isinstance(name, str) else str(error)


def name_sqlite_constraint(error: BaseException, raw: sqlite3.Connection) -> None:
    """Put the constraint's name on ``error``, from the schema that ``raw`` is connected to."""
    if isinstance(error, sqlite3.IntegrityError):
        # Naming is a courtesy: it must never hide the error itself.
        with suppress(sqlite3.Error):
            error.constraint_name = _sqlite_name(str(error), raw)  # type: ignore[attr-defined]


def _sqlite_name(text: str, raw: sqlite3.Connection) -> str:
    kind, _, rest = text.partition(" constraint failed")
    rest = rest.removeprefix(": ")
    if kind == "FOREIGN KEY":
        return FOREIGN_KEY
    if kind == "CHECK":
        return rest
    if kind == "NOT NULL":
        return rest.replace(".", "_") + "_not_null"
    if kind == "UNIQUE":
        return _unique_name(rest, raw)
    return _trigger_name(text, raw)


def _trigger_name(text: str, raw: sqlite3.Connection) -> str:
    quoted = "'" + text.replace("'", "''") + "'"
    for (name,) in raw.execute(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND instr(sql, ?) > 0 ORDER BY name",
        (quoted,),
    ):
        return re.sub(r"_append_only_(update|delete)$", "_append_only", str(name))
    return text


def _unique_name(text: str, raw: sqlite3.Connection) -> str:
    if text.startswith("index "):
        return text.removeprefix("index ").strip("'")
    table = text.partition(".")[0]
    columns = [part.partition(".")[2] for part in text.split(", ")]
    for _, index, unique, origin, _ in raw.execute(f"PRAGMA index_list({table})").fetchall():
        indexed = [row[2] for row in raw.execute(f"PRAGMA index_info({index})").fetchall()]
        if unique and indexed == columns:
            return {"pk": f"{table}_pkey", "c": index}.get(origin) or _declared(table, columns, raw)
    return f"{table}_pkey"


def _declared(table: str, columns: list[str], raw: sqlite3.Connection) -> str:
    """The name of a UNIQUE constraint, which SQLite keeps only in the text of the table."""
    [sql] = raw.execute(
        "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)
    ).fetchone()
    listed = r"\s*,\s*".join(re.escape(column) for column in columns)
    found = re.search(rf"CONSTRAINT\s+(\w+)\s+UNIQUE\s*\(\s*{listed}\s*\)", sql, re.IGNORECASE)
    if found is None and len(columns) == 1:
        found = re.search(
            rf"\b{columns[0]}\s+\w[^,]*?CONSTRAINT\s+(\w+)\s+UNIQUE", sql, re.IGNORECASE
        )
    return found[1] if found else f"{table}_{'_'.join(columns)}_key"
