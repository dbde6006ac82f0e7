"""The secrets that open what a seal closes: made when first needed, gone when a person is erased.

Before a secret goes, the commitments that were made with it are kept as they are, so that the seals
over them still add up; what is entered later about the same person is closed with a secret that is
kept nowhere.
"""

import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from points.ledger.sealing.leaves import (
    PUBLIC,
    SIDES,
    Secrets,
    Subject,
    account_value,
    actor_value,
    committed,
    keeper_of,
    subject_of,
    subjects_of,
    words_value,
)
from points.ledger.sealing.reading import Row, among, postings, transfers_of
from points.transactions import is_postgres, run, use_case

SALT_BYTES: Final = 32
ROWS_PER_INSERT: Final = 500
# Any fixed number: whoever makes or erases salts waits for whoever else does.
LOCK: Final = 7_306_021
OF_ONE_PERSON: Final = ("redemption", "dispute")
Kept = tuple[int, str, int, str]


async def known_secrets(rows: Iterable[Row]) -> Mapping[int, Secrets]:
    """What is known today to open or rebuild the leaves of these transfers, per book."""
    lines = list(rows)
    found = {book_id: Secrets(book_id) for book_id in {int(row["book_id"]) for row in lines}}
    condition, values = _among(found, _wanted(lines))
    for row in await run(f"SELECT * FROM seal_salt WHERE {condition}", *values):
        subject = (str(row["subject"]), int(row["subject_id"]))
        found[int(row["book_id"])].salts[subject] = str(row["salt"])
    for row in await run(f"SELECT * FROM seal_remains WHERE {condition}", *values):
        what = (str(row["subject"]), int(row["subject_id"]))
        found[int(row["book_id"])].remains[what] = str(row["commitment"])
    return found


@use_case
async def ready_secrets(*, rows: list[Row]) -> Mapping[int, Secrets]:
    """The same, after making what is missing: now every leaf of these transfers can be built."""
    await _lock()
    found = await known_secrets(rows)
    salts: list[Kept] = []
    remains: list[Kept] = []
    for lines in postings(rows):
        of_book = found[int(lines[0]["book_id"])]
        for subject in subjects_of(lines):
            if subject not in of_book.salts and subject not in of_book.remains:
                of_book.salts[subject] = secrets.token_hex(SALT_BYTES)
                salts.append((of_book.book_id, *subject, of_book.salts[subject]))
        remains += _closed_for_good(lines, of_book)
    await _insert("seal_salt", "salt", salts)
    await _insert("seal_remains", "commitment", remains)
    return found


@use_case
async def erase_secrets(*, person_id: int) -> None:
    """Make it impossible to tell what any seal says of this person; every seal stays valid."""
    await _lock()
    accounts: dict[int, list[Row]] = defaultdict(list)
    for row in await _accounts_of(person_id):
        accounts[int(row["book_id"])].append(row)
    entered = await run(
        "SELECT book_id FROM seal_salt WHERE subject = 'person' AND subject_id = {}", person_id
    )
    for book_id in sorted({*accounts, *(int(row["book_id"]) for row in entered)}):
        await _erase(book_id, person_id, accounts[book_id])


async def _erase(book_id: int, person_id: int, accounts: list[Row]) -> None:
    own = [int(row["source_id"]) for row in accounts]
    rows = await transfers_of(own, after=0, up_to=await _last_posting())
    rows = [row for row in rows if row["book_id"] == book_id]
    of_book = (await known_secrets([*rows, *accounts])).get(book_id) or Secrets(book_id)
    salts = await run(
        "SELECT salt FROM seal_salt WHERE book_id = {} AND subject = 'person' AND subject_id = {}",
        book_id,
        person_id,
    )
    if salts:
        of_book.salts["person", person_id] = str(salts[0]["salt"])
    subjects = {("person", person_id), *(subject_of(row, "source") for row in accounts)}
    for subject in subjects:
        of_book.salts.setdefault(subject, secrets.token_hex(SALT_BYTES))
    remains: dict[Subject, str] = {("person", person_id): of_book.of_actor(person_id)}
    for row in accounts:
        remains["account", int(row["source_id"])] = of_book.of_account(row, "source")
    for lines in postings(rows):
        if keeper_of(lines) in subjects:
            remains["posting", int(lines[0]["posting_id"])] = of_book.of_words(lines)
    new = [one for one in remains.items() if one[0] not in of_book.remains]
    await _insert("seal_remains", "commitment", [(book_id, *what, said) for what, said in new])
    for kind, number in subjects:
        await run(
            "DELETE FROM seal_salt WHERE book_id = {} AND subject = {} AND subject_id = {}",
            book_id,
            kind,
            number,
        )


