"""``linli migrate``, ``linli backup``, ``linli restore``."""

from pathlib import Path

import click

from web.backup import backup, restore
from web.cli.running import data_option, run_on_database, run_to_end
from web.settings import Settings
from web.start import bring_up_to_date, prepare


@click.command("migrate")
@data_option
def migrate_command(data: Path | None) -> None:
    """Bring the database to this version's schema. 把数据库升级到本版本的结构。"""
    settings = Settings.read(data=data)
    prepare(settings)
    ran = run_on_database(settings, bring_up_to_date)
    for name in ran:
        click.echo(name)
    click.echo(f"{len(ran)} migrations ran. 已执行 {len(ran)} 个升级步骤。")


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@data_option
def backup_command(file: Path, data: Path | None) -> None:
    """Write a consistent copy while everybody goes on working. 不停机备份到 FILE。"""
    run_to_end(lambda: backup(Settings.read(data=data).database_url, file))
    click.echo(f"{file} {file.stat().st_size:,} bytes. 备份完成。")


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Overwrite what is there. 覆盖现有数据。")
@data_option
def restore_command(file: Path, replace: bool, data: Path | None) -> None:
    """Bring back what a backup holds. 从备份 FILE 恢复。"""
    settings = Settings.read(data=data)
    prepare(settings)
    run_to_end(lambda: restore(settings.database_url, file, replace=replace))
    click.echo("Restored. Check the books: linli books verify. 恢复完成，请核对账本。")
