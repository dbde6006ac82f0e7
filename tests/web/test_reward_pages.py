"""The shelf, one item, asking for it in two taps, following it, and the catalogue from behind."""

import io
from datetime import timedelta

import httpx
import pytest
from PIL import Image

from points.rewards.catalogue import photo_of, retire_item
from points.rewards.redemptions import request as ask_for
from points.rewards.stock import stock_of
from tests.web.conftest import HOME, Browser, said
from tests.web.shop import Shop, shop

pytestmark = pytest.mark.anyio
__all__ = ["shop"]

NAUGHTY = "${alert(1)}</script>"


async def test_an_empty_shelf_says_who_fills_it(shop: Shop) -> None:
    browser = await shop.browser(shop.cast.zhang_wei)
    assert "货架还空着" in said(await browser.get("/rewards"))


async def test_what_i_can_have_now_stands_first_and_the_rest_says_why_not(shop: Shop) -> None:
    await shop.rich(shop.cast.zhang_wei, points=100)
    await shop.item(5000, name="电饭锅")
    await shop.item(60, name="洗衣液", sponsor="茂盛超市")
    await shop.item(10, name="老花镜", audience="elders")
    await shop.item(20, name="磨刀", stock=0)
    browser = await shop.browser(shop.cast.zhang_wei)
    page = said(await browser.get("/rewards"))
    assert page.index("现在就能换") < page.index("洗衣液") < page.index("暂时还换不了")
    assert page.index("暂时还换不了") < page.index("电饭锅")
    assert "茂盛超市提供" in page
    assert "需要 5000 积分，您现在有 100 积分" in page
    assert "老花镜只给60 岁及以上的居民兑换" in page
    assert "磨刀刚刚被换完了" in page
    assert "电饭锅" not in said(await browser.get("/rewards?kind=service"))


async def test_two_taps_hold_points_and_a_piece_and_say_who_acts_by_when(shop: Shop) -> None:
    await shop.rich(shop.cast.zhang_wei, points=100)
    item_id = await shop.item(60)
    browser = await shop.browser(shop.cast.zhang_wei)
    page = await browser.get(f"/rewards/{item_id}")
    assert "先为您留出 60 积分" in said(page)
    assert "还有 40 积分可用" in said(page)
    after = said(await browser.follow(await browser.post(f"/rewards/{item_id}/request")))
    assert "等议事会表态" in after
    assert "留出 60 积分" in after
    assert "周建国、何敏、钱慧还没有表态" in after
    assert await shop.points(shop.cast.zhang_wei) == 40
    stock = await stock_of(item_id)
    assert (stock.in_store, stock.reserved) == (4, 1)
    assert "等议事会表态" in said(await browser.get("/redemptions"))


async def test_the_same_form_sent_twice_asks_once(shop: Shop) -> None:
    await shop.rich(shop.cast.zhang_wei)
    item_id = await shop.item(60)
    browser = await shop.browser(shop.cast.zhang_wei)
    answers = [
        await browser.post(f"/rewards/{item_id}/request", request_id="twice-12345678")
        for _ in range(2)
    ]
    assert {answer.headers["location"] for answer in answers} == {"/redemptions/1"}
    assert await shop.points(shop.cast.zhang_wei) == 340


async def test_too_few_points_are_refused_in_words(shop: Shop) -> None:
    await shop.rich(shop.cast.zhang_wei, points=55)
    item_id = await shop.item(60)
    browser = await shop.browser(shop.cast.zhang_wei)
    answer = await browser.post(f"/rewards/{item_id}/request")
    assert answer.status_code == 409
    assert "需要 60 积分，您现在有 55 积分" in said(answer)
    english = await shop.browser(shop.cast.zhang_wei, "en")
    assert "You need 60 points and have 55." in said(await english.get(f"/rewards/{item_id}"))


