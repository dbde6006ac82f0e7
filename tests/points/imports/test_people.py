"""Residents from lists, on both engines."""

from datetime import UTC, datetime

import pytest

from points.community.areas import area, create_area
from points.community.grants import found_stewards
from points.community.guardians import guardians_of
from points.community.people import close_account, enrol
from points.imports.columns import ColumnsMissing, count_known, recognise
from points.imports.people import import_people
from points.imports.rows import ImportReport
from points.imports.sheets import read_sheet
from points.transactions import run

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
HEADER = "姓名,手机,卡号,出生日期,小区,楼栋,单元,室号,监护人,角色\n"


class Committee:
    """A residents' committee with one estate and two stewards."""

    area_id: int
    estate_id: int
    steward_id: int

    async def found(self) -> "Committee":
        self.area_id = await create_area(
            parent_id=None, level="committee", name="沙茂居委会", time_zone="Asia/Shanghai", now=NOW
        )
        self.estate_id = await create_area(
            parent_id=self.area_id, level="estate", name="茂盛花苑", time_zone=None, now=NOW
        )
        stewards = [
            await enrol(name=name, area_id=self.area_id, now=NOW, actor_id=None)
            for name in ("陈静", "李明")
        ]
        self.steward_id = stewards[0]
        await found_stewards(
            area_id=self.area_id,
            person_ids=(stewards[0], stewards[1]),
            now=NOW,
            today=NOW.date(),
        )
        return self

    async def bring_in(self, rows: str, header: str = HEADER, **options: bool) -> ImportReport:
        sheet = read_sheet(
            name="名册.csv",
            content=(header + rows).encode(),
            known_headers=lambda names: count_known(names, "people"),
        )
        return await import_people(
            sheet=sheet,
            columns=recognise(sheet.header, "people"),
            area_id=self.area_id,
            actor_id=self.steward_id,
            now=NOW,
            **options,
        )


@pytest.fixture
async def committee(engine) -> Committee:
    return await Committee().found()


def counts(report: ImportReport) -> tuple[int, int, int, list[tuple[int, str]]]:
    refused = [(one.line, one.error.code) for one in report.refused]
    return report.created, report.updated, report.unchanged, refused


async def home_of(name: str) -> tuple[str, ...]:
    [row] = await run("SELECT area_id FROM person WHERE name = {}", name)
    return (await area(row["area_id"])).path


FAMILY = (
    "王桂芳,138 0000 0001,A001,1954-03-08,茂盛花苑,3,1,302,,居民\n"
    "王建国,13800000002,,1980/1/2,茂盛花苑,3号楼,1单元,302室,,\n"
    "王小宝,,,2018年5月6日,茂盛花苑,３号楼,1,0302,王建国,\n"
    "李梅,,,,茂盛花苑,3号,1单元,303,,\n"
)


async def test_a_family_comes_in_with_its_door_and_its_guardian(committee: Committee) -> None:
    assert counts(await committee.bring_in(FAMILY)) == (4, 0, 0, [])
    assert await home_of("王小宝") == ("沙茂居委会", "茂盛花苑", "3号楼", "1单元")
    rows = await run("SELECT id, name, household_id FROM person WHERE name LIKE '王%' ORDER BY id")
    assert len({row["household_id"] for row in rows}) == 1
    [guardian] = await guardians_of(rows[2]["id"], NOW.date())
    assert guardian.name == "王建国"


async def test_the_same_list_again_changes_nothing(committee: Committee) -> None:
    await committee.bring_in(FAMILY)
    assert counts(await committee.bring_in(FAMILY)) == (0, 0, 4, [])
    [areas] = await run("SELECT COUNT(*) AS count FROM area")
    assert areas["count"] == 4


async def test_flats_are_nowhere_in_the_database(committee: Committee) -> None:
    await committee.bring_in("张阿姨,,,,茂盛花苑,3,1,7654,,\n")
    for table in ("area", "household", "person", "guardian"):
        for row in await run(f"SELECT * FROM {table}"):
            assert not any(str(value) == "7654" for value in row.values())
    [household] = await run("SELECT door_digest FROM household")
    assert len(household["door_digest"]) == 64


async def test_what_a_later_list_says_anew_is_taken_over(committee: Committee) -> None:
    await committee.bring_in(FAMILY)
    moved = FAMILY.replace("茂盛花苑,3号,1单元,303", "茂盛花苑,5号楼,2,101")
    moved = moved.replace("李梅,,", "李梅,13900000009,")
    report = await committee.bring_in(moved.replace("1980/1/2", "1980/1/3"))
    # 李梅 had neither phone nor card before, so behind another door she is somebody else.
    assert counts(report) == (1, 1, 3 - 1, [])
    again = "李梅,13900000009,C777,1960-01-01,茂盛花苑,6,,,,\n"
    assert counts(await committee.bring_in(again)) == (0, 1, 0, [])
    [row] = await run("SELECT card_no, birth_date FROM person WHERE phone = '13900000009'")
    assert (row["card_no"], str(row["birth_date"])) == ("C777", "1960-01-01")


