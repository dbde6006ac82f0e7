"""The command line: ``linli``.  Help is bilingual, errors go to stderr, exit 0 only on success."""

import importlib

import click

# Command name -> (module, attribute).  Modules load only when their command runs.
COMMANDS = {
    "demo": ("web.cli.demo", "demo_command"),
    "serve": ("web.cli.serve", "serve_command"),
    "init": ("web.cli.init", "init_command"),
    "migrate": ("web.cli.upkeep", "migrate_command"),
    "import": ("web.cli.imports", "import_command"),
    "books": ("web.cli.books", "books_command"),
    "jobs": ("web.cli.jobs", "jobs_command"),
    "backup": ("web.cli.upkeep", "backup_command"),
    "restore": ("web.cli.upkeep", "restore_command"),
    "token": ("web.cli.token", "token_command"),
}


class LazyGroup(click.Group):
    """A group that imports a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of the README."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


@click.command(cls=LazyGroup)
@click.version_option(package_name="linli")
def main() -> None:
    """Linli 邻里: points ledger and talent map of a neighbourhood. 居民区的积分账本与达人地图。"""
