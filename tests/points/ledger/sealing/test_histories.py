"""Whatever happened and whenever it was sealed: it verifies, and one change anywhere is found."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from points.errors import DomainError
from points.ledger.exports.sealed import sealed_lines
from points.ledger.linli_verify import Bad, check_export, check_proof
from points.ledger.sealing.check import verify_seals
from points.ledger.sealing.digests import digest_of, months_sealed
from points.ledger.sealing.proofs import proof_of, why_not
from points.ledger.sealing.salts import erase_secrets
from points.ledger.sealing.seals import seal_due, seals_of
from tests.points.ledger.scene import LATER, NOW, SOON, History, make_scene, start_history
from tests.points.ledger.sealing.story import posting_ids

pytestmark = pytest.mark.anyio
FEW = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    # Shrinking a history costs minutes; the reported one is short enough to read.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
SOME = settings(FEW, max_examples=60)
MANY = settings(FEW, max_examples=3_000)
ACTS = ("award", "award", "hold", "release", "fulfil", "reverse", "seal", "seal", "erase")
STEPS = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, 1), st.integers(1, 12), st.integers(1, 2)),
    min_size=3,
    max_size=18,
)
CHANGES = st.tuples(st.integers(0, 10_000), st.sampled_from(["edit", "drop", "double", "swap"]))


async def act(people: list[History], step: tuple[str, int, int, int], done: dict[int, Any]) -> None:
    what, who, points, case = step
    one = people[who]
    case_id = one.person_id * 10 + case
    if what == "award":
        done[who] = await one.award(points, expires_on=(SOON, LATER)[case - 1])
    elif what == "hold":
        await one.hold(points, case_id=case_id)
    elif what == "release":
        await one.release(case_id=case_id)
    elif what == "fulfil":
        await one.fulfil(case_id=case_id)
    elif what == "reverse" and who in done:
        await one.reverse(done[who], points=points, minutes=0)
    elif what == "seal":
        await seal_due(NOW)
    elif what == "erase":
        await erase_secrets(person_id=one.person_id)


async def live(steps: list[tuple[str, int, int, int]]) -> list[History]:
    """Two people of a new book; what is refused on the way leaves nothing."""
    scene = await make_scene()
    people = [await start_history(scene), await start_history(scene)]
    done: dict[int, Any] = {}
    for step in [("award", 0, 9, 1), ("award", 1, 9, 2), *steps]:
        try:
            await act(people, step, done)
        except DomainError:
            continue
    await seal_due(NOW)
    return people


def changed(lines: list[str], change: tuple[int, str]) -> list[str]:
    """One leaf altered, dropped, doubled or exchanged with the next line."""
    at_all, how = change
    leaves = [at for at, line in enumerate(lines) if line.startswith('{"leaf"')]
    at = leaves[at_all % len(leaves)]
    new = list(lines)
    if how == "edit":
        line = json.loads(new[at])
        names = sorted(line["leaf"])
        name = names[at_all % len(names)]
        old = line["leaf"][name]
        line["leaf"][name] = old + 1 if isinstance(old, int) else f"{old}x"
        new[at] = json.dumps(line) + "\n"
    elif how == "drop":
        del new[at]
    elif how == "double":
        new.insert(at, new[at])
    else:
        new[at], new[at + 1] = new[at + 1], new[at]
    return new


async def play(steps: list[tuple[str, int, int, int]], change: tuple[int, str]) -> None:
    people = await live(steps)
    book_id = people[0].book_id
    seals = await seals_of(book_id)
    assert sum(one.postings for one in seals) == len(await posting_ids(book_id))
    assert await verify_seals() == []
    lines = [line async for line in sealed_lines([book_id], progress=lambda _: None)]
    [section] = check_export(lines)
    assert section.head == seals[-1].hash
    [month] = await months_sealed(book_id)
    digest = await digest_of(book_id=book_id, month=month)
    for one in people:
        proof = await proof_of(digest=digest, person_id=one.person_id)
        assert why_not(proof) == ""
        assert check_proof(json.loads(json.dumps(proof.document))).head == digest.head
    with pytest.raises(Bad, match=r"^posting|^seal|^this line"):
        list(check_export(changed(lines, change)))


@FEW
@given(steps=STEPS, change=CHANGES)
async def test_random_histories_are_sealed_whole_and_no_change_passes(
    engine: object, steps: list[tuple[str, int, int, int]], change: tuple[int, str]
):
    await play(steps, change)


@pytest.mark.slow
@SOME
@given(steps=STEPS, change=CHANGES)
async def test_many_histories_are_sealed_whole_and_no_change_passes(
    engine: object, steps: list[tuple[str, int, int, int]], change: tuple[int, str]
):
    await play(steps, change)


@pytest.mark.long
@MANY
@given(steps=STEPS, change=CHANGES)
async def test_thousands_of_histories_are_sealed_whole_and_no_change_passes(
    engine: object, steps: list[tuple[str, int, int, int]], change: tuple[int, str]
):
    await play(steps, change)
