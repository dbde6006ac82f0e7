"""The ground under the map: nothing out of the box, a host only where one was chosen."""

from pathlib import Path

import pytest

from points.errors import Invalid
from web.map_ground import MapDatumWrong, MapKeyMissing, MapTilesWrong, ground_of
from web.settings import Settings


def chosen(**environment: str) -> Settings:
    names = {f"LINLI_MAP_{name.upper()}": value for name, value in environment.items()}
    return Settings.read({**names, "LINLI_DATA": "data"}, data=Path("data"))


def test_out_of_the_box_the_map_asks_no_other_host() -> None:
    ground = ground_of(chosen())
    assert (ground.layers, ground.hosts, ground.datum) == ((), (), "wgs84")


@pytest.mark.parametrize(
    ("tiles", "hosts", "datum"),
    [
        ("osm", ("https://tile.openstreetmap.org",), "wgs84"),
        ("AMap", tuple(f"https://webrd0{n}.is.autonavi.com" for n in "1234"), "gcj02"),
        ("tianditu", tuple(f"https://t{n}.tianditu.gov.cn" for n in "01234567"), "wgs84"),
        ("/tiles/{z}/{x}/{y}.png", (), "wgs84"),
        ("http://10.0.0.5:8080/{z}/{x}/{y}.png", ("http://10.0.0.5:8080",), "wgs84"),
        (
            "https://{s}.map.lan/{z}/{x}/{y}.png",
            ("https://a.map.lan", "https://b.map.lan", "https://c.map.lan"),
            "wgs84",
        ),
    ],
)
def test_a_ground_names_its_hosts_and_its_datum(
    tiles: str, hosts: tuple[str, ...], datum: str
) -> None:
    ground = ground_of(chosen(tiles=tiles, key="k"))
    assert (ground.hosts, ground.datum) == (hosts, datum)


def test_key_datum_and_credit_are_the_operators_own() -> None:
    own = chosen(
        tiles="https://t.lan/{z}/{x}/{y}?k={key}", key="a&b", datum="GCJ02",
        credit="审图号 <GS(2026)1>",
    )  # fmt: skip
    ground = ground_of(own)
    assert ground.layers == ("https://t.lan/{z}/{x}/{y}?k=a%26b",)
    assert ground.datum == "gcj02"
    assert ground.credit == "审图号 &lt;GS(2026)1&gt;"


@pytest.mark.parametrize(
    "tiles",
    [
        "google", "https://t.lan/tiles", "//t.lan/{z}/{x}/{y}", "ftp://t.lan/{z}/{x}/{y}",
        "https://t.lan; script-src *//{z}/{x}/{y}", "https://t.lan/{z}/{x}/{y}/{secret}",
        "javascript:{z}{x}{y}", "https://[/{z}/{x}/{y}",
    ],
)  # fmt: skip
def test_what_is_no_source_of_tiles_is_refused(tiles: str) -> None:
    with pytest.raises(MapTilesWrong):
        ground_of(chosen(tiles=tiles))


def test_a_missing_key_and_an_unknown_datum_are_said() -> None:
    with pytest.raises(MapKeyMissing):
        ground_of(chosen(tiles="tianditu"))
    with pytest.raises(MapDatumWrong):
        ground_of(chosen(tiles="osm", datum="bd09"))
    assert issubclass(MapTilesWrong, Invalid)
    assert "{z}" in str(MapTilesWrong(tiles="x"))
