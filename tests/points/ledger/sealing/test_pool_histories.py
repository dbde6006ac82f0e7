"""Histories of pools, gifts and disputes, sealed and people erased at any moment between."""

import json
import random
from collections.abc import Iterable

import pytest

from points.ledger.books import verify
from points.ledger.exports.sealed import sealed_lines
from points.ledger.linli_verify import Bad, check_export, check_proof
from points.ledger.sealing.check import verify_seals
from points.ledger.sealing.digests import digest_of, months_sealed
from points.ledger.sealing.proofs import proof_of, why_not
from points.ledger.sealing.salts import erase_secrets
from points.ledger.sealing.seals import seal_due, seals_of
from tests.points.ledger.pool_edges import SEEDS
from tests.points.ledger.pool_play import BEGINNING, KINDS, PoolPlay, move_in, steps_of
from tests.points.ledger.scene import make_scene
from tests.points.ledger.sealing.story import posting_ids
from tests.points.ledger.sealing.test_histories import changed

pytestmark = pytest.mark.anyio
SEAL, ERASE = 0.12, 0.03


async def live(seed: int) -> PoolPlay:
    """A household's history; every few steps a seal, now and then somebody is erased."""
    home, dice = await move_in(scene=await make_scene()), random.Random(seed)
    for step in [*BEGINNING, *steps_of(seed, 30)]:
        home.step = step
        await KINDS[step.kind](home)
        if (lot := dice.random()) < SEAL:
            await seal_due(home.now)
        elif lot < SEAL + ERASE:
            await erase_secrets(person_id=home.him.person_id)
    await seal_due(home.now)
    return home


async def hold_and_no_change_passes(seeds: Iterable[int]) -> None:
    for seed in seeds:
        await holds_and_no_change_passes(seed)
    assert await verify_seals() == []
    assert (await verify()).problems == ()


async def holds_and_no_change_passes(seed: int) -> None:
    home, dice = await live(seed), random.Random(seed)
    book_id = home.scene.book_id
    seals = await seals_of(book_id)
    assert sum(one.postings for one in seals) == len(await posting_ids(book_id))
    for month in await months_sealed(book_id):
        digest = await digest_of(book_id=book_id, month=month)
        for one in home.people.values():
            proof = await proof_of(digest=digest, person_id=one.person_id)
            assert why_not(proof) == "", seed
            assert check_proof(json.loads(json.dumps(proof.document))).head == digest.head
    lines = [line async for line in sealed_lines([book_id], progress=lambda _: None)]
    [section] = check_export(lines)
    assert section.head == seals[-1].hash
    for how in ("edit", "drop", "double", "swap"):
        with pytest.raises(Bad, match=r"^posting|^seal|^this line"):
            list(check_export(changed(lines, (dice.randrange(10_000), how))))


async def test_known_histories_of_pools_are_sealed_whole(engine: object):
    await hold_and_no_change_passes(SEEDS[:4])


@pytest.mark.slow
async def test_many_histories_of_pools_are_sealed_whole(engine: object):
    await hold_and_no_change_passes(range(100, 115))


@pytest.mark.long
async def test_thousands_of_histories_of_pools_are_sealed_whole(engine: object):
    await hold_and_no_change_passes(range(1_000, 3_000))
