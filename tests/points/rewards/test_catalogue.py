"""Drafted by one person, adopted by another; the store counts every piece."""

from dataclasses import replace

import pytest

from points.community.errors import NotInRole, ReasonMissing
from points.ledger.errors import BookUnknown
from points.rewards.catalogue import (
    ItemDraft,
    adopt_item,
    change_draft,
    draft_item,
    drafts,
    item,
    lose_stock,
    photo_of,
    receive_stock,
    retire_item,
    set_photo,
    shelf,
    stock_moves,
)
from points.rewards.errors import (
    ItemDraftedByYou,
    ItemInvalid,
    ItemKindUnknown,
    ItemMissing,
    ItemNotDraft,
    ItemRetired,
    ItemTextTooLong,
    MonthlyLimitInvalid,
    PhotoInvalid,
    PriceInvalid,
    QuantityInvalid,
    StockTooSmall,
)
from points.rewards.stock import give_out
from tests.points.rewards.scene import NOW

pytestmark = pytest.mark.anyio
DRAFT = ItemDraft(name="理发", kind="service", price=40, sponsor="阿明理发店", description="每周三")
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


async def drafted(here, actor="wang_fang", **facts):
    return await draft_item(
        actor_id=getattr(here.who, actor),
        book_id=here.book,
        draft=replace(DRAFT, **facts),
        now=NOW,
    )


async def test_a_second_person_adopts_a_draft(here):
    who = here.who
    item_id = await drafted(here)
    committee = {who.zhou_jianguo, who.he_min, who.qian_hui}
    assert await here.told("item_to_adopt") == {who.chen_jing, who.li_guoqiang} | committee
    with pytest.raises(ItemMissing):
        await item(actor_id=who.zhang_wei, item_id=item_id, now=NOW)
    [waiting] = await drafts(actor_id=who.zhou_jianguo, book_id=here.book, now=NOW)
    assert (waiting.id, waiting.drafted_by_name, waiting.monthly_limit) == (item_id, "王芳", 2)
    await adopt_item(actor_id=who.zhou_jianguo, item_id=item_id, now=NOW)
    with pytest.raises(ItemNotDraft):
        await adopt_item(actor_id=who.li_guoqiang, item_id=item_id, now=NOW)
    found = await item(actor_id=who.zhang_wei, item_id=item_id, now=NOW)
    assert (found.state, found.adopted_by_name) == ("adopted", "周建国")


async def test_nobody_adopts_what_she_drafted_and_outsiders_neither_draft_nor_adopt(here):
    who = here.who
    item_id = await drafted(here, actor="chen_jing")
    with pytest.raises(ItemDraftedByYou):
        await adopt_item(actor_id=who.chen_jing, item_id=item_id, now=NOW)
    for outsider in ("wang_fang", "lu_xiuying", "zhang_wei", "xu_jing"):
        with pytest.raises(NotInRole):
            await adopt_item(actor_id=getattr(who, outsider), item_id=item_id, now=NOW)
    for outsider in ("zhou_jianguo", "lu_xiuying", "zhang_wei", "xu_jing"):
        with pytest.raises(NotInRole):
            await drafted(here, actor=outsider)


async def test_only_its_drafter_corrects_a_draft_and_nobody_what_was_adopted(here):
    who = here.who
    item_id = await drafted(here)
    dearer = replace(DRAFT, price=45)
    with pytest.raises(ItemNotDraft):
        await change_draft(actor_id=who.chen_jing, item_id=item_id, draft=dearer, now=NOW)
    await change_draft(actor_id=who.wang_fang, item_id=item_id, draft=dearer, now=NOW)
    await adopt_item(actor_id=who.chen_jing, item_id=item_id, now=NOW)
    with pytest.raises(ItemNotDraft):
        await change_draft(actor_id=who.wang_fang, item_id=item_id, draft=DRAFT, now=NOW)
    assert (await item(actor_id=who.zhang_wei, item_id=item_id, now=NOW)).price == 45


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        ({"name": " \u200b"}, ItemInvalid),
        ({"name": "长" * 81}, ItemTextTooLong),
        ({"description": "长" * 501}, ItemTextTooLong),
        ({"kind": "cash"}, ItemKindUnknown),
        ({"audience": "friends"}, ItemKindUnknown),
        ({"price": -1}, PriceInvalid),
        ({"price": 100_001}, PriceInvalid),
        ({"monthly_limit": 0}, MonthlyLimitInvalid),
        ({"monthly_limit": 101}, MonthlyLimitInvalid),
    ],
)
async def test_what_no_item_can_be_is_refused(here, facts, error):
    with pytest.raises(error):
        await drafted(here, **facts)


async def test_there_is_no_catalogue_without_a_book(here):
    with pytest.raises(BookUnknown):
        await draft_item(actor_id=here.who.wang_fang, book_id=10**20, draft=DRAFT, now=NOW)


