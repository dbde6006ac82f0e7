"""Bars as SVG, with the same numbers as a table; they print in black and white."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 360
HEIGHT: Final = 190
LEFT, RIGHT, TOP, BOTTOM = 4, 4, 22, 26
GAP: Final = 0.24
# Labels under the bars must not run into each other on paper.
LABEL_WIDTH: Final = 38


@dataclass(frozen=True, slots=True)
class Series:
    """One kind of bar: its name, how it looks (solid, hatched, pale), a number for each label."""

    name: str
    look: str
    values: Sequence[int]


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle; the tallest ones of a plot are ``marked`` with their value."""

    x: float
    y: float
    width: float
    height: float
    look: str
    value: int
    series: str
    label: str
    marked: bool


@dataclass(frozen=True, slots=True)
class Plot:
    """What the template draws."""

    labels: Sequence[str]
    series: Sequence[Series]
    bars: Sequence[Bar]
    ticks: Sequence[tuple[float, str]]
    line_y: float
    width: int = WIDTH
    height: int = HEIGHT


def bars(labels: Sequence[str], series: Sequence[Series]) -> Plot:
    """Bars of every series side by side over each label; all values are ≥ 0."""
    most = max((value for one in series for value in one.values), default=0) or 1
    room = (WIDTH - LEFT - RIGHT) / max(1, len(labels))
    width = room * (1 - GAP) / max(1, len(series))
    drawn = [
        _bar(LEFT + room * (at + GAP / 2) + width * number, width, value, most, one, labels[at])
        for number, one in enumerate(series)
        for at, value in enumerate(one.values)
    ]
    every = max(1, -(-LABEL_WIDTH // int(room or 1)))
    ticks = [
        (round(LEFT + room * (at + 0.5), 1), label)
        for at, label in enumerate(labels)
        if at % every == 0
    ]
    return Plot(labels, series, drawn, ticks, HEIGHT - BOTTOM)


def _bar(x: float, width: float, value: int, most: int, series: Series, label: str) -> Bar:
    height = (HEIGHT - TOP - BOTTOM) * value / most
    return Bar(
        x=round(x, 1),
        y=round(HEIGHT - BOTTOM - height, 1),
        width=round(width, 1),
        height=round(height, 1),
        look=series.look,
        value=value,
        series=series.name,
        label=label,
        marked=0 < value == most,
    )
