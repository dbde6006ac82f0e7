"""Passwords, codes and the waiting after wrong tries, by example."""

from datetime import UTC, datetime, timedelta

import pytest

from points.community.access import rules
from points.community.access.errors import (
    PasswordObvious,
    PasswordPersonal,
    PasswordTooLong,
    PasswordTooShort,
)

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
OWN = ("张伟", "V00000012", "AB5001", "13812345678")


@pytest.mark.parametrize(
    ("password", "refusal"),
    [
        ("", PasswordTooShort),
        ("七个字的密码呀", PasswordTooShort),
        ("x" * 201, PasswordTooLong),
        ("12345678", PasswordObvious),
        ("１２３４５６７８", PasswordObvious),
        ("Password1", PasswordObvious),
        ("ababababab", PasswordObvious),
        ("        ", PasswordObvious),
        ("13812345678", PasswordPersonal),
        ("138-1234-5678", PasswordPersonal),
        ("13812345678a", PasswordPersonal),
        ("v00000012", PasswordPersonal),
        ("张伟123456", PasswordPersonal),
        ("ab5001ab!", PasswordPersonal),
    ],
)
def test_a_password_that_strangers_try_first_is_refused(password: str, refusal: type[Exception]):
    with pytest.raises(refusal):
        rules.check_password(password, own=OWN)


@pytest.mark.parametrize("password", ["桂花开了满院子香", "blue-teapot", "张伟喜欢下象棋和钓鱼"])
def test_a_short_sentence_is_a_good_password(password: str):
    rules.check_password(password, own=OWN)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("ABCD-EFGH", "ABCDEFGH"),
        (" abcd efgh ", "ABCDEFGH"),
        ("ＡＢＣＤ－２３４５", "ABCD2345"),
        ("ABCD-EFG0", None),
        ("ABCDEFG", None),
        ("ABCDEFGHJ", None),
        ("", None),
        ("A" * 10_000, None),
    ],
)
def test_a_code_is_read_however_it_is_typed(typed: str, code: str | None):
    assert rules.normalise_code(typed) == code


def test_codes_hold_nothing_that_looks_alike():
    assert len(rules.CODE_ALPHABET) == 32
    assert not set("0O1I") & set(rules.CODE_ALPHABET)
    assert rules.printed_code("ABCDEFGH") == "ABCD-EFGH"


def test_each_wait_is_twice_the_last_up_to_a_quarter_of_an_hour():
    tries, waits, now = None, [], NOW
    for _ in range(11):
        tries = rules.after_try(tries, free=5, now=now)
        wait = rules.blocked(tries, now)
        waits.append(0 if wait is None else rules.minutes_up(wait))
        now += wait or timedelta(seconds=1)
    assert waits == [0, 0, 0, 0, 1, 2, 4, 8, 15, 15, 15]


def test_a_quiet_quarter_of_an_hour_forgets():
    tries = None
    for _ in range(4):
        tries = rules.after_try(tries, free=5, now=NOW)
    later = rules.after_try(tries, free=5, now=NOW + rules.WINDOW + timedelta(seconds=1))
    assert later.count == 1
    blocked = rules.after_try(tries, free=5, now=NOW)
    assert rules.blocked(blocked, NOW) == timedelta(minutes=1)
    after_wait = rules.after_try(blocked, free=5, now=NOW + timedelta(minutes=2))
    assert after_wait.count == 6


def test_a_million_tries_wait_no_longer_than_the_longest():
    tries = rules.Tries(1_000_000, NOW, None)
    wait = rules.blocked(rules.after_try(tries, free=5, now=NOW), NOW)
    assert wait == rules.WAIT_MAX


def test_a_wait_is_told_in_whole_minutes_rounded_up():
    assert [rules.minutes_up(timedelta(seconds=s)) for s in (0.2, 59, 60, 61)] == [1, 1, 1, 2]
