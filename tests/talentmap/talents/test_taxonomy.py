"""Skills are found by whatever somebody types."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talentmap.talents.search_rules import matching_skills
from talentmap.talents.taxonomy import CATEGORIES, SKILL_BY_CODE, SKILLS, skills_in


def test_the_list_is_long_enough_and_says_each_thing_once() -> None:
    assert len(SKILLS) >= 60
    assert len(CATEGORIES) >= 10
    for names in ([s.code for s in SKILLS], [s.zh for s in SKILLS], [s.en for s in SKILLS]):
        assert len(set(names)) == len(names)
    assert all(skills_in(category.code) for category in CATEGORIES)
    assert all(len(skill.code) <= 32 and skill.code.isidentifier() for skill in SKILLS)
    assert all(word for skill in SKILLS for word in skill.synonyms)


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("太极", "tai_chi"),
        ("taiji", "tai_chi"),
        ("tai ji quan", "tai_chi"),
        ("tjq", "tai_chi"),
        ("TAI CHI", "tai_chi"),
        ("taichi", "tai_chi"),
        ("手机摄影", "phone_photography"),
        ("sjsy", "phone_photography"),
        ("ｓｊｓｙ", "phone_photography"),
        ("香包", "sachet"),
        # Both readings of a character.
        ("tiaojie", "mediation"),
        ("diaojie", "mediation"),
        ("yinyue", "folk_dance"),
        ("音乐", "folk_dance"),
        ("WeChat", "smartphone_help"),
        ("barber", "haircut"),
        ("剃头", "haircut"),
        ("lvhua", "gardening"),
    ],
)
def test_found_first(query: str, first: str) -> None:
    assert matching_skills(query)[0] == first


@pytest.mark.parametrize("query", ["", "  ", "🙂", "%", "_", "zzzzz", "\x00", "'; DROP TABLE x"])
def test_nothing_is_found(query: str) -> None:
    assert matching_skills(query) == ()


@given(st.text(max_size=60))
def test_anything_may_be_typed(query: str) -> None:
    found = matching_skills(query)
    assert len(set(found)) == len(found)
    assert set(found) <= set(SKILL_BY_CODE)


@pytest.mark.parametrize("skill", SKILLS, ids=lambda skill: skill.code)
def test_every_skill_is_found_by_its_own_names(skill) -> None:
    for name in (skill.zh, skill.en, *skill.synonyms):
        assert skill.code in matching_skills(name)


def test_pinyin_is_loaded_only_for_a_search() -> None:
    program = (
        "import sys; import talentmap.talents.search_rules; sys.exit('pypinyin' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0
