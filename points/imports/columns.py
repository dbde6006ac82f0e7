"""Which column is which.  Headers are recognised by their Chinese and English names in any order.

What was recognised is shown to a person before anything is kept; what is missing or said twice is
an error of the file, and what is unknown is left out and said so.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from points.imports.errors import ColumnsAmbiguous, ColumnsMissing
from points.imports.rows import Cell, Row

Kind = Literal["places", "people", "service", "activities"]
KINDS: tuple[Kind, ...] = ("places", "people", "service", "activities")

_PLACES = {
    "name": "小区 小区名 小区名称 名称 地名 街镇名称 name estate compound title",
    "lat": "纬度 緯度 lat latitude y纬度",
    "lon": "经度 經度 lon lng long longitude x经度",
    "rings": "轮廓 边界 rings outline",
    "town": "街镇 街道 镇 街道镇 所属街道 所属街镇 乡镇 town subdistrict",
    "district": "区 区县 所属区 行政区 district dist county",
    "address": "地址 详细地址 address",
}
_PEOPLE = {
    "name": "姓名 名字 居民姓名 志愿者姓名 志愿者 成员姓名 name fullname residentname",
    "phone": "手机 手机号 手机号码 电话 电话号码 联系电话 联系方式 移动电话 phone mobile tel "
    "telephone phonenumber",
    "card": "卡号 积分卡号 居民卡号 志愿者卡号 card cardno cardnumber",
    "birth_date": "出生日期 出生年月日 生日 birthdate dateofbirth birthday dob born",
    "estate": "小区 小区名称 所属小区 estate compound",
    "building": "楼栋 楼号 幢号 栋 幢 号楼 楼 楼栋号 building block",
    "stairwell": "单元 单元号 门栋 楼道 楼道号 门牌号 楼组 stairwell unit entrance",
    "flat": "室号 室 房号 房间号 门号 户号 flat room apartment",
    "household": "户主 户主姓名 household householder headofhousehold",
    "guardian": "监护人 监护人姓名 家长 guardian parent",
    "guardian_phone": "监护人手机 监护人电话 监护人联系电话 家长电话 家长手机 guardianphone",
    "role": "角色 职务 身份 role",
}
_SERVICE = {
    "name": "姓名 名字 志愿者姓名 志愿者 name volunteer fullname",
    "phone": _PEOPLE["phone"],
    "card": _PEOPLE["card"],
    "building": _PEOPLE["building"],
    "date": "日期 服务日期 活动日期 date servicedate day",
    "start": "开始 开始时间 起始时间 签到 签到时间 start starttime from checkin begin",
    "end": "结束 结束时间 终止时间 签退 签退时间 end endtime to checkout finish",
    "duration": "时长 服务时长 服务时间 duration length",
    "hours": "小时 小时数 时数 服务小时 服务小时数 hours hour",
    "minutes": "分钟 分钟数 服务分钟 服务分钟数 minutes minute mins",
    "activity": "活动 活动名称 项目 项目名称 服务项目 服务内容 内容 "
    "activity project occasion title",
    "category": "类别 分类 服务类别 活动类别 类型 category type",
    "place": "地点 服务地点 活动地点 place location where",
    "note": "备注 说明 note notes remark remarks comment",
}
_ACTIVITIES = {
    "key": "编号 活动编号 序号 id activityid eventid opportunityid",
    "title": "活动 活动名称 名称 标题 主题 项目名称 title name activity event",
    "summary": "简介 活动简介 内容 活动内容 说明 备注 summary description details",
    "category": "类别 分类 活动类别 类型 category categorydesc type",
    "organiser": "组织 主办 主办方 主办单位 组织单位 organiser organizer organisation "
    "organization orgtitle",
    "start": "开始 开始时间 开始日期 日期 活动日期 时间 活动时间 start starttime startdate "
    "startdatedate date from begin",
    "end": "结束 结束时间 结束日期 end endtime enddate enddatedate to finish",
    "deadline": "截止 截止时间 报名截止 报名截止时间 deadline signupby",
    "minimum": "成行人数 最少人数 最低人数 minimum min minparticipants",
    "capacity": "人数 名额 人数上限 上限 招募人数 capacity seats places volrequests volunteers",
    "place": "地点 活动地点 场地 地址 place location address locality where venue",
    "lat": _PLACES["lat"],
    "lon": _PLACES["lon"],
}
_WORDS: Final = {
    "places": _PLACES,
    "people": _PEOPLE,
    "service": _SERVICE,
    "activities": _ACTIVITIES,
}
# Each group needs one of its alternatives; an alternative needs all its columns.
_NEEDED: Final[Mapping[Kind, tuple[tuple[tuple[str, ...], ...], ...]]] = MappingProxyType(
    {
        "places": ((("name",),), (("lat", "lon"), ("rings",))),
        "people": ((("name",),),),
        "service": (
            (("phone",), ("card",), ("name",)),
            (("date",), ("start", "end")),
            (("minutes",), ("hours",), ("duration",), ("start", "end")),
        ),
        "activities": ((("title",),), (("start",),)),
    }
)
_UNITS = {"小时": "hours", "时": "hours", "h": "hours", "hours": "hours"} | {
    "分钟": "minutes",
    "分": "minutes",
    "min": "minutes",
    "minutes": "minutes",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A recognised column: what it means, where it stands, how the file calls it."""

    field: str
    at: int
    header: str


