"""Folium draws the shell, and only the shell: the same bytes each time, nothing from elsewhere."""

import pytest
from folium.elements import JSCSSMixin

from web import map_html
from web.map_ground import KNOWN, Ground
from web.map_html import LOCAL, SOMEWHERE, UnknownLink, bring_home, kinds_of, links_of, shell
from web.static_files import JOINED
from web.templating import STATIC


def test_every_link_of_every_class_of_folium_is_ours() -> None:
    links = [
        (kind.__name__, address)
        for kind in kinds_of()
        if not kind.__module__.startswith("folium.plugins")
        for _, address in links_of(kind)
    ]
    assert ("Map", "vendor/leaflet/leaflet.js") in links
    assert [link for link in links if not (STATIC / link[1]).is_file()] == []
    assert {path for path in LOCAL.values() if path} == {path for _, path in links}


def test_a_link_that_nobody_looked_at_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = [("shiny.js", "https://cdn.example/shiny.js")]
    monkeypatch.setattr(map_html.folium.Map, "default_js", stranger)
    with pytest.raises(UnknownLink, match=r"shiny\.js"):
        bring_home()
    assert issubclass(map_html.folium.Map, JSCSSMixin)


@pytest.mark.parametrize("ground", KNOWN.values(), ids=list(KNOWN))
def test_two_renderings_are_the_same_bytes(ground: Ground) -> None:
    first = shell("zh", ground)
    shell.cache_clear()
    again = shell("zh", ground)
    assert first is not again
    assert first == again
    assert first.etag == again.etag != shell("en", ground).etag


def test_the_shell_is_small_and_asks_nobody() -> None:
    drawn = shell("en", Ground())
    assert len(drawn.script.encode()) < 6_000
    assert drawn.html == '<div class="folium-map" id="map_main" ></div>'
    assert (drawn.styles, drawn.scripts) == (
        ("vendor/leaflet/leaflet.css",),
        ("vendor/leaflet/leaflet.js",),
    )
    assert "http" not in drawn.script
    assert "<" not in drawn.script
    assert str(SOMEWHERE[0]) in drawn.script


def test_what_folium_asks_for_comes_with_the_page() -> None:
    drawn = shell("zh", Ground())
    assert set(drawn.styles) <= set(JOINED["map-page.css"])
    assert set(drawn.scripts) <= set(JOINED["map-page.js"])


def test_the_layer_looks_first_and_the_tiles_come_after_it() -> None:
    script = shell("zh", KNOWN["amap"]).script
    assert script.index("linli.layer(") < script.index("autonavi")
    assert '"datum": "gcj02"' in script
