"""What is in a pool and whose it is, and what the commons did for whom, in numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from points.community.areas import areas, day_in
from points.community.profiles import person
from points.community.reads import log_reads
from points.community.rules import is_minor, masked_name
from points.ledger.accounts import find_account
from points.ledger.books import book_of_area, day_in_book
from points.ledger.pools import pool_of
from points.ledger.rules import AccountName, last_day
from points.ledger.shares import shares_of
from points.pools.household import membership_of
from points.rewards.authority import ADOPTERS, place_of, require_role
from points.transactions import run, use_case, whole

SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class ShareLine:
    """What one person has in the pool."""

    person_id: int
    name: str
    points: int
    member: bool


@dataclass(frozen=True, slots=True)
class PoolView:
    """The pool of a household as somebody behind its door sees it.

    ``joined``: whether she takes part; ``may_join``: whether she could.
    """

    joined: bool
    may_join: bool
    points: int
    own: int
    shares: tuple[ShareLine, ...]
    expiring: tuple[tuple[date, int], ...]


@dataclass(frozen=True, slots=True)
class CommonsView:
    """The commons of a book in numbers that everybody may read."""

    book_id: int
    area_name: str
    points: int
    year: int
    donated: int
    expired: int
    granted: int
    grants: int


@dataclass(frozen=True, slots=True)
class HonourView:
    """The pool of a stairwell and what it was honoured for."""

    area_id: int
    area_name: str
    points: int
    lines: tuple["DecisionLine", ...]


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """A grant that was proposed, and what became of it."""

    id: int
    kind: str
    whom: str
    points: int
    reason: str
    state: str
    proposed_by: int
    proposed_by_name: str
    proposed_at: datetime
    decided_by_name: str | None
    decided_at: datetime | None
    refusal: str
    wish: str


@dataclass(frozen=True, slots=True)
class WishLine:
    """A donation with a wish that no grant has answered yet."""

    donation_id: int
    points: int
    wish: str
    donated_at: datetime


async def pool_view(*, person_id: int, now: datetime) -> PoolView:
    """The pool of her household, or the one she has not left yet after moving."""
    who = await person(person_id)
    found = await membership_of(person_id)
    household_id = found.household_id if found else who.household_id
    adult = not is_minor(who.birth_date, await day_in(who.area_id, now))
    book_id = found.book_id if found else await book_of_area(who.area_id)
    account_id = None
    if household_id is not None and book_id is not None:
        account_id = await find_account(book_id=book_id, name=pool_of(household_id))
    shares = await _shares(household_id, account_id)
    mine = next((share.points for share in shares if share.person_id == person_id), 0)
    return PoolView(
        joined=found is not None,
        may_join=found is None and adult and household_id is not None and book_id is not None,
        points=sum(share.points for share in shares),
        own=mine,
        shares=shares,
        expiring=await _expiring(account_id),
    )


async def _shares(household_id: int | None, account_id: int | None) -> tuple[ShareLine, ...]:
    rows = await run(
        "SELECT m.person_id, p.name FROM pool_member m JOIN person p ON p.id = m.person_id "
        "WHERE m.household_id = {} AND m.left_at IS NULL ORDER BY m.id",
        household_id or 0,
    )
    names = {int(row["person_id"]): str(row["name"]) for row in rows}
    points = dict.fromkeys(names, 0)
    for share in await shares_of(account_id) if account_id else ():
        points[share.person_id] = points.get(share.person_id, 0) + share.points
    for person_id in points.keys() - names.keys():
        names[person_id] = (await person(person_id)).name
    inside = {int(row["person_id"]) for row in rows}
    return tuple(ShareLine(one, names[one], has, one in inside) for one, has in points.items())


async def _expiring(account_id: int | None) -> tuple[tuple[date, int], ...]:
    rows = await run(
        "SELECT vintage, points, grace_until FROM holding WHERE account_id = {} AND points > 0",
        account_id or 0,
    )
    return tuple(
        sorted((last_day(row["vintage"], row["grace_until"]), int(row["points"])) for row in rows)
    )


async def pool_can_pay(*, person_id: int, now: datetime) -> int:
    """How many points the pool could pay today for a member; 0 for anybody else."""
    found = await membership_of(person_id)
    if found is None:
        return 0
    name = pool_of(found.household_id)
    account_id = await find_account(book_id=found.book_id, name=name)
    today = await day_in_book(book_id=found.book_id, now=now)
    return sum(points for day, points in await _expiring(account_id) if day >= today)


async def commons_view(*, book_id: int, now: datetime) -> CommonsView:
    """What came into the commons this year, what was granted, and what is there."""
    place = await place_of(book_id=book_id, now=now)
    account_id = await find_account(book_id=book_id, name=AccountName("commons"))
    [stands] = await run("SELECT balance FROM account WHERE id = {}", account_id or 0)
    since = datetime(place.today.year, 1, 1, tzinfo=now.tzinfo)
    moved = {
        (row["kind"], row["way"]): row
        for row in await run(
            "SELECT p.kind, CASE WHEN t.target_id = {} THEN 'in' ELSE 'out' END AS way, "
            "SUM(t.amount) AS points, COUNT(DISTINCT p.id) AS postings "
            "FROM transfer t JOIN posting p ON p.id = t.posting_id "
            "WHERE (t.target_id = {} OR t.source_id = {}) AND p.recorded_at >= {} "
            "GROUP BY p.kind, way",
            *(account_id, account_id, account_id, since),
        )
    }

    def points(kind: str, way: str) -> int:
        return int(moved[kind, way]["points"]) if (kind, way) in moved else 0

    back = await _donations_back(account_id or 0, since)
    return CommonsView(
        book_id=book_id,
        area_name=(await areas([place.area_id]))[place.area_id].name,
        points=int(stands["balance"]),
        year=place.today.year,
        donated=points("donate", "in") - back,
        expired=points("expire", "in"),
        granted=points("grant", "out"),
        grants=int(moved["grant", "out"]["postings"]) if ("grant", "out") in moved else 0,
    )


async def _donations_back(account_id: int, since: datetime) -> int:
    [row] = await run(
        "SELECT COALESCE(SUM(t.amount), 0) AS points FROM transfer t "
        "JOIN posting p ON p.id = t.posting_id JOIN account a ON a.id = t.target_id "
        "WHERE t.source_id = {} AND a.kind = 'member' AND p.recorded_at >= {}",
        *(account_id, since),
    )
    return int(row["points"])


async def honour_view(*, area_id: int) -> HonourView | None:
    """The pool of a stairwell; None where the area is none."""
    found = (await areas([area_id])).get(area_id)
    if found is None or found.level != "stairwell":
        return None
    book_id = await book_of_area(area_id)
    name = AccountName("stairwell", area_id)
    account_id = await find_account(book_id=book_id, name=name) if book_id else None
    rows = await run("SELECT balance FROM account WHERE id = {}", account_id or 0)
    lines = await run(
        f"{_LINES} WHERE d.area_id = {{}} AND d.state = 'approved' ORDER BY d.id DESC LIMIT {{}}",
        *(area_id, SHOWN),
    )
    return HonourView(
        area_id=area_id,
        area_name=" · ".join(found.path[-3:]),
        points=int(rows[0]["balance"]) if rows else 0,
        lines=tuple([_line(row, masked=True) for row in lines]),
    )


# --- for those who decide

_LINES: Final = (
    "SELECT d.*, p.name AS person_name, a.name AS area_name, b.name AS building_name, "
    "x.name AS proposed_by_name, y.name AS decided_by_name, o.wish FROM pool_decision d "
    "LEFT JOIN person p ON p.id = d.person_id LEFT JOIN area a ON a.id = d.area_id "
    "LEFT JOIN area b ON b.id = a.parent_id JOIN person x ON x.id = d.proposed_by "
    "LEFT JOIN person y ON y.id = d.decided_by LEFT JOIN donation o ON o.id = d.donation_id"
)


@use_case
@whole
async def decisions(*, actor_id: int, book_id: int, now: datetime) -> Sequence[DecisionLine]:
    """What was proposed in a book: what waits first, then the newest; the look is noted."""
    place = await place_of(book_id=book_id, now=now)
    await require_role(place, actor_id=actor_id, roles=ADOPTERS)
    rows = await run(
        f"{_LINES} WHERE d.book_id = {{}} "
        "ORDER BY CASE WHEN d.state = 'proposed' THEN 0 ELSE 1 END, d.id DESC LIMIT {}",
        *(book_id, SHOWN),
    )
    seen = sorted({int(row["person_id"]) for row in rows if row["person_id"]})
    await log_reads(actor_id=actor_id, person_ids=seen, what="relief", now=now)
    return [_line(row) for row in rows]


async def wishes(*, actor_id: int, book_id: int, now: datetime) -> Sequence[WishLine]:
    """Donations with a wish that nobody has taken up."""
    place = await place_of(book_id=book_id, now=now)
    await require_role(place, actor_id=actor_id, roles=ADOPTERS)
    rows = await run(
        "SELECT d.id, d.points, d.wish, d.donated_at FROM donation d WHERE d.book_id = {} "
        "AND d.wish <> '' AND d.person_id <> {} AND NOT EXISTS (SELECT 1 FROM pool_decision p "
        "WHERE p.donation_id = d.id AND p.state <> 'refused') AND NOT EXISTS "
        "(SELECT 1 FROM posting q WHERE q.reverses_id = d.posting_id) ORDER BY d.id LIMIT {}",
        *(book_id, actor_id, SHOWN),
    )
    return [
        WishLine(int(row["id"]), int(row["points"]), row["wish"], row["donated_at"]) for row in rows
    ]


async def stairwells_of(*, book_id: int, now: datetime) -> Sequence[tuple[int, str]]:
    """The stairwells of a book, for choosing one."""
    place = await place_of(book_id=book_id, now=now)
    rows = await run(
        "SELECT a.id, a.name, b.name AS building FROM area_ancestor c "
        "JOIN area a ON a.id = c.area_id LEFT JOIN area b ON b.id = a.parent_id "
        "WHERE c.ancestor_id = {} AND a.level = 'stairwell' ORDER BY b.name, a.name, a.id",
        place.area_id,
    )
    return [
        (int(row["id"]), " · ".join(filter(None, (row["building"], row["name"])))) for row in rows
    ]


def _line(row: dict[str, Any], *, masked: bool = False) -> DecisionLine:
    name = row["person_name"] or ""
    place = " · ".join(filter(None, (row["building_name"], row["area_name"])))
    return DecisionLine(
        id=int(row["id"]),
        kind=row["kind"],
        whom=(masked_name(name) if masked else name) if row["person_id"] else place,
        points=int(row["points"]),
        reason=row["reason"],
        state=row["state"],
        proposed_by=int(row["proposed_by"]),
        proposed_by_name=row["proposed_by_name"],
        proposed_at=row["proposed_at"],
        decided_by_name=row["decided_by_name"],
        decided_at=row["decided_at"],
        refusal=row["refusal"],
        wish=row["wish"] or "",
    )
