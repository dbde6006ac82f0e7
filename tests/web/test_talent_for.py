"""The pages on which staff, or a guardian, writes down what somebody can do."""

import re

import pytest

from points.community.reads import proxies_of
from talentmap.talents import proxy
from talentmap.talents.profiles import own_profile
from talentmap.talents.rules import LISTED_LEAST
from tests.talentmap.talents.scene import ground, listed
from tests.web.conftest import Browser, Site, said
from tests.web.test_api import program
from web import labels

pytestmark = pytest.mark.anyio
WHY = "没有手机，在楼道里托我写的"
PAPER = "12月1日签的，放在居委会"


@pytest.fixture
async def place(site: Site) -> Site:
    """Four neighbours of 金秀珍's building are on the map; she has a card and no phone."""
    await ground(site.cast)
    await listed(site.cast.stairwell_11, LISTED_LEAST - 1, "neighbourhood")
    return site


def form_of(page: str, action: str) -> dict[str, str]:
    """The hidden fields of a form, but those that every form has."""
    [form] = re.findall(rf'<form[^>]*action="{action}"[^>]*>(.*?)</form>', page, re.S)
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
    return {name: hidden[name] for name in hidden.keys() - {"_csrf_token", "request_id"}}


async def opened(place: Site, path: str) -> Browser:
    """卢秀英 has said why."""
    leader = await place.signed_in(place.cast.lu_xiuying)
    asked = await leader.get(path)
    assert "为什么由您替金秀珍来写" in said(asked)
    assert "nickname" not in asked.text
    assert (await leader.post(f"{path}/open", reason="")).status_code == 422
    await leader.follow(await leader.post(f"{path}/open", reason=WHY))
    return leader


async def test_a_leader_writes_for_a_neighbour_without_a_phone(place: Site) -> None:
    her = place.cast.jin_xiuzhen
    path = f"/people/{her}/talent"
    leader = await opened(place, path)
    assert path in (await leader.get(f"/people/{her}")).text
    kept = form_of((await leader.get(path)).text, path)
    assert kept == {"reason": WHY}
    written = await leader.follow(await leader.post(path, nickname="金阿婆", **kept))
    assert "金秀珍" in said(written)
    picker = await leader.get(f"{path}/skills?q=taiji")
    assert f'value="{WHY}"' in picker.text
    await leader.follow(
        await leader.post(f"{path}/skills", code="tai_chi", level="teach", q="taiji", **kept)
    )
    kept = form_of((await leader.get(path)).text, f"{path}/visibility")
    alone = await leader.post(f"{path}/visibility", visibility="neighbourhood", **kept)
    assert alone.status_code == 422
    assert "同意" in said(alone)
    bare = await leader.post(f"{path}/visibility", visibility="neighbourhood", agrees="yes", **kept)
    assert "哪份签了字的同意书" in said(bare)
    # What was refused does not empty the other form on the page.
    assert 'name="nickname" type="text" value="金阿婆"' in bare.text
    shown = await leader.post(
        f"{path}/visibility", visibility="neighbourhood", agrees="yes", paper=PAPER, **kept
    )
    assert "1号楼" in said(await leader.follow(shown))
    neighbour = await place.signed_in(place.cast.he_min)
    assert "金阿婆" in said(await neighbour.get("/talents"))
    assert "当面转告" in said(await neighbour.get(f"/talents/{her}"))
    sent = await neighbour.post(f"/talents/{her}/write", text="能教我太极拳吗？")
    brought = said(await leader.get(sent.headers["location"]))
    assert "请把何敏写的话当面说给金秀珍听" in brought
    assert "能教我太极拳吗？" in brought
    kept = form_of((await leader.get(path)).text, f"{path}/hide")
    await leader.follow(await leader.post(f"{path}/hide", **kept))
    assert "金阿婆" not in said(await neighbour.get("/talents"))


async def test_she_reads_who_did_it_and_why_and_undoes_it(place: Site) -> None:
    her = place.cast.jin_xiuzhen
    path = f"/people/{her}/talent"
    leader = await opened(place, path)
    await leader.post(path, nickname="金阿婆", reason=WHY)
    she = await place.signed_in(her)
    log = said(await she.get("/me/proxies"))
    for word in ("卢秀英", "替您写了达人档案", WHY):
        assert word in log
    assert "打开您的本领，替您打理" in said(await she.get("/me/reads"))
    await she.follow(await she.post("/me/talent", nickname="阿珍"))
    mine = await own_profile(her)
    assert mine is not None
    assert mine.nickname == "阿珍"


