"""Which kind of service a list means, by the words its writers use.  Pure."""

from types import MappingProxyType
from typing import Final

from points.imports.values import plain
from points.service.categories import CATEGORIES, category_of

# In the order of search: what is longer or more particular stands first.
_WORDS: Final = MappingProxyType(
    {
        "night_duty": "夜间值守 夜巡 夜间巡逻",
        "extreme_weather": "防汛 防台 极端天气 抗台 扫雪 铲雪 高温值守",
        "emergency": "应急 急难 抢险",
        "waste_sorting": "垃圾分类 桶长 撤桶 分类投放",
        "stairwell_clearing": "堆物 清堆 楼道清理 清理楼道",
        "stairwell_patrol": "楼道巡逻 楼道巡查 楼组巡查",
        "safety_patrol": "平安巡逻 巡逻 巡查 治安 平安志愿",
        "fire_drill": "消防",
        "stairwell_duty": "楼道值守 值守 值班 门岗",
        "bicycle_order": "非机动车 单车 电瓶车 车辆停放",
        "door_visit": "上门 入户 走访 宣讲 告知 探访",
        "companionship": "结对 陪伴 关爱 独居",
        "mediation": "调解",
        "health_check": "义诊 血压 健康",
        "haircut": "理发",
        "repair": "维修 修理 磨刀 小修",
        "phone_lessons": "手机教学 智能手机",
        "teaching": "授课 教学 课程 讲座",
        "council": "议事 联席 听证 会议",
        "covenant": "公约",
        "lift_team": "加梯 电梯",
        "notice_board": "公开栏 黑板报 宣传栏 信息板",
        "greening": "绿化 绿植 护绿 花园",
        "share_point": "共享 漂流",
        "errands": "代购 代办 跑腿 送餐 送药",
        "charity_bazaar": "义卖 义集",
        "family_activity": "亲子",
        "culture_event": "文艺 演出 文化 晚会",
        "cleaning": "清洁 清扫 保洁 打扫 大扫除 环境整治",
    }
)


def category_code(said: object, title: str) -> str | None:
    """The code of a category named, else of the activity's title; None where neither says it.

    A category cell that says something unknown is not overruled by the title.
    """
    text = plain(said if isinstance(said, str) else None)
    return _found(text) if text else _found(title)


def _found(text: str) -> str | None:
    lowered = text.lower()
    if category_of(lowered):
        return lowered
    labels = {category.label.lower(): category.code for category in CATEGORIES}
    if lowered in labels:
        return labels[lowered]
    return next(
        (code for code, words in _WORDS.items() if any(word in lowered for word in words.split())),
        None,
    )
