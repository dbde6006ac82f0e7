"""The pool of a household: each adult opts in, and whoever leaves takes back what is her own."""

from dataclasses import dataclass
from datetime import UTC, datetime

from points.community.areas import day_in
from points.community.people import locked_person
from points.community.rules import is_minor
from points.ledger.accounts import find_account, lock_person
from points.ledger.books import book_of_area
from points.ledger.cases import pools_in
from points.ledger.pools import contribute, own_share, pool_of, withdraw
from points.ledger.rules import AccountName
from points.ledger.shares import shares_of
from points.notices.post import notify
from points.pools.errors import (
    AlreadyInPool,
    MovedOut,
    NoBookOfPool,
    NoHousehold,
    NotInThePool,
    PoolForAdults,
)
from points.transactions import run, use_case

PATH = "/pool"
PUT = "Into the pool of the household"
BACK = "Back from the pool of the household"


@dataclass(frozen=True, slots=True)
class Membership:
    """The pool somebody takes part in."""

    household_id: int
    book_id: int


async def membership_of(person_id: int) -> Membership | None:
    """The pool a person takes part in; None if she opted in to none."""
    rows = await run(
        "SELECT m.household_id, h.area_id FROM pool_member m "
        "JOIN household h ON h.id = m.household_id WHERE m.person_id = {} AND m.left_at IS NULL",
        person_id,
    )
    if not rows:
        return None
    book_id = await book_of_area(int(rows[0]["area_id"]))
    if book_id is None:
        raise NoBookOfPool
    return Membership(household_id=int(rows[0]["household_id"]), book_id=book_id)


@use_case
async def join(*, actor_id: int, now: datetime) -> None:
    """Opt in to the pool of one's household; the others in it are told."""
    row = await locked_person(actor_id)
    if is_minor(row["birth_date"], await day_in(row["area_id"], now)):
        raise PoolForAdults
    household_id = row["household_id"]
    if household_id is None:
        raise NoHousehold
    if await run("SELECT id FROM pool_member WHERE person_id = {} AND left_at IS NULL", actor_id):
        raise AlreadyInPool
    others = await members_of(household_id)
    await run(
        "INSERT INTO pool_member (household_id, person_id, joined_at) VALUES ({}, {}, {})",
        household_id,
        actor_id,
        now.astimezone(UTC),
    )
    facts = {"name": row["name"]}
    await notify(person_ids=others, kind="pool_joined", facts=facts, path=PATH, now=now)


@use_case
async def put_in(*, actor_id: int, points: int, now: datetime) -> None:
    """Put own points into the pool."""
    found = await pool_at_home(actor_id)
    await contribute(
        book_id=found.book_id,
        person_id=actor_id,
        household_id=found.household_id,
        points=points,
        reference=await _reference(found, actor_id),
        reason=PUT,
        actor_id=actor_id,
        now=now,
    )


@use_case
async def take_out(*, actor_id: int, points: int, now: datetime) -> None:
    """Take back some of what is one's own and unspent."""
    await _take_out(await _own_pool(actor_id), actor_id, points, now)


@use_case
async def leave(*, actor_id: int, now: datetime) -> None:
    """Leave the pool with all that is one's own and unspent; the others are told."""
    row = await locked_person(actor_id)
    found = await _own_pool(actor_id)
    await _take_all(found, actor_id, now)
    await run(
        "UPDATE pool_member SET left_at = {} WHERE person_id = {} AND left_at IS NULL",
        now.astimezone(UTC),
        actor_id,
    )
    others = await members_of(found.household_id)
    facts = {"name": row["name"]}
    await notify(person_ids=others, kind="pool_left", facts=facts, path=PATH, now=now)


async def members_of(household_id: int) -> tuple[int, ...]:
    """Who takes part in the pool of a household."""
    rows = await run(
        "SELECT person_id FROM pool_member WHERE household_id = {} AND left_at IS NULL ORDER BY id",
        household_id,
    )
    return tuple(int(row["person_id"]) for row in rows)


async def payer_of(*, book_id: int, case_id: int) -> int | None:
    """The household whose pool paid for a request; None if a person did."""
    name = AccountName("redemption", case_id)
    account_id = await find_account(book_id=book_id, name=name)
    pools = await pools_in(account_id) if account_id is not None else ()
    return pools[0].owner_id if pools else None


@use_case
async def return_to_leavers(*, book_id: int, household_id: int, now: datetime) -> None:
    """Whoever left before points came back into the pool gets what of them is hers."""
    account_id = await find_account(book_id=book_id, name=pool_of(household_id))
    assert account_id is not None, "points came back into this pool"
    inside = await members_of(household_id)
    owners = {share.person_id for share in await shares_of(account_id)}
    for person_id in sorted(owners - set(inside)):
        await _take_all(Membership(household_id, book_id), person_id, now)


async def pool_at_home(person_id: int) -> Membership:
    """The pool that a person can put into and spend from: that of the door she lives behind."""
    found = await _own_pool(person_id)
    rows = await run("SELECT household_id FROM person WHERE id = {}", person_id)
    if rows[0]["household_id"] != found.household_id:
        raise MovedOut
    return found


async def _own_pool(person_id: int) -> Membership:
    found = await membership_of(person_id)
    if found is None:
        raise NotInThePool
    return found


async def _take_all(found: Membership, person_id: int, now: datetime) -> None:
    # Under the lock of her accounts nobody gives back or takes out what is counted here.
    await lock_person(book_id=found.book_id, person_id=person_id)
    share = await own_share(
        book_id=found.book_id, person_id=person_id, household_id=found.household_id
    )
    if share:
        await _take_out(found, person_id, None, now)


async def _take_out(found: Membership, person_id: int, points: int | None, now: datetime) -> None:
    await withdraw(
        book_id=found.book_id,
        person_id=person_id,
        household_id=found.household_id,
        points=points,
        reference=await _reference(found, person_id),
        reason=BACK,
        actor_id=person_id,
        now=now,
    )


async def _reference(found: Membership, person_id: int) -> str:
    """The number of her next entry is hers alone while her accounts are locked."""
    standing = await lock_person(book_id=found.book_id, person_id=person_id)
    return f"pool:{found.book_id}:{person_id}:{standing.sequence + 1}"
