"""Service from lists, on both engines."""

from datetime import UTC, date, datetime

import pytest

from points.community.areas import create_area
from points.community.errors import NotInRole
from points.community.grants import found_stewards
from points.community.people import enrol
from points.imports.columns import ColumnsMissing, count_known, recognise
from points.imports.rows import ImportReport
from points.imports.service import import_service
from points.imports.sheets import read_sheet
from points.ledger.books import open_book
from points.service.errors import NoBookHere
from points.service.policy import adopt_policy
from points.service.rules import Terms
from points.transactions import run

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
HEADER = "姓名,手机,卡号,楼栋,日期,开始,结束,时长,活动,类别,地点,备注\n"
LIST = (
    "王桂芳,13800000001,,,2026-11-15,9:00,11:00,,楼道巡逻,,3号楼,\n"
    "李梅,,,,2026/11/15,上午9点,,90分钟,楼道巡逻,,3号楼,\n"
    "王桂芳,,,,2026年11月16日,,,1.5小时,垃圾分类值守,,,\n"
    "张伟,,,5号楼,2026.11.16,14：00,16：00,1小时30分,结对陪伴,关爱,,中间休息\n"
)
UNTRUE = (
    "王桂芳,,,,2026-11-15,9:00,10:00,,楼道巡逻,,3号楼,\n"
    "王桂芳,,,,2026-11-23,9:00,11:00,,巡逻,,,\n"
    "王桂芳,,,,2026-11-22,9:00,23:00,,巡逻,,,\n"
    "王桂芳,,,,2026-11-14,9:00,8:00,,巡逻,,,\n"
    "王桂芳,,,,2026-11-14,9:00,10:00,2小时,巡逻,,,\n"
    "王桂芳,,,,2026-11-14,,,25小时,巡逻,,,\n"
    "王桂芳,,,,2026-11-14,,,2,巡逻,,,\n"
    "王桂芳,,,,2026-11-14,,,,巡逻,,,\n"
    "王桂芳,,,,2026-02-30,,,2小时,巡逻,,,\n"
    "无此人,,,,2026-11-14,,,2小时,巡逻,,,\n"
    "张伟,,,,2026-11-14,,,2小时,巡逻,,,\n"
    "李梅,13800000001,,,2026-11-14,,,2小时,巡逻,,,\n"
    "王桂芳,,,,2026-11-14,,,2小时,打麻将,,,\n"
    "王桂芳,,,,2026-11-14,,,2小时,巡逻,打麻将,,\n"
    ",,,,2026-11-14,,,2小时,巡逻,,,\n"
    "李梅,,,,2026-11-13,8:00,20:00,,巡逻,,,\n"
    "李梅,,,,2026-11-13,8:00,20:00,,巡逻,,,\n"
    "李梅,,,,2026-11-13,8:00,20:30,,值守,,,\n"
)


class Committee:
    """A committee with a book, a steward, and four residents, two of one name."""

    async def found(self) -> "Committee":
        self.area_id = await create_area(
            parent_id=None, level="committee", name="沙茂居委会", time_zone="Asia/Shanghai", now=NOW
        )
        buildings = [
            await create_area(
                parent_id=self.area_id, level="building", name=name, time_zone=None, now=NOW
            )
            for name in ("3号楼", "5号楼")
        ]
        self.steward_id, other = [
            await enrol(name=name, area_id=self.area_id, now=NOW, actor_id=None)
            for name in ("陈静", "李明")
        ]
        await found_stewards(
            area_id=self.area_id, person_ids=(self.steward_id, other), now=NOW, today=NOW.date()
        )
        for name, area_id, phone in (
            ("王桂芳", buildings[0], "13800000001"),
            ("李梅", buildings[0], None),
            ("张伟", buildings[0], None),
            ("张伟", buildings[1], "13800000004"),
        ):
            await enrol(name=name, area_id=area_id, now=NOW, actor_id=None, phone=phone)
        return self

    async def keep_a_book(self) -> None:
        await adopt_policy(
            actor_id=None,
            book_id=await open_book(area_id=self.area_id, now=NOW),
            effective_from=date(2026, 1, 1),
            terms=Terms(),
            adopted_on=date(2025, 12, 20),
            adopted_by_body="居民代表会议",
            votes_for=31,
            votes_against=2,
            votes_abstained=4,
            now=NOW,
        )

    async def bring_in(
        self,
        rows: str,
        header: str = HEADER,
        *,
        actor_id: int | None = None,
        dry_run: bool = False,
        default_category: str | None = None,
    ) -> ImportReport:
        sheet = read_sheet(
            name="服务.csv",
            content=(header + rows).encode(),
            known_headers=lambda names: count_known(names, "service"),
        )
        return await import_service(
            sheet=sheet,
            columns=recognise(sheet.header, "service"),
            area_id=self.area_id,
            actor_id=actor_id or self.steward_id,
            now=NOW,
            dry_run=dry_run,
            default_category=default_category,
        )