async def test_a_guardian_writes_for_her_child_without_a_reason(place: Site) -> None:
    child = place.cast.he_xiaoyu
    mother = await place.signed_in(place.cast.he_min)
    path = f"/people/{child}/talent"
    assert path in (await mother.get("/me/consents")).text
    await mother.follow(await mother.post(path, nickname="小雨"))
    offered = re.findall(r'name="visibility" value="(\w+)"', (await mother.get(path)).text)
    assert offered == ["self"]
    assert await proxies_of(child) == ()
    steward = await place.signed_in(place.cast.chen_jing)
    assert (await steward.get(path)).status_code == 403
    assert (await steward.post(f"{path}/open", reason=WHY)).status_code == 403


async def test_without_a_reason_no_choice_of_skills_is_shown(place: Site) -> None:
    path = f"/people/{place.cast.jin_xiuzhen}/talent"
    leader = await place.signed_in(place.cast.lu_xiuying)
    led = await leader.get(f"{path}/skills?category=arts")
    assert (led.status_code, led.headers["location"]) == (303, path)
    assert (await leader.post(path, nickname="金阿婆")).status_code == 422


async def test_the_paper_that_she_signs_says_what_the_form_says(place: Site) -> None:
    path = f"/people/{place.cast.jin_xiuzhen}/talent"
    leader = await place.signed_in(place.cast.lu_xiuying)
    early = await leader.get(f"{path}/agreement")
    assert (early.status_code, early.headers["location"]) == (303, path)
    await leader.post(f"{path}/open", reason=WHY)
    assert (await leader.get(f"{path}/agreement")).status_code == 303
    await leader.post(path, nickname="金阿婆", about="会包粽子", reason=WHY)
    await leader.post(f"{path}/skills", code="tai_chi", level="teach", reason=WHY)
    form, paper = await leader.get(path), await leader.get(f"{path}/agreement")
    for word in ("金阿婆", "会包粽子", "太极拳"):
        assert word in paper.text
    agreement = "我同意上面选定的人看到我的称呼、本领和所在的片区"
    assert agreement in form.text
    assert agreement in paper.text
    assert f"{path}/agreement" in form.text


async def test_a_program_of_the_leader_writes_for_her_too(place: Site) -> None:
    her = place.cast.jin_xiuzhen
    path = f"/api/people/{her}/talent"
    leader = await program(place, place.cast.lu_xiuying, "read", "write", "staff")
    closed = (await leader.call("GET", path)).json()
    assert (closed["reason"], closed["profile"], closed["steps"]) == ("", None, [])
    for way, body in (
        ("/open", {}),
        ("", {"nickname": "金阿婆", "about": "会包粽子", "times": ["weekday_morning"]}),
        ("/skills", {"code": "tea", "level": "interest"}),
        ("/skills", {"code": "tai_chi", "level": "teach"}),
        ("/skills", {"code": "tea", "level": "none"}),
        ("/visibility", {"visibility": "neighbourhood", "agrees": True, "paper": PAPER}),
    ):
        assert (await leader.call("POST", path + way, body)).status_code == 422, way
        done = await leader.call("POST", path + way, {**body, "reason": WHY})
        assert done.status_code == 204, (way, done.text)
    shown = (await leader.call("GET", path)).json()
    assert (shown["reason"], shown["agreed"], shown["name"]) == (WHY, True, "金秀珍")
    assert [one["code"] for one in shown["profile"]["skills"]] == ["tai_chi"]
    assert shown["profile"]["is_listed"]
    hidden = await leader.call("POST", f"{path}/hide", {"reason": WHY})
    assert hidden.status_code == 204
    assert not (await leader.call("GET", path)).json()["profile"]["is_listed"]


def test_every_step_that_is_noted_has_words_for_her() -> None:
    assert set(proxy.ACTIONS) <= labels.PROXIES.keys()
    assert {"talent_profile", "talent_brought"} <= labels.READS.keys()
