"""``linli books export``: the books for other programs, written whole or not at all."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import click

from points.community.people import find_by_phone_or_card
from points.imports.errors import StewardUnknown
from points.ledger.books import zone_of_book
from points.ledger.exports.entitled import allow_names, books_to_export
from points.ledger.exports.errors import FileNotWritten, NamesNeedSteward, SealedHasNoNames
from points.ledger.exports.plain_text import Beancount, Hledger, plain_text
from points.ledger.exports.rows import Span, count_transfers
from points.ledger.exports.sealed import sealed_lines
from points.ledger.exports.table import csv_lines
from points.transactions import snapshot
from web import clock
from web.cli.bars import bars
from web.cli.running import data_option, run_on_database
from web.settings import Settings

FORMATS = ("json", "csv", "beancount", "hledger")
Told = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for."""

    form: str
    file: Path
    book_id: int | None
    span: Span
    names: bool
    steward: str | None


@click.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--format", "form", type=click.Choice(FORMATS), required=True, help="格式。")
@click.option("--book", "book_id", type=int, help="One book; all without it. 账本编号。")
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="First day. 起始日。")
@click.option("--to", "last", type=click.DateTime(["%Y-%m-%d"]), help="Last day. 截止日。")
@click.option("--names", is_flag=True, help="With names; needs --as, is logged. 含姓名，留痕。")
@click.option("--as", "steward", help="Phone or card of the steward. 经办人手机或卡号。")
@data_option
def export_command(
    file: Path,
    form: str,
    book_id: int | None,
    first: datetime | None,
    last: datetime | None,
    names: bool,
    steward: str | None,
    data: Path | None,
) -> None:
    """Write the books to FILE; people stand as numbers. 导出账本，居民以编号代替姓名。"""
    span = Span(first.date() if first else None, last.date() if last else None)
    order = Order(form, file, book_id, span, names, steward)
    count, total = run_on_database(Settings.read(data=data), lambda: _export(order))
    size = file.stat().st_size
    click.echo(f"{file}: {count:,} transfers, {size:,} bytes. 已导出 {count:,} 笔划转。")
    if form == "json" and count < total:
        left = total - count
        click.echo(f"{left:,} are in no seal of these days. 另有 {left:,} 笔未封存。", err=True)


async def _export(order: Order) -> tuple[int, int]:
    """Write the file; answers with the transfers in it and those in the books."""
    books = await books_to_export(order.book_id)
    if order.names:
        await _allow(order, books)
    async with snapshot():
        written, total = 0, await count_transfers(books)
        with bars() as bar:
            shown = bar("Writing 导出")

            def told(more: int) -> None:
                nonlocal written
                written += more
                shown(written, total)

            await write_whole(order.file, await _chunks(order, books, told))
    return written, total


async def _allow(order: Order, books: list[int]) -> None:
    if order.form == "json":
        raise SealedHasNoNames
    if not order.steward:
        raise NamesNeedSteward
    actor_id = await find_by_phone_or_card(order.steward)
    if actor_id is None:
        raise StewardUnknown
    await allow_names(actor_id=actor_id, books=books, now=clock.now())


async def _chunks(order: Order, books: list[int], told: Told) -> AsyncIterator[str]:
    span, names = order.span, order.names
    if order.form == "csv":
        return csv_lines(books, span=span, names=names, progress=told)
    if order.form == "json":
        zone = await zone_of_book(books[0]) if books else None

        def midnight(day: date | None, days: int) -> datetime | None:
            at = datetime.min.time()
            return datetime.combine(day + timedelta(days=days), at, zone) if day else None

        begin, end = midnight(span.first, 0), midnight(span.last, 1)
        return sealed_lines(books, begin=begin, end=end, progress=told)
    grammar = Beancount() if order.form == "beancount" else Hledger()
    return plain_text(books, grammar, span=span, names=names, progress=told)


async def write_whole(file: Path, chunks: AsyncIterator[str]) -> None:
    """Write a file that appears when it is whole, and that only its owner can read."""
    part = file.with_name(f"{file.name}.part")
    try:
        part.unlink(missing_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        # The command has nothing else to do meanwhile.
        with open(descriptor, "w", encoding="utf-8", newline="\n") as writing:  # noqa: ASYNC230
            async for chunk in chunks:
                writing.write(chunk)
            writing.flush()
            os.fsync(writing.fileno())
        os.replace(part, file)
    except OSError as error:
        raise FileNotWritten(path=file, reason=error.strerror or str(error)) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
