"""``python -m tests.benchmarks [NAME…]``: how fast it is, beside what one would write by hand.

Prints Markdown tables; ``--json FILE`` keeps every run; ``--readme`` puts the tables into the
README.  Run it on a machine that does nothing else.
"""

import argparse
import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import uvicorn

from tests.benchmarks import ledger, pages
from tests.benchmarks.measure import Row, fdatasync_ms, machine, table
from web.server import options

README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- benchmarks: begin -->", "<!-- benchmarks: end -->"
HEAD = ("a second", "callers", "ours", "other side", "ratio (spread)")
SECTIONS = {
    "sqlite": "**Ledger, SQLite** (`synchronous=FULL`) beside the same number of bare transfers by "
    "hand (one row, two entries, two guarded updates, as many to a commit as there are callers): "
    "what lots, references, reasons and the database's own guards cost.",
    "postgres": "**Ledger, PostgreSQL** (defaults, fsync on) beside one function call a bare "
    "transfer that locks both accounts: awards do not wait for one another at their issuer.",
    "pages": "**Pages** of the demo on SQLite, one process, signed in, beside a bare Litestar page "
    "of the same size: what sessions, questions to the database and templates cost.",
}


def tell(row: Row) -> None:
    """A line while it runs."""
    print(" | ".join(row.cells()), file=sys.stderr, flush=True)  # noqa: T201


async def measured(names: list[str], *, pairs: int, scale: float) -> dict[str, list[Row]]:
    """The rows of each section asked for."""
    return {
        name: await (
            pages.compare(pairs=pairs, scale=scale, told=tell)
            if name == "pages"
            else ledger.compare(name, pairs=pairs, scale=scale, told=tell)
        )
        for name in names
    }


def main() -> None:
    """Parse, measure, tell."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*SECTIONS, []], default=[])
    parser.add_argument("--pairs", type=int, default=5, help="paired runs of each row")
    parser.add_argument("--scale", type=float, default=1.0, help="acts in a run, by the usual")
    parser.add_argument("--json", type=Path, help="a file for every single run")
    parser.add_argument("--readme", action="store_true", help="put the tables into the README")
    asked = parser.parse_args()
    # On the kind of loop that the server runs on.
    loop = uvicorn.Config("", **options()).get_loop_factory()
    with asyncio.Runner(loop_factory=loop) as runner:
        found = runner.run(
            measured(asked.names or list(SECTIONS), pairs=asked.pairs, scale=asked.scale)
        )
    text = report(found, pairs=asked.pairs)
    print(text)  # noqa: T201
    if asked.json:
        plain = {name: [row.plain() for row in rows] for name, rows in found.items()}
        asked.json.write_text(json.dumps(plain, indent=1))
    if asked.readme:
        README.write_text(placed(README.read_text(), text))


def report(found: dict[str, list[Row]], *, pairs: int) -> str:
    """The tables with what they mean."""
    median, slow = fdatasync_ms(Path("/tmp"))
    parts = [
        f"Measured on {datetime.now(UTC).date()} ({machine()}; a commit's fdatasync takes "
        f"{median:.2f} ms, one in ten {slow:.2f} ms or more), medians of {pairs} paired runs, "
        "books verified after each."
    ]
    for name, rows in found.items():
        parts += [SECTIONS[name], table(HEAD, [row.cells() for row in rows])]
    return "\n\n".join(parts)


def placed(readme: str, text: str) -> str:
    """The README with the report between its markers."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{text}\n{END}{after}"


if __name__ == "__main__":
    main()
