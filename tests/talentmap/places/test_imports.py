"""Places from files, on both engines."""

import json
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import pytest

from points.community.areas import create_area
from points.imports.columns import count_known, recognise
from points.imports.rows import ImportReport
from points.imports.sheets import read_sheet
from points.transactions import run
from talentmap.places.datum import Datum
from talentmap.places.imports import import_places

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


async def a_city() -> int:
    return await create_area(
        parent_id=None, level="city", name="上海市", time_zone="Asia/Shanghai", now=NOW
    )


async def bring_in(
    file: Path | tuple[str, str],
    *,
    root_id: int,
    level: str = "estate",
    datum: Datum = "wgs84",
    dry_run: bool = False,
    accept_far: bool = False,
) -> ImportReport:
    name, content = (
        (file.name, file.read_bytes()) if isinstance(file, Path) else (file[0], file[1].encode())
    )
    sheet = read_sheet(
        name=name, content=content, known_headers=lambda header: count_known(header, "places")
    )
    return await import_places(
        sheet=sheet,
        columns=recognise(sheet.header, "places", datum),
        datum=datum,
        level=level,
        parent_area_id=root_id,
        actor_id=None,
        now=NOW,
        dry_run=dry_run,
        accept_far=accept_far,
    )


async def test_the_published_list_of_shanghai_lands_in_its_towns(engine, shared_data) -> None:
    city = await a_city()
    started = monotonic()
    towns = await bring_in(shared_data / "shanghai_towns.json", root_id=city, level="subdistrict")
    assert (towns.created, towns.refused, towns.held_back) == (217, (), ())
    file = shared_data / "shanghai_compounds_raw_gb18030.csv"
    first = await bring_in(file, root_id=city, datum="bd09")
    took = monotonic() - started
    print(took, first.created, len(first.held_back), len(first.refused))
    second = await bring_in(file, root_id=city, datum="bd09")
    print(monotonic() - started - took, second.created, second.updated, second.unchanged)