async def test_a_draft_is_nobodys_business_and_a_retired_item_is_not_asked_for(shop: Shop) -> None:
    await shop.rich(shop.cast.zhang_wei)
    draft, item_id = await shop.draft(name="大米"), await shop.item(60)
    browser = await shop.browser(shop.cast.zhang_wei)
    assert (await browser.get(f"/rewards/{draft}")).status_code == 404
    assert (await browser.post(f"/rewards/{draft}/request")).status_code in (404, 409)
    waiting = await shop.asked(shop.cast.zhang_wei, item_id)
    await retire_item(actor_id=shop.cast.wang_fang, item_id=item_id, now=shop.now)
    answer = await browser.post(f"/rewards/{item_id}/request")
    assert answer.status_code == 409
    assert "已经下架了" in said(answer)
    # The one that waits keeps its price and its place.
    page = said(await browser.get(f"/redemptions/{waiting}"))
    assert "留出 60 积分" in page
    assert "等议事会表态" in page


async def test_another_committees_residents_are_told_so(shop: Shop) -> None:
    item_id = await shop.item(0)
    browser = await shop.browser(shop.cast.wu_di)
    assert "这是别的居委会的好物" in said(await browser.get(f"/rewards/{item_id}"))
    assert (await browser.post(f"/rewards/{item_id}/request")).status_code == 409
    assert "货架还空着" in said(await browser.get("/rewards"))


async def test_a_request_is_taken_back_until_decided_and_for_ten_minutes(shop: Shop) -> None:
    await shop.rich(shop.cast.zhang_wei)
    item_id = await shop.item(60)
    browser = await shop.browser(shop.cast.zhang_wei)
    waiting = await shop.asked(shop.cast.zhang_wei, item_id, hours_ago=30)
    done = said(await browser.follow(await browser.post(f"/redemptions/{waiting}/cancel")))
    assert "撤回了，积分退还给您" in done
    assert await shop.points(shop.cast.zhang_wei) == 400
    fresh = await shop.approved(shop.cast.zhang_wei, item_id)
    assert "之前可以撤回" in said(await browser.get(f"/redemptions/{fresh}"))
    await browser.post(f"/redemptions/{fresh}/cancel")
    assert await shop.state(fresh) == "cancelled"
    old = await shop.approved(shop.cast.zhang_wei, item_id, hours_ago=1)
    assert "撤回申请" not in said(await browser.get(f"/redemptions/{old}"))
    answer = await browser.post(f"/redemptions/{old}/cancel")
    assert answer.status_code == 409
    assert "只有申请后 10 分钟内可以撤回" in said(answer)


async def test_strangers_neither_see_nor_take_back_a_request(shop: Shop) -> None:
    await shop.rich(shop.cast.zhang_wei)
    redemption_id = await shop.approved(shop.cast.zhang_wei, await shop.item(60))
    code = await shop.code(shop.cast.zhang_wei, redemption_id)
    for stranger in (shop.cast.jin_xiuzhen, shop.cast.xu_jing):
        browser = await shop.browser(stranger)
        assert (await browser.get(f"/redemptions/{redemption_id}")).status_code == 404
        assert (await browser.post(f"/redemptions/{redemption_id}/cancel")).status_code == 403
    steward = await shop.browser(shop.cast.chen_jing)
    page = await steward.get(f"/redemptions/{redemption_id}")
    assert "张伟" in said(page)
    assert code not in page.text


async def test_a_leader_asks_for_a_neighbour_of_her_stairwell_and_says_why(shop: Shop) -> None:
    await shop.rich(shop.cast.jin_xiuzhen, shop.cast.zhao_zhiqiang)
    item_id = await shop.item(60)
    leader = await shop.browser(shop.cast.lu_xiuying)
    form = {"neighbour_no": f"V{shop.cast.jin_xiuzhen:08d}", "reason": "老人没有手机"}
    after = said(await leader.follow(await leader.post(f"/rewards/{item_id}/request", **form)))
    assert "给金秀珍" in after
    assert await shop.points(shop.cast.jin_xiuzhen) == 340
    assert "卢秀英" in said(await (await shop.browser(shop.cast.jin_xiuzhen)).get("/notices"))
    elsewhere = {**form, "neighbour_no": f"V{shop.cast.zhao_zhiqiang:08d}"}
    refused = await leader.post(f"/rewards/{item_id}/request", **elsewhere)
    assert refused.status_code == 403
    nobody = await leader.post(f"/rewards/{item_id}/request", **{**form, "neighbour_no": "V9"})
    assert nobody.status_code == 422
    assert "老人没有手机" in nobody.text


