"""On PostgreSQL the guards of the books look at all rows of a statement at once.

A trigger for each row costs a call, and each of its questions a plan to be started; five hundred
awards took more than ten thousand of them.  Who is refused, and under which name, stays what it
was.  SQLite knows no triggers of statements, and its own cost next to nothing.
"""

from collections.abc import Iterable

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from points.ddl import ddl_migration, refuse_broken
from points.piccolo_migrations import (
    points_2026_11_22t00_00_02_books as books,
)
from points.piccolo_migrations import (
    points_2026_11_22t00_00_03_postings as postings,
)
from points.piccolo_migrations import (
    points_2026_11_22t00_00_05_expiry as expiry,
)
from points.piccolo_migrations import (
    points_2026_11_27t00_00_07_pools as pools,
)

ID = "2026-11-28T00:00:31"
VERSION = "1.38.0"
DESCRIPTION = "guards of statements"

DAYS = {"day": expiry.DAY["postgres"], "day_before": expiry.DAY_BEFORE["postgres"]}
# A plan is kept for as long as a connection lives.  Made for tables that are small on that day,
# or for the many rows of one statement, it would read all of a table that has grown since.
BY_INDEX = "SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off"
HASHED = "SET enable_seqscan = off SET enable_nestloop = off SET enable_hashjoin = on"


def _known() -> dict[str, tuple[str, str]]:
    """(condition, message) by the name of the rule, as earlier migrations have them."""
    known = {name: (when, text) for name, _, _, when, text in books.REFUSALS}
    for name, _, _, when, text, _ in [*postings.REFUSALS, *pools.REFUSALS]:
        known[name] = (when.replace("{day_before}", DAYS["day_before"]), text)
    for name, when, text in expiry.REFUSALS:
        known[name] = (when.format(**DAYS), text)
    late = postings.NOT_A_MONTHS_END["postgres"]
    return known | {"transfer_vintage": (late, "a vintage is the last day of a month")}


KNOWN = _known()


def _rows(name: str, row: str = "n") -> str:
    """The condition of a rule over ``row``, which was ``o`` before."""
    return KNOWN[name][0].replace("NEW.", f"{row}.").replace("OLD.", "o.")


def _messages(*names: str) -> str:
    return refuse_broken((name, KNOWN[name][1]) for name in names)


def _unchained(side: str, sign: str, row: str) -> str:
    """Whether the entry is not the only one of its number, or does not follow the one before."""
    account, number, balance = (f"{row}.{side}_{what}" for what in ("id", "sequence", "balance"))
    near = " UNION ALL ".join(
        f"SELECT {other}_sequence AS number, {other}_balance AS balance FROM transfer "
        f"WHERE {other}_id = {account} AND {other}_sequence BETWEEN {number} - 1 AND {number}"
        for other in ("source", "target")
    )
    return (
        f"{number} IS NOT NULL AND (SELECT COUNT(*) FILTER (WHERE e.number = {number}) <> 1 "
        f"OR CASE WHEN {number} = 1 THEN 0 ELSE MAX(e.balance) FILTER "
        f"(WHERE e.number = {number} - 1) END {sign} {row}.amount IS DISTINCT FROM {balance} "
        f"FROM ({near}) AS e)"
    )


