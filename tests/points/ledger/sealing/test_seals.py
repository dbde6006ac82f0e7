"""Seals take everything once and in order; whoever changes something behind them is named."""

import asyncio
from datetime import timedelta

import pytest

from points.ledger.checks import Problem
from points.ledger.sealing.check import verify_seals
from points.ledger.sealing.errors import BooksBusy
from points.ledger.sealing.salts import erase_secrets
from points.ledger.sealing.seals import last_seal, seal_due, sealed_until, seals_of
from points.transactions import run
from tests.points.ledger.scene import NOW, make_scene, start_history, unguarded
from tests.points.ledger.sealing.story import posting_ids, tell_story
from web.database import constraint_of

pytestmark = pytest.mark.anyio


async def the_problem() -> Problem:
    [problem] = await verify_seals()
    return problem


async def test_each_seal_takes_what_came_since_the_last_one(engine: object):
    told = await tell_story()
    seals = await seals_of(told.book_id)
    assert [one.number for one in seals] == [1, 2, 3]
    assert [(one.first_posting_id, one.last_posting_id) for one in seals] == [
        (told.postings[0], told.postings[2]),
        (told.postings[3], told.postings[5]),
        (told.postings[6], told.postings[-1]),
    ]
    assert sum(one.postings for one in seals) == len(told.postings)
    assert [one.previous for one in seals] == ["0" * 64, seals[0].hash, seals[1].hash]
    assert (seals[-1].issued, seals[-1].redeemed, seals[-1].alive) == (70, 7, 63)
    assert await verify_seals() == []


async def test_nothing_new_makes_no_seal(engine: object):
    await tell_story()
    assert await seal_due(NOW + timedelta(days=90)) == 0


async def test_books_are_sealed_apart(engine: object):
    one, other = await tell_story(seals=False), await tell_story(seals=False)
    assert await seal_due(NOW) == 2
    for told in (one, other):
        [seal] = await seals_of(told.book_id)
        assert (seal.number, seal.postings) == (1, len(told.postings))
    assert await verify_seals() == []


async def test_sealing_and_verifying_say_how_far_they_are(engine: object):
    sealed, verified = list[tuple[int, int]](), list[tuple[int, int]]()
    for _ in range(2):
        await tell_story(seals=False)
    assert await seal_due(NOW, at_once=1, progress=lambda *far: sealed.append(far)) == 2
    await verify_seals(lambda *far: verified.append(far))
    for told in (sealed, verified):
        done, totals = zip(*told, strict=True)
        assert set(totals) == {done[-1]}
        assert list(done) == sorted(done)
    assert verified == [(1, 2), (2, 2)]


async def test_a_clock_that_was_set_back_turns_no_seal_back(engine: object):
    told = await tell_story()
    await told.li.award(1)
    assert await seal_due(NOW - timedelta(days=400)) == 1
    seals = await seals_of(told.book_id)
    assert seals[-1].sealed_at == seals[-2].sealed_at


CHANGES = {
    "amount": ("transfer", "UPDATE transfer SET amount = amount + 1 WHERE posting_id = {}"),
    "balance": (
        "transfer",
        "UPDATE transfer SET target_balance = target_balance + 1 WHERE posting_id = {}",
    ),
    "vintage": ("transfer", "UPDATE transfer SET vintage = '2027-02-28' WHERE posting_id = {}"),
    "kind": ("posting", "UPDATE posting SET kind = 'expire' WHERE id = {}"),
    "reason": ("posting", "UPDATE posting SET reason = 'something else' WHERE id = {}"),
    "reference": ("posting", "UPDATE posting SET reference = 'else' WHERE id = {}"),
    "actor": ("posting", "UPDATE posting SET actor_id = NULL WHERE id = {}"),
    "moment": (
        "posting",
        "UPDATE posting SET recorded_at = happened_at - interval '1 day' WHERE id = {}",
    ),
    "line": ("transfer", "DELETE FROM transfer WHERE posting_id = {}"),
}


