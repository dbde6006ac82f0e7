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
        closed_at TIMESTAMPTZ,
        close_reason VARCHAR(300) NOT NULL DEFAULT '',
        seats_taken INTEGER NOT NULL DEFAULT 0,
        queue_last BIGINT NOT NULL DEFAULT 0,
        occasion_id BIGINT CONSTRAINT activity_occasion UNIQUE
            REFERENCES occasion (id) ON DELETE RESTRICT,
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
        )
    )""",
    "CREATE INDEX activity_soon ON activity (area_id, starts_at)",
    "CREATE INDEX activity_of_book ON activity (book_id, state, starts_at)",
    "CREATE INDEX activity_due ON activity (deadline_at) WHERE state = 'gathering'",
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


def statements(engine_type: str) -> list[str]:
    """The DDL of this migration, in order."""
    return [
        *(table(engine_type, sql) for sql in TABLES),
        *refuse(
            engine_type,
            name="activity_step",
            table="activity",
            event="UPDATE",
            when=STEP,
            message="an activity cannot go that way",
        ),
        *refuse(
            engine_type,
            name="activity_crowd",
            table="activity",
            event="UPDATE",
            when=TOO_FEW,
            message="too few have signed up for it to run",
        ),
    ]


async def forwards() -> MigrationManager:
    """Create the tables."""
    return ddl_migration(ID, "talentmap", DESCRIPTION, statements)
