"""``python -m tests.benchmarks.street_office URL``: the books of a street office, in minutes.

50 books, 100,000 people, 10 million entries unless said otherwise, written in sets by the database
itself.  The rows are valid, so the guards are off meanwhile; ``linli books verify`` finds nothing.
One person has an account of her own with 200,000 entries: points held and given back, again and
again, once a second.  The database must be new.
"""

import argparse
import asyncio
import sqlite3
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import asyncpg

from points.community.areas import create_area
from points.ledger.books import open_book
from points.rewards.catalogue import ItemDraft, adopt_item, draft_item, receive_stock
from points.service.rules import Terms
from points.transactions import run
from tests.cast import FOUNDED
from tests.points.rewards.scene import Scene, scene
from tests.points.service.scene import adopt
from web.database import opened, sqlite_path
from web.migrations import migrate

Ask = Callable[[str], Awaitable[Any]]
# Entries of one award: points and minutes, each out of one account and into another.
ENTRIES_PER_AWARD: Final = 4
# Whoever asks for a reward may have little, and may ask again.
GENEROUS: Final = replace(Terms(), redemption_balance_points=0, item_month_limit=100)
VINTAGE: Final = "2027-12-31"
MINUTES, POINTS = 60, 10
EXACT: Final = MINUTES * 10 * 100
DIALECT: Final = {
    "sqlite": {
        "{hash}": "lower(hex(randomblob(32)))",
        "{day}": "date('2026-01-05', '+' || ({week} * 7 + 1) || ' days')",
        "{moment}": "date('2026-01-05', '+' || ({week} * 7 + 1) || ' days') || ' 01:00:00+00:00'",
        "{month}": "strftime('%Y-%m-01', service_date)",
        "{second}": "datetime('2026-12-01', '+' || c.n || ' seconds') || '+00:00'",
        "{text}": "TEXT",
    },
    "postgres": {
        "{hash}": "md5(random()::text) || md5(random()::text)",
        "{day}": "DATE '2026-01-05' + ({week} * 7 + 1)",
        "{moment}": "(DATE '2026-01-05' + ({week} * 7 + 1) + TIME '01:00') AT TIME ZONE 'UTC'",
        "{month}": "date_trunc('month', service_date)::date",
        "{second}": "TIMESTAMPTZ '2026-12-01 00:00+00' + c.n * INTERVAL '1 second'",
        "{text}": "TEXT",
    },
}


@dataclass(frozen=True, slots=True)
class Office:
    """Who is there; numbers without a gap, person ``n`` belongs to book ``n % books``."""

    books: tuple[int, ...]
    first_person: int
    people: int
    rounds: int
    steward_id: int
    creator_id: int
    # What there is to ask for, one item in each book, and who votes on all of it.
    items: tuple[int, ...]
    member_id: int