# What an award can break, for all rows at once; and whether there is anything else.
LOOK = f"""
    SELECT MIN(CASE
        WHEN p.kind IN ('award', 'recount') AND (COALESCE(s.person_id, e.person_id) <> e.person_id
            OR COALESCE(t.person_id, e.person_id) <> e.person_id OR e.book_id <> p.book_id
            OR t.kind = 'member_minutes' AND a.amount <> e.minutes) THEN 'award_as_served'
        WHEN {_unchained("target", "+", "a")} THEN 'transfer_chained'
        WHEN (r.kind = p.kind AND s.kind = r.source_kind AND t.kind = r.target_kind
            AND s.unit = r.unit AND t.unit = r.unit
            AND s.book_id = p.book_id AND t.book_id = p.book_id
            AND s.tracked = (a.source_sequence IS NOT NULL)
            AND t.tracked = (a.target_sequence IS NOT NULL)
            AND (a.vintage IS NOT NULL)
                = (r.unit = 'points' AND s.kind <> 'arrears' AND t.kind <> 'arrears')
            AND CASE WHEN s.kind = 'arrears' THEN a.source_balance <= 0
                     ELSE COALESCE(a.source_balance, 0) >= 0 END
            AND CASE WHEN t.kind = 'arrears' THEN a.target_balance <= 0
                     ELSE COALESCE(a.target_balance, 0) >= 0 END
            ) IS NOT TRUE THEN 'transfer_on_route'
        WHEN {_rows("transfer_vintage", "a")} THEN 'transfer_vintage' END),
        bool_or(p.kind <> 'award' OR a.source_sequence IS NOT NULL)
    INTO broken, others
    FROM added a LEFT JOIN posting p ON p.id = a.posting_id
    LEFT JOIN service_record e ON e.id = p.service_record_id
    LEFT JOIN route r ON r.id = a.route_id
    LEFT JOIN account s ON s.id = a.source_id LEFT JOIN account t ON t.id = a.target_id;
"""
# (rule, the moves that it is about): by the kind of the posting and of both accounts.
ELSEWHERE = (
    ("transfer_alive", "move IN ('pool', 'donate')"),
    ("transfer_by_pool_member", "source = 'household'"),
    ("transfer_disputed", "'dispute' IN (source, target)"),
    ("transfer_expired", "move = 'expire'"),
    ("transfer_in_time", "move = 'hold'"),
    ("transfer_of_pool", "move = 'pool'"),
    ("grant_as_decided", "move = 'grant'"),
    ("reversal_bound", "move = 'reversal'"),
)
OF_ROWS = ("award_as_served", "transfer_chained", "transfer_on_route", "transfer_vintage")
OF_ACCOUNT = ("account_as_entered", "account_shared")
# Counted, not looked for with EXISTS: that could be planned as a hash of all entries there are.
AS_ENTERED = """n.sequence < o.sequence
        OR (n.balance <> o.balance OR n.sequence <> o.sequence) AND (
            (SELECT COUNT(*) FROM transfer e WHERE e.target_id = n.id
                AND e.target_sequence = n.sequence AND e.target_balance = n.balance) = 0
            AND (SELECT COUNT(*) FROM transfer e WHERE e.source_id = n.id
                AND e.source_sequence = n.sequence AND e.source_balance = n.balance) = 0
            OR n.kind NOT IN ('arrears', 'member_minutes') AND n.balance <>
                (SELECT COALESCE(SUM(h.points), 0) FROM holding h WHERE h.account_id = n.id))"""


def _transfers() -> str:
    rules = "\n            ".join(
        f"IF {asked} THEN IF ({_rows(name)}) THEN broken := '{name}'; EXIT; END IF; END IF;"
        for name, asked in ELSEWHERE
    )
    return _trigger_function(
        "transfer_guarded",
        "DECLARE broken TEXT; others BOOLEAN; n transfer; move TEXT; source TEXT; target TEXT;",
        f"""{LOOK}
    IF broken IS NULL AND others THEN
        FOR n IN SELECT * FROM added LOOP
            IF {_unchained("source", "-", "n")} THEN broken := 'transfer_chained'; EXIT; END IF;
            SELECT p.kind, s.kind, t.kind INTO move, source, target
            FROM posting p, account s, account t
            WHERE p.id = n.posting_id AND s.id = n.source_id AND t.id = n.target_id;
            {rules}
        END LOOP;
    END IF;
    {_messages(*OF_ROWS, *(name for name, _ in ELSEWHERE))}
    RETURN NULL;""",
        BY_INDEX,
    )


def _accounts() -> str:
    return _trigger_function(
        "account_guarded",
        "DECLARE broken TEXT; shared BOOLEAN;",
        f"""
    SELECT MIN(CASE WHEN {AS_ENTERED} THEN 'account_as_entered' END),
        bool_or(n.kind = 'household')
    INTO broken, shared FROM kept n JOIN was o ON o.id = n.id;
    IF broken IS NULL AND shared THEN
        SELECT MIN('account_shared') INTO broken
        FROM kept n JOIN was o ON o.id = n.id WHERE {_rows("account_shared")};
    END IF;
    {_messages(*OF_ACCOUNT)}
    RETURN NULL;""",
        HASHED,
    )


# As one value each, which no plan can turn into a hash of everybody.
CONFIRMED_WRONGLY = """o.state = 'logged' AND n.state = 'confirmed' AND (
            (SELECT COUNT(*) FROM guardian g WHERE g.child_id = n.person_id
                AND g.guardian_id = n.decided_by
                AND (g.until IS NULL OR g.until > n.service_date)) > 0
            OR (SELECT c.created_by FROM occasion c WHERE c.id = n.occasion_id) = n.decided_by
            OR (SELECT a.household_id FROM person a WHERE a.id = n.person_id)
                = (SELECT b.household_id FROM person b WHERE b.id = n.decided_by))"""