def _closed_for_good(lines: list[Row], of_book: Secrets) -> list[Kept]:
    """Commitments that nobody can ever open, for what concerns somebody who was erased before."""
    made: dict[Subject, str] = {}
    lost = secrets.token_hex(SALT_BYTES)
    for row in lines:
        for side in SIDES:
            what = ("account", int(row[f"{side}_id"]))
            if row[f"{side}_kind"] not in PUBLIC and not of_book.of_account(row, side):
                made[what] = committed(account_value(of_book.book_id, row, side), lost)
    if not of_book.of_words(lines):
        made["posting", int(lines[0]["posting_id"])] = committed(words_value(lines[0]), lost)
    actor_id = lines[0]["actor_id"]
    if actor_id is not None and not of_book.of_actor(int(actor_id)):
        made["person", int(actor_id)] = committed(actor_value(of_book.book_id, actor_id), lost)
    of_book.remains |= made
    return [(of_book.book_id, *what, said) for what, said in made.items()]


async def _accounts_of(person_id: int) -> list[Row]:
    """Her accounts, and those of cases that are hers alone."""
    columns = (
        "a.book_id, a.id AS source_id, a.kind AS source_kind, a.owner_id AS source_owner, "
        "a.person_id AS source_person"
    )
    kinds = ", ".join(f"'{kind}'" for kind in OF_ONE_PERSON)
    return await run(
        f"SELECT {columns} FROM account a WHERE a.person_id = {{}} UNION SELECT {columns} "
        "FROM account m JOIN transfer x ON x.source_id = m.id JOIN account a ON a.id = x.target_id "
        f"WHERE m.person_id = {{}} AND a.kind IN ({kinds})",
        person_id,
        person_id,
    )


async def _last_posting() -> int:
    [last] = await run("SELECT COALESCE(MAX(id), 0) AS id FROM posting")
    return int(last["id"])


async def _lock() -> None:
    if is_postgres():
        await run(f"SELECT pg_advisory_xact_lock({LOCK})")


def _wanted(lines: list[Row]) -> dict[str, set[int]]:
    """Every number under which a salt or a commitment of these transfers may stand."""
    wanted: dict[str, set[int]] = {"person": set(), "account": set(), "posting": set()}
    for row in lines:
        wanted["posting"].add(int(row.get("posting_id") or 0))
        wanted["person"].add(int(row.get("actor_id") or 0))
        for side in SIDES:
            if row.get(f"{side}_kind", "issuer") not in PUBLIC:
                wanted["account"].add(int(row[f"{side}_id"]))
                wanted["person"].add(int(row[f"{side}_person"] or 0))
    return wanted


def _among(books: Iterable[int], wanted: Mapping[str, set[int]]) -> tuple[str, list[object]]:
    conditions, values = [], []
    for subject, ids in wanted.items():
        condition, value = among("subject_id", ids)
        conditions.append(f"subject = '{subject}' AND {condition}")
        values.append(value)
    of_books, listed = among("book_id", books)
    return f"{of_books} AND ({' OR '.join(conditions)} OR subject = 'book')", [listed, *values]


async def _insert(table: str, column: str, rows: list[Kept]) -> None:
    for start in range(0, len(rows), ROWS_PER_INSERT):
        some = rows[start : start + ROWS_PER_INSERT]
        await run(
            f"INSERT INTO {table} (book_id, subject, subject_id, {column}) "
            f"VALUES {', '.join(['({}, {}, {}, {})'] * len(some))}",
            *(value for row in some for value in row),
        )
