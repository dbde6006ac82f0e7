"""Activities from files, on both engines."""

import datetime as dt
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from points.community.areas import create_area
from points.community.errors import NotInRole
from points.imports.columns import count_known, recognise
from points.imports.errors import BadDate, BadNumber, CategoryNotFound, ColumnsMissing, ValueMissing
from points.imports.rows import ImportReport, Sheet
from points.imports.sheets import read_sheet
from points.transactions import run
from talentmap.activities.deadlines import close_due
from talentmap.activities.errors import (
    ActivityTwice,
    AheadNeedsBook,
    AheadNeedsTimes,
    CapacityInvalid,
    EndsBeforeStart,
    NoPosition,
)
from talentmap.activities.imports import import_activities
from talentmap.activities.reading import moment, place_words, point_in
from talentmap.activities.views import past
from talentmap.places.datum import Datum
from talentmap.places.errors import CoordinatesSwapped, UnknownDatum
from tests.points.service.scene import NOW
from tests.talentmap.activities.scene import Crowd, gather

pytestmark = pytest.mark.anyio
HEADER = "编号,活动名称,类别,开始时间,结束时间,名额,成行人数,地点\n"


@pytest.fixture
async def here(engine) -> Crowd:
    return await gather()


def sheet_of(source: Path | str) -> Sheet:
    return read_sheet(
        name="activities.csv",
        content=source.read_bytes() if isinstance(source, Path) else source.encode(),
        known_headers=lambda header: count_known(header, "activities"),
    )


async def bring_in(
    source: Path | str,
    area_id: int,
    *,
    datum: Datum | None = "wgs84",
    actor_id: int | None = None,
    now: datetime = NOW,
    dry_run: bool = False,
) -> ImportReport:
    sheet = sheet_of(source)
    return await import_activities(
        sheet=sheet,
        columns=recognise(sheet.header, "activities", datum),
        datum=datum,
        area_id=area_id,
        actor_id=actor_id,
        now=now,
        dry_run=dry_run,
    )


def counts(report: ImportReport) -> tuple[int, int, int, int, int]:
    return (
        report.created,
        report.updated,
        report.unchanged,
        len(report.refused),
        len(report.notes),
    )


async def test_a_city_of_665_comes_in_with_595_on_the_map_and_the_second_time_changes_nothing(
    engine, shared_data
):
    city = await create_area(
        parent_id=None, level="city", name="纽约", time_zone="America/New_York", now=NOW
    )
    file = shared_data / "nyc_volunteer_opportunities.csv"
    assert counts(await bring_in(file, city, dry_run=True)) == (665, 0, 0, 0, 70)
    assert await run("SELECT id FROM activity") == []
    assert counts(await bring_in(file, city)) == (665, 0, 0, 0, 70)
    before = await run("SELECT * FROM activity ORDER BY id")
    assert len(before) == 665
    placed = [row for row in before if row["lat"] is not None]
    assert len(placed) == 595
    assert all(40 < row["lat"] < 41.5 and -75 < row["lon"] < -73 for row in placed)
    assert {row["state"] for row in before} == {"archived"}
    report = await bring_in(file, city)
    assert counts(report) == (0, 0, 665, 0, 70)
    assert {type(note.error) for note in report.notes} == {NoPosition}
    assert await run("SELECT * FROM activity ORDER BY id") == before
    # Nothing of an archive lapses or is reminded of.
    assert await close_due(NOW + timedelta(days=9999)) == 0
    assert len(await past(city, now=NOW, limit=100)) == 100
    [first] = [row for row in before if row["title"] == "Cents Ability Classroom Set-up"]
    assert (first["place"], first["capacity"]) == ("37 Avenue, New York, NY, 10009", 5)
    assert first["starts_at"] == datetime(2011, 1, 22, 5, tzinfo=UTC)
    assert first["ends_at"] == datetime(2011, 1, 23, 5, tzinfo=UTC)
    assert first["summary"].endswith("Cents Ability, Inc.")