@dataclass(frozen=True, slots=True)
class Columns:
    """What the header says, for a person to look at."""

    kind: Kind
    recognised: tuple[Column, ...]
    unknown: tuple[str, ...]
    missing: tuple[tuple[tuple[str, ...], ...], ...]
    ambiguous: tuple[tuple[str, tuple[str, ...]], ...]

    def header_of(self, field: str) -> str:
        """How the file calls a field; the field's own name where it has no column."""
        return next((one.header for one in self.recognised if one.field == field), field)

    def cells(self, row: Row) -> dict[str, Cell]:
        """The row's cells by field; None where there is no such column or cell."""
        found: dict[str, Cell] = dict.fromkeys(_WORDS[self.kind])
        for column in self.recognised:
            if column.at < len(row.cells):
                found[column.field] = row.cells[column.at]
        return found

    def require_usable(self) -> None:
        """Refuse the file when a needed column is missing or a meaning stands twice."""
        if self.ambiguous:
            said = "; ".join(
                f"{first_word(self.kind, field)}: {', '.join(headers)}"
                for field, headers in self.ambiguous
            )
            raise ColumnsAmbiguous(columns=said)
        if self.missing:
            found = ", ".join(one.header for one in self.recognised) or "–"
            said = "; ".join(
                " / ".join(
                    "+".join(first_word(self.kind, field) for field in fields) for fields in one
                )
                for one in self.missing
            )
            raise ColumnsMissing(columns=said, found=found)


def first_word(kind: Kind, field: str) -> str:
    """The Chinese header that templates use, with the English field behind it."""
    return f"{_WORDS[kind][field].split()[0]} ({field.replace('_', ' ')})"


def recognise(header: Sequence[str], kind: Kind, datum: str | None = None) -> Columns:
    """Match each header; ``datum`` chooses between lat_wgs84, lat_gcj02 and lat_bd09."""
    found: dict[str, list[Column]] = {}
    unknown = []
    for at, name in enumerate(header):
        field = _field(name, kind, datum)
        if field:
            found.setdefault(field, []).append(Column(field, at, name.strip()))
        elif name.strip():
            unknown.append(name.strip())
    recognised = sorted((ones[0] for ones in found.values()), key=lambda one: one.at)
    return Columns(
        kind,
        tuple(recognised),
        tuple(unknown),
        tuple(group for group in _NEEDED[kind] if not _is_met(group, found)),
        tuple(
            (field, tuple(one.header for one in ones)) for field, ones in found.items() if ones[1:]
        ),
    )


def count_known(header: Sequence[str], kind: Kind) -> int:
    """How many cells name a known column, in any datum."""
    fields = {
        _field(name, kind, datum) for name in header for datum in (None, "wgs84", "gcj02", "bd09")
    }
    return len(fields - {None})


def _is_met(group: Sequence[Sequence[str]], found: Mapping[str, object]) -> bool:
    return any(all(field in found for field in fields) for fields in group)


def _field(name: str, kind: Kind, datum: str | None) -> str | None:
    text = unicodedata.normalize("NFKC", name).lower().strip(" *:：\ufeff")
    words = {word: field for field, said in _WORDS[kind].items() for word in said.split()}
    inside = re.findall(r"[(\[【](.*?)[)\]】]", text)
    bare = _squeezed(re.sub(r"[(\[【].*?[)\]】]", "", text))
    if kind in ("places", "activities") and datum:
        bare = bare.removesuffix(datum)
    field = words.get(_squeezed(text)) or words.get(bare)
    if field in {"duration", "hours", "minutes"}:
        units = {_UNITS[unit] for unit in map(_squeezed, inside) if unit in _UNITS}
        return units.pop() if len(units) == 1 else field
    return field


def _squeezed(text: str) -> str:
    return re.sub(r"[\s_\-/.*:]", "", text)
