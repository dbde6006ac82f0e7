"""Activities that gather a crowd."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from points.ddl import ddl_migration, refuse, table

ID = "2026-11-22T00:00:12"
VERSION = "1.38.0"
DESCRIPTION = "activities and sign-ups"

TABLES = [
    """CREATE TABLE activity (
        id {identity},
        book_id BIGINT REFERENCES book (id) ON DELETE RESTRICT,
        area_id BIGINT NOT NULL REFERENCES area (id) ON DELETE RESTRICT,
        title VARCHAR(120) NOT NULL CONSTRAINT activity_title CHECK (title <> ''),
        summary VARCHAR(2000) NOT NULL DEFAULT '',
        category VARCHAR(32) NOT NULL,
        activity_class VARCHAR(16) NOT NULL CONSTRAINT activity_class
            CHECK (activity_class IN ('interest', 'governance')),
        place VARCHAR(200) NOT NULL DEFAULT '',
        lat DOUBLE PRECISION,
        lon DOUBLE PRECISION,
        starts_at TIMESTAMPTZ,
        ends_at TIMESTAMPTZ,
        deadline_at TIMESTAMPTZ,
        minimum INTEGER NOT NULL CONSTRAINT activity_minimum CHECK (minimum BETWEEN 1 AND 500),
        capacity INTEGER NOT NULL,
        risk VARCHAR(300) NOT NULL DEFAULT '',
        risky BOOLEAN NOT NULL DEFAULT FALSE,
        insured BOOLEAN NOT NULL DEFAULT FALSE,
        to_bring VARCHAR(300) NOT NULL DEFAULT '',
        talent_id BIGINT REFERENCES person (id) ON DELETE RESTRICT,
        proposer_id BIGINT REFERENCES person (id) ON DELETE RESTRICT,
        created_at TIMESTAMPTZ NOT NULL,
        state VARCHAR(16) NOT NULL CONSTRAINT activity_state CHECK (
            state IN ('gathering', 'confirmed', 'done', 'lapsed', 'cancelled', 'archived')
        ),
        confirmed_at TIMESTAMPTZ,
        confirmed_times INTEGER NOT NULL DEFAULT 0,
        reminded_at TIMESTAMPTZ,
        roll_asked_at TIMESTAMPTZ,
        closed_at TIMESTAMPTZ,
        closed_by BIGINT REFERENCES person (id) ON DELETE RESTRICT,
        close_reason VARCHAR(300) NOT NULL DEFAULT '',
        seats_taken INTEGER NOT NULL DEFAULT 0,
        queue_last BIGINT NOT NULL DEFAULT 0,
        occasion_id BIGINT CONSTRAINT activity_occasion UNIQUE
            REFERENCES occasion (id) ON DELETE RESTRICT,
        pledge_item_id BIGINT REFERENCES reward_item (id) ON DELETE RESTRICT,
        pledge_quantity INTEGER,
        pledge_goal INTEGER,
        copied_from_id BIGINT REFERENCES activity (id) ON DELETE RESTRICT,
        import_key VARCHAR(64) CONSTRAINT activity_import_key UNIQUE,
        CONSTRAINT activity_capacity CHECK (capacity >= minimum),
        CONSTRAINT activity_seats CHECK (seats_taken BETWEEN 0 AND capacity),
        CONSTRAINT activity_span CHECK (ends_at > starts_at),
        CONSTRAINT activity_deadline CHECK (deadline_at <= starts_at),
        CONSTRAINT activity_planned CHECK (
            state = 'archived' OR (starts_at IS NOT NULL AND ends_at IS NOT NULL
            AND deadline_at IS NOT NULL AND proposer_id IS NOT NULL AND book_id IS NOT NULL)
        ),
        CONSTRAINT activity_insured CHECK (NOT risky OR insured OR state = 'archived'),
        CONSTRAINT activity_confirmed CHECK (state <> 'confirmed' OR confirmed_at IS NOT NULL),
        CONSTRAINT activity_closed CHECK (
            (state IN ('done', 'lapsed', 'cancelled')) = (closed_at IS NOT NULL)
        ),
        CONSTRAINT activity_goal CHECK (
            (pledge_item_id IS NULL) = (pledge_goal IS NULL)
            AND (pledge_quantity IS NULL) = (pledge_goal IS NULL)
            AND COALESCE(pledge_goal, 1) > 0 AND COALESCE(pledge_quantity, 1) > 0
        ),
        CONSTRAINT activity_position CHECK (
            (lat IS NULL) = (lon IS NULL)
            AND COALESCE(lat, 0) BETWEEN -90 AND 90 AND COALESCE(lon, 0) BETWEEN -180 AND 180
        )
    )""",
    "CREATE INDEX activity_soon ON activity (area_id, starts_at)",
    "CREATE INDEX activity_of_book ON activity (book_id, state, starts_at)",
    "CREATE INDEX activity_due ON activity (deadline_at) WHERE state = 'gathering'",
    "CREATE INDEX activity_ahead ON activity (starts_at) WHERE state = 'confirmed'",
    "CREATE INDEX activity_of_proposer ON activity (proposer_id, id)",
    "CREATE INDEX activity_where ON activity (lat, lon)",
    """CREATE TABLE signup (
        id {identity},
        activity_id BIGINT NOT NULL REFERENCES activity (id) ON DELETE RESTRICT,
        person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
        party_size INTEGER NOT NULL CONSTRAINT signup_party CHECK (party_size BETWEEN 1 AND 10),
        guardian_id BIGINT REFERENCES person (id) ON DELETE RESTRICT,
        signed_by BIGINT NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
        state VARCHAR(16) NOT NULL CONSTRAINT signup_state
            CHECK (state IN ('in', 'waiting', 'withdrawn')),
        queue_no BIGINT NOT NULL,
        signed_up_at TIMESTAMPTZ NOT NULL,
        moved_up_at TIMESTAMPTZ,
        withdrawn_at TIMESTAMPTZ,
        withdrawn_by BIGINT REFERENCES person (id) ON DELETE RESTRICT,
        attendance VARCHAR(16) CONSTRAINT signup_attendance
            CHECK (attendance IN ('served', 'joined', 'absent')),
        CONSTRAINT signup_not_own_guardian CHECK (guardian_id <> person_id),
        CONSTRAINT signup_queue UNIQUE (activity_id, queue_no),
        CONSTRAINT signup_withdrawn CHECK ((state = 'withdrawn') = (withdrawn_at IS NOT NULL))
    )""",
    "CREATE UNIQUE INDEX signup_once ON signup (activity_id, person_id) "
    "WHERE state IN ('in', 'waiting')",
    "CREATE INDEX signup_of_person ON signup (person_id, id)",
    "CREATE INDEX signup_line ON signup (activity_id, state, queue_no)",
    """CREATE TABLE pledge (
        id {identity},
        activity_id BIGINT NOT NULL REFERENCES activity (id) ON DELETE RESTRICT,
        person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
        points INTEGER NOT NULL CONSTRAINT pledge_points CHECK (points > 0),
        item_id BIGINT NOT NULL REFERENCES reward_item (id) ON DELETE RESTRICT,
        state VARCHAR(16) NOT NULL CONSTRAINT pledge_state
            CHECK (state IN ('held', 'refunded', 'paid')),
        pledged_at TIMESTAMPTZ NOT NULL,
        closed_at TIMESTAMPTZ,
        CONSTRAINT pledge_closed CHECK ((state = 'held') = (closed_at IS NULL))
    )""",
    "CREATE UNIQUE INDEX pledge_once ON pledge (activity_id, person_id) WHERE state = 'held'",
    "CREATE INDEX pledge_of_person ON pledge (person_id, id)",
]

STEP = (
    "NEW.state <> OLD.state AND NOT ("
    "(OLD.state = 'gathering' AND NEW.state IN ('confirmed', 'lapsed', 'cancelled')) "
    "OR (OLD.state = 'confirmed' AND NEW.state IN ('gathering', 'done', 'cancelled')))"
)
TOO_FEW = "NEW.state = 'confirmed' AND OLD.state = 'gathering' AND NEW.seats_taken < NEW.minimum"
MISCOUNTED = (
    "NEW.seats_taken <> OLD.seats_taken AND NEW.seats_taken <> (SELECT COALESCE(SUM(s.party_size), "
    "0) FROM signup s WHERE s.activity_id = NEW.id AND s.state = 'in')"
)
# What an activity holds ends before the activity does.
STILL_PLEDGED = (
    "NEW.state IN ('done', 'lapsed', 'cancelled') AND OLD.state <> NEW.state "
    "AND EXISTS (SELECT 1 FROM pledge p WHERE p.activity_id = NEW.id AND p.state = 'held')"
)
NO_SEAT = (
    "NEW.state = 'in' AND (SELECT SUM(s.party_size) FROM signup s "
    "WHERE s.activity_id = NEW.activity_id AND s.state = 'in') "
    "> (SELECT a.capacity FROM activity a WHERE a.id = NEW.activity_id)"
)
NOT_OPEN = (
    "NOT EXISTS (SELECT 1 FROM activity a WHERE a.id = NEW.activity_id "
    "AND a.state IN ('gathering', 'confirmed'))"
)
SIGNUP_STEP = (
    "NEW.state <> OLD.state AND NOT ((OLD.state = 'waiting' AND NEW.state IN ('in', 'withdrawn')) "
    "OR (OLD.state = 'in' AND NEW.state = 'withdrawn'))"
)
SIGNUP_FROZEN = (
    "NEW.activity_id <> OLD.activity_id OR NEW.person_id <> OLD.person_id "
    "OR NEW.party_size <> OLD.party_size OR NEW.queue_no <> OLD.queue_no"
)
PLEDGE_FROZEN = (
    "NEW.activity_id <> OLD.activity_id OR NEW.person_id <> OLD.person_id "
    "OR NEW.points <> OLD.points OR NEW.item_id <> OLD.item_id "
    "OR (NEW.state <> OLD.state AND OLD.state <> 'held')"
)

# (trigger, table, event, condition, whether after the row is written, message)
REFUSALS = [
    ("activity_step", "activity", "UPDATE", STEP, False, "an activity cannot go that way"),
    (
        "activity_crowd",
        "activity",
        "UPDATE",
        TOO_FEW,
        False,
        "too few have signed up for it to run",
    ),
    (
        "activity_counted",
        "activity",
        "UPDATE",
        MISCOUNTED,
        False,
        "the seats taken are those of the sign-ups",
    ),
    (
        "activity_owes_nothing",
        "activity",
        "UPDATE",
        STILL_PLEDGED,
        False,
        "a closed activity holds no pledge",
    ),
    ("activity_kept", "activity", "DELETE", "TRUE", False, "an activity is never deleted"),
    ("signup_fits", "signup", "INSERT", NO_SEAT, True, "no seat is left"),
    ("signup_moved_fits", "signup", "UPDATE", NO_SEAT, True, "no seat is left"),
    ("signup_open", "signup", "INSERT", NOT_OPEN, False, "the activity takes nobody now"),
    (
        "signup_still_open",
        "signup",
        "UPDATE",
        f"NEW.state <> OLD.state AND {NOT_OPEN}",
        False,
        "the activity is closed",
    ),
    ("signup_step", "signup", "UPDATE", SIGNUP_STEP, False, "a sign-up cannot go that way"),
    ("signup_frozen", "signup", "UPDATE", SIGNUP_FROZEN, False, "who signed up is never edited"),
    ("signup_kept", "signup", "DELETE", "TRUE", False, "a sign-up is never deleted"),
    ("pledge_open", "pledge", "INSERT", NOT_OPEN, False, "the activity takes no pledge now"),
    ("pledge_frozen", "pledge", "UPDATE", PLEDGE_FROZEN, False, "a pledge ends once"),
    ("pledge_kept", "pledge", "DELETE", "TRUE", False, "a pledge is never deleted"),
]


def statements(engine_type: str) -> list[str]:
    """The DDL of this migration, in order."""
    created = [table(engine_type, sql) for sql in TABLES]
    for name, on, event, when, after, message in REFUSALS:
        created += refuse(
            engine_type,
            name=name,
            table=on,
            event=event,
            when=when,
            after=after,
            message=message,
        )
    return created


async def forwards() -> MigrationManager:
    """Create the tables."""
    return ddl_migration(ID, "talentmap", DESCRIPTION, statements)