async def test_what_is_over_is_archived_and_what_is_to_come_gathers(here):
    who = here.who
    content = HEADER + (
        "1,插花,亲子,2026年3月1日 下午2点,16:00,20,,居委活动室\n"
        "2,手机课,手机教学,2026-04-01 14:00,2026-04-01 16:00,20,8,居委活动室\n"
        "3,护绿,绿化,2026-04-02 09:00,,,,小区花园\n"
    )
    report = await bring_in(content, who.committee, actor_id=who.chen_jing)
    assert counts(report) == (3, 0, 0, 0, 3)
    over, lesson, garden = await run("SELECT * FROM activity ORDER BY id")
    assert (over["state"], over["starts_at"]) == (
        "archived",
        datetime(2026, 3, 1, 6, tzinfo=UTC),
    )
    assert over["ends_at"] == datetime(2026, 3, 1, 8, tzinfo=UTC)
    assert (lesson["state"], lesson["minimum"], lesson["capacity"]) == ("gathering", 8, 20)
    assert (lesson["proposer_id"], lesson["book_id"]) == (who.chen_jing, who.book)
    assert lesson["deadline_at"] == NOW + timedelta(days=7)
    assert (garden["minimum"], garden["capacity"], garden["category"]) == (10, 30, "greening")
    assert garden["ends_at"] - garden["starts_at"] == timedelta(hours=2)
    # What gathered in vain meanwhile does not come back by the same list.
    later = NOW + timedelta(days=60)
    await close_due(later)
    report = await bring_in(content, who.committee, actor_id=who.chen_jing, now=later)
    assert counts(report) == (0, 0, 3, 0, 3)
    changed = content.replace("插花", "插花与茶")
    report = await bring_in(changed, who.committee, actor_id=who.chen_jing, now=later)
    assert counts(report) == (0, 1, 2, 0, 3)
    assert [row["title"] for row in await run("SELECT title FROM activity WHERE id = 1")] == [
        "插花与茶"
    ]


@pytest.mark.parametrize(
    ("row", "error"),
    [
        ("1,,亲子,2026-03-01,,5,,", ValueMissing),
        ("1,插花,亲子,,,5,,", ValueMissing),
        ("1,插花,亲子,明天,,5,,", BadDate),
        ("1,插花,亲子,February 30 2026,,5,,", BadDate),
        ("1,插花,亲子,2026-03-01,2026-02-28,5,,", EndsBeforeStart),
        ("1,插花,亲子,2026-03-01 10:00,9:00,5,,", EndsBeforeStart),
        ("1,插花,亲子,2026-03-01,,许多,,", BadNumber),
        ("1,插花,亲子,2026-03-01,,-1,,", BadNumber),
        ("1,插花,亲子,2026-04-01,,20,,", AheadNeedsTimes),
        ("1,某事,某类,2026-04-01 10:00,,20,,", CategoryNotFound),
        ("1,插花,亲子,2026-04-01 10:00,,5,8,", CapacityInvalid),
    ],
)
async def test_a_row_that_cannot_be_taken_is_named_with_its_reason(here, row, error):
    sound = "2,理发,理发,2026-03-02,,3,,\n"
    report = await bring_in(
        HEADER + row + "\n" + sound, here.who.committee, actor_id=here.who.chen_jing
    )
    [problem] = report.refused
    assert (problem.line, type(problem.error)) == (2, error)
    assert report.created == 1


async def test_coming_activities_need_somebody_who_answers_for_them(here):
    ahead = HEADER + "1,插花,亲子,2026-04-01 10:00,,20,,\n"
    report = await bring_in(ahead, here.who.committee)
    assert [type(problem.error) for problem in report.refused] == [AheadNeedsBook]
    with pytest.raises(NotInRole):
        await bring_in(ahead, here.who.committee, actor_id=here.who.wang_fang)


