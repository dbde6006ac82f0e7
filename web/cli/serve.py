"""``linli serve``: open the site in a browser."""

from pathlib import Path

import click

from web.cli.running import data_option, run_to_end
from web.database import opened
from web.map_ground import ground_of
from web.migrations import migrate
from web.server import serve
from web.settings import Settings


@click.command("serve")
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address to listen on. 监听地址"
)
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port. 端口"
)
@data_option
def serve_command(host: str, port: int, data: Path | None) -> None:
    """Serve the site; Ctrl+C stops it. 启动网站，按 Ctrl+C 停止。"""
    settings = Settings.read(data=data)
    run_to_end(lambda: _migrated(settings))
    come_in = f"http://{host}:{port}/"
    if not serve(settings, host=host, port=port, ready=lambda: click.echo(come_in)):
        raise click.ClickException(
            f"Nothing listens on {host}:{port}; is it taken? 无法监听该端口，是否已被占用？"
        )


async def _migrated(settings: Settings) -> None:
    ground_of(settings)
    async with opened(settings.database_url) as engine:
        await migrate(engine)