async def test_a_retired_item_is_neither_shown_nor_filled(here):
    who = here.who
    item_id = await here.item(60)
    with pytest.raises(NotInRole):
        await retire_item(actor_id=who.zhang_wei, item_id=item_id, now=NOW)
    await retire_item(actor_id=who.zhou_jianguo, item_id=item_id, now=NOW)
    assert await shelf(book_id=here.book, person_id=who.zhang_wei, now=NOW) == ()
    with pytest.raises(ItemRetired):
        await retire_item(actor_id=who.chen_jing, item_id=item_id, now=NOW)
    with pytest.raises(ItemRetired):
        await receive_stock(
            actor_id=who.wang_fang, item_id=item_id, quantity=1, reason="捐赠", now=NOW
        )


async def test_the_shelf_says_what_i_can_afford_now_and_what_keeps_me_from_it(here):
    who = here.who
    await here.rich(who.zhang_wei, 100)
    for name, price, facts in (
        ("感谢状", 0, {}),
        ("牙膏", 100, {}),
        ("大米", 101, {}),
        ("午餐", 50, {"audience": "elders"}),
        ("磨刀", 40, {"stock": 0}),
    ):
        await here.item(price, name=name, **facts)
    seen = await shelf(book_id=here.book, person_id=who.zhang_wei, now=NOW)
    assert [(one.name, one.obstacle and one.obstacle.code) for one in seen] == [
        ("感谢状", None),
        ("磨刀", "OutOfStock"),
        ("午餐", "NotForYou"),
        ("牙膏", None),
        ("大米", "InsufficientPoints"),
    ]
    elsewhere = await shelf(book_id=here.book, person_id=who.wu_di, now=NOW)
    assert {one.obstacle.code for one in elsewhere} == {"NotOfThisBook"}


async def test_the_store_counts_every_piece_and_tells_where_it_went(here):
    who = here.who
    item_id = await here.item(60, stock=5)
    await lose_stock(actor_id=who.wang_fang, item_id=item_id, quantity=2, reason="过期", now=NOW)
    with pytest.raises(StockTooSmall) as refused:
        await lose_stock(
            actor_id=who.wang_fang, item_id=item_id, quantity=4, reason="丢了", now=NOW
        )
    assert refused.value.facts == {"in_store": 3}
    await give_out(item_id=item_id, quantity=1, reason="插花活动", actor_id=who.wang_fang, now=NOW)
    with pytest.raises(StockTooSmall):
        await give_out(
            item_id=item_id, quantity=3, reason="插花活动", actor_id=who.wang_fang, now=NOW
        )
    stock = await here.stock(item_id)
    assert (stock.received, stock.in_store, stock.handed_out, stock.lost) == (5, 2, 1, 2)
    moves = await stock_moves(actor_id=who.chen_jing, item_id=item_id, now=NOW)
    assert [(one.kind, one.quantity, one.actor_name) for one in moves] == [
        ("hand_out", 1, "王芳"),
        ("lose", 2, "王芳"),
        ("receive", 5, "王芳"),
    ]
    older = await stock_moves(
        actor_id=who.chen_jing, item_id=item_id, now=NOW, before_id=moves[0].id, limit=1
    )
    assert older == moves[1:2]


async def test_the_store_is_kept_by_organizers_and_stewards_with_reasons(here):
    who = here.who
    item_id = await here.item(60)
    for outsider in ("zhou_jianguo", "lu_xiuying", "zhang_wei", "xu_jing"):
        with pytest.raises(NotInRole):
            await receive_stock(
                actor_id=getattr(who, outsider), item_id=item_id, quantity=1, reason="x", now=NOW
            )
    for quantity in (0, -1, 100_001):
        with pytest.raises(QuantityInvalid):
            await receive_stock(
                actor_id=who.wang_fang, item_id=item_id, quantity=quantity, reason="x", now=NOW
            )
    with pytest.raises(ReasonMissing):
        await lose_stock(actor_id=who.wang_fang, item_id=item_id, quantity=1, reason="", now=NOW)
    with pytest.raises(ItemMissing):
        await receive_stock(actor_id=who.wang_fang, item_id=10**20, quantity=1, reason="x", now=NOW)


async def test_a_photo_is_what_it_says_it_is_and_small(here):
    who = here.who
    item_id = await here.item(60)
    sent = {"actor_id": who.wang_fang, "item_id": item_id, "media_type": "image/png", "now": NOW}
    assert await photo_of(item_id) is None
    for wrong in (
        sent | {"content": b"<svg onload=...>"},
        sent | {"content": PNG + b"\0" * 512 * 1024},
        sent | {"content": PNG, "media_type": "image/jpeg"},
        sent | {"content": b"\0", "media_type": "text/html"},
    ):
        with pytest.raises(PhotoInvalid):
            await set_photo(**wrong)
    await set_photo(**sent, content=PNG)
    await set_photo(**sent, content=PNG + b"\0")
    photo = await photo_of(item_id)
    assert photo is not None
    assert (photo.media_type, photo.content) == ("image/png", PNG + b"\0")
    [shown] = await shelf(book_id=here.book, person_id=who.zhang_wei, now=NOW)
    assert shown.photo_digest == photo.digest
