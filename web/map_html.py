"""The shell of the talent map, drawn by Folium: map, controls, tiles if chosen, our own layer.

Folium sees no resident.  What it renders depends on the settings and the language alone, so it is
the same bytes each time and can be kept by browsers; everything that moves is fetched by the layer.
The rendering is split: the place of the map goes into a page of ours, the script is served as a
file of this site.  So a page needs no inline script and no nonce.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import folium
from branca.element import Element, Figure, MacroElement
from folium.elements import JSCSSMixin
from folium.template import Template

from web.i18n import Language, translator
from web.map_choices import skill_words
from web.map_ground import Ground
from web.map_words import WORDS

# What Folium calls its parts, and our copies of them.  None: nothing that we draw needs it.
LOCAL: Mapping[str, str | None] = {
    "leaflet": "vendor/leaflet/leaflet.js",
    "leaflet_css": "vendor/leaflet/leaflet.css",
    "jquery": None,
    "bootstrap": None,
    "bootstrap_css": None,
    "glyphicons_css": None,
    "awesome_markers": None,
    "awesome_markers_css": None,
    "awesome_markers_font_css": None,
    "awesome_rotate_css": None,
    # Folium's own drawings that no page of ours has: without their script they cannot be drawn.
    "topojson": None,
    "dvf_js": None,
    "d3": None,
    "vega": None,
}
# The middle of the country, until the layer has read from the page where to look.
SOMEWHERE = (35.0, 105.0)
ZOOM_MAX = 19


class UnknownLink(Exception):
    """A part of Folium would be fetched from a host that nobody looked at."""


def links_of(kind: type[JSCSSMixin]) -> Iterator[tuple[str, str]]:
    """The scripts and styles that a class of Folium brings itself: (name, address)."""
    own = vars(kind)
    yield from own.get("default_js") or ()
    yield from own.get("default_css") or ()


def kinds_of(kind: type[JSCSSMixin] = JSCSSMixin) -> Iterator[type[JSCSSMixin]]:
    """Every class that can bring links."""
    for one in kind.__subclasses__():
        yield one
        yield from kinds_of(one)


def bring_home() -> None:
    """Replace the links of every class of Folium by our copies, or refuse to start."""
    for kind in kinds_of():
        for name, _ in links_of(kind):
            if name not in LOCAL:
                raise UnknownLink(f"{kind.__name__} links to {name}, which is not vendored")
        for attribute in {"default_js", "default_css"} & vars(kind).keys():
            found = getattr(kind, attribute)
            setattr(kind, attribute, [(n, path) for n, _ in found if (path := LOCAL[n])])


bring_home()


class Controls(MacroElement):
    """Zoom buttons and scale, in the language of the page; no flag."""

    _template = Template("""
        {% macro script(this, kwargs) %}
            {{ this._parent.get_name() }}.attributionControl.setPrefix(false);
            L.control.zoom({{ this.zoom|tojson }}).addTo({{ this._parent.get_name() }});
            L.control.scale({ imperial: false }).addTo({{ this._parent.get_name() }});
        {% endmacro %}
    """)

    def __init__(self, words: Mapping[str, str]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Controls"
        self.zoom = {
            "position": "topright",
            "zoomInTitle": words["zoom_in"],
            "zoomOutTitle": words["zoom_out"],
        }


class NeighbourLayer(MacroElement):
    """Our own layer: it reads from the page where to look, and fetches what is there."""

    _template = Template("""
        {% macro script(this, kwargs) %}
            linli.layer({{ this.options|tojson }}).addTo({{ this._parent.get_name() }});
        {% endmacro %}
    """)

    def __init__(self, options: Mapping[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "NeighbourLayer"
        self.options = dict(options)


@dataclass(frozen=True, slots=True)
class Shell:
    """The parts of a rendering: what goes into the page, and what is served as a file."""

    html: str
    script: str
    styles: tuple[str, ...]
    scripts: tuple[str, ...]

    @property
    def etag(self) -> str:
        """Changes with the script."""
        return f'"{hashlib.sha256(self.script.encode()).hexdigest()[:16]}"'


@lru_cache(maxsize=16)
def shell(language: Language, ground: Ground) -> Shell:
    """The map of these settings in this language."""
    say = translator(language).gettext
    words = {name: say(message) for name, message in WORDS.items()}
    drawn = folium.Map(
        location=SOMEWHERE, zoom_start=11, tiles=None, zoom_control=False, maxZoom=ZOOM_MAX
    )
    drawn.add_child(_named(Controls(words), "main"))
    # Before the tiles, so that none is asked for until it is known where to look.
    options = {
        "words": words, "skills": skill_words(language), "datum": ground.datum,
        "language": language,
    }  # fmt: skip
    drawn.add_child(_named(NeighbourLayer(options), "main"))
    for number, address in enumerate(ground.layers):
        drawn.add_child(_named(_tiles(ground, address), f"ground_{number}"))
    return _split(_named(drawn, "main").get_root())


def _named(element: Any, name: str) -> Any:
    """Folium gives everything a random name; with ours two renderings are alike."""
    element._id = name
    return element


def _tiles(ground: Ground, address: str) -> folium.TileLayer:
    return folium.TileLayer(
        address,
        attr=ground.credit or " ",
        name="ground",
        max_zoom=ZOOM_MAX,
        max_native_zoom=ground.zoom_max,
        subdomains=ground.subdomains,
        # Hosts that count by site must be told which site asks; never the page.
        referrer_policy="strict-origin-when-cross-origin",
    )


def _split(root: Element) -> Shell:
    assert isinstance(root, Figure)
    root.render()
    header = root.header.render()
    return Shell(
        html=root.html.render().strip(),
        # The switches stand in a script of their own in the header; they are Leaflet's defaults.
        script=re.sub(r"\n\s*\n+", "\n", root.script.render()).strip() + "\n",
        styles=tuple(re.findall(r'<link rel="stylesheet" href="([^"]+)"', header)),
        scripts=tuple(re.findall(r'<script src="([^"]+)"', header)),
    )
