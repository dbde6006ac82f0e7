"""Whether the database still refuses what it refused when it was made."""

import importlib
import pkgutil
import re

from points import piccolo_migrations
from points.ledger.checks import Problem
from points.transactions import engine, is_postgres, run

TRIGGER = re.compile(r"(CREATE|DROP) TRIGGER (?:IF EXISTS )?(\w+)")
FUNCTION = re.compile(r"CREATE (?:OR REPLACE )?FUNCTION (\w+)\(\).*?AS \$\$(.*)\$\$", re.DOTALL)
DROPPED = re.compile(r"DROP FUNCTION (\w+)\(\)")


async def broken_guards() -> tuple[Problem, ...]:
    """Triggers that are missing, switched off or altered, and rows that point nowhere."""
    problems = await (_postgres() if is_postgres() else _sqlite())
    return tuple(problems)


def _made() -> tuple[dict[str, str], dict[str, str]]:
    """The triggers and functions that the migrations leave behind, each with its text."""
    triggers: dict[str, str] = {}
    functions: dict[str, str] = {}
    for module in sorted(
        module.name for module in pkgutil.iter_modules(piccolo_migrations.__path__)
    ):
        migration = importlib.import_module(f"{piccolo_migrations.__name__}.{module}")
        for statement in migration.statements(engine().engine_type):
            if found := TRIGGER.match(statement):
                triggers.pop(found[2], None)
                if found[1] == "CREATE":
                    triggers[found[2]] = statement
            elif found := FUNCTION.match(statement):
                functions[found[1]] = found[2]
            elif found := DROPPED.match(statement):
                del functions[found[1]]
    return triggers, functions


async def _sqlite() -> list[Problem]:
    made, _ = _made()
    rows = await run("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    problems = _compared("trigger", made, {row["name"]: row["sql"] for row in rows})
    for row in await run("PRAGMA integrity_check(20)"):
        if row["integrity_check"] != "ok":
            problems.append(Problem("the database file", "ok", str(row["integrity_check"])))
    problems += [
        Problem(
            place=f"{row['table']}, row {row['rowid']}",
            expected=f"a row of {row['parent']} that it points to",
            found="none",
        )
        for row in await run("PRAGMA foreign_key_check")
    ]
    return problems


async def _postgres() -> list[Problem]:
    made, functions = _made()
    rows = await run(
        "SELECT t.tgname, t.tgrelid::regclass::text AS tbl, t.tgisinternal, t.tgenabled::text AS "
        "state FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema()"
    )
    alive = {row["tgname"]: made.get(row["tgname"], "") for row in rows if row["state"] == "O"}
    problems = _compared("trigger", made, alive)
    off = sorted({row["tbl"] for row in rows if row["tgisinternal"] and row["state"] != "O"})
    problems += [Problem(f"foreign keys of {name}", "switched on", "switched off") for name in off]
    bodies = await run(
        "SELECT p.proname, p.prosrc FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
        "WHERE n.nspname = current_schema()"
    )
    kept = {row["proname"]: row["prosrc"] for row in bodies}
    return problems + _compared("trigger function", functions, kept)


def _compared(what: str, made: dict[str, str], kept: dict[str, str]) -> list[Problem]:
    return [
        Problem(f"{what} {name}", "as it was made", "missing" if name not in kept else "altered")
        for name, text in sorted(made.items())
        if kept.get(name) != text
    ]
