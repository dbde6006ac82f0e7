"""The database alone refuses what no request may become, to whoever writes plain SQL."""

import pytest

from points.rewards.pickup import hand_over, my_code
from points.rewards.verify import verify_rewards
from points.transactions import run
from tests.points.ledger.scene import unguarded
from tests.points.rewards.scene import NOW, Scene
from web.database import constraint_of

pytestmark = pytest.mark.anyio


async def refused_by(sql: str, *values: object) -> str | None:
    """The name of what refuses this statement; None if it is taken."""
    try:
        await run(sql, *values)
    except Exception as error:
        return constraint_of(error)
    return None


async def vote_refused_by(redemption_id: int, member_id: int, choice: str = "approve"):
    return await refused_by(
        "INSERT INTO committee_vote (redemption_id, member_id, choice, reason, voted_at) "
        "VALUES ({}, {}, {}, {}, {})",
        redemption_id,
        member_id,
        choice,
        "好",
        NOW,
    )


@pytest.fixture
async def asked(here: Scene) -> int:
    """赵志强, of 钱慧's household, asks for something at 60 points."""
    await here.rich(here.who.zhao_zhiqiang)
    return await here.asked(here.who.zhao_zhiqiang, await here.item(60))


@pytest.fixture
async def approved(here: Scene, asked: int) -> int:
    """周建国 and 何敏 approved it."""
    assert await here.votes(asked, "approve", "approve") == "approved"
    return asked


async def test_votes_are_of_members_without_a_stake_once_in_time_and_final(here, asked):
    who = here.who
    assert await vote_refused_by(asked, who.qian_hui) == "vote_not_involved"
    assert await vote_refused_by(asked, who.zhao_zhiqiang, "recuse") == "vote_by_member"
    assert await vote_refused_by(asked, who.chen_jing) == "vote_by_member"
    assert await vote_refused_by(asked, who.xu_jing) == "vote_by_member"
    assert await vote_refused_by(asked, who.he_min, "abstain") == "vote_choice"
    await here.votes(asked, "approve")
    assert await vote_refused_by(asked, who.zhou_jianguo) == "vote_once"
    for change in ("UPDATE committee_vote SET choice = 'refuse'", "DELETE FROM committee_vote"):
        assert await refused_by(change) == "committee_vote_append_only"
    assert await vote_refused_by(asked, who.qian_hui, "recuse") is None
    assert await vote_refused_by(asked, who.he_min) is None


async def test_moving_out_does_not_make_a_judge(here, asked):
    who = here.who
    await run("UPDATE person SET household_id = NULL WHERE id = {}", who.qian_hui)
    assert await vote_refused_by(asked, who.qian_hui) == "vote_not_involved"
    for change in (
        "DELETE FROM redemption_involved",
        "UPDATE redemption_involved SET stake = 'own'",
    ):
        assert await refused_by(change) == "redemption_involved_append_only"


async def test_stand_ins_have_no_stake_nor_has_who_appoints_them(here, asked):
    who = here.who

    async def appointed(person_id, by):
        return await refused_by(
            "INSERT INTO stand_in (redemption_id, person_id, appointed_by, appointed_at) "
            "VALUES ({}, {}, {}, {})",
            *(asked, person_id, by, NOW),
        )

    assert await appointed(who.qian_hui, who.chen_jing) == "stand_in_not_involved"
    assert await appointed(who.wang_fang, who.zhao_zhiqiang) == "stand_in_not_involved"
    assert await appointed(who.wang_fang, who.wang_fang) == "stand_in_not_self"
    assert await appointed(who.wang_fang, who.chen_jing) is None


async def test_without_a_quorum_nothing_is_approved(here, asked):
    await here.votes(asked, "approve")
    approve = (
        "UPDATE redemption SET state = 'approved', collect_by = {}, pickup_digest = 'x', "
        "decided_at = {} WHERE id = {}"
    )
    assert await refused_by(approve, NOW, NOW, asked) == "approval_quorum"
    for edit in ("quorum = 1", "price = 1", "person_id = 1", "item_name = 'x'", "requested_by = 1"):
        refused = await refused_by(f"UPDATE redemption SET {edit} WHERE id = {{}}", asked)
        assert refused in {"redemption_frozen", "redemption_quorum"}


@pytest.mark.parametrize(
    ("change", "guard"),
    [
        ("state = 'refused', closed_at = {n}", "redemption_holds"),
        ("state = 'cancelled', closed_at = {n}, cancelled_by = {z}", "redemption_holds"),
        ("closed_at = {n}", "redemption_closed"),
    ],
)
async def test_a_request_ends_only_in_ways_it_can_and_holding_nothing(here, asked, change, guard):
    values = {"w": here.who.wang_fang, "z": here.who.zhao_zhiqiang, "n": f"'{NOW.isoformat()}'"}
    refused = await refused_by(
        f"UPDATE redemption SET {change.format(**values)} WHERE id = {{}}", asked
    )
    assert refused == guard


HANDED = (
    "UPDATE redemption SET state = 'handed_over', handed_over_by = {}, handed_over_at = {}, "
    "closed_at = {} WHERE id = {}"
)


async def test_the_points_are_spent_before_the_goods_are_gone(here, approved):
    sent = (HANDED, here.who.wang_fang, NOW, NOW, approved)
    assert await refused_by(*sent) == "redemption_holds"


