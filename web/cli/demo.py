"""``linli demo``: a believable neighbourhood, built and served."""

import sys
import time
from pathlib import Path

import click

from points.community.areas import roots
from web.cli.cards import Card, print_cards, write_sheet
from web.cli.running import run_on_database
from web.clock import now
from web.demo.build import build_demo
from web.server import serve
from web.settings import Settings
from web.start import bring_up_to_date, prepare


@click.command("demo")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the database (default: demo in the data folder). 数据文件夹。",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address. 地址。")
@click.option("--port", default=8000, show_default=True, type=int, help="Port. 端口。")
@click.option("--fresh", is_flag=True, help="Throw an earlier demo away. 重建演示数据。")
@click.option("--no-serve", is_flag=True, help="Only build. 只建立，不启动网站。")
def demo_command(data: Path | None, host: str, port: int, fresh: bool, no_serve: bool) -> None:
    """Build a demo neighbourhood and serve it. 建立并打开一个演示居民区。"""
    settings = Settings.read(data=data or Settings.read().data / "demo")
    prepare(settings)
    sheet = settings.data / "cards.html"
    url = f"http://{host}:{port}"
    if fresh:
        _forget(settings)
    started = time.monotonic()
    cards = run_on_database(settings, _built)
    if cards:
        write_sheet(sheet, cards, url=url)
        click.echo(f"Built in {time.monotonic() - started:.0f} s. Sign-in cards 登录卡：")
        print_cards(cards)
    else:
        click.echo("The demo is there already (--fresh rebuilds it). 演示数据已存在。")
    click.echo(f"Cards to print 可打印: {sheet}")
    if not no_serve:
        click.echo(f"Open 请打开 {url}  (Ctrl+C ends 退出)")
        serve(settings, host=host, port=port)


async def _built() -> list[Card]:
    await bring_up_to_date()
    if await roots():
        return []
    return await build_demo(now=now(), tell=_tell)


def _tell(step: str) -> None:
    click.echo(f"  … {step}", err=True)


def _forget(settings: Settings) -> None:
    """Remove an earlier demo; only ever a SQLite file in the demo's own folder."""
    if not settings.database_url.startswith("sqlite:///"):
        click.echo("--fresh works on SQLite only. --fresh 只用于 SQLite。", err=True)
        sys.exit(2)
    for suffix in ("", "-wal", "-shm"):
        (settings.data / f"linli.sqlite{suffix}").unlink(missing_ok=True)
