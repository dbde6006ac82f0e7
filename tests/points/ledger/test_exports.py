"""What accountants' programs read: they accept it, and their balances are ours."""

import asyncio
import csv
import io
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextvars import copy_context
from datetime import date
from pathlib import Path

import pytest

from points.ledger.exports.plain_text import Beancount, Hledger, account_name, plain_text
from points.ledger.exports.rows import Span
from points.ledger.exports.table import csv_lines
from points.transactions import run, snapshot
from tests.conftest import not_here
from tests.points.ledger.sealing.story import Told, tell_story

pytestmark = pytest.mark.anyio
EVERYTHING = Span()


@pytest.fixture
async def told(engine: object) -> Told:
    return await tell_story(seals=False)


async def written(chunks: AsyncIterator[str]) -> str:
    async with snapshot():
        return "".join([chunk async for chunk in chunks])


async def in_plain_text(grammar, *books: int, span: Span = EVERYTHING, names: bool = False) -> str:
    return await written(
        plain_text(books, grammar, span=span, names=names, progress=lambda _: None)
    )


async def ours(*books: int) -> dict[str, int]:
    """The balance of every account that is not empty, added up from its transfers."""
    rows = await run(
        "SELECT a.id, a.book_id, a.kind, a.owner_id, SUM(e.amount) AS balance "
        "FROM account a JOIN entry e ON e.account_id = a.id GROUP BY a.id, a.kind, a.owner_id"
    )
    return {
        account_name(row["kind"], row["book_id"], row["id"], row["owner_id"]): int(row["balance"])
        for row in rows
        if row["balance"] and row["book_id"] in books
    }