async def test_a_list_that_says_less_takes_nothing_away(committee: Committee) -> None:
    await committee.bring_in(FAMILY)
    assert counts(await committee.bring_in("王桂芳,13800000001,,,茂盛花苑,,,,,\n")) == (0, 0, 1, [])
    assert (await home_of("王桂芳"))[-1] == "1单元"


async def test_a_row_that_contradicts_the_books_is_refused_alone(committee: Committee) -> None:
    await committee.bring_in(FAMILY)
    report = await committee.bring_in(
        "赵钱孙,13800000001,,,茂盛花苑,3,1,,,\n"
        "赵钱孙,,A001,,茂盛花苑,3,1,,,\n"
        "周吴,13700000001,,,茂盛花苑,3,1,,,\n"
        "郑王,13700000001,,,茂盛花苑,3,1,,,\n"
        "周吴,13700000001,,,茂盛花苑,3,1,,,\n"
        "孤儿,,,2020-01-01,茂盛花苑,3,1,,,\n"
        "小明,,,2020-01-01,茂盛花苑,3,1,,无此人,\n"
        "小红,,,2020-01-01,茂盛花苑,3,1,302,王小宝,\n"
        "某某,,,2030-01-01,茂盛花苑,3,1,,,\n"
        "某甲,,,,别的小区,3,1,,,\n"
        "某乙,,,,茂盛花苑,,,302,,\n"
        "某丙,123,,,茂盛花苑,3,1,,,\n"
        ",13700000009,,,茂盛花苑,3,1,,,\n"
    )
    assert counts(report) == (
        1,
        0,
        0,
        [
            (2, "PhoneOfAnother"),
            (3, "CardOfAnother"),
            (5, "PhoneOfAnother"),
            (6, "PersonTwice"),
            (7, "GuardianNeeded"),
            (8, "GuardianUnknown"),
            (9, "GuardianIsChild"),
            (10, "BirthDateImpossible"),
            (11, "AreaUnclear"),
            (12, "BuildingMissing"),
            (13, "PhoneUnreadable"),
            (14, "ValueMissing"),
        ],
    )


async def test_roles_are_noted_and_never_given(committee: Committee) -> None:
    report = await committee.bring_in("金秀珍,13800000003,,,茂盛花苑,3,1,,,楼组长\n")
    assert [(one.line, one.column, one.error.code) for one in report.notes] == [
        (2, "角色", "RoleNotImported")
    ]
    [grants] = await run("SELECT COUNT(*) AS count FROM role_grant WHERE role <> 'steward'")
    assert (report.created, grants["count"]) == (1, 0)


async def test_a_new_estate_is_made_only_when_that_was_said(committee: Committee) -> None:
    row = "王桂芳,,,,新家园,3,1,,,\n"
    assert counts(await committee.bring_in(row))[3] == [(2, "AreaUnclear")]
    dry = await committee.bring_in(row, new_estates=True, dry_run=True)
    assert (dry.created, await run("SELECT id FROM area WHERE name = '新家园'")) == (1, [])
    assert (await committee.bring_in(row, new_estates=True)).created == 1
    assert await home_of("王桂芳") == ("沙茂居委会", "新家园", "3号楼", "1单元")
    assert counts(await committee.bring_in(row)) == (0, 0, 1, [])


async def test_people_of_other_areas_and_closed_accounts_are_left_alone(
    committee: Committee,
) -> None:
    other = await create_area(
        parent_id=None, level="committee", name="别处居委会", time_zone="Asia/Shanghai", now=NOW
    )
    await enrol(name="钱某", area_id=other, now=NOW, actor_id=None, phone="13800000007")
    report = await committee.bring_in("钱某,13800000007,,,茂盛花苑,3,1,,,\n")
    assert counts(report) == (0, 0, 0, [(2, "RowPersonElsewhere")])
    gone = await enrol(name="孙某", area_id=committee.estate_id, now=NOW, actor_id=None)
    await close_account(actor_id=committee.steward_id, person_id=gone, now=NOW)
    assert (await committee.bring_in("孙某,,,,茂盛花苑,,,,,\n")).created == 1


async def test_a_list_without_names_is_refused_as_a_whole(committee: Committee) -> None:
    with pytest.raises(ColumnsMissing):
        await committee.bring_in("13800000001\n", header="手机\n")
