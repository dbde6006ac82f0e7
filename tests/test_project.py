"""The rules of the house, held by a machine.

Each test names one rule; what it prints is the list of places that break it.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STOREYS = ("points", "talentmap", "web")
LINES_PER_FILE_MAX = 400
LINES_PER_FUNCTION_MAX = 40
LINES_PER_HANDLER_MAX = 10
TOP_LEVEL = {"points", "talentmap", "web", "tests", "pyproject.toml", "README.md"} | {
    "LICENSE",
    "requirements.lock",
}
BOOKS = "posting|transfer|holding|account|refusal|route|seal|seal_salt|seal_remains"
Function = ast.FunctionDef | ast.AsyncFunctionDef


def tracked(*patterns: str) -> list[Path]:
    """Files that git knows, so that scratch files of a work tree do not count."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout.split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).exists()]


def sources(*storeys: str) -> list[Path]:
    return [path for path in tracked("*.py") if path.relative_to(ROOT).parts[0] in storeys]


def functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, Function):
            yield node


def place(path: Path, node: ast.AST | None = None) -> str:
    line = f":{node.lineno}" if isinstance(node, ast.expr | ast.stmt) else ""
    return f"{path.relative_to(ROOT)}{line}"


def decorators(function: Function) -> set[str]:
    names = set()
    for decorator in function.decorator_list:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        names.add(target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", ""))
    return names


def test_only_the_agreed_names_stand_at_the_top_level():
    found = {path.relative_to(ROOT).parts[0] for path in tracked()}
    assert {name for name in found if not name.startswith(".")} <= TOP_LEVEL


def test_no_file_is_longer_than_400_lines():
    long = [
        f"{place(path)} {count}"
        for path in tracked("*.py", "*.html", "*.js")
        if "vendor" not in path.parts
        and (count := len(path.read_text().splitlines())) > LINES_PER_FILE_MAX
    ]
    assert not long


def test_no_function_is_longer_than_40_lines():
    long = [
        f"{place(path, node)} {node.name} {node.end_lineno - node.lineno + 1}"
        for path in sources(*STOREYS, "tests")
        for node in functions(path)
        if (node.end_lineno or 0) - node.lineno + 1 > LINES_PER_FUNCTION_MAX
    ]
    assert not long


def test_handlers_only_decode_call_one_use_case_and_render():
    long = []
    for path in sources("web"):
        for node in functions(path):
            if not decorators(node) & {"get", "post", "put", "delete", "patch"}:
                continue
            body = [step for step in node.body if not _is_docstring(step)]
            lines = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
            if lines > LINES_PER_HANDLER_MAX:
                long.append(f"{place(path, node)} {node.name} {lines}")
    assert not long


def _is_docstring(step: ast.stmt) -> bool:
    return isinstance(step, ast.Expr) and isinstance(step.value, ast.Constant)


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_rules_and_errors_are_pure():
    impure = []
    for path in sources("points", "talentmap"):
        if path.stem != "errors" and not path.stem.endswith("rules"):
            continue
        banned = {"piccolo", "asyncio", "random", "secrets", "time", "os", "uuid"}
        impure += [
            f"{place(path)} imports {name}"
            for name in imported(path)
            if name.split(".")[0] in banned or name == "points.transactions"
        ]
        impure += [
            f"{place(path, node)} is async"
            for node in functions(path)
            if isinstance(node, ast.AsyncFunctionDef)
        ]
    assert not impure


def test_only_the_web_asks_what_time_it_is():
    clock = re.compile(r"\b(datetime\.now|datetime\.utcnow|date\.today|time\.time|utcnow)\(")
    asks = [
        f"{place(path)}:{number}"
        for path in sources("points", "talentmap")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if clock.search(line)
    ]
    assert not asks


def test_only_the_ledger_writes_the_books():
    writes = re.compile(rf"\b(INSERT INTO|UPDATE|DELETE FROM)\s+({BOOKS})\b", re.IGNORECASE)
    elsewhere = [
        f"{place(path)}: {match.group(0)}"
        for path in sources(*STOREYS)
        if not path.is_relative_to(ROOT / "points" / "ledger")
        and "piccolo_migrations" not in path.parts
        for match in writes.finditer(path.read_text())
    ]
    assert not elsewhere


def test_the_web_never_imports_tables():
    reached = [
        f"{place(path)} {name}"
        for path in sources("web")
        for name in imported(path)
        if ".tables" in name
    ]
    assert not reached


def test_use_cases_take_keywords_and_catch_nothing():
    broken = []
    for path in sources("points", "talentmap"):
        for node in functions(path):
            if "use_case" not in decorators(node):
                continue
            if node.args.args or node.args.posonlyargs:
                broken.append(f"{place(path, node)} {node.name} takes positional arguments")
            if any(isinstance(inner, ast.Try) for inner in ast.walk(node)):
                broken.append(f"{place(path, node)} {node.name} catches inside its transaction")
    assert not broken


def test_transactions_are_opened_in_one_place():
    opened = [
        place(path)
        for path in sources(*STOREYS)
        if ".transaction(" in path.read_text()
        and path.relative_to(ROOT).as_posix()
        not in {"points/transactions.py", "web/database.py", "web/migrations.py"}
    ]
    assert not opened


def test_names_say_what_things_are():
    banned = re.compile(r"(^|_)(utils?|helpers?|managers?|misc|common)(_|$)")
    vague = [place(path) for path in sources(*STOREYS, "tests") if banned.search(path.stem)]
    vague += [
        f"{place(path, node)} {node.name}"
        for path in sources(*STOREYS)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef) and re.search(r"(Manager|Helper|Service)$", node.name)
    ]
    assert not vague


def test_public_functions_of_the_domain_say_what_they_do():
    silent = [
        f"{place(path, node)} {node.name}"
        for path in sources(*STOREYS)
        for node in ast.parse(path.read_text()).body
        if isinstance(node, Function | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert not silent


def test_nothing_is_left_to_be_done_later():
    words = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
    notes = [
        f"{place(path)}:{number}"
        for path in tracked("*.py", "*.html", "*.css", "*.js", "*.md", ".ci/run")
        if "vendor" not in path.parts
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if words.search(line)
    ]
    assert not notes


def test_no_file_names_a_registry_host_or_a_path_of_one_machine():
    hosts = re.compile(
        r"pythonhost" + r"ed|registry\.np" + r"m|://py" + r"pi|/wo" + r"rk/[a-z.]|/ro" + r"ot/"
    )
    named = []
    for path in tracked():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        named += [f"{place(path)}: {match.group(0)}" for match in hosts.finditer(text)]
    assert not named


def test_no_page_names_another_host():
    outside = re.compile(r"""(src|href|action|url)\s*[=(]\s*["']?(https?:)?//""")
    named = [
        f"{place(path)}:{number}"
        for path in tracked("web/templates/*.html", "web/static/*.css", "web/static/*.js")
        if "vendor" not in path.parts
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if outside.search(line)
    ]
    assert not named


@pytest.mark.parametrize("arguments", [["check"], ["format", "--check"]])
def test_ruff_finds_nothing(arguments: list[str]):
    done = subprocess.run(
        [sys.executable, "-m", "ruff", *arguments, "."], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_mypy_finds_nothing():
    done = subprocess.run([sys.executable, "-m", "mypy"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_storeys_look_only_downwards():
    command = str(Path(sys.executable).parent / "lint-imports")
    done = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
