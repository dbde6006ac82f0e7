"""A profile written down for somebody without a phone: who may, with what reason, and who reads it.

金秀珍 of stairwell 11 has a card and no phone; 卢秀英 leads her stairwell.
"""

from datetime import timedelta

import pytest

from points.community.consents import PURPOSES, consents_of
from points.community.errors import GuardianDecides, NotInRole, ReasonMissing
from points.community.people import update_person
from points.community.reads import proxies_of, reads_of
from points.notices.reading import notices_of
from talentmap.talents.errors import (
    AgreementMissing,
    ContactInText,
    OwnProfileElsewhere,
    PaperMissing,
    TooYoungToBeSeen,
)
from talentmap.talents.profiles import hide_now, own_profile, put_skill, set_visibility
from talentmap.talents.proxy import (
    SITTING,
    drop_skill_for,
    hide_for,
    open_for,
    put_skill_for,
    save_for,
    sheet,
    show_for,
)
from tests.cast import Cast, cast
from tests.talentmap.talents.scene import NOW, ground, listed

pytestmark = pytest.mark.anyio
WHY = "没有手机，在楼道里托我写的"
PAPER = "12月1日签的同意书，放在居委会"


@pytest.fixture
async def who(engine) -> Cast:
    """Four neighbours are listed already, so that a fifth is shown."""
    found = await cast()
    await ground(found)
    await listed(found.stairwell_11, 4, "neighbourhood")
    return found


async def write(who: Cast, actor: str = "lu_xiuying", reason: str = WHY, **facts: str) -> None:
    await save_for(
        **{"nickname": "金阿婆", "about": "会包粽子", **facts},
        actor_id=getattr(who, actor), person_id=who.jin_xiuzhen, times=("weekday_morning",),
        reason=reason, now=NOW,
    )  # fmt: skip


async def show(who: Cast, visibility: str = "neighbourhood", **facts: object) -> None:
    asked = {"actor_id": who.lu_xiuying, "person_id": who.jin_xiuzhen, "reason": WHY, **facts}
    await show_for(visibility=visibility, now=NOW, **asked)  # type: ignore[arg-type]


async def actions_for(person_id: int) -> list[tuple[str, str, str]]:
    """(Who, what, why), oldest first."""
    done = await proxies_of(person_id)
    return [(one.actor_name, one.action, one.reason) for one in reversed(done)]


async def test_a_leader_writes_shows_and_hides_and_every_step_is_noted(who: Cast) -> None:
    both = {"actor_id": who.lu_xiuying, "person_id": who.jin_xiuzhen, "reason": WHY, "now": NOW}
    await open_for(**both)
    await write(who)
    await put_skill_for(code="piano", level="teach", **both)
    await put_skill_for(code="tea", level="interest", **both)
    await drop_skill_for(code="tea", **both)
    await show(who, agrees=True, paper=PAPER)
    shown = await own_profile(who.jin_xiuzhen)
    assert shown is not None
    assert (shown.nickname, shown.visibility) == ("金阿婆", "neighbourhood")
    assert [(one.code, one.level, one.recognised) for one in shown.skills] == [
        ("piano", "teach", False)
    ]
    assert shown.shown_in is not None
    await hide_for(**both)
    hidden = await own_profile(who.jin_xiuzhen)
    assert hidden is not None
    assert (hidden.visibility, hidden.shown_in, hidden.about) == ("self", None, "会包粽子")
    steps = ("open", "text", "skill", "skill", "skill", "show", "hide")
    noted = [("卢秀英", f"talent_{step}", WHY) for step in steps]
    noted.insert(6, ("卢秀英", "consent", PAPER))
    assert await actions_for(who.jin_xiuzhen) == noted
    # She is told once for the whole sitting, and the log says the rest.
    [told] = await notices_of(person_id=who.jin_xiuzhen)
    assert (told.kind, told.facts, told.path) == (
        "talent_written_for_you", {"name": "卢秀英"}, "/me/proxies",
    )  # fmt: skip


async def test_a_look_is_noted_and_needs_the_reason_of_this_sitting(who: Cast) -> None:
    await write(who, actor="wang_fang")
    both = {"actor_id": who.lu_xiuying, "person_id": who.jin_xiuzhen}
    closed = await sheet(**both, now=NOW)
    # What another typed is no reason of hers.
    assert (closed.is_open, closed.profile, closed.agreed, closed.steps) == (False, None, False, ())
    assert await reads_of(who.jin_xiuzhen) == ()
    with pytest.raises(ReasonMissing):
        await open_for(**both, reason=" ", now=NOW)
    await open_for(**both, reason=WHY, now=NOW)
    opened = await sheet(**both, now=NOW + SITTING - timedelta(seconds=1))
    assert (opened.is_open, opened.reason, opened.name) == (True, WHY, "金秀珍")
    assert opened.profile is not None
    assert opened.steps == ("self", "stairwell", "neighbourhood", "public")
    [look] = await reads_of(who.jin_xiuzhen)
    assert (look.actor_name, look.what) == ("卢秀英", "talent_profile")
    assert not (await sheet(**both, now=NOW + SITTING)).is_open


