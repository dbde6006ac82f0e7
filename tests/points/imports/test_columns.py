"""Columns by their headers, values by what people write."""

import datetime as dt

import pytest

from points.errors import DomainError
from points.imports import values
from points.imports.columns import recognise
from points.imports.errors import (
    BadDate,
    BadDuration,
    BadNumber,
    BadTime,
    CardUnreadable,
    ColumnsAmbiguous,
    ColumnsMissing,
    DurationOutOfRange,
    DurationWithoutUnit,
    ExampleRow,
    NameUnreadable,
    PhoneUnreadable,
    TextTooLong,
)
from points.imports.rows import Row
from points.imports.templates import TEMPLATES, template_csv, template_xlsx


def test_columns_are_known_in_any_order_and_both_languages() -> None:
    columns = recognise([" 室号 ", "Phone Number", "姓　名", "楼 号", "备注"], "people")
    assert {one.field: one.at for one in columns.recognised} == {
        "flat": 0,
        "phone": 1,
        "name": 2,
        "building": 3,
    }
    assert (columns.unknown, columns.missing, columns.ambiguous) == (("备注",), (), ())
    row = Row(2, ("302", "138", "王"))
    assert columns.cells(row)["name"] == "王"
    assert columns.cells(row)["building"] is None


def test_what_is_missing_or_said_twice_is_named() -> None:
    with pytest.raises(ColumnsMissing) as missing:
        recognise(["手机"], "service").require_usable()
    assert "日期 (date)" in str(missing.value)
    assert "分钟 (minutes)" in str(missing.value)
    with pytest.raises(ColumnsAmbiguous) as twice:
        recognise(["姓名", "手机", "联系电话"], "people").require_usable()
    assert "手机, 联系电话" in str(twice.value)


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("时长(小时)", "hours"),
        ("服务时长（分钟）", "minutes"),
        ("时长", "duration"),
        ("小时数", "hours"),
        ("Minutes", "minutes"),
    ],
)
def test_a_unit_in_the_header_counts(header: str, field: str) -> None:
    assert [one.field for one in recognise([header], "service").recognised] == [field]


def test_the_datum_chooses_among_several_pairs() -> None:
    header = ["name", "lat_wgs84", "lon_wgs84", "lat_bd09", "lon_bd09"]
    found = recognise(header, "places", "bd09")
    assert [one.at for one in found.recognised] == [0, 3, 4]
    assert found.missing == ()
    assert recognise(header, "places", "gcj02").missing


@pytest.mark.parametrize("kind", ["people", "service"])
def test_templates_have_only_columns_that_are_known(kind) -> None:
    found = recognise([header for header, _, _ in TEMPLATES[kind].columns], kind)
    assert (found.unknown, found.missing, found.ambiguous) == ((), (), ())
    assert template_csv(kind).decode("utf-8-sig").count("\r\n") == 2
    assert template_xlsx(kind).startswith(b"PK")


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22",
        "2026/11/22",
        "2026.11.22",
        "2026年11月22日",
        "２０２６年１１月２２日",
        " 2026 - 11 - 22 ",
        "20261122",
        "2026-11-22 09:30:00",
        46348,
        "46348",
        46348.4,
        dt.datetime(2026, 11, 22, 9),  # noqa: DTZ001  # As a workbook has it.
        dt.date(2026, 11, 22),
    ],
)
def test_dates_are_read_as_they_are_written(text: values.Cell) -> None:
    assert values.date(text) == dt.date(2026, 11, 22)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("14:00", "14:00"),
        ("14：05", "14:05"),
        ("14:05:30", "14:05"),
        ("下午2点", "14:00"),
        ("下午两点半", "14:30"),
        ("上午9点15分", "09:15"),
        ("晚上8点一刻", "20:15"),
        ("中午12点", "12:00"),
        ("十一点", "11:00"),
        ("2:00 PM", "14:00"),
        ("9am", "09:00"),
        ("12:30 am", "00:30"),
        ("2026-11-22 14:00", "14:00"),
        (0.375, "09:00"),
        (dt.time(8, 30), "08:30"),
        (dt.datetime(2026, 11, 22, 8, 30), "08:30"),  # noqa: DTZ001
    ],
)
def test_times_are_read_as_they_are_written(text: values.Cell, time: str) -> None:
    assert values.time(text).isoformat("minutes") == time


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("2小时", 120),
        ("2.5h", 150),
        ("半小时", 30),
        ("两个半小时", 150),
        ("一小时", 60),
        ("2个小时", 120),
        ("90分钟", 90),
        ("90 min", 90),
        ("1小时30分", 90),
        ("1h 30m", 90),
        ("1:30", 90),
        ("2 hours", 120),
        (dt.timedelta(minutes=75), 75),
        (dt.time(1, 30), 90),
    ],
)
def test_durations_are_read_as_they_are_written(text: values.Cell, minutes: int) -> None:
    assert values.duration(text) == minutes


def test_a_unit_of_the_column_makes_a_bare_number_clear() -> None:
    assert values.hours("1.5") == 90
    assert values.hours(2) == 120
    assert values.hours("90分钟") == 90
    assert values.minutes("90") == 90
    assert values.minutes("1小时") == 60


@pytest.mark.parametrize(
    ("read", "text", "refusal"),
    [
        (values.date, "2026-02-30", BadDate),
        (values.date, "去年冬天", BadDate),
        (values.date, "22.11.26", BadDate),
        (values.date, 3, BadDate),
        (values.date, float("nan"), BadDate),
        (values.date, float("inf"), BadDate),
        (values.time, "25:00", BadTime),
        (values.time, "2", BadTime),
        (values.time, "早上", BadTime),
        (values.duration, "2", DurationWithoutUnit),
        (values.duration, "一会儿", BadDuration),
        (values.duration, "25小时", DurationOutOfRange),
        (values.minutes, "0", DurationOutOfRange),
        (values.minutes, "1.5", BadDuration),
        (values.hours, "很多", BadDuration),
        (values.hours, float("inf"), BadDuration),
        (values.number, "三十一", BadNumber),
        (values.phone, "12345", PhoneUnreadable),
        (values.card, "卡", CardUnreadable),
        (values.name, "12345", NameUnreadable),
        (values.name, "长" * 81, TextTooLong),
        (values.name, "王桂芳（示例，导入前请删除本行）", ExampleRow),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(
    read, text: values.Cell, refusal: type[DomainError]
) -> None:
    with pytest.raises(refusal):
        read(text)


@pytest.mark.parametrize(
    "text", ["13800000000", "１３８ ００００ ００００", "+86 138-0000-0000", 13800000000]
)
def test_phones_come_out_in_one_form(text: values.Cell) -> None:
    assert values.phone(text) == "13800000000"


def test_the_space_that_aligns_short_names_falls_away() -> None:
    assert values.name("王　芳") == "王芳"
    assert values.name("Mary Smith") == "Mary Smith"
    assert values.name("${alert(1)}</script>") == "${alert(1)}</script>"
