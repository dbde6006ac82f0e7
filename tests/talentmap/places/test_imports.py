"""Places from files, on both engines."""

import csv
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import pytest

from points.community.areas import area, create_area
from points.community.errors import NotInRole
from points.community.people import enrol
from points.errors import DomainError
from points.imports.columns import count_known, recognise
from points.imports.rows import ImportReport, Sheet
from points.imports.sheets import read_sheet
from points.transactions import run
from talentmap.places.datum import Datum
from talentmap.places.errors import FarAway, LevelNotHere, PlaceTwice, UnknownDatum
from talentmap.places.imports import import_places

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
FIXTURES = Path(__file__).parents[2] / "fixtures"
DIRTY = FIXTURES / "dirty_places_bd09_gb18030.csv"
OUTLINES = FIXTURES / "town_outlines.json"
THREE = "小区,纬度,经度\n春申花苑,31.15,121.35\n虹桥新村,31.16,121.36\n茂盛家园,31.05,121.35\n"


async def a_city() -> int:
    return await create_area(
        parent_id=None, level="city", name="漕河市", time_zone="Asia/Shanghai", now=NOW
    )


def sheet_of(source: Path | str) -> Sheet:
    return read_sheet(
        name=source.name if isinstance(source, Path) else "places.csv",
        content=source.read_bytes() if isinstance(source, Path) else source.encode(),
        known_headers=lambda header: count_known(header, "places"),
    )


async def bring_in(
    source: Path | str,
    root_id: int,
    *,
    level: str = "estate",
    datum: Datum | None = "wgs84",
    actor_id: int | None = None,
    dry_run: bool = False,
    accept_far: bool = False,
) -> ImportReport:
    sheet = sheet_of(source)
    return await import_places(
        sheet=sheet,
        columns=recognise(sheet.header, "places", datum),
        datum=datum,
        level=level,
        parent_area_id=root_id,
        actor_id=actor_id,
        now=NOW,
        dry_run=dry_run,
        accept_far=accept_far,
    )


def counts(report: ImportReport) -> tuple[int, int, int, int, int]:
    return (
        report.created,
        report.updated,
        report.unchanged,
        len(report.held_back),
        len(report.refused),
    )


def towns_said(file: Path) -> dict[str, str]:
    with file.open(encoding="utf-8-sig") as lines:
        return {row["name"]: row["town"] for row in csv.DictReader(lines) if row["town"]}


async def town_of(name: str) -> str:
    [row] = await run(
        "SELECT u.name FROM area a JOIN area u ON u.id = a.parent_id WHERE a.name = {}", name
    )
    return str(row["name"])


async def test_a_dirty_file_gives_what_it_can_and_says_why_for_the_rest(engine) -> None:
    city = await a_city()
    assert counts(await bring_in(OUTLINES, city, level="subdistrict")) == (3, 0, 0, 0, 0)
    report = await bring_in(DIRTY, city, datum="bd09")
    assert counts(report) == (164, 0, 0, 12, 25)
    assert {type(one.error) for one in report.held_back} == {FarAway}
    assert Counter(one.error.code for one in report.refused) == {
        "CoordinatesSwapped": 6,
        "BadNumber": 4,
        "CoordinatesMissing": 5,
        "NotOnEarth": 1,
        "PlaceTwice": 4,
        "ValueMissing": 1,
        "FlatInName": 1,
        "CellTooLong": 1,
        "TextTooLong": 1,
        "CellsTooMany": 1,
    }
    assert all(one.line > 2 for one in report.refused)
    assert counts(await bring_in(DIRTY, city, datum="bd09")) == (0, 0, 164, 12, 25)


async def test_outlines_come_first_and_hold_what_lies_in_them(engine) -> None:
    city = await a_city()
    await bring_in(OUTLINES, city, level="subdistrict")
    await bring_in(THREE, city)
    assert await town_of("春申花苑") == "东漕镇"
    assert await town_of("茂盛家园") == "南桥头街道"
    [row] = await run("SELECT id FROM area WHERE name = {}", "春申花苑")
    assert (await area(row["id"])).path == ("漕河市", "漕河区", "东漕镇", "春申花苑")


async def test_places_that_came_before_their_outlines_move_into_them(engine) -> None:
    city = await a_city()
    await bring_in(THREE, city)
    [lived_in] = await run("SELECT id FROM area WHERE name = {}", "茂盛家园")
    await enrol(name="王桂芳", area_id=lived_in["id"], now=NOW, actor_id=None)
    await bring_in(OUTLINES, city, level="subdistrict")
    assert counts(await bring_in(THREE, city)) == (0, 2, 1, 0, 0)
    [row] = await run("SELECT id FROM area WHERE name = {}", "春申花苑")
    assert (await area(row["id"])).path == ("漕河市", "漕河区", "东漕镇", "春申花苑")
    # Where people live, a move could change whose book keeps their points.
    assert await town_of("茂盛家园") == "漕河市"
    assert counts(await bring_in(THREE, city)) == (0, 0, 3, 0, 0)


