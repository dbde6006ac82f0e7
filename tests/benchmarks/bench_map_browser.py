"""``python -m tests.benchmarks.bench_map_browser``: how soon a map of a whole city can be used.

From the click on the address until every mark is placed and two frames are painted, with an empty
cache: our map with 100,000 talents and with 1,000, and Folium's FastMarkerCluster with the same
data (where each of the 100,000 is shown, nickname, skill and area, in a popup built as text, which
is what a mark of ours opens), served as a file without anything that its own page would fetch
elsewhere.
Prints a table and fails where a bar is missed.  It needs Chromium and a machine that does nothing
else.
"""

import argparse
import asyncio
import functools
import gzip
import http.server
import random
import statistics
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import folium
from playwright.sync_api import Browser, Response

from talentmap.talents.taxonomy import SKILL_BY_CODE
from tests.benchmarks.map_world import COMPOUNDS, TALENTS, build
from tests.benchmarks.measure import machine, table
from tests.browser.conftest import chromium
from tests.durability.server_process import start_server
from web import map_html
from web.database import opened
from web.migrations import migrate
from web.templating import STATIC

FEW: Final = 1_000
RUNS: Final = 7
CENTRE: Final = (31.23, 121.47)
POLL_MS: Final = 100
POLLS: Final = 1_200
SCREEN: Final = {"width": 1280, "height": 800}
BY_CLUSTER_MOST: Final = 0.3
BY_FEW_MOST: Final = 1.5
WEIGHT_MOST: Final = 150_000
VENDOR: Final = Path(__file__).parent / "vendor" / "leaflet.markercluster"
HEAD: Final = ("map", "talents", "usable after ms", "least-most", "requests", "KB gzip")
Row = tuple[float, float, str, str, str]
# The lightest marker: without pictures, which would be fetched.
MARKER: Final = """(row) => L.marker(L.latLng(row[0], row[1]), {icon: L.divIcon()})
  .bindPopup(() => {
    const said = document.createElement('p');
    said.textContent = `${row[2]}: ${row[3]}, ${row[4]}`;
    return said;
  })"""
# Two frames after the marks are there; the same for every side.
WATCH: Final = """(() => {
  const there = () => document.querySelector('.leaflet-marker-icon')
    && (!document.getElementById('map-page') || document.querySelector('[data-ready]'));
  const look = () => requestAnimationFrame(() => there()
    ? requestAnimationFrame(() => { window.usable = performance.now(); }) : look());
  look();
})()"""


@dataclass(frozen=True, slots=True)
class Side:
    """A map and how soon it could be used, run by run."""

    name: str
    talents: int
    took_ms: tuple[float, ...]
    requests: int
    weight: int

    @property
    def median(self) -> float:
        """The middle of all runs."""
        return statistics.median(self.took_ms)

    def cells(self) -> list[str]:
        """The row as it stands in a table."""
        return [
            self.name, f"{self.talents:,}", f"**{self.median:,.0f}**",
            f"{min(self.took_ms):,.0f}-{max(self.took_ms):,.0f}", str(self.requests),
            f"{self.weight / 1000:,.0f}",
        ]  # fmt: skip


async def written(path: Path, talents: int) -> list[Row]:
    """A city in a new SQLite file; its talents as others may know them, where they are shown."""
    from points.transactions import run

    async with opened(f"sqlite:///{path}") as engine:
        await migrate(engine)
        await build(talents=talents, number=COMPOUNDS)
        rows = await run(
            "SELECT p.lat, p.lon, p.nickname, MIN(s.skill_code) AS skill, a.name "
            "FROM talent_profile p JOIN talent_skill s ON s.person_id = p.person_id "
            "JOIN area a ON a.id = p.published_area_id WHERE p.lat IS NOT NULL "
            "GROUP BY p.person_id, p.lat, p.lon, p.nickname, a.name"
        )
        return [
            (row["lat"], row["lon"], row["nickname"], SKILL_BY_CODE[row["skill"]].zh, row["name"])
            for row in rows
        ]


@contextmanager
def ours(path: Path) -> Iterator[str]:
    """Our own map, from our own server."""
    server = start_server(f"sqlite:///{path}")
    try:
        yield f"{server.address}/map"
    finally:
        server.kill()