async def test_hands_over_only_who_neither_approved_nor_has_a_stake(here):
    who = here.who
    free = await here.asked(who.zhao_zhiqiang, await here.item(0))
    sent = (NOW, NOW, free)
    assert await refused_by(HANDED, who.wang_fang, *sent) == "redemption_step"
    await here.votes(free, "approve", "approve")
    assert await refused_by(HANDED, who.he_min, *sent) == "hand_over_second"
    assert await refused_by(HANDED, who.qian_hui, *sent) == "hand_over_not_involved"
    assert await refused_by(HANDED, who.zhao_zhiqiang, *sent) is not None
    code = await my_code(actor_id=who.zhao_zhiqiang, redemption_id=free, now=NOW)
    await hand_over(actor_id=who.wang_fang, code=code, now=NOW)
    returned = "UPDATE redemption SET state = 'returned', returned_by = {} WHERE id = {}"
    assert await refused_by(returned, who.wang_fang, free) == "redemption_return_second"
    assert await refused_by(returned, who.qian_hui, free) == "hand_over_not_involved"
    assert await refused_by(returned, who.zhao_zhiqiang, free) is not None
    assert await refused_by("DELETE FROM redemption") == "redemption_kept"


async def test_items_are_adopted_by_a_second_person_and_then_stay(here):
    item_id = await here.item(60)
    for edit, guard in (
        ("price = 1", "item_frozen"),
        ("name = 'x'", "item_frozen"),
        ("audience = 'elders'", "item_frozen"),
        ("adopted_by = {}", "item_frozen"),
        ("state = 'draft'", "item_step"),
    ):
        sql = f"UPDATE reward_item SET {edit.format(here.who.chen_jing)} WHERE id = {{}}"
        assert await refused_by(sql, item_id) == guard
    born = (
        "INSERT INTO reward_item (book_id, name, kind, price, drafted_by, drafted_at, state, "
        "adopted_by, adopted_at) VALUES ({}, 'x', 'goods', 1, {}, {}, 'adopted', {}, {})"
    )
    drafter = here.who.wang_fang
    assert await refused_by(born, here.book, drafter, NOW, drafter, NOW) == "item_second_person"
    assert await refused_by("DELETE FROM stock") in {"stock_kept", "foreign_key"}


async def test_a_request_is_born_waiting_for_an_adopted_item_at_its_price(here):
    item_id = await here.item(60)
    born = (
        "INSERT INTO redemption (book_id, item_id, person_id, requested_by, item_name, price, "
        "quorum, requested_at, decide_by) VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {})"
    )
    who = here.who.zhang_wei
    honest = [here.book, item_id, who, who, "洗衣液", 60, 2, NOW, NOW]
    for place, wrong, guard in (
        (0, here.who.other_book, "redemption_born"),
        (4, "别的", "redemption_born"),
        (5, 59, "redemption_born"),
        (6, 1, "redemption_quorum"),
    ):
        row = [wrong if at == place else value for at, value in enumerate(honest)]
        assert await refused_by(born, *row) == guard


@pytest.mark.parametrize(
    "change",
    ["in_store = in_store + 1", "in_store = -1, lost = 6", "reserved = reserved - 1"],
)
async def test_the_places_of_a_stock_add_up(here, change):
    item_id = await here.item(60)
    refused = await refused_by(f"UPDATE stock SET {change} WHERE item_id = {{}}", item_id)
    assert refused in {"stock_adds_up", "stock_in_store", "stock_reserved"}


async def test_moves_of_stock_stay_and_a_request_takes_one_piece_once(here, asked):
    [row] = await run("SELECT item_id FROM redemption WHERE id = {}", asked)
    move = (
        "INSERT INTO stock_move (item_id, kind, quantity, redemption_id, moved_at) "
        "VALUES ({}, {}, {}, {}, {})"
    )
    for kind, quantity, case_id, guard in (
        ("reserve", 1, asked, "stock_move_once"),
        ("hand_out", 2, asked, "stock_move_case"),
        ("reserve", 1, None, "stock_move_case"),
        ("receive", 1, asked, "stock_move_case"),
        ("lose", 0, None, "stock_move_quantity"),
        ("give", 1, None, "stock_move_kind"),
    ):
        refused = await refused_by(move, row["item_id"], kind, quantity, case_id, NOW)
        assert refused in {guard, "stock_move_case"}
    assert await refused_by("UPDATE stock_move SET quantity = 9") == "stock_move_append_only"


# --- what the check finds when somebody got past all of this


async def test_verify_finds_what_was_changed_behind_its_back(here, approved):
    who = here.who
    assert await verify_rewards() == ()
    for table, change, undo, place in (
        ("stock", "received = 6, in_store = 5", "received = 5, in_store = 4", "stock of item 1"),
        ("redemption", "price = 61", "price = 60", f"request {approved} (approved)"),
        ("redemption", "quorum = 3", "quorum = 2", f"request {approved}"),
    ):
        await unguarded(table, f"UPDATE {table} SET {change}")
        assert place in {problem.place for problem in await verify_rewards()}
        await unguarded(table, f"UPDATE {table} SET {undo}")
    assert await verify_rewards() == ()
    await unguarded(
        "redemption_involved",
        "INSERT INTO redemption_involved (redemption_id, person_id, stake) VALUES ({}, {}, 'own')",
        approved,
        who.he_min,
    )
    assert [problem.found for problem in await verify_rewards()] == [f"person {who.he_min}"]
    await unguarded(
        "redemption_involved",
        "DELETE FROM redemption_involved WHERE person_id = {}",
        who.he_min,
    )