@pytest.mark.parametrize("what", CHANGES)
async def test_a_change_behind_a_seal_names_its_posting(engine, what: str):
    told = await tell_story()
    table, change = CHANGES[what]
    if engine.engine_type == "sqlite":
        change = change.replace("happened_at - interval '1 day'", "'2020-01-01 00:00:00'")
    changed = told.postings[4]
    await unguarded(table, change, changed)
    # What was taken away cannot be named itself; the next one stands in its place.
    named = told.postings[5] if what == "line" else changed
    assert (await the_problem()).place == f"posting {named}, line 1"


async def test_a_posting_moved_to_another_book_is_missed_there(engine: object):
    told, other = await tell_story(), await tell_story()
    await unguarded(
        "posting",
        "UPDATE posting SET book_id = {} WHERE id = {}",
        other.book_id,
        told.postings[4],
    )
    problems = await verify_seals()
    assert problems[0].place == f"posting {told.postings[5]}, line 1"


async def test_a_posting_that_appears_where_all_is_sealed_is_named(engine: object):
    told, other = await tell_story(), await tell_story()
    await unguarded(
        "posting",
        "UPDATE posting SET book_id = {} WHERE id = {}",
        told.book_id,
        other.postings[2],
    )
    problems = await verify_seals()
    assert problems[0].place == f"posting {other.postings[1]}, line 2"
    assert problems[1].place.startswith(f"posting {other.postings[2]} (test:")
    assert problems[1].found == "in none"


async def test_a_posting_before_the_first_number_is_named(engine: object):
    told = await tell_story()
    await run(
        "INSERT INTO posting (id, book_id, reference, request_hash, kind, reason, happened_at, "
        "recorded_at) SELECT -7, book_id, 'before', request_hash, 'hold', reason, happened_at, "
        "recorded_at FROM posting WHERE id = {}",
        told.postings[0],
    )
    assert (await the_problem()).place == "posting -7 (before)"


async def test_a_seal_that_was_altered_is_found(engine: object):
    told = await tell_story()
    seals = await seals_of(told.book_id)
    await unguarded("seal", "UPDATE seal SET root = {} WHERE id = {}", "ab" * 32, seals[1].id)
    problem = await the_problem()
    assert problem.place == f"seal 2 (posting {told.postings[3]} and later)"


async def test_a_seal_that_was_taken_away_is_found(engine: object):
    told = await tell_story()
    seals = await seals_of(told.book_id)
    await unguarded("seal", "DELETE FROM seal WHERE id = {}", seals[1].id)
    assert (await the_problem()).place == f"seal 3 (posting {told.postings[6]} and later)"


ALONE = {
    "seal_append_only": "UPDATE seal SET root = previous",
    "seal_append_only ": "DELETE FROM seal",
    "seal_remains_append_only": "UPDATE seal_remains SET commitment = ''",
    "seal_salt_kept": "UPDATE seal_salt SET salt = salt",
    "seal_salt_remains": "DELETE FROM seal_salt WHERE subject = 'person'",
    "seal_follows": (
        "INSERT INTO seal (book_id, number, first_posting_id, last_posting_id, postings, "
        "transfers, root, previous, hash, issued, redeemed, minutes, sealed_at, leaves) SELECT "
        "book_id, number + 1, first_posting_id, last_posting_id + 0, postings, transfers, root, "
        "hash, hash, issued, redeemed, minutes, sealed_at, leaves FROM seal WHERE number = 3"
    ),
    "seal_salt_erased": (
        "INSERT INTO seal_salt (book_id, subject, subject_id, salt) "
        "SELECT book_id, subject, subject_id, commitment FROM seal_remains"
    ),
}


@pytest.mark.parametrize("constraint", ALONE)
async def test_the_database_alone_refuses(engine: object, constraint: str):
    told = await tell_story()
    await erase_secrets(person_id=told.li.person_id)
    with pytest.raises(Exception, match=r".") as refused:
        await run(ALONE[constraint])
    assert constraint_of(refused.value) == constraint.strip()


