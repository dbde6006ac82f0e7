"""A small map of a file's rows: outlines of the 街镇 around, and a dot for each row.

It is a picture of its own (SVG) with nothing in it that runs or loads.  All three datums are drawn
in the same frame, so that a shift can be seen by looking from one to the next.
"""

from collections.abc import Sequence
from math import cos, radians
from typing import Final

from talentmap.places.datum import Datum, Point, Rectangle
from talentmap.places.preview import DatumLook, DatumPreview, Verdict
from talentmap.places.rules import Outline, bounds, grown

WIDTH: Final = 360.0
HEIGHT: Final = 240.0
MARGIN_METRES: Final = 800.0
DOTS_MAX: Final = 1500
# The paper stays light in the dark as well: a picture does not know the page around it.
PAPER, LAND, LINE = "#f3ece3", "#fffdfa", "#8c7f73"
DOTS: Final[dict[Verdict, tuple[str, str]]] = {
    "in": ("#1c6b58", "4"),
    "outside": ("#7a4f00", "5"),
    "elsewhere": ("#b3261e", "5"),
}
FAR: Final = "#2f557e"


class _Frame:
    """From degrees to the picture."""

    def __init__(self, box: Rectangle) -> None:
        narrowing = cos(radians((box.south + box.north) / 2))
        wide, high = (box.east - box.west) * narrowing, box.north - box.south
        self.scale = min(WIDTH / wide, HEIGHT / high)
        self.narrowing = narrowing
        self.left = WIDTH / 2 - (box.west + box.east) / 2 * narrowing * self.scale
        self.top = HEIGHT / 2 + (box.south + box.north) / 2 * self.scale

    def at(self, point: Point) -> tuple[float, float]:
        """Where a point is drawn."""
        lat, lon = point
        return lon * self.narrowing * self.scale + self.left, self.top - lat * self.scale


def drawn(preview: DatumPreview) -> dict[Datum, str]:
    """A picture for each datum."""
    near = [p for look in preview.looks for p, verdict in look.points if verdict != "far"]
    every = near or [p for look in preview.looks for p, _ in look.points]
    if not every:
        return {}
    frame = _Frame(grown(bounds(_core(every)), MARGIN_METRES))
    land = _land(preview.towns, frame)
    return {look.datum: _picture(look, frame, land) for look in preview.looks}


def _core(points: Sequence[Point]) -> list[Point]:
    """Without the outermost hundredth on every side, which would make all others small."""
    cut = len(points) // 100
    lats, lons = (sorted(values) for values in zip(*points, strict=True))
    kept = slice(cut, len(points) - cut)
    return list(zip(lats[kept], lons[kept], strict=True))


def _land(towns: Sequence[Outline], frame: _Frame) -> str:
    rings = [
        [frame.at(corner) for corner in ring]
        for town in towns
        for ring in town.rings
        if _touches(town.box, frame)
    ]
    path = "".join("M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in ring) + "Z" for ring in rings)
    return f'<path d="{path}" fill="{LAND}" stroke="{LINE}" stroke-width="1"/>' if path else ""


def _touches(box: Rectangle, frame: _Frame) -> bool:
    left, bottom = frame.at((box.south, box.west))
    right, top = frame.at((box.north, box.east))
    return right > 0 and left < WIDTH and bottom > 0 and top < HEIGHT


def _picture(look: DatumLook, frame: _Frame, land: str) -> str:
    step = max(1, len(look.points) // DOTS_MAX)
    parts = []
    for verdict, (colour, width) in DOTS.items():
        shown = [frame.at(p) for p, found in look.points[::step] if found == verdict]
        path = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in shown)
        if path:
            parts.append(
                f'<path d="{path}" stroke="{colour}" stroke-width="{width}" '
                'stroke-linecap="round" fill="none"/>'
            )
    far = [_edge(frame.at(p)) for p, found in look.points if found == "far"][:DOTS_MAX]
    crosses = "".join(f"M{x - 3:.0f} {y - 3:.0f}l6 6m0-6l-6 6" for x, y in dict.fromkeys(far))
    if crosses:
        parts.append(f'<path d="{crosses}" stroke="{FAR}" stroke-width="1.5" fill="none"/>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}">'
        f'<rect width="100%" height="100%" fill="{PAPER}"/>{land}{"".join(parts)}</svg>'
    )


def _edge(at: tuple[float, float]) -> tuple[int, int]:
    """What lies beyond the picture, marked where one would have to go on."""
    x, y = at
    return round(min(max(x, 6), WIDTH - 6)), round(min(max(y, 6), HEIGHT - 6))