@pytest.fixture
async def committee(engine) -> Committee:
    found = await Committee().found()
    await found.keep_a_book()
    return found


def counts(report: ImportReport) -> tuple[int, int, list[tuple[int, str]]]:
    refused = [(one.line, one.error.code) for one in report.refused]
    return report.created, report.unchanged, refused


async def test_a_list_becomes_service_that_waits_for_somebody_else(committee: Committee) -> None:
    assert counts(await committee.bring_in(LIST)) == (4, 0, [])
    rows = await run(
        "SELECT p.name, p.phone, r.minutes, r.state, r.source, r.started_at, o.title, o.category "
        "FROM service_record r JOIN person p ON p.id = r.person_id "
        "JOIN occasion o ON o.id = r.occasion_id ORDER BY r.id"
    )
    assert {(row["state"], row["source"]) for row in rows} == {("logged", "import")}
    assert [(row["name"], row["minutes"], row["category"]) for row in rows] == [
        ("王桂芳", 120, "stairwell_patrol"),
        ("李梅", 90, "stairwell_patrol"),
        ("王桂芳", 90, "waste_sorting"),
        ("张伟", 90, "companionship"),
    ]
    assert rows[0]["started_at"] == datetime(2026, 11, 15, 1, 0, tzinfo=UTC)
    assert rows[3]["phone"] == "13800000004"
    [occasions] = await run("SELECT COUNT(*) AS count FROM occasion")
    assert occasions["count"] == 3


async def test_the_same_list_again_and_a_longer_one_bring_nothing_twice(
    committee: Committee,
) -> None:
    await committee.bring_in(LIST)
    assert counts(await committee.bring_in(LIST)) == (0, 4, [])
    longer = LIST + "陈静,,,,2026-11-15,9:00,12:30,,楼道巡逻,,3号楼,\n"
    assert counts(await committee.bring_in(longer)) == (1, 4, [])
    assert counts(await committee.bring_in(longer)) == (0, 5, [])


async def test_a_dry_run_keeps_nothing(committee: Committee) -> None:
    assert counts(await committee.bring_in(LIST, dry_run=True)) == (4, 0, [])
    assert await run("SELECT id FROM occasion") == []


async def test_a_row_that_cannot_be_true_is_refused_alone(committee: Committee) -> None:
    await committee.bring_in(LIST)
    report = await committee.bring_in(UNTRUE)
    assert counts(report) == (
        1,
        0,
        [
            (2, "ImportDiffers"),
            (3, "RowInFuture"),
            (4, "ServiceInFuture"),
            (5, "EndBeforeStart"),
            (6, "TimesDisagree"),
            (7, "DurationOutOfRange"),
            (8, "DurationWithoutUnit"),
            (9, "ValueMissing"),
            (10, "BadDate"),
            (11, "RowPersonUnknown"),
            (12, "PersonUnclear"),
            (13, "RowPersonUnknown"),
            (14, "CategoryNotFound"),
            (15, "CategoryNotFound"),
            (16, "ValueMissing"),
            (18, "ServiceTwice"),
            (19, "DayOverfull"),
        ],
    )


async def test_a_category_for_the_whole_list_fills_what_is_empty(committee: Committee) -> None:
    row = "王桂芳,,,,2026-11-14,,,2小时,打麻将,,,\n"
    assert counts(await committee.bring_in(row, default_category="culture_event"))[0] == 1


async def test_long_and_overlapping_service_waits_for_a_steward(committee: Committee) -> None:
    await committee.bring_in(
        "李梅,,,,2026-11-13,8:00,13:00,,巡逻,,,\n李梅,,,,2026-11-13,12:00,13:00,,值守,,,\n"
    )
    rows = await run("SELECT needs_steward FROM service_record ORDER BY id")
    assert [bool(row["needs_steward"]) for row in rows] == [True, True]


async def test_only_those_who_may_call_the_roll_import_service(committee: Committee) -> None:
    [resident] = await run("SELECT id FROM person WHERE name = '李梅'")
    with pytest.raises(NotInRole):
        await committee.bring_in(LIST, actor_id=resident["id"])


async def test_without_a_book_there_is_nowhere_to_write(engine) -> None:
    committee = await Committee().found()
    with pytest.raises(NoBookHere):
        await committee.bring_in(LIST)


async def test_a_list_without_dates_is_refused_as_a_whole(committee: Committee) -> None:
    with pytest.raises(ColumnsMissing):
        await committee.bring_in("王桂芳,2\n", header="姓名,小时\n")