async def test_a_corrected_row_updates_its_place_and_no_other(engine) -> None:
    city = await a_city()
    await bring_in(THREE, city)
    assert counts(await bring_in(THREE.replace("31.16", "31.17"), city)) == (0, 1, 2, 0, 0)
    [row] = await run(
        "SELECT p.lat, p.source_datum FROM place p JOIN area a ON a.id = p.area_id "
        "WHERE a.name = {}",
        "虹桥新村",
    )
    assert (row["lat"], row["source_datum"]) == (31.17, "wgs84")


async def test_a_dry_run_counts_and_keeps_nothing(engine) -> None:
    city = await a_city()
    assert counts(await bring_in(OUTLINES, city, level="subdistrict", dry_run=True))[0] == 3
    assert counts(await bring_in(THREE, city, dry_run=True)) == (3, 0, 0, 0, 0)
    assert await run("SELECT id FROM area WHERE id <> {}", city) == []
    assert await run("SELECT id FROM place") == []


async def test_far_rows_are_taken_when_somebody_says_so(engine) -> None:
    city = await a_city()
    await bring_in(OUTLINES, city, level="subdistrict")
    file = THREE + "远方小区,39.9,116.4\n"
    assert counts(await bring_in(file, city)) == (3, 0, 0, 1, 0)
    assert counts(await bring_in(file, city, accept_far=True)) == (1, 0, 3, 0, 0)


async def test_a_place_named_twice_is_taken_once(engine) -> None:
    report = await bring_in(THREE + "春申花苑,31.151,121.35\n", await a_city())
    assert counts(report) == (3, 0, 0, 0, 1)
    [problem] = report.refused
    assert isinstance(problem.error, PlaceTwice)
    assert (problem.line, problem.column, problem.error.facts) == (5, "小区", {"first_line": 2})


@pytest.mark.parametrize(
    ("options", "refusal"),
    [({"datum": None}, UnknownDatum), ({"level": "city"}, LevelNotHere)],
)
async def test_an_import_that_cannot_be_right_keeps_nothing(
    engine, options: dict[str, object], refusal: type[DomainError]
) -> None:
    city = await a_city()
    with pytest.raises(refusal):
        await bring_in(THREE, city, **options)
    assert await run("SELECT id FROM place") == []


async def test_only_a_steward_of_the_area_imports_into_it(engine) -> None:
    city = await a_city()
    resident = await enrol(name="王桂芳", area_id=city, now=NOW, actor_id=None)
    with pytest.raises(NotInRole):
        await bring_in(THREE, city, actor_id=resident)


async def test_a_feature_collection_is_read_with_longitude_first(engine) -> None:
    city = await a_city()
    square = [[121.3, 31.1], [121.4, 31.1], [121.4, 31.2], [121.3, 31.2], [121.3, 31.1]]
    features = [
        {
            "type": "Feature",
            "properties": {"name": "漕河花苑", "lat": "nonsense"},
            "geometry": {"type": "Polygon", "coordinates": [square]},
        },
        {
            "type": "Feature",
            "properties": {"name": "江桥新村"},
            "geometry": {"type": "Point", "coordinates": [121.35, 31.25]},
        },
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features})
    assert counts(await bring_in(text, city)) == (2, 0, 0, 0, 0)
    rows = await run("SELECT lat, lon, south, east FROM place ORDER BY id")
    assert rows[0]["lat"] == pytest.approx(31.15)
    assert (rows[0]["south"], rows[0]["east"]) == (31.1, 121.4)
    assert (rows[1]["lat"], rows[1]["lon"], rows[1]["south"]) == (31.25, 121.35, None)


@pytest.mark.slow
async def test_the_published_list_of_shanghai_lands_in_its_towns(engine, shared_data) -> None:
    city = await a_city()
    started = monotonic()
    towns = await bring_in(shared_data / "shanghai_towns.json", city, level="subdistrict")
    assert counts(towns) == (217, 0, 0, 0, 0)
    raw = shared_data / "shanghai_compounds_raw_gb18030.csv"
    first = await bring_in(raw, city, datum="bd09")
    assert monotonic() - started < 30
    assert 18_400 <= first.created <= 18_500
    assert len(first.held_back) == pytest.approx(760, abs=20)
    assert [one.line for one in first.refused] == [2091, 2210, 3876, 4261]
    again = await bring_in(raw, city, datum="bd09")
    assert (again.created, again.updated, again.unchanged) == (0, 0, first.created)
    towns_found = {
        row["name"]: row["town"]
        for row in await run(
            "SELECT a.name, u.name AS town FROM area a JOIN area u ON u.id = a.parent_id "
            "WHERE a.level = 'estate'"
        )
    }
    said = towns_said(shared_data / "shanghai_compounds.csv")
    agreeing = sum(towns_found.get(name) == town for name, town in said.items())
    assert len(said) == 17_624
    assert agreeing >= 0.995 * len(said)