async def test_the_same_activity_twice_in_a_file_is_taken_once(here):
    row = "插花,2026-03-01,活动室\n"
    report = await bring_in("活动,日期,地点\n" + row + row, here.who.committee)
    assert counts(report) == (1, 0, 0, 1, 1)
    assert type(report.refused[0].error) is ActivityTwice


async def test_a_position_is_never_taken_in_a_datum_nobody_named(here):
    content = "活动,日期,地点,纬度,经度\n插花,2026-03-01,活动室,31.2,121.4\n"
    with pytest.raises(UnknownDatum):
        await bring_in(content, here.who.committee, datum=None)
    await bring_in(content, here.who.committee, datum="gcj02")
    [row] = await run("SELECT lat, lon FROM activity")
    assert row["lat"] != 31.2
    assert abs(row["lat"] - 31.2) < 0.01
    # Without any position no datum is needed.
    plain = "活动,日期,地点\n插花,2026-03-02,活动室\n"
    assert (await bring_in(plain, here.who.committee, datum=None)).created == 1
    swapped = "活动,日期,地点,纬度,经度\n插花,2026-03-03,活动室,121.4,31.2\n"
    report = await bring_in(swapped, here.who.committee)
    assert [type(note.error) for note in report.notes] == [CoordinatesSwapped]


async def test_a_list_without_titles_or_dates_is_refused_as_a_whole(here):
    with pytest.raises(ColumnsMissing):
        await bring_in("活动,地点\n插花,活动室\n", here.who.committee)


MOMENTS = [
    ("January 22 2011", (2011, 1, 22), None),
    ("Sept. 3, 2011 9:30 am", (2011, 9, 3), (9, 30)),
    ("3rd June 2012", (2012, 6, 3), None),
    ("2026年11月22日（周日）下午2点半", (2026, 11, 22), (14, 30)),
    ("2026-11-22 星期日 9:00-11:00", (2026, 11, 22), (9, 0)),
    ("2026-11-22T19:00", (2026, 11, 22), (19, 0)),
    ("20261122", (2026, 11, 22), None),
    (dt.datetime(2026, 11, 22, 8, 5, tzinfo=UTC), (2026, 11, 22), (8, 5)),
    (dt.datetime(2026, 11, 22, tzinfo=UTC), (2026, 11, 22), None),
    (46348, (2026, 11, 22), None),
]


@pytest.mark.parametrize(("cell", "day", "clock"), MOMENTS)
def test_moments_are_read_as_people_write_them(cell, day, clock):
    assert moment(cell) == (dt.date(*day), dt.time(*clock) if clock else None)


NYC = (
    "{'latitude': '40.7', 'longitude': '-73.9', 'human_address': "
    '\'{"address": "37 Avenue", "city": "New York", "state": "", "zip": "10009"}\'}'
)
TEXTS = [
    (NYC, (40.7, -73.9), "37 Avenue, New York, 10009"),
    ("活动室 (31.2304, 121.4737)", (31.2304, 121.4737), "活动室"),
    ("活动室，纬度：31.23 经度：121.47", (31.23, 121.47), "活动室"),
    ("活动室 lon=121.47 lat=31.23", (31.23, 121.47), "活动室"),
    ("3号楼(东) 302, 201", None, "3号楼(东) 302, 201"),
    ("Latin quarter", None, "Latin quarter"),
    ("{'latitude': '', 'longitude': ''}", None, ""),
]


@pytest.mark.parametrize(("text", "point", "words"), TEXTS)
def test_positions_are_found_inside_a_text(text, point, words):
    assert point_in(text) == point
    assert place_words(text) == words


def test_every_header_of_the_city_is_either_known_or_left_out(shared_data):
    file = shared_data / "nyc_volunteer_opportunities.csv"
    header = file.read_text(encoding="utf-8").splitlines()[0].split(",")
    columns = recognise(header, "activities", "wgs84")
    assert columns.ambiguous == columns.missing == ()
    fields = Counter(column.field for column in columns.recognised)
    assert set(fields) >= {"key", "title", "start", "end", "place", "lat", "lon", "capacity"}
