"""Any file as a table, or a clear no."""

import io
import zipfile

import pytest
from xlsxwriter import Workbook

from points.errors import DomainError
from points.imports.columns import count_known
from points.imports.errors import (
    CellsTooMany,
    CellTooLong,
    FileDamaged,
    FileEmpty,
    FileTooLarge,
    HeaderMissing,
    NoRows,
    TooManyRows,
    Undecodable,
    UnknownEncoding,
    WrongFileType,
)
from points.imports.rows import Sheet
from points.imports.sheets import BYTES_MAX, ROWS_MAX, check_size, read_sheet

TEXT = "姓名,手机\n王桂芳,13800000000\n𠮷田,13800000001\n"


def read(content: bytes, encoding: str | None = None) -> Sheet:
    return read_sheet(
        name="名册.csv",
        content=content,
        known_headers=lambda header: count_known(header, "people"),
        encoding=encoding,
    )


def zipped(*names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return content.getvalue()


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("gb18030", "gb18030"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
def test_the_encoding_is_found_and_told(encoding: str, found: str) -> None:
    sheet = read(TEXT.encode(encoding))
    assert (sheet.encoding, sheet.header) == (found, ("姓名", "手机"))
    assert [row.cells[0] for row in sheet.rows] == ["王桂芳", "𠮷田"]


@pytest.mark.parametrize("encoding", ["gbk", "GB2312", "gb18030"])
def test_an_encoding_that_was_named_is_taken_at_its_word(encoding: str) -> None:
    assert read(TEXT.encode("gb18030"), encoding).rows[1].cells[0] == "𠮷田"


def test_what_does_not_fit_is_never_dropped() -> None:
    with pytest.raises(Undecodable) as refused:
        read("姓名\n王".encode() + b"\xff\xfe\xff\n")
    assert refused.value.facts["encoding"] == "gb18030"
    with pytest.raises(Undecodable) as refused:
        read(TEXT.encode("gb18030"), "utf-8")
    assert (refused.value.facts["byte"], refused.value.facts["position"]) == ("0xD0", 0)
    with pytest.raises(UnknownEncoding):
        read(TEXT.encode(), "klingon")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "，"])
def test_any_usual_separator_is_understood(delimiter: str) -> None:
    assert read(TEXT.replace(",", delimiter).encode()).rows[0].cells == ("王桂芳", "13800000000")


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    text = '某某小区名册\n\n姓名,手机\n"王\n桂芳",1\n\n李,2\n'
    assert [row.line for row in read(text.encode()).rows] == [4, 7]


@pytest.mark.parametrize(
    ("content", "refusal", "said"),
    [
        (zipped("word/document.xml"), WrongFileType, "Word"),
        (zipped("ppt/x.xml"), WrongFileType, "PowerPoint"),
        (zipped("photo.txt"), WrongFileType, "zip"),
        (b"\x89PNG\r\n\x1a\n0000", WrongFileType, "PNG"),
        (b"\xff\xd8\xff\xe0JFIF", WrongFileType, "JPEG"),
        (b"%PDF-1.7", WrongFileType, "PDF"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600, WrongFileType, "OLE"),
        (b"PK\x03\x04 and then nothing", FileDamaged, "incomplete"),
        (zipped("xl/workbook.xml", "[Content_Types].xml"), FileDamaged, ""),
        (b'{"type": "FeatureCollection"', FileDamaged, "line 1"),
        (b'{"type": "FeatureCollection", "features": [{"geometry": 3}]}', FileDamaged, "GeoJSON"),
        (b"", FileEmpty, ""),
        (b"\xef\xbb\xbf\n\n", FileEmpty, ""),
        (b",,,\n,,\n", FileEmpty, ""),
        ("王桂芳,13800000000\n".encode(), HeaderMissing, "王桂芳"),
        ("姓名,手机\n".encode(), NoRows, ""),
    ],
)
def test_a_wrong_file_is_refused_with_what_it_is(
    content: bytes, refusal: type[DomainError], said: str
) -> None:
    with pytest.raises(refusal) as refused:
        read(content)
    assert said in str(refused.value)


def test_too_much_is_refused_before_it_is_read() -> None:
    with pytest.raises(FileTooLarge) as refused:
        check_size("名册.csv", BYTES_MAX + 1)
    assert refused.value.facts["megabytes"] == 101
    with pytest.raises(TooManyRows):
        read(b"name\n" + b"a\n" * (ROWS_MAX + 1))


def test_a_row_that_cannot_be_taken_apart_is_refused_alone() -> None:
    sheet = read(f"{TEXT}{'长' * 10_000},1\n张,1,2\n李,3\n".encode())
    assert [row.line for row in sheet.rows] == [2, 3, 6]
    assert [(one.line, type(one.error)) for one in sheet.problems] == [
        (4, CellTooLong),
        (5, CellsTooMany),
    ]


def test_the_sheet_of_a_workbook_that_names_its_columns_is_the_one() -> None:
    content = io.BytesIO()
    with Workbook(content, {"in_memory": True}) as book:
        book.add_worksheet("说明").write_row(0, 0, ["请填写", "谢谢"])
        table = book.add_worksheet("名册")
        table.write_row(0, 0, ["某某小区"])
        table.write_row(1, 0, ["姓名", "手机", "卡号"])
        table.write_row(2, 0, ["王桂芳", 13800000000, "A001"])
    sheet = read(content.getvalue())
    assert (sheet.header, sheet.rows[0].line) == (("姓名", "手机", "卡号"), 3)
    assert sheet.rows[0].cells == ("王桂芳", 13800000000, "A001")
    # Whoever kept a second list in the same file is told that it was left alone.
    assert (sheet.title, sheet.others) == ("名册", ("说明",))
