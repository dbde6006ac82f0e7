"""A book, and people who served: the least that the ledger needs, written by SQL."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from points.ledger import postings
from points.ledger.books import open_book
from points.ledger.postings import Receipt
from points.ledger.statement import Balances, balances
from points.transactions import engine as bound
from points.transactions import is_postgres, run, use_case

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
SOON, LATE, LATER = date(2026, 12, 31), date(2027, 6, 30), date(2027, 12, 31)
_numbers = count(1)


class Scene:
    """One book with its staff and a policy; ``person`` and ``served`` add to it."""

    def __init__(self, *, area_id: int, book_id: int) -> None:
        self.area_id = area_id
        self.book_id = book_id
        self.creator_id = 0
        self.confirmer_id = 0
        self.policy_id = 0

    async def person(self) -> int:
        number = next(_numbers)
        [row] = await run(
            "INSERT INTO person (name, volunteer_no, area_id, joined_at) "
            "VALUES ({}, {}, {}, {}) RETURNING id",
            f"王芳{number}",
            f"V{number:08}",
            self.area_id,
            NOW,
        )
        return int(row["id"])

    async def logged(self, person_id: int, *, minutes: int) -> int:
        """A record that waits for somebody to confirm it."""
        starts_at = NOW - timedelta(days=1)
        [occasion] = await run(
            "INSERT INTO occasion (book_id, area_id, title, category, activity_class, starts_at, "
            "ends_at, leader_id, created_by, created_at) "
            "VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {}) RETURNING id",
            self.book_id,
            self.area_id,
            "清洁家园",
            "cleaning",
            "governance",
            starts_at,
            NOW,
            self.creator_id,
            self.creator_id,
            starts_at,
        )
        [record] = await run(
            "INSERT INTO service_record (occasion_id, person_id, book_id, started_at, "
            "service_date, minutes, source, logged_by, logged_at) "
            "VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}) RETURNING id",
            int(occasion["id"]),
            person_id,
            self.book_id,
            starts_at,
            starts_at.date(),
            minutes,
            "self",
            person_id,
            NOW,
        )
        return int(record["id"])

    async def served(self, person_id: int, *, minutes: int = 60) -> int:
        """A confirmed record."""
        record_id = await self.logged(person_id, minutes=minutes)
        await run(
            "UPDATE service_record SET state = 'confirmed', policy_version_id = {}, "
            "decided_by = {}, decided_at = {} WHERE id = {}",
            self.policy_id,
            self.confirmer_id,
            NOW,
            record_id,
        )
        return record_id


@use_case
async def make_scene() -> Scene:
    """A new committee area with an empty book."""
    number = next(_numbers)
    [area] = await run(
        "INSERT INTO area (level, name, time_zone, created_at) VALUES ({}, {}, {}, {}) "
        "RETURNING id",
        "committee",
        f"沙茂居委{number}",
        "Asia/Shanghai",
        NOW,
    )
    area_id = int(area["id"])
    await run(
        "INSERT INTO area_ancestor (area_id, ancestor_id, depth) VALUES ({}, {}, 0)",
        area_id,
        area_id,
    )
    scene = Scene(area_id=area_id, book_id=await open_book(area_id=area_id, now=NOW))
    scene.creator_id, scene.confirmer_id = await scene.person(), await scene.person()
    [policy] = await run(
        "INSERT INTO policy_version (book_id, number, effective_from, terms, adopted_on, "
        "adopted_by_body, votes_for, votes_against, votes_abstained, recorded_at) "
        "VALUES ({}, 1, {}, {}, {}, {}, 9, 1, 0, {}) RETURNING id",
        scene.book_id,
        date(2026, 1, 1),
        "{}",
        date(2026, 1, 1),
        "居民会议",
        NOW,
    )
    scene.policy_id = int(policy["id"])
    return scene


class History:
    """Postings for one person of a scene, each under a reference of its own unless one is given."""

    def __init__(self, scene: Scene, person_id: int) -> None:
        self.scene = scene
        self.book_id = scene.book_id
        self.person_id = person_id
        self.now = NOW
        self.today = TODAY

    def heading(self, reference: str = "") -> dict[str, Any]:
        """Who, why, when, under which reference."""
        return {
            "reference": reference or f"test:{next(_numbers)}",
            "reason": "清洁家园",
            "actor_id": self.scene.confirmer_id,
            "now": self.now,
        }

    def owner(self) -> dict[str, Any]:
        """Whose points, in which book."""
        return {"book_id": self.book_id, "person_id": self.person_id}

    async def award(
        self, points: int, *, expires_on: date = LATER, minutes: int = 60, reference: str = ""
    ) -> Receipt:
        """Points for a new confirmed record."""
        return await postings.award(
            **self.owner(),
            minutes=minutes,
            points=points,
            expires_on=expires_on,
            service_record_id=await self.scene.served(self.person_id, minutes=minutes),
            happened_at=self.now,
            **self.heading(reference),
        )

    async def recount(self, points: int, *, expires_on: date = LATER) -> Receipt:
        """A correction on account of a record that earns nothing itself."""
        return await postings.recount(
            **self.owner(),
            points=points,
            expires_on=expires_on,
            service_record_id=await self.scene.logged(self.person_id, minutes=60),
            **self.heading(),
        )

    async def reverse(
        self, award: Receipt, *, points: int | None = None, minutes: int | None = None
    ) -> Receipt:
        """Take an award back, as far as asked."""
        return await postings.reverse_award(
            posting_id=award.posting_id, points=points, minutes=minutes, **self.heading()
        )

    async def void(self, award: Receipt) -> None:
        """Find the record of an award to be wrong; the award is then to be reversed."""
        await run(
            "UPDATE service_record SET state = 'voided', voided_by = {}, voided_at = {} "
            "WHERE id = (SELECT service_record_id FROM posting WHERE id = {})",
            self.scene.confirmer_id,
            self.now,
            award.posting_id,
        )

    async def hold(self, points: int, *, case_id: int = 1, reference: str = "") -> Receipt:
        """Set points aside for a redemption."""
        return await postings.hold(
            **self.owner(),
            case_kind="redemption",
            case_id=case_id,
            points=points,
            today=self.today,
            **self.heading(reference),
        )

    async def release(
        self, *, case_id: int = 1, reference: str = "", grace: bool = False
    ) -> Receipt:
        """Get them back: because one cancels, or (with grace) because others refused."""
        return await postings.release(
            **self.owner(),
            case_kind="redemption",
            case_id=case_id,
            grace=grace,
            **self.heading(reference),
        )

    async def fulfil(self, *, case_id: int = 1, reference: str = "") -> Receipt:
        """Hand the reward over."""
        return await postings.fulfil(
            book_id=self.book_id,
            case_kind="redemption",
            case_id=case_id,
            **self.heading(reference),
        )

    async def reverse_fulfil(self, handed_over: Receipt) -> Receipt:
        """Take the reward back."""
        return await postings.reverse_fulfil(posting_id=handed_over.posting_id, **self.heading())

    async def balances(self) -> Balances:
        """What the person has now."""
        return await balances(**self.owner())


async def start_history(scene: Scene) -> History:
    """A new resident of the scene with empty accounts."""
    return History(scene, await scene.person())


async def unguarded(table: str, change: str, *values: object) -> None:
    """Run a change with the triggers of ``table`` off, as an operator with a shell could."""
    if is_postgres():
        await bound().run_ddl(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        await run(change, *values)
        await bound().run_ddl(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        return
    triggers = await run(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = {}", table
    )
    for trigger in triggers:
        await bound().run_ddl(f"DROP TRIGGER {trigger['name']}")
    await run(change, *values)
    for trigger in triggers:
        await bound().run_ddl(trigger["sql"])
