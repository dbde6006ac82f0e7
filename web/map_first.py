"""What the map would ask for first, handed to it with the page that the list was read for.

Where all that is looked for lies within the area, every view around the area gets the same answer,
so the answer of the list is the answer of the map: the same use case, for the same viewer.
"""

from dataclasses import dataclass

from markupsafe import Markup
from msgspec import json

from talentmap.pins.rules import tier_of, zooms_of
from talentmap.pins.view import CELL_LEVEL, MapView

# As Jinja's tojson: no character that ends an attribute or a tag.
_SPELLED = {"&": "\\u0026", "<": "\\u003c", ">": "\\u003e", "'": "\\u0027"}


@dataclass(frozen=True, slots=True)
class First:
    """The answer as JSON for an attribute in single quotes, and at which zooms it is the answer."""

    answer: Markup
    zooms: str


def first_of(view: MapView | None, zoom: int) -> First | None:
    """The first answer; None where another view might show more, or groups of another grid."""
    if view is None or view.shown < view.total:
        return None
    if any(group.level == CELL_LEVEL for group in view.groups):
        return None
    text = json.encode(view).decode()
    for character, spelled in _SPELLED.items():
        text = text.replace(character, spelled)
    least, most = zooms_of(tier_of(zoom))
    return First(Markup(text), f"{least}-{most}")  # noqa: S704
