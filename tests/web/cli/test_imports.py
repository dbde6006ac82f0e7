"""``linli import`` as an operator meets it."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from points.imports.columns import Kind
from points.imports.templates import template_csv, template_xlsx
from web.cli import main

FIXTURES = Path(__file__).parents[2] / "fixtures"
Linli = Callable[..., Result]
FOUNDING = (
    *("--subdistrict", "新虹街道", "--committee", "沙茂居委会"),
    *("--steward-1", "陈静,13800000001", "--steward-2", "李明,13800000002"),
    *("--adopted-on", "2026-01-05", "--adopted-by", "居民代表会议", "--votes", "31/2/4"),
)
PEOPLE = (
    "姓名,手机,小区,楼栋,单元,室号\n"
    "王桂芳,13900000001,茂盛花苑,3,1,302\n"
    "李梅,123,茂盛花苑,3,1,303\n"
)


@pytest.fixture
def linli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Linli:
    """The command, on a founded neighbourhood of its own."""
    monkeypatch.delenv("LINLI_DATABASE_URL", raising=False)
    monkeypatch.setenv("LINLI_LANGUAGE", "zh")
    monkeypatch.setenv("LINLI_DATA", str(tmp_path / "data"))

    def run(*words: str | Path, typed: str | None = None) -> Result:
        return CliRunner().invoke(main, [str(word) for word in words], input=typed)

    founded = run("init", *FOUNDING)
    assert founded.exit_code == 0, founded.output
    return run


@pytest.fixture
def file_of(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def numbers(result: Result) -> dict[str, int]:
    assert result.exit_code == 0, result.output
    found: dict[str, int] = json.loads(result.stdout.splitlines()[-1])
    return found


def test_places_come_in_and_what_does_not_is_written_beside_the_file(linli, file_of) -> None:
    outlines = FIXTURES / "town_outlines.json"
    city = ("--new-city", "漕河市")
    towns = linli(
        "import", "places", outlines, "--level", "subdistrict", "--datum", "wgs84", *city, "--json"
    )
    assert numbers(towns)["created"] == 3
    dirty = FIXTURES / "dirty_places_bd09_gb18030.csv"
    file = file_of("places.csv", dirty.read_bytes())
    again = ("import", "places", file, "--datum", "bd09", "--area", "漕河市", "--json")
    assert numbers(linli(*again)) == {
        "created": 164,
        "updated": 0,
        "unchanged": 0,
        "held_back": 12,
        "refused": 25,
    }
    returned = file.with_name("places.rejects.csv").read_bytes()
    assert returned.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(returned.decode("utf-8-sig").splitlines()))
    assert lines[0] == ["行", "列", "内容", "处理", "原因"]
    assert len(lines) == 1 + 25 + 12
    assert any("像是填反了" in line[4] for line in lines)
    assert numbers(linli(*again))["unchanged"] == 164


def test_the_datum_is_asked_for_and_never_guessed(linli, file_of) -> None:
    file = file_of("places.csv", "小区,纬度,经度\n茂盛花苑,31.2,121.4\n")
    silent = linli("import", "places", file, "--area", "新虹街道", "--json")
    assert (silent.exit_code, silent.stdout) == (1, "")
    assert "bd09（百度）" in silent.stderr
    asked = linli("import", "places", file, "--area", "新虹街道", typed="gcj02\ny\n")
    assert asked.exit_code == 0, asked.output
    assert "新增 1" in asked.stdout


def test_whoever_says_no_keeps_nothing(linli, file_of) -> None:
    file = file_of("people.csv", PEOPLE)
    shown = linli("import", "people", file, "--new-estates", typed="n\n")
    assert shown.exit_code == 1
    assert "手机 → 手机 (phone)" in shown.stdout
    kept = linli("import", "people", file, "--new-estates", "--json")
    assert numbers(kept)["created"] == 1


def test_people_then_their_service_then_both_again(linli, file_of) -> None:
    people = file_of("people.csv", PEOPLE)
    service = file_of("service.csv", "手机,日期,小时,活动\n13900000001,2026-01-10,2,楼道巡逻\n")
    rejects = people.with_name("back.csv")
    first = linli("import", "people", people, "--new-estates", "--json", "--rejects", rejects)
    assert numbers(first) == {
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "held_back": 0,
        "refused": 1,
    }
    assert "不是电话号码" in rejects.read_text("utf-8-sig")
    assert "经办人：陈静" in first.stderr
    by_the_second = ("--as", "13800000002")
    assert numbers(linli("import", "service", service, "--json", *by_the_second))["created"] == 1
    assert numbers(linli("import", "service", service, "--json", *by_the_second))["unchanged"] == 1
    assert numbers(linli("import", "people", people, "--json", "--dry-run"))["unchanged"] == 1


@pytest.mark.parametrize("kind", ["people", "service"])
def test_a_template_sent_in_unchanged_adds_nobody(linli, file_of, kind: Kind) -> None:
    for name, content in (("t.csv", template_csv(kind)), ("t.xlsx", template_xlsx(kind))):
        result = numbers(linli("import", kind, file_of(name, content), "--json"))
        assert (result["created"], result["refused"]) == (0, 1)


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        (b"\x89PNG\r\n\x1a\n", (), "PNG"),
        (b"", (), "是空的"),
        ("电话\n1\n", (), "缺少这些列"),
        ("a,b\n1,2\n", (), "没有一行写着列名"),
        (PEOPLE.encode("gb18030"), ("--encoding", "utf-8"), "0x"),
        (PEOPLE, ("--encoding", "klingon"), "klingon"),
        (PEOPLE, ("--as", "13999999999"), "没有找到经办"),
        (PEOPLE, ("--area", "天边"), "天边"),
    ],
)
def test_a_file_that_cannot_be_taken_ends_with_the_reason_on_stderr(
    linli, file_of, content: str | bytes, options: tuple[str, ...], said: str
) -> None:
    result = linli("import", "people", file_of("x.csv", content), "--json", *options)
    assert (result.exit_code, result.stdout) == (1, "")
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_a_cell_that_a_spreadsheet_would_run_comes_back_inert(linli, file_of) -> None:
    file = file_of("people.csv", "姓名,手机\n甲,\"=cmd|' /C calc'!A0\"\n")
    assert numbers(linli("import", "people", file, "--json"))["refused"] == 1
    returned = file.with_name("people.rejects.csv").read_text("utf-8-sig")
    assert "'=cmd" in returned


@pytest.mark.parametrize("founded_first", [True, False])
def test_a_map_of_the_city_and_the_founded_neighbourhood_are_one_tree(
    linli, tmp_path, monkeypatch, founded_first
) -> None:
    monkeypatch.setenv("LINLI_DATA", str(tmp_path / "city"))
    outlines = FIXTURES / "town_outlines.json"
    init = ("init", "--city", "漕河市", "--district", "漕河区", "--subdistrict", "东漕镇")
    init += FOUNDING[2:]
    towns = ("import", "places", outlines, "--level", "subdistrict", "--datum", "wgs84", "--json")
    if founded_first:
        assert linli(*init).exit_code == 0
        done = numbers(linli(*towns))
        assert (done["created"], done["updated"]) == (2, 1)
    else:
        assert numbers(linli(*towns, "--new-city", "漕河市"))["created"] == 3
        assert linli(*init).exit_code == 0
    # The only topmost area is the one an import goes into when none is named.
    assert numbers(linli(*towns))["unchanged"] == 3
    assert linli(*init).exit_code == 1
