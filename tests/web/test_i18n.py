"""Two languages: everything said is said in Chinese too, and quantities read as people say them."""

import importlib
import pkgutil
import re
import string
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from hypothesis import given
from hypothesis import strategies as st

import points
import talentmap
import web
from points.errors import Conflict, DomainError
from web.i18n import N_, catalogues, chinese, choose_language, translator

ROOT = Path(__file__).resolve().parents[2]
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
METHODS = [("web/templates/**.html", "jinja2"), ("**.py", "python")]
OPTIONS = {"web/templates/**.html": {"silent": "false"}}

ZH = translator("zh")
EN = translator("en")
# Sunday afternoon in Shanghai.
SUNDAY = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


def written() -> dict[str, set[str]]:
    """Every message id in templates and code, with the places that say it."""
    found: dict[str, set[str]] = defaultdict(set)
    for folder in ("points", "talentmap", "web"):
        methods = [(p.removeprefix("web/"), m) for p, m in METHODS]
        options = {p.removeprefix("web/"): o for p, o in OPTIONS.items()}
        for name, line, message, _, _ in extract_from_dir(
            ROOT / folder, methods, options, KEYWORDS, strip_comment_tags=True
        ):
            singular = message if isinstance(message, str) else message[0]
            if singular:
                found[singular].add(f"{folder}/{name}:{line}")
    for error in refusals():
        found[error.message].add(f"{error.__module__}.{error.__qualname__}")
    return found


def refusals() -> Iterator[type[DomainError]]:
    """Every kind of refusal of the domain."""
    for package in (points, talentmap, web):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not re.search(r"piccolo_migrations|piccolo_conf|__main__", module.name):
                importlib.import_module(module.name)
    waiting: list[type[DomainError]] = [DomainError]
    while waiting:
        error = waiting.pop()
        if error.__module__.partition(".")[0] != "tests":
            yield error
        waiting.extend(error.__subclasses__())


def entries() -> Iterator[tuple[str, Message]]:
    for subject, catalogue in catalogues().items():
        for message in catalogue:
            if message.id:
                yield subject, message


def said(message: Message) -> tuple[str, str]:
    """The fullest English form and the Chinese of an entry."""
    english = message.id if isinstance(message.id, str) else message.id[-1]
    text = message.string if isinstance(message.string, str) else message.string[0]
    return english, text


