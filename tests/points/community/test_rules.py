"""Names, numbers, ages and doors, by example."""

from datetime import UTC, date, datetime

import pytest

from points.community import rules
from points.community.roles import grant_state, may_second, needs_second, proposers, terms_overlap


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("13812345678", "13812345678"),
        ("+86 138-1234-5678", "13812345678"),
        ("0086 138 1234 5678", "13812345678"),
        ("8613812345678", "13812345678"),
        ("１３８１２３４５６７８", "13812345678"),
        ("(021) 6400 1234", "021-64001234"),
        ("02164001234", "021-64001234"),
        ("+86 21 6400 1234", "021-64001234"),
        ("0512-6780123", "0512-6780123"),
        ("+49 30 123456", "+4930123456"),
    ],
)
def test_a_phone_number_is_stored_in_one_way(typed: str, stored: str):
    assert rules.normalise_phone(typed) == stored


@pytest.mark.parametrize(
    "typed",
    ["", "12812345678", "1381234567", "138123456789", "64001234", "电话", "+8612", "x" * 10_000],
)
def test_what_is_no_phone_number_is_told_apart(typed: str):
    assert rules.normalise_phone(typed) is None


def test_every_stored_phone_number_is_stored_as_itself():
    for stored in ("13812345678", "021-64001234", "0512-6780123", "+4930123456"):
        assert rules.normalise_phone(stored) == stored


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("ab 5001", "AB5001"),
        ("ＡＢ－５００１", "AB5001"),
        ("0004567890", "0004567890"),
        ("13812345678", None),
        ("02164001234", None),
        ("V00000012", None),
        ("abc", None),
        ("卡号一二三四", None),
        ("A" * 33, None),
    ],
)
def test_a_card_number_is_never_taken_for_a_phone_or_a_volunteer_number(
    typed: str, stored: str | None
):
    assert rules.normalise_card(typed) == stored


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("王小芳", "王*芳"),
        ("王芳", "王*"),
        ("王", "*"),
        ("欧阳娜娜", "欧**娜"),
        ("买买提·艾力", "买*提·艾*"),
        ("Mary Smith", "M*** S****"),
        ("", ""),
    ],
)
def test_a_public_list_shows_a_masked_name(name: str, masked: str):
    assert rules.masked_name(name) == masked


def test_a_birthday_makes_older_on_the_day_itself():
    born = date(2014, 5, 4)
    assert rules.age_on(born, date(2026, 5, 3)) == 11
    assert rules.age_on(born, date(2026, 5, 4)) == 12


def test_who_is_born_on_29_february_is_older_on_1_march():
    born = date(2012, 2, 29)
    assert rules.age_on(born, date(2026, 2, 28)) == 13
    assert rules.age_on(born, date(2026, 3, 1)) == 14
    assert not rules.is_child(born, date(2026, 3, 1))
    assert rules.is_minor(born, date(2026, 3, 1))


def test_nobody_is_born_tomorrow_or_131_years_ago():
    today = date(2026, 11, 22)
    assert rules.possible_birth_date(today, today)
    assert not rules.possible_birth_date(date(2026, 11, 23), today)
    assert not rules.possible_birth_date(date(1895, 11, 22), today)


def test_a_day_is_the_day_of_the_place():
    late = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)
    assert rules.day_of(late, "Asia/Shanghai") == date(2026, 11, 23)
    assert rules.day_of(late, "Europe/Berlin") == date(2026, 11, 22)


@pytest.mark.parametrize("name", ["Mars/Base", "", "/etc/passwd", "../x", "Asia"])
def test_what_is_no_time_zone_is_told_apart(name: str):
    assert not rules.known_time_zone(name)


def test_one_door_has_one_digest_however_it_is_written():
    secret = b"k" * 32
    doors = {rules.normalise_door(text) for text in ("302", "302室", "３０２ 室", "0302")}
    assert doors == {"302"}
    digest = rules.door_digest(secret, 7, "302")
    assert digest == rules.door_digest(secret, 7, "302")
    assert digest != rules.door_digest(secret, 8, "302")
    assert digest != rules.door_digest(b"l" * 32, 7, "302")
    assert "302" not in rules.door_digest(secret, 7, "302")[:3]


def test_text_loses_what_nobody_sees():
    assert rules.clean_text("  王\u200b芳\x00 \u202e ") == "王芳"
    assert rules.clean_text("a\n\tb") == "a b"
    assert rules.clean_text("\ud800x") == "x"
    assert rules.clean_text("${alert(1)}</script>") == "${alert(1)}</script>"


@pytest.mark.parametrize(
    ("parent", "level", "allowed"),
    [
        ("subdistrict", "committee", True),
        ("subdistrict", "estate", True),
        ("estate", "committee", False),
        ("building", "building", False),
        ("estate", "grid", True),
        ("grid", "grid", True),
        ("grid", "building", True),
        ("grid", "committee", False),
        ("stairwell", "grid", False),
    ],
)
def test_levels_lie_in_each_other_from_the_city_down(parent: str, level: str, allowed: bool):
    assert rules.may_contain(parent, level) is allowed


def test_a_search_takes_signs_as_they_are():
    assert rules.like_pattern("Mary 50%_!") == "%mary 50!%!_!!%"


# --- roles


def test_every_role_but_the_volunteers_takes_two_people():
    assert not needs_second("volunteer")
    assert all(
        needs_second(role)
        for role in ("stairwell_leader", "organizer", "committee_member", "steward")
    )
    assert proposers("organizer") == ("steward",)
    assert "stairwell_leader" in proposers("volunteer")


def test_a_second_person_is_neither_the_first_nor_the_one_it_is_for():
    assert may_second(actor_id=3, proposed_by=1, person_id=2)
    assert not may_second(actor_id=1, proposed_by=1, person_id=2)
    assert not may_second(actor_id=2, proposed_by=1, person_id=2)


@pytest.mark.parametrize(
    ("today", "state"),
    [
        (date(2026, 2, 28), "upcoming"),
        (date(2026, 3, 1), "active"),
        (date(2026, 5, 31), "active"),
        (date(2026, 6, 1), "ended"),
    ],
)
def test_a_term_counts_on_both_its_days(today: date, state: str):
    found = grant_state(
        starts_on=date(2026, 3, 1),
        ends_on=date(2026, 5, 31),
        approved=True,
        revoked=False,
        today=today,
    )
    assert found == state


def test_terms_overlap_when_they_share_a_day():
    spring = (date(2026, 3, 1), date(2026, 5, 31))
    assert terms_overlap(spring, (date(2026, 5, 31), None))
    assert not terms_overlap(spring, (date(2026, 6, 1), None))
    assert not terms_overlap((date(2026, 6, 1), None), spring)
    assert terms_overlap((date(2026, 1, 1), None), spring)