async def test_reasons_without_end_and_scripts_are_only_text(shop: Shop) -> None:
    await shop.rich(shop.cast.jin_xiuzhen)
    item_id = await shop.item(60, name=NAUGHTY, description=NAUGHTY, sponsor=NAUGHTY)
    leader = await shop.browser(shop.cast.lu_xiuying)
    form = {"neighbour_no": f"V{shop.cast.jin_xiuzhen:08d}", "reason": "因" * 10_000}
    answer = await leader.post(f"/rewards/{item_id}/request", **form)
    assert answer.status_code == 422
    assert "因" * 10_000 in answer.text
    for path in ("/rewards", f"/rewards/{item_id}"):
        page = await leader.get(path)
        assert "${alert(1)}" in page.text
        assert NAUGHTY not in page.text


async def test_a_guardian_asks_for_her_child_with_the_childs_points(shop: Shop) -> None:
    await shop.item(0, name="电子感谢状")
    guardian = await shop.browser(shop.cast.he_min)
    page = said(await guardian.get("/rewards/1"))
    assert "替孩子申请" in page
    after = await guardian.follow(
        await guardian.post(
            "/rewards/1/request", person_id=shop.cast.he_xiaoyu, reason="我是孩子的监护人。"
        )
    )
    assert "给何小雨" in said(after)
    stranger = await shop.browser(shop.cast.zhang_wei)
    refused = await stranger.post("/rewards/1/request", person_id=shop.cast.he_xiaoyu)
    assert refused.status_code == 403


async def test_a_clock_that_jumps_back_leaves_a_request_as_it_is(shop: Shop) -> None:
    await shop.rich(shop.cast.zhang_wei)
    ahead = shop.now + timedelta(hours=3)
    redemption_id = await ask_for(
        actor_id=shop.cast.zhang_wei, person_id=shop.cast.zhang_wei,
        item_id=await shop.item(60), now=ahead,
    )  # fmt: skip
    browser = await shop.browser(shop.cast.zhang_wei)
    assert "等议事会表态" in said(await browser.get(f"/redemptions/{redemption_id}"))
    await browser.post(f"/redemptions/{redemption_id}/cancel")
    assert await shop.points(shop.cast.zhang_wei) == 400


# --- behind the counter


async def test_an_item_is_drafted_by_one_and_adopted_by_another(shop: Shop) -> None:
    organizer = await shop.browser(shop.cast.wang_fang)
    form = {"name": "洗手液", "kind": "goods", "price": "６０", "sponsor": "茂盛超市", "icon": "no"}
    drafted = await organizer.post("/catalogue", **form)
    page = said(await organizer.follow(drafted))
    assert "等另一位同意上架" in page
    path = drafted.headers["location"]
    assert (await organizer.post(f"{path}/adopt")).status_code == 403
    await organizer.post(f"{path}/edit", **(form | {"price": "50"}))
    member = await shop.browser(shop.cast.zhou_jianguo)
    assert "洗手液" in said(await member.get("/catalogue"))
    assert "大家都看得到" in said(await member.follow(await member.post(f"{path}/adopt")))
    assert (await organizer.post(f"{path}/edit", **form)).status_code == 409
    resident = await shop.browser(shop.cast.zhang_wei)
    assert "50 积分" in said(await resident.get("/rewards"))


async def test_stock_comes_in_and_gets_lost_with_a_reason(shop: Shop) -> None:
    item_id = await shop.item(60, stock=0)
    organizer = await shop.browser(shop.cast.wang_fang)
    path = f"/catalogue/{item_id}/stock"
    for change, count, why in (("receive", 12, "超市送来"), ("lose", 2, "漏了两瓶")):
        await organizer.post(path, change=change, quantity=count, reason=why)
    page = said(await organizer.get(f"/catalogue/{item_id}"))
    assert "库存 10" in page
    assert "漏了两瓶" in page
    answer = await organizer.post(path, change="lose", quantity=11, reason="找不到")
    assert answer.status_code == 409
    assert "库存只有 10 份" in said(answer)
    for wrong in ("0", "-3", "9" * 30, "x"):
        answer = await organizer.post(path, change="receive", quantity=wrong, reason="x")
        assert answer.status_code == 422, wrong
    member = await shop.browser(shop.cast.zhou_jianguo)
    assert (await member.get(f"/catalogue/{item_id}")).status_code == 200
    assert (await member.post(path, change="receive", quantity=1, reason="x")).status_code == 403


