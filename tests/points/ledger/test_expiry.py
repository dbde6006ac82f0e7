"""What was not spent in time goes to the commons; nobody loses points for waiting on others."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest

from points.ledger.books import verify
from points.ledger.errors import InsufficientPoints
from points.ledger.expiry import expire_due
from points.ledger.expiry_notices import notify_expiring
from points.ledger.statement import available, statement
from points.transactions import run
from tests.points.ledger.scene import (
    LATER,
    NOW,
    SOON,
    History,
    make_scene,
    start_history,
    unguarded,
)

pytestmark = pytest.mark.anyio
# The first moment after the last day of SOON, in Shanghai.
JANUARY = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
NEW_YEAR = date(2027, 1, 1)
GRACE_ENDS = date(2027, 1, 31)
FEBRUARY = datetime(2027, 1, 31, 16, 0, tzinfo=UTC)


@pytest.fixture
async def history(engine: object) -> History:
    return await start_history(await make_scene())


def now_is(history: History, now: datetime, today: date) -> None:
    history.now, history.today = now, today


async def waits_over_new_year(history: History, *, grace: bool) -> None:
    """10 points of SOON are held in December and come back in January."""
    await history.award(10, expires_on=SOON)
    await history.hold(10)
    now_is(history, JANUARY, NEW_YEAR)
    await expire_due(history.now)
    await history.release(grace=grace)


async def told(kind: str) -> list[dict[str, Any]]:
    return await run("SELECT * FROM notice WHERE kind = {} ORDER BY id", kind)


async def commons(history: History) -> int:
    [row] = await run(
        "SELECT balance FROM account WHERE book_id = {} AND kind = 'commons'", history.book_id
    )
    return int(row["balance"])


async def test_the_last_day_counts_as_a_whole_where_the_book_is_kept(history: History) -> None:
    await history.award(5, expires_on=SOON)
    await history.award(7, expires_on=LATER)
    assert await expire_due(datetime(2026, 12, 31, 15, 59, tzinfo=UTC)) == 0
    assert await available(**history.owner(), today=SOON) == 12
    assert await available(**history.owner(), today=NEW_YEAR) == 7
    assert await expire_due(JANUARY) == 1
    assert (await history.balances()).expiring == ((LATER, 7),)
    assert await commons(history) == 5
    assert await expire_due(JANUARY) == 0
    [line, *_] = await statement(**history.owner(), unit="points")
    assert (line.kind, line.amount, line.balance) == ("expire", -5, 7)
    [notice] = await told("points_expired")
    assert (notice["person_id"], notice["facts"]) == (history.person_id, '{"points": 5}')
    assert (await verify()).problems == ()


async def test_points_of_an_open_case_are_not_swept(history: History) -> None:
    await history.award(10, expires_on=SOON)
    await history.hold(10)
    assert await expire_due(JANUARY) == 0
    await history.fulfil()
    assert await commons(history) == 0


async def test_who_waited_for_others_has_thirty_days_more(history: History) -> None:
    await waits_over_new_year(history, grace=True)
    assert (await history.balances()).expiring == ((GRACE_ENDS, 10),)
    assert await expire_due(JANUARY) == 0
    history.today = GRACE_ENDS
    await history.hold(4, case_id=2)
    assert await expire_due(FEBRUARY) == 1
    assert await commons(history) == 6
    assert (await verify()).problems == ()


async def test_who_cancels_has_none(history: History) -> None:
    await waits_over_new_year(history, grace=False)
    with pytest.raises(InsufficientPoints):
        await history.hold(1, case_id=2)
    assert await expire_due(JANUARY) == 1
    assert await commons(history) == 10


async def test_points_with_grace_go_before_those_that_last_longer(history: History) -> None:
    await waits_over_new_year(history, grace=True)
    await history.award(5, expires_on=date(2027, 1, 15))
    await history.award(5, expires_on=LATER)
    receipt = await history.hold(12, case_id=2)
    assert [line.vintage for line in receipt.lines] == [SOON, GRACE_ENDS]


async def test_cancelling_with_grace_keeps_its_last_day(history: History) -> None:
    await waits_over_new_year(history, grace=True)
    await history.hold(10, case_id=2)
    now_is(history, datetime(2027, 1, 20, 4, tzinfo=UTC), date(2027, 1, 20))
    await history.release(case_id=2)
    assert (await history.balances()).expiring == ((GRACE_ENDS, 10),)


async def test_the_grace_of_some_points_never_covers_what_had_expired(history: History) -> None:
    await history.award(30, expires_on=SOON)
    await history.hold(10)
    now_is(history, JANUARY, NEW_YEAR)
    # The sweep of the night has not come by yet.
    await history.release(grace=True)
    assert (await history.balances()).expiring == ((GRACE_ENDS, 10),)
    assert await commons(history) == 20


async def test_a_reward_taken_back_after_expiry_can_be_spent_again(history: History) -> None:
    await history.award(30, expires_on=SOON)
    await history.hold(10)
    handed_over = await history.fulfil()
    now_is(history, JANUARY, NEW_YEAR)
    await history.reverse_fulfil(handed_over)
    assert (await history.balances()).expiring == ((GRACE_ENDS, 10),)
    assert await commons(history) == 20
    assert (await verify()).problems == ()


async def test_an_award_taken_back_after_expiry_comes_out_of_the_commons(history: History) -> None:
    award = await history.award(10, expires_on=SOON)
    now_is(history, JANUARY, NEW_YEAR)
    await expire_due(JANUARY)
    await history.void(award)
    await history.reverse(award)
    assert (await history.balances()).arrears == 0
    assert await commons(history) == 0


@pytest.mark.parametrize("people", [1, 201, 450])
async def test_a_month_ends_for_many_in_a_handful_of_postings(
    history: History, people: int
) -> None:
    await endow(history, people)
    assert await expire_due(JANUARY) == people
    assert await commons(history) == 3 * people
    assert await expire_due(JANUARY) == 0
    [row] = await run("SELECT COUNT(*) AS postings FROM posting WHERE kind = 'expire'")
    assert row["postings"] == -(-people // 200)
    assert len(await told("points_expired")) == people


async def endow(history: History, people: int) -> None:
    """Give many people 3 points of SOON each; written by SQL, because awards take long."""
    scene = history.scene
    record_id = await scene.served(history.person_id)
    [posting] = await run(
        "INSERT INTO posting (book_id, reference, request_hash, kind, reason, happened_at, "
        "recorded_at, service_record_id) VALUES ({}, 'many', '', 'recount', '-', {}, {}, {}) "
        "RETURNING id",
        *(history.book_id, NOW, NOW, record_id),
    )
    [issuer] = await run(
        "SELECT id FROM account WHERE book_id = {} AND kind = 'issuer'", history.book_id
    )
    members = [await _member(history, await scene.person()) for _ in range(people)]
    await unguarded(
        "transfer",
        "INSERT INTO transfer (posting_id, line, route_id, source_id, target_id, vintage, amount, "
        f"target_sequence, target_balance) VALUES {_rows(9, people)}",
        *(
            value
            for line, member in enumerate(members, 1)
            for value in (posting["id"], line, 4, issuer["id"], member, SOON, 3, 1, 3)
        ),
    )
    await run(
        f"INSERT INTO holding (account_id, vintage, points) VALUES {_rows(3, people)}",
        *(value for member in members for value in (member, SOON, 3)),
    )
    for member in members:
        await run("UPDATE account SET balance = 3, sequence = 1 WHERE id = {}", member)


async def _member(history: History, person_id: int) -> int:
    [account] = await run(
        "INSERT INTO account (book_id, kind, owner_id, person_id, unit, tracked) "
        "VALUES ({}, 'member', {}, {}, 'points', {}) RETURNING id",
        *(history.book_id, person_id, person_id, True),
    )
    return int(account["id"])


def _rows(columns: int, count: int) -> str:
    return ", ".join(["(" + ", ".join(["{}"] * columns) + ")"] * count)


# --- words in advance


async def warned(history: History, days: Sequence[date]) -> list[tuple[date, str]]:
    """Run the job at noon of these days; what was told on which."""
    found = []
    for day in days:
        before = len(await told("points_expiring"))
        noon = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
        await notify_expiring(noon)
        await notify_expiring(noon)
        found += [(day, row["facts"]) for row in (await told("points_expiring"))[before:]]
    return found


async def test_people_are_told_sixty_and_seven_days_before_once_each(history: History) -> None:
    await history.award(5, expires_on=SOON)
    await history.award(9, expires_on=LATER)
    facts = '{"expires_on": "2026-12-31", "points": 5}'
    days = [date(2026, 11, 1), date(2026, 11, 2), date(2026, 12, 23), date(2026, 12, 24), SOON]
    assert await warned(history, [date(2026, 10, 31), *days, NEW_YEAR]) == [
        (date(2026, 11, 1), facts),
        (date(2026, 12, 24), facts),
    ]


async def test_who_is_told_late_is_told_once(history: History) -> None:
    await history.award(5, expires_on=SOON)
    assert [day for day, _ in await warned(history, [date(2026, 12, 28), SOON])] == [
        date(2026, 12, 28)
    ]


async def test_the_end_of_a_grace_is_told_too(history: History) -> None:
    await waits_over_new_year(history, grace=True)
    days = [NEW_YEAR, date(2027, 1, 23), date(2027, 1, 24), GRACE_ENDS]
    assert await warned(history, days) == [
        (date(2027, 1, 24), '{"expires_on": "2027-01-31", "points": 10}')
    ]


async def test_what_is_spent_is_not_warned_about(history: History) -> None:
    await history.award(5, expires_on=SOON)
    await history.hold(5)
    assert await warned(history, [date(2026, 11, 20), date(2026, 12, 30)]) == []


# --- held by the database, and seen by verify


async def test_the_database_expires_nothing_before_its_time(history: History) -> None:
    await history.award(5, expires_on=LATER)
    with pytest.raises(Exception, match="points expire after their last day"):
        await expire_by_hand(history)


async def test_verify_sees_points_that_expired_too_soon(history: History) -> None:
    await history.award(5, expires_on=LATER)
    await expire_by_hand(history, guarded=False)
    assert any("points that expire on" in one.found for one in (await verify()).problems)


async def test_verify_sees_a_grace_that_nobody_gave(history: History) -> None:
    await waits_over_new_year(history, grace=True)
    for until in (date(2027, 2, 3), date(2027, 12, 31)):
        await run("UPDATE holding SET grace_until = {} WHERE grace_until IS NOT NULL", until)
        [problem] = (await verify()).problems
        assert (problem.place.split(":")[-1].strip(), problem.found) == (
            "grace of points of 2026-12-31",
            f"until {until}",
        )


async def expire_by_hand(history: History, *, guarded: bool = True) -> None:
    """An operator with a shell writes an expiry of LATER in November 2026."""
    [posting] = await run(
        "INSERT INTO posting (book_id, reference, request_hash, kind, reason, happened_at, "
        "recorded_at) VALUES ({}, 'by hand', '', 'expire', '-', {}, {}) RETURNING id",
        *(history.book_id, NOW, NOW),
    )
    ids = {
        row["kind"]: row["id"]
        for row in await run("SELECT id, kind FROM account WHERE book_id = {}", history.book_id)
    }
    change = (
        "INSERT INTO transfer (posting_id, line, route_id, source_id, target_id, vintage, amount, "
        f"source_sequence, source_balance, target_sequence, target_balance) VALUES {_rows(11, 1)}"
    )
    values = (posting["id"], 1, 30, ids["member"], ids["commons"], LATER, 5, 2, 0, 1, 5)
    await (run(change, *values) if guarded else unguarded("transfer", change, *values))
