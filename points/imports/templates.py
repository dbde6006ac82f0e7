"""Tables to fill in, with the columns a residents' committee keeps anyway.

The files are Chinese like the lists they replace; every header is one that ``columns`` knows.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from xlsxwriter import Workbook  # type: ignore[import-untyped]  # It ships no types.

TemplateKind = Literal["people", "service"]


@dataclass(frozen=True, slots=True)
class Template:
    """Headers with what they mean, and one example row."""

    title: str
    columns: tuple[tuple[str, str, str], ...]
    """(Header, example, note)."""


TEMPLATES: Final[dict[TemplateKind, Template]] = {
    "people": Template(
        "居民名册",
        (
            ("姓名", "王桂芳（示例，导入前请删除本行）", "必填。可以用昵称。"),
            ("手机", "13800000000", "手机或座机；没有手机的居民可以只填卡号，或都不填。"),
            ("卡号", "", "已有积分卡的填卡号，4至32位字母或数字。"),
            ("出生日期", "1954-03-08", "写成 1954-03-08；未满14岁必须填监护人。"),
            ("小区", "", "导入到一个小区时可以不填；导入到居委会时要填。"),
            ("楼栋", "3号楼", "写 3、3号、3号楼 都可以。"),
            ("单元", "1单元", "没有单元的不填。"),
            ("室号", "302", "只用来认出谁和谁是一户，系统不保存室号本身。"),
            ("监护人", "", "未满18岁填监护人的姓名、手机或卡号；同一户的写姓名即可。"),
        ),
    ),
    "service": Template(
        "服务记录",
        (
            (
                "姓名",
                "王桂芳（示例，导入前请删除本行）",
                "姓名、手机、卡号至少填一样；有同名的请加手机或楼栋。",
            ),
            ("手机", "13800000000", ""),
            ("卡号", "", ""),
            ("楼栋", "", "有同名的居民时用来区分。"),
            ("日期", "2026-11-15", "必填，写成 2026-11-15。只收已经做完的服务。"),
            ("开始", "9:00", "写成 9:00 或 上午9点；不知道可以不填。"),
            ("结束", "11:00", "写了开始和结束，可以不写分钟。"),
            ("分钟", "120", "按分钟填；也可以把这一列改名为“小时”。"),
            ("活动", "楼道巡逻", "同一天、同一开始时间、同名的活动算一次活动。"),
            ("类别", "楼道巡逻", "如 垃圾分类、平安巡逻、结对陪伴、理发；不填时看活动名称。"),
            ("地点", "3号楼", ""),
            ("备注", "", ""),
        ),
    ),
}
WIDTH_CHARACTERS = 16


def template_csv(kind: TemplateKind) -> bytes:
    """UTF-8 with its mark, without which Excel shows rubbish."""
    template = TEMPLATES[kind]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header for header, _, _ in template.columns)
    writer.writerow(example for _, example, _ in template.columns)
    return text.getvalue().encode("utf-8-sig")


def template_xlsx(kind: TemplateKind) -> bytes:
    """A workbook with the table and a sheet of notes.  Cells are text, so no zero gets lost."""
    template = TEMPLATES[kind]
    content = io.BytesIO()
    with Workbook(content, {"in_memory": True}) as book:
        head = book.add_format({"bold": True, "bg_color": "#F6E3DC", "bottom": 1})
        text = book.add_format({"num_format": "@"})
        pale = book.add_format({"num_format": "@", "font_color": "#8A817C"})
        table = book.add_worksheet(template.title)
        table.set_column(0, len(template.columns) - 1, WIDTH_CHARACTERS, text)
        table.freeze_panes(1, 0)
        table.write_row(0, 0, [header for header, _, _ in template.columns], head)
        for at, (_, example, _) in enumerate(template.columns):
            table.write_string(1, at, example, pale)
        notes = book.add_worksheet("填写说明")
        notes.set_column(0, 0, WIDTH_CHARACTERS)
        notes.set_column(1, 1, WIDTH_CHARACTERS * 5)
        for line, (header, _, note) in enumerate(_noted(template.columns)):
            notes.write_row(line, 0, [header, note])
    return content.getvalue()


def _noted(columns: Sequence[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    return [column for column in columns if column[2]]
