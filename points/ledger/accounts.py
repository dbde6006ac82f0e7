"""Finding, opening and locking the accounts of a posting."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from points.ledger.errors import BookUnknown, PersonUnknown
from points.ledger.rules import AccountName, Standing
from points.transactions import is_postgres, run, use_case

PERSONAL: Final = ("member", "arrears", "member_minutes")
# Opened together with the book and never later.
OF_BOOK: Final = frozenset({"issuer", "redeemed", "issuer_minutes", "commons"})


@dataclass(frozen=True, slots=True)
class OpenAccounts:
    """The accounts of a posting: their numbers, and where the tracked ones stand."""

    ids: Mapping[AccountName, int]
    standings: Mapping[AccountName, Standing]


def names_of_person(person_id: int) -> tuple[AccountName, ...]:
    """All accounts of a person in a book, so that whoever locks one locks all, in one order."""
    return tuple(AccountName(kind, person_id) for kind in PERSONAL)


@use_case
async def lock_person(*, book_id: int, person_id: int) -> Standing:
    """Lock the accounts of a person until the transaction ends; answer with her points.

    Call it before reading anything that decides how much to post (what was earned, caps).
    """
    accounts = await open_accounts(book_id=book_id, names=names_of_person(person_id))
    return accounts.standings[AccountName("member", person_id)]


async def open_accounts(*, book_id: int, names: Collection[AccountName]) -> OpenAccounts:
    """Find the accounts, open those that are missing, lock the tracked ones by ascending id."""
    found = await _find(book_id, names)
    missing = sorted(set(names) - set(found))
    if missing:
        await _open(book_id, missing)
        found = await _find(book_id, names)
    ids = {name: int(row["id"]) for name, row in found.items()}
    tracked = {account_id: name for name, account_id in ids.items() if name.tracked}
    balances = await _lock(sorted(tracked))
    holdings = await _holdings(tracked)
    standings = {
        name: Standing(
            balance=balances[number][0],
            sequence=balances[number][1],
            holdings=holdings[number][0],
            grace=holdings[number][1],
        )
        for number, name in tracked.items()
    }
    return OpenAccounts(ids=ids, standings=standings)


async def find_account(*, book_id: int, name: AccountName) -> int | None:
    """The number of an account, if it was ever opened."""
    row = (await _find(book_id, [name])).get(name)
    return int(row["id"]) if row else None


async def _find(book_id: int, names: Collection[AccountName]) -> dict[AccountName, dict[str, int]]:
    any_of = " OR ".join(["(kind = {} AND owner_id = {})"] * len(names))
    rows = await run(
        f"SELECT id, kind, owner_id FROM account WHERE book_id = {{}} AND ({any_of})",
        book_id,
        *(value for name in names for value in (name.kind, name.owner_id)),
    )
    return {AccountName(str(row["kind"]), int(row["owner_id"])): row for row in rows}


async def _open(book_id: int, missing: Collection[AccountName]) -> None:
    if any(name.kind in OF_BOOK for name in missing):
        raise BookUnknown(book_id=book_id)
    people = {name.owner_id for name in missing if name.kind in PERSONAL}
    for person_id in sorted(people):
        if not await run("SELECT id FROM person WHERE id = {}", person_id):
            raise PersonUnknown(person_id=person_id)
    row = "({}, {}, {}, {}, {}, {})"
    values = [
        value
        for name in missing
        for value in (
            book_id,
            name.kind,
            name.owner_id,
            name.owner_id if name.kind in PERSONAL else None,
            name.unit,
            True,
        )
    ]
    # Whoever else opens them at the same moment is waited for, and then found.
    await run(
        "INSERT INTO account (book_id, kind, owner_id, person_id, unit, tracked) "
        f"VALUES {', '.join([row] * len(missing))} ON CONFLICT DO NOTHING",
        *values,
    )


async def _lock(ids: Collection[int]) -> dict[int, tuple[int, int]]:
    if not ids:
        return {}
    lock = " FOR NO KEY UPDATE" if is_postgres() else ""
    rows = await run(
        f"SELECT id, balance, sequence FROM account WHERE id IN ({_marks(ids)}) ORDER BY id{lock}",
        *ids,
    )
    return {int(row["id"]): (int(row["balance"]), int(row["sequence"])) for row in rows}


async def _holdings(
    tracked: Mapping[int, AccountName],
) -> dict[int, tuple[dict[date, int], dict[date, date]]]:
    """What each account has of which vintage, and the grace of its vintages, also of empty ones."""
    found: dict[int, tuple[dict[date, int], dict[date, date]]]
    found = {number: ({}, {}) for number in tracked}
    ids = [number for number, name in tracked.items() if name.in_vintages]
    if not ids:
        return found
    rows = await run(
        "SELECT account_id, vintage, points, grace_until FROM holding "
        f"WHERE account_id IN ({_marks(ids)}) AND (points > 0 OR grace_until IS NOT NULL) "
        "ORDER BY vintage",
        *ids,
    )
    for row in rows:
        points, grace = found[int(row["account_id"])]
        if row["points"]:
            points[row["vintage"]] = int(row["points"])
        if row["grace_until"]:
            grace[row["vintage"]] = row["grace_until"]
    return found


def _marks(values: Collection[object]) -> str:
    return ", ".join(["{}"] * len(values))
