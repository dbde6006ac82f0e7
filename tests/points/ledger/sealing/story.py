"""A history with postings of every kind, and what an operator with a shell could do to it."""

from dataclasses import dataclass
from datetime import timedelta

from points.ledger.expiry import expire_due
from points.ledger.sealing.seals import seal_due
from points.transactions import run
from tests.points.ledger.scene import LATE, LATER, NOW, SOON, History, make_scene, start_history


@dataclass
class Told:
    """A sealed book of two people, and the numbers of its postings."""

    wang: History
    li: History
    postings: list[int]

    @property
    def book_id(self) -> int:
        """Their book."""
        return self.wang.book_id


async def tell_story(*, seals: bool = True) -> Told:
    """Awards, a hold, a release, a hand-over, a reversal, an expiry; sealed in between."""
    scene = await make_scene()
    wang, li = await start_history(scene), await start_history(scene)
    awards = [await wang.award(points, expires_on=SOON) for points in (15, 20)]
    await li.award(30, expires_on=LATE)
    await _seal(seals, days=0)
    await wang.hold(18, case_id=wang.person_id)
    await li.hold(7, case_id=li.person_id)
    await wang.release(case_id=wang.person_id)
    await _seal(seals, days=1)
    await li.fulfil(case_id=li.person_id)
    await wang.reverse(awards[1], points=4, minutes=0)
    await expire_due(NOW + timedelta(days=60))
    await li.award(9, expires_on=LATER)
    await _seal(seals, days=60)
    return Told(wang, li, await posting_ids(wang.book_id))


async def _seal(really: bool, *, days: int) -> None:
    if really:
        assert await seal_due(NOW + timedelta(days=days))


async def posting_ids(book_id: int) -> list[int]:
    """The postings of a book in their order."""
    rows = await run("SELECT id FROM posting WHERE book_id = {} ORDER BY id", book_id)
    return [int(row["id"]) for row in rows]
