"""What neighbours write to talents through the site, and by which name talents lead."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from points.ddl import ddl_migration, refuse, table

ID = "2026-11-27T00:00:15"
VERSION = "1.38.0"
DESCRIPTION = "talent messages"

TABLES = [
    """CREATE TABLE talent_message (
        id {identity},
        sender_id BIGINT NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
        receiver_id BIGINT NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
        talent_id BIGINT NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
        answers_id BIGINT REFERENCES talent_message (id) ON DELETE RESTRICT,
        text VARCHAR(600) NOT NULL CONSTRAINT talent_message_text CHECK (text <> ''),
        sent_at TIMESTAMPTZ NOT NULL,
        reported_at TIMESTAMPTZ,
        CONSTRAINT talent_message_two CHECK (sender_id <> receiver_id),
        CONSTRAINT talent_message_talent CHECK (talent_id IN (sender_id, receiver_id)),
        CONSTRAINT talent_message_first CHECK (answers_id IS NOT NULL OR talent_id = receiver_id)
    )""",
    # Whoever leads as a talent is called by the nickname she chose, also after she is hidden.
    "ALTER TABLE activity ADD COLUMN talent_nickname VARCHAR(40)",
    "CREATE INDEX talent_message_sent ON talent_message (sender_id, sent_at)",
    "CREATE INDEX talent_message_received ON talent_message (receiver_id, id)",
]

EDITED = (
    "NEW.sender_id <> OLD.sender_id OR NEW.receiver_id <> OLD.receiver_id "
    "OR NEW.talent_id <> OLD.talent_id OR NEW.text <> OLD.text OR NEW.sent_at <> OLD.sent_at "
    "OR COALESCE(NEW.answers_id, 0) <> COALESCE(OLD.answers_id, 0) OR OLD.reported_at IS NOT NULL"
)
# An answer goes back to whoever wrote, and only the one written to gives it.
ASTRAY = (
    "NEW.answers_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM talent_message m "
    "WHERE m.id = NEW.answers_id AND m.sender_id = NEW.receiver_id "
    "AND m.receiver_id = NEW.sender_id AND m.talent_id = NEW.talent_id)"
)


def statements(engine_type: str) -> list[str]:
    """The DDL of this migration, in order."""
    created = [table(engine_type, sql) for sql in TABLES]
    for name, event, when, message in (
        ("talent_message_kept", "UPDATE", EDITED, "a message is never edited"),
        ("talent_message_astray", "INSERT", ASTRAY, "an answer goes to whoever wrote"),
    ):
        created += refuse(
            engine_type, name=name, table="talent_message", event=event, when=when, message=message
        )
    return created


async def forwards() -> MigrationManager:
    """Create the table."""
    return ddl_migration(ID, "talentmap", DESCRIPTION, statements)
