"""What points are for: catalogue, stock, redemptions, votes; notices and leases of jobs."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from points.ddl import append_only, ddl_migration, refuse, table

ID = "2026-11-22T00:00:04"
VERSION = "1.38.0"
DESCRIPTION = "rewards, notices and jobs"

CATALOGUE = [
    """CREATE TABLE reward_item (
        id {identity},
        book_id BIGINT NOT NULL REFERENCES book (id) ON DELETE RESTRICT,
        name VARCHAR(80) NOT NULL CONSTRAINT item_name CHECK (name <> ''),
        kind VARCHAR(16) NOT NULL CONSTRAINT item_kind
            CHECK (kind IN ('goods', 'service', 'thanks')),
        description VARCHAR(500) NOT NULL DEFAULT '',
        price INTEGER NOT NULL CONSTRAINT item_price CHECK (price BETWEEN 0 AND 100000),
        sponsor VARCHAR(80) NOT NULL DEFAULT '',
        icon VARCHAR(32) NOT NULL DEFAULT 'gift',
        audience VARCHAR(16) NOT NULL DEFAULT 'all' CONSTRAINT item_audience
            CHECK (audience IN ('all', 'adults', 'elders')),
        monthly_limit INTEGER NOT NULL DEFAULT 2
            CONSTRAINT item_limit CHECK (monthly_limit BETWEEN 1 AND 100),
        state VARCHAR(16) NOT NULL DEFAULT 'draft' CONSTRAINT item_state
            CHECK (state IN ('draft', 'adopted', 'retired')),
        drafted_by BIGINT NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
        drafted_at TIMESTAMPTZ NOT NULL,
        adopted_by BIGINT REFERENCES person (id) ON DELETE RESTRICT,
        adopted_at TIMESTAMPTZ,
        retired_at TIMESTAMPTZ,
        CONSTRAINT item_second_person CHECK (adopted_by <> drafted_by),
        CONSTRAINT item_adopted CHECK (state = 'draft' OR adopted_by IS NOT NULL
            OR (state = 'retired' AND adopted_at IS NULL))
    )""",
    "CREATE INDEX item_of_book ON reward_item (book_id, state, price)",
    """CREATE TABLE item_photo (
        item_id BIGINT PRIMARY KEY REFERENCES reward_item (id) ON DELETE RESTRICT,
        media_type VARCHAR(32) NOT NULL,
        content {bytes} NOT NULL,
        digest VARCHAR(64) NOT NULL
    )""",
    """CREATE TABLE stock (
        item_id BIGINT PRIMARY KEY REFERENCES reward_item (id) ON DELETE RESTRICT,
        received INTEGER NOT NULL DEFAULT 0,
        in_store INTEGER NOT NULL DEFAULT 0 CONSTRAINT stock_in_store CHECK (in_store >= 0),
        reserved INTEGER NOT NULL DEFAULT 0 CONSTRAINT stock_reserved CHECK (reserved >= 0),
        handed_out INTEGER NOT NULL DEFAULT 0 CONSTRAINT stock_handed_out CHECK (handed_out >= 0),
        lost INTEGER NOT NULL DEFAULT 0 CONSTRAINT stock_lost CHECK (lost >= 0),
        CONSTRAINT stock_adds_up CHECK (received = in_store + reserved + handed_out + lost)
    )""",
    """CREATE TABLE stock_move (
        id {identity},
        item_id BIGINT NOT NULL REFERENCES reward_item (id) ON DELETE RESTRICT,
        kind VARCHAR(16) NOT NULL CONSTRAINT stock_move_kind CHECK (
            kind IN ('receive', 'reserve', 'unreserve', 'hand_out', 'take_back', 'lose')
        ),
        quantity INTEGER NOT NULL CONSTRAINT stock_move_quantity CHECK (quantity > 0),
        redemption_id BIGINT,
        reason VARCHAR(200) NOT NULL DEFAULT '',
        actor_id BIGINT REFERENCES person (id) ON DELETE RESTRICT,
        moved_at TIMESTAMPTZ NOT NULL
    )""",
    "CREATE INDEX stock_move_of ON stock_move (item_id, id)",
]

REDEMPTIONS = [
    """CREATE TABLE redemption (
        id {identity},
        book_id BIGINT NOT NULL REFERENCES book (id) ON DELETE RESTRICT,
        item_id BIGINT NOT NULL REFERENCES reward_item (id) ON DELETE RESTRICT,
        person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
        requested_by BIGINT NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
        item_name VARCHAR(80) NOT NULL,
        price INTEGER NOT NULL CONSTRAINT redemption_price CHECK (price >= 0),
        quorum INTEGER NOT NULL CONSTRAINT redemption_quorum CHECK (quorum BETWEEN 2 AND 20),
        state VARCHAR(16) NOT NULL DEFAULT 'requested' CONSTRAINT redemption_state CHECK (
            state IN ('requested', 'approved', 'refused', 'cancelled', 'uncollected',
                      'handed_over', 'returned')
        ),
        requested_at TIMESTAMPTZ NOT NULL,
        decide_by TIMESTAMPTZ NOT NULL,
        escalated_at TIMESTAMPTZ,
        decided_at TIMESTAMPTZ,
        pickup_digest VARCHAR(64) CONSTRAINT redemption_pickup UNIQUE,
        collect_by TIMESTAMPTZ,
        closed_at TIMESTAMPTZ,
        handed_over_by BIGINT REFERENCES person (id) ON DELETE RESTRICT,
        collected_by VARCHAR(80) NOT NULL DEFAULT '',
        returned_by BIGINT REFERENCES person (id) ON DELETE RESTRICT,
        close_reason VARCHAR(300) NOT NULL DEFAULT '',
        CONSTRAINT redemption_not_own_hand CHECK (handed_over_by <> person_id),
        CONSTRAINT redemption_not_proxy_hand CHECK (handed_over_by <> requested_by),
        CONSTRAINT redemption_return_second CHECK (returned_by <> handed_over_by),
        CONSTRAINT redemption_handed CHECK (
            (state IN ('handed_over', 'returned')) = (handed_over_by IS NOT NULL)
        ),
        CONSTRAINT redemption_returned CHECK ((state = 'returned') = (returned_by IS NOT NULL)),
        CONSTRAINT redemption_collect CHECK (state <> 'approved' OR collect_by IS NOT NULL)
    )""",
    "CREATE INDEX redemption_of_person ON redemption (person_id, id)",
    "CREATE INDEX redemption_queue ON redemption (book_id, id) WHERE state = 'requested'",
    "CREATE INDEX redemption_store ON redemption (book_id, collect_by) WHERE state = 'approved'",
    "CREATE INDEX redemption_due ON redemption (decide_by) WHERE state = 'requested'",
    "CREATE INDEX redemption_of_item ON redemption (item_id, person_id, requested_at)",
    """CREATE TABLE committee_vote (
        id {identity},
        redemption_id BIGINT NOT NULL REFERENCES redemption (id) ON DELETE RESTRICT,
        member_id BIGINT NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
        choice VARCHAR(16) NOT NULL CONSTRAINT vote_choice
            CHECK (choice IN ('approve', 'refuse', 'recuse')),
        reason VARCHAR(300) NOT NULL DEFAULT '',
        voted_at TIMESTAMPTZ NOT NULL,
        CONSTRAINT vote_once UNIQUE (redemption_id, member_id),
        CONSTRAINT vote_reason CHECK (choice = 'approve' OR reason <> '')
    )""",
    """CREATE TABLE stand_in (
        redemption_id BIGINT NOT NULL REFERENCES redemption (id) ON DELETE RESTRICT,
        person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
        appointed_by BIGINT NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
        appointed_at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (redemption_id, person_id),
        CONSTRAINT stand_in_not_self CHECK (appointed_by <> person_id)
    )""",
]

NOTICES = [
    """CREATE TABLE notice (
        id {identity},
        person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
        kind VARCHAR(32) NOT NULL,
        facts TEXT NOT NULL,
        path VARCHAR(200) NOT NULL,
        dedup_key VARCHAR(120) CONSTRAINT notice_once UNIQUE,
        created_at TIMESTAMPTZ NOT NULL,
        read_at TIMESTAMPTZ,
        email_state VARCHAR(8) NOT NULL DEFAULT 'none' CONSTRAINT notice_email
            CHECK (email_state IN ('none', 'due', 'sent', 'failed')),
        email_tries INTEGER NOT NULL DEFAULT 0,
        email_at TIMESTAMPTZ
    )""",
    "CREATE INDEX notice_of ON notice (person_id, id)",
    "CREATE INDEX notice_unread ON notice (person_id) WHERE read_at IS NULL",
    "CREATE INDEX notice_due ON notice (id) WHERE email_state = 'due'",
    """CREATE TABLE email_address (
        person_id BIGINT PRIMARY KEY REFERENCES person (id) ON DELETE RESTRICT,
        address VARCHAR(200) NOT NULL,
        confirmed_at TIMESTAMPTZ
    )""",
    """CREATE TABLE job_lease (
        name VARCHAR(32) PRIMARY KEY,
        owner VARCHAR(64) NOT NULL,
        until TIMESTAMPTZ NOT NULL,
        last_slot BIGINT NOT NULL
    )""",
]

# Nobody decides on her own request, on one of her household, or on one she made for another.
VOTER_INVOLVED = (
    "NEW.choice <> 'recuse' AND EXISTS (SELECT 1 FROM redemption r "
    "JOIN person p ON p.id = r.person_id JOIN person m ON m.id = NEW.member_id "
    "WHERE r.id = NEW.redemption_id AND (r.person_id = m.id OR r.requested_by = m.id "
    "OR p.household_id = m.household_id))"
)
VOTE_LATE = (
    "NOT EXISTS (SELECT 1 FROM redemption r "
    "WHERE r.id = NEW.redemption_id AND r.state = 'requested')"
)
WITHOUT_QUORUM = (
    "NEW.state = 'approved' AND OLD.state = 'requested' AND (SELECT COUNT(*) FROM committee_vote v "
    "WHERE v.redemption_id = NEW.id AND v.choice = 'approve') < OLD.quorum"
)
STEP = (
    "NEW.state <> OLD.state AND NOT ("
    "(OLD.state = 'requested' AND NEW.state IN ('approved', 'refused', 'cancelled')) "
    "OR (OLD.state = 'approved' AND NEW.state IN ('handed_over', 'uncollected', 'cancelled')) "
    "OR (OLD.state = 'handed_over' AND NEW.state = 'returned'))"
)
VOTER_HANDS_OVER = (
    "NEW.state = 'handed_over' AND OLD.state = 'approved' AND EXISTS ("
    "SELECT 1 FROM committee_vote v WHERE v.redemption_id = NEW.id "
    "AND v.member_id = NEW.handed_over_by AND v.choice = 'approve')"
)
FROZEN = (
    "NEW.person_id <> OLD.person_id OR NEW.item_id <> OLD.item_id OR NEW.price <> OLD.price "
    "OR NEW.quorum <> OLD.quorum OR NEW.book_id <> OLD.book_id "
    "OR NEW.requested_by <> OLD.requested_by"
)

# (trigger, table, event, condition, message)
REFUSALS = [
    (
        "vote_not_involved",
        "committee_vote",
        "INSERT",
        VOTER_INVOLVED,
        "nobody decides on a request of her own or of her household",
    ),
    ("vote_in_time", "committee_vote", "INSERT", VOTE_LATE, "the request is decided already"),
    ("approval_quorum", "redemption", "UPDATE", WITHOUT_QUORUM, "the quorum has not approved"),
    ("redemption_step", "redemption", "UPDATE", STEP, "a redemption cannot go that way"),
    (
        "redemption_frozen",
        "redemption",
        "UPDATE",
        FROZEN,
        "who asked for what at which price is never edited",
    ),
    (
        "hand_over_second",
        "redemption",
        "UPDATE",
        VOTER_HANDS_OVER,
        "whoever approved does not hand over",
    ),
    ("redemption_kept", "redemption", "DELETE", "TRUE", "a redemption is never deleted"),
]


def statements(engine_type: str) -> list[str]:
    """The DDL of this migration, in order."""
    content = {"sqlite": "BLOB", "postgres": "BYTEA"}[engine_type]
    tables = [sql.replace("{bytes}", content) for sql in CATALOGUE + REDEMPTIONS + NOTICES]
    created = [table(engine_type, sql) for sql in tables]
    for name, on, event, when, message in REFUSALS:
        created += refuse(engine_type, name=name, table=on, event=event, when=when, message=message)
    return [
        *created,
        *append_only(engine_type, "committee_vote"),
        *append_only(engine_type, "stock_move"),
        *append_only(engine_type, "stand_in"),
    ]


async def forwards() -> MigrationManager:
    """Create the tables."""
    return ddl_migration(ID, "points", DESCRIPTION, statements)