async def test_an_item_is_offered_no_more(shop: Shop) -> None:
    item_id = await shop.item(60)
    organizer = await shop.browser(shop.cast.wang_fang)
    await organizer.post(f"/catalogue/{item_id}/retire")
    assert "已下架" in said(await organizer.get(f"/catalogue/{item_id}"))
    assert (await organizer.post(f"/catalogue/{item_id}/retire")).status_code == 409


def picture(size: tuple[int, int] = (1600, 1200), kind: str = "JPEG") -> bytes:
    """A photo as a phone makes it, with the place in it."""
    image, made = Image.new("RGB", size, "teal"), io.BytesIO()
    place = image.getexif()
    place[0x010E] = "SECRET PLACE"
    image.save(made, kind, exif=place)
    return made.getvalue()


async def send_photo(browser: Browser, path: str, content: bytes, **fields: str) -> httpx.Response:
    """Send a form with a photo, as a page of ours would."""
    form = {"request_id": "photo-12345678", "_csrf_token": await browser.token(), **fields}
    files = {"photo": ("photo.jpg", content, "image/jpeg")}
    return await browser.client.post(HOME + path, data=form, files=files, headers=browser.headers)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_a_photo_is_made_small_and_tells_no_place(shop: Shop, kind: str) -> None:
    item_id = await shop.item(60)
    organizer = await shop.browser(shop.cast.wang_fang)
    done = await send_photo(organizer, f"/catalogue/{item_id}/photo", picture(kind=kind))
    assert "照片放上去了" in said(await organizer.follow(done))
    photo = await photo_of(item_id)
    assert photo is not None
    assert b"SECRET" not in photo.content
    assert max(Image.open(io.BytesIO(photo.content)).size) == 960
    resident = await shop.browser(shop.cast.zhang_wei)
    assert (
        f"/rewards/{item_id}/photo?v={photo.digest[:12]}" in (await resident.get("/rewards")).text
    )
    shown = await resident.get(f"/rewards/{item_id}/photo")
    assert shown.headers["content-type"] == "image/jpeg"
    assert shown.content == photo.content


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 422),
        (b"GIF89a", 422),
        (b"<svg onload='alert(1)'/>", 422),
        (b"\xff\xd8\xff" + b"x" * 999, 422),
        (picture()[:5000], 422),
        (b"x" * 13_000_000, 413),
    ],
)
async def test_what_is_no_photo_is_refused(shop: Shop, content: bytes, status: int) -> None:
    item_id = await shop.item(60)
    organizer = await shop.browser(shop.cast.wang_fang)
    answer = await send_photo(organizer, f"/catalogue/{item_id}/photo", content)
    assert answer.status_code == status
    assert await photo_of(item_id) is None


async def test_a_picture_of_endless_pixels_is_refused_before_it_is_unpacked(shop: Shop) -> None:
    item_id = await shop.item(60)
    bomb = io.BytesIO()
    Image.new("1", (12_000, 12_000)).save(bomb, "PNG")
    organizer = await shop.browser(shop.cast.wang_fang)
    answer = await send_photo(organizer, f"/catalogue/{item_id}/photo", bomb.getvalue())
    assert answer.status_code == 422


async def test_a_form_with_a_file_needs_its_token_and_a_handler_that_takes_files(
    shop: Shop,
) -> None:
    item_id = await shop.item(60)
    organizer = await shop.browser(shop.cast.wang_fang)
    path = f"/catalogue/{item_id}/photo"
    assert (await send_photo(organizer, path, picture(), _csrf_token="x")).status_code == 403
    assert (await send_photo(organizer, "/catalogue", picture())).status_code == 422
    assert await photo_of(item_id) is None
