"""``linli import activities`` as an operator meets it."""

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from web.cli import main

FOUNDING = (
    *("--subdistrict", "新虹街道", "--committee", "沙茂居委会"),
    *("--steward-1", "陈静,13800000001", "--steward-2", "李明,13800000002"),
    *("--adopted-on", "2026-01-05", "--adopted-by", "居民代表会议", "--votes", "31/2/4"),
)
ACTIVITIES = (
    "编号,活动名称,类别,开始时间,结束时间,地点\n"
    '1,插花,亲子,2024年3月1日 下午2点,16:00,"活动室 (31.2304, 121.4737)"\n'
    "2,义诊,健康,2024-04-01,,小区花园\n"
    "3,大扫除,清洁,哪天,,小区\n"
)


@pytest.fixture
def linli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The command, on a founded neighbourhood of its own; answers with its result."""
    monkeypatch.delenv("LINLI_DATABASE_URL", raising=False)
    monkeypatch.setenv("LINLI_LANGUAGE", "zh")
    monkeypatch.setenv("LINLI_DATA", str(tmp_path / "data"))

    def run(*words: str | Path):
        return CliRunner().invoke(main, [str(word) for word in words])

    founded = run("init", *FOUNDING)
    assert founded.exit_code == 0, founded.output
    return run


def numbers(result) -> dict[str, int]:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout.splitlines()[-1])


def test_activities_come_in_once_and_what_needs_somebody_stands_beside_the_file(linli, tmp_path):
    file = tmp_path / "activities.csv"
    file.write_text(ACTIVITIES)
    order = ("import", "activities", file, "--area", "沙茂居委会", "--datum", "bd09", "--json")
    counted = {"updated": 0, "held_back": 0, "refused": 1, "unplaced": 1}
    assert numbers(linli(*order, "--dry-run")) == {"created": 2, "unchanged": 0} | counted
    assert numbers(linli(*order)) == {"created": 2, "unchanged": 0} | counted
    assert numbers(linli(*order)) == {"created": 0, "unchanged": 2} | counted
    returned = file.with_name("activities.rejects.csv").read_text(encoding="utf-8-sig")
    assert [line[0] for line in csv.reader(returned.splitlines())] == ["行", "4", "3"]


def test_a_position_of_no_datum_refuses_the_file(linli, tmp_path):
    file = tmp_path / "activities.csv"
    file.write_text(ACTIVITIES)
    result = linli("import", "activities", file, "--area", "沙茂居委会", "--json")
    assert result.exit_code != 0
    assert "gcj02" in result.output
