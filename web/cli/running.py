"""What every command shares: the data folder, the open database, errors in words."""

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import click

from points.errors import DomainError
from web.database import opened
from web.i18n import Language, translator
from web.settings import Settings

T = TypeVar("T")

data_option = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the database. 数据文件夹。",
)


def language() -> Language:
    """The operator's language: Chinese unless the locale says otherwise."""
    for name in ("LINLI_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name)
        if value:
            return "zh" if value.lower().startswith(("zh", "c", "posix")) else "en"
    return "zh"


def say(error: DomainError) -> str:
    """An error in the operator's language."""
    return translator(language()).gettext(error.message).format(**error.facts)


def run_on_database(settings: Settings, act: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run ``act`` on the opened database; a refusal ends the command with status 1."""

    async def main() -> T:
        async with opened(settings.database_url):
            return await act()

    return run_to_end(main)


def run_to_end(act: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run ``act``; a refusal is said on stderr and ends the command with status 1."""
    try:
        return asyncio.run(act())
    except DomainError as error:
        click.echo(say(error), err=True)
        sys.exit(1)
