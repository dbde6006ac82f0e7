"""The other side: a minimal transfer as one would write it by hand.

One transfer row, two entries that keep the balance after them, two guarded balance updates.  No
vintages, no reference, no reason, nothing that keeps the rows as they are.
"""

import asyncio
import random
import sqlite3
import time
from pathlib import Path
from typing import Final

import asyncpg

from tests.benchmarks.measure import per_second

ACCOUNTS: Final = 1000
HOT: Final = 1
START: Final = 1_000_000_000
HISTORY: Final = 1000

TABLES: Final = (
    "CREATE TABLE account (id BIGINT PRIMARY KEY, "
    "balance BIGINT NOT NULL CHECK (balance >= 0), sequence BIGINT NOT NULL DEFAULT 0)",
    "CREATE TABLE transfer (id {identity}, source_id BIGINT NOT NULL REFERENCES account (id), "
    "target_id BIGINT NOT NULL REFERENCES account (id), "
    "amount BIGINT NOT NULL CHECK (amount > 0), made_at TIMESTAMPTZ NOT NULL)",
    "CREATE TABLE entry (account_id BIGINT NOT NULL REFERENCES account (id), "
    "sequence BIGINT NOT NULL, "
    "transfer_id BIGINT NOT NULL REFERENCES transfer (id), amount BIGINT NOT NULL, "
    "balance BIGINT NOT NULL, PRIMARY KEY (account_id, sequence))",
)
FUNCTION: Final = """
CREATE FUNCTION move(source BIGINT, target BIGINT, points BIGINT) RETURNS BIGINT
LANGUAGE plpgsql AS $$
DECLARE number BIGINT; stands RECORD;
BEGIN
    PERFORM 1 FROM account WHERE id IN (source, target) ORDER BY id FOR NO KEY UPDATE;
    INSERT INTO transfer (source_id, target_id, amount, made_at)
    VALUES (source, target, points, now()) RETURNING id INTO number;
    UPDATE account SET balance = balance - points, sequence = sequence + 1
    WHERE id = source AND balance >= points RETURNING balance, sequence INTO stands;
    IF NOT FOUND THEN RAISE EXCEPTION 'not enough'; END IF;
    INSERT INTO entry VALUES (source, stands.sequence, number, -points, stands.balance);
    UPDATE account SET balance = balance + points, sequence = sequence + 1
    WHERE id = target RETURNING balance, sequence INTO stands;
    INSERT INTO entry VALUES (target, stands.sequence, number, points, stands.balance);
    RETURN number;
END $$
"""
SUMS: Final = (
    "SELECT (SELECT COUNT(*) FROM transfer) AS transfers, "
    "(SELECT SUM(balance) FROM account) AS total, "
    "(SELECT COUNT(*) FROM account a WHERE a.balance <> "
    f"{START} + COALESCE((SELECT SUM(e.amount) FROM entry e WHERE e.account_id = a.id), 0)"
    ") AS wrong"
)


def _pair(number: int, *, hot: bool) -> tuple[int, int]:
    pick = random.Random(number)
    source = HOT if hot else pick.randint(2, ACCOUNTS)
    target = pick.randint(2, ACCOUNTS)
    return source, target if target != source else source % ACCOUNTS + 2


async def postgres_per_second(url: str, *, total: int, callers: int, hot: bool) -> float:
    """Each caller has a connection of its own and asks for one function call a transfer."""
    pool = await asyncpg.create_pool(url, min_size=callers, max_size=callers)
    async with pool:
        await _fill_postgres(pool)

        async def act(number: int) -> None:
            source, target = _pair(number, hot=hot)
            await pool.fetchval("SELECT move($1, $2, 1)", source, target)

        await asyncio.gather(*(act(number) for number in range(callers)))
        before = await pool.fetchval("SELECT COUNT(*) FROM transfer")
        rate = await per_second(act, total=total, callers=callers)
        _check(tuple(await pool.fetchrow(SUMS)), before + total)
    return rate


async def _fill_postgres(pool: asyncpg.Pool) -> None:
    identity = "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
    for sql in TABLES:
        await pool.execute(sql.replace("{identity}", identity))
    await pool.execute(FUNCTION)
    await pool.execute(
        f"INSERT INTO account SELECT number, {START} FROM generate_series(1, {ACCOUNTS + 1}) number"
    )
    # Some history first: plans for empty tables would be kept, and be wrong.
    await pool.execute(
        f"SELECT move(2 + number % {ACCOUNTS - 1}, 3 + number % {ACCOUNTS - 2}, 1) "
        f"FROM generate_series(1, {HISTORY}) number WHERE 2 + number % {ACCOUNTS - 1} "
        f"<> 3 + number % {ACCOUNTS - 2}"
    )
    await pool.execute("ANALYZE")


def sqlite_per_second(file: Path, *, total: int, to_a_commit: int, hot: bool) -> float:
    """Statements by hand, without any thread between."""
    raw = sqlite3.connect(file, isolation_level=None)
    raw.execute("PRAGMA journal_mode = WAL")
    raw.execute("PRAGMA foreign_keys = ON")
    raw.execute("PRAGMA synchronous = FULL")
    for sql in TABLES:
        raw.execute(sql.replace("{identity}", "INTEGER PRIMARY KEY AUTOINCREMENT"))
    raw.executemany(
        "INSERT INTO account VALUES (?, ?, 0)",
        ((number, START) for number in range(1, ACCOUNTS + 2)),
    )
    raw.execute("ANALYZE")
    assert raw.execute("PRAGMA synchronous").fetchone() == (2,)
    started = time.perf_counter()
    for first in range(0, total, to_a_commit):
        raw.execute("BEGIN IMMEDIATE")
        for number in range(first, min(first + to_a_commit, total)):
            _move(raw, *_pair(number, hot=hot))
        raw.execute("COMMIT")
    rate = total / (time.perf_counter() - started)
    _check(raw.execute(SUMS).fetchone(), total)
    raw.close()
    return rate


def _move(raw: sqlite3.Connection, source: int, target: int) -> None:
    made = raw.execute(
        "INSERT INTO transfer (source_id, target_id, amount, made_at) VALUES (?, ?, 1, ?)",
        (source, target, "2026-11-27 00:00:00+00:00"),
    )
    for account, amount in ((source, -1), (target, 1)):
        [stands] = raw.execute(
            "UPDATE account SET balance = balance + ?, sequence = sequence + 1 "
            "WHERE id = ? AND balance + ? >= 0 RETURNING balance, sequence",
            (amount, account, amount),
        ).fetchall()
        raw.execute(
            "INSERT INTO entry VALUES (?, ?, ?, ?, ?)",
            (account, stands[1], made.lastrowid, amount, stands[0]),
        )


def _check(found: tuple[int, ...], transfers: int) -> None:
    assert found == (transfers, START * (ACCOUNTS + 1), 0), found