async def test_who_was_erased_is_closed_for_ever_and_every_seal_holds(engine: object):
    told = await tell_story()
    before = await told.li.balances()
    await erase_secrets(person_id=told.li.person_id)
    await erase_secrets(person_id=told.li.person_id)
    left = await run(
        "SELECT subject_id FROM seal_salt WHERE subject = 'person' AND subject_id = {}",
        told.li.person_id,
    )
    assert left == []
    assert await verify_seals() == []
    assert await told.li.balances() == before


async def test_a_person_erased_between_two_seals_leaves_both_in_order(engine: object):
    told = await tell_story()
    await told.li.award(4)
    await erase_secrets(person_id=told.li.person_id)
    await told.li.award(5)
    await told.li.hold(3, case_id=88)
    assert await seal_due(NOW + timedelta(days=61)) == 1
    assert await verify_seals() == []
    salts = await run(
        "SELECT salt FROM seal_salt WHERE subject = 'person' AND subject_id = {}",
        told.li.person_id,
    )
    assert salts == []
    await unguarded("transfer", "UPDATE transfer SET amount = 6 WHERE amount = 5")
    assert (await the_problem()).found.startswith("is not what was sealed")


async def test_who_confirmed_can_be_erased_too(engine: object):
    told = await tell_story()
    await erase_secrets(person_id=told.wang.scene.confirmer_id)
    await told.wang.award(5)
    await seal_due(NOW + timedelta(days=61))
    assert await verify_seals() == []


async def test_a_posting_that_commits_late_is_not_skipped(postgres_engine):
    """It has the smaller number, but the larger one is visible first."""
    scene = await make_scene()
    wang, li = await start_history(scene), await start_history(scene)
    record = await scene.served(wang.person_id)
    posted, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        async with postgres_engine.transaction():
            await run(
                "INSERT INTO posting (book_id, reference, request_hash, kind, reason, happened_at, "
                "recorded_at, service_record_id) VALUES ({}, 'slow', '', 'recount', 'x', {}, {}, "
                "{})",
                scene.book_id,
                NOW,
                NOW,
                record,
            )
            posted.set()
            await go_on.wait()

    late = asyncio.create_task(slow())
    await posted.wait()
    await li.award(3)
    sealing = asyncio.create_task(seal_due(NOW))
    await asyncio.wait({sealing}, timeout=0.2)
    assert not sealing.done()
    # Others are not kept from writing while the seal waits.
    await asyncio.wait_for(li.award(4), 5)
    go_on.set()
    await late
    assert await sealing == 1
    seal = await last_seal(scene.book_id)
    assert seal is not None
    assert seal.last_posting_id == (await posting_ids(scene.book_id))[1]
    assert await seal_due(NOW) == 1
    assert await sealed_until() == (await posting_ids(scene.book_id))[-1]


async def test_who_waits_too_long_seals_nothing(postgres_engine, monkeypatch):
    scene = await make_scene()
    li = await start_history(scene)
    await li.award(3)
    monkeypatch.setattr("points.ledger.sealing.horizon.WAIT_SECONDS", 0.1)
    async with postgres_engine.transaction():
        await run("DELETE FROM posting WHERE FALSE")
        sealing = asyncio.create_task(_alone(postgres_engine))
        with pytest.raises(BooksBusy):
            await sealing
    assert await sealed_until() == 0


async def _alone(engine) -> None:
    engine.current_transaction.set(None)
    await seal_due(NOW)


async def test_many_who_seal_at_once_make_one_chain(engine: object):
    told = await tell_story(seals=False)
    await asyncio.gather(*(seal_due(NOW) for _ in range(5)))
    assert [one.number for one in await seals_of(told.book_id)] == [1]
    assert await verify_seals() == []


async def test_writers_and_sealers_together_leave_nothing_out(engine: object):
    scene = await make_scene()
    people = [await start_history(scene) for _ in range(6)]

    async def earn(one) -> None:
        for _ in range(5):
            await one.award(2)

    async def keep_sealing() -> None:
        for _ in range(8):
            await seal_due(NOW)

    await asyncio.gather(*map(earn, people), keep_sealing(), keep_sealing())
    await seal_due(NOW)
    assert sum(one.postings for one in await seals_of(scene.book_id)) == 30
    assert await verify_seals() == []
