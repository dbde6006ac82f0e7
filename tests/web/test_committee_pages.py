"""The queue one request at a time, voting with reasons, standing back, stand-ins, the minutes."""

import shutil
from datetime import timedelta

import pytest
from anyio import run_process

from points.rewards.committee import vote
from points.rewards.deadlines import escalate_due
from tests.conftest import not_here
from tests.web.conftest import said
from tests.web.shop import Shop, shop
from web import clock

pytestmark = pytest.mark.anyio
__all__ = ["shop"]

NAUGHTY = "${alert(1)}</script>"


async def test_nothing_waits_and_the_page_says_so(shop: Shop) -> None:
    member = await shop.browser(shop.cast.zhou_jianguo)
    assert "没有等您表态的" in said(await member.get("/committee"))
    assert "现在没有申请" in said(await member.get("/committee/open"))


async def test_one_request_shows_all_that_a_decision_needs(shop: Shop) -> None:
    await shop.rich(shop.cast.zhang_wei)
    await shop.asked(shop.cast.zhang_wei, await shop.item(60, sponsor="茂盛超市"))
    member = await shop.browser(shop.cast.zhou_jianguo)
    page = said(await member.get("/committee"))
    for fact in (
        *("还有 1 件等您表态", "张*", "1号楼 · 1单元", "60 积分", "茂盛超市", "340 积分", "4 小时"),
        *("可换 4 份，预留 1 份", "已有 0 人表态，要 2 人同意", "何敏"),
    ):
        assert fact in page, fact
    assert "张伟" not in page
    english = await shop.browser(shop.cast.zhou_jianguo, "en")
    assert "0 given; 2 in favour are needed." in said(await english.get("/committee"))


async def test_two_votes_decide_and_lead_on_to_the_next(shop: Shop) -> None:
    await shop.rich(shop.cast.zhang_wei)
    item_id = await shop.item(60)
    first, second = [await shop.asked(shop.cast.zhang_wei, item_id) for _ in range(2)]
    one = await shop.browser(shop.cast.zhou_jianguo)
    after = said(await one.follow(await one.post(f"/committee/{first}/vote", choice="approve")))
    assert "您同意了“洗衣液”，还要等其他成员" in after
    assert "还有 1 件等您表态" in after
    other = await shop.browser(shop.cast.he_min)
    page = said(await other.get("/committee"))
    # How somebody voted is not shown before one has voted oneself.
    assert "已有 1 人表态" in page
    assert "周建国" not in page
    after = said(await other.follow(await other.post(f"/committee/{first}/vote", choice="approve")))
    assert "“洗衣液”通过了" in after
    assert await shop.state(first) == "approved"
    assert await shop.state(second) == "requested"


async def test_what_is_skipped_still_waits(shop: Shop) -> None:
    await shop.rich(shop.cast.zhang_wei)
    redemption_id = await shop.asked(shop.cast.zhang_wei, await shop.item(60))
    member = await shop.browser(shop.cast.zhou_jianguo)
    page = said(await member.get(f"/committee?after={redemption_id}"))
    assert "您跳过了 1 件，还等着您" in page


async def test_a_refusal_needs_a_reason_that_the_neighbour_reads(shop: Shop) -> None:
    await shop.rich(shop.cast.zhang_wei)
    redemption_id = await shop.asked(shop.cast.zhang_wei, await shop.item(60))
    path = f"/committee/{redemption_id}/vote"
    members = [await shop.browser(one) for one in shop.members]
    empty = await members[0].post(path, choice="refuse")
    assert empty.status_code == 422
    assert "请写明理由" in said(empty)
    assert "张*" in said(empty)
    long = await members[0].post(path, choice="refuse", reason="不" * 10_000)
    assert long.status_code == 422
    assert "不" * 10_000 in long.text
    for member in members[:2]:
        answer = await member.post(path, choice="refuse", reason=NAUGHTY)
    assert "没有通过" in said(await members[1].follow(answer))
    neighbour = await shop.browser(shop.cast.zhang_wei)
    page = await neighbour.get(f"/redemptions/{redemption_id}")
    assert "没有通过" in said(page)
    assert "${alert(1)}" in page.text
    assert NAUGHTY not in page.text
    assert await shop.points(shop.cast.zhang_wei) == 400


