"""A code typed, scanned or photographed, handing over once, bringing back, the delivery list."""

import io

import anyio
import pytest
import segno

from points.rewards.deadlines import return_uncollected
from tests.web.conftest import Browser, said
from tests.web.shop import Shop, shop
from tests.web.test_reward_pages import picture, send_photo

pytestmark = pytest.mark.anyio
__all__ = ["shop"]


async def ready(shop: Shop, hours_ago: float = 0) -> tuple[int, str]:
    """A request of 张伟 that was approved, and its code."""
    await shop.rich(shop.cast.zhang_wei)
    redemption_id = await shop.approved(
        shop.cast.zhang_wei, await shop.item(60), hours_ago=hours_ago
    )
    return redemption_id, await shop.code(shop.cast.zhang_wei, redemption_id)


async def test_the_owner_sees_her_code_and_who_waits_until_when(shop: Shop) -> None:
    redemption_id, code = await ready(shop)
    browser = await shop.browser(shop.cast.zhang_wei)
    page = await browser.get(f"/redemptions/{redemption_id}")
    assert code in said(page)
    assert "data:image/svg+xml" in page.text
    assert "领取时出示" in said(page)


async def test_a_typed_code_is_shown_before_it_is_handed_over(shop: Shop) -> None:
    redemption_id, code = await ready(shop)
    organizer = await shop.browser(shop.cast.wang_fang)
    assert "输入邻居出示的领取码" in said(await organizer.get("/pickup"))
    # As it is read aloud, in small letters, or as the whole address of the QR code.
    for typed in (code, code.lower().replace("-", " "), f"http://test.local/pickup?code={code}"):
        page = said(await organizer.client.get("/pickup", params={"code": typed}))
        assert "张伟" in page
        assert "洗衣液" in page
    done = await organizer.post("/pickup/hand-over", code=code)
    assert "“洗衣液”已交给张伟" in said(await organizer.follow(done))
    assert await shop.state(redemption_id) == "handed_over"
    assert await shop.points(shop.cast.zhang_wei) == 340


async def test_a_wrong_code_is_kept_in_the_field_and_refused_in_words(shop: Shop) -> None:
    organizer = await shop.browser(shop.cast.wang_fang)
    for wrong in ("ABCD2345", "领取", "<b>", "x" * 199):
        answer = await organizer.client.get("/pickup", params={"code": wrong})
        assert answer.status_code == 404
        assert "没有这个领取码" in said(answer)
    assert (await organizer.get("/pickup?code=" + "x" * 500)).status_code == 422
    assert (await organizer.post("/pickup/hand-over", code="ABCD2345")).status_code == 404


async def test_a_code_scanned_twice_says_when_it_was_used(shop: Shop) -> None:
    _, code = await ready(shop)
    organizer = await shop.browser(shop.cast.wang_fang)
    await organizer.post("/pickup/hand-over", code=code)
    for answer in (
        await organizer.get(f"/pickup?code={code}"),
        await organizer.post("/pickup/hand-over", code=code),
    ):
        assert answer.status_code == 409
        assert "这件已经在" in said(answer)


async def test_two_phones_at_once_hand_over_once(shop: Shop) -> None:
    redemption_id, code = await ready(shop)
    phones = [await shop.browser(one) for one in (shop.cast.wang_fang, shop.cast.chen_jing)]
    answers: list[int] = []

    async def press(phone: Browser) -> None:
        answers.append((await phone.post("/pickup/hand-over", code=code)).status_code)

    async with anyio.create_task_group() as tasks:
        for phone in phones * 5:
            tasks.start_soon(press, phone)
    assert sorted(answers) == [303] + [409] * 9
    assert await shop.state(redemption_id) == "handed_over"
    assert await shop.points(shop.cast.zhang_wei) == 340


async def test_somebody_else_collects_with_a_note(shop: Shop) -> None:
    redemption_id, code = await ready(shop)
    organizer = await shop.browser(shop.cast.wang_fang)
    long = await organizer.post("/pickup/hand-over", code=code, collected_by="女" * 10_000)
    assert long.status_code == 422
    assert "女" * 10_000 in long.text
    done = await organizer.post("/pickup/hand-over", code=code, collected_by="女儿张丽")
    assert "已交给女儿张丽" in said(await organizer.follow(done))
    owner = await shop.browser(shop.cast.zhang_wei)
    assert "交给女儿张丽" in said(await owner.get(f"/redemptions/{redemption_id}"))
    assert "女儿张丽" in said(await owner.get("/notices"))


