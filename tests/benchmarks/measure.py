"""How fast something is, fairly: sides in turns, medians with their spread, a durable disk."""

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

Act = Callable[[int], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison: a second, ours and theirs, and the ratio of each pair of runs."""

    name: str
    callers: int
    ours: tuple[float, ...]
    theirs: tuple[float, ...]

    @property
    def ratios(self) -> list[float]:
        """Ours by theirs, pair by pair."""
        return [mine / other for mine, other in zip(self.ours, self.theirs, strict=True)]

    def cells(self) -> list[str]:
        """The row as it stands in a table."""
        return [
            self.name,
            str(self.callers),
            f"{statistics.median(self.ours):,.0f}",
            f"{statistics.median(self.theirs):,.0f}",
            f"**{statistics.median(self.ratios):.2f}** "
            f"({min(self.ratios):.2f}-{max(self.ratios):.2f})",
        ]

    def plain(self) -> dict[str, object]:
        """The row as JSON."""
        return {**asdict(self), "ratio": statistics.median(self.ratios)}


async def per_second(act: Act, *, total: int, callers: int) -> float:
    """How many of ``total`` acts a second ``callers`` get done; act gets its number."""
    numbers = iter(range(total))

    async def caller() -> None:
        for number in numbers:
            await act(number)

    started = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(callers):
            group.create_task(caller())
    return total / (time.perf_counter() - started)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def fdatasync_ms(folder: Path, times: int = 200) -> tuple[float, float]:
    """Median and ninth decile of writing 4 KB to this disk for good, in milliseconds."""
    took = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(times):
            os.write(file.fileno(), b"x" * 4096)
            started = time.perf_counter()
            os.fdatasync(file.fileno())
            took.append((time.perf_counter() - started) * 1000)
    return statistics.median(took), statistics.quantiles(took, n=10)[8]


def machine() -> str:
    """The size of this machine."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return f"{os.cpu_count()} cores, {pages / 2**30:.0f} GB"