def facts_in(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def report(what: str, faults: list[str]) -> None:
    """Fail with the list alone: it is what a translator works down."""
    if faults:
        pytest.fail(f"{what}:\n" + "\n".join(faults), pytrace=False)


def test_everything_said_is_said_in_chinese() -> None:
    known = chinese()
    missing = [
        f"  {message!r}\n      at {', '.join(sorted(places)[:3])}"
        for message, places in sorted(written().items())
        if not known.get(message)
    ]
    report(f"{len(missing)} messages have no Chinese", missing)


def test_no_catalogue_holds_what_nobody_says() -> None:
    known = written()
    unused = [
        f"  {subject}.po: {message.id!r}"
        for subject, message in entries()
        if (message.id if isinstance(message.id, str) else message.id[0]) not in known
    ]
    unused += [
        f"  {name}.po: obsolete {o!r}" for name, c in catalogues().items() for o in c.obsolete
    ]
    report("no longer said anywhere", unused)


def test_no_translation_is_fuzzy_empty_or_said_in_two_ways() -> None:
    seen: dict[str, str] = {}
    faults = []
    for subject, message in entries():
        english, text = said(message)
        if message.fuzzy or not text:
            faults.append(f"  {subject}.po: {'fuzzy' if message.fuzzy else 'empty'}: {english!r}")
        if seen.setdefault(english, text) != text:
            faults.append(f"  {subject}.po: {english!r} is also said as {seen[english]!r}")
    report("not a clean translation", faults)


def test_a_translation_has_the_facts_of_its_message() -> None:
    faults = []
    for subject, message in entries():
        english, text = said(message)
        if facts_in(english) != facts_in(text):
            faults.append(f"  {subject}.po: {english!r} -> {text!r}")
    report("facts differ", faults)


def test_a_message_is_filled_with_its_facts() -> None:
    assert EN.gettext("Give them this number: {reference}", reference="A{1}").endswith("A{1}")
    assert ZH.gettext("Give them this number: {reference}", reference="A1").endswith("：A1")
    assert ZH.gettext("never written {down}") == "never written {down}"


def test_a_counted_message_has_its_plural() -> None:
    forms = (
        N_("One thing is not right yet. Nothing was saved."),
        "{n} things are not right yet. Nothing was saved.",
    )
    assert EN.ngettext(*forms, 1) == forms[0]
    assert EN.ngettext(*forms, 2).startswith("2 things")
    assert "2 处" in ZH.ngettext(*forms, 2)


def test_a_refusal_speaks_the_readers_language() -> None:
    assert ZH.refusal(DomainError()) == "这件事没有办成。"
    assert EN.refusal(DomainError()) == "This could not be done."


def test_a_refusal_says_its_dates_as_people_do_and_survives_a_missing_fact() -> None:
    class TooEarly(Conflict):
        message = "Not before {day} at {hour}, says {who}."

    text = EN.refusal(TooEarly(day=date(2026, 11, 22), hour=time(9, 0)))
    assert text == "Not before Sun 22 Nov 2026 at 09:00, says …."


@pytest.mark.parametrize(
    ("minutes", "zh", "en"),
    [
        (0, "0 小时", "0 h"),
        (45, "45 分钟", "45 min"),
        (60, "1 小时", "1 h"),
        (150, "2 小时 30 分", "2 h 30 min"),
        (-90, "−1 小时 30 分", "−1 h 30 min"),
        (75_000, "1,250 小时", "1,250 h"),
    ],
)
def test_minutes_read_as_hours(minutes: int, zh: str, en: str) -> None:
    assert (ZH.hours(minutes), EN.hours(minutes)) == (zh, en)


def test_points_carry_their_word_and_a_change_its_sign() -> None:
    assert (ZH.points(1250), EN.points(1), EN.points(1250)) == (
        "1,250 积分",
        "1 point",
        "1,250 points",
    )
    assert (ZH.signed(20), ZH.signed(-5), ZH.signed(0)) == ("+20", "−5", "+0")


def test_a_moment_is_told_on_the_clock_of_the_area() -> None:
    assert ZH.date_time(SUNDAY) == "2026年11月22日 周日 14:00"
    assert EN.date_time(SUNDAY) == "Sun 22 Nov 2026, 14:00"
    assert translator("en", "America/New_York").time(SUNDAY) == "01:00"
    assert ZH.time(time(9, 5)) == "09:05"


def test_a_date_near_midnight_is_the_areas_date() -> None:
    late = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)
    assert ZH.date(late) == "2026年11月23日 周一"
    assert ZH.short_date(date(2026, 11, 22)) == "11月22日 周日"
    assert (ZH.month(late), EN.month(late)) == ("2026年11月", "November 2026")


def test_a_span_names_its_second_day_only_if_it_has_one() -> None:
    assert ZH.span(SUNDAY, SUNDAY.replace(hour=8)) == "2026年11月22日 周日 14:00–16:00"
    assert EN.span(SUNDAY, SUNDAY.replace(hour=18)).endswith("Mon 23 Nov 2026, 02:00")


@pytest.mark.parametrize(
    ("preference", "cookie", "header", "chosen"),
    [
        (None, None, "", "zh"),
        (None, None, "en-GB,en;q=0.9,zh;q=0.8", "en"),
        (None, None, "fr, zh-CN;q=0.8, en;q=0.3", "zh"),
        (None, None, "zh;q=0, en;q=0.1", "en"),
        (None, None, "fr,de;q=broken", "zh"),
        (None, "zh", "en", "zh"),
        ("en", "zh", "zh", "en"),
        ("klingon", "", "en", "en"),
    ],
)
def test_the_language_is_the_persons_choice_first(
    preference: str | None, cookie: str | None, header: str, chosen: str
) -> None:
    assert choose_language(preference=preference, cookie=cookie, accept_language=header) == chosen


@given(st.text())
def test_no_header_can_break_the_choice_of_a_language(header: str) -> None:
    assert choose_language(accept_language=header) in ("zh", "en")
