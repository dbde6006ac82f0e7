"""Accounts of the books, and the service that fills them."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from points.ddl import append_only, ddl_migration, refuse, table

ID = "2026-11-22T00:00:02"
VERSION = "1.38.0"
DESCRIPTION = "accounts and service"

PERSONAL = "'member', 'member_minutes', 'arrears'"
SHARED = "'household', 'stairwell', 'redemption', 'activity', 'dispute', 'commons'"
UNTRACKED = "'issuer', 'redeemed', 'issuer_minutes'"

ACCOUNTS = [
    """CREATE TABLE book (
        id {identity},
        area_id BIGINT NOT NULL CONSTRAINT book_area UNIQUE
            REFERENCES area (id) ON DELETE RESTRICT,
        opened_at TIMESTAMPTZ NOT NULL
    )""",
    f"""CREATE TABLE account (
        id {{identity}},
        book_id BIGINT NOT NULL REFERENCES book (id) ON DELETE RESTRICT,
        kind VARCHAR(16) NOT NULL CONSTRAINT account_kind
            CHECK (kind IN ({PERSONAL}, {SHARED}, {UNTRACKED})),
        owner_id BIGINT NOT NULL DEFAULT 0,
        person_id BIGINT REFERENCES person (id) ON DELETE RESTRICT,
        unit VARCHAR(8) NOT NULL,
        tracked BOOLEAN NOT NULL,
        balance BIGINT NOT NULL DEFAULT 0,
        sequence BIGINT NOT NULL DEFAULT 0 CONSTRAINT account_sequence CHECK (sequence >= 0),
        CONSTRAINT account_once UNIQUE (book_id, kind, owner_id),
        CONSTRAINT account_unit CHECK (
            unit = CASE WHEN kind IN ('issuer_minutes', 'member_minutes')
                        THEN 'minutes' ELSE 'points' END
        ),
        CONSTRAINT account_tracked CHECK (tracked = (kind NOT IN ({UNTRACKED}))),
        CONSTRAINT account_person CHECK (
            (kind IN ({PERSONAL})) = (person_id IS NOT NULL)
            AND (person_id IS NULL OR person_id = owner_id)
        ),
        CONSTRAINT account_sign CHECK (
            CASE WHEN kind = 'arrears' THEN balance <= 0
                 WHEN tracked THEN balance >= 0
                 ELSE balance = 0 AND sequence = 0 END
        )
    )""",
    "CREATE INDEX account_of_person ON account (person_id)",
    """CREATE TABLE holding (
        account_id BIGINT NOT NULL REFERENCES account (id) ON DELETE RESTRICT,
        vintage DATE NOT NULL,
        points BIGINT NOT NULL CONSTRAINT holding_points CHECK (points >= 0),
        PRIMARY KEY (account_id, vintage),
        CONSTRAINT holding_vintage CHECK ({month_end})
    )""",
    """CREATE TABLE route (
        id SMALLINT PRIMARY KEY,
        kind VARCHAR(16) NOT NULL,
        unit VARCHAR(8) NOT NULL,
        source_kind VARCHAR(16) NOT NULL,
        target_kind VARCHAR(16) NOT NULL,
        CONSTRAINT route_once UNIQUE (kind, unit, source_kind, target_kind)
    )""",
]

SERVICE = [
    """CREATE TABLE policy_version (
        id {identity},
        book_id BIGINT NOT NULL REFERENCES book (id) ON DELETE RESTRICT,
        number INTEGER NOT NULL CONSTRAINT policy_number CHECK (number >= 1),
        effective_from DATE NOT NULL,
        terms TEXT NOT NULL,
        adopted_on DATE NOT NULL,
        adopted_by_body VARCHAR(120) NOT NULL,
        votes_for INTEGER NOT NULL CONSTRAINT policy_votes_for CHECK (votes_for >= 0),
        votes_against INTEGER NOT NULL CONSTRAINT policy_votes_against CHECK (votes_against >= 0),
        votes_abstained INTEGER NOT NULL
            CONSTRAINT policy_votes_abstained CHECK (votes_abstained >= 0),
        recorded_by BIGINT REFERENCES person (id) ON DELETE RESTRICT,
        recorded_at TIMESTAMPTZ NOT NULL,
        CONSTRAINT policy_number_once UNIQUE (book_id, number),
        CONSTRAINT policy_date_once UNIQUE (book_id, effective_from),
        CONSTRAINT policy_first_of_month CHECK ({first_of_month}),
        CONSTRAINT policy_adopted CHECK (votes_for > votes_against)
    )""",
    """CREATE TABLE occasion (
        id {identity},
        book_id BIGINT NOT NULL REFERENCES book (id) ON DELETE RESTRICT,
        area_id BIGINT NOT NULL REFERENCES area (id) ON DELETE RESTRICT,
        title VARCHAR(120) NOT NULL CONSTRAINT occasion_title CHECK (title <> ''),
        category VARCHAR(32) NOT NULL,
        activity_class VARCHAR(16) NOT NULL CONSTRAINT occasion_class
            CHECK (activity_class IN ('interest', 'governance')),
        place VARCHAR(200) NOT NULL DEFAULT '',
        starts_at TIMESTAMPTZ NOT NULL,
        ends_at TIMESTAMPTZ NOT NULL,
        leader_id BIGINT NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
        created_by BIGINT NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
        created_at TIMESTAMPTZ NOT NULL,
        import_key VARCHAR(64) CONSTRAINT occasion_import_key UNIQUE,
        cancelled_at TIMESTAMPTZ,
        CONSTRAINT occasion_span CHECK (ends_at > starts_at)
    )""",
    "CREATE INDEX occasion_when ON occasion (area_id, starts_at)",
    "CREATE INDEX occasion_of_book ON occasion (book_id, starts_at)",
    """CREATE TABLE service_record (
        id {identity},
        occasion_id BIGINT NOT NULL REFERENCES occasion (id) ON DELETE RESTRICT,
        person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
        book_id BIGINT NOT NULL REFERENCES book (id) ON DELETE RESTRICT,
        started_at TIMESTAMPTZ NOT NULL,
        service_date DATE NOT NULL,
        minutes INTEGER NOT NULL CONSTRAINT record_minutes CHECK (minutes BETWEEN 1 AND 1440),
        source VARCHAR(16) NOT NULL CONSTRAINT record_source
            CHECK (source IN ('self', 'roll_call', 'import')),
        backfilled BOOLEAN NOT NULL DEFAULT FALSE,
        needs_steward BOOLEAN NOT NULL DEFAULT FALSE,
        note VARCHAR(500) NOT NULL DEFAULT '',
        logged_by BIGINT NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
        logged_at TIMESTAMPTZ NOT NULL,
        state VARCHAR(16) NOT NULL DEFAULT 'logged' CONSTRAINT record_state
            CHECK (state IN ('logged', 'confirmed', 'refused', 'withdrawn', 'voided')),
        policy_version_id BIGINT REFERENCES policy_version (id) ON DELETE RESTRICT,
        exact BIGINT NOT NULL DEFAULT 0 CONSTRAINT record_exact CHECK (exact >= 0),
        decided_by BIGINT REFERENCES person (id) ON DELETE RESTRICT,
        decided_at TIMESTAMPTZ,
        decision_reason VARCHAR(300) NOT NULL DEFAULT '',
        voided_by BIGINT REFERENCES person (id) ON DELETE RESTRICT,
        voided_at TIMESTAMPTZ,
        void_reason VARCHAR(300) NOT NULL DEFAULT '',
        CONSTRAINT record_not_own CHECK (decided_by <> person_id),
        CONSTRAINT record_second_person CHECK (decided_by <> logged_by),
        CONSTRAINT record_void_not_own CHECK (voided_by <> person_id),
        CONSTRAINT record_decided CHECK (
            (state IN ('confirmed', 'refused', 'voided'))
            = (decided_by IS NOT NULL AND decided_at IS NOT NULL)
        ),
        CONSTRAINT record_voided CHECK (
            (state = 'voided') = (voided_by IS NOT NULL AND voided_at IS NOT NULL)
        ),
        CONSTRAINT record_policy CHECK (
            state NOT IN ('confirmed', 'voided') OR policy_version_id IS NOT NULL
        )
    )""",
    "CREATE UNIQUE INDEX record_once ON service_record (occasion_id, person_id) "
    "WHERE state IN ('logged', 'confirmed')",
    "CREATE INDEX record_of_person ON service_record (person_id, id)",
    "CREATE INDEX record_of_day ON service_record (person_id, service_date)",
    "CREATE INDEX record_waiting ON service_record (book_id, id) WHERE state = 'logged'",
    "CREATE INDEX record_of_occasion ON service_record (occasion_id, id)",
    """CREATE TABLE earning (
        person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
        book_id BIGINT NOT NULL REFERENCES book (id) ON DELETE RESTRICT,
        period VARCHAR(8) NOT NULL CONSTRAINT earning_period
            CHECK (period IN ('day', 'month', 'year', 'all')),
        starts_on DATE NOT NULL,
        exact BIGINT NOT NULL CONSTRAINT earning_exact CHECK (exact >= 0),
        awarded BIGINT NOT NULL DEFAULT 0,
        PRIMARY KEY (person_id, book_id, period, starts_on),
        CONSTRAINT earning_awarded CHECK (
            awarded >= 0 AND awarded * 6000 <= exact OR period <> 'all' AND awarded = 0
        )
    )""",
]

FROZEN = (
    "NEW.person_id <> OLD.person_id OR NEW.occasion_id <> OLD.occasion_id "
    "OR NEW.book_id <> OLD.book_id OR NEW.minutes <> OLD.minutes "
    "OR NEW.started_at <> OLD.started_at OR NEW.service_date <> OLD.service_date "
    "OR NEW.logged_by <> OLD.logged_by OR NEW.logged_at <> OLD.logged_at "
    "OR NEW.source <> OLD.source OR NEW.backfilled <> OLD.backfilled "
    "OR NEW.needs_steward <> OLD.needs_steward"
)
# What was decided stays, with its policy and its worth, also when the record is voided later.
DECIDED = (
    "OLD.state <> 'logged' AND (NEW.exact <> OLD.exact "
    "OR COALESCE(NEW.decided_by, 0) <> COALESCE(OLD.decided_by, 0) "
    "OR COALESCE(NEW.policy_version_id, 0) <> COALESCE(OLD.policy_version_id, 0) "
    "OR NEW.decision_reason <> OLD.decision_reason)"
)
STEP = (
    "NEW.state <> OLD.state AND NOT ("
    "(OLD.state = 'logged' AND NEW.state IN ('confirmed', 'refused', 'withdrawn')) "
    "OR (OLD.state = 'confirmed' AND NEW.state = 'voided'))"
)
WRONG_CONFIRMER = (
    "NEW.state = 'confirmed' AND ("
    "EXISTS (SELECT 1 FROM guardian g WHERE g.child_id = NEW.person_id "
    "AND g.guardian_id = NEW.decided_by AND (g.until IS NULL OR g.until > NEW.service_date)) OR "
    "EXISTS (SELECT 1 FROM occasion o WHERE o.id = NEW.occasion_id "
    "AND o.created_by = NEW.decided_by) "
    "OR EXISTS (SELECT 1 FROM person a, person b WHERE a.id = NEW.person_id "
    "AND b.id = NEW.decided_by AND a.household_id = b.household_id))"
)
CONFIRMER = f"OLD.state = 'logged' AND {WRONG_CONFIRMER}"
OTHER_BOOK = (
    "EXISTS (SELECT 1 FROM occasion o WHERE o.id = NEW.occasion_id AND o.book_id <> NEW.book_id) "
    "OR EXISTS (SELECT 1 FROM policy_version p WHERE p.id = NEW.policy_version_id "
    "AND p.book_id <> NEW.book_id)"
)
# What a confirmed record is worth depends on these, so they stay once anybody served.
OCCASION_FROZEN = (
    "NEW.created_by <> OLD.created_by OR (EXISTS (SELECT 1 FROM service_record r "
    "WHERE r.occasion_id = OLD.id AND r.state IN ('logged', 'confirmed', 'voided')) "
    "AND (NEW.book_id <> OLD.book_id OR NEW.area_id <> OLD.area_id "
    "OR NEW.category <> OLD.category OR NEW.activity_class <> OLD.activity_class "
    "OR NEW.starts_at <> OLD.starts_at OR NEW.ends_at <> OLD.ends_at "
    "OR NEW.leader_id <> OLD.leader_id))"
)

# (trigger, table, event, condition, message)
REFUSALS = [
    (
        "record_frozen",
        "service_record",
        "UPDATE",
        FROZEN,
        "a service record's person, minutes and day are never edited",
    ),
    (
        "record_decided_once",
        "service_record",
        "UPDATE",
        DECIDED,
        "a decision on a service record is never edited",
    ),
    (
        "record_step",
        "service_record",
        "UPDATE",
        STEP,
        "this service record cannot go from that state to this one",
    ),
    (
        "record_confirmer",
        "service_record",
        "UPDATE",
        CONFIRMER,
        "the confirmer created the occasion, shares the household or is a guardian",
    ),
    (
        "record_confirmer_born",
        "service_record",
        "INSERT",
        WRONG_CONFIRMER,
        "the confirmer created the occasion, shares the household or is a guardian",
    ),
    (
        "record_book",
        "service_record",
        "UPDATE",
        OTHER_BOOK,
        "a service record belongs to the book of its occasion and its policy",
    ),
    (
        "record_book_born",
        "service_record",
        "INSERT",
        OTHER_BOOK,
        "a service record belongs to the book of its occasion and its policy",
    ),
    ("record_kept", "service_record", "DELETE", "TRUE", "a service record is never deleted"),
    (
        "occasion_frozen",
        "occasion",
        "UPDATE",
        OCCASION_FROZEN,
        "an occasion keeps its time, category and leader once anybody served",
    ),
]


def statements(engine_type: str) -> list[str]:
    """The DDL of this migration, in order."""
    first = {
        "sqlite": "strftime('%d', effective_from) = '01'",
        "postgres": "EXTRACT(DAY FROM effective_from) = 1",
    }[engine_type]
    month_end = {
        "sqlite": "strftime('%d', vintage, '+1 day') = '01'",
        "postgres": "EXTRACT(DAY FROM vintage + 1) = 1",
    }[engine_type]
    tables = [
        sql.replace("{first_of_month}", first).replace("{month_end}", month_end)
        for sql in ACCOUNTS + SERVICE
    ]
    created = [table(engine_type, sql) for sql in tables]
    for name, guarded, event, when, message in REFUSALS:
        created += refuse(
            engine_type, name=name, table=guarded, event=event, when=when, message=message
        )
    return created + append_only(engine_type, "policy_version")


async def forwards() -> MigrationManager:
    """Create the tables."""
    return ddl_migration(ID, "points", DESCRIPTION, statements)
