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
        cancelled_by BIGINT REFERENCES person (id) ON DELETE RESTRICT,
        pickup_digest VARCHAR(64) CONSTRAINT redemption_pickup UNIQUE,
        collect_by TIMESTAMPTZ,
        closed_at TIMESTAMPTZ,
        handed_over_by BIGINT REFERENCES person (id) ON DELETE RESTRICT,
        handed_over_at TIMESTAMPTZ,
        collected_by VARCHAR(80) NOT NULL DEFAULT '',
        returned_by BIGINT REFERENCES person (id) ON DELETE RESTRICT,
        close_reason VARCHAR(300) NOT NULL DEFAULT '',
        CONSTRAINT redemption_not_own_hand CHECK (handed_over_by <> person_id),
        CONSTRAINT redemption_not_proxy_hand CHECK (handed_over_by <> requested_by),
        CONSTRAINT redemption_return_second CHECK (returned_by <> handed_over_by),
        CONSTRAINT redemption_return_not_own CHECK (returned_by <> person_id),
        CONSTRAINT redemption_handed CHECK (
            (state IN ('handed_over', 'returned'))
            = (handed_over_by IS NOT NULL AND handed_over_at IS NOT NULL)
        ),
        CONSTRAINT redemption_cancelled CHECK (
            (state = 'cancelled') = (cancelled_by IS NOT NULL)
        ),
        CONSTRAINT redemption_closed CHECK (
            (state IN ('requested', 'approved')) = (closed_at IS NULL)
        ),
        CONSTRAINT redemption_returned CHECK ((state = 'returned') = (returned_by IS NOT NULL)),
        CONSTRAINT redemption_collect CHECK (
            state <> 'approved' OR (collect_by IS NOT NULL AND pickup_digest IS NOT NULL)
        )
    )""",
    # Who has a stake in a request, as it was when it was made: moving out changes nothing.
    """CREATE TABLE redemption_involved (
        redemption_id BIGINT NOT NULL REFERENCES redemption (id) ON DELETE RESTRICT,
        person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
        stake VARCHAR(16) NOT NULL CONSTRAINT involved_stake
            CHECK (stake IN ('own', 'proxy', 'household', 'guardian')),
        PRIMARY KEY (redemption_id, person_id)
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
    """CREATE TABLE stock_move (
        id {identity},
        item_id BIGINT NOT NULL REFERENCES reward_item (id) ON DELETE RESTRICT,
        kind VARCHAR(16) NOT NULL CONSTRAINT stock_move_kind CHECK (
            kind IN ('receive', 'reserve', 'unreserve', 'hand_out', 'take_back', 'lose')
        ),
        quantity INTEGER NOT NULL CONSTRAINT stock_move_quantity CHECK (quantity > 0),
        redemption_id BIGINT REFERENCES redemption (id) ON DELETE RESTRICT,
        reason VARCHAR(200) NOT NULL DEFAULT '',
        actor_id BIGINT REFERENCES person (id) ON DELETE RESTRICT,
        moved_at TIMESTAMPTZ NOT NULL,
        CONSTRAINT stock_move_case CHECK (
            CASE WHEN redemption_id IS NULL THEN kind IN ('receive', 'hand_out', 'lose')
                 ELSE kind <> 'receive' AND quantity = 1 END
        )
    )""",
    "CREATE INDEX stock_move_of ON stock_move (item_id, id)",
    # A request takes a piece, gives it back, hands it out or takes it back once at most.
    "CREATE UNIQUE INDEX stock_move_once ON stock_move (redemption_id, kind) "
    "WHERE redemption_id IS NOT NULL",
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


def _involved(who: str, redemption: str) -> str:
    """Whether ``who`` has a stake in the request, by what was noted or by her household now."""
    return (
        f"(EXISTS (SELECT 1 FROM redemption_involved x WHERE x.redemption_id = {redemption} "
        f"AND x.person_id = {who}) "
        "OR EXISTS (SELECT 1 FROM redemption r JOIN person p ON p.id = r.person_id "
        f"JOIN person m ON m.id = {who} WHERE r.id = {redemption} "
        "AND (r.person_id = m.id OR r.requested_by = m.id OR p.household_id = m.household_id)))"
    )


# Nobody decides on her own request, on one of her household, or on one she made for another.
VOTER_INVOLVED = f"NEW.choice <> 'recuse' AND {_involved('NEW.member_id', 'NEW.redemption_id')}"
VOTER_UNKNOWN = (
    "NOT EXISTS (SELECT 1 FROM stand_in s WHERE s.redemption_id = NEW.redemption_id "
    "AND s.person_id = NEW.member_id) "
    "AND NOT EXISTS (SELECT 1 FROM redemption r JOIN book b ON b.id = r.book_id "
    "JOIN area_ancestor x ON x.area_id = b.area_id JOIN role_grant g ON g.area_id = x.ancestor_id "
    "WHERE r.id = NEW.redemption_id AND g.person_id = NEW.member_id "
    "AND g.role = 'committee_member' AND g.approved_at IS NOT NULL AND g.revoked_at IS NULL)"
)
STAND_IN_INVOLVED = (
    f"{_involved('NEW.person_id', 'NEW.redemption_id')} "
    f"OR {_involved('NEW.appointed_by', 'NEW.redemption_id')}"
)
HANDS_INVOLVED = (
    "(NEW.state = 'handed_over' AND OLD.state = 'approved' "
    f"AND {_involved('NEW.handed_over_by', 'NEW.id')}) "
    "OR (NEW.state = 'returned' AND OLD.state = 'handed_over' "
    f"AND {_involved('NEW.returned_by', 'NEW.id')})"
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
    "OR NEW.requested_by <> OLD.requested_by OR NEW.item_name <> OLD.item_name "
    "OR NEW.requested_at <> OLD.requested_at OR NEW.pickup_digest <> OLD.pickup_digest "
    "OR NEW.handed_over_by <> OLD.handed_over_by OR NEW.handed_over_at <> OLD.handed_over_at"
)
BORN_WRONG = (
    "NEW.state <> 'requested' OR NOT EXISTS (SELECT 1 FROM reward_item i "
    "WHERE i.id = NEW.item_id AND i.state = 'adopted' AND i.book_id = NEW.book_id "
    "AND i.price = NEW.price AND i.name = NEW.item_name)"
)
HELD = (
    "COALESCE((SELECT a.balance FROM account a WHERE a.book_id = NEW.book_id "
    "AND a.kind = 'redemption' AND a.owner_id = NEW.id), 0)"
)
HOLDS_WRONG = (
    "NEW.state <> OLD.state "
    f"AND {HELD} <> CASE WHEN NEW.state = 'approved' THEN NEW.price ELSE 0 END"
)
ITEM_STEP = (
    "NEW.state <> OLD.state AND NOT ("
    "(OLD.state = 'draft' AND NEW.state IN ('adopted', 'retired')) "
    "OR (OLD.state = 'adopted' AND NEW.state = 'retired'))"
)
ITEM_FROZEN = (
    "NEW.book_id <> OLD.book_id OR NEW.drafted_by <> OLD.drafted_by "
    "OR (OLD.state <> 'draft' AND (NEW.name <> OLD.name OR NEW.kind <> OLD.kind "
    "OR NEW.price <> OLD.price OR NEW.audience <> OLD.audience "
    "OR NEW.monthly_limit <> OLD.monthly_limit "
    "OR COALESCE(NEW.adopted_by, 0) <> COALESCE(OLD.adopted_by, 0)))"
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
    (
        "redemption_born",
        "redemption",
        "INSERT",
        BORN_WRONG,
        "a request is for an adopted item of its book, at its price",
    ),
    (
        "redemption_holds",
        "redemption",
        "UPDATE",
        HOLDS_WRONG,
        "an approved request holds its price, a closed one nothing",
    ),
    (
        "hand_over_not_involved",
        "redemption",
        "UPDATE",
        HANDS_INVOLVED,
        "nobody hands over to herself or to her household",
    ),
    (
        "vote_by_member",
        "committee_vote",
        "INSERT",
        VOTER_UNKNOWN,
        "only members of the committee and their stand-ins vote",
    ),
    (
        "stand_in_not_involved",
        "stand_in",
        "INSERT",
        STAND_IN_INVOLVED,
        "nobody with a stake in a request stands in for it or appoints who does",
    ),
    ("item_step", "reward_item", "UPDATE", ITEM_STEP, "an item cannot go that way"),
    ("item_frozen", "reward_item", "UPDATE", ITEM_FROZEN, "what was adopted is never edited"),
    ("item_kept", "reward_item", "DELETE", "TRUE", "an item is never deleted"),
    ("stock_kept", "stock", "DELETE", "TRUE", "the stock of an item is never deleted"),
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
        *append_only(engine_type, "redemption_involved"),
    ]


async def forwards() -> MigrationManager:
    """Create the tables."""
    return ddl_migration(ID, "points", DESCRIPTION, statements)