def beancount_balances(file: Path) -> dict[str, int]:
    """What bean-check finds no fault with, added up by beancount."""
    check = Path(sys.executable).parent / "bean-check"
    done = subprocess.run([check, file], capture_output=True, text=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    from beancount import loader
    from beancount.core import realization

    entries, _, _ = loader.load_file(str(file))
    found = {}
    for account in realization.iter_children(realization.realize(entries)):
        for position in account.balance:
            found[account.account] = int(position.units.number)
    return found


def hledger(file: Path, *words: str) -> str:
    program = shutil.which("hledger")
    if program is None:
        not_here("hledger", "it is not installed on this machine")
    # It reads UTF-8 only where the environment says that text is UTF-8.
    environment = {"LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        [program, "-f", file, *words], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def hledger_balances(file: Path) -> dict[str, int]:
    """What hledger finds no fault with, added up by hledger."""
    assert hledger(file, "check", "--strict") == ""
    text = hledger(file, "balance", "--flat", "--no-total", "-O", "csv")
    rows = list(csv.reader(io.StringIO(text)))[1:]
    return {name: int(amount.split()[0]) for name, amount in rows}


async def test_beancount_accepts_it_and_its_balances_are_ours(told: Told, tmp_path: Path):
    file = tmp_path / "books.beancount"
    other = await tell_story(seals=False)
    file.write_text(await in_plain_text(Beancount(), told.book_id, other.book_id))
    assert beancount_balances(file) == await ours(told.book_id, other.book_id)


async def test_hledger_accepts_it_and_its_balances_are_ours(told: Told, tmp_path: Path):
    file = tmp_path / "books.journal"
    other = await tell_story(seals=False)
    file.write_text(await in_plain_text(Hledger(), told.book_id, other.book_id))
    assert hledger_balances(file) == await ours(told.book_id, other.book_id)


async def test_a_part_begins_with_what_was_before(told: Told, tmp_path: Path):
    """The postings of the story were all entered in November, its expiry in January."""
    span = Span(first=date(2026, 12, 1))
    beancount, journal = tmp_path / "books.beancount", tmp_path / "books.journal"
    beancount.write_text(await in_plain_text(Beancount(), told.book_id, span=span))
    journal.write_text(await in_plain_text(Hledger(), told.book_id, span=span))
    assert beancount.read_text().count('* "expire"') == 1
    assert '* "award"' not in beancount.read_text()
    assert beancount_balances(beancount) == await ours(told.book_id)
    assert hledger_balances(journal) == await ours(told.book_id)


async def test_a_day_that_was_not_asked_for_is_left_out(told: Told, tmp_path: Path):
    text = await in_plain_text(Beancount(), told.book_id, span=Span(last=date(2026, 12, 1)))
    assert '* "expire"' not in text
    assert " balance " not in text
    file = tmp_path / "books.beancount"
    file.write_text(text)
    assert beancount_balances(file)


async def test_a_changed_amount_is_found_by_both_programs(told: Told, tmp_path: Path):
    """The transaction still adds up to nothing; what the books hold at the end does not."""
    file = tmp_path / "books"
    checks = {
        Beancount: [str(Path(sys.executable).parent / "bean-check"), str(file)],
        Hledger: [shutil.which("hledger") or "", "-f", str(file), "check"],
    }
    for grammar, check in checks.items():
        text = await in_plain_text(grammar(), told.book_id)
        file.write_text(text.replace("20 POINTS", "21 POINTS"))
        assert refuses(check)


def refuses(check: list[str]) -> bool:
    if not check[0]:
        not_here("hledger", "it is not installed on this machine")
    done = subprocess.run(check, capture_output=True, text=True)
    return done.returncode != 0 and "alance" in done.stdout + done.stderr


async def test_names_stand_in_it_only_where_they_were_asked_for(told: Told, tmp_path: Path):
    for grammar in (Beancount(), Hledger()):
        assert "王芳" not in await in_plain_text(grammar, told.book_id)
        named = await in_plain_text(grammar, told.book_id, names=True)
        assert "王芳" in named
        assert "清洁家园" in named
    file = tmp_path / "named.beancount"
    file.write_text(await in_plain_text(Beancount(), told.book_id, names=True))
    assert beancount_balances(file) == await ours(told.book_id)


async def test_words_that_would_break_the_file_do_not(told: Told, tmp_path: Path):
    await run("UPDATE person SET name = {}", 'a"b\\c; d, e | f\n2026-01-01 open Assets:Bad')
    bean, journal = tmp_path / "books.beancount", tmp_path / "books.journal"
    bean.write_text(await in_plain_text(Beancount(), told.book_id, names=True))
    journal.write_text(await in_plain_text(Hledger(), told.book_id, names=True))
    assert beancount_balances(bean) == await ours(told.book_id)
    assert hledger_balances(journal) == await ours(told.book_id)


async def test_the_table_has_a_line_for_each_transfer(told: Told):
    text = await written(
        csv_lines([told.book_id], span=EVERYTHING, names=False, progress=lambda _: None)
    )
    rows = list(csv.DictReader(io.StringIO(text)))
    [count] = await run("SELECT COUNT(*) AS n FROM transfer")
    assert len(rows) == count["n"]
    assert {row["posting"] for row in rows} == {str(one) for one in told.postings}
    first = next(row for row in rows if row["kind"] == "hold")
    assert (first["source"], first["target"], first["amount"]) == ("member", "redemption", "18")
    assert "王芳" not in text


async def test_a_name_is_no_formula_in_the_table(told: Told):
    await run("UPDATE person SET name = {}", "=HYPERLINK(1)")
    text = await written(
        csv_lines([told.book_id], span=EVERYTHING, names=True, progress=lambda _: None)
    )
    names = {row["target_name"] for row in csv.DictReader(io.StringIO(text))}
    assert names == {"", "'=HYPERLINK(1)"}


async def test_a_snapshot_does_not_see_what_is_written_meanwhile(told: Told):
    async def count() -> int:
        return int((await run("SELECT COUNT(*) AS n FROM posting"))[0]["n"])

    async def write_elsewhere() -> None:
        await told.wang.award(1)

    before = await count()
    loop = asyncio.get_running_loop()
    context = copy_context()
    async with snapshot():
        assert await count() == before
        # The other task stands outside this snapshot.
        await loop.create_task(write_elsewhere(), context=context)
        assert await count() == before
    assert await count() == before + 1
