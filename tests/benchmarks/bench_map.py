"""``python -m tests.benchmarks.bench_map``: a fixed mix of 200 pans and zooms over a whole city.

Each view is asked of the application in this process, through HTTP, sessions and all; by a
stranger, who sees what is public.  Prints a table; ``--json FILE`` keeps every single time.
"""

import argparse
import asyncio
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from math import cos, radians
from pathlib import Path
from typing import Final

import httpx

from talentmap.talents.taxonomy import SKILLS
from tests.benchmarks.databases import Databases, databases
from tests.benchmarks.map_world import COMPOUNDS, TALENTS, City, build
from tests.benchmarks.measure import machine, table
from web.app import create_app
from web.settings import Settings

VIEWS: Final = 200
PIXELS: Final = (1280, 800)
ZOOMS: Final = (10, 18)
CENTRE: Final = (31.23, 121.47)
GROUPS_MOST: Final = 500
BYTES_MOST: Final = 60 * 1024
# Kind of filter and the median that the map may take, in milliseconds.
KINDS: Final = {"one skill": 25.0, "no filter": 60.0, "three skills, any": 0.0}
HEAD: Final = ("engine", "filter", "median ms", "p95 ms", "most ms", "most groups", "most KB")


@dataclass(frozen=True, slots=True)
class Measured:
    """How the mix went with one kind of filter."""

    engine: str
    filter: str
    took_ms: tuple[float, ...]
    groups: tuple[int, ...]
    sizes: tuple[int, ...]

    @property
    def median_ms(self) -> float:
        """The middle of all views."""
        return statistics.median(self.took_ms)

    def cells(self) -> list[str]:
        """The row as it stands in a table."""
        return [
            self.engine,
            self.filter,
            f"**{self.median_ms:.1f}**",
            f"{statistics.quantiles(self.took_ms, n=20)[18]:.1f}",
            f"{max(self.took_ms):.0f}",
            str(max(self.groups)),
            f"{max(self.sizes) / 1024:.0f}",
        ]


def walk(city: City, *, views: int = VIEWS) -> Iterator[tuple[str, int]]:
    """(bbox, zoom) as somebody moves over the map: pans, zooms, and now and then a leap."""
    chance = random.Random(4)
    (lat, lon), zoom = CENTRE, 11
    for _ in range(views):
        step = chance.random()
        degrees = 360 / 256 / 2**zoom
        if step < 0.45:
            lat += chance.choice((-0.5, 0, 0.5)) * PIXELS[1] * degrees * cos(radians(lat))
            lon += chance.choice((-0.5, 0, 0.5)) * PIXELS[0] * degrees
        elif step < 0.95:
            zoom = min(max(zoom + chance.choice((-1, 1, 1)), ZOOMS[0]), ZOOMS[1])
        else:
            (lat, lon), zoom = chance.choice(city.points), chance.randint(*ZOOMS)
        yield box_around(lat, lon, zoom), zoom


def box_around(lat: float, lon: float, zoom: int) -> str:
    """The bbox of a desk's screen around a point."""
    degrees = 360 / 256 / 2**zoom
    high = PIXELS[1] / 2 * degrees * cos(radians(lat))
    wide = PIXELS[0] / 2 * degrees
    return f"{lat - high:.6f},{lon - wide:.6f},{lat + high:.6f},{lon + wide:.6f}"


def filters(kind: str, chance: random.Random) -> list[tuple[str, str]]:
    """The filter of one view; the skills that most people have are looked for most."""
    weights = [1 / rank for rank in range(1, len(SKILLS) + 1)]
    number = {"one skill": 1, "no filter": 0, "three skills, any": 3}[kind]
    return [("skill", one.code) for one in chance.choices(SKILLS, weights, k=number)]


async def measure(
    engine: str, city: City, client: httpx.AsyncClient, kind: str, views: int
) -> Measured:
    """The mix once, after a few views that warm it up."""
    chance = random.Random(8)
    took, groups, sizes = [], [], []
    for number, (bbox, zoom) in enumerate([*walk(city, views=5), *walk(city, views=views)]):
        asked = [("bbox", bbox), ("z", str(zoom)), *filters(kind, chance)]
        started = time.perf_counter()
        answer = await client.get("/api/map", params=asked)
        ended = time.perf_counter()
        assert answer.status_code == 200, answer.text
        if number >= 5:
            took.append((ended - started) * 1000)
            groups.append(len(answer.json()["groups"]))
            sizes.append(len(answer.content))
    assert max(groups) <= GROUPS_MOST, max(groups)
    assert max(sizes) <= BYTES_MOST, max(sizes)
    return Measured(engine, kind, tuple(took), tuple(groups), tuple(sizes))


async def compare(
    names: list[str], *, talents: int = TALENTS, compounds: int = COMPOUNDS, views: int = VIEWS
) -> list[Measured]:
    """Every kind of filter on every engine asked for."""
    rows = []
    for name in names:
        with databases("postgres" if name == "postgres" else "sqlite") as made:
            async with made.preparing() as template:
                city = await build(talents=talents, number=compounds)
            async with made.empty(template) as place:
                rows += await _rows(made, place, city, views)
    return rows


async def _rows(made: Databases, place: str, city: City, views: int) -> list[Measured]:
    url = place if made.server else f"sqlite:///{place}"
    with tempfile.TemporaryDirectory(prefix="linli-bench-") as folder:
        app = create_app(Settings(data=Path(folder), database_url=url, jobs=False))
        transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
        rows = []
        async with (
            app.lifespan(),
            httpx.AsyncClient(transport=transport, base_url="http://bench.local") as client,
        ):
            for kind in KINDS:
                rows.append(await measure(made.engine_name, city, client, kind, views))
                print(" | ".join(rows[-1].cells()), file=sys.stderr, flush=True)  # noqa: T201
        return rows


def main() -> None:
    """Measure, tell, and fail where a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.bench_map")
    parser.add_argument("engines", nargs="*", default=["sqlite", "postgres"])
    parser.add_argument("--json", type=Path, help="a file for every single time")
    asked = parser.parse_args()
    rows = asyncio.run(compare(asked.engines))
    print(f"{TALENTS:,} talents, {COMPOUNDS:,} compounds, {VIEWS} views; {machine()}.\n")  # noqa: T201
    print(table(HEAD, [row.cells() for row in rows]))  # noqa: T201
    if asked.json:
        asked.json.write_text(json.dumps([asdict(row) for row in rows], indent=1))
    missed = [row for row in rows if KINDS[row.filter] and row.median_ms > KINDS[row.filter]]
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