OTHER_BOOK = """(SELECT c.book_id FROM occasion c WHERE c.id = n.occasion_id) <> n.book_id
            OR (SELECT p.book_id FROM policy_version p WHERE p.id = n.policy_version_id)
                <> n.book_id"""


def _records() -> str:
    return _trigger_function(
        "record_guarded",
        "DECLARE broken TEXT;",
        f"""
    SELECT MIN(CASE WHEN {OTHER_BOOK} THEN 'record_book'
        WHEN {CONFIRMED_WRONGLY} THEN 'record_confirmer' END)
    INTO broken FROM kept n JOIN was o ON o.id = n.id;
    {_messages("record_book", "record_confirmer")}
    RETURN NULL;""",
        HASHED,
    )


# What a row must be for a rule to be asked: a question of its own would have to be started first.
ASKED = {
    "award_evidence": "NEW.kind = 'award'",
    "grant_evidence": "NEW.kind = 'grant'",
    "account_owner": "NEW.kind IN ('household', 'stairwell', 'dispute')",
}


def _each(function: str, *names: str) -> str:
    """A function of a row trigger that asks one rule after the other."""
    rules = " ".join(
        f"IF {ASKED.get(name, 'TRUE')} THEN IF ({KNOWN[name][0]}) THEN broken := '{name}'; "
        f"{_messages(name)} END IF; END IF;"
        for name in names
    )
    return _trigger_function(function, "DECLARE broken TEXT;", f"{rules} RETURN NEW;", "")


def _trigger_function(name: str, declared: str, body: str, settings: str) -> str:
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql {settings} AS $$ "
        f"{declared} BEGIN {body} END $$"
    )


BOTH = "REFERENCING OLD TABLE AS was NEW TABLE AS kept"
SAME = "id, book_id, kind, owner_id, unit, tracked"
# (trigger, table, moment and event, rows, function): what stands instead.
INSTEAD = [
    ("transfer_guarded", "transfer", "AFTER INSERT", "REFERENCING NEW TABLE AS added"),
    ("account_guarded", "account", "AFTER UPDATE", BOTH),
    ("record_guarded", "service_record", "AFTER UPDATE", BOTH),
]
OF_RECORD = ("record_frozen", "record_decided_once", "record_step")


def statements(engine_type: str) -> list[str]:
    """The DDL of this migration, in order."""
    if engine_type == "sqlite":
        return []
    return [
        *_dropped("transfer", *OF_ROWS, *(name for name, _ in ELSEWHERE)),
        *_dropped("account", *OF_ACCOUNT, "account_same", "account_owner"),
        *_dropped("account", "account_empty_at_first"),
        *_dropped("posting", "award_evidence", "grant_evidence"),
        *_dropped("service_record", *OF_RECORD, "record_confirmer", "record_book"),
        _transfers(),
        _accounts(),
        _records(),
        *(
            f"CREATE TRIGGER {name} {event} ON {table} {rows} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
            for name, table, event, rows in INSTEAD
        ),
        _each("account_same", "account_same"),
        "CREATE TRIGGER account_same BEFORE UPDATE OF "
        f"{SAME} ON account FOR EACH ROW EXECUTE FUNCTION account_same()",
        *_by_row("account_opened", "account", "INSERT", "account_empty_at_first", "account_owner"),
        *_by_row("posting_evident", "posting", "INSERT", "award_evidence", "grant_evidence"),
        *_by_row("record_kept_whole", "service_record", "UPDATE", *OF_RECORD),
        # Room for the next state of a row beside the last one, so that no index has to be told.
        "ALTER TABLE account SET (fillfactor = 60)",
        "ALTER TABLE holding SET (fillfactor = 60)",
        "ALTER TABLE earning SET (fillfactor = 60)",
    ]


def _dropped(table: str, *names: str) -> Iterable[str]:
    for name in names:
        yield f"DROP TRIGGER {name} ON {table}"
        yield f"DROP FUNCTION {name}()"


def _by_row(name: str, table: str, event: str, *rules: str) -> Iterable[str]:
    yield _each(name, *rules)
    yield (
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
    )


async def forwards() -> MigrationManager:
    """Replace the guards."""
    return ddl_migration(ID, "points", DESCRIPTION, statements)
