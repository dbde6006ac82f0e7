"""Talents: profiles, skills, and what may be shown of them where.

The database itself keeps the copies of a profile's place on its skills, the counts of people by
area, and the end of a listing: whoever withdraws the consent, leaves or moves is off the map
whatever program wrote it.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from points.ddl import act, ddl_migration, refuse, table

ID = "2026-11-27T00:00:13"
VERSION = "1.38.0"
DESCRIPTION = "talents"

TABLES = [
    """CREATE TABLE talent_profile (
        person_id BIGINT PRIMARY KEY REFERENCES person (id) ON DELETE RESTRICT,
        nickname VARCHAR(40) NOT NULL CONSTRAINT talent_nickname CHECK (nickname <> ''),
        about VARCHAR(300) NOT NULL DEFAULT '',
        times VARCHAR(120) NOT NULL DEFAULT '',
        visibility VARCHAR(16) NOT NULL CONSTRAINT talent_visibility
            CHECK (visibility IN ('self', 'stairwell', 'neighbourhood', 'public')),
        home_area_id BIGINT NOT NULL REFERENCES area (id) ON DELETE RESTRICT,
        group_id BIGINT,
        audience_id BIGINT,
        published_area_id BIGINT REFERENCES area (id) ON DELETE RESTRICT,
        lat DOUBLE PRECISION,
        lon DOUBLE PRECISION,
        refines_at TIMESTAMPTZ,
        created_at TIMESTAMPTZ NOT NULL,
        updated_at TIMESTAMPTZ NOT NULL,
        CONSTRAINT talent_listed CHECK (
            (audience_id IS NULL) = (published_area_id IS NULL)
            AND (audience_id IS NULL OR (group_id IS NOT NULL AND audience_id = group_id))
        ),
        CONSTRAINT talent_group CHECK (
            group_id IS NULL
            OR (visibility <> 'self' AND (visibility = 'public') = (group_id = 0))
        ),
        CONSTRAINT talent_position CHECK (
            (lat IS NULL) = (lon IS NULL) AND (lat IS NULL OR published_area_id IS NOT NULL)
        ),
        CONSTRAINT talent_refines CHECK (refines_at IS NULL OR group_id IS NOT NULL)
    )""",
    "CREATE INDEX talent_where ON talent_profile (lat, lon)",
    "CREATE INDEX talent_published ON talent_profile (published_area_id, person_id)",
    # One pass over an index answers how many of a group live where, and are shown where.
    "CREATE INDEX talent_homes ON talent_profile "
    "(group_id, home_area_id, published_area_id, refines_at)",
    "CREATE INDEX talent_due ON talent_profile (refines_at)",
    """CREATE TABLE talent_skill (
        person_id BIGINT NOT NULL REFERENCES talent_profile (person_id) ON DELETE RESTRICT,
        skill_code VARCHAR(32) NOT NULL CONSTRAINT talent_skill_code CHECK (skill_code <> ''),
        level VARCHAR(12) NOT NULL CONSTRAINT talent_skill_level
            CHECK (level IN ('interest', 'teach', 'certified')),
        recognised_by BIGINT REFERENCES person (id) ON DELETE RESTRICT,
        recognised_at TIMESTAMPTZ,
        since TIMESTAMPTZ NOT NULL,
        audience_id BIGINT,
        published_area_id BIGINT REFERENCES area (id) ON DELETE RESTRICT,
        lat DOUBLE PRECISION,
        lon DOUBLE PRECISION,
        PRIMARY KEY (person_id, skill_code),
        CONSTRAINT talent_skill_recognised CHECK (
            (recognised_by IS NULL) = (recognised_at IS NULL)
        ),
        CONSTRAINT talent_skill_second CHECK (recognised_by <> person_id)
    )""",
    "CREATE INDEX talent_skill_where ON talent_skill (skill_code, lat, lon)",
    "CREATE INDEX talent_skill_published ON talent_skill (published_area_id, skill_code)",
    """CREATE TABLE talent_count (
        audience_id BIGINT NOT NULL,
        area_id BIGINT NOT NULL REFERENCES area (id) ON DELETE RESTRICT,
        skill_code VARCHAR(32) NOT NULL,
        people_within INTEGER NOT NULL CONSTRAINT talent_count_within CHECK (people_within >= 0),
        people_here INTEGER NOT NULL CONSTRAINT talent_count_here
            CHECK (people_here BETWEEN 0 AND people_within),
        lat DOUBLE PRECISION,
        lon DOUBLE PRECISION,
        level VARCHAR(24) NOT NULL,
        PRIMARY KEY (area_id, skill_code, audience_id)
    )""",
    "CREATE INDEX talent_count_where ON talent_count (level, skill_code, lat, lon)",
    """CREATE TABLE talent_map_version (
        id INTEGER PRIMARY KEY CONSTRAINT talent_map_one CHECK (id = 1),
        version BIGINT NOT NULL
    )""",
    "INSERT INTO talent_map_version (id, version) VALUES (1, 1)",
]

CHILD_UNTIL = {
    "sqlite": "date(p.birth_date, '+14 years') > substr({moment}, 1, 10)",
    "postgres": "p.birth_date + INTERVAL '14 years' > {moment}",
}
MINOR_UNTIL = {
    "sqlite": "date(p.birth_date, '+18 years') > substr({moment}, 1, 10)",
    "postgres": "p.birth_date + INTERVAL '18 years' > {moment}",
}
NO_CONSENT = (
    "NEW.group_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM consent c WHERE c.person_id = "
    "NEW.person_id AND c.purpose = 'talent_map' AND c.withdrawn_at IS NULL)"
)
ACCOUNT_CLOSED = (
    "NEW.group_id IS NOT NULL AND EXISTS (SELECT 1 FROM person p "
    "WHERE p.id = NEW.person_id AND p.closed_at IS NOT NULL)"
)
NOT_HOME = (
    "NEW.published_area_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM area_ancestor x JOIN area a "
    "ON a.id = x.ancestor_id WHERE x.area_id = NEW.home_area_id "
    "AND x.ancestor_id = NEW.published_area_id AND a.level <> 'stairwell')"
)
COPIES = ("audience_id", "published_area_id", "lat", "lon")


def _differs(one: str, other: str) -> str:
    """Whether the place of two rows differs; a missing value is a value here."""
    return "(" + " OR ".join(f"{one}.{c} IS DISTINCT FROM {other}.{c}" for c in COPIES) + ")"


COPY_WRONG = (
    "EXISTS (SELECT 1 FROM talent_profile p WHERE p.person_id = NEW.person_id "
    f"AND {_differs('p', 'NEW')})"
)


def _too_young(engine_type: str) -> str:
    child = CHILD_UNTIL[engine_type].format(moment="NEW.updated_at")
    minor = MINOR_UNTIL[engine_type].format(moment="NEW.updated_at")
    return (
        "NEW.group_id IS NOT NULL AND EXISTS (SELECT 1 FROM person p WHERE p.id = NEW.person_id "
        f"AND ({child} OR (NEW.group_id = 0 AND {minor})))"
    )


VERSION_UP = "UPDATE talent_map_version SET version = version + 1"
# Coordinates of the nearest area, from this one upwards, that has a place.
NEAREST = (
    "(SELECT p.{axis} FROM area_ancestor y JOIN place p ON p.area_id = y.ancestor_id "
    "WHERE y.area_id = a.id ORDER BY y.depth LIMIT 1)"
)


def _less(row: str, skill: str) -> list[str]:
    """One fewer at the published area and above; rows without anybody go."""
    where = (
        f"audience_id = {row}.audience_id AND skill_code = {skill} AND area_id IN "
        f"(SELECT x.ancestor_id FROM area_ancestor x WHERE x.area_id = {row}.published_area_id)"
    )
    here = f"CASE WHEN area_id = {row}.published_area_id THEN 1 ELSE 0 END"
    return [
        "UPDATE talent_count SET people_within = people_within - 1, "
        f"people_here = people_here - {here} WHERE {where}",
        f"DELETE FROM talent_count WHERE people_within = 0 AND {where}",
    ]


def _more(row: str, skill: str) -> list[str]:
    """One more at the published area and above."""
    return [
        "INSERT INTO talent_count (audience_id, area_id, skill_code, people_within, people_here, "
        f"lat, lon, level) SELECT {row}.audience_id, a.id, {skill}, 1, "
        "CASE WHEN x.depth = 0 THEN 1 ELSE 0 END, "
        f"{NEAREST.format(axis='lat')}, {NEAREST.format(axis='lon')}, a.level "
        "FROM area_ancestor x JOIN area a ON a.id = x.ancestor_id "
        f"WHERE x.area_id = {row}.published_area_id "
        "ON CONFLICT (area_id, skill_code, audience_id) DO UPDATE SET "
        "people_within = talent_count.people_within + 1, "
        "people_here = talent_count.people_here + excluded.people_here"
    ]


COPY_TO_SKILLS = (
    "UPDATE talent_skill SET audience_id = NEW.audience_id, "
    "published_area_id = NEW.published_area_id, lat = NEW.lat, lon = NEW.lon "
    "WHERE person_id = NEW.person_id"
)
COPY_FROM_PROFILE = (
    "UPDATE talent_skill SET "
    + ", ".join(
        f"{c} = (SELECT p.{c} FROM talent_profile p WHERE p.person_id = NEW.person_id)"
        for c in COPIES
    )
    + " WHERE person_id = NEW.person_id AND skill_code = NEW.skill_code "
    "AND EXISTS (SELECT 1 FROM talent_profile p WHERE p.person_id = NEW.person_id "
    f"AND {_differs('p', 'talent_skill')})"
)
TAKE_DOWN = (
    "UPDATE talent_profile SET group_id = NULL, audience_id = NULL, published_area_id = NULL, "
    "lat = NULL, lon = NULL, refines_at = NULL WHERE person_id = {person}"
)
NO_SKILL = "''"

# Name, table, event, condition, statements.
EFFECTS = [
    (
        "talent_profile_appears",
        "talent_profile",
        "INSERT",
        "NEW.published_area_id IS NOT NULL",
        [*_more("NEW", NO_SKILL), VERSION_UP],
    ),
    (
        "talent_profile_moves",
        "talent_profile",
        "UPDATE",
        _differs("OLD", "NEW"),
        [*_less("OLD", NO_SKILL), *_more("NEW", NO_SKILL), COPY_TO_SKILLS, VERSION_UP],
    ),
    (
        "talent_profile_goes",
        "talent_profile",
        "DELETE",
        "OLD.published_area_id IS NOT NULL",
        [*_less("OLD", NO_SKILL), VERSION_UP],
    ),
    (
        "talent_skill_appears",
        "talent_skill",
        "INSERT",
        "TRUE",
        [*_more("NEW", "NEW.skill_code"), COPY_FROM_PROFILE, VERSION_UP],
    ),
    (
        "talent_skill_moves",
        "talent_skill",
        "UPDATE",
        _differs("OLD", "NEW"),
        [*_less("OLD", "OLD.skill_code"), *_more("NEW", "NEW.skill_code"), VERSION_UP],
    ),
    (
        "talent_skill_goes",
        "talent_skill",
        "DELETE",
        "TRUE",
        [*_less("OLD", "OLD.skill_code"), VERSION_UP],
    ),
    (
        "talent_consent_ends",
        "consent",
        "UPDATE",
        "NEW.purpose = 'talent_map' AND NEW.withdrawn_at IS NOT NULL AND OLD.withdrawn_at IS NULL",
        [TAKE_DOWN.format(person="NEW.person_id")],
    ),
    (
        "talent_leaves",
        "person",
        "UPDATE",
        "(NEW.closed_at IS NOT NULL AND OLD.closed_at IS NULL) OR NEW.area_id <> OLD.area_id "
        "OR NEW.birth_date IS DISTINCT FROM OLD.birth_date",
        [TAKE_DOWN.format(person="NEW.id")],
    ),
]


def _refusals(engine_type: str) -> list[tuple[str, str, str, str, str]]:
    profile, both = "talent_profile", ("INSERT", "UPDATE")
    rules = [
        ("talent_consents", NO_CONSENT, "a talent is listed only with consent"),
        ("talent_open", ACCOUNT_CLOSED, "a closed account is not listed"),
        ("talent_of_age", _too_young(engine_type), "a child is not listed"),
        ("talent_at_home", NOT_HOME, "a published place holds the home and is no stairwell"),
    ]
    return [
        *(
            (f"{name}_{event.lower()}", profile, event, when, message)
            for name, when, message in rules
            for event in both
        ),
        (
            "talent_skill_copies",
            "talent_skill",
            "UPDATE",
            COPY_WRONG,
            "a skill is shown where its profile is",
        ),
    ]


def statements(engine_type: str) -> list[str]:
    """The DDL of this migration, in order."""
    created = [table(engine_type, sql) for sql in TABLES]
    for effect in EFFECTS:
        created += act(engine_type, effect)
    for name, on, event, when, message in _refusals(engine_type):
        created += refuse(
            engine_type,
            name=name,
            table=on,
            event=event,
            when=when,
            message=message,
            after=on == "talent_skill",
        )
    return created


async def forwards() -> MigrationManager:
    """Create the tables."""
    return ddl_migration(ID, "talentmap", DESCRIPTION, statements)
