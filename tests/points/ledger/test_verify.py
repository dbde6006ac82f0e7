"""``verify`` finds nothing in honest books, and names the place in altered ones."""

from dataclasses import dataclass

import pytest

from points.ledger.books import verify
from points.ledger.checks import Problem
from points.transactions import engine as bound
from points.transactions import is_postgres, run
from tests.points.ledger.scene import (
    LATE,
    LATER,
    SOON,
    History,
    make_scene,
    start_history,
    unguarded,
)

pytestmark = pytest.mark.anyio


@dataclass
class Books:
    """Postings of every kind, and some of their numbers."""

    history: History
    transfer_id: int
    posting_id: int
    member_id: int
    record_id: int


@pytest.fixture
async def books(engine: object) -> Books:
    history = await start_history(await make_scene())
    awards = [
        await history.award(points, expires_on=expires_on)
        for points, expires_on in ((15, SOON), (20, LATE), (30, LATER))
    ]
    await history.hold(40, case_id=1)
    await history.release(case_id=1)
    await history.hold(40, case_id=2)
    await history.fulfil(case_id=2)
    await history.reverse(awards[2], minutes=0, points=5)
    [found] = await run(
        "SELECT t.id, t.target_id, p.service_record_id FROM transfer t "
        "JOIN posting p ON p.id = t.posting_id WHERE p.id = {} AND t.vintage IS NOT NULL",
        awards[1].posting_id,
    )
    return Books(
        history=history,
        transfer_id=int(found["id"]),
        posting_id=awards[1].posting_id,
        member_id=int(found["target_id"]),
        record_id=int(found["service_record_id"]),
    )


async def problem_at(place: str) -> Problem:
    """The one problem whose place begins like this."""
    found = [one for one in (await verify()).problems if one.place.startswith(place)]
    assert len(found) == 1, (await verify()).problems
    return found[0]


async def test_honest_books_have_no_problem_and_everything_was_counted(books: Books):
    heard: list[tuple[int, int]] = []
    report = await verify(lambda done, total: heard.append((done, total)))
    assert report.problems == ()
    [counted] = await run("SELECT COUNT(*) AS transfers FROM transfer")
    assert (report.postings, report.transfers) == (8, counted["transfers"])
    assert heard[-1][0] == heard[-1][1] == len(heard)


async def test_a_digit_changed_in_the_amount_of_a_transfer_is_found(books: Books):
    await unguarded("transfer", "UPDATE transfer SET amount = 70 WHERE id = {}", books.transfer_id)
    problem = await problem_at(f"transfer {books.transfer_id} of posting {books.posting_id} (test:")
    assert problem.place.endswith(f"entry of member:{books.history.person_id}")
    assert (problem.expected, problem.found) == ("entry 2: 15 +70 = 85", "entry 2: balance 35")


async def test_a_digit_changed_in_the_balance_of_an_entry_is_found(books: Books):
    await unguarded(
        "transfer", "UPDATE transfer SET target_balance = 36 WHERE id = {}", books.transfer_id
    )
    problem = await problem_at("transfer ")
    assert problem.place.startswith(f"transfer {books.transfer_id} of posting {books.posting_id}")
    assert (problem.expected, problem.found) == ("entry 2: 15 +20 = 35", "entry 2: balance 36")


async def test_a_digit_changed_in_the_balance_of_an_outgoing_entry_is_found(books: Books):
    [held] = await run("SELECT MAX(id) AS id FROM transfer WHERE source_id = {}", books.member_id)
    await unguarded(
        "transfer",
        "UPDATE transfer SET source_balance = source_balance + 1 WHERE id = {}",
        held["id"],
    )
    await problem_at(f"transfer {held['id']} of posting ")


async def test_a_digit_changed_in_a_stored_balance_is_found(books: Books):
    await unguarded("account", "UPDATE account SET balance = 21 WHERE id = {}", books.member_id)
    problem = await problem_at("")
    assert problem.place == (
        f"account {books.member_id} (member:{books.history.person_id}): stored balance"
    )
    assert problem.expected.startswith("20 after entry ")
    assert problem.found.startswith("21 after entry ")


async def test_a_digit_changed_in_a_holding_is_found(books: Books):
    await unguarded(
        "holding",
        "UPDATE holding SET points = 21 WHERE account_id = {} AND vintage = {}",
        books.member_id,
        LATER,
    )
    problem = await problem_at("")
    assert problem.place == (
        f"account {books.member_id} (member:{books.history.person_id}): "
        "points that expire on 2027-12-31"
    )
    assert (problem.expected, problem.found) == ("20 by its transfers", "21")


async def test_a_digit_changed_in_the_minutes_of_a_record_is_found(books: Books):
    await unguarded(
        "service_record", "UPDATE service_record SET minutes = 90 WHERE id = {}", books.record_id
    )
    problem = await problem_at("")
    assert problem.place.startswith(
        f"service record {books.record_id} (posting {books.posting_id} (test:"
    )
    assert problem.expected == "60 minutes, as posted"
    assert problem.found == "90 minutes, as the confirmed record says"


async def test_an_award_for_a_record_that_is_not_confirmed_is_found(books: Books):
    await unguarded(
        "service_record",
        "UPDATE service_record SET state = 'refused' WHERE id = {}",
        books.record_id,
    )
    places = [problem.place for problem in (await verify()).problems]
    assert any(f"service record {books.record_id}" in place for place in places)


async def test_a_deleted_transfer_leaves_a_gap_that_is_found(books: Books):
    await unguarded("transfer", "DELETE FROM transfer WHERE id = {}", books.transfer_id)
    places = " ".join(problem.place for problem in (await verify()).problems)
    assert f"posting {books.posting_id} (test:" in places
    assert f"entry of member:{books.history.person_id}" in places


async def test_a_transfer_put_on_another_route_is_found(books: Books):
    await unguarded("transfer", "UPDATE transfer SET route_id = 5 WHERE id = {}", books.transfer_id)
    await problem_at(f"transfer {books.transfer_id} of posting {books.posting_id}")


async def test_more_reversed_than_was_given_is_found(books: Books):
    await unguarded(
        "posting",
        "UPDATE posting SET reverses_id = {} WHERE kind = 'reversal'",
        books.posting_id,
    )
    assert await verify()
    await books.history.award(1)
    [small] = await run("SELECT MAX(id) AS id FROM posting")
    await unguarded(
        "posting", "UPDATE posting SET reverses_id = {} WHERE kind = 'reversal'", small["id"]
    )
    problem = await problem_at(f"posting {small['id']} (")
    assert (problem.expected, problem.found) == ("at most 1 points reversed", "5")


async def test_a_trigger_that_is_gone_is_found(books: Books):
    if is_postgres():
        await bound().run_ddl("DROP TRIGGER transfer_append_only ON transfer")
    else:
        await bound().run_ddl("DROP TRIGGER transfer_append_only_update")
    problem = await problem_at("trigger transfer_append_only")
    assert problem.found == "missing"


async def test_a_row_that_points_nowhere_is_found(books: Books):
    if is_postgres():
        await bound().run_ddl("ALTER TABLE transfer DISABLE TRIGGER ALL")
        places = [problem.place for problem in (await verify()).problems]
        assert "foreign keys of transfer" in places
        return
    await bound().run_ddl("PRAGMA foreign_keys = OFF")
    await unguarded("posting", "UPDATE posting SET actor_id = 999999 WHERE id = 1")
    await bound().run_ddl("PRAGMA foreign_keys = ON")
    problem = await problem_at("posting, row 1")
    assert problem.expected == "a row of person that it points to"