async def test_a_vote_twice_or_late_changes_nothing_and_says_why(shop: Shop) -> None:
    await shop.rich(shop.cast.zhang_wei)
    redemption_id = await shop.asked(shop.cast.zhang_wei, await shop.item(60))
    path = f"/committee/{redemption_id}/vote"
    one, other, late = [await shop.browser(member) for member in shop.members]
    await one.post(path, choice="approve")
    twice = await one.post(path, choice="refuse", reason="改主意了")
    assert twice.status_code == 409
    assert "这件您已经表过态了" in said(twice)
    await other.post(path, choice="approve")
    answer = await late.post(path, choice="refuse", reason="来晚了")
    assert answer.status_code == 409
    assert "已经有结果了：可以来领" in said(answer)
    assert await shop.state(redemption_id) == "approved"


async def test_one_who_left_or_never_was_on_the_committee_has_no_vote(shop: Shop) -> None:
    await shop.rich(shop.cast.zhang_wei)
    redemption_id = await shop.asked(shop.cast.zhang_wei, await shop.item(60))
    path = f"/committee/{redemption_id}/vote"
    grant_id = await shop.grant(shop.cast.lu_xiuying, "committee_member")
    steward = await shop.browser(shop.cast.chen_jing)
    gone = await shop.browser(shop.cast.lu_xiuying)
    assert "张*" in said(await gone.get("/committee"))
    await steward.post(f"/grants/{grant_id}/revoke")
    assert "没有等您表态的" in said(await gone.get("/committee"))
    for person in (gone, steward, await shop.browser(shop.cast.jin_xiuzhen)):
        assert (await person.post(path, choice="approve")).status_code == 403
    assert await shop.state(redemption_id) == "requested"


async def test_nobody_votes_on_her_own_or_her_households_request(shop: Shop) -> None:
    await shop.rich(shop.cast.zhou_jianguo, shop.cast.zhao_zhiqiang)
    item_id = await shop.item(60)
    own = await shop.asked(shop.cast.zhou_jianguo, item_id)
    household = await shop.asked(shop.cast.zhao_zhiqiang, item_id)
    for member, redemption_id, why in (
        (shop.cast.zhou_jianguo, own, "这是您自己的申请"),
        (shop.cast.qian_hui, household, "这是您家里人的申请"),
    ):
        browser = await shop.browser(member)
        assert why in said(await browser.get("/committee/open"))
        answer = await browser.post(f"/committee/{redemption_id}/vote", choice="approve")
        assert answer.status_code == 403
        assert why in said(answer)
    assert await shop.state(own) == "requested"
    assert await shop.state(household) == "requested"


async def test_who_stands_back_says_why_and_a_steward_appoints_a_stand_in(shop: Shop) -> None:
    await shop.rich(shop.cast.zhang_wei)
    redemption_id = await shop.asked(shop.cast.zhang_wei, await shop.item(60))
    for member in shop.members[:2]:
        browser = await shop.browser(member)
        await browser.post(f"/committee/{redemption_id}/vote", choice="recuse", reason="是我表弟")
    steward = await shop.browser(shop.cast.chen_jing)
    path = f"/redemptions/{redemption_id}"
    assert "能表态的成员不够" in said(await steward.get(path))
    for wrong, why in (("V99", "查无此人"), (f"V{shop.cast.zhang_wei:08d}", "有关系")):
        answer = await steward.post(f"{path}/stand-in", person_no=wrong)
        assert answer.status_code in (403, 422), why
    fit = f"V{shop.cast.jin_xiuzhen:08d}"
    assert "请好了" in said(
        await steward.follow(await steward.post(f"{path}/stand-in", person_no=fit))
    )
    again = await steward.post(f"{path}/stand-in", person_no=f"V{shop.cast.wang_fang:08d}")
    assert again.status_code == 409
    for voter in (shop.cast.jin_xiuzhen, shop.cast.qian_hui):
        browser = await shop.browser(voter)
        await browser.post(f"/committee/{redemption_id}/vote", choice="approve")
    assert await shop.state(redemption_id) == "approved"


