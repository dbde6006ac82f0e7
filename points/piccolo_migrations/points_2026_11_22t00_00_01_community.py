"""Who belongs and how they come in."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from points.ddl import append_only, ddl_migration, refuse, table

ID = "2026-11-22T00:00:01"
VERSION = "1.38.0"
DESCRIPTION = "community and access"

LEVELS = (
    "'city', 'district', 'subdistrict', 'committee', 'neighbourhood', 'grid', "
    "'estate', 'building', 'stairwell'"
)
ROLES = "'volunteer', 'stairwell_leader', 'organizer', 'committee_member', 'steward'"

TABLES = [
    f"""CREATE TABLE area (
        id {{identity}},
        parent_id BIGINT REFERENCES area (id) ON DELETE RESTRICT,
        level VARCHAR(24) NOT NULL CONSTRAINT area_level CHECK (level IN ({LEVELS})),
        name VARCHAR(120) NOT NULL CONSTRAINT area_name CHECK (name <> ''),
        code VARCHAR(64) CONSTRAINT area_code UNIQUE,
        time_zone VARCHAR(64),
        created_at TIMESTAMPTZ NOT NULL,
        CONSTRAINT area_once UNIQUE (parent_id, level, name),
        CONSTRAINT area_root CHECK (parent_id IS NOT NULL OR time_zone IS NOT NULL),
        CONSTRAINT area_not_own_parent CHECK (parent_id <> id)
    )""",
    """CREATE TABLE area_ancestor (
        area_id BIGINT NOT NULL REFERENCES area (id) ON DELETE RESTRICT,
        ancestor_id BIGINT NOT NULL REFERENCES area (id) ON DELETE RESTRICT,
        depth INTEGER NOT NULL CONSTRAINT area_ancestor_depth CHECK (depth >= 0),
        PRIMARY KEY (area_id, ancestor_id)
    )""",
    # UNIQUE takes two missing parents for different ones.
    "CREATE UNIQUE INDEX area_root_once ON area (level, name) WHERE parent_id IS NULL",
    "CREATE INDEX area_ancestor_down ON area_ancestor (ancestor_id, depth)",
    "CREATE INDEX area_name_search ON area (name)",
    """CREATE TABLE household (
        id {identity},
        area_id BIGINT NOT NULL REFERENCES area (id) ON DELETE RESTRICT,
        door_digest VARCHAR(64),
        CONSTRAINT household_door UNIQUE (area_id, door_digest)
    )""",
    """CREATE TABLE person (
        id {identity},
        name VARCHAR(80) NOT NULL CONSTRAINT person_name CHECK (name <> ''),
        birth_date DATE,
        phone VARCHAR(20) CONSTRAINT person_phone UNIQUE,
        card_no VARCHAR(32) CONSTRAINT person_card UNIQUE,
        volunteer_no VARCHAR(20) NOT NULL CONSTRAINT person_volunteer_no UNIQUE,
        area_id BIGINT NOT NULL REFERENCES area (id) ON DELETE RESTRICT,
        household_id BIGINT REFERENCES household (id) ON DELETE RESTRICT,
        language VARCHAR(8) NOT NULL DEFAULT 'zh'
            CONSTRAINT person_language CHECK (language IN ('zh', 'en')),
        elder_mode BOOLEAN NOT NULL DEFAULT FALSE,
        joined_at TIMESTAMPTZ NOT NULL,
        closed_at TIMESTAMPTZ
    )""",
    "CREATE INDEX person_by_area ON person (area_id, id)",
    "CREATE INDEX person_by_household ON person (household_id)",
    "CREATE INDEX person_by_name ON person (name)",
    """CREATE TABLE guardian (
        child_id BIGINT NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
        guardian_id BIGINT NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
        since DATE NOT NULL,
        until DATE,
        recorded_by BIGINT REFERENCES person (id) ON DELETE RESTRICT,
        PRIMARY KEY (child_id, guardian_id, since),
        CONSTRAINT guardian_not_self CHECK (child_id <> guardian_id)
    )""",
    "CREATE INDEX guardian_of ON guardian (guardian_id)",
    f"""CREATE TABLE role_grant (
        id {{identity}},
        person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
        role VARCHAR(24) NOT NULL CONSTRAINT role_known CHECK (role IN ({ROLES})),
        area_id BIGINT NOT NULL REFERENCES area (id) ON DELETE RESTRICT,
        starts_on DATE NOT NULL,
        ends_on DATE,
        founding BOOLEAN NOT NULL DEFAULT FALSE,
        proposed_by BIGINT REFERENCES person (id) ON DELETE RESTRICT,
        proposed_at TIMESTAMPTZ NOT NULL,
        approved_by BIGINT REFERENCES person (id) ON DELETE RESTRICT,
        approved_at TIMESTAMPTZ,
        revoked_by BIGINT REFERENCES person (id) ON DELETE RESTRICT,
        revoked_at TIMESTAMPTZ,
        CONSTRAINT role_term CHECK (ends_on IS NULL OR ends_on >= starts_on),
        CONSTRAINT role_second_person CHECK (approved_by <> proposed_by),
        CONSTRAINT role_not_own CHECK (approved_by <> person_id),
        CONSTRAINT role_not_own_proposal CHECK (proposed_by <> person_id),
        CONSTRAINT role_proposed CHECK (founding OR proposed_by IS NOT NULL),
        CONSTRAINT role_founding CHECK (NOT founding OR role = 'steward'),
        CONSTRAINT role_approved CHECK (
            founding OR role = 'volunteer' OR approved_at IS NULL OR approved_by IS NOT NULL
        )
    )""",
    "CREATE INDEX role_of ON role_grant (person_id)",
    "CREATE INDEX role_in ON role_grant (area_id, role)",
    """CREATE TABLE consent (
        id {identity},
        person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
        purpose VARCHAR(32) NOT NULL,
        text_version VARCHAR(16) NOT NULL,
        given_by BIGINT NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
        given_at TIMESTAMPTZ NOT NULL,
        withdrawn_by BIGINT REFERENCES person (id) ON DELETE RESTRICT,
        withdrawn_at TIMESTAMPTZ,
        CONSTRAINT consent_withdrawn CHECK ((withdrawn_at IS NULL) = (withdrawn_by IS NULL))
    )""",
    "CREATE UNIQUE INDEX consent_alive ON consent (person_id, purpose) WHERE withdrawn_at IS NULL",
    "CREATE INDEX consent_of ON consent (person_id)",
    """CREATE TABLE personal_read (
        id {identity},
        actor_id BIGINT NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
        person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
        what VARCHAR(32) NOT NULL,
        read_at TIMESTAMPTZ NOT NULL
    )""",
    "CREATE INDEX personal_read_of ON personal_read (person_id, id)",
    """CREATE TABLE proxy_action (
        id {identity},
        actor_id BIGINT NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
        person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
        action VARCHAR(32) NOT NULL,
        reason VARCHAR(200) NOT NULL,
        acted_at TIMESTAMPTZ NOT NULL
    )""",
    "CREATE INDEX proxy_action_for ON proxy_action (person_id, id)",
]

ACCESS = [
    """CREATE TABLE credential (
        person_id BIGINT PRIMARY KEY REFERENCES person (id) ON DELETE RESTRICT,
        password_hash VARCHAR(200) NOT NULL,
        set_at TIMESTAMPTZ NOT NULL
    )""",
    """CREATE TABLE one_time_code (
        id {identity},
        person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
        purpose VARCHAR(16) NOT NULL CONSTRAINT code_purpose
            CHECK (purpose IN ('invitation', 'reset')),
        digest VARCHAR(64) NOT NULL CONSTRAINT code_digest UNIQUE,
        issued_by BIGINT REFERENCES person (id) ON DELETE RESTRICT,
        issued_at TIMESTAMPTZ NOT NULL,
        approved_by BIGINT REFERENCES person (id) ON DELETE RESTRICT,
        approved_at TIMESTAMPTZ,
        expires_at TIMESTAMPTZ NOT NULL,
        used_at TIMESTAMPTZ,
        revoked_at TIMESTAMPTZ,
        CONSTRAINT code_second_person CHECK (approved_by <> issued_by),
        CONSTRAINT code_not_own_approval CHECK (approved_by <> person_id),
        CONSTRAINT code_not_own_issue CHECK (issued_by <> person_id),
        CONSTRAINT code_reset_by_two CHECK (
            purpose <> 'reset' OR used_at IS NULL
            OR (issued_by IS NOT NULL AND approved_by IS NOT NULL)
        )
    )""",
    "CREATE INDEX code_of ON one_time_code (person_id, purpose)",
    """CREATE TABLE session (
        id {identity},
        digest VARCHAR(64) NOT NULL CONSTRAINT session_digest UNIQUE,
        person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
        created_at TIMESTAMPTZ NOT NULL,
        seen_at TIMESTAMPTZ NOT NULL,
        expires_at TIMESTAMPTZ NOT NULL,
        revoked_at TIMESTAMPTZ,
        device VARCHAR(120) NOT NULL DEFAULT ''
    )""",
    "CREATE INDEX session_of ON session (person_id)",
    """CREATE TABLE api_token (
        id {identity},
        digest VARCHAR(64) NOT NULL CONSTRAINT api_token_digest UNIQUE,
        person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
        label VARCHAR(60) NOT NULL,
        scopes VARCHAR(200) NOT NULL,
        created_at TIMESTAMPTZ NOT NULL,
        used_at TIMESTAMPTZ,
        expires_at TIMESTAMPTZ NOT NULL,
        revoked_at TIMESTAMPTZ
    )""",
    "CREATE INDEX api_token_of ON api_token (person_id)",
    """CREATE TABLE throttle (
        key VARCHAR(120) PRIMARY KEY,
        failures INTEGER NOT NULL CONSTRAINT throttle_failures CHECK (failures >= 0),
        window_started_at TIMESTAMPTZ NOT NULL,
        blocked_until TIMESTAMPTZ
    )""",
    """CREATE TABLE request (
        actor_key VARCHAR(40) NOT NULL,
        request_id VARCHAR(64) NOT NULL,
        body_hash VARCHAR(64) NOT NULL,
        answer TEXT,
        refusal TEXT,
        answered_at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (actor_key, request_id)
    )""",
    "CREATE INDEX request_age ON request (answered_at)",
    """CREATE TABLE install_secret (
        name VARCHAR(32) PRIMARY KEY,
        value VARCHAR(64) NOT NULL,
        made_at TIMESTAMPTZ NOT NULL
    )""",
]

COMES_OF_AGE = {
    "sqlite": "date(p.birth_date, '+18 years')",
    "postgres": "(p.birth_date + INTERVAL '18 years')::date",
}


def _minor(engine_type: str) -> str:
    return (
        "NEW.role <> 'volunteer' AND EXISTS (SELECT 1 FROM person p WHERE p.id = NEW.person_id "
        f"AND {COMES_OF_AGE[engine_type]} > NEW.starts_on)"
    )


def statements(engine_type: str) -> list[str]:
    """The DDL of this migration, in order."""
    adults = refuse(
        engine_type,
        name="role_of_age",
        table="role_grant",
        event="INSERT",
        when=_minor(engine_type),
        message="a role with duties is for people of age",
    )
    return [
        *(table(engine_type, sql) for sql in TABLES + ACCESS),
        *adults,
        *append_only(engine_type, "personal_read"),
        *append_only(engine_type, "proxy_action"),
    ]


async def forwards() -> MigrationManager:
    """Create the tables."""
    return ddl_migration(ID, "points", DESCRIPTION, statements)