async def build(url: str, *, people: int, books: int, entries: int, deep: int) -> Office:
    """Fill a new database; ``deep`` is the number of entries in the account of the first person."""
    async with opened(url) as engine:
        await migrate(engine)
        here = await scene()
        book_ids = await _books(here.who.subdistrict, books)
        [row] = await run("SELECT MAX(id) + 1 AS first FROM person")
        office = Office(
            books=tuple(book_ids),
            first_person=int(row["first"]),
            people=people,
            rounds=max(1, entries // (ENTRIES_PER_AWARD * people)),
            steward_id=here.who.chen_jing,
            creator_id=here.who.wang_fang,
            items=tuple(await _items(here, book_ids)),
            member_id=here.members[0],
        )
        numbers = {
            f"{{{name}}}": str(await _next(name))
            for name in ("account", "occasion", "service_record", "posting", "transfer")
        }
    await _unguarded(url, lambda ask: _fill(ask, url, office, numbers, deep))
    return office


async def _books(subdistrict_id: int, books: int) -> list[int]:
    """Committees with a book and a policy each, beside those of the cast."""
    found = []
    for number in range(1, books + 1):
        area_id = await create_area(
            parent_id=subdistrict_id,
            level="committee",
            name=f"第{number}居委",
            time_zone=None,
            now=FOUNDED,
        )
        found.append(await open_book(area_id=area_id, now=FOUNDED))
        await adopt(found[-1], GENEROUS)
    return found


async def _items(here: Scene, book_ids: Sequence[int]) -> list[int]:
    """An item for each book; the committee of the street office votes on all requests."""
    drafter, adopter = here.who.chen_jing, here.who.li_guoqiang
    founded = {"now": FOUNDED}
    for person_id in (drafter, adopter):
        # Through the use case a street office has its first stewards before its committees do.
        await run(
            "INSERT INTO role_grant (person_id, role, area_id, starts_on, founding, proposed_at, "
            "approved_at) VALUES ({}, 'steward', {}, {}, TRUE, {}, {})",
            *(person_id, here.who.subdistrict, FOUNDED.date(), FOUNDED, FOUNDED),
        )
    for person_id in here.members:
        await here.grant(person_id, "committee_member", here.who.subdistrict)
    found = []
    for book_id in book_ids:
        draft = ItemDraft(name="一袋米", kind="goods", price=1)
        item_id = await draft_item(actor_id=drafter, book_id=book_id, draft=draft, **founded)
        await adopt_item(actor_id=adopter, item_id=item_id, **founded)
        await receive_stock(
            actor_id=drafter, item_id=item_id, quantity=1000, reason="联盟单位捐赠", **founded
        )
        found.append(item_id)
    return found


async def _next(table: str) -> int:
    [row] = await run(f"SELECT COALESCE(MAX(id), 0) + 1 AS id FROM {table}")
    return int(row["id"])


async def _fill(ask: Ask, url: str, office: Office, numbers: dict[str, str], deep: int) -> None:
    words = DIALECT["sqlite" if url.startswith("sqlite") else "postgres"]

    async def say(sql: str, **more: int) -> None:
        for name, text in words.items():
            sql = sql.replace(name, text)
        for name, text in numbers.items():
            sql = sql.replace(name, text)
        for name, number in {**_facts(office), **more}.items():
            sql = sql.replace(f"{{{name}}}", str(number))
        await ask(sql)

    for sql in (PLACES, PEOPLE, ACCOUNTS, IN_BOOK):
        await say(sql)
    for week in range(office.rounds):
        for sql in (OCCASIONS, RECORDS, POSTINGS, TRANSFERS, EARNED_DAY):
            await say(sql, week=week)
        _tell(f"{week + 1} of {office.rounds} rounds")
    for sql in (STANDS, HOLDINGS, EARNED_MONTH, EARNED_YEAR, EARNED_ALL):
        await say(sql)
    if deep:
        for sql in DEEP:
            await say(sql, deep=deep)
    _tell("settling")


def _facts(office: Office) -> dict[str, int]:
    return {
        "people": office.people,
        "books": len(office.books),
        "first_book": office.books[0],
        "first": office.first_person,
        "steward": office.steward_id,
        "creator": office.creator_id,
        "rounds": office.rounds,
    }


def _tell(step: str) -> None:
    print(f"  … {step}", file=sys.stderr, flush=True)  # noqa: T201


def counted(most: str) -> str:
    """Numbers from 0 up to but not including ``most``."""
    return (
        "WITH RECURSIVE counted (n) AS "
        f"(SELECT 0 UNION ALL SELECT n + 1 FROM counted WHERE n + 1 < {most}) "
    )


# A table of the books by number, and of everybody's place.
PLACES = (
    "CREATE TABLE bench_book AS SELECT b.id AS book_id, b.area_id, p.id AS policy_id, "
    "ROW_NUMBER() OVER (ORDER BY b.id) - 1 AS number FROM book b "
    "JOIN policy_version p ON p.book_id = b.id AND p.number = 1 "
    "WHERE b.id >= {first_book}"
)
PEOPLE = (
    counted("{people}") + "INSERT INTO person (id, name, volunteer_no, area_id, joined_at) "
    "SELECT {first} + c.n, '居民' || CAST(c.n AS {text}), 'S' || CAST(c.n AS {text}), b.area_id, "
    "'2026-01-05 01:00:00+00:00' FROM counted c JOIN bench_book b ON b.number = c.n % {books}"
)
ACCOUNTS = (
    counted("{people} * 3")
    + "INSERT INTO account (id, book_id, kind, owner_id, person_id, unit, tracked) "
    "SELECT {account} + c.n, b.book_id, "
    "CASE c.n % 3 WHEN 0 THEN 'arrears' WHEN 1 THEN 'member' ELSE 'member_minutes' END, "
    "{first} + c.n / 3, {first} + c.n / 3, "
    "CASE c.n % 3 WHEN 2 THEN 'minutes' ELSE 'points' END, TRUE "
    "FROM counted c JOIN bench_book b ON b.number = (c.n / 3) % {books}"
)
IN_BOOK = (
    "CREATE TABLE bench_person AS SELECT p.id - {first} AS n, p.id AS person_id, b.number, "
    "b.book_id, b.policy_id, i.id AS issuer_id, m.id AS minutes_id "
    "FROM person p JOIN bench_book b ON b.number = (p.id - {first}) % {books} "
    "JOIN account i ON i.book_id = b.book_id AND i.kind = 'issuer' AND i.owner_id = 0 "
    "JOIN account m ON m.book_id = b.book_id AND m.kind = 'issuer_minutes' AND m.owner_id = 0 "
    "WHERE p.id >= {first} ORDER BY p.id"
)
OCCASIONS = (
    "INSERT INTO occasion (id, book_id, area_id, title, category, activity_class, starts_at, "
    "ends_at, leader_id, created_by, created_at) "
    "SELECT {occasion} + {week} * {books} + b.number, b.book_id, b.area_id, '清洁家园', "
    "'cleaning', 'governance', {moment}, '2026-12-31 15:00:00+00:00', {creator}, {creator}, "
    "'2026-01-05 01:00:00+00:00' FROM bench_book b"
)
RECORDS = (
    "INSERT INTO service_record (id, occasion_id, person_id, book_id, started_at, service_date, "
    "minutes, source, logged_by, logged_at, state, policy_version_id, exact, decided_by, "
    "decided_at) SELECT {service_record} + {week} * {people} + p.n, "
    "{occasion} + {week} * {books} + p.number, p.person_id, p.book_id, {moment}, {day}, "
    f"{MINUTES}, 'roll_call', {{creator}}, {{moment}}, 'confirmed', p.policy_id, {EXACT}, "
    "{steward}, {moment} FROM bench_person p"
)
POSTINGS = (
    "INSERT INTO posting (id, book_id, reference, request_hash, kind, reason, details, actor_id, "
    "happened_at, recorded_at, service_record_id) "
    "SELECT {posting} + {week} * {people} + p.n, p.book_id, "
    "'service:' || CAST({service_record} + {week} * {people} + p.n AS {text}) || ':1', {hash}, "
    '\'award\', \'清洁家园\', \'[{"kind": "rate", "minutes": 60, "points_per_hour": 10}]\', '
    "{steward}, {moment}, {moment}, {service_record} + {week} * {people} + p.n "
    "FROM bench_person p"
)
TRANSFERS = (
    "INSERT INTO transfer (id, posting_id, line, route_id, source_id, target_id, vintage, amount, "
    "target_sequence, target_balance) "
    "SELECT {transfer} + ({week} * {people} + p.n) * 2 + l.line - 1, "
    "{posting} + {week} * {people} + p.n, l.line, l.route, "
    "CASE l.line WHEN 1 THEN p.issuer_id ELSE p.minutes_id END, {account} + p.n * 3 + l.line, "
    f"CASE l.line WHEN 1 THEN DATE '{VINTAGE}' END, l.amount, {{week}} + 1, "
    "({week} + 1) * l.amount FROM bench_person p CROSS JOIN "
    f"(SELECT 1 AS line, 1 AS route, {POINTS} AS amount "
    f"UNION ALL SELECT 2, 3, {MINUTES}) AS l"
)
STANDS = (
    "UPDATE account SET sequence = {rounds}, balance = {rounds} * "
    f"CASE kind WHEN 'member' THEN {POINTS} ELSE {MINUTES} END "
    "WHERE id >= {account} AND kind <> 'arrears'"
)
HOLDINGS = (
    "INSERT INTO holding (account_id, vintage, points) "
    f"SELECT {{account}} + p.n * 3 + 1, DATE '{VINTAGE}', {{rounds}} * {POINTS} "
    "FROM bench_person p"
)
EARNING = "INSERT INTO earning (person_id, book_id, period, starts_on, exact, awarded) "
EARNED_DAY = EARNING + f"SELECT person_id, book_id, 'day', {{day}}, {EXACT}, 0 FROM bench_person"
SUMMED = " FROM service_record WHERE person_id >= {first} GROUP BY person_id, book_id"
EARNED_MONTH = (
    f"{EARNING}SELECT person_id, book_id, 'month', {{month}}, SUM(exact), 0{SUMMED}, {{month}}"
)
EARNED_YEAR = (
    f"{EARNING}SELECT person_id, book_id, 'year', DATE '2026-01-01', SUM(exact), 0{SUMMED}"
)
EARNED_ALL = (
    f"{EARNING}SELECT person_id, book_id, 'all', DATE '1970-01-01', SUM(exact), "
    f"SUM(exact) / 6000{SUMMED}"
)
# Held and given back: entries in pairs, the account of the case beside that of the person.
CASE_ID = "{account} + {people} * 3"
DEEP = (
    "INSERT INTO account (id, book_id, kind, owner_id, unit, tracked) "
    f"SELECT {CASE_ID}, book_id, 'redemption', 1000000000, 'points', TRUE FROM bench_person "
    "WHERE n = 0",
    counted("{deep}") + "INSERT INTO posting (id, book_id, reference, request_hash, kind, reason, "
    "actor_id, happened_at, recorded_at) SELECT {posting} + {rounds} * {people} + c.n, p.book_id, "
    "'bench:' || CAST(c.n AS {text}), {hash}, CASE c.n % 2 WHEN 0 THEN 'hold' ELSE 'release' END, "
    "'一袋米', {steward}, {second}, {second} "
    "FROM counted c JOIN bench_person p ON p.n = 0",
    counted("{deep}") + "INSERT INTO transfer (id, posting_id, line, route_id, source_id, "
    "target_id, vintage, amount, source_sequence, source_balance, target_sequence, "
    "target_balance) SELECT {transfer} + {rounds} * {people} * 2 + n, "
    "{posting} + {rounds} * {people} + n, 1, CASE n % 2 WHEN 0 THEN 20 ELSE 22 END, "
    f"CASE n % 2 WHEN 0 THEN {{account}} + 1 ELSE {CASE_ID} END, "
    f"CASE n % 2 WHEN 0 THEN {CASE_ID} ELSE {{account}} + 1 END, DATE '{VINTAGE}', 1, "
    "CASE n % 2 WHEN 0 THEN {rounds} ELSE 0 END + n + 1, "
    f"CASE n % 2 WHEN 0 THEN {{rounds}} * {POINTS} - 1 ELSE 0 END, "
    "CASE n % 2 WHEN 0 THEN 0 ELSE {rounds} END + n + 1, "
    f"CASE n % 2 WHEN 0 THEN 1 ELSE {{rounds}} * {POINTS} END FROM counted",
    "UPDATE account SET sequence = {rounds} + {deep} WHERE id = {account} + 1",
    f"UPDATE account SET sequence = {{deep}} WHERE id = {CASE_ID}",
    f"INSERT INTO holding (account_id, vintage, points) VALUES ({CASE_ID}, DATE '{VINTAGE}', 0)",
)
CLEARED = ("DROP TABLE bench_person", "DROP TABLE bench_book")
NUMBERED = ("person", "account", "occasion", "service_record", "posting", "transfer")


async def _unguarded(url: str, fill: Callable[[Ask], Awaitable[None]]) -> None:
    """Run ``fill`` on a connection of its own with triggers and foreign keys off."""
    if url.startswith("sqlite"):
        await _unguarded_sqlite(url, fill)
        return
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET session_replication_role = replica")
        await fill(connection.execute)
        for sql in CLEARED:
            await connection.execute(sql)
        for table in NUMBERED:
            await connection.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), "
                f"(SELECT MAX(id) FROM {table}))"
            )
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