async def test_an_overdue_request_goes_to_the_steward(shop: Shop) -> None:
    await shop.rich(shop.cast.zhang_wei)
    redemption_id = await shop.asked(shop.cast.zhang_wei, await shop.item(60), hours_ago=24 * 8)
    await escalate_due(shop.now)
    steward = await shop.browser(shop.cast.chen_jing)
    assert "请您过问一下" in said(await steward.get("/notices"))
    assert "超过时限还没有结果" in said(await steward.get(f"/redemptions/{redemption_id}"))
    member = await shop.browser(shop.cast.zhou_jianguo)
    assert "已超期" in said(await member.get("/committee"))


async def test_members_of_another_committee_know_of_nothing(shop: Shop) -> None:
    await shop.rich(shop.cast.zhang_wei)
    redemption_id = await shop.asked(shop.cast.zhang_wei, await shop.item(60))
    other = await shop.browser(shop.cast.xu_jing)
    assert "没有等您表态的" in said(await other.get("/committee"))
    assert "张*" not in said(await other.get("/committee/minutes"))
    assert (await other.get(f"/redemptions/{redemption_id}")).status_code == 404


async def _decided(shop: Shop) -> None:
    """One request approved by two, one refused by two, one who stood back."""
    await shop.rich(shop.cast.zhang_wei)
    item_id = await shop.item(60)
    await shop.approved(shop.cast.zhang_wei, item_id)
    refused = await shop.asked(shop.cast.zhang_wei, await shop.item(50, name="搪瓷杯"))
    for member, choice, reason in zip(
        shop.members,
        ("recuse", "refuse", "refuse"),
        ("是我表弟", "这个月领过两次了", "Let others have one first"),
        strict=True,
    ):
        if await shop.state(refused) == "requested":
            await vote(
                actor_id=member, redemption_id=refused, choice=choice, reason=reason, now=shop.now
            )


async def test_the_minutes_hold_every_vote_and_reason(shop: Shop) -> None:
    await _decided(shop)
    member = await shop.browser(shop.cast.zhou_jianguo)
    page = said(await member.get("/committee/minutes"))
    for fact in ("洗衣液", "搪瓷杯", "张*", "是我表弟", "这个月领过两次了", "通过 60 积分"):
        assert fact in page, fact
    long_ago = "/committee/minutes?from=2026-01-01&to=2026-01-31"
    assert "这段时间没有议过申请" in said(await member.get(long_ago))
    resident = await shop.browser(shop.cast.zhang_wei)
    assert (await resident.get("/committee/minutes")).status_code == 403


@pytest.mark.parametrize("query", ["from=x", "from=2026-02-30", "to=", "from=2020-01-01"])
async def test_days_that_are_none_are_refused_in_words(shop: Shop, query: str) -> None:
    member = await shop.browser(shop.cast.zhou_jianguo)
    for path in ("/committee/minutes", "/committee/minutes.pdf"):
        answer = await member.get(f"{path}?{query}")
        assert answer.status_code in (200, 422)
        assert answer.status_code == (200 if query == "to=" else 422)


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_vote_and_reason_can_be_read_out_of_the_pdf(
    shop: Shop, language: str, tmp_path
) -> None:
    program = shutil.which("pdftotext")
    if program is None:
        not_here("reading PDF files", "there is no pdftotext on this machine")
    await _decided(shop)
    member = await shop.browser(shop.cast.zhou_jianguo, language)
    today = clock.today("Asia/Shanghai")
    span = f"from={today - timedelta(days=1)}&to={today + timedelta(days=1)}"
    answer = await member.get(f"/committee/minutes.pdf?{span}")
    assert answer.headers["content-type"] == "application/pdf"
    file = tmp_path / "minutes.pdf"
    file.write_bytes(answer.content)
    done = await run_process([program, "-raw", str(file), "-"])
    text = "".join(done.stdout.decode().split())
    for fact in (
        "洗衣液",
        "搪瓷杯",
        "张*",
        "周建国",
        "何敏",
        "钱慧",
        "是我表弟",
        "这个月领过两次了",
    ):
        assert fact in text, fact
    word = {"zh": "回避", "en": "Stoodback"}[language]
    assert word in text
    assert len(answer.content) < 200_000
