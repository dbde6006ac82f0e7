"""Finding, opening and locking the accounts of a posting."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, cast

from points.ledger.errors import BookUnknown, PersonUnknown
from points.ledger.rules import AccountName, Standing
from points.transactions import is_postgres, run, use_case

PERSONAL: Final = ("member", "arrears", "member_minutes")
LOCK: Final = (
    "SELECT COUNT(*) AS accounts FROM (SELECT 1 FROM account WHERE book_id = {} "
    "AND kind IN ('member', 'arrears', 'member_minutes') AND owner_id = ANY ({}) "
    "ORDER BY id FOR NO KEY UPDATE) AS locked"
)
# Opened together with the book and never later.
OF_BOOK: Final = frozenset({"issuer", "redeemed", "issuer_minutes", "commons"})


@dataclass(frozen=True, slots=True)
class OpenAccounts:
    """The accounts of a posting: their numbers, and where the tracked ones stand."""

    ids: Mapping[AccountName, int]
    standings: Mapping[AccountName, Standing]


def names_of_person(person_id: int) -> tuple[AccountName, AccountName, AccountName]:
    """All accounts of a person in a book, so that whoever locks one locks all, in one order."""
    member, arrears, minutes = PERSONAL
    return (
        AccountName(member, person_id),
        AccountName(arrears, person_id),
        AccountName(minutes, person_id),
    )


@use_case
async def lock_person(*, book_id: int, person_id: int) -> Standing:
    """Lock the accounts of a person until the transaction ends; answer with her points.

    Call it before reading anything that decides how much to post (what was earned, caps).
    """
    accounts = await open_accounts(book_id=book_id, names=names_of_person(person_id))
    return accounts.standings[AccountName("member", person_id)]


async def lock_people(*, book_id: int, person_ids: Sequence[int]) -> None:
    """Lock the accounts of several people at once, always in the same order.

    On SQLite whoever writes is alone.
    """
    if not is_postgres():
        return
    [locked] = await run(LOCK, book_id, list(person_ids))
    names = [name for person_id in person_ids for name in names_of_person(person_id)]
    if locked["accounts"] < len(names):
        await open_accounts(book_id=book_id, names=names)


async def open_accounts(*, book_id: int, names: Collection[AccountName]) -> OpenAccounts:
    """Find the accounts, open those that are missing, lock the tracked ones by ascending id."""
    found = await _stand(book_id, names)
    missing = sorted(set(names) - set(found.ids))
    if missing:
        await _open(book_id, missing)
        found = await _stand(book_id, names)
    return found


async def _stand(book_id: int, names: Collection[AccountName]) -> OpenAccounts:
    """Those accounts that are open, where they stand and what they hold.

    On PostgreSQL they are locked, and those of a case are opened if it is new.
    """
    if is_postgres():
        rows = await run(
            "SELECT * FROM books_open({}, {}, {})",
            book_id,
            [name.kind for name in names],
            [name.owner_id for name in names],
        )
    else:
        rows = await run(
            "SELECT a.id, a.kind, a.owner_id, a.balance, a.sequence, "
            "h.vintage, h.points, h.grace_until FROM json_each({}) n CROSS JOIN account a "
            "ON a.book_id = {} AND a.kind = json_extract(n.value, '$[0]') "
            "AND a.owner_id = json_extract(n.value, '$[1]') "
            "LEFT JOIN holding h ON h.account_id = a.id "
            "AND (h.points > 0 OR h.grace_until IS NOT NULL) ORDER BY a.id, h.vintage",
            json.dumps(list(names)),
            book_id,
        )
    return _read(rows)


def _read(rows: Sequence[Mapping[str, Any]]) -> OpenAccounts:
    """Also the grace of vintages that are empty now is told."""
    ids: dict[AccountName, int] = {}
    standings: dict[AccountName, Standing] = {}
    for row in rows:
        name = AccountName(row["kind"], row["owner_id"])
        if name not in ids:
            ids[name] = row["id"]
            if name.tracked:
                standings[name] = Standing(row["balance"], row["sequence"], {}, {})
        if row["vintage"] is None or not name.tracked:
            continue
        held, grace = standings[name].holdings, standings[name].grace
        if row["points"]:
            cast(dict[date, int], held)[row["vintage"]] = row["points"]
        if row["grace_until"]:
            cast(dict[date, date], grace)[row["vintage"]] = row["grace_until"]
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
