"""What the map needs to answer quickly: words of names, areas that skip a level, and what changed.

Areas are founded by a storey that knows nothing of maps, so triggers notice what happens to them:
a new name waits for its words, an area without the usual one above it is remembered.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from points.community.rules import LEVELS
from points.ddl import act, ddl_migration, table

ID = "2026-11-27T00:00:14"
VERSION = "1.38.0"
DESCRIPTION = "pins"

# Words are compared byte by byte, or no index could serve a prefix.
BYTES = {"sqlite": "", "postgres": ' COLLATE "C"'}
TABLES = [
    # In the order in which a list goes on downwards, so that its first page is read and no more.
    "DROP INDEX area_ancestor_down",
    "CREATE INDEX area_ancestor_down ON area_ancestor (ancestor_id, depth, area_id)",
    """CREATE TABLE area_word (
        inside SMALLINT NOT NULL CONSTRAINT area_word_inside CHECK (inside IN (0, 1)),
        word VARCHAR(40){bytes} NOT NULL CONSTRAINT area_word_word CHECK (word <> ''),
        area_id BIGINT NOT NULL REFERENCES area (id) ON DELETE RESTRICT,
        PRIMARY KEY (inside, word, area_id)
    )""",
    "CREATE INDEX area_word_of ON area_word (area_id)",
    """CREATE TABLE activity_word (
        inside SMALLINT NOT NULL CONSTRAINT activity_word_inside CHECK (inside IN (0, 1)),
        word VARCHAR(40){bytes} NOT NULL CONSTRAINT activity_word_word CHECK (word <> ''),
        activity_id BIGINT NOT NULL REFERENCES activity (id) ON DELETE RESTRICT,
        PRIMARY KEY (inside, word, activity_id)
    )""",
    "CREATE INDEX activity_word_of ON activity_word (activity_id)",
    """CREATE TABLE word_waiting (
        id {identity},
        area_id BIGINT REFERENCES area (id) ON DELETE RESTRICT,
        activity_id BIGINT REFERENCES activity (id) ON DELETE RESTRICT,
        CONSTRAINT word_waiting_one CHECK ((area_id IS NULL) <> (activity_id IS NULL))
    )""",
    """CREATE TABLE area_stray (
        tier VARCHAR(24) NOT NULL
            CONSTRAINT area_stray_tier CHECK (tier IN ('subdistrict', 'estate')),
        area_id BIGINT NOT NULL REFERENCES area (id) ON DELETE RESTRICT,
        PRIMARY KEY (tier, area_id)
    )""",
    "CREATE INDEX area_stray_of ON area_stray (area_id)",
    "CREATE INDEX activity_pinned ON activity (lat, lon) WHERE state IN ('gathering', 'confirmed')",
    "CREATE INDEX place_outlined ON place (south, north) WHERE rings IS NOT NULL",
    "CREATE INDEX place_news ON place (imported_at)",
    # Only people shown exactly there: the closest view, and whoever is known no finer.
    "CREATE INDEX talent_count_here ON talent_count (skill_code, lat, lon) WHERE people_here > 0",
]

# Buildings and stairwells have no names of their own: every estate has a number 1.
NAMED = ", ".join(f"'{level}'" for level in LEVELS[: LEVELS.index("building")])
OPEN = "NEW.state IN ('gathering', 'confirmed')"
CHANGED = "UPDATE talent_map_version SET version = version + 1"
FORGET = "DELETE FROM activity_word WHERE activity_id = NEW.id"
LATER = "INSERT INTO word_waiting ({of}_id) VALUES (NEW.id)"


def _levels(levels: tuple[str, ...]) -> str:
    return ", ".join(f"'{level}'" for level in levels)


def _stray(area: str) -> list[str]:
    """Statements that remember the area ``area`` where the level of a tier is skipped above it."""
    made = []
    for tier in ("subdistrict", "estate"):
        rank = LEVELS.index(tier)
        finer, coarser = _levels(LEVELS[rank + 1 :]), _levels(LEVELS[:rank])
        made.append(
            f"INSERT INTO area_stray (tier, area_id) SELECT '{tier}', a.id FROM area a "
            f"LEFT JOIN area p ON p.id = a.parent_id WHERE a.level IN ({finer}) "
            f"AND (p.id IS NULL OR p.level IN ({coarser})){area}"
        )
    return made


STRAY = _stray(" AND a.id = NEW.id")
# Name, table, event, condition, statements.
EFFECTS = [
    ("area_named", "area", "INSERT", f"NEW.level IN ({NAMED})", [LATER.format(of="area")]),
    (
        "area_renamed",
        "area",
        "UPDATE OF name",
        f"NEW.level IN ({NAMED}) AND NEW.name <> OLD.name",
        [LATER.format(of="area")],
    ),
    ("area_strays", "area", "INSERT", "TRUE", STRAY),
    (
        "area_moves",
        "area",
        "UPDATE OF parent_id",
        "NEW.parent_id IS DISTINCT FROM OLD.parent_id",
        ["DELETE FROM area_stray WHERE area_id = NEW.id", *STRAY],
    ),
    ("activity_named", "activity", "INSERT", OPEN, [LATER.format(of="activity"), CHANGED]),
    (
        "activity_renamed",
        "activity",
        "UPDATE OF title",
        f"{OPEN} AND NEW.title <> OLD.title",
        [LATER.format(of="activity")],
    ),
    ("activity_ends", "activity", "UPDATE OF state", f"NOT ({OPEN})", [FORGET]),
    (
        "activity_changes",
        "activity",
        "UPDATE",
        "NEW.state <> OLD.state OR NEW.title <> OLD.title OR NEW.starts_at <> OLD.starts_at "
        "OR NEW.lat IS DISTINCT FROM OLD.lat OR NEW.lon IS DISTINCT FROM OLD.lon",
        [CHANGED],
    ),
]
# What stood in the database before the triggers did.
BACKFILL = [
    f"INSERT INTO word_waiting (area_id) SELECT id FROM area WHERE level IN ({NAMED})",
    "INSERT INTO word_waiting (activity_id) SELECT id FROM activity "
    "WHERE state IN ('gathering', 'confirmed')",
    *_stray(""),
]


def statements(engine_type: str) -> list[str]:
    """The DDL of this migration, in order."""
    created = [table(engine_type, sql.replace("{bytes}", BYTES[engine_type])) for sql in TABLES]
    for effect in EFFECTS:
        created += act(engine_type, effect)
    return created + BACKFILL


async def forwards() -> MigrationManager:
    """Create the tables."""
    return ddl_migration(ID, "talentmap", DESCRIPTION, statements)
