"""A file under each datum, measured before anybody decides."""

import csv
import io
import json
from pathlib import Path

import pytest

from points.community.areas import create_area
from points.community.errors import NotInRole
from points.community.grants import found_stewards
from points.community.people import enrol
from points.transactions import run
from talentmap.places.datum import DATUMS, Datum, from_wgs84
from talentmap.places.preview import DatumLook, DatumPreview, Place, compared, preview_datums
from talentmap.places.rules import outline
from tests.cast import cast
from tests.talentmap.places.test_imports import NOW, a_city, bring_in, sheet_of
from web.import_map import drawn

pytestmark = pytest.mark.anyio
# 新虹街道 as a square; the estates of the file lie in its western half.
SQUARE = [[[31.18, 121.30], [31.18, 121.34], [31.22, 121.34], [31.22, 121.30], [31.18, 121.30]]]
EAST = [[[31.18, 121.34], [31.18, 121.38], [31.22, 121.38], [31.22, 121.34], [31.18, 121.34]]]


def spots(datum: Datum) -> list[tuple[float, float]]:
    """Points of a square as a map of that datum would give them."""
    inside = [(31.19 + 0.004 * i, 121.3045 + 0.007 * j) for i in range(5) for j in range(5)]
    return [from_wgs84(lat, lon, datum) for lat, lon in inside]


def table(datum: Datum, header: str = "小区,纬度,经度", town: str = "") -> str:
    rows = [f"小区{n}号院,{lat},{lon}{town}" for n, (lat, lon) in enumerate(spots(datum))]
    return "\n".join([header, *rows]) + "\n"


async def steward_of(area_id: int) -> int:
    """Somebody with the role, in an area that the cast does not know."""
    person = await enrol(name="陈静", area_id=area_id, now=NOW, actor_id=None)
    other = await enrol(name="李明", area_id=area_id, now=NOW, actor_id=None)
    await found_stewards(area_id=area_id, person_ids=(person, other), now=NOW, today=NOW.date())
    return person


async def looked_at(source: Path | str, area_id: int, actor_id: int) -> DatumPreview:
    sheet = sheet_of(source)
    return await preview_datums(
        sheet=sheet, kind="places", area_id=area_id, level="estate", actor_id=actor_id, now=NOW
    )


def by_datum(preview: DatumPreview) -> dict[Datum, DatumLook]:
    return {look.datum: look for look in preview.looks}


async def outline_of(area_id: int, rings: object) -> None:
    await run(
        "INSERT INTO place (area_id, lat, lon, rings, south, west, north, east, source_datum, "
        "source_key, imported_at) VALUES ({}, 31.2, 121.32, {}, 31.18, 121.3, 31.22, 121.38, "
        "'wgs84', {}, {})",
        area_id, json.dumps(rings), f"key-{area_id}", NOW,
    )  # fmt: skip


async def test_inside_one_street_office_the_wrong_datum_leads_out_of_it(engine) -> None:
    here = await cast(now=NOW)
    await outline_of(here.subdistrict, SQUARE)
    found = await looked_at(table("bd09"), here.committee, here.chen_jing)
    looks = by_datum(found)
    assert (found.reference, found.here) == ("here", "新虹街道")
    assert looks["bd09"].elsewhere_share == 0
    assert looks["wgs84"].elsewhere_share == 0.2
    assert looks["bd09"].judged == 25


async def test_what_the_file_says_goes_before_where_it_is_sent(engine) -> None:
    city = await a_city()
    for name, rings in (("新虹街道", SQUARE), ("华漕镇", EAST)):
        area = await create_area(
            parent_id=city, level="subdistrict", name=name, time_zone=None, now=NOW
        )
        await outline_of(area, rings)
    steward = await steward_of(city)
    told = table("bd09", "小区,纬度,经度,街镇", ",新虹街道")
    found = await looked_at(told, city, steward)
    looks = by_datum(found)
    assert found.reference == "file"
    assert looks["bd09"].elsewhere_share == 0
    assert looks["wgs84"].elsewhere_share > 0.15
    # Without the column nothing says which is right; how much hangs on it can still be said.
    bare = await looked_at(table("bd09"), city, steward)
    assert bare.reference == "none"
    assert by_datum(bare)["wgs84"].differing["bd09"] > 0.15
    assert by_datum(bare)["wgs84"].elsewhere_share == 0
    assert set(drawn(bare)) == set(DATUMS)


async def test_without_outlines_nothing_is_measured_and_the_dots_are_there(engine) -> None:
    here = await cast(now=NOW)
    found = await looked_at(table("wgs84"), here.committee, here.chen_jing)
    assert (found.reference, len(found.towns)) == ("none", 0)
    assert all(not look.differing for look in found.looks)
    assert all(picture.count("M") > 10 for picture in drawn(found).values())


async def test_only_a_steward_of_the_area_looks(engine) -> None:
    here = await cast(now=NOW)
    with pytest.raises(NotInRole):
        await looked_at(table("wgs84"), here.committee, here.wang_fang)


def test_rows_far_away_are_in_no_share_and_marked_at_the_edge() -> None:
    town = outline(7, tuple(tuple(map(tuple, ring)) for ring in SQUARE))
    places = [Place(n, point) for n, point in enumerate(spots("wgs84"))]
    places.append(Place(99, (39.9, 116.4)))
    [look] = compared({"wgs84": places}, towns=[town], near=[], told={}, own=7)
    assert (look.count("in"), look.count("far"), look.judged) == (25, 1, 25)
    picture = drawn(DatumPreview("here", "新虹街道", (town,), (look,)))["wgs84"]
    assert "l6 6m0-6l-6 6" in picture


def test_a_file_without_points_has_no_picture() -> None:
    assert drawn(DatumPreview("none", "", (), (DatumLook("wgs84"),))) == {}


@pytest.mark.slow
async def test_a_baidu_list_of_shanghai_read_as_gps_is_asked_about(engine, shared_data) -> None:
    city = await a_city()
    steward = await steward_of(city)
    await bring_in(shared_data / "shanghai_towns.json", city, level="subdistrict")
    raw = await looked_at(shared_data / "shanghai_compounds_raw_gb18030.csv", city, steward)
    assert raw.reference == "none"
    assert by_datum(raw)["wgs84"].differing["bd09"] == pytest.approx(0.45, abs=0.02)
    file = shared_data / "shanghai_compounds.csv"
    with file.open(encoding="utf-8-sig") as lines:
        rows = list(csv.DictReader(lines))
    said = io.StringIO()
    writer = csv.writer(said)
    writer.writerow(["小区", "街镇", "纬度", "经度"])
    writer.writerows([r["name"], r["town"], r["lat_bd09"], r["lon_bd09"]] for r in rows)
    looks = by_datum(await looked_at(said.getvalue(), city, steward))
    assert looks["wgs84"].elsewhere_share == pytest.approx(0.45, abs=0.02)
    assert looks["bd09"].elsewhere_share < 0.01