@contextmanager
def clusters(folder: Path, points: list[Row]) -> Iterator[str]:
    """Folium's FastMarkerCluster of the same points, as a page of its own."""
    _write_clusters(folder, points)
    handler = functools.partial(QuietHandler, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/index.html"
    finally:
        server.shutdown()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Files, without a line for each."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _write_clusters(folder: Path, points: list[Row]) -> None:
    # Not before our links of Folium are in place: what its plugins link to is not vendored.
    assert map_html.LOCAL
    from folium.plugins import FastMarkerCluster

    drawn = folium.Map(location=CENTRE, zoom_start=10, tiles=None, maxZoom=19)
    FastMarkerCluster(data=[list(point) for point in points], callback=MARKER).add_to(drawn)
    root = drawn.get_root()
    root.render()
    files = {
        "leaflet.js": STATIC / "vendor/leaflet/leaflet.js",
        "leaflet.css": STATIC / "vendor/leaflet/leaflet.css",
        **{path.name: path for path in VENDOR.iterdir() if path.suffix in {".js", ".css"}},
    }
    for name, path in files.items():
        (folder / name).write_bytes(path.read_bytes())
    links = "".join(
        f'<link rel="stylesheet" href="{name}">' for name in files if name.endswith(".css")
    ) + "".join(f'<script src="{name}"></script>' for name in files if name.endswith(".js"))
    (folder / "index.html").write_text(
        f"<!DOCTYPE html><meta charset=utf-8>{links}"
        "<style>html,body,.folium-map{height:100%;margin:0}</style>"
        f"{root.html.render()}<script>{root.script.render()}</script>"
    )


def one_run(browser: Browser, address: str) -> tuple[float, dict[str, int]]:
    """Milliseconds until it can be used, and what each answer weighs."""
    context = browser.new_context(viewport=SCREEN, locale="zh-CN")
    page = context.new_page()
    page.add_init_script(WATCH)
    answers: list[Response] = []
    page.on("response", lambda one: answers.append(one) if "/events" not in one.url else None)
    page.goto(address, wait_until="commit")
    # A policy of ours forbids the eval that Playwright's own waiting uses.
    for _ in range(POLLS):
        if took := page.evaluate("window.usable || 0"):
            break
        page.wait_for_timeout(POLL_MS)
    else:
        raise TimeoutError(address)
    page.wait_for_load_state("load")
    sizes = {one.url: len(gzip.compress(one.body())) for one in answers if one.ok}
    context.close()
    return float(took), sizes


def compare(browser: Browser, sides: dict[tuple[str, int], str], runs: int) -> list[Side]:
    """Every side in turns, after one run each that counts for nothing."""
    took: dict[tuple[str, int], list[float]] = {key: [] for key in sides}
    sizes: dict[tuple[str, int], dict[str, int]] = {}
    for number in range(runs + 1):
        for key, address in sides.items():
            found, sizes[key] = one_run(browser, address)
            if number:
                took[key].append(found)
    return [
        Side(*key, tuple(took[key]), len(sizes[key]), sum(sizes[key].values())) for key in sides
    ]


def measured(runs: int, talents: int) -> list[Side]:
    """Build the cities, serve them, look at them."""
    with tempfile.TemporaryDirectory(prefix="linli-bench-") as name:
        folder = Path(name)
        points = asyncio.run(written(folder / "many.sqlite", talents))
        asyncio.run(written(folder / "few.sqlite", FEW))
        (folder / "page").mkdir()
        with (
            ours(folder / "many.sqlite") as many, ours(folder / "few.sqlite") as few,
            clusters(folder / "page", random.Random(1).sample(points, len(points))) as cluster,
            chromium() as browser,
        ):  # fmt: skip
            sides = {
                ("ours", talents): many, ("ours", FEW): few,
                ("FastMarkerCluster", len(points)): cluster,
            }  # fmt: skip
            return compare(browser, sides, runs)


def bars(many: Side, few: Side, cluster: Side) -> list[tuple[str, float, float]]:
    """What was promised: (name, measured, most)."""
    return [
        ("ours by FastMarkerCluster", many.median / cluster.median, BY_CLUSTER_MOST),
        ("ours by ours with 1,000", many.median / few.median, BY_FEW_MOST),
        ("KB of the first view", many.weight / 1000, WEIGHT_MOST / 1000),
    ]


def main(say: Callable[[str], None] = print) -> None:
    """Measure, tell, and fail where a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.bench_map_browser")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--talents", type=int, default=TALENTS)
    asked = parser.parse_args()
    sides = measured(asked.runs, asked.talents)
    say(f"{COMPOUNDS:,} compounds, medians of {asked.runs} runs; {machine()}.\n")
    say(table(HEAD, [side.cells() for side in sides]))
    judged = bars(*sides)
    for name, found, most in judged:
        say(f"{name}: {found:.2f} (at most {most:g})")
    sys.exit(1 if any(found > most for _, found, most in judged) else 0)


if __name__ == "__main__":
    main()
