"""Bars on stderr: how far a command has come, for whoever watches it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

Told = Callable[[int, int], None]


@contextmanager
def bars() -> Iterator[Callable[[str], Told]]:
    """``told = bar("Checking 核对")`` adds one, ``told(done, total)`` moves it; none in a file."""
    stderr = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    shown = Progress(*columns, TimeElapsedColumn(), console=stderr, disable=not stderr.is_terminal)
    with shown:

        def bar(words: str) -> Told:
            known: list[TaskID] = []

            def told(done: int, total: int) -> None:
                if not known:
                    known.append(shown.add_task(words, total=total))
                shown.update(known[0], completed=done, total=total)

            return told

        yield bar
