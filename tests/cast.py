"""The neighbourhood that tests play in, founded through the use cases.

新虹街道 > 爱博五村居委 > 爱博五村 > two buildings of two stairwells; and, for the right role in the
wrong area, 航华一村五居 in the same 街道 with stewards of its own.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from points.community.areas import create_area
from points.community.grants import approve_role, found_stewards, propose_role
from points.community.guardians import add_guardian
from points.community.people import enrol
from points.community.rules import day_of
from points.ledger.books import open_book

# A Monday, nine in the morning in Shanghai.
FOUNDED = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
ZONE = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class Cast:
    """Numbers of areas and people.  Nobody has a password yet."""

    # Areas.
    subdistrict: int
    committee: int
    estate: int
    building_1: int
    building_2: int
    # Stairwells 1 and 2 of building 1, then of building 2.
    stairwell_11: int
    stairwell_12: int
    stairwell_21: int
    stairwell_22: int
    other_committee: int
    other_stairwell: int
    # The books of the two committees.
    book: int
    other_book: int
    # 陈静 and 李国强, stewards of the committee; both live in stairwell 22.
    chen_jing: int
    li_guoqiang: int
    # 周建国, member of the committee.
    zhou_jianguo: int
    # 王芳, organizer of the committee.
    wang_fang: int
    # 卢秀英 (卢阿姨), leader of stairwell 11, where she lives.
    lu_xiuying: int
    # 金秀珍, 72, elder mode, a card and no phone; stairwell 11.
    jin_xiuzhen: int
    # Volunteers: 张伟 in stairwell 11, 何敏 in 12.
    zhang_wei: int
    he_min: int
    # 赵志强 and 钱慧, one household in stairwell 21.
    zhao_zhiqiang: int
    qian_hui: int
    # 何小雨, 12, daughter of 何敏, of the same household; stairwell 12.
    he_xiaoyu: int
    # The other committee: stewards 徐静 and 马强, resident 吴迪.
    xu_jing: int
    ma_qiang: int
    wu_di: int


async def cast(*, now: datetime = FOUNDED) -> Cast:
    """Found the neighbourhood in the bound database."""
    places = await _places(now)
    people = await _people(places, now)
    await _roles(places, people, now)
    await add_guardian(
        actor_id=people["chen_jing"],
        child_id=people["he_xiaoyu"],
        guardian_id=people["he_min"],
        now=now,
    )
    book = await open_book(area_id=places["committee"], now=now)
    other_book = await open_book(area_id=places["other_committee"], now=now)
    return Cast(**places, **people, book=book, other_book=other_book)


async def _places(now: datetime) -> dict[str, int]:
    async def add(parent_id: int | None, level: str, name: str) -> int:
        zone = ZONE if parent_id is None else None
        return await create_area(
            parent_id=parent_id, level=level, name=name, time_zone=zone, now=now
        )

    subdistrict = await add(None, "subdistrict", "新虹街道")
    committee = await add(subdistrict, "committee", "爱博五村居委")
    estate = await add(committee, "estate", "爱博五村")
    found = {"subdistrict": subdistrict, "committee": committee, "estate": estate}
    for building in (1, 2):
        building_id = await add(estate, "building", f"{building}号楼")
        found[f"building_{building}"] = building_id
        for stairwell in (1, 2):
            found[f"stairwell_{building}{stairwell}"] = await add(
                building_id, "stairwell", f"{stairwell}单元"
            )
    other = await add(subdistrict, "committee", "航华一村五居")
    other_building = await add(await add(other, "estate", "航华一村"), "building", "8号楼")
    found["other_committee"] = other
    found["other_stairwell"] = await add(other_building, "stairwell", "1单元")
    return found


async def _people(places: dict[str, int], now: datetime) -> dict[str, int]:
    async def add(name: str, stairwell: str, **facts: Any) -> int:
        return await enrol(name=name, area_id=places[stairwell], now=now, actor_id=None, **facts)

    born = date(2014, 1, 3)
    old = date(1953, 12, 12)
    return {
        "chen_jing": await add("陈静", "stairwell_22", phone="13800000001"),
        "li_guoqiang": await add("李国强", "stairwell_22", phone="13800000002"),
        "zhou_jianguo": await add("周建国", "stairwell_21", phone="13800000003"),
        "wang_fang": await add("王芳", "stairwell_12", phone="13800000004"),
        "lu_xiuying": await add("卢秀英", "stairwell_11", phone="13800000005"),
        "jin_xiuzhen": await add(
            "金秀珍", "stairwell_11", card_no="AB5001", birth_date=old, elder_mode=True
        ),
        "zhang_wei": await add("张伟", "stairwell_11", phone="13800000006"),
        "he_min": await add("何敏", "stairwell_12", phone="13800000007", household_door="501"),
        "zhao_zhiqiang": await add(
            "赵志强", "stairwell_21", phone="13800000008", household_door="302"
        ),
        "qian_hui": await add("钱慧", "stairwell_21", card_no="AB5002", household_door="302室"),
        "he_xiaoyu": await add("何小雨", "stairwell_12", birth_date=born, household_door="501"),
        "xu_jing": await add("徐静", "other_stairwell", phone="13800000011"),
        "ma_qiang": await add("马强", "other_stairwell", phone="13800000012"),
        "wu_di": await add("吴迪", "other_stairwell", phone="13800000013"),
    }


async def _roles(places: dict[str, int], people: dict[str, int], now: datetime) -> None:
    today = day_of(now, ZONE)
    for area, stewards in (
        ("committee", (people["chen_jing"], people["li_guoqiang"])),
        ("other_committee", (people["xu_jing"], people["ma_qiang"])),
    ):
        await found_stewards(area_id=places[area], person_ids=stewards, now=now, today=today)
    for person, role, area in (
        ("zhou_jianguo", "committee_member", "committee"),
        ("wang_fang", "organizer", "committee"),
        ("lu_xiuying", "stairwell_leader", "stairwell_11"),
        ("jin_xiuzhen", "volunteer", "committee"),
        ("zhang_wei", "volunteer", "committee"),
    ):
        grant_id = await propose_role(
            actor_id=people["chen_jing"],
            person_id=people[person],
            role=role,
            area_id=places[area],
            starts_on=today,
            ends_on=None,
            now=now,
        )
        if role != "volunteer":
            await approve_role(
                actor_id=people["li_guoqiang"], grant_id=grant_id, now=now, today=today
            )
