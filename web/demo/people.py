"""Who lives in the demo neighbourhood.  Pure: the same seed gives the same people."""

import random
from dataclasses import dataclass
from datetime import date

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
    "苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯"
)
GIVEN_ELDER = (
    "秀英 桂英 秀兰 玉兰 桂兰 玉珍 凤英 玉英 兰英 淑珍 国强 建国 建华 志明 德明 永康 "
    "福根 阿毛 金根 宝珍 惠芳 美娟 月娥 根娣 林妹 祥生 耀祖 龙珍 雪珍 文彬"
).split()
GIVEN_MIDDLE = (
    "丽 敏 静 伟 勇 军 磊 洋 艳 娟 涛 明 超 霞 平 刚 萍 红 建平 海燕 晓东 卫东 丽华 志强 "
    "文娟 春梅 国平 海峰 佳琪 晓雯"
).split()
GIVEN_YOUNG = (
    "浩然 子轩 梓涵 雨桐 思远 一诺 欣怡 诗涵 宇航 嘉懿 俊杰 沐宸 可馨 若曦 铭泽 语彤 "
    "天佑 书瑶 乐怡 佳宁"
).split()


@dataclass(frozen=True, slots=True)
class Estate:
    """An estate of the demo: buildings, and stairwells in each."""

    name: str
    buildings: int
    stairwells: int


@dataclass(frozen=True, slots=True)
class Committee:
    """A residents' committee with its estates."""

    name: str
    estates: tuple[Estate, ...]


@dataclass(frozen=True, slots=True)
class Resident:
    """One person behind one door."""

    name: str
    birth_date: date
    phone: str | None
    card_no: str
    door: str


SUBDISTRICT = "新虹街道"
TIME_ZONE = "Asia/Shanghai"
COMMITTEES = (
    Committee("爱博五村居委会", (Estate("爱博五村", 6, 2),)),
    Committee("航华一村第五居委会", (Estate("航华一村", 5, 2),)),
    Committee("沙茂居委会", (Estate("茂盛花苑", 4, 3), Estate("春申府邸", 3, 2))),
)
HOUSEHOLDS_PER_STAIRWELL = 4
PHONE_FROM = 13_900_000_000
CARD_FROM = 31_000_000


def households(*, seed: int, stairwell: int, today: date) -> list[list[Resident]]:
    """The households of one stairwell (numbered over the whole neighbourhood)."""
    dice = random.Random(seed * 1000 + stairwell)
    number = stairwell * 40
    found = []
    for floor in range(1, HOUSEHOLDS_PER_STAIRWELL + 1):
        members = _household(
            dice, door=f"{floor * 100 + dice.choice((1, 2, 3))}", number=number, today=today
        )
        number += len(members)
        found.append(members)
    return found


def _household(dice: random.Random, *, door: str, number: int, today: date) -> list[Resident]:
    """An elder alone or a couple, or parents with or without a child."""
    surname, other = dice.choice(SURNAMES), dice.choice(SURNAMES)
    shape = dice.choice(("elder", "couple", "couple", "family"))
    if shape == "elder":
        return [_resident(dice, surname, GIVEN_ELDER, (66, 86), door, number, today)]
    given, ages = (GIVEN_ELDER, (60, 78)) if dice.random() < 0.5 else (GIVEN_MIDDLE, (30, 58))
    members = [
        _resident(dice, surname, given, ages, door, number, today),
        _resident(dice, other, given, ages, door, number + 1, today),
    ]
    if shape == "family":
        members.append(_resident(dice, surname, GIVEN_YOUNG, (9, 17), door, number + 2, today))
    return members


def _resident(
    dice: random.Random,
    surname: str,
    given: list[str],
    ages: tuple[int, int],
    door: str,
    number: int,
    today: date,
) -> Resident:
    age = dice.randint(*ages)
    born = date(today.year - age, dice.randint(1, 12), dice.randint(1, 28))
    # Children and every fourth elder have no phone: the card is their way in.
    has_phone = age >= 18 and not (age > 70 and dice.random() < 0.25)
    return Resident(
        name=surname + dice.choice(given),
        birth_date=born,
        phone=str(PHONE_FROM + number) if has_phone else None,
        card_no=str(CARD_FROM + number),
        door=door,
    )