async def test_who_approved_asked_or_has_no_role_does_not_hand_over(shop: Shop) -> None:
    redemption_id, code = await ready(shop)
    await shop.grant(shop.cast.zhou_jianguo, "organizer")
    await shop.grant(shop.cast.zhang_wei, "organizer")
    for person, why in (
        (shop.cast.zhou_jianguo, "这件是您同意的"),
        (shop.cast.zhang_wei, "这件是您自己的"),
        (shop.cast.xu_jing, "由组织者、居委干部发放"),
    ):
        browser = await shop.browser(person)
        answer = await browser.post("/pickup/hand-over", code=code)
        assert answer.status_code == 403
        assert why in said(answer)
        assert why in said(await browser.get(f"/pickup?code={code}"))
    resident = await shop.browser(shop.cast.jin_xiuzhen)
    assert (await resident.get(f"/pickup?code={code}")).status_code == 403
    assert await shop.state(redemption_id) == "approved"


async def test_a_code_in_a_photo_is_read_on_the_server(shop: Shop) -> None:
    _, code = await ready(shop)
    photo = io.BytesIO()
    segno.make(f"http://test.local/pickup?code={code}", error="m").save(
        photo, kind="png", scale=8, border=6
    )
    organizer = await shop.browser(shop.cast.wang_fang)
    done = await send_photo(organizer, "/pickup/photo", photo.getvalue())
    assert "张伟" in said(await organizer.follow(done))
    for content, why in ((picture(), "照片里没有找到领取码"), (b"x", "不是能识别的照片")):
        answer = await send_photo(
            organizer, "/pickup/photo", content, request_id=f"photo-{len(content):08}"
        )
        assert answer.status_code == 422
        assert why in said(answer)


async def test_what_nobody_collects_goes_back(shop: Shop) -> None:
    redemption_id, code = await ready(shop)
    await return_uncollected(shop.now.replace(year=shop.now.year + 1))
    owner = await shop.browser(shop.cast.zhang_wei)
    page = said(await owner.get(f"/redemptions/{redemption_id}"))
    assert "过期没有领，积分已退还" in page
    organizer = await shop.browser(shop.cast.wang_fang)
    answer = await organizer.post("/pickup/hand-over", code=code)
    assert answer.status_code == 409
    assert "没有东西可领：没有来领" in said(answer)


async def test_what_was_handed_over_comes_back_through_another_hand(shop: Shop) -> None:
    redemption_id, code = await ready(shop)
    organizer = await shop.browser(shop.cast.wang_fang)
    await organizer.post("/pickup/hand-over", code=code)
    path = f"/redemptions/{redemption_id}/return"
    form = {"condition": "good", "reason": "买重了"}
    assert (await organizer.post(path, **form)).status_code == 403
    steward = await shop.browser(shop.cast.chen_jing)
    assert "东西退回来了" in said(await steward.get(f"/redemptions/{redemption_id}"))
    assert (await steward.post(path, condition="good")).status_code == 422
    assert "已收回，积分退还了" in said(await steward.follow(await steward.post(path, **form)))
    assert (await steward.post(path, **form)).status_code == 409
    assert await shop.points(shop.cast.zhang_wei) == 400


async def test_the_delivery_list_is_by_stairwell_and_a_leader_sees_hers(shop: Shop) -> None:
    await shop.rich(shop.cast.zhang_wei, shop.cast.zhao_zhiqiang)
    item_id = await shop.item(60)
    for person in (shop.cast.zhang_wei, shop.cast.zhao_zhiqiang):
        await shop.approved(person, item_id)
    leader = await shop.browser(shop.cast.lu_xiuying)
    page = said(await leader.get("/pickup/deliveries"))
    assert "张伟" in page
    assert "赵志强" not in page
    steward = await shop.browser(shop.cast.chen_jing)
    page = said(await steward.get("/pickup/deliveries"))
    assert page.index("1号楼") < page.index("2号楼")
    assert "赵志强" in page
    empty = await shop.browser(shop.cast.xu_jing)
    assert "没有等人领取的" in said(await empty.get("/pickup/deliveries"))