async def test_nothing_is_written_without_a_reason_or_against_the_rules(who: Cast) -> None:
    with pytest.raises(ReasonMissing):
        await write(who, reason="")
    with pytest.raises(ContactInText):
        await write(who, about="打我电话 138 0000 0007")
    assert await own_profile(who.jin_xiuzhen) is None
    assert await actions_for(who.jin_xiuzhen) == []
    await write(who)
    nobody = {"actor_id": who.lu_xiuying, "person_id": who.jin_xiuzhen, "reason": "", "now": NOW}
    for act in (
        put_skill_for(code="tea", level="teach", **nobody),
        drop_skill_for(code="tea", **nobody),
        hide_for(**nobody),
        show(who, visibility="self", reason=""),
    ):
        with pytest.raises(ReasonMissing):
            await act
    assert [action for _, action, _ in await actions_for(who.jin_xiuzhen)] == ["talent_text"]


async def test_nobody_is_shown_without_a_signed_paper(who: Cast) -> None:
    await write(who)
    with pytest.raises(AgreementMissing):
        await show(who)
    with pytest.raises(PaperMissing):
        await show(who, agrees=True, paper="  ")
    assert await consents_of(who.jin_xiuzhen) == ()
    await show(who, agrees=True, paper=PAPER)
    [given] = await consents_of(who.jin_xiuzhen)
    assert (given.purpose, given.given_by_name) == ("talent_map", "卢秀英")
    assert given.text_version == PURPOSES["talent_map"].text_version
    # Once agreed, it is not asked for again.
    await show(who, visibility="stairwell")
    assert len(await consents_of(who.jin_xiuzhen)) == 1


@pytest.mark.parametrize("actor", ["zhou_jianguo", "he_min", "xu_jing", "zhang_wei"])
async def test_only_who_may_enrol_her_acts_for_her(who: Cast, actor: str) -> None:
    both = {"actor_id": getattr(who, actor), "person_id": who.jin_xiuzhen, "now": NOW}
    for act in (
        sheet(**both),
        open_for(**both, reason=WHY),
        write(who, actor=actor),
        put_skill_for(**both, reason=WHY, code="tea", level="teach"),
        drop_skill_for(**both, reason=WHY, code="tea"),
        show(who, actor_id=both["actor_id"], agrees=True, paper=PAPER),
        hide_for(**both, reason=WHY),
    ):
        with pytest.raises(NotInRole):
            await act
    assert await actions_for(who.jin_xiuzhen) == []


async def test_a_leader_reaches_no_other_stairwell_and_not_herself(who: Cast) -> None:
    leader = {"actor_id": who.lu_xiuying, "reason": WHY, "now": NOW}
    with pytest.raises(NotInRole):
        await open_for(person_id=who.he_min, **leader)
    with pytest.raises(OwnProfileElsewhere):
        await open_for(person_id=who.lu_xiuying, **leader)


async def test_a_child_is_her_guardians_affair_and_is_not_shown(who: Cast) -> None:
    child = who.he_xiaoyu
    with pytest.raises(GuardianDecides):
        await open_for(actor_id=who.chen_jing, person_id=child, reason=WHY, now=NOW)
    mother = {"actor_id": who.he_min, "person_id": child, "reason": "", "now": NOW}
    await save_for(nickname="小雨", about="", times=(), **mother)
    mine = await sheet(actor_id=who.he_min, person_id=child, now=NOW)
    assert (mine.is_open, mine.as_guardian, mine.steps) == (True, True, ("self",))
    with pytest.raises(TooYoungToBeSeen):
        await show_for(visibility="neighbourhood", agrees=True, **mother)
    assert await consents_of(child) == ()
    assert await actions_for(child) == []


async def test_who_has_come_of_age_is_no_longer_her_mothers_affair(who: Cast) -> None:
    await update_person(
        actor_id=who.chen_jing, person_id=who.he_xiaoyu, now=NOW,
        birth_date=NOW.date().replace(year=NOW.year - 18),
    )  # fmt: skip
    with pytest.raises(NotInRole):
        await open_for(actor_id=who.he_min, person_id=who.he_xiaoyu, reason=WHY, now=NOW)


async def test_she_undoes_everything_herself(who: Cast) -> None:
    await write(who)
    await show(who, agrees=True, paper=PAPER)
    await hide_now(person_id=who.jin_xiuzhen, now=NOW)
    await put_skill(person_id=who.jin_xiuzhen, code="tea", level="interest", now=NOW)
    await set_visibility(person_id=who.jin_xiuzhen, visibility="stairwell", now=NOW)
    mine = await own_profile(who.jin_xiuzhen)
    assert mine is not None
    assert mine.visibility == "stairwell"
