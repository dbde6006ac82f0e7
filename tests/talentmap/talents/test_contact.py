"""Numbers and addresses do not slip into what others read."""

import pytest

from talentmap.talents.contact_rules import names_contact


@pytest.mark.parametrize(
    "text",
    [
        "打我手机 13800000001",
        "138 0000 0001",
        "１３８-0000-0001",
        "一三八零零零零零零零一",
        "幺叁捌〇〇〇〇〇〇〇1",
        "tel 021-64001234",
        "6400·1234",
        "me@example.org",
        "微信：zhangwei_88",
        "加 vx zhangwei88",
        "QQ 12345678",
    ],
)
def test_a_way_around_the_site_is_seen(text: str) -> None:
    assert names_contact(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "周六 9:00-11:30 在活动室教太极拳",
        "2026-11-27 下午，或 2026年12月1日",
        "教了三十年书法，带过 200 多个学生",
        "I teach WeChat to elders on Monday",
        "微信怎么用，我来教",
        "练 12345 式",
    ],
)
def test_plain_words_pass(text: str) -> None:
    assert not names_contact(text)