async def _unguarded_sqlite(url: str, fill: Callable[[Ask], Awaitable[None]]) -> None:
    raw = sqlite3.connect(sqlite_path(url), isolation_level=None)
    for pragma in ("synchronous = OFF", "foreign_keys = OFF", "cache_size = -1000000"):
        raw.execute(f"PRAGMA {pragma}")
    triggers = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    raw.execute("BEGIN")
    for name, _ in triggers:
        raw.execute(f"DROP TRIGGER {name}")

    async def ask(sql: str) -> None:
        raw.execute(sql.replace("DATE '", "'"))

    await fill(ask)
    for sql in (*CLEARED, *(sql for _, sql in triggers)):
        raw.execute(sql)
    raw.execute("COMMIT")
    raw.execute("ANALYZE")
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()


def main() -> None:
    """Parse and build."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.street_office")
    parser.add_argument("url", help="sqlite:///path or postgresql://…, of a new database")
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--books", type=int, default=50)
    parser.add_argument("--entries", type=int, default=10_000_000)
    parser.add_argument("--deep", type=int, default=200_000, help="entries of one account")
    asked = parser.parse_args()
    started = time.perf_counter()
    office = asyncio.run(
        build(
            asked.url,
            people=asked.people,
            books=asked.books,
            entries=asked.entries,
            deep=asked.deep,
        )
    )
    print(f"{office} in {time.perf_counter() - started:.0f} s")  # noqa: T201


if __name__ == "__main__":
    main()
